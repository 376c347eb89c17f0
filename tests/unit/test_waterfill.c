/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "rack/waterfill.h"

#define NODE(want, class)                \
	{                                \
		100, 400, want, class, 0 \
	}

static void test_floors_are_given_whatever_there_is(void)
{
	struct waterfill_node nodes[] = {NODE(400, 0), NODE(400, 1)};

	g_assert_cmpint(waterfill(nodes, 2, 50), ==, 200);
	g_assert_cmpint(nodes[0].share, ==, 100);
	g_assert_cmpint(nodes[1].share, ==, 100);
}

static void test_one_level_holds_for_all_who_want_more(void)
{
	struct waterfill_node nodes[] = {NODE(150, 0), NODE(400, 0), NODE(300, 0)};

	g_assert_cmpint(waterfill(nodes, 3, 650), ==, 650);
	g_assert_cmpint(nodes[0].share, ==, 150);
	g_assert_cmpint(nodes[1].share, ==, 250);
	g_assert_cmpint(nodes[2].share, ==, 250);
}

static void test_the_first_class_is_served_first(void)
{
	struct waterfill_node nodes[] = {NODE(400, 1), NODE(400, 0)};

	waterfill(nodes, 2, 550);
	g_assert_cmpint(nodes[1].share, ==, 400);
	g_assert_cmpint(nodes[0].share, ==, 150);
}

static void test_what_is_left_raises_the_lowest(void)
{
	struct waterfill_node nodes[] = {NODE(120, 0), NODE(300, 0)};

	g_assert_cmpint(waterfill(nodes, 2, 500), ==, 500);
	g_assert_cmpint(nodes[0].share, ==, 200);
	g_assert_cmpint(nodes[1].share, ==, 300);
}

static void test_nobody_gets_more_than_the_ceiling(void)
{
	struct waterfill_node nodes[] = {NODE(1000, 0), NODE(0, 3)};

	g_assert_cmpint(waterfill(nodes, 2, 5000), ==, 800);
	g_assert_cmpint(nodes[0].share, ==, 400);
	g_assert_cmpint(nodes[1].share, ==, 400);
}

static void test_any_watts_are_divided_within_bounds(void)
{
	for (int round = 0; round < 20000; round++) {
		struct waterfill_node nodes[9];
		int count = g_test_rand_int_range(0, 10), floors = 0, ceilings = 0, given = 0;
		int watts = g_test_rand_int_range(0, 4000), sum;

		for (int i = 0; i < count; i++) {
			nodes[i].floor = g_test_rand_int_range(0, 200);
			nodes[i].ceiling = nodes[i].floor + g_test_rand_int_range(0, 300);
			nodes[i].want = g_test_rand_int_range(0, 600);
			nodes[i].class = g_test_rand_int_range(0, WATERFILL_CLASSES);
			floors += nodes[i].floor;
			ceilings += nodes[i].ceiling;
		}
		sum = waterfill(nodes, (size_t)count, watts);
		for (int i = 0; i < count; i++) {
			g_assert_cmpint(nodes[i].share, >=, nodes[i].floor);
			g_assert_cmpint(nodes[i].share, <=, nodes[i].ceiling);
			given += nodes[i].share;
		}
		g_assert_cmpint(given, ==, sum);
		g_assert_cmpint(sum, <=, MAX(floors, watts));
		/* All but what does not go round. */
		g_assert_cmpint(sum, >, MIN(ceilings, watts) - MAX(count, 1));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/waterfill/floors are given whatever there is",
			test_floors_are_given_whatever_there_is);
	g_test_add_func("/waterfill/one level holds for all who want more",
			test_one_level_holds_for_all_who_want_more);
	g_test_add_func("/waterfill/the first class is served first",
			test_the_first_class_is_served_first);
	g_test_add_func("/waterfill/what is left raises the lowest",
			test_what_is_left_raises_the_lowest);
	g_test_add_func("/waterfill/nobody gets more than the ceiling",
			test_nobody_gets_more_than_the_ceiling);
	g_test_add_func("/waterfill/any watts are divided within bounds",
			test_any_watts_are_divided_within_bounds);
	return g_test_run();
}
