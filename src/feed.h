/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A cached source as the medium of a drive, with what is worth knowing of it: both rooms know
 * nothing of each other. Main thread.
 */
#include <glib.h>
#include "gadget/drive.h"
#include "media/cache.h"

struct feed_events {
	/* As of a source. */
	void (*state)(enum source_state state, const char *reason, void *data);
	/* A read or write failed for the drive; why. May not close the feed. */
	void (*failed)(const char *reason, void *data);
	void *data;
};

struct feed_stats {
	struct cache_stats cache;
	double rate; /* bytes per second from the source, of late */
};

struct feed;

/*
 * Takes over a source, in the turn in which it was opened. NULL and error (G_FILE_ERROR_NOMEM): the
 * source stays the caller's.
 */
struct feed *feed_new(struct source *source, const struct cache_limits *limits,
		const struct feed_events *events, GError **error);

/* What it was made of, to be compared only. */
const struct source *feed_origin(const struct feed *feed);

/* Size, state and reads without a drive. */
struct source *feed_source(struct feed *feed);

/* For drive_insert; size and writable too. Once the source is ready. */
void feed_medium(struct feed *feed, struct drive_medium *medium);

void feed_stats(struct feed *feed, struct feed_stats *stats);

/* Closes the source; what the drive asked for never ends. NULL is fine. */
void feed_close(struct feed *feed);
