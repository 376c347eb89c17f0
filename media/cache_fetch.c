/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/cache_private.h"

/* --- Who wants a block --- */

/* It has the block still to come. */
static bool cache_reads(const struct source_request *request, uint64_t number)
{
	return request->kind == CACHE_READ && request->started &&
	       number >= request->at / BLOCK_SIZE &&
	       number <= (cache_end(request) - 1) / BLOCK_SIZE;
}

static bool cache_is_wanted(const struct cache *cache, uint64_t number)
{
	for (GList *link = cache->active.head; link; link = link->next) {
		if (cache_reads(link->data, number))
			return true;
	}
	return false;
}

static bool cache_run_is_wanted(const struct cache *cache, const struct block *block)
{
	for (GList *link = cache->blocks.fetching.head; link; link = link->next) {
		const struct block *other = link->data;

		if (other->run == block->run && cache_is_wanted(cache, other->number))
			return true;
	}
	return false;
}

static bool cache_is_written(const struct cache *cache, uint64_t number)
{
	for (GList *link = cache->active.head; cache->writes > 0 && link; link = link->next) {
		const struct source_request *request = link->data;

		if (request->kind == CACHE_WRITE && request->started &&
				number >= request->offset / BLOCK_SIZE &&
				number <= (cache_end(request) - 1) / BLOCK_SIZE)
			return true;
	}
	return false;
}

void cache_drop_range(struct cache *cache, uint64_t offset, uint64_t size)
{
	uint64_t last = (offset + size - 1) / BLOCK_SIZE;

	for (uint64_t number = offset / BLOCK_SIZE; number <= last; number++) {
		struct block *block = blocks_find(&cache->blocks, number);

		if (block)
			fetch_drop(&cache->fetch, block);
	}
}

void cache_drop_ahead(struct cache *cache)
{
	GList *next;

	for (GList *link = cache->blocks.fetching.head; link; link = next) {
		struct block *block = link->data;

		next = link->next;
		if (block->ahead && !cache_is_wanted(cache, block->number))
			fetch_drop(&cache->fetch, block);
	}
}

/* Room for one more that somebody waits for: at the cost of what nobody does. */
static bool cache_make_room(struct cache *cache)
{
	GList *previous;

	for (GList *link = cache->blocks.fetching.tail; link && fetch_is_full(&cache->fetch);
			link = previous) {
		struct block *block = link->data;

		previous = link->prev;
		/* Of a run that somebody waits for, the others come with it anyhow. */
		if (!cache_run_is_wanted(cache, block))
			fetch_drop(&cache->fetch, block);
	}
	return !fetch_is_full(&cache->fetch);
}

/* All who will need it: to ask again would keep asking until they come to it. */
static void cache_fail_readers(struct cache *cache, uint64_t number, const GError *error)
{
	GList *next;

	for (GList *link = cache->active.head; link; link = next) {
		struct source_request *request = link->data;

		next = link->next;
		if (cache_reads(request, number))
			cache_finish(cache, request, g_error_copy(error));
	}
}

static void cache_fetch_failed(struct block *block, const GError *error, void *data)
{
	struct cache *cache = data;

	if (block->ahead)
		ahead_stop(&cache->ahead);
	else
		cache_fail_readers(cache, block->number, error);
}

static void cache_fetch_ended(void *data)
{
	cache_pump(data);
}

/* Of the blocks from number to last, those that a request may be made for at once. */
static unsigned int cache_missing(const struct cache *cache, uint64_t number, uint64_t last)
{
	unsigned int count = 0;

	while (count < FETCH_MOST && number + count <= last &&
			!blocks_find(&cache->blocks, number + count) &&
			!cache_is_written(cache, number + count))
		count++;
	return count;
}

bool cache_fetch_for(struct cache *cache, const struct source_request *request)
{
	uint64_t first = request->at / BLOCK_SIZE;
	/* A read larger than the cache must not push out what it comes to next. */
	uint64_t last = MIN((cache_end(request) - 1) / BLOCK_SIZE, first + cache->blocks.count / 2);

	for (uint64_t number = first; number <= last; number++) {
		unsigned int count = cache_missing(cache, number, last);

		if (count == 0)
			continue;
		if (!cache_make_room(cache))
			return false;
		count = fetch_begin(&cache->fetch, number, count, false);
		if (count == 0)
			return false;
		number += count - 1;
	}
	return true;
}

/* Rather a long run a little later, while the reader has enough before it. */
static bool cache_may_wait(const struct cache *cache, uint64_t from, uint64_t to)
{
	uint64_t count = (to - 1) / BLOCK_SIZE - from / BLOCK_SIZE + 1;

	return count < fetch_longest(&cache->fetch) && to < cache->below->size &&
	       from - cache->ahead.next >= cache->ahead.window / 2;
}

void cache_fetch_ahead(struct cache *cache)
{
	uint64_t from, to;

	/* What is written now would have to be dropped. */
	if (cache->writes > 0)
		return;
	ahead_range(&cache->ahead, &from, &to);
	to = MIN(to, cache->below->size);
	while (from < to) {
		uint64_t number = from / BLOCK_SIZE;
		unsigned int count = 1;

		if (!blocks_find(&cache->blocks, number)) {
			if (fetch_is_full(&cache->fetch) || cache_may_wait(cache, from, to))
				return;
			count = cache_missing(cache, number, (to - 1) / BLOCK_SIZE);
			count = fetch_begin(&cache->fetch, number, count, true);
			if (count == 0)
				return;
		}
		from = (number + count) * BLOCK_SIZE;
		ahead_fetched(&cache->ahead, from);
	}
}

void cache_fetch_init(struct cache *cache)
{
	const struct fetch_events events = {
			.failed = cache_fetch_failed, .ended = cache_fetch_ended, .data = cache};

	fetch_init(&cache->fetch, cache->below, &cache->blocks, cache->ahead.largest, &events);
}
