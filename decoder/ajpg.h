/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Aspeed's differential stream: macroblock records that update a picture. decoder.h is the door to
 * it; this is the room behind.
 */
#include "decoder/decoder.h"
#include "decoder/planes.h"

/* More records than this times the macroblocks, and a few bytes would keep a core busy for long. */
#define AJPG_RECORDS_CAP 2

struct ajpg;

struct ajpg *ajpg_new(const struct kernels *kernels); /* NULL when memory is short */

/*
 * Decodes one frame into a picture of its size and marks what it changed. Returns as decoder_decode
 * does; resized is the caller's.
 */
bool ajpg_decode(struct ajpg *ajpg, const struct decoder_frame *frame, struct picture *picture,
		struct damage *damage, struct decoder_result *result);

/* See decoder.h; the result is the one that ajpg_decode was given. */
void ajpg_on_progress(struct ajpg *ajpg, decoder_progress_fn fn, void *data);

/* The picture was made anew, or drawn by somebody else. */
void ajpg_forget(struct ajpg *ajpg);

void ajpg_free(struct ajpg *ajpg); /* NULL is fine */
