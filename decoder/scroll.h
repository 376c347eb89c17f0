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
#include "decoder/decoder.h"

struct scroll {
	int columns, rows;        /* macroblocks */
	unsigned int generation;  /* of the blocks */
	uint64_t *shown, *before; /* of each macroblock; 0: not known */
	uint8_t *rest;
	size_t room; /* macroblocks */
};

/*
 * The blocks have come to hold another frame, which differs from the one before in the damage.
 * Tells where most of that is scrolling; elsewhere, and where memory is short, out stays. What it
 * refers to is the scroll's. Start from a zeroed struct.
 */
void scroll_follow(struct scroll *scroll, const struct coded *blocks, const struct damage *damage,
		const struct picture *picture, struct decoder_scroll *out);

/* The picture before the next one is not the one that was followed last. */
void scroll_forget(struct scroll *scroll);

void scroll_release(struct scroll *scroll);
