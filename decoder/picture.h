/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What a screen shows, and which parts of it a frame changed. Plain memory, no locks: a picture
 * belongs to one thread at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A macroblock never crosses the memory of a picture: rows and columns are stored up to this
 * multiple. */
#define PICTURE_ALIGN 16

/* Block positions have 8 bits: 256 macroblocks of 16 pixels. */
#define PICTURE_MAX 4096

struct picture {
	int width, height; /* pixels, 1..PICTURE_MAX; 0 before the first frame */
	int stride;        /* pixels from one row to the next: width rounded up to PICTURE_ALIGN */
	uint32_t *pixels;  /* 0x00RRGGBB in host order, top row first; belongs to the picture */
};

/* What one frame changed, in square units. A unit at the right or bottom edge may reach past the
 * picture. */
struct damage {
	int unit;          /* pixels: 8 or 16 */
	int columns, rows; /* units */
	int count;         /* units marked */
	uint8_t *map;      /* columns * rows bytes in raster order, 1 = changed */
	size_t room;       /* bytes allocated */
};

/*
 * Gives the picture a size and makes it black; memory is only asked for when it grows.
 * Returns false with the picture unchanged when the size is out of range (errno EINVAL) or memory
 * is short (ENOMEM).
 */
bool picture_resize(struct picture *picture, int width, int height);

void picture_release(struct picture *picture);

/* Makes the damage empty, in units of the given size. Same errors as picture_resize. */
bool damage_reset(struct damage *damage, const struct picture *picture, int unit);

/* Marks everything. */
void damage_all(struct damage *damage);

void damage_release(struct damage *damage);

static inline void damage_mark(struct damage *damage, int column, int row)
{
	uint8_t *mark = &damage->map[(size_t)row * damage->columns + column];

	damage->count += !*mark;
	*mark = 1;
}
