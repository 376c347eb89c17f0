/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "decoder/scroll.h"

#define SCROLL_LEAST 64  /* macroblocks that changed; fewer are drawn as soon */
#define SCROLL_FAR   24  /* rows */
#define SCROLL_ASKED 256 /* macroblocks whose rows are looked for, about */

/* Bits: what shows less looks the same in many places. */
#define SCROLL_DETAIL 96

/* 2^64 divided by the golden ratio: multiplication with it spreads bits well (Knuth, The Art of
 * Computer Programming 3, 6.4). */
#define SCROLL_SPREAD 0x9e3779b97f4a7c15u

/* Macroblocks that show what stood so many rows below (less than 0: above) in the picture before;
 * right and bottom are the first ones outside. */
struct scroll_found {
	int left, top, right, bottom;
	int below;
};

enum scroll_side {
	SCROLL_TOP,
	SCROLL_BOTTOM,
	SCROLL_LEFT,
	SCROLL_RIGHT,
	SCROLL_SIDES,
};

/* --- What a macroblock shows --- */

static uint64_t scroll_mix(uint64_t mark, uint64_t word)
{
	mark = (mark ^ word) * SCROLL_SPREAD;
	return mark ^ mark >> 32;
}

static uint64_t scroll_mark(const struct coded *blocks, size_t macroblock)
{
	const struct coded_block *block = blocks->block + macroblock * blocks->each;
	uint64_t mark = blocks->kind[macroblock];

	if (blocks->kind[macroblock] == CODED_PIXELS)
		return 0;
	for (int i = 0; i < blocks->each; i++, block++) {
		size_t words = coded_words(block);

		mark = scroll_mix(mark, (uint64_t)(uint16_t)block->dc << 48 |
							(uint64_t)block->bits << 32 |
							(words ? 0 : block->string));
		for (size_t n = 0; n < words; n++)
			mark = scroll_mix(mark, blocks->arena[block->string + n]);
	}
	return mark ? mark : 1;
}

static void scroll_look(
		struct scroll *scroll, const struct coded *blocks, const struct damage *damage)
{
	size_t count = (size_t)scroll->columns * scroll->rows;

	for (size_t i = 0; i < count; i++)
		if (damage->map[i])
			scroll->shown[i] = scroll_mark(blocks, i);
}

/* --- Where it stood before --- */

static bool scroll_moved(const struct scroll *scroll, size_t macroblock, int below)
{
	uint64_t before =
			scroll->before[(ptrdiff_t)macroblock + (ptrdiff_t)below * scroll->columns];

	return before && before == scroll->shown[macroblock];
}

/* Adds one to each number of rows by which it may have moved. */
static void scroll_ask(const struct scroll *scroll, size_t macroblock, int votes[])
{
	int row = (int)(macroblock / scroll->columns);

	for (int below = -SCROLL_FAR; below <= SCROLL_FAR; below++)
		if (below && row + below >= 0 && row + below < scroll->rows)
			votes[below + SCROLL_FAR] += scroll_moved(scroll, macroblock, below);
}

/* By how many rows most of what changed has moved; 0: by none. */
static int scroll_by(const struct scroll *scroll, const struct coded *blocks,
		const struct damage *damage)
{
	size_t count = (size_t)scroll->columns * scroll->rows;
	int each = damage->count / SCROLL_ASKED + 1, seen = 0, asked = 0, best = SCROLL_FAR;
	int votes[2 * SCROLL_FAR + 1] = {0};

	for (size_t i = 0; i < count; i++)
		if (damage->map[i] && blocks->cost[i] > SCROLL_DETAIL && seen++ % each == 0) {
			scroll_ask(scroll, i, votes);
			asked++;
		}
	for (int i = 0; i <= 2 * SCROLL_FAR; i++)
		if (votes[i] > votes[best])
			best = i;
	return votes[best] * 2 > asked ? best - SCROLL_FAR : 0;
}

/* --- Which part --- */

/* Bits that are spared where this one is copied rather than drawn. */
static int scroll_gain(const struct scroll *scroll, const struct coded *blocks,
		const struct damage *damage, size_t macroblock, int below)
{
	bool moved = scroll_moved(scroll, macroblock, below);

	if (damage->map[macroblock])
		return moved ? blocks->cost[macroblock] : 0;
	return moved ? 0 : -(int)blocks->cost[macroblock] - 1;
}

/* Around all that changed by having moved, where it can have been copied from. */
static void scroll_bound(const struct scroll *scroll, const struct damage *damage, int whole,
		struct scroll_found *found)
{
	int first = found->below < 0 ? -found->below : 0;
	int last = whole - found->below < scroll->rows ? whole - found->below : scroll->rows;

	found->left = scroll->columns;
	found->top = scroll->rows;
	for (int row = first; row < last; row++)
		for (int column = 0; column < scroll->columns; column++) {
			size_t i = (size_t)row * scroll->columns + column;

			if (!damage->map[i] || !scroll_moved(scroll, i, found->below))
				continue;
			if (row < found->top)
				found->top = row;
			if (column < found->left)
				found->left = column;
			if (column >= found->right)
				found->right = column + 1;
			found->bottom = row + 1;
		}
}

/* Of the macroblocks at an edge. */
static int scroll_edge(const struct scroll *scroll, const struct coded *blocks,
		const struct damage *damage, const struct scroll_found *found,
		enum scroll_side side)
{
	const size_t columns = scroll->columns;
	bool is_row = side == SCROLL_TOP || side == SCROLL_BOTTOM;
	int row = side == SCROLL_BOTTOM ? found->bottom - 1 : found->top;
	int column = side == SCROLL_RIGHT ? found->right - 1 : found->left;
	int count = is_row ? found->right - found->left : found->bottom - found->top;
	int gain = 0;

	for (int i = 0; i < count; i++)
		gain += scroll_gain(scroll, blocks, damage,
				row * columns + column + i * (is_row ? 1 : columns), found->below);
	return gain;
}

/* Draws the worst edge in while there is one that spares nothing. */
static void scroll_trim(const struct scroll *scroll, const struct coded *blocks,
		const struct damage *damage, struct scroll_found *found)
{
	while (found->left < found->right && found->top < found->bottom) {
		enum scroll_side worst = SCROLL_TOP;
		int least = INT_MAX;

		for (enum scroll_side side = 0; side < SCROLL_SIDES; side++) {
			int gain = scroll_edge(scroll, blocks, damage, found, side);

			if (gain < least) {
				least = gain;
				worst = side;
			}
		}
		if (least > 0)
			return;
		found->top += worst == SCROLL_TOP;
		found->bottom -= worst == SCROLL_BOTTOM;
		found->left += worst == SCROLL_LEFT;
		found->right -= worst == SCROLL_RIGHT;
	}
}

/* Notes what is left to be drawn; returns how many bits of the damage are not. */
static long scroll_rest(struct scroll *scroll, const struct coded *blocks,
		const struct damage *damage, const struct scroll_found *found)
{
	const size_t columns = scroll->columns;
	long gain = 0;

	memcpy(scroll->rest, damage->map, columns * scroll->rows);
	for (int row = found->top; row < found->bottom; row++)
		for (size_t i = row * columns + found->left; i < row * columns + found->right;
				i++) {
			gain += scroll_gain(scroll, blocks, damage, i, found->below);
			scroll->rest[i] = !scroll_moved(scroll, i, found->below);
		}
	return gain;
}

static long scroll_cost(const struct scroll *scroll, const struct coded *blocks,
		const struct damage *damage)
{
	size_t count = (size_t)scroll->columns * scroll->rows;
	long cost = 0;

	for (size_t i = 0; i < count; i++)
		if (damage->map[i])
			cost += blocks->cost[i];
	return cost;
}

/* A picture may end within its last macroblocks. */
static int scroll_span(int first, int end, int unit, int most)
{
	return (end * unit < most ? end * unit : most) - first * unit;
}

static void scroll_find(struct scroll *scroll, const struct coded *blocks,
		const struct damage *damage, const struct picture *picture,
		struct decoder_scroll *out)
{
	const int unit = blocks->unit;
	struct scroll_found found = {.below = scroll_by(scroll, blocks, damage)};

	if (!found.below)
		return;
	/* A last row that the picture's edge cuts cannot be copied from. */
	scroll_bound(scroll, damage, picture->height / unit, &found);
	scroll_trim(scroll, blocks, damage, &found);
	if (scroll_rest(scroll, blocks, damage, &found) * 2 <= scroll_cost(scroll, blocks, damage))
		return;
	*out = (struct decoder_scroll){
			.x = found.left * unit,
			.y = found.top * unit,
			.width = scroll_span(found.left, found.right, unit, picture->width),
			.height = scroll_span(found.top, found.bottom, unit, picture->height),
			.below = found.below * unit,
			.rest = scroll->rest,
	};
}

/* --- From frame to frame --- */

static bool scroll_room(struct scroll *scroll, size_t count)
{
	if (count <= scroll->room)
		return true;
	scroll_release(scroll);
	scroll->shown = malloc(count * sizeof(*scroll->shown));
	scroll->before = malloc(count * sizeof(*scroll->before));
	scroll->rest = malloc(count);
	if (!scroll->shown || !scroll->before || !scroll->rest) {
		scroll_release(scroll);
		return false;
	}
	scroll->room = count;
	return true;
}

static bool scroll_begin(struct scroll *scroll, const struct coded *blocks)
{
	if (scroll->room && scroll->generation == blocks->generation &&
			scroll->columns == blocks->columns && scroll->rows == blocks->rows)
		return true;
	if (!scroll_room(scroll, (size_t)blocks->columns * blocks->rows))
		return false;
	scroll->columns = blocks->columns;
	scroll->rows = blocks->rows;
	scroll->generation = blocks->generation;
	scroll_forget(scroll);
	return true;
}

void scroll_follow(struct scroll *scroll, const struct coded *blocks, const struct damage *damage,
		const struct picture *picture, struct decoder_scroll *out)
{
	if (!scroll_begin(scroll, blocks) || !damage->count)
		return;
	if (damage->count < SCROLL_LEAST) {
		scroll_look(scroll, blocks, damage);
		return;
	}
	memcpy(scroll->before, scroll->shown,
			(size_t)scroll->columns * scroll->rows * sizeof(*scroll->before));
	scroll_look(scroll, blocks, damage);
	scroll_find(scroll, blocks, damage, picture, out);
}

void scroll_forget(struct scroll *scroll)
{
	if (scroll->room)
		memset(scroll->shown, 0,
				(size_t)scroll->columns * scroll->rows * sizeof(*scroll->shown));
}

void scroll_release(struct scroll *scroll)
{
	free(scroll->shown);
	free(scroll->before);
	free(scroll->rest);
	*scroll = (struct scroll){0};
}
