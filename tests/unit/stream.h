/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * AJPG streams written by hand, a bit at a time, with codes copied from ITU-T T.81 annex K.3; and a
 * decoder that gets each of them in memory of exactly its size.
 */
#include <glib.h>
#include "decoder/decoder.h"

enum stream_code {
	DCT = 0,
	PASS2 = 2,
	LOW = 4,
	VQ1 = 5,
	VQ2 = 6,
	VQ4 = 7,
	AT = 8, /* with a position */
	END = 9,
};

enum stream_component { LUMA, CHROMA };

#define EOB_LUMA     0xa, 4
#define EOB_CHROMA   0x0, 2
#define ZEROS_LUMA   0x7f9, 11 /* sixteen zeros */
#define ZEROS_CHROMA 0x3fa, 10
#define LONG_LUMA    0xff83, 16 /* no zeros, a value of ten bits */
#define LONG_CHROMA  0xff4, 12

struct stream {
	GByteArray *bytes; /* whole words */
	guint32 word;
	int filled;  /* bits of word */
	gsize count; /* bits */
};

void stream_begin(struct stream *s); /* also begins anew */
void stream_put(struct stream *s, guint32 value, int count);
void stream_code(struct stream *s, int code);
void stream_at(struct stream *s, int code, int x, int y); /* code without AT */

/* A DC difference alone. */
void stream_dc(struct stream *s, enum stream_component component, int difference);

/* A block without detail. */
void stream_flat(struct stream *s, enum stream_component component, int difference);

/* Three of them, or six of 4:2:0 of which the first luma has the difference. */
void stream_flat_444(struct stream *s, int luma, int cb, int cr);
void stream_flat_420(struct stream *s, int luma, int cb, int cr);

/* An entry of a VQ block; colour 0x00YYBBRR, negative: not loaded. */
void stream_entry(struct stream *s, int slot, int colour);

void stream_end(struct stream *s);   /* the end code */
void stream_flush(struct stream *s); /* fills the word */
void stream_clear(struct stream *s);

struct fixture {
	struct decoder *decoder;
	struct stream s;
	struct decoder_frame frame; /* all but the data */
	struct decoder_result result;
	int shift; /* the data's address, odd or not */
};

void fixture_open(struct fixture *f, int width, int height, enum decoder_chroma chroma);
void fixture_close(struct fixture *f);

/* Flushes and decodes the stream, and begins a new one. */
bool decode(struct fixture *f);

/* With the end code; it must be good. */
void decode_good(struct fixture *f);

guint32 pixel(const struct fixture *f, int x, int y);

/* A macroblock of 8x8 or 16x16, inside the picture, shows one colour. */
void assert_block(const struct fixture *f, int column, int row, guint32 colour);

bool damaged(const struct fixture *f, int column, int row);

static inline guint32 grey(int level)
{
	return (guint32)level * 0x010101;
}
