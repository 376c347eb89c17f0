/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "spice/unseen.h"

#define SMALLEST 8

static size_t unseen_units(const struct display_damage *marks)
{
	return (size_t)marks->columns * marks->rows;
}

static void unseen_grid(struct unseen *unseen, int unit)
{
	unseen->marks = (struct display_damage){
			.unit = unit,
			.columns = (unseen->width + unit - 1) / unit,
			.rows = (unseen->height + unit - 1) / unit,
			.map = unseen->map,
	};
}

bool unseen_resize(struct unseen *unseen, int width, int height)
{
	int unit = unseen->marks.unit ? unseen->marks.unit : UNSEEN_UNIT;

	unseen_release(unseen);
	unseen->width = width;
	unseen->height = height;
	unseen_grid(unseen, SMALLEST);
	unseen->room = unseen_units(&unseen->marks);
	/* A second half, to change the grid. */
	unseen->map = calloc(MAX(unseen->room, 1), 2);
	if (!unseen->map) {
		*unseen = (struct unseen){0};
		return false;
	}
	unseen_grid(unseen, unit);
	return true;
}

void unseen_mark_all(struct unseen *unseen)
{
	size_t units = unseen_units(&unseen->marks);

	if (units == 0)
		return;
	memset(unseen->map, 1, units);
	unseen->any = true;
}

void unseen_clear(struct unseen *unseen)
{
	if (!unseen->any)
		return;
	memset(unseen->map, 0, unseen_units(&unseen->marks));
	unseen->any = false;
}

/* A unit of the new grid is marked where any old one that it shares a pixel with was. */
static void unseen_change_grid(struct unseen *unseen, int unit)
{
	const struct display_damage old = unseen->marks;
	const uint8_t *from = unseen->map + unseen->room;

	memcpy(unseen->map + unseen->room, unseen->map, unseen_units(&old));
	unseen_grid(unseen, unit);
	memset(unseen->map, 0, unseen_units(&unseen->marks));
	if (!unseen->any)
		return;
	for (int y = 0; y < MAX(old.rows, unseen->marks.rows); y++)
		for (int x = 0; x < MAX(old.columns, unseen->marks.columns); x++) {
			/* In steps of the smaller unit. */
			int old_x = unit < old.unit ? x / 2 : x,
			    new_x = unit < old.unit ? x : x / 2;
			int old_y = unit < old.unit ? y / 2 : y,
			    new_y = unit < old.unit ? y : y / 2;

			if (from[(size_t)old_y * old.columns + old_x])
				unseen->map[(size_t)new_y * unseen->marks.columns + new_x] = 1;
		}
}

/* Eight units at a time: returns the or of what was added. */
static uint64_t unseen_or(uint8_t *to, const uint8_t *from, size_t count)
{
	uint64_t any = 0, a, b;

	for (; count >= 8; count -= 8, to += 8, from += 8) {
		memcpy(&b, from, 8);
		if (!b)
			continue;
		memcpy(&a, to, 8);
		a |= b;
		memcpy(to, &a, 8);
		any |= b;
	}
	for (; count > 0; count--) {
		any |= *from;
		*to++ |= *from++;
	}
	return any;
}

void unseen_add(struct unseen *unseen, const struct display_damage *damage)
{
	int columns, rows;
	uint64_t any = 0;

	if (unseen->room == 0)
		return;
	if (damage->unit != unseen->marks.unit)
		unseen_change_grid(unseen, damage->unit);
	columns = MIN(damage->columns, unseen->marks.columns);
	rows = MIN(damage->rows, unseen->marks.rows);
	if (damage->columns == unseen->marks.columns)
		any = unseen_or(unseen->map, damage->map, (size_t)columns * rows);
	else
		for (int y = 0; y < rows; y++)
			any |= unseen_or(unseen->map + (size_t)y * unseen->marks.columns,
					damage->map + (size_t)y * damage->columns, columns);
	unseen->any |= any != 0;
}

bool unseen_equal(const struct display_damage *a, const struct display_damage *b)
{
	return a->unit == b->unit && a->columns == b->columns && a->rows == b->rows &&
	       memcmp(a->map, b->map, unseen_units(a)) == 0;
}

void unseen_release(struct unseen *unseen)
{
	int unit = unseen->marks.unit;

	free(unseen->map);
	*unseen = (struct unseen){.marks.unit = unit};
}
