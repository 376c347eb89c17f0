/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Rectangles of a decoder's picture as baseline JPEGs (ITU-T T.81). Where the decoder keeps blocks
 * (decoder_keep_blocks) their bit strings are copied, and no transform is made; what cannot be
 * copied (vector-quantised and second-pass macroblocks, studio swing, raw sources) is encoded from
 * pixels. Pure, as decoder.h is; on the decoder's thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decoder/decoder.h"

struct recode_rectangle {
	int x, y, width, height; /* pixels, within the picture; x and y at a unit of its damage */
};

/*
 * Cuts the marked units into rectangles that cover them, with the fewest bytes in all that a greedy
 * merge finds; none mixes quantisers. map: columns * rows of the decoder's damage, nonzero =
 * marked. Returns how many; at most `most`, 1 or more.
 */
int recode_plan(struct decoder *decoder, const uint8_t *map, struct recode_rectangle *out,
		int most);

/*
 * Whether JPEGs have a JFIF header and the usual Huffman tables (609 bytes besides their scan), or
 * leave both to the viewer's libjpeg, as Motion JPEG does (171 bytes): so it begins.
 */
void recode_full_header(struct decoder *decoder, bool full);

/* Bytes that a rectangle takes at most, as long as no frame is decoded. */
size_t recode_bound(struct decoder *decoder, const struct recode_rectangle *rectangle);

/*
 * Writes a rectangle; room: recode_bound or more. Returns its bytes; 0: memory is short, or the
 * rectangle is not in the picture. Where pixels are encoded the picture's are brought up to date.
 */
size_t recode_write(struct decoder *decoder, const struct recode_rectangle *rectangle,
		uint8_t *bytes, size_t room);

/*
 * The whole picture as one complete AJPG frame of the decoder's geometry, whose differences can
 * follow it: while all of it is kept as blocks of these selectors (see struct decoder_frame).
 * Returns the frame's bytes; 0: that is not so, or room is less than the bound, which is 0 when
 * there is no such frame for certain.
 */
size_t recode_ajpg_bound(const struct decoder *decoder);
size_t recode_ajpg(const struct decoder *decoder, int selector, int second, uint8_t *bytes,
		size_t room);

/*
 * A rectangle of a picture that no decoder made, such as a card with words, as JPEG: encoded from
 * its pixels at full chroma.
 */
size_t recode_picture_bound(const struct recode_rectangle *rectangle);
size_t recode_picture(const struct picture *picture, const struct recode_rectangle *rectangle,
		uint8_t *bytes, size_t room);
