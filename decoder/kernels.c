/* SPDX-License-Identifier: LGPL-2.1-or-later */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3") /* zeros known beforehand are to go */
#endif
#include <stddef.h>
#include <string.h>
#include "decoder/ajpg_tables.h"
#include "decoder/colour.h"
#include "decoder/idct.h"
#include "decoder/kernels.h"
#include "decoder/rows.h"
#include "decoder/symbols.h"

/* clang-format off */
const uint8_t kernels_places[64] = {
	0, 16, 4, 2, 20, 1, 17, 5, 18, 6, 8, 22, 3, 21, 32, 48,
	36, 19, 7, 24, 12, 10, 28, 9, 23, 34, 52, 33, 49, 37, 50, 38,
	25, 13, 26, 14, 30, 11, 29, 40, 54, 35, 53, 51, 39, 56, 44, 27,
	15, 31, 42, 60, 41, 55, 57, 45, 58, 46, 62, 43, 61, 59, 47, 63,
};
/* clang-format on */

/* Lines of one or no coefficient are common, and cheap to tell where nothing runs side by side. */
static void idct_line(const int32_t *in, int32_t *out)
{
	uint32_t x[8], y[8];

	if (!(in[1] | in[2] | in[3] | in[4] | in[5] | in[6] | in[7])) {
		int32_t flat = (int32_t)((uint32_t)in[0] << (IDCT_FRACTION - IDCT_PASS1_SHIFT));

		for (int i = 0; i < 8; i++)
			out[i * 8] = flat;
		return;
	}
	for (int i = 0; i < 8; i++)
		x[i] = in[i];
	IDCT_LIFT(uint32_t, x, y);
	for (int i = 0; i < 8; i++)
		out[i * 8] = (int32_t)(y[i] + IDCT_HALF(IDCT_PASS1_SHIFT)) >> IDCT_PASS1_SHIFT;
}

/* terms: how many of each line and column may be other than zero; a constant. */
static inline void idct_terms(
		const int32_t coefficients[64], int terms, uint8_t *samples, int stride)
{
	int32_t across[64] = {0};
	uint32_t x[8], y[8];

	for (int v = 0; v < terms; v++) {
		int32_t line[8];

		for (int u = 0; u < 8; u++)
			line[u] = u < terms ? coefficients[u * 8 + v] : 0;
		idct_line(line, across + v);
	}
	for (int column = 0; column < 8; column++) {
		for (int v = 0; v < 8; v++)
			x[v] = v < terms ? across[column * 8 + v] : 0;
		IDCT_LIFT(uint32_t, x, y);
		for (int row = 0; row < 8; row++)
			samples[row * stride + column] = kernels_clamp(
					((int32_t)(y[row] + IDCT_HALF(IDCT_PASS2_SHIFT)) >>
							IDCT_PASS2_SHIFT) +
					128);
	}
}

static void idct_scalar(const int32_t coefficients[64], int last, uint8_t *samples, int stride)
{
	if (last < KERNELS_QUARTER)
		idct_terms(coefficients, 4, samples, stride);
	else
		idct_terms(coefficients, 8, samples, stride);
}

/* kernels_places of a block that is stored column after column. */
static int place(int column, int row)
{
	static const uint8_t order[8] = {0, 2, 1, 3, 4, 6, 5, 7};

	return order[column] / 2 * 16 + order[row] * 2 + order[column] % 2;
}

/* Where nothing runs side by side most values are zeros that cost nothing. */
static bool transform_scalar(
		int16_t values[64], const int16_t steps[64], int last, uint8_t *samples, int stride)
{
	int32_t coefficients[64] = {0};
	uint32_t magnitude = 0;

	for (int k = 0; k <= last; k++) {
		int at = kernels_places[k];
		int32_t product = (int32_t)values[at] * steps[at];

		if (!product)
			continue;
		coefficients[ajpg_zigzag_columns[k]] = product;
		magnitude += product < 0 ? -product : product;
	}
	if (magnitude > KERNELS_MAGNITUDE)
		return false;
	memset(values, 0, 64 * sizeof(*values));
	idct_scalar(coefficients, last, samples, stride);
	return true;
}

static bool replace(const uint32_t *fresh, int count, uint32_t *pixels)
{
	size_t bytes = (size_t)count * sizeof(*pixels);

	if (memcmp(pixels, fresh, bytes) == 0)
		return false;
	memcpy(pixels, fresh, bytes);
	return true;
}

static bool fill_scalar(uint32_t colour, uint32_t *pixels, int stride)
{
	uint32_t row[8];
	bool changed = false;

	for (int i = 0; i < 8; i++)
		row[i] = colour;
	for (int y = 0; y < 8; y++)
		changed |= replace(row, 8, pixels + (ptrdiff_t)y * stride);
	return changed;
}

/*
 * shift: how chroma is halved, 0 or 1; edge: pixels a side; both constants. What chroma adds is
 * the same for all pixels of a sample.
 */
static inline bool colour_scalar(const struct kernels_samples *samples, bool studio, int shift,
		int edge, uint32_t *pixels, int stride)
{
	const struct colour_factors *f = studio ? &colour_studio : &colour_full;
	bool changed = false;

	for (int line = 0; line < 8; line++) {
		const uint8_t *luma = samples->luma + (line << shift) * 16;
		uint32_t fresh[2][16];

		for (int i = 0; i < 8; i++) {
			struct colour_chroma chroma = colour_chroma(
					f, samples->cb[line * 8 + i], samples->cr[line * 8 + i]);

			for (int part = 0; part < 1 << 2 * shift; part++) {
				int x = (i << shift) + (part & 1), y = part >> 1;

				fresh[y][x] = colour_add(f, luma[y * 16 + x], &chroma);
			}
		}
		for (int y = 0; y <= shift; y++, pixels += stride)
			changed |= replace(fresh[y], edge, pixels);
	}
	return changed;
}

static bool colour_scalar_444(
		const struct kernels_samples *samples, bool studio, uint32_t *pixels, int stride)
{
	return colour_scalar(samples, studio, 0, 8, pixels, stride);
}

static bool colour_scalar_420(
		const struct kernels_samples *samples, bool studio, uint32_t *pixels, int stride)
{
	return colour_scalar(samples, studio, 1, 16, pixels, stride);
}

const struct kernels kernels_scalar = {
		.name = "scalar",
		.values = symbols_macroblock,
		.idct = idct_scalar,
		.transform = transform_scalar,
		.fill = fill_scalar,
		.colour_444 = colour_scalar_444,
		.colour_420 = colour_scalar_420,
		ROW_KERNELS,
};

uint32_t kernels_dequantise(
		const int16_t values[64], const int16_t steps[64], int32_t coefficients[64])
{
	uint32_t magnitude = 0;

	for (int column = 0; column < 8; column++) {
		for (int row = 0; row < 8; row++) {
			int at = place(column, row);
			int32_t product = (int32_t)values[at] * steps[at];

			coefficients[column * 8 + row] = product;
			magnitude += product < 0 ? -product : product;
		}
	}
	return magnitude;
}

/* Streams that no engine sends can ask for sums that leave 32 bits: rare, so plain. */
void kernels_idct_wide(const int32_t coefficients[64], uint8_t *samples, int stride)
{
	uint64_t across[64], x[8], y[8];

	for (int v = 0; v < 8; v++) {
		for (int u = 0; u < 8; u++)
			x[u] = (uint64_t)(int64_t)coefficients[u * 8 + v];
		IDCT_LIFT(uint64_t, x, y);
		for (int i = 0; i < 8; i++)
			across[i * 8 + v] =
					(uint64_t)((int64_t)(y[i] + IDCT_HALF(IDCT_PASS1_SHIFT)) >>
							IDCT_PASS1_SHIFT);
	}
	for (int column = 0; column < 8; column++) {
		IDCT_LIFT(uint64_t, across + column * 8, y);
		for (int row = 0; row < 8; row++) {
			int64_t sample = ((int64_t)(y[row] + IDCT_HALF(IDCT_PASS2_SHIFT)) >>
							 IDCT_PASS2_SHIFT) +
					 128;

			samples[row * stride + column] = sample < 0     ? 0
							 : sample > 255 ? 255
									: sample;
		}
	}
}

uint32_t kernels_colour(int luma, int cb, int cr, bool studio)
{
	return colour_point(studio ? &colour_studio : &colour_full, luma, cb, cr);
}

void kernels_samples_of(uint32_t pixel, bool studio, uint8_t *luma, uint8_t *cb, uint8_t *cr)
{
	int32_t red = pixel >> 16 & 255, green = pixel >> 8 & 255, blue = pixel & 255;
	/* BT.601 weights in 16.16, then 219 and 224 steps of 255 for studio swing. */
	int32_t y = 19595 * red + 38470 * green + 7471 * blue;
	int32_t b = -11059 * red - 21709 * green + 32768 * blue;
	int32_t r = 32768 * red - 27439 * green - 5329 * blue;

	if (studio) {
		y = y / 255 * 219 + (16 << 16);
		b = b / 255 * 224;
		r = r / 255 * 224;
	}
	*luma = kernels_clamp((y + 32768) >> 16);
	*cb = kernels_clamp((b + (128 << 16) + 32768) >> 16);
	*cr = kernels_clamp((r + (128 << 16) + 32768) >> 16);
}
