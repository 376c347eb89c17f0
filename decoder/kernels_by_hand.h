/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Kernels in the instructions of one set each: what struct kernels has by the same names, colour in
 * full swing only. Room of transform: KERNELS_ROOM.
 */
#include "decoder/kernels.h"

#define KERNELS_DECLARE(set)                                                                  \
	bool kernels_##set##_transform(int16_t values[64], const int16_t steps[64], int last, \
			uint8_t *samples, int stride);                                        \
	bool kernels_##set##_fill(uint32_t colour, uint32_t *pixels, int stride);             \
	bool kernels_##set##_colour_444(                                                      \
			const struct kernels_samples *samples, uint32_t *pixels, int stride); \
	bool kernels_##set##_colour_420(                                                      \
			const struct kernels_samples *samples, uint32_t *pixels, int stride)

KERNELS_DECLARE(sse2); /* every x86-64 */
KERNELS_DECLARE(avx2);
KERNELS_DECLARE(neon); /* every AArch64; ARMv7 where the processor says so */
