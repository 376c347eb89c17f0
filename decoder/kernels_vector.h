/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernels on the compiler's own vectors (no intrinsics): included once for each instruction
 * set, with KERNELS_TABLE (the table's name) and KERNELS_LABEL set. Needs __builtin_shufflevector:
 * clang, or GCC 12.
 */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include <stddef.h>
#include <string.h>
#include "decoder/colour.h"
#include "decoder/idct.h"
#include "decoder/kernels.h"
#include "decoder/rows.h"

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

/*
 * Full swing leaves luma as it is: what chroma adds can be rounded on its own, and 16 bits are
 * enough. These are loops that the compiler turns into vectors by itself, better than it does with
 * vector types of mixed widths.
 */
struct colour_parts {
	int16_t red[8], green[8], blue[8];
};

static inline int16_t colour_clamp(int16_t value)
{
	value = value < 0 ? 0 : value;
	return value > 255 ? 255 : value;
}

static inline uint32_t colour_pack(int16_t red, int16_t green, int16_t blue)
{
	uint16_t low = (uint16_t)((uint16_t)colour_clamp(green) << 8 |
				  (uint16_t)colour_clamp(blue));

	return (uint32_t)(uint16_t)colour_clamp(red) << 16 | low;
}

static inline void colour_chroma(const uint8_t *restrict cb, const uint8_t *restrict cr,
		struct colour_parts *restrict parts)
{
	const struct colour_factors *f = &colour_full;

	for (int i = 0; i < 8; i++) {
		int32_t b = cb[i] - 128, r = cr[i] - 128;

		parts->red[i] = (int16_t)((r * f->red_cr + 32768) >> 16);
		parts->green[i] = (int16_t)((b * f->green_cb + r * f->green_cr + 32768) >> 16);
		parts->blue[i] = (int16_t)((b * f->blue_cb + 32768) >> 16);
	}
}

static void colour_full_444(const struct kernels_samples *restrict samples,
		uint32_t *restrict pixels, int stride)
{
	for (int row = 0; row < 8; row++) {
		const uint8_t *luma = samples->luma + row * 16;
		struct colour_parts parts;

		colour_chroma(samples->cb + row * 8, samples->cr + row * 8, &parts);
		for (int i = 0; i < 8; i++)
			pixels[(ptrdiff_t)row * stride + i] = colour_pack(luma[i] + parts.red[i],
					luma[i] + parts.green[i], luma[i] + parts.blue[i]);
	}
}

static void colour_full_420(const struct kernels_samples *restrict samples,
		uint32_t *restrict pixels, int stride)
{
	for (int pair = 0; pair < 8; pair++) {
		struct colour_parts parts;
		int16_t red[16], green[16], blue[16];

		colour_chroma(samples->cb + pair * 8, samples->cr + pair * 8, &parts);
		for (int i = 0; i < 8; i++) {
			red[2 * i] = red[2 * i + 1] = parts.red[i];
			green[2 * i] = green[2 * i + 1] = parts.green[i];
			blue[2 * i] = blue[2 * i + 1] = parts.blue[i];
		}
		for (int row = pair * 2; row < pair * 2 + 2; row++) {
			const uint8_t *luma = samples->luma + row * 16;

			for (int i = 0; i < 16; i++)
				pixels[(ptrdiff_t)row * stride + i] = colour_pack(luma[i] + red[i],
						luma[i] + green[i], luma[i] + blue[i]);
		}
	}
}

/* Studio swing is old firmware's: not worth vectors. */
static void colour_444(
		const struct kernels_samples *samples, bool studio, uint32_t *pixels, int stride)
{
	if (studio)
		kernels_scalar.colour_444(samples, studio, pixels, stride);
	else
		colour_full_444(samples, pixels, stride);
}

static void colour_420(
		const struct kernels_samples *samples, bool studio, uint32_t *pixels, int stride)
{
	if (studio)
		kernels_scalar.colour_420(samples, studio, pixels, stride);
	else
		colour_full_420(samples, pixels, stride);
}

const struct kernels KERNELS_TABLE = {
		.name = KERNELS_LABEL,
		.idct = idct_block,
		.colour_444 = colour_444,
		.colour_420 = colour_420,
		ROW_KERNELS,
};
