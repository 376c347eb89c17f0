/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A picture as its entropy-coded blocks: what the engine sent last for each macroblock, without a
 * transform. Whether a macroblock changed is told by its bits. What has no such blocks, or cannot
 * be written as a JPEG's, is in the picture's pixels only. Memory is asked for when geometry or
 * content outgrow it, or strings lie too far apart.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decoder/codes.h"

/* How a macroblock is kept: by blocks of a selector, 0..11, of tables of its JPEG's own, or not. */
#define CODED_OWN    12
#define CODED_KINDS  13
#define CODED_PIXELS 0xff

#define CODED_EACH_MOST 6 /* blocks of a macroblock: 4 Y, Cb, Cr; 3 in 4:4:4 */

/* Sixty-three codes at their longest, in words. */
#define CODED_WORDS_MOST ((63 * CODES_BITS_MOST + 63) / 64)

/* Predictions of DC values within these stay within the eleven bits that baseline JPEG has. */
#define CODED_DC_MOST 1023

/*
 * A block: its DC value, and the bit string of its AC codes, the end of block included: up to 32
 * bits are here, left-justified; longer ones lie in the arena from a 64-bit word on. Equal blocks
 * of up to 32 bits are equal all over.
 */
#define CODED_INLINE 32
struct coded_block {
	int16_t dc;
	uint16_t bits;
	uint32_t string; /* or offset in words */
};

/* Of the arena; in the last one zeros follow the string. */
static inline size_t coded_words(const struct coded_block *block)
{
	return block->bits > CODED_INLINE ? (block->bits + 63u) / 64 : 0;
}

/* A block as it was found in a string of bytes, not yet kept. */
struct coded_found {
	size_t string; /* bits into the bytes */
	uint16_t bits;
	int16_t dc;
};

struct coded {
	int unit;                  /* pixels: 16 in 4:2:0, 8 in 4:4:4; 0: nothing is kept */
	int columns, rows, each;   /* macroblocks; blocks of each */
	struct coded_block *block; /* each * columns * rows */
	uint8_t *kind;             /* of each macroblock */
	uint16_t *cost;            /* of each macroblock: bits, about */
	uint8_t *stale;            /* of each macroblock, 1: the picture does not show it yet */
	int stale_count;
	size_t block_room, macroblock_room;
	uint8_t own[2][64]; /* steps of CODED_OWN, luma and chroma, zigzag order */
	/* Strings: bytes in the order of the bits, so that they are read as a stream is. */
	uint64_t *arena;
	size_t used, room; /* words */
	size_t idle;       /* of used: what no string has any more */
	/* By words: the first place of so many that no string has, from 1 on; 0: none. */
	uint32_t loose[CODED_WORDS_MOST + 1];
	unsigned int generation; /* another one: what was kept is void */
};

/*
 * Begins anew for a picture of columns * rows macroblocks that shows, for all that is known,
 * pixels. Returns false when memory is short; unit is 0 then.
 */
bool coded_begin(struct coded *blocks, int unit, int columns, int rows);

/* Nothing is kept; memory stays. */
void coded_drop(struct coded *blocks);

/* A macroblock is in the pixels now. */
void coded_in_pixels(struct coded *blocks, size_t macroblock);

/* The picture shows all of them. */
void coded_drawn(struct coded *blocks);

/*
 * Strings that were replaced have left places that no other fitted: all that are in use are moved
 * to an arena of their own, with room for half as much again, and for so many words. False: memory
 * is short.
 */
bool coded_compact(struct coded *blocks, size_t reserve);

/* Makes room for a macroblock's strings, of any size. False: memory is short. */
static inline bool coded_reserve(struct coded *blocks)
{
	size_t words = (size_t)CODED_EACH_MOST * CODED_WORDS_MOST;

	return blocks->used + words <= blocks->room || coded_compact(blocks, words);
}

/*
 * Keeps a macroblock whose blocks were found in bytes, for which there is room. Returns whether it
 * differs from what was kept. Nine bytes behind the last string are looked at.
 */
bool coded_put(struct coded *blocks, size_t macroblock, uint8_t kind,
		const struct coded_found *found, const uint8_t *bytes);

void coded_release(struct coded *blocks);

/* A word of a string: its first bits on top. */
static inline uint64_t coded_word(uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap64(word);
#else
	return word;
#endif
}
