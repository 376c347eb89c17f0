/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The last frames in bounded memory, as they came compressed. A store is memory that several reels
 * share; a reel is a row of entries in groups, each of which begins with a complete frame, so that
 * the oldest can go while what is left still plays. Pure but for the memory; one thread.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "capture/capture.h"

#define REEL_CHUNK 16384 /* bytes that a store gives at a time */

enum reel_kind {
	REEL_COMPLETE,   /* a frame that shows nothing from before */
	REEL_DIFFERENCE, /* one that does */
	REEL_MARK,       /* words about what happened */
};

struct reel_entry {
	enum reel_kind kind;
	enum capture_state state;   /* of a mark: since then */
	int64_t time;               /* CLOCK_MONOTONIC, microseconds; not falling */
	int64_t wall;               /* microseconds since 1970, UTC */
	size_t size;                /* bytes of its data: a frame's, or a mark's words */
	struct capture_frame frame; /* of frames, but for data and size */
};

struct reel_stats {
	unsigned int frames, marks, groups;
	size_t bytes;        /* of memory that it occupies */
	int64_t first, last; /* times of its oldest and newest entry; 0: it is empty */
	int64_t first_wall, last_wall;
};

struct reel_store;
struct reel;

/* Takes so many bytes, whole chunks of it; pages that were never used cost nothing. NULL: memory is
 * short, or it would be less than two chunks. */
struct reel_store *reel_store_new(size_t bytes);
size_t reel_store_size(const struct reel_store *store); /* bytes */
void reel_store_free(struct reel_store *store); /* when all of its reels are; NULL is fine */

struct reel *reel_new(struct reel_store *store);
struct reel *reel_ref(struct reel *reel);
void reel_unref(struct reel *reel); /* gives its memory back with the last one; NULL is fine */

/*
 * Adds an entry; the oldest groups go when the store is full. A difference without the complete
 * frame that it is to stand on is not taken. False: it was not; a reel that was all one group is
 * empty then, and goes on with the next complete frame.
 */
bool reel_add(struct reel *reel, const struct reel_entry *entry, const void *data);

/* What comes next does not stand on what came last. */
void reel_gap(struct reel *reel);

/* Whether a difference can be added. */
bool reel_goes_on(const struct reel *reel);

/* Bytes since the last complete frame, with it. */
size_t reel_group_size(const struct reel *reel);

/* Lets the oldest groups go until it occupies no more; one group stays. */
void reel_trim(struct reel *reel, size_t bytes);

void reel_stats(const struct reel *reel, struct reel_stats *stats);

/* Where somebody reads; zeroed: at the oldest entry. */
struct reel_place {
	uint64_t offset;
	bool begun;
};

/*
 * The next entry, with its data instead of what data held; NULL: only the entry. False: there are
 * no more. Of a reel that is added to, what was let go is passed over.
 */
bool reel_read(const struct reel *reel, struct reel_place *place, struct reel_entry *entry,
		GByteArray *data);
