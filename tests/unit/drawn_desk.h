/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A picture that a test draws on, encoded as the engine does for each frame, and two decoders and
 * viewers that follow it (twin.h). */
#include <stdbool.h>
#include "decoder/picture.h"
#include "sim/encoder_picture.h"
#include "tests/unit/twin.h"

struct desk {
	struct twin twin;
	struct encoder *encoder;
	struct picture source;
	struct encoder_settings settings;
	enum decoder_codec codec;
};

/* Begins with a slope of colours. */
void desk_open(struct desk *f, enum decoder_codec codec, int width, int height, int chroma);
void desk_close(struct desk *f);

/* A line of text; what lies behind it is overwritten. */
void desk_write(struct desk *f, int x, int y, const char *text);
void desk_fill(struct desk *f, int x, int y, int width, int height, guint32 colour);

/* Has a frame of it decoded; full: with what did not change too. Returns whether it was good. */
bool desk_step(struct desk *f, bool full);
