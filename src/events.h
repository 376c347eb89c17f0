/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What happens, for everybody who listens: numbered, the last ones kept for those who
 * come back after a gap. Main thread only.
 */
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct events;

struct event {
	uint64_t id;        /* 1, 2, ... since the daemon's start */
	const char *type;   /* "node.replaced"; spicerack-api(7) has them all */
	const json_t *data; /* an object with "time" (RFC 3339) among its members */
};

typedef void (*events_fn)(const struct event *event, void *data);

struct events *events_new(size_t keep);

/* data: an object, given away; NULL: nothing but the time. type: not copied. Listeners hear of it
 * before this returns; they may listen, end listening and publish. */
void events_publish(struct events *events, const char *type, json_t *data);

/* Tells those after id that are still kept, in order; then whatever comes. since UINT64_MAX: only
 * what comes. Returns false, and does neither, when some after it are not kept any more, or it is
 * none of ours yet. */
bool events_listen(struct events *events, uint64_t since, events_fn fn, void *data);
void events_unlisten(struct events *events, events_fn fn, void *data);

uint64_t events_last(const struct events *events);  /* id; 0: none yet */
uint64_t events_first(const struct events *events); /* the oldest that is kept; 0: none */

/* Tells these events from those of another run, which have the same numbers: at random, since
 * clocks of boards without a battery begin anew with every start. From 1 on. */
int64_t events_run(const struct events *events);

void events_free(struct events *events); /* NULL is fine */
