/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Text that scrolls by whole macroblocks, as text consoles of 16 rows a line do: the engine sends
 * all of it anew, and the blocks are those that stood some rows below or above. Whoever has the
 * picture before can copy most of it and be sent the rest.
 *
 * What each macroblock shows is known by 64 bits of a hash: two that differ are taken for the same
 * once in 2^64 comparisons, of which a frame takes thousands.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decoder/coded.h"
#include "decoder/picture.h"

struct scroll {
	int columns, rows;        /* macroblocks */
	unsigned int generation;  /* of the blocks */
	uint64_t *shown, *before; /* of each macroblock; 0: not known */
	uint8_t *rest;
	size_t room; /* macroblocks */
};

/* Macroblocks that show what stood so many rows below (less than 0: above) in the picture before;
 * right and bottom are the first ones outside. */
struct scroll_found {
	int left, top, right, bottom;
	int below;
	const uint8_t *rest; /* as a damage's map: what is left to be drawn then; the scroll's */
};

/*
 * The blocks have come to hold another frame, which differs from the one before in the damage.
 * Returns whether most of that is scrolling. height: of the picture, pixels. Where memory is short
 * nothing is found. Start from a zeroed struct.
 */
bool scroll_follow(struct scroll *scroll, const struct coded *blocks, const struct damage *damage,
		int height, struct scroll_found *found);

/* The picture before the next one is not the one that was followed last. */
void scroll_forget(struct scroll *scroll);

void scroll_release(struct scroll *scroll);
