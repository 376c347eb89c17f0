/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The samples of a 4:4:4 picture, for the second pass, which adds to them. Kept only while a stream
 * has a second selector; what was drawn before that is worked back from the pixels (exact to a
 * step, and no longer needed after the next key frame).
 */
#include <stdbool.h>
#include <stdint.h>
#include "decoder/kernels.h"
#include "decoder/picture.h"

struct planes {
	int columns, rows; /* macroblocks of 8x8 pixels */
	uint8_t *samples;  /* for each macroblock 64 Y, 64 Cb, 64 Cr */
	uint8_t *known;    /* for each macroblock */
	size_t room;       /* macroblocks allocated */
};

/* Starts keeping samples of a picture, or goes on. Returns false when memory is short. */
bool planes_keep(struct planes *planes, const struct picture *picture);

/* Forgets everything, as after a size change or frames without a second selector. */
void planes_forget(struct planes *planes);

/* A macroblock was drawn with these samples. */
void planes_store(
		struct planes *planes, int column, int row, const struct kernels_samples *samples);

/*
 * Adds a residual (samples around 128) to a macroblock, saturating, and returns the sum in samples.
 */
void planes_add(struct planes *planes, const struct picture *picture, int column, int row,
		bool studio, struct kernels_samples *samples);

void planes_release(struct planes *planes);
