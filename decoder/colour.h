/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * ITU-R BT.601 in 16.16 fixed point: JFIF's full swing, and studio swing (219 steps of luma from
 * 16, 224 of chroma) stretched to 0..255.
 */
#include <stdint.h>
#include "decoder/kernels.h"

struct colour_factors {
	int32_t black, luma, red_cr, green_cb, green_cr, blue_cb;
};

static const struct colour_factors colour_full = {0, 65536, 91881, -22553, -46802, 116130};
static const struct colour_factors colour_studio = {16, 76309, 104597, -25675, -53279, 132201};

/* What chroma adds to each component, in 16.16. */
struct colour_chroma {
	int32_t red, green, blue;
};

static inline struct colour_chroma colour_chroma(const struct colour_factors *f, int cb, int cr)
{
	int32_t b = cb - 128, r = cr - 128;

	return (struct colour_chroma){
			r * f->red_cr, b * f->green_cb + r * f->green_cr, b * f->blue_cb};
}

static inline uint32_t colour_add(
		const struct colour_factors *f, int luma, const struct colour_chroma *chroma)
{
	int32_t y = (luma - f->black) * f->luma + 32768;
	int red = (y + chroma->red) >> 16, green = (y + chroma->green) >> 16;
	int blue = (y + chroma->blue) >> 16;

	return (uint32_t)kernels_clamp(red) << 16 | (uint32_t)kernels_clamp(green) << 8 |
	       kernels_clamp(blue);
}

static inline uint32_t colour_point(const struct colour_factors *f, int luma, int cb, int cr)
{
	struct colour_chroma chroma = colour_chroma(f, cb, cr);

	return colour_add(f, luma, &chroma);
}
