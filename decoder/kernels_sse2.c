/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include "decoder/kernels_x86.h"

X86_PASS(sse2_pass, __m128i, _mm)
X86_CHROMA(sse2_chroma, __m128i, _mm)

/* The lower or upper halves (side 0 or 1) of the four pairs of columns, dequantised. */
static inline void sse2_load(const int16_t *values, const int16_t *steps, int side, int count,
		__m128i pairs[4], __m128i *sums)
{
	for (int i = 0; i < 4; i++) {
		__m128i value, step;

		if (i >= count) {
			pairs[i] = _mm_setzero_si128();
			continue;
		}
		value = _mm_loadu_si128((const __m128i *)(values + i * 16 + side * 8));
		step = _mm_loadu_si128((const __m128i *)(steps + i * 16 + side * 8));
		*sums = _mm_add_epi32(*sums, _mm_madd_epi16(x86_absolute(value), step));
		pairs[i] = _mm_mullo_epi16(value, step);
	}
}

static inline void sse2_clear(int16_t *values, int side, int count)
{
	for (int i = 0; i < count; i++)
		_mm_storeu_si128((__m128i *)(values + i * 16 + side * 8), _mm_setzero_si128());
}

/* Eight lines of four frequencies to pairs of frequencies of eight lines, four and four. */
static inline void sse2_turn(const __m128i y[8], __m128i left[2], __m128i right[2])
{
	__m128i a = _mm_packs_epi32(y[0], y[1]), b = _mm_packs_epi32(y[2], y[3]);
	__m128i c = _mm_packs_epi32(y[4], y[5]), d = _mm_packs_epi32(y[6], y[7]);

	left[0] = x86_even(a, b);
	left[1] = x86_odd(a, b);
	right[0] = x86_even(c, d);
	right[1] = x86_odd(c, d);
}

static inline void sse2_samples(
		const __m128i left[8], const __m128i right[8], uint8_t *samples, int stride)
{
	for (int i = 0; i < 8; i += 2) {
		__m128i bytes = _mm_packs_epi16(_mm_packs_epi32(left[i], right[i]),
				_mm_packs_epi32(left[i + 1], right[i + 1]));

		bytes = _mm_xor_si128(bytes, _mm_set1_epi8(-128));
		_mm_storel_epi64((__m128i *)(samples + i * stride), bytes);
		_mm_storel_epi64((__m128i *)(samples + (i + 1) * stride),
				_mm_unpackhi_epi64(bytes, bytes));
	}
}

static inline bool sse2_transform(
		bool sparse, int16_t *values, const int16_t *steps, uint8_t *samples, int stride)
{
	int count = sparse ? 2 : 4;
	__m128i low[4], high[4], left[4], right[4], y[8], z[8], sums = _mm_setzero_si128();

	sse2_load(values, steps, 0, count, low, &sums);
	if (!sparse)
		sse2_load(values, steps, 1, count, high, &sums);
	if (x86_sum(sums) > KERNELS_ROOM)
		return false;
	sse2_clear(values, 0, count);
	sse2_pass(sparse, low, IDCT_PASS1_SHIFT, y);
	sse2_turn(y, left, right);
	if (!sparse) {
		sse2_clear(values, 1, count);
		sse2_pass(false, high, IDCT_PASS1_SHIFT, y);
		sse2_turn(y, left + 2, right + 2);
	}
	sse2_pass(sparse, left, IDCT_PASS2_SHIFT, y);
	sse2_pass(sparse, right, IDCT_PASS2_SHIFT, z);
	sse2_samples(y, z, samples, stride);
	return true;
}

bool kernels_sse2_transform(
		int16_t values[64], const int16_t steps[64], int last, uint8_t *samples, int stride)
{
	if (last < KERNELS_QUARTER)
		return sse2_transform(true, values, steps, samples, stride);
	return sse2_transform(false, values, steps, samples, stride);
}

static inline bool sse2_show(__m128i low, __m128i high, uint32_t *pixels)
{
	__m128i *at = (__m128i *)(void *)pixels;
	__m128i same = _mm_and_si128(_mm_cmpeq_epi32(low, _mm_loadu_si128(at)),
			_mm_cmpeq_epi32(high, _mm_loadu_si128(at + 1)));

	if (_mm_movemask_epi8(same) == 0xffff)
		return false;
	_mm_storeu_si128(at, low);
	_mm_storeu_si128(at + 1, high);
	return true;
}

/* Eight pixels. */
static inline bool sse2_colour(
		__m128i luma, __m128i red, __m128i green, __m128i blue, uint32_t *pixels)
{
	__m128i both = _mm_packus_epi16(_mm_add_epi16(luma, blue), _mm_add_epi16(luma, red));
	__m128i one = _mm_packus_epi16(_mm_add_epi16(luma, green), _mm_setzero_si128());
	__m128i lower = _mm_unpacklo_epi8(both, one), upper = _mm_unpackhi_epi8(both, one);

	return sse2_show(
			_mm_unpacklo_epi16(lower, upper), _mm_unpackhi_epi16(lower, upper), pixels);
}

bool kernels_sse2_fill(uint32_t colour, uint32_t *pixels, int stride)
{
	const __m128i fresh = _mm_set1_epi32((int)colour);
	__m128i same = _mm_set1_epi8(-1);

	for (int y = 0; y < 8; y++) {
		const __m128i *row = (const __m128i *)(void *)(pixels + (ptrdiff_t)y * stride);

		same = _mm_and_si128(same, _mm_cmpeq_epi32(fresh, _mm_loadu_si128(row)));
		same = _mm_and_si128(same, _mm_cmpeq_epi32(fresh, _mm_loadu_si128(row + 1)));
	}
	if (_mm_movemask_epi8(same) == 0xffff)
		return false;
	for (int y = 0; y < 8; y++) {
		__m128i *row = (__m128i *)(void *)(pixels + (ptrdiff_t)y * stride);

		_mm_storeu_si128(row, fresh);
		_mm_storeu_si128(row + 1, fresh);
	}
	return true;
}

static inline __m128i sse2_widen(const uint8_t *bytes)
{
	return _mm_unpacklo_epi8(
			_mm_loadl_epi64((const __m128i *)(const void *)bytes), _mm_setzero_si128());
}

bool kernels_sse2_colour_444(const struct kernels_samples *samples, uint32_t *pixels, int stride)
{
	const __m128i middle = _mm_set1_epi16(128);
	bool changed = false;

	for (int row = 0; row < 8; row++, pixels += stride) {
		__m128i red, green, blue;

		sse2_chroma(_mm_sub_epi16(sse2_widen(samples->cb + row * 8), middle),
				_mm_sub_epi16(sse2_widen(samples->cr + row * 8), middle), &red,
				&green, &blue);
		changed |= sse2_colour(
				sse2_widen(samples->luma + row * 16), red, green, blue, pixels);
	}
	return changed;
}

bool kernels_sse2_colour_420(const struct kernels_samples *samples, uint32_t *pixels, int stride)
{
	const __m128i middle = _mm_set1_epi16(128);
	bool changed = false;

	for (int pair = 0; pair < 8; pair++) {
		__m128i red, green, blue;

		sse2_chroma(_mm_sub_epi16(sse2_widen(samples->cb + pair * 8), middle),
				_mm_sub_epi16(sse2_widen(samples->cr + pair * 8), middle), &red,
				&green, &blue);
		for (int row = pair * 2; row < pair * 2 + 2; row++, pixels += stride) {
			changed |= sse2_colour(sse2_widen(samples->luma + row * 16),
					_mm_unpacklo_epi16(red, red),
					_mm_unpacklo_epi16(green, green),
					_mm_unpacklo_epi16(blue, blue), pixels);
			changed |= sse2_colour(sse2_widen(samples->luma + row * 16 + 8),
					_mm_unpackhi_epi16(red, red),
					_mm_unpackhi_epi16(green, green),
					_mm_unpackhi_epi16(blue, blue), pixels + 8);
		}
	}
	return changed;
}
