/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The disc that one of the viewers shares: joins the viewers' USB channels, one seat each, with
 * media/client, lets one disc be shared at a time and says no to the others in words. Main thread
 * only.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct source;

struct shared_disc_events {
	/*
	 * A disc is there, read-only, ready to be read. True: the source is the callee's, who
	 * closes it when it is out again. False: there is no place for it; the viewer is told.
	 */
	bool (*offered)(struct source *source, const char *viewer, void *data);
	/* The viewer shares it no more, or has gone: to be closed now. */
	void (*withdrawn)(struct source *source, void *data);
	/* One line for the log and the status: a disc was not taken, and why. */
	void (*refused)(const char *text, void *data);
	void *data;
};

typedef void (*shared_disc_send_fn)(const void *bytes, size_t size, void *data);

struct shared_disc;
struct shared_seat;

struct shared_disc *shared_disc_new(const struct shared_disc_events *events);

/*
 * A viewer's USB channel opened. viewer: who it is, copied; send: to the channel; may be called at
 * once.
 */
struct shared_seat *shared_disc_join(struct shared_disc *shared, const char *viewer,
		shared_disc_send_fn send, void *data);

/* What came over it. */
void shared_disc_receive(struct shared_seat *seat, const void *bytes, size_t size);

/* It closed: what it shared is withdrawn. NULL is fine. */
void shared_disc_leave(struct shared_seat *seat);

/* When all have left. NULL is fine. */
void shared_disc_free(struct shared_disc *shared);
