/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ARMv7 and AArch64 alike, little-endian (configure sees to that). */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3") /* loops over registers are to go */
#endif
#include <arm_neon.h>
#include <stddef.h>
#include "decoder/idct.h"
#include "decoder/idct_pairs.h"
#include "decoder/kernels_by_hand.h"

/*
 * Terms of four lines, in the order of kernels_places: 0 2 1 3 4 6 5 7. The sums of idct_pairs.h,
 * multiplied out where they differ.
 */
static inline int32x4_t neon_pair(int16x4_t a, int16x4_t b, int16_t first, int16_t second)
{
	return vmlal_n_s16(vmull_n_s16(a, first), b, second);
}

static inline int32x4_t neon_sum(bool sparse, const int16x4_t terms[8], int offset, int16_t first,
		int16_t second, int16_t third, int16_t fourth)
{
	int32x4_t sum = neon_pair(terms[offset], terms[offset + 1], first, second);

	if (sparse)
		return sum;
	sum = vmlal_n_s16(sum, terms[offset + 4], third);
	return vmlal_n_s16(sum, terms[offset + 5], fourth);
}

#define NEON_SUM_(sparse, terms, offset, a, b, c, d) neon_sum(sparse, terms, offset, a, b, c, d)
#define NEON_SUM(sparse, terms, offset, low, high)   NEON_SUM_(sparse, terms, offset, low, high)

static inline void neon_pass(bool sparse, const int16x4_t terms[8], int32x4_t y[8])
{
	const int32x4_t a[4] = {NEON_SUM(sparse, terms, 0, IDCT_SUM0, IDCT_HIGH0),
			NEON_SUM(sparse, terms, 0, IDCT_SUM1, IDCT_HIGH1),
			NEON_SUM(sparse, terms, 0, IDCT_SUM2, IDCT_HIGH2),
			NEON_SUM(sparse, terms, 0, IDCT_SUM3, IDCT_HIGH3)};
	const int32x4_t b[4] = {NEON_SUM(sparse, terms, 2, IDCT_ODD0, IDCT_TOP0),
			NEON_SUM(sparse, terms, 2, IDCT_ODD1, IDCT_TOP1),
			NEON_SUM(sparse, terms, 2, IDCT_ODD2, IDCT_TOP2),
			NEON_SUM(sparse, terms, 2, IDCT_ODD3, IDCT_TOP3)};

	for (int i = 0; i < 4; i++) {
		y[i] = vaddq_s32(a[i], b[i]);
		y[7 - i] = vsubq_s32(a[i], b[i]);
	}
}

/* Four frequencies of eight lines: lines side by side, four and four. */
static inline void neon_turn(const int32x4_t y[8], int16x4_t left[4], int16x4_t right[4])
{
	for (int side = 0; side < 2; side++) {
		int16x4_t *out = side ? right : left, line[4];
		int16x4x2_t a, b;
		int32x2x2_t even, odd;

		for (int i = 0; i < 4; i++)
			line[i] = vrshrn_n_s32(y[side * 4 + i], IDCT_PASS1_SHIFT);
		a = vtrn_s16(line[0], line[1]);
		b = vtrn_s16(line[2], line[3]);
		even = vtrn_s32(vreinterpret_s32_s16(a.val[0]), vreinterpret_s32_s16(b.val[0]));
		odd = vtrn_s32(vreinterpret_s32_s16(a.val[1]), vreinterpret_s32_s16(b.val[1]));
		out[0] = vreinterpret_s16_s32(even.val[0]);
		out[1] = vreinterpret_s16_s32(odd.val[0]);
		out[2] = vreinterpret_s16_s32(even.val[1]);
		out[3] = vreinterpret_s16_s32(odd.val[1]);
	}
}

/* Takes the lower or upper halves (side 0 or 1) of count columns in, dequantised. */
static inline void neon_load(const int16_t *values, const int16_t *steps, int side, int count,
		int16x4_t terms[8], int32x4_t *sum)
{
	for (int i = 0; i < count; i += 2) {
		int16x4x2_t value = vld2_s16(values + i * 8 + side * 8);
		int16x4x2_t step = vld2_s16(steps + i * 8 + side * 8);

		for (int j = 0; j < 2; j++) {
			*sum = vmlal_s16(*sum, vqabs_s16(value.val[j]), step.val[j]);
			terms[i + j] = vmul_s16(value.val[j], step.val[j]);
		}
	}
}

static inline void neon_clear(int16_t *values, int side, int count)
{
	for (int i = 0; i < count; i += 2)
		vst1q_s16(values + i * 8 + side * 8, vdupq_n_s16(0));
}

static inline bool neon_fits(int32x4_t sums)
{
	int32x2_t sum = vadd_s32(vget_low_s32(sums), vget_high_s32(sums));

	return vget_lane_s32(vpadd_s32(sum, sum), 0) <= KERNELS_ROOM;
}

static inline int16x4_t neon_descale(int32x4_t y)
{
	return vqmovn_s32(vrshrq_n_s32(y, IDCT_PASS2_SHIFT));
}

static inline bool neon_transform(
		bool sparse, int16_t *values, const int16_t *steps, uint8_t *samples, int stride)
{
	int count = sparse ? 4 : 8;
	int16x4_t low[8], high[8], left[8], right[8];
	int32x4_t y[8], z[8], sum = vdupq_n_s32(0);

	neon_load(values, steps, 0, count, low, &sum);
	if (!sparse)
		neon_load(values, steps, 1, count, high, &sum);
	if (!neon_fits(sum))
		return false;
	neon_clear(values, 0, count);
	neon_pass(sparse, low, y);
	neon_turn(y, left, right);
	if (!sparse) {
		neon_clear(values, 1, count);
		neon_pass(false, high, y);
		neon_turn(y, left + 4, right + 4);
	}
	neon_pass(sparse, left, y);
	neon_pass(sparse, right, z);
	for (int i = 0; i < 8; i++, samples += stride) {
		int8x8_t row = vqmovn_s16(vcombine_s16(neon_descale(y[i]), neon_descale(z[i])));

		vst1_u8(samples, veor_u8(vreinterpret_u8_s8(row), vdup_n_u8(128)));
	}
	return true;
}

bool kernels_neon_transform(
		int16_t values[64], const int16_t steps[64], int last, uint8_t *samples, int stride)
{
	if (last < KERNELS_QUARTER)
		return neon_transform(true, values, steps, samples, stride);
	return neon_transform(false, values, steps, samples, stride);
}

bool kernels_neon_fill(uint32_t colour, uint32_t *pixels, int stride)
{
	const uint32x4_t fresh = vdupq_n_u32(colour);
	uint32x4_t differ = vdupq_n_u32(0);
	uint32x2_t half;

	for (int y = 0; y < 8; y++) {
		const uint32_t *row = pixels + (ptrdiff_t)y * stride;

		differ = vorrq_u32(differ, veorq_u32(fresh, vld1q_u32(row)));
		differ = vorrq_u32(differ, veorq_u32(fresh, vld1q_u32(row + 4)));
	}
	half = vorr_u32(vget_low_u32(differ), vget_high_u32(differ));
	if (!vget_lane_u64(vreinterpret_u64_u32(half), 0))
		return false;
	for (int y = 0; y < 8; y++) {
		vst1q_u32(pixels + (ptrdiff_t)y * stride, fresh);
		vst1q_u32(pixels + (ptrdiff_t)y * stride + 4, fresh);
	}
	return true;
}

struct neon_parts {
	int16x8_t red, green, blue;
};

/* x * factor / 65536, rounded. */
static inline int16x8_t neon_scale(int16x8_t x, int16_t factor)
{
	return vcombine_s16(vrshrn_n_s32(vmull_n_s16(vget_low_s16(x), factor), 16),
			vrshrn_n_s32(vmull_n_s16(vget_high_s16(x), factor), 16));
}

/* What chroma adds to luma in full swing (colour.h); of factors that take 17 bits whole steps go.
 */
static inline struct neon_parts neon_chroma(const uint8_t *cb, const uint8_t *cr)
{
	const uint8x8_t middle = vdup_n_u8(128);
	int16x8_t b = vreinterpretq_s16_u16(vsubl_u8(vld1_u8(cb), middle));
	int16x8_t r = vreinterpretq_s16_u16(vsubl_u8(vld1_u8(cr), middle));
	int32x4_t low = neon_pair(vget_low_s16(b), vget_low_s16(r), -22553, 65536 - 46802);
	int32x4_t high = neon_pair(vget_high_s16(b), vget_high_s16(r), -22553, 65536 - 46802);
	int16x8_t green = vcombine_s16(vrshrn_n_s32(low, 16), vrshrn_n_s32(high, 16));

	return (struct neon_parts){
			.red = vaddq_s16(neon_scale(r, 91881 - 65536), r),
			.green = vsubq_s16(green, r),
			.blue = vaddq_s16(neon_scale(b, 116130 - 131072), vaddq_s16(b, b)),
	};
}

static inline uint8x8_t neon_add(uint8x8_t luma, int16x8_t part)
{
	return vqmovun_s16(vaddq_s16(vreinterpretq_s16_u16(vmovl_u8(luma)), part));
}

static inline uint8x8x4_t neon_pixels(uint8x8_t luma, const struct neon_parts *parts)
{
	return (uint8x8x4_t){{neon_add(luma, parts->blue), neon_add(luma, parts->green),
			neon_add(luma, parts->red), vdup_n_u8(0)}};
}

/* Two runs of eight pixels: one look at vectors from outside, which is slow, serves both. */
static inline bool neon_show(uint8x8x4_t first, uint8x8x4_t second, uint32_t *at, uint32_t *after)
{
	uint8_t *a = (uint8_t *)at, *b = (uint8_t *)after;
	uint8x8x4_t was_first = vld4_u8(a), was_second = vld4_u8(b);
	uint8x8_t differ = vdup_n_u8(0);

	for (int i = 0; i < 4; i++) {
		differ = vorr_u8(differ, veor_u8(first.val[i], was_first.val[i]));
		differ = vorr_u8(differ, veor_u8(second.val[i], was_second.val[i]));
	}
	if (!vget_lane_u64(vreinterpret_u64_u8(differ), 0))
		return false;
	vst4_u8(a, first);
	vst4_u8(b, second);
	return true;
}

bool kernels_neon_colour_444(const struct kernels_samples *samples, uint32_t *pixels, int stride)
{
	bool changed = false;

	for (int row = 0; row < 8; row += 2, pixels += 2 * (ptrdiff_t)stride) {
		const uint8_t *luma = samples->luma + row * 16;
		const uint8_t *cb = samples->cb + row * 8, *cr = samples->cr + row * 8;
		struct neon_parts upper = neon_chroma(cb, cr), lower = neon_chroma(cb + 8, cr + 8);

		changed |= neon_show(neon_pixels(vld1_u8(luma), &upper),
				neon_pixels(vld1_u8(luma + 16), &lower), pixels, pixels + stride);
	}
	return changed;
}

bool kernels_neon_colour_420(const struct kernels_samples *samples, uint32_t *pixels, int stride)
{
	bool changed = false;

	for (int pair = 0; pair < 8; pair++) {
		struct neon_parts half = neon_chroma(
				samples->cb + pair * 8, samples->cr + pair * 8);
		int16x8x2_t red = vzipq_s16(half.red, half.red);
		int16x8x2_t green = vzipq_s16(half.green, half.green);
		int16x8x2_t blue = vzipq_s16(half.blue, half.blue);
		struct neon_parts left = {red.val[0], green.val[0], blue.val[0]};
		struct neon_parts right = {red.val[1], green.val[1], blue.val[1]};

		for (int row = pair * 2; row < pair * 2 + 2; row++, pixels += stride) {
			const uint8_t *luma = samples->luma + row * 16;

			changed |= neon_show(neon_pixels(vld1_u8(luma), &left),
					neon_pixels(vld1_u8(luma + 8), &right), pixels, pixels + 8);
		}
	}
	return changed;
}
