/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include "decoder/kernels_x86.h"

X86_PASS(avx2_narrow, __m128i, _mm)
X86_PASS(avx2_pass, __m256i, _mm256)
X86_CHROMA(avx2_chroma, __m256i, _mm256)

static inline void avx2_samples(const __m256i y[8], uint8_t *samples, int stride)
{
	const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);

	for (int i = 0; i < 8; i += 4, samples += 4 * stride) {
		__m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(y[i], y[i + 1]),
				_mm256_packs_epi32(y[i + 2], y[i + 3]));
		__m128i rows[2];

		bytes = _mm256_xor_si256(bytes, _mm256_set1_epi8(-128));
		bytes = _mm256_permutevar8x32_epi32(bytes, order);
		rows[0] = _mm256_castsi256_si128(bytes);
		rows[1] = _mm256_extracti128_si256(bytes, 1);
		for (int j = 0; j < 2; j++) {
			_mm_storel_epi64((__m128i *)(samples + 2 * j * stride), rows[j]);
			_mm_storel_epi64((__m128i *)(samples + (2 * j + 1) * stride),
					_mm_unpackhi_epi64(rows[j], rows[j]));
		}
	}
}

/* Only the 4x4 lowest frequencies: half a vector of each of two pairs of columns. */
static inline bool avx2_quarter(int16_t *values, const int16_t *steps, uint8_t *samples, int stride)
{
	__m128i pairs[4], y[8], packed[4], sums = _mm_setzero_si128();
	__m256i turned[4], z[8];

	for (int i = 0; i < 2; i++) {
		__m128i value = _mm_loadu_si128((const __m128i *)(values + i * 16));
		__m128i step = _mm_loadu_si128((const __m128i *)(steps + i * 16));

		sums = _mm_add_epi32(sums, _mm_madd_epi16(x86_absolute(value), step));
		pairs[i] = _mm_mullo_epi16(value, step);
	}
	if (x86_sum(sums) > KERNELS_ROOM)
		return false;
	for (int i = 0; i < 2; i++)
		_mm_storeu_si128((__m128i *)(values + i * 16), _mm_setzero_si128());
	pairs[2] = pairs[3] = _mm_setzero_si128();
	avx2_narrow(true, pairs, IDCT_PASS1_SHIFT, y);
	for (int i = 0; i < 4; i++)
		packed[i] = _mm_packs_epi32(y[2 * i], y[2 * i + 1]);
	turned[0] = _mm256_set_m128i(
			x86_even(packed[2], packed[3]), x86_even(packed[0], packed[1]));
	turned[1] = _mm256_set_m128i(x86_odd(packed[2], packed[3]), x86_odd(packed[0], packed[1]));
	turned[2] = turned[3] = _mm256_setzero_si256();
	avx2_pass(true, turned, IDCT_PASS2_SHIFT, z);
	avx2_samples(z, samples, stride);
	return true;
}

static inline void avx2_turn(const __m256i y[8], __m256i turned[4])
{
	__m256 packed[4];

	for (int i = 0; i < 4; i++)
		packed[i] = _mm256_castsi256_ps(_mm256_packs_epi32(y[2 * i], y[2 * i + 1]));
	for (int i = 0; i < 2; i++) {
		__m256 left = i ? _mm256_shuffle_ps(packed[0], packed[1], 0xdd)
				: _mm256_shuffle_ps(packed[0], packed[1], 0x88);
		__m256 right = i ? _mm256_shuffle_ps(packed[2], packed[3], 0xdd)
				 : _mm256_shuffle_ps(packed[2], packed[3], 0x88);

		turned[i] = _mm256_castps_si256(_mm256_permute2f128_ps(left, right, 0x20));
		turned[i + 2] = _mm256_castps_si256(_mm256_permute2f128_ps(left, right, 0x31));
	}
}

static inline bool avx2_whole(int16_t *values, const int16_t *steps, uint8_t *samples, int stride)
{
	__m256i pairs[4], turned[4], y[8], sums = _mm256_setzero_si256();

	for (int i = 0; i < 4; i++) {
		__m256i value = _mm256_loadu_si256((const __m256i *)(values + i * 16));
		__m256i step = _mm256_loadu_si256((const __m256i *)(steps + i * 16));
		__m256i absolute = _mm256_max_epi16(
				value, _mm256_subs_epi16(_mm256_setzero_si256(), value));

		sums = _mm256_add_epi32(sums, _mm256_madd_epi16(absolute, step));
		pairs[i] = _mm256_mullo_epi16(value, step);
	}
	if (x86_sum(_mm_add_epi32(_mm256_castsi256_si128(sums),
			    _mm256_extracti128_si256(sums, 1))) > KERNELS_ROOM)
		return false;
	for (int i = 0; i < 4; i++)
		_mm256_storeu_si256((__m256i *)(values + i * 16), _mm256_setzero_si256());
	avx2_pass(false, pairs, IDCT_PASS1_SHIFT, y);
	avx2_turn(y, turned);
	avx2_pass(false, turned, IDCT_PASS2_SHIFT, y);
	avx2_samples(y, samples, stride);
	return true;
}

bool kernels_avx2_transform(
		int16_t values[64], const int16_t steps[64], int last, uint8_t *samples, int stride)
{
	if (last < KERNELS_QUARTER)
		return avx2_quarter(values, steps, samples, stride);
	return avx2_whole(values, steps, samples, stride);
}

static inline bool avx2_show(__m256i first, __m256i second, uint32_t *at, uint32_t *after)
{
	__m256i *a = (__m256i *)(void *)at, *b = (__m256i *)(void *)after;
	__m256i differ = _mm256_or_si256(_mm256_xor_si256(first, _mm256_loadu_si256(a)),
			_mm256_xor_si256(second, _mm256_loadu_si256(b)));

	if (_mm256_testz_si256(differ, differ))
		return false;
	_mm256_storeu_si256(a, first);
	_mm256_storeu_si256(b, second);
	return true;
}

/* Sixteen pixels, eight at either place. */
static inline bool avx2_colour(__m256i luma, __m256i red, __m256i green, __m256i blue, uint32_t *at,
		uint32_t *after)
{
	__m256i both = _mm256_packus_epi16(
			_mm256_add_epi16(luma, blue), _mm256_add_epi16(luma, red));
	__m256i one = _mm256_packus_epi16(_mm256_add_epi16(luma, green), _mm256_setzero_si256());
	__m256i lower = _mm256_unpacklo_epi8(both, one), upper = _mm256_unpackhi_epi8(both, one);
	__m256i low = _mm256_unpacklo_epi16(lower, upper);
	__m256i high = _mm256_unpackhi_epi16(lower, upper);

	return avx2_show(_mm256_permute2x128_si256(low, high, 0x20),
			_mm256_permute2x128_si256(low, high, 0x31), at, after);
}

bool kernels_avx2_fill(uint32_t colour, uint32_t *pixels, int stride)
{
	const __m256i fresh = _mm256_set1_epi32((int)colour);
	__m256i same = _mm256_set1_epi8(-1);

	for (int y = 0; y < 8; y++) {
		const __m256i *row = (const __m256i *)(void *)(pixels + (ptrdiff_t)y * stride);

		same = _mm256_and_si256(same, _mm256_cmpeq_epi32(fresh, _mm256_loadu_si256(row)));
	}
	if (_mm256_movemask_epi8(same) == -1)
		return false;
	for (int y = 0; y < 8; y++)
		_mm256_storeu_si256((__m256i *)(void *)(pixels + (ptrdiff_t)y * stride), fresh);
	return true;
}

static inline __m256i avx2_widen(const uint8_t *bytes)
{
	return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}

bool kernels_avx2_colour_444(const struct kernels_samples *samples, uint32_t *pixels, int stride)
{
	const __m256i middle = _mm256_set1_epi16(128);
	bool changed = false;

	for (int row = 0; row < 8; row += 2, pixels += 2 * (ptrdiff_t)stride) {
		const uint8_t *luma = samples->luma + row * 16;
		__m128i a = _mm_loadl_epi64((const __m128i *)(const void *)luma);
		__m128i b = _mm_loadl_epi64((const __m128i *)(const void *)(luma + 16));
		__m256i red, green, blue;

		avx2_chroma(_mm256_sub_epi16(avx2_widen(samples->cb + row * 8), middle),
				_mm256_sub_epi16(avx2_widen(samples->cr + row * 8), middle), &red,
				&green, &blue);
		changed |= avx2_colour(_mm256_cvtepu8_epi16(_mm_unpacklo_epi64(a, b)), red, green,
				blue, pixels, pixels + stride);
	}
	return changed;
}

/* Eight samples, each twice, less 128. */
static inline __m256i avx2_double(const uint8_t *bytes)
{
	__m128i chroma = _mm_loadl_epi64((const __m128i *)(const void *)bytes);

	return _mm256_sub_epi16(_mm256_cvtepu8_epi16(_mm_unpacklo_epi8(chroma, chroma)),
			_mm256_set1_epi16(128));
}

bool kernels_avx2_colour_420(const struct kernels_samples *samples, uint32_t *pixels, int stride)
{
	bool changed = false;

	for (int pair = 0; pair < 8; pair++) {
		__m256i red, green, blue;

		avx2_chroma(avx2_double(samples->cb + pair * 8),
				avx2_double(samples->cr + pair * 8), &red, &green, &blue);
		for (int row = pair * 2; row < pair * 2 + 2; row++, pixels += stride)
			changed |= avx2_colour(avx2_widen(samples->luma + row * 16), red, green,
					blue, pixels, pixels + 8);
	}
	return changed;
}
