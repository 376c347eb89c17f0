/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "decoder/ajpg_tables.h"
#include "sim/transform.h"

/* cos(k * pi / 16) / 2: the factors of the orthonormal 8-point DCT. */
#define C1 0.490392640f
#define C2 0.461939766f
#define C3 0.415734806f
#define C4 0.353553391f
#define C5 0.277785117f
#define C6 0.191341716f
#define C7 0.097545161f

/* Far above any coefficient, and small enough for a float to keep halves exact. */
#define TRANSFORM_BIAS 8192

void transform_steps_init(struct transform_steps *steps, const uint8_t natural[64])
{
	for (int i = 0; i < 64; i++) {
		steps->step[i] = natural[i];
		steps->scale[i] = 1.0f / natural[i];
	}
}

/* 16.16 fixed point: rows Y, Cb, Cr, columns R, G, B; each row's sum is exact, so that greys stay
 * grey. */
static const int transform_full[3][3] = {
		{19595, 38470, 7471}, {-11059, -21709, 32768}, {32768, -27439, -5329}};
static const int transform_studio[3][3] = {
		{16829, 33039, 6416}, {-9714, -19071, 28785}, {28785, -24104, -4681}};

static inline uint8_t transform_sample(const int row[3], uint32_t pixel, int offset)
{
	int red = pixel >> 16 & 0xff, green = pixel >> 8 & 0xff, blue = pixel & 0xff;
	int sample = (row[0] * red + row[1] * green + row[2] * blue + (offset << 16) + 32768) >> 16;

	return sample > 255 ? 255 : sample;
}

void transform_samples(const uint32_t *restrict pixels, int count, bool studio, uint8_t *restrict y,
		uint8_t *restrict cb, uint8_t *restrict cr)
{
	const int(*matrix)[3] = studio ? transform_studio : transform_full;
	int black = studio ? 16 : 0;

	for (int i = 0; i < count; i++) {
		y[i] = transform_sample(matrix[0], pixels[i], black);
		cb[i] = transform_sample(matrix[1], pixels[i], 128);
		cr[i] = transform_sample(matrix[2], pixels[i], 128);
	}
}

uint32_t transform_colour(uint32_t pixel, bool studio)
{
	uint8_t y, cb, cr;

	transform_samples(&pixel, 1, studio, &y, &cb, &cr);
	return (uint32_t)y << 16 | (uint32_t)cb << 8 | cr;
}

/* One pass down the columns, written across: two passes give the block the right way round again.
 */
static void transform_pass(const float *restrict in, float *restrict out)
{
	float result[64];

	for (int i = 0; i < 8; i++) {
		float s0 = in[i] + in[56 + i], d0 = in[i] - in[56 + i];
		float s1 = in[8 + i] + in[48 + i], d1 = in[8 + i] - in[48 + i];
		float s2 = in[16 + i] + in[40 + i], d2 = in[16 + i] - in[40 + i];
		float s3 = in[24 + i] + in[32 + i], d3 = in[24 + i] - in[32 + i];

		result[i] = C4 * (s0 + s1 + s2 + s3);
		result[8 + i] = C1 * d0 + C3 * d1 + C5 * d2 + C7 * d3;
		result[16 + i] = C2 * (s0 - s3) + C6 * (s1 - s2);
		result[24 + i] = C3 * d0 - C7 * d1 - C1 * d2 - C5 * d3;
		result[32 + i] = C4 * (s0 - s1 - s2 + s3);
		result[40 + i] = C5 * d0 - C1 * d1 + C7 * d2 + C3 * d3;
		result[48 + i] = C6 * (s0 - s3) - C2 * (s1 - s2);
		result[56 + i] = C7 * d0 - C5 * d1 + C3 * d2 - C1 * d3;
	}
	for (int row = 0; row < 8; row++)
		for (int column = 0; column < 8; column++)
			out[column * 8 + row] = result[row * 8 + column];
}

static void transform_pass_back(const float *restrict in, float *restrict out)
{
	float result[64];

	for (int i = 0; i < 8; i++) {
		float sum = C4 * (in[i] + in[32 + i]), difference = C4 * (in[i] - in[32 + i]);
		float wide = C2 * in[16 + i] + C6 * in[48 + i];
		float narrow = C6 * in[16 + i] - C2 * in[48 + i];
		float x1 = in[8 + i], x3 = in[24 + i], x5 = in[40 + i], x7 = in[56 + i];
		float o0 = C1 * x1 + C3 * x3 + C5 * x5 + C7 * x7;
		float o1 = C3 * x1 - C7 * x3 - C1 * x5 - C5 * x7;
		float o2 = C5 * x1 - C1 * x3 + C7 * x5 + C3 * x7;
		float o3 = C7 * x1 - C5 * x3 + C3 * x5 - C1 * x7;

		result[i] = sum + wide + o0;
		result[56 + i] = sum + wide - o0;
		result[8 + i] = difference + narrow + o1;
		result[48 + i] = difference + narrow - o1;
		result[16 + i] = difference - narrow + o2;
		result[40 + i] = difference - narrow - o2;
		result[24 + i] = sum - wide + o3;
		result[32 + i] = sum - wide - o3;
	}
	for (int row = 0; row < 8; row++)
		for (int column = 0; column < 8; column++)
			out[column * 8 + row] = result[row * 8 + column];
}

static int transform_clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

void transform_forward(const uint8_t *samples, int stride, const struct transform_steps *steps,
		int16_t zigzag[64])
{
	float block[64], half[64];
	int quantised[64];

	for (int row = 0; row < 8; row++)
		for (int column = 0; column < 8; column++)
			block[row * 8 + column] = (float)samples[row * stride + column] - 128.0f;
	transform_pass(block, half);
	transform_pass(half, block);
	for (int i = 0; i < 64; i++)
		quantised[i] = (int)(block[i] * steps->scale[i] + (TRANSFORM_BIAS + 0.5f)) -
			       TRANSFORM_BIAS;
	/* Baseline's 11 bits hold +-1023 (T.81 table F.2); only rounding can get a coefficient past
	 * them. */
	for (int i = 0; i < 64; i++)
		zigzag[i] = transform_clamp(quantised[ajpg_zigzag[i]], i ? -1023 : -1024, 1023);
}

void transform_forward_flat(int sample, const struct transform_steps *steps, int16_t zigzag[64])
{
	memset(zigzag, 0, 64 * sizeof(zigzag[0]));
	zigzag[0] = (int)((float)(sample - 128) * 8.0f * steps->scale[0] +
				    (TRANSFORM_BIAS + 0.5f)) -
		    TRANSFORM_BIAS;
}

void transform_inverse(
		const int16_t zigzag[64], const struct transform_steps *steps, uint8_t samples[64])
{
	float block[64], half[64];

	for (int i = 0; i < 64; i++)
		block[ajpg_zigzag[i]] = (float)zigzag[i] * steps->step[ajpg_zigzag[i]];
	transform_pass_back(block, half);
	transform_pass_back(half, block);
	for (int i = 0; i < 64; i++)
		samples[i] = transform_clamp(
				(int)(block[i] + (TRANSFORM_BIAS + 128.5f)) - TRANSFORM_BIAS, 0,
				255);
}
