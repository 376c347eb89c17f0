/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "spice/region.h"

static void mark(struct region *region, int column, int row)
{
	region->map[(size_t)row * region->columns + column] = 1;
	region->dirty = true;
}

static void assert_box(const struct region_rectangle *box, int left, int top, int right, int bottom)
{
	g_assert_cmpint(box->left, ==, left);
	g_assert_cmpint(box->top, ==, top);
	g_assert_cmpint(box->right, ==, right);
	g_assert_cmpint(box->bottom, ==, bottom);
}

/* Everything marked is covered, nothing twice, nothing outside. Returns the number of rectangles.
 */
static int assert_covered(const struct region *region)
{
	struct region_rectangle boxes[REGION_RECTANGLES];
	int count = region_rectangles(region, boxes);
	g_autofree uint8_t *covered = g_malloc0((size_t)region->width * region->height);

	g_assert_cmpint(count, <=, REGION_RECTANGLES);
	for (int i = 0; i < count; i++) {
		g_assert_cmpint(boxes[i].left, >=, 0);
		g_assert_cmpint(boxes[i].top, >=, 0);
		g_assert_cmpint(boxes[i].left, <, boxes[i].right);
		g_assert_cmpint(boxes[i].top, <, boxes[i].bottom);
		g_assert_cmpint(boxes[i].right, <=, region->width);
		g_assert_cmpint(boxes[i].bottom, <=, region->height);
		for (int y = boxes[i].top; y < boxes[i].bottom; y++)
			for (int x = boxes[i].left; x < boxes[i].right; x++)
				g_assert_cmpint(covered[(size_t)y * region->width + x]++, ==, 0);
	}
	for (int y = 0; y < region->height; y++)
		for (int x = 0; x < region->width; x++)
			if (region->map[(size_t)(y / REGION_UNIT) * region->columns +
					    x / REGION_UNIT])
				g_assert_cmpint(covered[(size_t)y * region->width + x], ==, 1);
	return count;
}

static void test_a_new_region_has_nothing_to_show(void)
{
	struct region region = {0};
	struct region_rectangle boxes[REGION_RECTANGLES];

	g_assert_true(region_resize(&region, 100, 50));
	g_assert_false(region.dirty);
	g_assert_cmpint(region_rectangles(&region, boxes), ==, 0);
	region_release(&region);
}

static void test_everything_is_one_rectangle_of_the_picture(void)
{
	struct region region = {0};
	struct region_rectangle boxes[REGION_RECTANGLES];

	g_assert_true(region_resize(&region, 1366, 769));
	region_mark_all(&region);
	g_assert_cmpint(region_rectangles(&region, boxes), ==, 1);
	assert_box(boxes, 0, 0, 1366, 769);
	region_clear(&region);
	g_assert_cmpint(region_rectangles(&region, boxes), ==, 0);
	region_release(&region);
}

static void test_equal_runs_are_merged_downwards(void)
{
	struct region region = {0};
	struct region_rectangle boxes[REGION_RECTANGLES];

	g_assert_true(region_resize(&region, 160, 160));
	for (int row = 2; row < 5; row++)
		for (int column = 3; column < 6; column++)
			mark(&region, column, row);
	mark(&region, 9, 3);
	mark(&region, 3, 5);
	g_assert_cmpint(region_rectangles(&region, boxes), ==, 3);
	assert_box(&boxes[0], 48, 32, 96, 80);
	assert_box(&boxes[1], 144, 48, 160, 64);
	assert_box(&boxes[2], 48, 80, 64, 96);
	region_release(&region);
}

static void test_damage_in_small_units_marks_the_unit_around_it(void)
{
	uint8_t map[5 * 3] = {0};
	struct display_damage damage = {.unit = 8, .columns = 5, .rows = 3, .map = map};
	struct region region = {0};
	struct region_rectangle boxes[REGION_RECTANGLES];

	g_assert_true(region_resize(&region, 40, 24));
	map[2 * 5 + 4] = 255;
	region_add(&region, &damage);
	g_assert_cmpint(region_rectangles(&region, boxes), ==, 1);
	assert_box(boxes, 32, 16, 40, 24);
	region_release(&region);
}

static void test_damage_outside_the_picture_is_ignored(void)
{
	uint8_t map[9 * 9];
	struct display_damage damage = {.unit = 16, .columns = 9, .rows = 9, .map = map};
	struct region region = {0};

	memset(map, 1, sizeof(map));
	g_assert_true(region_resize(&region, 17, 15));
	region_add(&region, &damage);
	g_assert_cmpint(assert_covered(&region), ==, 1);
	region_release(&region);
}

static void test_no_damage_leaves_the_region_clean(void)
{
	uint8_t map[4] = {0};
	struct display_damage damage = {.unit = 16, .columns = 2, .rows = 2, .map = map};
	struct region region = {0};

	g_assert_true(region_resize(&region, 32, 32));
	region_add(&region, &damage);
	g_assert_false(region.dirty);
	region_release(&region);
}

static void test_many_spots_are_covered_by_few_rectangles(void)
{
	struct region region = {0};

	g_assert_true(region_resize(&region, 1920, 1080));
	for (int row = 0; row < region.rows; row++)
		for (int column = row % 2; column < region.columns; column += 2)
			mark(&region, column, row);
	g_assert_cmpint(assert_covered(&region), >=, 1);
	region_release(&region);
}

static void test_distant_spots_beside_many_stay_small(void)
{
	struct region region = {0};
	struct region_rectangle boxes[REGION_RECTANGLES];
	int64_t area = 0;
	int count;

	g_assert_true(region_resize(&region, 1920, 1080));
	for (int row = 0; row < 10; row++)
		for (int column = row % 2; column < 12; column += 2)
			mark(&region, column, row);
	mark(&region, region.columns - 1, region.rows - 1);
	assert_covered(&region);
	count = region_rectangles(&region, boxes);
	for (int i = 0; i < count; i++)
		area += (boxes[i].right - boxes[i].left) * (boxes[i].bottom - boxes[i].top);
	g_assert_cmpint(area, <=, 12 * 10 * 256 + 256);
	region_release(&region);
}

static void test_any_pattern_of_any_size_is_covered(void)
{
	struct region region = {0};

	for (int round = 0; round < 300; round++) {
		int width = g_test_rand_int_range(1, 400), height = g_test_rand_int_range(1, 400);
		int spots = g_test_rand_int_range(0, 400);

		g_assert_true(region_resize(&region, width, height));
		for (int i = 0; i < spots; i++)
			mark(&region, g_test_rand_int_range(0, region.columns),
					g_test_rand_int_range(0, region.rows));
		assert_covered(&region);
	}
	region_release(&region);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/region/" #name, test_##name)
	TEST(a_new_region_has_nothing_to_show);
	TEST(everything_is_one_rectangle_of_the_picture);
	TEST(equal_runs_are_merged_downwards);
	TEST(damage_in_small_units_marks_the_unit_around_it);
	TEST(damage_outside_the_picture_is_ignored);
	TEST(no_damage_leaves_the_region_clean);
	TEST(many_spots_are_covered_by_few_rectangles);
	TEST(distant_spots_beside_many_stay_small);
	TEST(any_pattern_of_any_size_is_covered);
	return g_test_run();
}
