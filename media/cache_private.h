/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the two halves of a cache share: cache.c, which asks and tells, and cache_fetch.c, which
 * decides what to fetch for those who wait and ahead of them, and what to give up for it.
 */
#include "media/ahead.h"
#include "media/blocks.h"
#include "media/cache.h"
#include "media/fetch.h"

enum cache_kind { CACHE_READ, CACHE_WRITE, CACHE_FLUSH };

/* What was asked of the cache. A pointer to one of the source below is never looked into. */
struct source_request {
	enum cache_kind kind;
	bool started; /* the size of the image is known and fits */
	uint64_t offset, size;
	uint64_t at;                  /* of a read: all before is copied */
	uint8_t *bytes;               /* the caller's; of a write only to be read */
	struct source_request *below; /* of a write or flush: under way at the source */
	struct cache *cache;
	source_done_fn done;
	void *data;
	GError *error;
	GList link; // cache::active, ::finished or ::spare
};

struct cache {
	struct source source; /* what we look like; first */
	struct source_ops ops;
	struct source *below; /* ours */
	char *reason;         /* why the source failed */
	struct blocks blocks;
	struct fetch fetch;
	struct ahead ahead;
	GQueue active, finished, spare;
	unsigned int writes; /* of active */
	GSource *turn;
	bool kicked;          /* it is ready: something to begin or to tell */
	bool telling, closed; /* closed while telling: freed after it */
	struct cache_stats stats;
};

static inline uint64_t cache_end(const struct source_request *request)
{
	return request->offset + request->size;
}

/* Has the loop's next turn begin and tell what there is. */
void cache_kick(struct cache *cache);

/* Takes over the error; NULL: it went well. Told at the loop's next turn. */
void cache_finish(struct cache *cache, struct source_request *request, GError *error);

/* Copies what there is to those who wait for it, and fetches what there is not. */
void cache_pump(struct cache *cache);

/* In cache_fetch.c. */
void cache_fetch_init(struct cache *cache);

/* What a read waits for, as far as there is room; false: there is no more. */
bool cache_fetch_for(struct cache *cache, const struct source_request *request);
void cache_fetch_ahead(struct cache *cache);

void cache_drop_range(struct cache *cache, uint64_t offset, uint64_t size);
void cache_drop_ahead(struct cache *cache); /* what is on its way and nobody waits for */
