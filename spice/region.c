/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "spice/region.h"

bool region_resize(struct region *region, int width, int height)
{
	int columns = (width + REGION_UNIT - 1) / REGION_UNIT;
	int rows = (height + REGION_UNIT - 1) / REGION_UNIT;
	size_t size = (size_t)columns * rows;

	region_release(region);
	if (size == 0)
		return true;
	region->map = calloc(size, 2);
	if (!region->map)
		return false;
	region->scratch = region->map + size;
	region->width = width;
	region->height = height;
	region->columns = columns;
	region->rows = rows;
	return true;
}

void region_mark_all(struct region *region)
{
	size_t size = (size_t)region->columns * region->rows;

	if (size == 0)
		return;
	memset(region->map, 1, size);
	region->dirty = true;
}

void region_clear(struct region *region)
{
	if (!region->dirty)
		return;
	memset(region->map, 0, (size_t)region->columns * region->rows);
	region->dirty = false;
}

void region_add(struct region *region, const struct display_damage *damage)
{
	int per_unit = REGION_UNIT / damage->unit; /* damage units along one of ours */

	for (int y = 0; y < damage->rows && y / per_unit < region->rows; y++) {
		const uint8_t *from = damage->map + (size_t)y * damage->columns;
		uint8_t *to = region->map + (size_t)(y / per_unit) * region->columns;

		for (int x = 0; x < damage->columns && x / per_unit < region->columns; x++) {
			if (!from[x])
				continue;
			to[x / per_unit] = 1;
			region->dirty = true;
		}
	}
}

/*
 * Runs of marked cells, each joined to the run straight above it when both span the same columns.
 * Returns -1 when that takes more rectangles than there is room for. In cells.
 */
static int region_runs(const uint8_t *map, int columns, int rows,
		struct region_rectangle rectangles[REGION_RECTANGLES])
{
	int count = 0;

	for (int y = 0; y < rows; y++) {
		const uint8_t *row = map + (size_t)y * columns;

		for (int x = 0; x < columns;) {
			int left, i;

			if (!row[x]) {
				x++;
				continue;
			}
			left = x;
			while (x < columns && row[x])
				x++;
			for (i = 0; i < count; i++)
				if (rectangles[i].bottom == y && rectangles[i].left == left &&
						rectangles[i].right == x)
					break;
			if (i == count) {
				if (count == REGION_RECTANGLES)
					return -1;
				rectangles[count++] = (struct region_rectangle){left, y, x, y};
			}
			rectangles[i].bottom = y + 1;
		}
	}
	return count;
}

/* Halves the grid: a cell is marked when one of its four was. to may be the same memory as from. */
static void region_fold(const uint8_t *from, uint8_t *to, int columns, int rows)
{
	int folded = (columns + 1) / 2;

	for (int y = 0; y < rows; y += 2) {
		const uint8_t *upper = from + (size_t)y * columns;
		const uint8_t *lower = y + 1 < rows ? upper + columns : upper;

		for (int x = 0; x < columns; x += 2) {
			int next = x + 1 < columns ? x + 1 : x;

			to[(size_t)(y / 2) * folded + x / 2] = upper[x] | upper[next] | lower[x] |
							       lower[next];
		}
	}
}

static bool region_any(const struct region *region, int left, int top, int right, int bottom)
{
	for (int y = top; y < bottom; y++)
		if (memchr(region->map + (size_t)y * region->columns + left, 1, right - left))
			return true;
	return false;
}

/* Takes back what the coarse grid added at the four sides. In units. */
static void region_shrink(const struct region *region, struct region_rectangle *box)
{
	while (!region_any(region, box->left, box->top, box->right, box->top + 1))
		box->top++;
	while (!region_any(region, box->left, box->bottom - 1, box->right, box->bottom))
		box->bottom--;
	while (!region_any(region, box->left, box->top, box->left + 1, box->bottom))
		box->left++;
	while (!region_any(region, box->right - 1, box->top, box->right, box->bottom))
		box->right--;
}

static int region_min(int a, int b)
{
	return a < b ? a : b;
}

int region_rectangles(
		const struct region *region, struct region_rectangle rectangles[REGION_RECTANGLES])
{
	const uint8_t *map = region->map;
	int columns = region->columns, rows = region->rows;
	int cell = 1; /* units along a cell of map */
	int count;

	if (!region->dirty)
		return 0;
	while ((count = region_runs(map, columns, rows, rectangles)) < 0) {
		region_fold(map, region->scratch, columns, rows);
		map = region->scratch;
		columns = (columns + 1) / 2;
		rows = (rows + 1) / 2;
		cell *= 2;
	}
	for (int i = 0; i < count; i++) {
		struct region_rectangle *box = &rectangles[i];

		box->left *= cell;
		box->top *= cell;
		box->right = region_min(box->right * cell, region->columns);
		box->bottom = region_min(box->bottom * cell, region->rows);
		if (cell > 1)
			region_shrink(region, box);
		box->left *= REGION_UNIT;
		box->top *= REGION_UNIT;
		box->right = region_min(box->right * REGION_UNIT, region->width);
		box->bottom = region_min(box->bottom * REGION_UNIT, region->height);
	}
	return count;
}

void region_release(struct region *region)
{
	free(region->map);
	*region = (struct region){0};
}
