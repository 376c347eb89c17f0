/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The updates of display_direct.h: what a picture's marked units are as messages, made once for all
 * viewers that have the same marks. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "spice/display.h"
#include "spice/display_direct.h"

/* Rectangles of an update; the coder merges what is more. */
#define UPDATE_RECTANGLES 512

struct direct_update {
	unsigned int references;
	struct direct_updates *updates; /* whose it is */
	GByteArray *messages;           /* COPY_BITS and DRAW_COPY with mini headers */
};

/*
 * A display was told of a change: returns the number of the picture's state, given the one that it
 * had before (0: none). A state begins with the first display that hears of it, and those who hear
 * of it later are in it too.
 */
uint64_t direct_updates_state(struct direct_updates *updates, uint64_t before);

/* So many viewers more (or less) may take updates; for one alone none is kept. */
void direct_updates_viewers(struct direct_updates *updates, int more);

/*
 * What is marked of a picture, which is in that state, with a reference for the caller.
 * marks->move: who gets this has the picture before, and the marks are what is left after the move.
 * NULL: memory is short.
 */
struct direct_update *direct_updates_make(struct direct_updates *updates, uint64_t state,
		const struct display_picture *picture, const struct display_damage *marks,
		bool full_header);

/* NULL is fine; no later than direct_updates_free. */
void direct_update_unref(struct direct_update *update);
