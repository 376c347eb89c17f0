/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Complete JPEG frames of the usual kind into blocks: baseline, one scan, 4:2:0 or 4:4:4, the
 * Huffman tables of ITU-T T.81 annex K.3, no restarts. Of everything else, whole or damaged, it
 * says so, and libjpeg has to look at it.
 */
#include "decoder/coded_draw.h"
#include "decoder/input.h"
#include "decoder/picture.h"

struct jpeg_head {
	int width, height;
	int unit;             /* pixels of a macroblock */
	uint8_t steps[2][64]; /* luma, chroma; zigzag order */
	size_t scan;          /* where its bytes begin */
};

/* Returns false when the frame is not of the usual kind. */
bool jpeg_head_read(struct jpeg_head *head, const uint8_t *data, size_t size);

struct jpeg_blocks {
	struct coded_found *found; /* of a strip: 16 rows of pixels */
	size_t room;
};

/* The kind that the head's steps make of blocks; those of a JPEG's own are given to both. */
uint8_t jpeg_blocks_kind(
		const struct jpeg_head *head, struct coded *blocks, struct coded_draw *draw);

/*
 * Keeps a scan's blocks; they have its geometry. Strips before one with a fault are kept. Returns
 * false when there was one, or when memory is short.
 */
bool jpeg_blocks_decode(struct jpeg_blocks *jpeg, const struct input *input, uint8_t kind,
		struct coded *blocks, const struct codes *codes, struct damage *damage);

void jpeg_blocks_release(struct jpeg_blocks *jpeg);
