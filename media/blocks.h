/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The memory of a cache: a fixed number of blocks, each free, being fetched, or held, and the least
 * recently used makes room. It is reserved once and taken from the system as it is used; nothing
 * is allocated later. What is lent makes no room until it is given back. One thread.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_SIZE 65536u

enum block_state { BLOCK_FREE, BLOCK_FETCHING, BLOCK_HELD, BLOCK_DROPPED };

struct fetch_run;

struct block {
	uint64_t number; /* of the image: offset / BLOCK_SIZE */
	enum block_state state;
	uint8_t *bytes;        /* BLOCK_SIZE */
	unsigned int lent;     /* how often: its bytes stay as they are */
	bool ahead;            /* came before it was asked for, and nobody has asked since */
	struct fetch_run *run; /* for the user of the blocks: what fetches it */
	GList link;            // blocks::free, ::fetching, ::held or ::dropped
};

struct blocks {
	unsigned int count;
	struct block *all;
	uint8_t *memory;
	GHashTable *by_number; /* fetching and held */
	GQueue free, fetching; /* the order of fetching is that of asking */
	GQueue held;           /* least recently used first */
	GQueue dropped;        /* but lent: free when they come back */
	unsigned int lent;     /* blocks that are */
	uint64_t wasted;       /* blocks that left with ahead set */
};

/* size: bytes, at least two blocks. False when there is not so much memory. */
bool blocks_init(struct blocks *blocks, size_t size);
void blocks_destroy(struct blocks *blocks);

/* Fetching or held; NULL when it is neither. */
struct block *blocks_find(const struct blocks *blocks, uint64_t number);

/* One to fetch a number into that is not there; NULL when all are being fetched, or lent. */
struct block *blocks_take(struct blocks *blocks, uint64_t number);

void blocks_hold(struct blocks *blocks, struct block *block); /* it was fetched */
void blocks_use(struct blocks *blocks, struct block *block);  /* somebody read it */
void blocks_drop(struct blocks *blocks, struct block *block);

/*
 * A held one for somebody who reads its bytes where they are. False: as many are lent as may be,
 * half of all. Each is to be given back, also when it was dropped meanwhile.
 */
bool blocks_lend(struct blocks *blocks, struct block *block);
void blocks_return(struct blocks *blocks, struct block *block);

/* The one that a byte in memory belongs to. */
struct block *blocks_of(const struct blocks *blocks, const uint8_t *byte);
