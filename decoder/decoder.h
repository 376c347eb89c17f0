/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Frames of a video engine in, one picture and its damage out. Pure: no files, no clock, no GLib;
 * while the size stays the same, memory is asked for only when there is more to keep, and now and
 * then to keep it together. A decoder belongs to one thread at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decoder/picture.h"

enum decoder_codec {
	DECODER_JPEG, /* baseline JPEG, complete frames */
	DECODER_AJPG, /* Aspeed's differential stream: needs every frame, or a key frame after a gap
		       */
	/* Raw pixels, complete frames; by their order in memory, as V4L2 names them. */
	DECODER_XBGR32, /* blue, green, red, nothing */
	DECODER_BGR24,  /* blue, green, red */
	DECODER_UYVY,   /* Cb, Y, Cr, Y for two pixels */
	DECODER_YUYV,   /* Y, Cb, Y, Cr */
};

enum decoder_chroma {
	DECODER_444 = 444,
	DECODER_420 = 420,
};

/*
 * A frame and what its codec does not say itself; what is for other codecs is ignored. A size other
 * than that in a JPEG's data is a fault, and so are raw data that end before their last pixel.
 */
struct decoder_frame {
	const uint8_t *data;
	size_t size; /* bytes; what follows the end code is ignored */
	enum decoder_codec codec;
	int width, height; /* pixels, up to 4096; AJPG in 4:4:4 up to 2048 */
	/* AJPG */
	enum decoder_chroma chroma;
	int selector;        /* quantiser, 0 coarsest .. 11 */
	int second_selector; /* of LOW and PASS2 records; -1: the stream has none */
	/* AJPG, UYVY, YUYV */
	bool studio; /* samples span 16..235 rather than 0..255 */
	/* Raw */
	int stride; /* bytes from one row to the next, at least a row's: a whole pair of UYVY */
	bool bt709; /* UYVY, YUYV: made by ITU-R BT.709 rather than BT.601 */
};

enum decoder_fault {
	DECODER_OK,
	DECODER_TRUNCATED,       /* the data end before the end code */
	DECODER_BAD_CODE,        /* no such record */
	DECODER_BAD_POSITION,    /* outside the picture */
	DECODER_BAD_HUFFMAN,     /* no such code in the table */
	DECODER_BAD_COEFFICIENT, /* a run past coefficient 63 */
	DECODER_BAD_MODE,        /* a record that 4:2:0 or a missing second selector rules out */
	DECODER_TOO_MANY_BLOCKS, /* more than twice as many records as macroblocks */
	DECODER_BAD_FRAME,       /* not this codec, or size or parameters out of range */
	DECODER_NO_MEMORY,
};

struct decoder_result {
	enum decoder_fault fault;
	size_t word;  /* where: 32-bit word of the data (byte / 4 for others) */
	int x, y;     /* where: macroblock */
	bool resized; /* the picture was made anew, and black, before this frame; damage does not
			 say so */
	int named;    /* macroblocks that the frame holds; fewer may have come to look different */
	bool key_frame; /* it holds all of them: nothing shows from before */
};

struct decoder;

/*
 * Some of a frame is decoded: called from decoder_decode every DECODER_PROGRESS records when they
 * made a difference, which can be shown while the rest is worked on. damage: since the last call
 * for this frame; what decoder_damage has after decoder_decode is the rest. Must not call the
 * decoder but for decoder_picture.
 */
#define DECODER_PROGRESS 256
typedef void (*decoder_progress_fn)(
		const struct damage *damage, const struct decoder_result *result, void *data);

/* NULL when memory is short. */
struct decoder *decoder_new(void);

/*
 * Decodes one frame into the picture. After a fault the macroblocks completed before it stay (and
 * are in the damage
 * where they look different), all others keep what they showed; the caller should get a key frame.
 * Returns true when the fault is DECODER_OK.
 */
bool decoder_decode(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result);

/* Whom to tell about progress, which only AJPG makes; NULL: nobody. */
void decoder_on_progress(struct decoder *decoder, decoder_progress_fn fn, void *data);

/* Both belong to the decoder and change with the next decoder_decode. */
const struct picture *decoder_picture(const struct decoder *decoder);
const struct damage *decoder_damage(const struct decoder *decoder);

/*
 * Part of a picture that shows what stood `below` pixels below it (less than 0: above) in the
 * picture before the last frame: when that is copied first, only the rest needs to be drawn of the
 * damage, and a little of what is no damage. Both pictures have it in whole units.
 */
struct decoder_scroll {
	int x, y, width, height; /* pixels */
	int below;
	const uint8_t *rest; /* what then is to be drawn, a map like the damage's */
};

/* NULL: the last frame scrolled nothing worth while, or blocks are not kept. As decoder_damage. */
const struct decoder_scroll *decoder_scroll(const struct decoder *decoder);

/*
 * keep true: AJPG and JPEG frames are kept as their entropy-coded blocks, which is what damage is
 * judged by: blocks that are the same are none, those that differ are, even if they look the same;
 * its units are macroblocks, also of JPEGs.
 * The picture's pixels are made only by decoder_refresh, and progress is not told. While most of
 * the screen changes from frame to frame, most JPEGs are not looked into: they are damage all over,
 * and a fault in their midst is not told. See recode.h for what else can be done with blocks.
 * false, as it begins: pixels are made of each frame. To be called before the first frame, or
 * followed by a complete one.
 */
void decoder_keep_blocks(struct decoder *decoder, bool keep);

/* Brings the picture's pixels up to date; nothing to do unless blocks are kept. */
void decoder_refresh(struct decoder *decoder);

/* What a fault is, in words: "data end before the end code". */
const char *decoder_fault_text(enum decoder_fault fault);

void decoder_free(struct decoder *decoder); /* NULL is fine */
