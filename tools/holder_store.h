/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What spicerack-holder holds: descriptors by name, and what a message on its notify socket asks
 * (sd_notify(3): lines of NAME=VALUE). One thread.
 */
#include <stdbool.h>
#include <stddef.h>

#define HOLDER_NAME 255 /* characters, as systemd has it */

struct holder_words {
	bool store, remove, ready, stopping;
	char name[HOLDER_NAME + 1]; /* "stored" when the message names none */
};

/*
 * Reads a message, not terminated. False: a name that cannot be, or two things at once; nothing is
 * to be done then. What it does not know it skips.
 */
bool holder_words(struct holder_words *words, const char *text, size_t size);

struct holder_item {
	char *name;
	int fd;
};

struct holder_store {
	struct holder_item *items; /* in the order in which they came */
	size_t count, limit;
};

/* Takes the descriptor: closed when there is no room (false, errno ENOSPC or ENOMEM). */
bool holder_store_add(struct holder_store *store, const char *name, int fd);

/* Drops all of that name; returns how many. */
size_t holder_store_remove(struct holder_store *store, const char *name);

void holder_store_clear(struct holder_store *store);
