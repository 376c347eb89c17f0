/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Aspeed's differential stream into blocks, where its macroblocks are such, and else into pixels:
 * vector-quantised ones, those of a second pass, and all of studio swing, which JPEG does not have.
 */
#include "decoder/coded_draw.h"
#include "decoder/decoder.h"
#include "decoder/input.h"
#include "decoder/planes.h"

struct ajpg_blocks {
	struct planes planes; /* what pixel decoding would know of samples; for macroblocks in
				 blocks it is in these */
	/* The frame at hand. */
	const struct decoder_frame *frame;
	struct coded *blocks;
	struct coded_draw *draw;
	struct picture *picture;
	struct damage *damage;
	struct input_words input;
	size_t position; /* bits into it */
	bool keep;       /* samples, for a second pass */
	int16_t predictions[3];
	uint32_t palette[AJPG_PALETTE_SLOTS];
	struct coded_found found[CODED_EACH_MOST];
	uint8_t named[256 * 256 / 8]; /* macroblocks of the frame, a bit each */
	int named_count;
};

/* As ajpg_decode; blocks have the frame's geometry. */
bool ajpg_blocks_decode(struct ajpg_blocks *ajpg, const struct decoder_frame *frame,
		struct coded *blocks, struct coded_draw *draw, struct picture *picture,
		struct damage *damage, struct decoder_result *result);

/* The picture was made anew, or drawn by somebody else. */
void ajpg_blocks_forget(struct ajpg_blocks *ajpg);
