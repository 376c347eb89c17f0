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

/*
 * A strip of a scan: 16 rows of pixels. Where the next frame has the same bits for it, however far
 * they have moved, they need no look: engines send whole screens of which little changed.
 */
struct jpeg_strip {
	size_t begin, end;       /* bits into the scan */
	int before[3], after[3]; /* DC predictors */
};

struct jpeg_blocks {
	struct input input, last;  /* scans: the frame's, and that which is kept */
	struct coded_found *found; /* of a strip */
	struct jpeg_strip *strips; /* of last */
	size_t found_room, strips_room;
	unsigned int generation; /* of the blocks that hold last, and their kind */
	uint8_t kind;
	bool known; /* last is what the blocks hold */
};

/* The kind that the head's steps make of blocks; those of a JPEG's own are given to both. */
uint8_t jpeg_blocks_kind(
		const struct jpeg_head *head, struct coded *blocks, struct coded_draw *draw);

/*
 * Keeps the blocks of a scan, of size bytes at most; they have its geometry. Strips before one with
 * a fault are kept. Returns false when there was one, or when memory is short.
 */
bool jpeg_blocks_decode(struct jpeg_blocks *jpeg, const uint8_t *scan, size_t size, uint8_t kind,
		struct coded *blocks, const struct codes *codes, struct damage *damage);

void jpeg_blocks_release(struct jpeg_blocks *jpeg);
