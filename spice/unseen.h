/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What of a picture a viewer of JPEGs has not seen, unit by unit, on the grid that the picture's
 * damage comes in: so a coder can tell its own blocks. Pure; memory is asked for only when the size
 * changes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spice/display.h"

#define UNSEEN_UNIT 16 /* before there was any damage */

struct unseen {
	int width, height; /* pixels */
	struct display_damage marks;
	bool any;     /* something is marked */
	uint8_t *map; /* what marks looks at, ours */
	size_t room;  /* units of the smallest kind that fit in the map */
};

/* Gives it a size, with nothing marked. False: memory is short; it is then 0 by 0. Start from a
 * zeroed struct. */
bool unseen_resize(struct unseen *unseen, int width, int height);

void unseen_mark_all(struct unseen *unseen);
void unseen_clear(struct unseen *unseen);

/* Adds damage, and takes its unit over; what lies outside is ignored. */
void unseen_add(struct unseen *unseen, const struct display_damage *damage);

/* The same units are marked on the same grid. */
bool unseen_equal(const struct display_damage *a, const struct display_damage *b);

void unseen_release(struct unseen *unseen);
