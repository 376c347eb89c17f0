/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Text drawn into a picture with a bitmap font of fixed width: the console's cards ("no signal")
 * and the screens of the simulated node. Text is UTF-8; what the font lacks, or what is no UTF-8,
 * shows as the replacement sign. Everything is clipped to the picture; places are pixels of its top
 * left cell corner and may lie outside.
 */
#include <stdbool.h>
#include <stdint.h>
#include "decoder/picture.h"

#define TEXT_WIDTH  9 /* of a cell, pixels at scale 1 */
#define TEXT_HEIGHT 16

struct text_style {
	uint32_t ink;   /* 0x00RRGGBB */
	uint32_t paper; /* likewise, under the letters when opaque is set */
	bool opaque;
	int scale; /* 1.. pixels for each dot; less counts as 1 */
};

/* Draws a line; "\n" begins another one below, at the same x. */
void text_draw(struct picture *picture, int x, int y, const char *text,
		const struct text_style *style);

/* Draws one cell. */
void text_draw_code(struct picture *picture, int x, int y, uint32_t code,
		const struct text_style *style);

/* Cells in the longest line of a text. */
int text_columns(const char *text);

/*
 * Takes the next code point of a text that ends in NUL, and moves past it; a byte that is no UTF-8
 * counts as one U+FFFD. At the end returns 0 and stays there.
 */
uint32_t text_next(const char **text);

/* Appends a code point in UTF-8 (no NUL); returns its bytes, 1..4. */
int text_put(char bytes[4], uint32_t code);

/* The font, in order of code. */
struct text_glyph {
	uint16_t code;              /* Unicode */
	uint16_t rows[TEXT_HEIGHT]; /* bit 8 is the leftmost dot */
};

extern const struct text_glyph text_font[];
extern const int text_font_count;
