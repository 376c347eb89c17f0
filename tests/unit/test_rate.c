/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "src/rate.h"

#define SECOND 1000000

static void test_nothing_is_zero(void)
{
	struct rate rate = {0};

	g_assert_cmpfloat(rate_per_second(&rate, 0), ==, 0);
	g_assert_cmpfloat(rate_per_second(&rate, 1000000000 * (int64_t)SECOND), ==, 0);
}

static void test_a_steady_rate_is_told_at_any_time(void)
{
	struct rate rate = {0};
	int64_t now = 77 * (int64_t)SECOND;

	for (int i = 0; i < 30 * 20; i++, now += SECOND / 30) {
		rate_count(&rate, now);
		if (i > 30 * (RATE_SECONDS + 1))
			g_assert_cmpfloat_with_epsilon(rate_per_second(&rate, now), 30, 0.3);
	}
}

static void test_the_second_under_way_does_not_count(void)
{
	struct rate rate = {0};

	rate_count(&rate, 10 * SECOND);
	g_assert_cmpfloat(rate_per_second(&rate, 10 * SECOND + 999999), ==, 0);
	g_assert_cmpfloat(rate_per_second(&rate, 11 * SECOND), ==, 1.0 / RATE_SECONDS);
	g_assert_cmpfloat(rate_per_second(&rate, 15 * SECOND + 999999), ==, 1.0 / RATE_SECONDS);
	g_assert_cmpfloat(rate_per_second(&rate, 16 * SECOND), ==, 0);
}

static void test_a_long_silence_is_forgotten(void)
{
	struct rate rate = {0};

	for (int i = 0; i < 100; i++)
		rate_count(&rate, 10 * SECOND + i);
	rate_count(&rate, 1000 * (int64_t)SECOND);
	g_assert_cmpfloat(rate_per_second(&rate, 1001 * (int64_t)SECOND), ==, 1.0 / RATE_SECONDS);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rate/nothing_is_zero", test_nothing_is_zero);
	g_test_add_func("/rate/a_steady_rate_is_told_at_any_time",
			test_a_steady_rate_is_told_at_any_time);
	g_test_add_func("/rate/the_second_under_way_does_not_count",
			test_the_second_under_way_does_not_count);
	g_test_add_func("/rate/a_long_silence_is_forgotten", test_a_long_silence_is_forgotten);
	return g_test_run();
}
