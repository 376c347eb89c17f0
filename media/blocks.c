/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/mman.h>
#include "media/blocks.h"

bool blocks_init(struct blocks *blocks, size_t size)
{
	blocks->count = (unsigned int)(size / BLOCK_SIZE);
	blocks->memory = mmap(NULL, (size_t)blocks->count * BLOCK_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (blocks->memory == MAP_FAILED)
		return false;
	blocks->all = g_new0(struct block, blocks->count);
	/* Its keys are the numbers within the blocks. */
	blocks->by_number = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_queue_init(&blocks->free);
	g_queue_init(&blocks->fetching);
	g_queue_init(&blocks->held);
	g_queue_init(&blocks->dropped);
	blocks->lent = 0;
	blocks->wasted = 0;
	for (unsigned int i = 0; i < blocks->count; i++) {
		struct block *block = &blocks->all[i];

		block->bytes = blocks->memory + (size_t)i * BLOCK_SIZE;
		block->link.data = block;
		g_queue_push_tail_link(&blocks->free, &block->link);
	}
	return true;
}

void blocks_destroy(struct blocks *blocks)
{
	g_hash_table_destroy(blocks->by_number);
	g_free(blocks->all);
	munmap(blocks->memory, (size_t)blocks->count * BLOCK_SIZE);
}

struct block *blocks_find(const struct blocks *blocks, uint64_t number)
{
	return g_hash_table_lookup(blocks->by_number, &number);
}

static GQueue *blocks_queue(struct blocks *blocks, enum block_state state)
{
	switch (state) {
	case BLOCK_FETCHING:
		return &blocks->fetching;
	case BLOCK_HELD:
		return &blocks->held;
	case BLOCK_DROPPED:
		return &blocks->dropped;
	default:
		return &blocks->free;
	}
}

static void blocks_move(struct blocks *blocks, struct block *block, enum block_state state)
{
	g_queue_unlink(blocks_queue(blocks, block->state), &block->link);
	block->state = state;
	/* The last that was free is the first to be taken: its memory is there. */
	if (state == BLOCK_FREE)
		g_queue_push_head_link(&blocks->free, &block->link);
	else
		g_queue_push_tail_link(blocks_queue(blocks, state), &block->link);
}

static struct block *blocks_oldest(const struct blocks *blocks)
{
	for (GList *link = blocks->held.head; link; link = link->next) {
		struct block *block = link->data;

		if (!block->lent)
			return block;
	}
	return NULL;
}

struct block *blocks_take(struct blocks *blocks, uint64_t number)
{
	struct block *block = g_queue_peek_head(&blocks->free);

	if (!block) {
		block = blocks_oldest(blocks);
		if (!block)
			return NULL;
		blocks_drop(blocks, block);
	}
	block->number = number;
	block->ahead = false;
	blocks_move(blocks, block, BLOCK_FETCHING);
	g_hash_table_insert(blocks->by_number, &block->number, block);
	return block;
}

void blocks_hold(struct blocks *blocks, struct block *block)
{
	block->run = NULL;
	blocks_move(blocks, block, BLOCK_HELD);
}

void blocks_use(struct blocks *blocks, struct block *block)
{
	block->ahead = false;
	blocks_move(blocks, block, BLOCK_HELD);
}

void blocks_drop(struct blocks *blocks, struct block *block)
{
	blocks->wasted += block->ahead;
	block->run = NULL;
	g_hash_table_remove(blocks->by_number, &block->number);
	blocks_move(blocks, block, block->lent ? BLOCK_DROPPED : BLOCK_FREE);
}

bool blocks_lend(struct blocks *blocks, struct block *block)
{
	if (!block->lent && blocks->lent >= blocks->count / 2)
		return false;
	blocks->lent += block->lent++ == 0;
	return true;
}

void blocks_return(struct blocks *blocks, struct block *block)
{
	if (--block->lent > 0)
		return;
	blocks->lent--;
	if (block->state == BLOCK_DROPPED)
		blocks_move(blocks, block, BLOCK_FREE);
}

struct block *blocks_of(const struct blocks *blocks, const uint8_t *byte)
{
	return &blocks->all[(size_t)(byte - blocks->memory) / BLOCK_SIZE];
}
