/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What of a picture somebody has not seen, on a grid of 16 pixels, and how to show that in few
 * rectangles. Pure: no I/O, no clock; memory is asked for only when the size changes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spice/display.h"

#define REGION_UNIT \
	16 /* pixels: a JPEG macroblock with halved chroma, so that blocks do not bleed */

/*
 * spice-server's worker stops taking commands while 50 messages wait for a client (MAX_PIPE_SIZE in
 * its red-worker) and then polls; an update must fit below that together with a few messages of the
 * library's.
 */
#define REGION_RECTANGLES 40

/* Pixels; right and bottom are the first ones outside. */
struct region_rectangle {
	int left, top, right, bottom;
};

struct region {
	int width, height; /* pixels */
	int columns, rows; /* units */
	bool dirty;        /* something is marked */
	uint8_t *map;      /* columns * rows, nonzero = not seen; ours */
	uint8_t *scratch;  /* as large; for region_rectangles */
};

/*
 * Gives the region a size, with nothing marked. Returns false when memory is short; the region is
 * then empty (0 by 0). Start from a zeroed struct.
 */
bool region_resize(struct region *region, int width, int height);

void region_mark_all(struct region *region);
void region_clear(struct region *region);

/* Adds damage in units of 8 or 16 pixels; what lies outside the region is ignored. */
void region_add(struct region *region, const struct display_damage *damage);

/*
 * Covers everything marked by at most REGION_RECTANGLES rectangles that do not overlap, clipped to
 * the size: exact when there are few, coarser when there are many. Returns how many.
 */
int region_rectangles(
		const struct region *region, struct region_rectangle rectangles[REGION_RECTANGLES]);

void region_release(struct region *region);
