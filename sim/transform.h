/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The arithmetic of the encoder: colours to samples, samples to coefficients and back. Pure
 * functions; accuracy that of the forward and inverse DCT in single-precision floats.
 */
#include <stdbool.h>
#include <stdint.h>

/* Quantiser steps made ready: reciprocals for the way in, steps for the way back, natural order. */
struct transform_steps {
	float scale[64];
	float step[64];
};

void transform_steps_init(struct transform_steps *steps, const uint8_t natural[64]);

/*
 * ITU-R BT.601 samples of 0x00RRGGBB pixels, rounded: full swing as in JFIF, or studio swing
 * (16..235, chroma 16..240).
 */
void transform_samples(const uint32_t *pixels, int count, bool studio, uint8_t *y, uint8_t *cb,
		uint8_t *cr);

/* The same for one colour, as 0x00YYBBRR. */
uint32_t transform_colour(uint32_t pixel, bool studio);

/* Level shift, DCT, quantisation; the result in zigzag order. stride: samples from one row to the
 * next. */
void transform_forward(const uint8_t *samples, int stride, const struct transform_steps *steps,
		int16_t zigzag[64]);

/* What transform_forward makes of a block whose samples are all alike. */
void transform_forward_flat(int sample, const struct transform_steps *steps, int16_t zigzag[64]);

/* What a decoder makes of the coefficients: 64 samples, row by row. */
void transform_inverse(
		const int16_t zigzag[64], const struct transform_steps *steps, uint8_t samples[64]);
