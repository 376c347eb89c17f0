/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "decoder/coded.h"
#include "decoder/codes.h"

#define CODED_SLACK      2 /* words behind the arena that reading looks at */
#define CODED_ROOM_FIRST ((size_t)1 << 15)
/* What a DC difference is reckoned to take: it depends on what stands before it. */
#define CODED_DC_COST 5

static bool coded_grow(void **memory, size_t count, size_t size)
{
	free(*memory);
	*memory = malloc(count * size);
	return *memory;
}

static bool coded_room(struct coded *blocks, size_t macroblocks, size_t count)
{
	if (macroblocks > blocks->macroblock_room) {
		blocks->macroblock_room = 0;
		if (!coded_grow((void **)&blocks->kind, macroblocks, sizeof(*blocks->kind)) ||
				!coded_grow((void **)&blocks->cost, macroblocks,
						sizeof(*blocks->cost)) ||
				!coded_grow((void **)&blocks->stale, macroblocks,
						sizeof(*blocks->stale)))
			return false;
		blocks->macroblock_room = macroblocks;
	}
	if (count > blocks->block_room) {
		blocks->block_room = 0;
		if (!coded_grow((void **)&blocks->block, count, sizeof(*blocks->block)))
			return false;
		blocks->block_room = count;
	}
	return true;
}

static void coded_no_places(struct coded *blocks)
{
	memset(blocks->loose, 0, sizeof(blocks->loose));
	blocks->idle = 0;
}

bool coded_begin(struct coded *blocks, int unit, int columns, int rows)
{
	size_t macroblocks = (size_t)columns * rows;
	int each = unit == 16 ? 6 : 3;

	blocks->unit = 0;
	blocks->generation++;
	if (!coded_room(blocks, macroblocks, macroblocks * each))
		return false;
	memset(blocks->block, 0, macroblocks * each * sizeof(*blocks->block));
	memset(blocks->kind, CODED_PIXELS, macroblocks);
	memset(blocks->cost, 0, macroblocks * sizeof(*blocks->cost));
	memset(blocks->stale, 0, macroblocks);
	blocks->stale_count = 0;
	blocks->used = 0;
	coded_no_places(blocks);
	blocks->unit = unit;
	blocks->columns = columns;
	blocks->rows = rows;
	blocks->each = each;
	return true;
}

void coded_drop(struct coded *blocks)
{
	blocks->unit = 0;
	blocks->stale_count = 0;
}

void coded_in_pixels(struct coded *blocks, size_t macroblock)
{
	blocks->kind[macroblock] = CODED_PIXELS;
	blocks->stale_count -= blocks->stale[macroblock];
	blocks->stale[macroblock] = 0;
}

void coded_drawn(struct coded *blocks)
{
	if (blocks->unit)
		memset(blocks->stale, 0, (size_t)blocks->columns * blocks->rows);
	blocks->stale_count = 0;
}

/* --- The arena --- */

bool coded_compact(struct coded *blocks, size_t reserve)
{
	size_t count = (size_t)blocks->columns * blocks->rows * blocks->each;
	size_t live = blocks->used - blocks->idle, room = live + live / 2 + reserve, used = 0;
	uint64_t *arena;

	if (room < CODED_ROOM_FIRST)
		room = CODED_ROOM_FIRST;
	arena = malloc((room + CODED_SLACK) * sizeof(*arena));
	if (!arena)
		return false;
	memset(arena + room, 0, CODED_SLACK * sizeof(*arena));
	for (size_t i = 0; i < count; i++) {
		struct coded_block *block = &blocks->block[i];
		size_t words = coded_words(block);

		if (!words)
			continue;
		memcpy(arena + used, blocks->arena + block->string, words * sizeof(*arena));
		block->string = used;
		used += words;
	}
	free(blocks->arena);
	blocks->arena = arena;
	blocks->room = room;
	blocks->used = used;
	coded_no_places(blocks);
	return true;
}

/* A place that no string needs any more; the next of its size is told in its first word. */
static void coded_give(struct coded *blocks, uint32_t place, size_t words)
{
	blocks->arena[place] = blocks->loose[words];
	blocks->loose[words] = place + 1;
	blocks->idle += words;
}

/* There is room. */
static uint32_t coded_take(struct coded *blocks, size_t words)
{
	uint32_t place = blocks->loose[words];

	if (place) {
		place--;
		blocks->loose[words] = blocks->arena[place];
		blocks->idle -= words;
	} else {
		place = blocks->used;
		blocks->used += words;
	}
	return place;
}

/* Where another string of a block can lie, if it has more than is inline. */
static uint32_t coded_place(struct coded *blocks, const struct coded_block *block, size_t words)
{
	size_t had = coded_words(block);

	if (had > words)
		coded_give(blocks, block->string + words, had - words);
	if (had >= words)
		return block->string;
	if (had)
		coded_give(blocks, block->string, had);
	return coded_take(blocks, words);
}

/* Copies a string over another one; returns whether they differ. */
static bool coded_copy(uint64_t *to, const uint8_t *bytes, size_t at, int bits, bool same)
{
	for (; bits > 0; bits -= 64, at += 64, to++) {
		uint64_t word = codes_word(bytes, at);

		if (bits < 64)
			word &= ~(~(uint64_t)0 >> bits);
		word = coded_word(word);
		if (same && *to == word)
			continue;
		same = false;
		*to = word;
	}
	return !same;
}

/* Keeps a block; returns whether it differs from the one before. */
static bool coded_block(struct coded *blocks, struct coded_block *block,
		const struct coded_found *found, const uint8_t *bytes)
{
	struct coded_block fresh = {.dc = found->dc, .bits = found->bits};
	bool same = block->bits == fresh.bits;

	if (fresh.bits <= CODED_INLINE) {
		uint64_t word = codes_bits(bytes, found->string);

		fresh.string = word >> 32;
		if (fresh.bits < 32)
			fresh.string &= ~(0xffffffffu >> fresh.bits);
		same = same && block->dc == fresh.dc && block->string == fresh.string;
		if (block->bits > CODED_INLINE)
			coded_give(blocks, block->string, coded_words(block));
		*block = fresh;
		return !same;
	}
	fresh.string = same ? block->string : coded_place(blocks, block, coded_words(&fresh));
	same = !coded_copy(blocks->arena + fresh.string, bytes, found->string, fresh.bits, same);
	same = same && block->dc == fresh.dc;
	*block = fresh;
	return !same;
}

bool coded_put(struct coded *blocks, size_t macroblock, uint8_t kind,
		const struct coded_found *found, const uint8_t *bytes)
{
	struct coded_block *block = blocks->block + macroblock * blocks->each;
	bool changed = blocks->kind[macroblock] != kind;
	unsigned int cost = 0;

	for (int i = 0; i < blocks->each; i++) {
		changed |= coded_block(blocks, block + i, found + i, bytes);
		cost += found[i].bits + CODED_DC_COST;
	}
	if (!changed)
		return false;
	blocks->kind[macroblock] = kind;
	blocks->cost[macroblock] = cost;
	blocks->stale_count += !blocks->stale[macroblock];
	blocks->stale[macroblock] = 1;
	return true;
}

void coded_release(struct coded *blocks)
{
	free(blocks->block);
	free(blocks->kind);
	free(blocks->cost);
	free(blocks->stale);
	free(blocks->arena);
	*blocks = (struct coded){0};
}
