/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "media/fetch.h"

/* Microseconds that a run took. */
#define FETCH_NEAR 5000    /* less: longer ones gain nothing */
#define FETCH_GOOD 400000  /* less: longer ones are borne */
#define FETCH_SLOW 1000000 /* more: a host that needs a block of it waits too long */

struct fetch_run {
	struct fetch *fetch;
	struct source_request *request;
	unsigned int count, left;         /* left: nobody has dropped */
	uint8_t *bytes;                   /* NULL: one block, and into it */
	int64_t begun;                    /* monotonic, microseconds */
	GList link;                       // fetch::runs
	struct block *blocks[FETCH_MOST]; /* NULL: dropped */
};

void fetch_init(struct fetch *fetch, struct source *below, struct blocks *blocks, uint64_t window,
		const struct fetch_events *events)
{
	fetch->below = below;
	fetch->blocks = blocks;
	fetch->events = *events;
	g_queue_init(&fetch->runs);
	fetch->largest = (unsigned int)CLAMP(window / BLOCK_SIZE / 4, 1, FETCH_MOST);
	fetch->most = 1;
}

unsigned int fetch_depth(const struct fetch *fetch)
{
	return CLAMP(fetch->below->depth, 1, fetch->blocks->count);
}

bool fetch_is_full(const struct fetch *fetch)
{
	return fetch->runs.length >= fetch_depth(fetch);
}

unsigned int fetch_longest(const struct fetch *fetch)
{
	unsigned int share = MAX(FETCH_BYTES / BLOCK_SIZE / fetch_depth(fetch), 1);

	return MIN(fetch->most, MIN(fetch->largest, share));
}

static uint64_t fetch_block_bytes(const struct fetch *fetch, uint64_t number)
{
	return MIN(BLOCK_SIZE, fetch->below->size - number * BLOCK_SIZE);
}

static void fetch_run_free(struct fetch_run *run)
{
	g_queue_unlink(&run->fetch->runs, &run->link);
	g_free(run->bytes);
	g_free(run);
}

/* --- Ends --- */

static void fetch_learn(struct fetch *fetch, const struct fetch_run *run)
{
	int64_t took = g_get_monotonic_time() - run->begun;

	if (took > FETCH_SLOW)
		fetch->most = MAX(MIN(run->count, fetch->most) / 2, 1);
	else if (took > FETCH_NEAR && took < FETCH_GOOD && run->count >= fetch_longest(fetch))
		fetch->most = MIN(run->count * 2, FETCH_MOST);
}

static void fetch_take(struct fetch *fetch, struct fetch_run *run)
{
	for (unsigned int i = 0; i < run->count; i++) {
		struct block *block = run->blocks[i];
		size_t size;

		if (!block)
			continue;
		size = fetch_block_bytes(fetch, block->number);
		if (run->bytes)
			memcpy(block->bytes, run->bytes + (size_t)i * BLOCK_SIZE, size);
		fetch->bytes += size;
		blocks_hold(fetch->blocks, block);
	}
}

/* Which block of several is at fault is found out by asking for one after the other. */
static void fetch_fail(struct fetch *fetch, struct fetch_run *run, const GError *error)
{
	fetch->errors++;
	fetch->most = 1;
	for (unsigned int i = 0; i < run->count; i++) {
		struct block *block = run->blocks[i];

		if (!block)
			continue;
		if (run->count == 1 || block->ahead)
			fetch->events.failed(block, error, fetch->events.data);
		block->ahead = false;
		blocks_drop(fetch->blocks, block);
	}
}

static void fetch_done(const GError *error, void *data)
{
	struct fetch_run *run = data;
	struct fetch *fetch = run->fetch;

	if (error) {
		fetch_fail(fetch, run, error);
	} else {
		fetch_learn(fetch, run);
		fetch_take(fetch, run);
	}
	fetch_run_free(run);
	fetch->events.ended(fetch->events.data);
}

/* --- Beginnings --- */

/* Of equal length they would all end at once, and the link be idle for a round trip. */
static unsigned int fetch_staggered(const struct fetch *fetch)
{
	unsigned int nth = fetch->runs.length + 1, longest = fetch_longest(fetch);

	return MAX(longest * MIN(nth, fetch_depth(fetch)) / fetch_depth(fetch), 1);
}

unsigned int fetch_begin(struct fetch *fetch, uint64_t first, unsigned int count, bool ahead)
{
	struct fetch_run *run = g_new0(struct fetch_run, 1);
	struct block *block;
	size_t size = 0;

	run->fetch = fetch;
	run->link.data = run;
	count = MIN(count, ahead ? fetch_staggered(fetch) : fetch_longest(fetch));
	while (run->count < count && !blocks_find(fetch->blocks, first + run->count) &&
			(block = blocks_take(fetch->blocks, first + run->count))) {
		block->ahead = ahead;
		block->run = run;
		run->blocks[run->count++] = block;
		size += fetch_block_bytes(fetch, block->number);
	}
	if (run->count > 1)
		run->bytes = g_try_malloc(size);
	while (run->count > 1 && !run->bytes) {
		block = run->blocks[--run->count];
		block->ahead = false;
		blocks_drop(fetch->blocks, block);
		size = fetch_block_bytes(fetch, first);
	}
	if (run->count == 0) {
		g_free(run);
		return 0;
	}
	run->left = run->count;
	run->begun = g_get_monotonic_time();
	g_queue_push_tail_link(&fetch->runs, &run->link);
	run->request = source_read(fetch->below, first * BLOCK_SIZE, size,
			run->bytes ? run->bytes : run->blocks[0]->bytes, fetch_done, run);
	return run->count;
}

/* --- Dropping --- */

void fetch_drop(struct fetch *fetch, struct block *block)
{
	struct fetch_run *run = block->state == BLOCK_FETCHING ? block->run : NULL;

	for (unsigned int i = 0; run && i < run->count; i++) {
		if (run->blocks[i] != block)
			continue;
		run->blocks[i] = NULL;
		run->left--;
	}
	if (run && run->left == 0) {
		source_cancel(fetch->below, run->request);
		fetch_run_free(run);
	}
	blocks_drop(fetch->blocks, block);
}

void fetch_stop(struct fetch *fetch)
{
	struct block *block;

	while ((block = g_queue_peek_head(&fetch->blocks->fetching)))
		fetch_drop(fetch, block);
}
