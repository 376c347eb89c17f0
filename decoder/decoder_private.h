/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a decoder is made of, for decoder.c and recode*.c. */
#include "decoder/ajpg.h"
#include "decoder/ajpg_blocks.h"
#include "decoder/coded.h"
#include "decoder/decoder.h"
#include "decoder/input.h"
#include "decoder/jpeg.h"
#include "decoder/jpeg_blocks.h"
#include "decoder/recode_private.h"
#include "decoder/scroll.h"

/*
 * While most of the screen changes from frame to frame a JPEG's own bytes are the best that can be
 * sent, and nobody need look into them: some frames are passed on as they are, before two are
 * looked at again. The first of these tells nothing, there is nothing to compare it with. Frames
 * that begin like the one before are looked at sooner.
 */
struct decoder_motion {
	int large; /* frames in a row that changed most of the screen */
	int pass;  /* frames to pass on before the next look */
	int next;  /* how many these will be the next time */
};

struct decoder {
	struct picture picture;
	struct damage damage;
	int unit; /* pixels, of the last damage that had any units */
	struct ajpg *ajpg;
	struct jpeg *jpeg;
	/* The last JPEG, while the picture is exactly that: engines send a still screen again and
	 * again. */
	uint8_t *last;
	size_t last_size, last_room;

	bool keep; /* blocks rather than pixels */
	struct coded blocks;
	struct coded_draw draw;
	struct ajpg_blocks ajpg_blocks;
	struct jpeg_blocks jpeg_blocks;
	bool behind;           /* the picture does not show the last JPEG yet */
	bool passed;           /* nor do the blocks: it was not looked into */
	struct damage ignored; /* of bringing the picture up to date */
	struct decoder_motion motion;
	struct scroll scroll;
	struct decoder_scroll scrolled; /* by the last frame; of no width: by none */
	struct recode recode;
};

/* --- What decoder.c has for all codecs --- */

/* Returns false. */
bool decoder_fail(struct decoder_result *result, enum decoder_fault fault);

/* Somebody else draws. */
void decoder_forget(struct decoder *decoder);

/* Gives picture and damage the frame's geometry. */
bool decoder_resize(struct decoder *decoder, int width, int height, int unit,
		struct decoder_result *result);

/* From here on everything is in the pixels, which show the frame before. */
void decoder_give_up_blocks(struct decoder *decoder);

/* Blocks of the damage's geometry, with all that they hold if it is the same as before. */
bool decoder_blocks(struct decoder *decoder, struct decoder_result *result);

/* A frame of another codec than AJPG, which has the whole picture. Returns true. */
bool decoder_complete(const struct decoder *decoder, struct decoder_result *result);

/* --- decoder_jpeg.c --- */

bool decoder_jpeg(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result);

/* The last JPEG's bytes up to the end mark, without it, when others can show it as it is; or 0. */
size_t decoder_passable(const struct decoder *decoder);
