/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <math.h>
#include "tests/unit/fan_input.h"

#define TICK 100 /* ms */

static const struct fan_input_settings by_curve = {
		.control = FAN_CONTROL_CURVE,
		.curve = {{30, 35}, {40, 50}, {50, 90}},
		.points = 3,
		.hysteresis = 3,
		.low = -20,
		.high = 125,
		.critical = 95,
};

static const int rpm[] = {800, 800};

static struct fan_zone *zone_new(const struct fan_input_settings *inputs, size_t count)
{
	const struct fan_settings settings = {
			.least = 25,
			.inputs = inputs,
			.input_count = count,
			.least_rpm = rpm,
			.fan_count = G_N_ELEMENTS(rpm),
	};

	return fan_zone_new(&settings);
}

/* Seconds go by while the input says the same; returns the duty at their end. */
static double zone_hold(struct fan_zone *zone, int64_t *now, int seconds, double temperature)
{
	double duty = 0;

	for (int i = 0; i < seconds * 1000 / TICK; i++) {
		*now += TICK;
		fan_zone_input(zone, 0, *now, temperature);
		duty = fan_zone_step(zone, *now);
	}
	return duty;
}

static enum fan_reason zone_reason(const struct fan_zone *zone)
{
	struct fan_state state;

	fan_zone_read(zone, &state);
	return state.reason;
}

static void test_fans_start_at_a_safe_duty(void)
{
	struct fan_zone *zone = zone_new(&by_curve, 1);

	g_assert_cmpfloat(fan_zone_step(zone, 0), ==, 70);
	g_assert_cmpint(zone_reason(zone), ==, FAN_REASON_START);
	g_assert_cmpfloat(fan_zone_step(zone, 5001), ==, 80);
	g_assert_cmpint(zone_reason(zone), ==, FAN_REASON_STALE);
	fan_zone_free(zone);
}

static void test_a_curve_rises_at_once_and_falls_late(void)
{
	struct fan_zone *zone = zone_new(&by_curve, 1);
	int64_t now = 0;

	g_assert_cmpfloat(zone_hold(zone, &now, 60, 29.9), ==, 25);
	g_assert_cmpfloat(zone_hold(zone, &now, 1, 40), ==, 50);
	g_assert_cmpfloat(zone_hold(zone, &now, 60, 37.1), ==, 50);
	g_assert_cmpfloat(zone_hold(zone, &now, 60, 36.9), ==, 35);
	g_assert_cmpfloat(zone_hold(zone, &now, 1, 60), ==, 90);
	fan_zone_free(zone);
}

static void test_duty_falls_slowly(void)
{
	struct fan_zone *zone = zone_new(&by_curve, 1);
	int64_t now = 0;

	zone_hold(zone, &now, 60, 60);
	g_assert_cmpfloat_with_epsilon(zone_hold(zone, &now, 4, 20), 70, 0.01);
	fan_zone_free(zone);
}

static void test_the_highest_demand_wins(void)
{
	const struct fan_input_settings both[] = {by_curve, by_curve};
	struct fan_zone *zone = zone_new(both, 2);
	struct fan_state state;

	fan_zone_input(zone, 0, 0, 31);
	fan_zone_input(zone, 1, 0, 51);
	g_assert_cmpfloat(fan_zone_step(zone, 0), ==, 90);
	fan_zone_read(zone, &state);
	g_assert_cmpint(state.reason, ==, FAN_REASON_DEMAND);
	g_assert_cmpuint(state.index, ==, 1);
	g_assert_false(state.failsafe);
	fan_zone_free(zone);
}

static void test_a_silent_input_is_not_trusted(void)
{
	struct fan_zone *zone = zone_new(&by_curve, 1);
	int64_t now = 0;

	g_assert_cmpfloat(zone_hold(zone, &now, 60, 20), ==, 25);
	now += 5000;
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, 25);
	now += 1;
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, 80);
	/* Good again, but for how long? */
	g_assert_cmpfloat(zone_hold(zone, &now, 4, 20), ==, 80);
	g_assert_cmpint(zone_reason(zone), ==, FAN_REASON_RECOVERS);
	g_assert_cmpfloat(zone_hold(zone, &now, 30, 20), ==, 25);
	fan_zone_free(zone);
}

static void test_a_value_that_stands_still_is_trusted(void)
{
	struct fan_zone *zone = zone_new(&by_curve, 1);
	int64_t now = 0;

	g_assert_cmpfloat(zone_hold(zone, &now, 3600, 42), ==, 50);
	fan_zone_free(zone);
}

static void test_what_cannot_be_is_not_believed(void)
{
	const double wrong[] = {-40, 126, NAN, INFINITY, -INFINITY};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct fan_zone *zone = zone_new(&by_curve, 1);
		int64_t now = 0;

		zone_hold(zone, &now, 60, 20);
		fan_zone_input(zone, 0, now, wrong[i]);
		g_assert_cmpfloat(fan_zone_step(zone, now), ==, 80);
		g_assert_cmpint(zone_reason(zone), ==, FAN_REASON_RANGE);
		fan_zone_free(zone);
	}
}

static void test_the_third_failure_counts(void)
{
	struct fan_zone *zone = zone_new(&by_curve, 1);
	int64_t now = 0;

	zone_hold(zone, &now, 60, 20);
	fan_zone_broken(zone, 0, now);
	fan_zone_broken(zone, 0, now);
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, 25);
	fan_zone_broken(zone, 0, now);
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, 80);
	fan_zone_free(zone);
}

static void test_a_fan_that_stands_still_is_made_up_for(void)
{
	struct fan_zone *zone = zone_new(&by_curve, 1);
	struct fan_state state;
	int64_t now = 0;

	zone_hold(zone, &now, 60, 20);
	for (int i = 0; i < 3; i++)
		fan_zone_tachometer(zone, 1, 0);
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, 100);
	fan_zone_read(zone, &state);
	g_assert_cmpint(state.reason, ==, FAN_REASON_FAN);
	g_assert_cmpuint(state.index, ==, 1);
	fan_zone_tachometer(zone, 1, 900);
	g_assert_cmpfloat(zone_hold(zone, &now, 30, 20), ==, 25);
	fan_zone_free(zone);
}

static void test_too_hot_is_full_duty(void)
{
	struct fan_zone *zone = zone_new(&by_curve, 1);

	fan_zone_input(zone, 0, 0, 95);
	g_assert_cmpfloat(fan_zone_step(zone, 0), ==, 100);
	g_assert_cmpint(zone_reason(zone), ==, FAN_REASON_CRITICAL);
	fan_zone_free(zone);
}

static void test_an_operator_does_not_outrank_failsafe(void)
{
	struct fan_zone *zone = zone_new(&by_curve, 1);
	int64_t now = 0;

	zone_hold(zone, &now, 60, 45);
	fan_zone_manual(zone, 30);
	g_assert_cmpfloat(zone_hold(zone, &now, 30, 45), ==, 30);
	now += 6000;
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, 80);
	fan_zone_manual(zone, -1);
	g_assert_cmpfloat(zone_hold(zone, &now, 30, 45), ==, 50);
	fan_zone_free(zone);
}

static void test_what_is_idle_asks_for_nothing(void)
{
	struct fan_zone *zone = zone_new(&fan_input_processor, 1);
	struct fan_state state;
	int64_t now = 0;

	zone_hold(zone, &now, 60, 85);
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, 100);
	for (int i = 0; i < 60; i++) {
		now += 1000;
		fan_zone_idle(zone, 0, now);
		fan_zone_step(zone, now);
	}
	fan_zone_read(zone, &state);
	g_assert_cmpfloat(state.duty, ==, 25);
	g_assert_false(state.failsafe);
	/* What was integrated is of another time. */
	fan_zone_input(zone, 0, now, 75);
	g_assert_cmpfloat(fan_zone_demand(zone, 0), ==, 25);
	now += 6000;
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, 80);
	fan_zone_free(zone);
}

static void test_a_zone_goes_on_where_another_one_was(void)
{
	struct fan_zone *former = zone_new(&fan_input_processor, 1);
	struct fan_zone *zone = zone_new(&fan_input_processor, 1);
	int64_t now = 0;
	double duty = zone_hold(former, &now, 60, 77);

	fan_zone_resume(zone, duty);
	fan_zone_resume_input(zone, 0, former, 0);
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, duty);
	now += 1000;
	fan_zone_input(zone, 0, now, 77);
	fan_zone_input(former, 0, now, 77);
	g_assert_cmpfloat(fan_zone_step(zone, now), ==, fan_zone_step(former, now));
	fan_zone_free(former);
	fan_zone_free(zone);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/fan_zone/fans start at a safe duty", test_fans_start_at_a_safe_duty);
	g_test_add_func("/fan_zone/a curve rises at once and falls late",
			test_a_curve_rises_at_once_and_falls_late);
	g_test_add_func("/fan_zone/duty falls slowly", test_duty_falls_slowly);
	g_test_add_func("/fan_zone/the highest demand wins", test_the_highest_demand_wins);
	g_test_add_func("/fan_zone/a silent input is not trusted",
			test_a_silent_input_is_not_trusted);
	g_test_add_func("/fan_zone/a value that stands still is trusted",
			test_a_value_that_stands_still_is_trusted);
	g_test_add_func("/fan_zone/what cannot be is not believed",
			test_what_cannot_be_is_not_believed);
	g_test_add_func("/fan_zone/the third failure counts", test_the_third_failure_counts);
	g_test_add_func("/fan_zone/a fan that stands still is made up for",
			test_a_fan_that_stands_still_is_made_up_for);
	g_test_add_func("/fan_zone/too hot is full duty", test_too_hot_is_full_duty);
	g_test_add_func("/fan_zone/an operator does not outrank failsafe",
			test_an_operator_does_not_outrank_failsafe);
	g_test_add_func("/fan_zone/what is idle asks for nothing",
			test_what_is_idle_asks_for_nothing);
	g_test_add_func("/fan_zone/a zone goes on where another one was",
			test_a_zone_goes_on_where_another_one_was);
	return g_test_run();
}
