/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The entropy stage of AJPG: a bit reader over little-endian 32-bit words (bit 31 first), and 8x8
 * blocks coded as in baseline JPEG (ITU-T T.81, F.2.2). Header-only where it is hot.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "decoder/ajpg_tables.h"

/*
 * Words are turned round into a small window, from where any eight bytes are the next bits in
 * order: a refill then is one load without a branch. A record is read without a look at the
 * window's end, for which it is moved on before each one; past the end of the data it holds zeros.
 */
#define ENTROPY_WINDOW 8192 /* bytes */
#define ENTROPY_RECORD \
	2048 /* bytes a record can take: 6 blocks of 64 symbols of 27 bits, and a head */

struct entropy_cursor {
	const uint8_t *at; /* what a refill takes next, in the window */
	uint64_t bits; /* not taken yet, the next one on top; below the lowest of them lie some of
			  what follows */
	int count;     /* how many: 56 or more after a refill */
};

struct entropy_reader {
	const uint8_t *data;
	size_t words; /* whole words of data */
	size_t base;  /* word that the window starts with */
	struct entropy_cursor cursor;
	uint8_t window[ENTROPY_WINDOW];
};

/* Codes of up to this length are found by one look-up, their value with them where it fits too. */
#define ENTROPY_BITS 10

/*
 * A look-up gives 32 bits: value (16, signed), bits of value that follow the code instead (4),
 * zeros before it (6), bits to take in all (5), end of block (1).
 */
#define ENTROPY_TAKE(entry)  ((entry)&31)
#define ENTROPY_RUN(entry)   ((entry) >> 5 & 63)
#define ENTROPY_SIZE(entry)  ((entry) >> 11 & 15)
#define ENTROPY_END          (1u << 15)
#define ENTROPY_VALUE(entry) ((int32_t)(entry) >> 16)

struct entropy_table {
	uint32_t lookup[1 << ENTROPY_BITS]; /* 0: longer than ENTROPY_BITS, or no such code */
	uint32_t limit[18]; /* first 16-bit prefix beyond the codes of a length; [17] ends the
			       search */
	int32_t offset[17]; /* code -> index of its symbol */
	uint8_t symbols[162];
	bool dc;
};

enum entropy_status {
	ENTROPY_OK,
	ENTROPY_BAD_CODE,
	ENTROPY_BAD_RUN,
};

/* What a block was, for the stage behind. */
struct entropy_block {
	int32_t coefficients[64]; /* dequantised, column after column, as kernels.h has them */
	int last;           /* zigzag position of the last coefficient: 0 when there is only DC */
	uint32_t magnitude; /* sum of all absolute values: what a transform must have room for */
};

void entropy_table_build(
		struct entropy_table *table, const struct ajpg_huffman_spec *spec, bool dc);

/* A code longer than ENTROPY_BITS, as a look-up would give it; 0 when there is none. */
uint32_t entropy_long_code(const struct entropy_table *table, uint32_t prefix);

void entropy_start(struct entropy_reader *reader, const uint8_t *data, size_t size);

/* Moves the window so that a whole record lies in it. */
void entropy_slide(struct entropy_reader *reader);

/* Before each record. */
static inline void entropy_record(struct entropy_reader *reader)
{
	if (reader->cursor.at > reader->window + ENTROPY_WINDOW - ENTROPY_RECORD)
		entropy_slide(reader);
}

static inline void entropy_fill(struct entropy_cursor *cursor)
{
	uint64_t next;

	memcpy(&next, cursor->at, sizeof(next));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	next = __builtin_bswap64(next);
#endif
	cursor->bits |= next >> cursor->count;
	cursor->at += (63 - cursor->count) >> 3;
	cursor->count |= 56;
}

/* count: 1..32. */
static inline uint32_t entropy_peek(const struct entropy_cursor *cursor, int count)
{
	return cursor->bits >> (64 - count);
}

static inline void entropy_drop(struct entropy_cursor *cursor, int count)
{
	cursor->bits <<= count;
	cursor->count -= count;
}

static inline uint32_t entropy_take(struct entropy_reader *reader, int count)
{
	uint32_t bits;

	entropy_fill(&reader->cursor);
	bits = entropy_peek(&reader->cursor, count);
	entropy_drop(&reader->cursor, count);
	return bits;
}

/* Bits taken so far, those past the end included. */
static inline uint64_t entropy_position(const struct entropy_reader *reader)
{
	return (uint64_t)reader->base * 32 + (reader->cursor.at - reader->window) * 8 -
	       reader->cursor.count;
}

static inline bool entropy_past_end(const struct entropy_reader *reader)
{
	return entropy_position(reader) > (uint64_t)reader->words * 32;
}

/* T.81 table F.1: a magnitude of size bits (1..15) with its sign. */
static inline int32_t entropy_extend(uint32_t bits, int size)
{
	return (int32_t)bits - (bits >> (size - 1) ? 0 : (1 << size) - 1);
}

/*
 * One symbol with its value, 27 bits at most: two fit a refill. Returns the look-up entry and sets
 * *value; entry 0: no such code.
 */
static inline uint32_t entropy_symbol(
		struct entropy_cursor *cursor, const struct entropy_table *table, int32_t *value)
{
	uint64_t rest, negative;
	uint32_t entry;
	int size;

	entry = table->lookup[entropy_peek(cursor, ENTROPY_BITS)];
	if (__builtin_expect(!entry, 0)) {
		entry = entropy_long_code(table, entropy_peek(cursor, 16));
		if (!entry)
			return 0;
	}
	/* Whether bits follow is as good as random in dense text: no branch, size 0 adds nothing.
	 */
	size = ENTROPY_SIZE(entry);
	rest = cursor->bits << (ENTROPY_TAKE(entry) - size);
	negative = (rest >> 63) - 1; /* all ones, or none */
	*value = ENTROPY_VALUE(entry) + (int32_t)(rest >> 1 >> (63 - size)) -
		 (int32_t)(negative & ((1u << size) - 1));
	entropy_drop(cursor, ENTROPY_TAKE(entry));
	return entry;
}

/*
 * Decodes a block. steps: quantiser in zigzag order; prediction: the component's DC predictor,
 * moved on in 16 bits as the hardware's is; block: all zero on entry (entropy_clear makes it so
 * again).
 */
static inline enum entropy_status entropy_block(struct entropy_reader *reader,
		const struct entropy_table *dc, const struct entropy_table *ac,
		const uint16_t steps[64], int16_t *prediction, struct entropy_block *block)
{
	struct entropy_cursor at = reader->cursor; /* in registers */
	enum entropy_status status = ENTROPY_OK;
	uint32_t magnitude, entry;
	int32_t value;
	int k = 0, last = 0;

	entropy_fill(&at);
	entry = entropy_symbol(&at, dc, &value);
	if (!entry) {
		reader->cursor = at;
		return ENTROPY_BAD_CODE;
	}
	*prediction = (int16_t)(uint16_t)(*prediction + value);
	value = *prediction * steps[0];
	block->coefficients[0] = value;
	magnitude = value < 0 ? -value : value;
	for (bool fill = false;; fill = !fill) {
		if (fill)
			entropy_fill(&at);
		entry = entropy_symbol(&at, ac, &value);
		if (__builtin_expect(!entry, 0)) {
			status = ENTROPY_BAD_CODE;
			break;
		}
		if (entry & ENTROPY_END)
			break;
		k += ENTROPY_RUN(entry);
		if (__builtin_expect(k > 63, 0)) {
			status = ENTROPY_BAD_RUN;
			break;
		}
		value *= steps[k];
		block->coefficients[ajpg_zigzag_columns[k]] = value;
		magnitude += value < 0 ? -value : value;
		last = k;
		if (k == 63)
			break;
	}
	block->last = last;
	block->magnitude = magnitude;
	reader->cursor = at;
	return status;
}

void entropy_clear(struct entropy_block *block);
