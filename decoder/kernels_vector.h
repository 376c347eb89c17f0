/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernels on the compiler's own vectors: included once for each instruction set, with
 * KERNELS_TABLE (the table's name), KERNELS_LABEL and KERNELS_BY_HAND (what is written out for that
 * set: kernels_by_hand.h) set. Needs __builtin_shufflevector: clang, or GCC 12.
 */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include <stddef.h>
#include <string.h>
#include "decoder/idct.h"
#include "decoder/kernels.h"
#include "decoder/kernels_by_hand.h"
#include "decoder/rows.h"
#include "decoder/symbols.h"

typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef int32_t s32x8 __attribute__((vector_size(32)));
typedef uint8_t u8x8 __attribute__((vector_size(8)));

#define idct_low32(a, b)   __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define idct_high32(a, b)  __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define idct_low64(a, b)   __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define idct_high64(a, b)  __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define idct_low128(a, b)  __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define idct_high128(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

static inline void idct_transpose(const u32x8 in[8], u32x8 out[8])
{
	u32x8 a[8], b[8];

	for (int i = 0; i < 8; i += 2) {
		a[i] = idct_low32(in[i], in[i + 1]);
		a[i + 1] = idct_high32(in[i], in[i + 1]);
	}
	for (int i = 0; i < 8; i += 4) {
		b[i] = idct_low64(a[i], a[i + 2]);
		b[i + 1] = idct_high64(a[i], a[i + 2]);
		b[i + 2] = idct_low64(a[i + 1], a[i + 3]);
		b[i + 3] = idct_high64(a[i + 1], a[i + 3]);
	}
	for (int i = 0; i < 4; i++) {
		out[i] = idct_low128(b[i], b[i + 4]);
		out[i + 4] = idct_high128(b[i], b[i + 4]);
	}
}

static inline void idct_terms(const int32_t *coefficients, int terms, uint8_t *samples, int stride)
{
	u32x8 x[8], y[8];

	for (int i = 0; i < 8; i++)
		x[i] = (u32x8){0};
	for (int i = 0; i < terms; i++)
		memcpy(&x[i], coefficients + i * 8, sizeof(x[i]));
	IDCT_LIFT(u32x8, x, y);
	for (int i = 0; i < 8; i++)
		y[i] = (u32x8)((s32x8)(y[i] + IDCT_HALF(IDCT_PASS1_SHIFT)) >> IDCT_PASS1_SHIFT);
	idct_transpose(y, x);
	for (int i = terms; i < 8; i++)
		x[i] = (u32x8){0};
	IDCT_LIFT(u32x8, x, y);
	for (int i = 0; i < 8; i++) {
		s32x8 value = ((s32x8)(y[i] + IDCT_HALF(IDCT_PASS2_SHIFT)) >> IDCT_PASS2_SHIFT) +
			      128;
		u8x8 row;

		value &= ~(value < 0);
		value |= value > 255;
		row = __builtin_convertvector(value, u8x8);
		memcpy(samples + i * stride, &row, sizeof(row));
	}
}

static void idct_block(const int32_t coefficients[64], int last, uint8_t *samples, int stride)
{
	if (last < KERNELS_QUARTER)
		idct_terms(coefficients, 4, samples, stride);
	else
		idct_terms(coefficients, 8, samples, stride);
}

static bool colour_444(
		const struct kernels_samples *samples, bool studio, uint32_t *pixels, int stride)
{
	/* Studio swing is old firmware's: not worth vectors. */
	if (studio)
		return kernels_scalar.colour_444(samples, studio, pixels, stride);
	return KERNELS_BY_HAND(colour_444)(samples, pixels, stride);
}

static bool colour_420(
		const struct kernels_samples *samples, bool studio, uint32_t *pixels, int stride)
{
	if (studio)
		return kernels_scalar.colour_420(samples, studio, pixels, stride);
	return KERNELS_BY_HAND(colour_420)(samples, pixels, stride);
}

const struct kernels KERNELS_TABLE = {
		.name = KERNELS_LABEL,
		.values = symbols_macroblock,
		.idct = idct_block,
		.transform = KERNELS_BY_HAND(transform),
		.fill = KERNELS_BY_HAND(fill),
		.colour_444 = colour_444,
		.colour_420 = colour_420,
		ROW_KERNELS,
};
