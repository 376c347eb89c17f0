/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What SSE2 and AVX2 have in common, for vectors of either width. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3") /* loops over registers are to go */
#endif
#include <immintrin.h>
#include <stddef.h>
#include "decoder/idct.h"
#include "decoder/idct_pairs.h"
#include "decoder/kernels_by_hand.h"

#define X86_PAIR_(low, high) ((int)((uint32_t)(uint16_t)(high) << 16 | (uint16_t)(low)))
#define X86_PAIR(...)        X86_PAIR_(__VA_ARGS__)

/*
 * One pass over pairs of terms of 16 bits to eight outputs of 32. sparse (a constant): terms 4..7
 * are zero.
 */
#define X86_PASS(name, type, prefix)                                                             \
	static inline type name##_sum(                                                           \
			bool sparse, type low, type high, int low_pair, int high_pair)           \
	{                                                                                        \
		type sum = prefix##_madd_epi16(low, prefix##_set1_epi32(low_pair));              \
                                                                                                 \
		if (sparse)                                                                      \
			return sum;                                                              \
		return prefix##_add_epi32(                                                       \
				sum, prefix##_madd_epi16(high, prefix##_set1_epi32(high_pair))); \
	}                                                                                        \
                                                                                                 \
	static inline void name(bool sparse, const type pairs[4], int shift, type y[8])          \
	{                                                                                        \
		static const int even[4][2] = {{X86_PAIR(IDCT_SUM0), X86_PAIR(IDCT_HIGH0)},      \
				{X86_PAIR(IDCT_SUM1), X86_PAIR(IDCT_HIGH1)},                     \
				{X86_PAIR(IDCT_SUM2), X86_PAIR(IDCT_HIGH2)},                     \
				{X86_PAIR(IDCT_SUM3), X86_PAIR(IDCT_HIGH3)}};                    \
		static const int odd[4][2] = {{X86_PAIR(IDCT_ODD0), X86_PAIR(IDCT_TOP0)},        \
				{X86_PAIR(IDCT_ODD1), X86_PAIR(IDCT_TOP1)},                      \
				{X86_PAIR(IDCT_ODD2), X86_PAIR(IDCT_TOP2)},                      \
				{X86_PAIR(IDCT_ODD3), X86_PAIR(IDCT_TOP3)}};                     \
		type half = prefix##_set1_epi32(1 << (shift - 1));                               \
                                                                                                 \
		for (int i = 0; i < 4; i++) {                                                    \
			type a = prefix##_add_epi32(                                             \
					half, name##_sum(sparse, pairs[0], pairs[2], even[i][0], \
							      even[i][1]));                      \
			type b = name##_sum(sparse, pairs[1], pairs[3], odd[i][0], odd[i][1]);   \
                                                                                                 \
			y[i] = prefix##_srai_epi32(prefix##_add_epi32(a, b), shift);             \
			y[7 - i] = prefix##_srai_epi32(prefix##_sub_epi32(a, b), shift);         \
		}                                                                                \
	}

/*
 * What chroma adds to luma in full swing, for samples less 128 in 16 bits, rounded by itself:
 * factors over 65536, of which whole ones are taken out to leave 16 bits. A product with twice the
 * sample, cut to its upper half, plus one and halved, is rounded as it should be.
 */
#define X86_CHROMA(name, type, prefix)                                                     \
	static inline void name(type cb, type cr, type *red, type *green, type *blue)      \
	{                                                                                  \
		type one = prefix##_set1_epi16(1), half = prefix##_set1_epi32(32768);      \
		type factors = prefix##_set1_epi32(X86_PAIR_(-22553, 65536 - 46802));      \
		type b = prefix##_add_epi16(cb, cb), r = prefix##_add_epi16(cr, cr);       \
		type low = prefix##_madd_epi16(prefix##_unpacklo_epi16(cb, cr), factors);  \
		type high = prefix##_madd_epi16(prefix##_unpackhi_epi16(cb, cr), factors); \
                                                                                           \
		*red = prefix##_mulhi_epi16(r, prefix##_set1_epi16(91881 - 65536));        \
		*red = prefix##_srai_epi16(prefix##_add_epi16(*red, one), 1);              \
		*red = prefix##_add_epi16(*red, cr);                                       \
		*blue = prefix##_mulhi_epi16(b, prefix##_set1_epi16(116130 - 131072));     \
		*blue = prefix##_srai_epi16(prefix##_add_epi16(*blue, one), 1);            \
		*blue = prefix##_add_epi16(*blue, b);                                      \
		low = prefix##_srai_epi32(prefix##_add_epi32(low, half), 16);              \
		high = prefix##_srai_epi32(prefix##_add_epi32(high, half), 16);            \
		*green = prefix##_sub_epi16(prefix##_packs_epi32(low, high), cr);          \
	}

/* Sum of four, which is the magnitude of a block. */
static inline int x86_sum(__m128i sums)
{
	sums = _mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0x4e));
	sums = _mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0xb1));
	return _mm_cvtsi128_si32(sums);
}

/* What saturates stays positive. */
static inline __m128i x86_absolute(__m128i x)
{
	return _mm_max_epi16(x, _mm_subs_epi16(_mm_setzero_si128(), x));
}

/* Dwords 0 and 2 of both, or 1 and 3. */
static inline __m128i x86_even(__m128i a, __m128i b)
{
	return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), 0x88));
}

static inline __m128i x86_odd(__m128i a, __m128i b)
{
	return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), 0xdd));
}
