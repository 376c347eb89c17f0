/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the video engine does in hardware: pixels into an AJPG stream (differences against the last picture) or
 * into a JPEG. For the simulated node, the tests and the benchmarks.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum encoder_vq {
	ENCODER_VQ_NONE, /* DCT only */
	ENCODER_VQ_2,    /* blocks of at most two colours as VQ (4:4:4 only), as an AST2400 in its default mode */
	ENCODER_VQ_4,    /* of at most four */
};

struct encoder_settings {
	int chroma;          /* 444 or 420 */
	int selector;        /* 0 coarsest .. 11 */
	int second_selector; /* -1, or the selector of the second pass (4:4:4): macroblocks that stay are refined */
	enum encoder_vq vq;
	bool studio;         /* samples 16..235 */
};

struct encoder;

struct encoder *encoder_new(void); /* NULL when memory is short */

/*
 * Encodes a picture (0x00RRGGBB, stride in pixels) as one AJPG frame: all of it after a change of size or
 * settings or when full is set, else only the macroblocks that changed. A position goes before every record that
 * does not follow its neighbour. Returns the stream, which belongs to the encoder until the next call, and its
 * size; NULL when memory is short or the size is out of range.
 */
const uint8_t *encoder_ajpg(struct encoder *encoder, const uint32_t *pixels, int width, int height,
		int stride, const struct encoder_settings *settings, bool full, size_t *size);

/*
 * The same picture as the engine's JPEG mode makes it: baseline, Annex K Huffman tables, the engine's quantisers
 * for the selector, no restart markers. Ownership as above.
 */
const uint8_t *encoder_jpeg(struct encoder *encoder, const uint32_t *pixels, int width, int height,
		int stride, const struct encoder_settings *settings, size_t *size);

void encoder_free(struct encoder *encoder); /* NULL is fine */
