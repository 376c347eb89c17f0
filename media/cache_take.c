/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads that end at once, of what is in memory already. */
#include <string.h>
#include "media/cache_private.h"

static bool cache_is_held(const struct cache *cache, uint64_t number)
{
	const struct block *block = blocks_find(&cache->blocks, number);

	return block && block->state == BLOCK_HELD;
}

/* What may be read at once if its blocks are held. */
static bool cache_may_take(const struct cache *cache, uint64_t offset, size_t size)
{
	const struct source *below = cache->below;
	uint64_t end = offset + size;

	return below->state != SOURCE_OPENING && cache->writes == 0 && size > 0 && end >= offset &&
	       end <= below->size;
}

static void cache_taken(struct cache *cache, uint64_t offset, size_t size, uint64_t blocks)
{
	cache->stats.hits += blocks;
	cache->stats.asked += size;
	if (!ahead_read(&cache->ahead, offset, size, true))
		cache_drop_ahead(cache);
	cache_pump(cache);
}

bool cache_take(struct cache *cache, uint64_t offset, size_t size, void *bytes)
{
	uint64_t end = offset + size;
	uint64_t first = offset / BLOCK_SIZE, last = (end - 1) / BLOCK_SIZE;

	if (!cache_may_take(cache, offset, size))
		return false;
	for (uint64_t number = first; number <= last; number++)
		if (!cache_is_held(cache, number))
			return false;
	for (uint64_t number = first; number <= last; number++) {
		struct block *block = blocks_find(&cache->blocks, number);
		uint64_t from = MAX(offset, number * BLOCK_SIZE);
		uint64_t to = MIN(end, (number + 1) * BLOCK_SIZE);

		memcpy((uint8_t *)bytes + (from - offset), block->bytes + from % BLOCK_SIZE,
				to - from);
		blocks_use(&cache->blocks, block);
	}
	cache_taken(cache, offset, size, last - first + 1);
	return true;
}

const void *cache_lend(struct cache *cache, uint64_t offset, size_t size)
{
	uint64_t number = offset / BLOCK_SIZE;
	struct block *block;

	if (!cache_may_take(cache, offset, size) || offset % BLOCK_SIZE + size > BLOCK_SIZE ||
			!cache_is_held(cache, number))
		return NULL;
	block = blocks_find(&cache->blocks, number);
	if (!blocks_lend(&cache->blocks, block))
		return NULL;
	blocks_use(&cache->blocks, block);
	cache_taken(cache, offset, size, 1);
	return block->bytes + offset % BLOCK_SIZE;
}

void cache_give_back(struct cache *cache, const void *bytes)
{
	blocks_return(&cache->blocks, blocks_of(&cache->blocks, bytes));
	/* Those who wait may have found no room. Not here: the giver may be in the midst of it. */
	if (cache->active.length > 0)
		cache_kick(cache);
}
