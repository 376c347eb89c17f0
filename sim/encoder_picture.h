/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A whole picture in the engine's one mode or the other, for those who have both. */
#include "decoder/picture.h"
#include "sim/encoder.h"

/* As encoder_jpeg and encoder_ajpg have it. Of a JPEG full says nothing: each is whole. */
static inline const uint8_t *encoder_picture(struct encoder *encoder, const struct picture *picture,
		const struct encoder_settings *settings, bool jpeg, bool full, size_t *size)
{
	return jpeg ? encoder_jpeg(encoder, picture->pixels, picture->width, picture->height,
				      picture->stride, settings, size)
		    : encoder_ajpg(encoder, picture->pixels, picture->width, picture->height,
				      picture->stride, settings, full, size);
}
