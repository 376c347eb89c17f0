/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The pixel work of the decoder behind a small dispatch: inverse DCT, colour conversion, raw
 * rows. The scalar ones are the reference and serve cores without SIMD. Raw rows are the same
 * loops for the compiler's vectors (kernels_vector.h), built for each instruction set that pays;
 * what it does not get right by itself is written out for each (kernels_sse2.c and its like). All
 * give the same samples to the bit.
 */
#include <stdbool.h>
#include <stdint.h>
#include "decoder/entropy.h"

/*
 * The transform works in 32 bits up to this sum of absolute coefficients; a picture's own blocks
 * stay below 8192 plus half a quantiser step for each coefficient. Beyond it: kernels_idct_wide.
 */
#define KERNELS_MAGNITUDE 16384

/*
 * And in 16 bits up to this one: a term grows by up to 4 * sqrt(2) * cos(pi/16) = 5.55 in the first
 * pass, which must leave no more than 32767.
 */
#define KERNELS_ROOM 5888

/* Zigzag positions below this lie in the 4x4 lowest frequencies: most blocks of a desktop. */
#define KERNELS_QUARTER 10

/*
 * Zigzag position -> where a block's values lie for the transform: the terms of one column (one
 * horizontal frequency u) beside those of another, in pairs as 16-bit multiply-and-add
 * instructions take them. Sixteen values are the columns 0 and 2, then 1 and 3, 4 and 6, 5 and 7;
 * in them the vertical frequencies follow one another as 0 2 1 3 4 6 5 7, so that what the first
 * pass leaves falls into pairs again. The 4x4 lowest frequencies are 0..7 and 16..23.
 */
extern const uint8_t kernels_places[64];

/* One macroblock's samples. In 4:4:4 only the top left 8x8 of luma is used. */
struct kernels_samples {
	uint8_t luma[16 * 16]; /* rows of 16 */
	uint8_t cb[8 * 8], cr[8 * 8];
};

/* Pixels of a row are worked on in runs of this many. */
#define KERNELS_RUN 16

/* From samples of two bytes to pixels, as fractions: luma in 2.14, chroma in 3.13 bits. */
struct kernels_yuv {
	int16_t black, luma, red_cr, green_cb, green_cr, blue_cb;
};

/*
 * Raw pixels of some runs in a row, none past their end: where a run comes to look different its
 * pixels are written, and its entry in changed set to 1.
 */
typedef void (*kernels_row_fn)(const uint8_t *bytes, int runs, const struct kernels_yuv *yuv,
		uint32_t *pixels, uint8_t *changed);

struct symbols;

struct kernels {
	const char *name;
	/* The blocks of a macroblock out of the entropy stage, as symbols_macroblock has it. */
	enum entropy_status (*values)(struct entropy_cursor *cursor, const struct symbols *symbols,
			int luma, int16_t predictions[3], int16_t (*values)[64], int *last);
	/*
	 * 8x8 coefficients, column after column (entry 8 * u + v has horizontal frequency u), to
	 * samples 0..255 by the accurate integer method. last: zigzag position of the last
	 * coefficient.
	 */
	void (*idct)(const int32_t coefficients[64], int last, uint8_t *samples, int stride);
	/*
	 * The same of values that were not multiplied by the quantiser's steps yet, both at
	 * kernels_places; values are all zero afterwards. Returns false with nothing done when a
	 * block needs more room than there is: then idct or kernels_idct_wide will do. The sum of
	 * absolute coefficients up to which there is room: KERNELS_ROOM at least.
	 */
	bool (*transform)(int16_t values[64], const int16_t steps[64], int last, uint8_t *samples,
			int stride);
	/*
	 * Samples to pixels, ITU-R BT.601; stride in pixels. Where pixels are what they were
	 * nothing is written; returns whether something was.
	 */
	bool (*colour_444)(const struct kernels_samples *samples, bool studio, uint32_t *pixels,
			int stride);
	bool (*colour_420)(const struct kernels_samples *samples, bool studio, uint32_t *pixels,
			int stride);
	/* 8x8 pixels of one colour, as above. */
	bool (*fill)(uint32_t colour, uint32_t *pixels, int stride);
	/* By the order of bytes in memory, as decoder.h names them; yuv is for the last two. */
	kernels_row_fn xbgr32, bgr24, uyvy, yuyv;
};

extern const struct kernels kernels_scalar;
extern const struct kernels
		kernels_base; /* vectors, where every processor of the family has them */
extern const struct kernels kernels_special; /* vectors that are looked for at run time */

/* The fastest that this processor runs. */
const struct kernels *kernels_best(void);

/* From what transform takes to what idct does; returns the sum of absolute coefficients. */
uint32_t kernels_dequantise(
		const int16_t values[64], const int16_t steps[64], int32_t coefficients[64]);

/* idct for coefficients of any size. */
void kernels_idct_wide(const int32_t coefficients[64], uint8_t *samples, int stride);

/* One colour, for blocks without detail. */
uint32_t kernels_colour(int luma, int cb, int cr, bool studio);

/* And back, for pictures of which only the pixels are known. */
void kernels_samples_of(uint32_t pixel, bool studio, uint8_t *luma, uint8_t *cb, uint8_t *cr);

static inline uint8_t kernels_clamp(int value)
{
	return value < 0 ? 0 : value > 255 ? 255 : value;
}

/* What idct makes of a DC coefficient alone. */
static inline uint8_t kernels_flat(int32_t coefficient)
{
	return kernels_clamp(((coefficient + 4) >> 3) + 128);
}
