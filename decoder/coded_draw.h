/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Pixels of blocks that are kept, or were found: by the same kernels as frames that are not. */
#include "decoder/coded.h"
#include "decoder/codes.h"
#include "decoder/kernels.h"
#include "decoder/picture.h"

struct coded_draw {
	const struct kernels *kernels;
	struct codes codes;
	uint16_t steps[CODED_KINDS][2][64]; /* luma, chroma; zigzag order */
	struct entropy_block block;         /* all zero between blocks */
	struct kernels_samples samples;
	uint32_t tile[16 * 16];
};

void coded_draw_init(struct coded_draw *draw, const struct kernels *kernels);

/* Takes the steps of CODED_OWN over. */
void coded_draw_own(struct coded_draw *draw, const struct coded *blocks);

/* The samples of a macroblock that was found in bytes, or is kept. */
void coded_draw_found(struct coded_draw *draw, uint8_t kind, const struct coded_found *found,
		int each, const uint8_t *bytes);
void coded_draw_kept(struct coded_draw *draw, const struct coded *blocks, size_t macroblock);

/* The tile of the samples. */
void coded_draw_tile(struct coded_draw *draw, int unit, bool studio);

/* Takes the tile over into the picture; returns whether that came to look different. */
bool coded_draw_show(const struct coded_draw *draw, int unit, struct picture *picture, int column,
		int row);

/* Draws what is stale: all of it, or one macroblock. */
void coded_draw_stale(struct coded_draw *draw, struct coded *blocks, struct picture *picture);
void coded_draw_one(struct coded_draw *draw, struct coded *blocks, struct picture *picture,
		size_t macroblock);
