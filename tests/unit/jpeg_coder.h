/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A coder over pixels, by libjpeg: what a display is shown in tests. */
#include <stdbool.h>
#include <stdint.h>
#include "spice/display.h"

struct jpeg_coder {
	struct display_coder coder;
	struct display_picture picture; /* with the coder; pixels are the test's to change */
	uint32_t *pixels;               /* the same */
	unsigned int plans, writes;     /* calls so far */
	int last_unit;                  /* of the newest plan */
	bool fails;                     /* as if memory were short */
};

/* Starts with a slope of colours. Stays where it is. */
void jpeg_coder_init(struct jpeg_coder *coder, int width, int height);
/* The same coder with another picture. */
void jpeg_coder_resize(struct jpeg_coder *coder, int width, int height);
void jpeg_coder_release(struct jpeg_coder *coder);

/* Fills a unit of 16 pixels, and tells of it in map (columns * rows, the test's to clear). */
void jpeg_coder_fill(struct jpeg_coder *coder, int column, int row, uint32_t colour, uint8_t *map);
struct display_damage jpeg_coder_damage(const struct jpeg_coder *coder, const uint8_t *map);

/* Decodes one into pixels; false: it is none of this size. */
bool jpeg_decode(const uint8_t *jpeg, size_t size, int width, int height, uint32_t *pixels,
		int stride);

/* The ratio of two pictures of a size in dB, 99 when equal. */
double jpeg_psnr(const struct display_picture *picture, const uint32_t *pixels, int stride);
