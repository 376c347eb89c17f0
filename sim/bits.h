/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Bits as the video engine writes them: 32-bit little-endian words, each filled from bit 31 down.
 * The writer owns its memory and grows it; room is made for a whole macroblock at a time, so that
 * single writes need no check.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decoder/ajpg_tables.h"

struct bits {
	uint8_t *data;
	size_t size, room; /* bytes */
	uint64_t hold;     /* the lowest `held` bits are not written yet */
	int held;          /* below 32 between calls */
};

/* Begins anew, keeping the memory. */
void bits_clear(struct bits *bits);

/* Makes room for that many bytes; false when memory is short. */
bool bits_reserve(struct bits *bits, size_t bytes);

/* Fills the last word up with zeros. */
void bits_finish(struct bits *bits);

void bits_release(struct bits *bits);

/* Appends the lowest `count` bits of value (0..32), which has no others set. */
static inline void bits_put(struct bits *bits, uint32_t value, int count)
{
	uint32_t word;

	bits->hold = bits->hold << count | value;
	bits->held += count;
	if (bits->held < 32)
		return;
	bits->held -= 32;
	word = (uint32_t)(bits->hold >> bits->held);
	bits->data[bits->size++] = (uint8_t)word;
	bits->data[bits->size++] = (uint8_t)(word >> 8);
	bits->data[bits->size++] = (uint8_t)(word >> 16);
	bits->data[bits->size++] = (uint8_t)(word >> 24);
}

/* Codes by symbol, from a table as the standard gives it. */
struct bits_huffman {
	uint16_t code[256];
	uint8_t length[256]; /* 0: no such symbol */
};

void bits_huffman_init(struct bits_huffman *huffman, const struct ajpg_huffman_spec *spec);

/* The two tables of a component. */
struct bits_tables {
	struct bits_huffman dc, ac;
};

/* The most bytes that bits_block can append: 64 symbols of at most 16 + 11 bits. */
#define BITS_BLOCK_MAX (64 * 27 / 8)

/*
 * Appends a block of quantised coefficients in zigzag order as T.81 F.1.2 has it: the DC's
 * difference to *predictor, which becomes the DC, then the runs. DC within +-1024, the others
 * within +-1023.
 */
void bits_block(struct bits *bits, const struct bits_tables *tables, const int16_t zigzag[64],
		int *predictor);
