/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What a cache has under way at its source: runs of adjacent blocks, each of them one request. How
 * long a run may be follows from what the last ones took: on a long link one request for many
 * blocks takes hardly longer than one for a single block, and on a slow one a host would wait for
 * all of them. Where everything comes within milliseconds runs gain nothing, and are of one block.
 */
#include "media/blocks.h"
#include "media/source.h"

#define FETCH_MOST  16u        /* blocks of a run */
#define FETCH_BYTES (4u << 20) /* of memory for runs of more than one, beside the blocks */

struct fetch_run;

/* Called from the main loop. */
struct fetch_events {
	/* Of a block that is being fetched for itself. It is dropped after. */
	void (*failed)(struct block *block, const GError *error, void *data);
	void (*ended)(void *data); /* a run: blocks are held, or gone */
	void *data;
};

struct fetch {
	struct source *below;
	struct blocks *blocks;
	struct fetch_events events;
	GQueue runs;          /* under way, the oldest first */
	unsigned int largest; /* blocks of a run that the cache bears */
	unsigned int most;    /* that is of use now, as far as is known */
	uint64_t bytes;       /* that came */
	unsigned int errors;
};

/* window: bytes that are read ahead at most. */
void fetch_init(struct fetch *fetch, struct source *below, struct blocks *blocks, uint64_t window,
		const struct fetch_events *events);
void fetch_stop(struct fetch *fetch); /* cancels all */

unsigned int fetch_depth(const struct fetch *fetch);
bool fetch_is_full(const struct fetch *fetch);

/* Blocks of a run that pays now. */
unsigned int fetch_longest(const struct fetch *fetch);

/*
 * Begins a run of blocks that are not there, as many of count as come one after the other and have
 * room. Returns how many; 0: none has.
 */
unsigned int fetch_begin(struct fetch *fetch, uint64_t first, unsigned int count, bool ahead);

/* Held or fetched; the last of a run cancels it. */
void fetch_drop(struct fetch *fetch, struct block *block);
