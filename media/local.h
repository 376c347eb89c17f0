/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A file of this machine that holds some blocks of an image: a page that says of which image, a
 * map of the blocks it has, and each at its place, so that the file is as large as the image and
 * takes the room of what is in it. A block counts from the moment that it is in the map, which is
 * after its bytes: killing the process at any time leaves a file that is right.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct local_kind {
	const char *word; /* in the first line of the file */
	uint32_t block;   /* bytes, a power of two from 4096 */
	bool sums;        /* the map has a check sum of each block, and what differs is refused */
};

struct local {
	const struct local_kind *kind;
	char *path;
	int fd;
	uint64_t size, count, data; /* of the image; blocks; where they begin in the file */
	bool continued;             /* it was there and is of this image */
	bool dropped;               /* removed when freed */
	uint8_t *bits;              /* the main thread's: bit per block that may be read */
	GMutex lock;                /* for the threads' map, as it is in the file */
	void *map;
	size_t map_size;
};

/* Takes over nothing; does nothing yet. */
struct local *local_new(const struct local_kind *kind, const char *path);
void local_free(struct local *local); /* on any thread */

/*
 * On a thread, before all others: opens or makes the file. renew: one of another image, or that
 * is spoilt, is begun anew instead of refused. identity: of the image. Errors: G_FILE_ERROR.
 */
bool local_load(struct local *local, const char *identity, uint64_t size, bool renew,
		GError **error);

/* On threads: whole blocks, the last of the image as long as it is. Errors: G_FILE_ERROR_IO. */
bool local_get(struct local *local, uint64_t offset, size_t size, void *bytes, GError **error);
bool local_put(struct local *local, uint64_t offset, size_t size, const void *bytes,
		GError **error);
bool local_sync(struct local *local, GError **error);

/* On the main thread: whether it has a block, and that a put has ended. */
bool local_has(const struct local *local, uint64_t block);
void local_note(struct local *local, uint64_t offset, size_t size);
