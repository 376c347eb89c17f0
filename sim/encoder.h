/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the video engine does in hardware: pixels into an AJPG stream (differences against the last
 * picture) or into a JPEG. For the simulated node, the tests and the benchmarks. Belongs to one
 * thread at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum encoder_vq {
	ENCODER_VQ_NONE, /* DCT only */
	ENCODER_VQ_2,    /* blocks of at most two colours as VQ (4:4:4 only), as an AST2400 in its
			    default mode */
	ENCODER_VQ_4,    /* of at most four */
};

struct encoder_settings {
	int chroma;          /* 444 or 420 */
	int selector;        /* 0 coarsest .. 11 */
	int second_selector; /* -1, or the selector of the second pass (4:4:4): macroblocks that
				stay are refined */
	enum encoder_vq vq;
	bool studio; /* samples 16..235 */
};

struct encoder;

struct encoder *encoder_new(void); /* NULL when memory is short */

/*
 * Encodes a picture (0x00RRGGBB, stride in pixels) as one AJPG frame: all of it after a change of
 * size or settings or when full is set, else only the macroblocks that changed, and with a second
 * pass those that wait for theirs. A position goes before every record that does not follow its
 * neighbour. Returns the stream, which belongs to the encoder until the next call, and its size;
 * NULL when memory is short (errno ENOMEM) or when size or settings are out of range (EINVAL): each
 * side is at most 2048 in 4:4:4, 4096 in 4:2:0.
 */
const uint8_t *encoder_ajpg(struct encoder *encoder, const uint32_t *pixels, int width, int height,
		int stride, const struct encoder_settings *settings, bool full, size_t *size);

/* Macroblocks that the last AJPG frame names: 0 when nothing had changed. */
int encoder_changed(const struct encoder *encoder);

/* Macroblocks that still wait for their second pass; the next AJPG frame has them, if they stay as
 * they are. */
int encoder_waiting(const struct encoder *encoder);

/*
 * A picture as the engine's JPEG mode makes it: baseline, Annex K Huffman tables, the engine's
 * quantisers for the selector, no restart markers. The AJPG stream goes on afterwards as if this
 * had not been called. second_selector and vq are not looked at. Ownership and errors as above,
 * each side at most 4096.
 */
const uint8_t *encoder_jpeg(struct encoder *encoder, const uint32_t *pixels, int width, int height,
		int stride, const struct encoder_settings *settings, size_t *size);

void encoder_free(struct encoder *encoder); /* NULL is fine */
