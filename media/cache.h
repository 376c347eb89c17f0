/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Blocks of an image in memory, between a drive and a source of any kind: what was read is there
 * for the next time, and what a host will read next is there before it asks. Threads as a source.
 *
 * A cache is a source itself, with the states of the one below, so that a drive need not know.
 *
 * - A block is fetched once for all who wait for it. As many are under way as the source makes use
 *   of, what a host waits for first, in ascending order.
 * - Reading ahead never fails for the host: a read that needs such a block asks again.
 * - Writes go through to the source before they end. A read that touches a write under way waits
 *   for its end.
 */
#include "media/source.h"

struct cache_limits {
	size_t bytes;  /* all memory for blocks, also for those under way; from 128 KiB */
	size_t window; /* most that is read ahead, but not more than half of bytes; 0: nothing */
};

#define CACHE_BYTES  (32u << 20)
#define CACHE_WINDOW (4u << 20)

/* Bytes since the cache is there, unless it says otherwise. */
struct cache_stats {
	uint64_t asked;        /* read by the host */
	uint64_t hits, misses; /* the same in blocks: in memory when asked, or not */
	uint64_t fetched;      /* that came from the source */
	uint64_t wasted;       /* asked of the source ahead, and dropped unread */
	uint64_t written;
	uint64_t errors;        /* reads, writes of the source that failed, ahead too */
	uint64_t held;          /* in memory now */
	unsigned int in_flight; /* reads of the source now */
};

struct cache;

/*
 * Takes over the source, also its events: who wants them listens to the cache. To be called before
 * the next turn of the main loop after the source was opened. NULL limits: the default.
 * NULL and error (G_FILE_ERROR_NOMEM) when there is no such memory; the source stays the caller's.
 */
struct cache *cache_new(struct source *source, const struct cache_limits *limits, GError **error);

/* The cache as a source; the cache's. To close the one is to close the other. */
struct source *cache_source(struct cache *cache);

/* As source_read and the rest. */
struct source_request *cache_read(struct cache *cache, uint64_t offset, size_t size, void *bytes,
		source_done_fn done, void *data);
struct source_request *cache_write(struct cache *cache, uint64_t offset, size_t size,
		const void *bytes, source_done_fn done, void *data);
struct source_request *cache_flush(struct cache *cache, source_done_fn done, void *data);

/*
 * The same at once when all of it is in memory: true, and the bytes are there. False: it is not, or
 * not to be had yet; nothing happened.
 */
bool cache_take(struct cache *cache, uint64_t offset, size_t size, void *bytes);

/*
 * The same without a copy, where one block has all of it: the bytes, which stay as they are until
 * cache_give_back. To be given back before the cache is closed. NULL: not so; nothing happened.
 */
const void *cache_lend(struct cache *cache, uint64_t offset, size_t size);
void cache_give_back(struct cache *cache, const void *bytes);

/* What it waited for is fetched nevertheless, for the host that asks again. */
void cache_cancel(struct cache *cache, struct source_request *request);

/* Closes the source too. Returns at once. NULL is fine. */
void cache_close(struct cache *cache);

/* Bytes that came from the source since the cache is there. */
uint64_t cache_fetched(const struct cache *cache);
void cache_stats(const struct cache *cache, struct cache_stats *stats);
