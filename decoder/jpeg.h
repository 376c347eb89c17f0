/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Complete JPEG frames, by libjpeg. decoder.h is the door to it; this is the room behind. Damage is
 * what differs from the picture, in units of 16 pixels.
 */
#include "decoder/decoder.h"

#define JPEG_UNIT 16 /* pixels of a damage unit */

struct jpeg;

struct jpeg *jpeg_new(void); /* NULL when memory is short */

/*
 * Reads the size from a frame's header. Returns false with result->fault set when this is no JPEG
 * that the decoder takes.
 */
bool jpeg_begin(struct jpeg *jpeg, const uint8_t *data, size_t size, int *width, int *height,
		struct decoder_result *result);

/* Whether the frame that was begun last is one that every viewer shows alike. */
bool jpeg_is_common(const struct jpeg *jpeg);

/* Decodes the frame that was begun. As decoder_decode; rows completed before a fault stay. */
bool jpeg_decode(struct jpeg *jpeg, struct picture *picture, struct damage *damage,
		struct decoder_result *result);

void jpeg_free(struct jpeg *jpeg); /* NULL is fine */
