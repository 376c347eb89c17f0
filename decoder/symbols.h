/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Whole blocks out of the entropy stage, as fast as one look-up after the other goes: the way from
 * one symbol to the next is a shift, a look-up and a shift; all else happens beside it, and one
 * branch tells a plain coefficient from whatever is not. Values stay as they were coded (the
 * quantiser comes in with the transform) and go where the transform wants them.
 */
#include "decoder/entropy.h"
#include "decoder/kernels.h"

/* Codes shorter than this are looked up: nearly all. More, and the four tables leave 32 KiB. */
#define SYMBOLS_BITS 11

/*
 * Of 32 bits: base (14, signed), step of the zigzag position (6), 31 less the bits behind the
 * look-up's own that are added to the base (6), bits to take in all (6). A code without its sign
 * within the look-up counts as too long.
 */
#define SYMBOLS_TAKE(entry)  ((entry)&63)
#define SYMBOLS_SHIFT(entry) ((entry) >> 6 & 31)
#define SYMBOLS_STEP(entry)  ((entry) >> 12 & 63)
#define SYMBOLS_BASE(entry)  ((int32_t)(entry) >> 18)

#define SYMBOLS_ENTRY(base, step, more, take)                                             \
	((uint32_t)(base) << 18 | (uint32_t)(step) << 12 | (31 - (uint32_t)(more)) << 6 | \
			(uint32_t)(take))

#define SYMBOLS_LEAVE 63 /* a step: no plain coefficient; takes nothing: too long, or no code */
#define SYMBOLS_FLAT  1  /* the step of a DC value: the end of the block follows and is taken */

/* AC symbols with more bits are left to the long way: three fit a refill. */
#define SYMBOLS_TAKE_MOST 18

struct symbols_table {
	uint32_t lookup[1 << SYMBOLS_BITS];
	const struct entropy_table *entropy; /* for what is too long */
};

struct symbols_tables {
	struct symbols_table dc, ac;
	uint32_t end;  /* entry of AC's end of block */
	uint32_t same; /* bits of a block that has nothing but its predecessor's DC */
	int same_count;
};

struct symbols {
	struct symbols_tables luma, chroma;
	struct {
		uint64_t bits;
		int count;
	} same[2]; /* a whole macroblock of such blocks: with one block of luma, and with four */
};

/* The entropy tables must outlive it. */
void symbols_build(struct symbols *symbols, const struct entropy_table *dc_luma,
		const struct entropy_table *ac_luma, const struct entropy_table *dc_chroma,
		const struct entropy_table *ac_chroma);

static inline uint32_t symbols_look(const struct symbols_table *table, uint64_t bits)
{
	return table->lookup[bits >> (64 - SYMBOLS_BITS)];
}

static inline int32_t symbols_value(uint32_t entry, uint64_t bits)
{
	uint32_t behind = bits >>
			  (32 - SYMBOLS_BITS); /* half a word is cheaper where it is a word */

	return SYMBOLS_BASE(entry) + (int32_t)(behind >> 1 >> SYMBOLS_SHIFT(entry));
}

/*
 * A symbol that is no plain coefficient below position 63, nor the end of the block: returns
 * whether the block goes on. *k: the position, moved on; *status: set when something is wrong. Any
 * number of bits may be left before; there are 56 or more after it.
 */
bool symbols_odd(const struct symbols_table *ac, struct entropy_cursor *cursor, int *k,
		int16_t values[64], enum entropy_status *status);

/* A DC value that is not in the table; false: there is none. 29 bits or more are left after it. */
bool symbols_long_dc(const struct symbols_table *dc, struct entropy_cursor *cursor,
		int16_t *prediction, int16_t values[64]);

/*
 * Decodes a block. prediction: the component's, moved on in 16 bits; values: all zero on entry, in
 * the order of kernels_places; *last: zigzag position of the last coefficient or beyond, 0 when
 * there is only DC.
 */
static inline enum entropy_status symbols_block(struct entropy_cursor *cursor,
		const struct symbols_tables *tables, int16_t *prediction, int16_t values[64],
		int *last)
{
	enum entropy_status status = ENTROPY_OK;
	struct entropy_cursor at = *cursor;
	uint32_t entry, taken; /* taken: entries since the last refill, added up for SYMBOLS_TAKE */
	int k = 0, next;

	entropy_fill(&at);
	entry = taken = symbols_look(&tables->dc, at.bits);
	if (__builtin_expect(SYMBOLS_STEP(entry) == SYMBOLS_LEAVE, 0)) {
		struct entropy_cursor slow = at; /* what has an address is in no register */

		if (!symbols_long_dc(&tables->dc, &slow, prediction, values))
			status = ENTROPY_BAD_CODE;
		at = slow;
		if (status != ENTROPY_OK)
			goto end;
		goto again;
	}
	*prediction = (int16_t)(uint16_t)(*prediction + symbols_value(entry, at.bits));
	at.bits <<= SYMBOLS_TAKE(entry);
	values[0] = *prediction;
	if (SYMBOLS_STEP(entry) == SYMBOLS_FLAT)
		goto end;
#define SYMBOLS_NEXT()                                                \
	entry = symbols_look(&tables->ac, at.bits);                   \
	next = k + (int)SYMBOLS_STEP(entry);                          \
	if (next >= 63)                                               \
		goto odd;                                             \
	values[kernels_places[next]] = symbols_value(entry, at.bits); \
	at.bits <<= SYMBOLS_TAKE(entry);                              \
	taken += entry;                                               \
	k = next

	/* 22 bits are gone at most: one symbol more fits, and from then on three a refill. */
again:
	SYMBOLS_NEXT();
	for (;;) {
		at.count -= (int)SYMBOLS_TAKE(taken);
		taken = 0;
		entropy_fill(&at);
		SYMBOLS_NEXT();
		SYMBOLS_NEXT();
		SYMBOLS_NEXT();
	}
#undef SYMBOLS_NEXT
odd:
	/* The end of a block is by far the commonest of what is odd. */
	if (__builtin_expect(entry == tables->end, 1)) {
		at.bits <<= SYMBOLS_TAKE(entry);
		taken += entry;
	} else {
		struct entropy_cursor slow = at;
		int position = k;
		bool more;

		slow.count -= (int)SYMBOLS_TAKE(taken);
		taken = 0;
		more = symbols_odd(&tables->ac, &slow, &position, values, &status);
		at = slow;
		k = position;
		if (more)
			goto again;
	}
end:
	at.count -= (int)SYMBOLS_TAKE(taken);
	*cursor = at;
	*last = k;
	return status;
}

/* On a desktop most macroblocks look like the one before them, which takes one comparison. */
static inline bool symbols_same(struct entropy_cursor *cursor, const struct symbols *symbols,
		int luma, const int16_t predictions[3], int16_t (*values)[64], int *last)
{
	uint64_t bits = symbols->same[luma == 4].bits;
	int count = symbols->same[luma == 4].count;

	entropy_fill(cursor);
	if (cursor->bits >> (64 - count) != bits)
		return false;
	entropy_drop(cursor, count);
	for (int i = 0; i < luma + 2; i++) {
		values[i][0] = predictions[i < luma ? 0 : 1 + i - luma];
		last[i] = 0;
	}
	return true;
}

/*
 * Decodes the blocks of a macroblock: luma (1 or 4) of Y, then Cb and Cr. predictions: of each
 * component; values, last: of each block.
 */
static inline enum entropy_status symbols_macroblock(struct entropy_cursor *cursor,
		const struct symbols *symbols, int luma, int16_t predictions[3],
		int16_t (*values)[64], int *last)
{
	enum entropy_status status = ENTROPY_OK;
	int i = 0;

	if (symbols_same(cursor, symbols, luma, predictions, values, last))
		return ENTROPY_OK;
	for (; i < luma && status == ENTROPY_OK; i++)
		status = symbols_block(
				cursor, &symbols->luma, &predictions[0], values[i], &last[i]);
	for (; i < luma + 2 && status == ENTROPY_OK; i++)
		status = symbols_block(cursor, &symbols->chroma, &predictions[1 + i - luma],
				values[i], &last[i]);
	return status;
}
