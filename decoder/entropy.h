/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The entropy stage of AJPG: a bit reader over little-endian 32-bit words (bit 31 first), and 8x8
 * blocks coded as in baseline JPEG (ITU-T T.81, F.2.2). Header-only where it is hot.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decoder/ajpg_tables.h"

struct entropy_reader {
	const uint8_t *data;
	size_t words;  /* whole words of data */
	size_t next;   /* word to fetch next; runs on past the end, where zero bits follow */
	uint64_t bits; /* bits not taken yet, the next one on top */
	int count;     /* how many of them */
};

/* Codes of up to this length are found by one look-up, their value with them where it fits too. */
#define ENTROPY_BITS 10

/*
 * A look-up gives 32 bits: value (16, signed), bits of value still to be read (4), zeros before it
 * (6), bits to take (5), end of block (1).
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

static inline void entropy_start(struct entropy_reader *reader, const uint8_t *data, size_t size)
{
	*reader = (struct entropy_reader){.data = data, .words = size / 4};
}

/* Makes at least 32 bits available. */
static inline void entropy_fill(struct entropy_reader *reader)
{
	uint32_t word = 0;

	if (reader->count >= 32)
		return;
	if (reader->next < reader->words) {
		const uint8_t *at = reader->data + reader->next * 4;

		word = at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
	}
	reader->next++;
	reader->bits |= (uint64_t)word << (32 - reader->count);
	reader->count += 32;
}

/* After entropy_fill: count 1..32. */
static inline uint32_t entropy_peek(const struct entropy_reader *reader, int count)
{
	return reader->bits >> (64 - count);
}

static inline void entropy_drop(struct entropy_reader *reader, int count)
{
	reader->bits <<= count;
	reader->count -= count;
}

static inline uint32_t entropy_take(struct entropy_reader *reader, int count)
{
	uint32_t bits;

	entropy_fill(reader);
	bits = entropy_peek(reader, count);
	entropy_drop(reader, count);
	return bits;
}

/* Bits taken so far, those past the end included. */
static inline uint64_t entropy_position(const struct entropy_reader *reader)
{
	return (uint64_t)reader->next * 32 - reader->count;
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

/* One symbol with its value; returns the look-up entry and sets *value. Entry 0: no such code. */
static inline uint32_t entropy_symbol(
		struct entropy_reader *reader, const struct entropy_table *table, int32_t *value)
{
	uint32_t entry;
	int size;

	entropy_fill(reader);
	entry = table->lookup[entropy_peek(reader, ENTROPY_BITS)];
	if (__builtin_expect(!entry, 0)) {
		entry = entropy_long_code(table, entropy_peek(reader, 16));
		if (!entry)
			return 0;
	}
	entropy_drop(reader, ENTROPY_TAKE(entry));
	size = ENTROPY_SIZE(entry);
	*value = ENTROPY_VALUE(entry);
	if (size) {
		*value = entropy_extend(entropy_peek(reader, size), size);
		entropy_drop(reader, size);
	}
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
	struct entropy_reader at = *reader; /* in registers */
	enum entropy_status status = ENTROPY_OK;
	uint32_t magnitude, entry;
	int32_t value;
	int k = 0, last = 0;

	entry = entropy_symbol(&at, dc, &value);
	if (!entry) {
		*reader = at;
		return ENTROPY_BAD_CODE;
	}
	*prediction = (int16_t)(uint16_t)(*prediction + value);
	value = *prediction * steps[0];
	block->coefficients[0] = value;
	magnitude = value < 0 ? -value : value;
	for (;;) {
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
	*reader = at;
	return status;
}

void entropy_clear(struct entropy_block *block);
