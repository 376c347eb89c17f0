/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Shapes for the desktop. Everything is clipped to a part of the picture, so that a change is drawn
 * by drawing everything, clipped to it. Places are pixels of the whole picture. Colours:
 * 0x00RRGGBB; alpha 0..255.
 */
#include <stdbool.h>
#include <stdint.h>
#include "decoder/picture.h"

struct paint_box {
	int x, y, width, height;
};

/* The intersection; width and height are 0 when there is none. */
struct paint_box paint_cut(struct paint_box a, struct paint_box b);

struct paint {
	struct picture view; /* the part, in the memory of the picture */
	struct paint_box clip;
};

/* The picture must stay while the paint is used. */
void paint_begin(struct paint *paint, const struct picture *picture, struct paint_box clip);

/* The same with a smaller clip. */
void paint_narrow(struct paint *narrow, const struct paint *paint, struct paint_box clip);

void paint_fill(struct paint *paint, struct paint_box box, uint32_t colour, int alpha);

/* From one colour at the top to another at the bottom. */
void paint_gradient(struct paint *paint, struct paint_box box, uint32_t top, uint32_t bottom);

/* Rounded corners, smoothed. */
void paint_rounded(
		struct paint *paint, struct paint_box box, int radius, uint32_t colour, int alpha);

/* A ring; a disc when thickness is not less than the radius. */
void paint_ring(struct paint *paint, int x, int y, int radius, int thickness, uint32_t colour,
		int alpha);

void paint_text(struct paint *paint, int x, int y, const char *text, uint32_t colour, int scale);

/* Copies the same part of another picture of that size. */
void paint_copy(struct paint *paint, const struct picture *from);

static inline uint32_t paint_mix(uint32_t under, uint32_t over, int alpha)
{
	uint32_t mixed = 0;

	for (int shift = 0; shift <= 16; shift += 8) {
		int a = under >> shift & 0xff, b = over >> shift & 0xff;

		mixed |= (uint32_t)((a * (255 - alpha) + b * alpha + 127) / 255) << shift;
	}
	return mixed;
}
