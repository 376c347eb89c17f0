/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The sequences of frames in tests/vectors, of $top_srcdir or the folder that the test runs in. */
#include "decoder/decoder.h"

/* The frame and its data last as long as the call. */
typedef void (*vectors_frame_fn)(const struct decoder_frame *frame, void *data);

/* Hands out all frames of a sequence, from its first one on. */
void vectors_play(const char *name, vectors_frame_fn frame, void *data);
