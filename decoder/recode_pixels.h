/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Rectangles of a picture's pixels as JPEGs, by libjpeg, with full chroma. */
#include "decoder/recode.h"

struct recode_pixels;

struct recode_pixels *recode_pixels_new(void); /* NULL when memory is short */

/* Returns the bytes written; 0: memory or room is short. pixels NULL is short memory. */
size_t recode_pixels_write(struct recode_pixels *pixels, const struct picture *picture,
		const struct recode_rectangle *rectangle, bool full_header, uint8_t *bytes,
		size_t room);

void recode_pixels_free(struct recode_pixels *pixels); /* NULL is fine */
