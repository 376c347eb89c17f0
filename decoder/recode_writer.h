/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Baseline JPEGs (ITU-T T.81) of blocks that are kept: their strings are copied. */
#include "decoder/coded_draw.h"
#include "decoder/recode_private.h"

#define RECODE_HEADER_MOST  640 /* bytes */
#define RECODE_HEADER_SHORT 171 /* of a JPEG besides its scan, the end mark included */
#define RECODE_HEADER_FULL  609
#define RECODE_WRITER_SLACK 32 /* bytes that writing wants behind the last */

/* Writes a part that has blocks of its kind; width and height: pixels, at the picture's edge less
 * than the part's. Returns its bytes. */
size_t recode_write_blocks(const struct coded *blocks, const struct coded_draw *draw,
		const struct recode_part *part, int width, int height, bool full, uint8_t *bytes);

/* Whether a JPEG has Huffman tables. */
bool recode_has_tables(const uint8_t *data, size_t size);
