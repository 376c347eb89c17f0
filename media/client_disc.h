/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The source that a shared disc is: keeps what was asked for, says which sectors to read next so
 * that neighbours are read at once, and hands them out. It outlives the client when its owner lets
 * it. Main thread only.
 */
#include "media/source.h"

/* Some sectors, read with one command. */
struct client_disc_read {
	uint32_t sector, count;
};

struct client_disc_events {
	/* There is something to read, see client_disc_next; in a turn of the loop of its own. */
	void (*asked)(void *data);
	/* The owner has closed the source, it is no more. */
	void (*closed)(void *data);
	void *data;
};

struct client_disc;

/* sectors of so many bytes; most bytes in one read. Belongs to whom the source is given. */
struct client_disc *client_disc_new(uint64_t sectors, uint32_t sector_size, size_t most,
		const struct client_disc_events *events);

struct source *client_disc_source(struct client_disc *disc);

/* Of the whole image. */
uint64_t client_disc_sectors(const struct client_disc *disc);
uint32_t client_disc_sector_size(const struct client_disc *disc);

/* What to read next; false: nothing. Each is answered with came or failed, in any order. */
bool client_disc_next(struct client_disc *disc, struct client_disc_read *read);

/* Somebody still waits for some of it. */
bool client_disc_is_wanted(const struct client_disc *disc, const struct client_disc_read *read);

/* bytes: all of it. */
void client_disc_came(struct client_disc *disc, const struct client_disc_read *read,
		const uint8_t *bytes);
void client_disc_failed(
		struct client_disc *disc, const struct client_disc_read *read, const char *why);

/* SOURCE_READY or SOURCE_WAITING. */
void client_disc_state(struct client_disc *disc, enum source_state state, const char *reason);

/* The disc is gone: SOURCE_FAILED, all that waits fails, and no event comes any more. */
void client_disc_end(struct client_disc *disc, const char *reason);
