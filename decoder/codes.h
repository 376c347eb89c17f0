/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Blocks of baseline JPEG (ITU-T T.81 F.2.2, the tables of annex K.3) found in a string of bits
 * without a look at their values: where the AC codes of a block end is all that a copy of them
 * needs. One look-up therefore steps over as many codes with their values as it can see.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "decoder/entropy.h"

/* Bits that a look-up sees; longer codes begin with nine ones, and have a table of their own. */
#define CODES_BITS      12
#define CODES_LONG      (1 << 7)
#define CODES_DC_BITS   11
#define CODES_BITS_MOST 26 /* a code of 16 bits and 10 of its value */

/*
 * An entry: bits to take in all (5), coefficients to go on by (6), end of block (1); of single
 * codes also how many of the bits are the value (4). 0: no such code.
 */
#define CODES_TAKE(entry) ((entry)&31)
#define CODES_RUN(entry)  ((entry) >> 5 & 63)
#define CODES_END         (1u << 11)
#define CODES_SIZE(entry) ((entry) >> 12)

struct codes_table {
	uint16_t several[1 << CODES_BITS]; /* as many codes as are whole; or one that goes on */
	uint16_t single[1 << CODES_BITS];
	uint16_t longer[CODES_LONG]; /* by the last seven of 16 bits */
	uint16_t dc[1 << CODES_DC_BITS];
	/* And back: the codes of DC categories. */
	uint16_t dc_code[12];
	uint8_t dc_length[12];
	uint8_t end_length; /* bits of the end of block: a block with no more than it is flat */
};

struct codes {
	struct codes_table luma, chroma;
};

void codes_init(struct codes *codes);

/* 57 bits or more from a position; seven bytes behind them are looked at. */
static inline uint64_t codes_bits(const uint8_t *bytes, size_t position)
{
	uint64_t bits;

	memcpy(&bits, bytes + (position >> 3), sizeof(bits));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	bits = __builtin_bswap64(bits);
#endif
	return bits << (position & 7);
}

/* All 64 of them; eight bytes behind are looked at. */
static inline uint64_t codes_word(const uint8_t *bytes, size_t position)
{
	return codes_bits(bytes, position) | bytes[(position >> 3) + 8] >> (8 - (position & 7));
}

static inline uint32_t codes_single(const struct codes_table *table, uint64_t bits)
{
	uint32_t entry = table->single[bits >> (64 - CODES_BITS)];

	return entry ? entry : table->longer[bits >> 48 & (CODES_LONG - 1)];
}

/* The last codes of a block that goes on to coefficient 63, one by one. */
enum entropy_status codes_rest(
		const struct codes_table *table, const uint8_t *bytes, size_t *position, int k);

/*
 * Steps over a block; *position is moved behind it, on a bad code to it. *difference: of the DC;
 * *string: where the AC codes begin.
 */
static inline enum entropy_status codes_block(const struct codes_table *table, const uint8_t *bytes,
		size_t *position, int32_t *difference, size_t *string)
{
	size_t at = *position;
	uint64_t bits = codes_bits(bytes, at), rest, negative;
	uint32_t entry = table->dc[bits >> (64 - CODES_DC_BITS)], size = CODES_SIZE(entry);
	int left, k = 0;

	if (__builtin_expect(!entry, 0))
		return ENTROPY_BAD_CODE;
	/* Size 0 adds nothing: no branch. */
	rest = bits << (CODES_TAKE(entry) - size);
	negative = (rest >> 63) - 1;
	*difference = (int32_t)(rest >> 1 >> (63 - size)) -
		      (int32_t)(negative & ((1u << size) - 1));
	at += CODES_TAKE(entry);
	*string = at;
	bits <<= CODES_TAKE(entry);
	left = 57 - CODES_TAKE(entry);
	for (;;) {
		entry = table->several[bits >> (64 - CODES_BITS)];
		if (__builtin_expect(!entry, 0)) {
			entry = table->longer[bits >> 48 & (CODES_LONG - 1)];
			if (!entry) {
				*position = at;
				return ENTROPY_BAD_CODE;
			}
		}
		if (__builtin_expect(k + CODES_RUN(entry) >= 63, 0)) {
			*position = at;
			return codes_rest(table, bytes, position, k);
		}
		at += CODES_TAKE(entry);
		if (entry & CODES_END)
			break;
		k += CODES_RUN(entry);
		bits <<= CODES_TAKE(entry);
		left -= CODES_TAKE(entry);
		if (left < CODES_BITS_MOST) {
			bits = codes_bits(bytes, at);
			left = 57;
		}
	}
	*position = at;
	return ENTROPY_OK;
}
