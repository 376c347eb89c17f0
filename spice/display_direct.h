/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A display (see display.h) over a display channel of our own: link and ticket, surface, and what
 * changed as JPEGs made by the picture's coder, which need no decoding on the way. For any client
 * that knows SPICE's JPEG images, which all do. Text that scrolls is copied by a client that has
 * seen all there was before. Main thread only.
 *
 * Flow control: each update ends with a PING, whose PONG says that the client has drawn it; two are
 * under way at most: more small ones on a long way, one where they wait on it. What changes
 * meanwhile goes out with the next, once.
 */
#include <stdbool.h>
#include <stdint.h>
#include "spice/display.h"

struct link_secret;
struct link_key; /* spice/link.h: the key pair for tickets, made once for all channels */
struct direct_updates;

/*
 * What viewers that look at the same picture have in common: the newest update's bytes are made
 * once. So that all mean the same by the newest picture, each change is told to every display of
 * these before the picture changes again, and a new display is shown the picture once.
 */
struct direct_updates *direct_updates_new(void);
void direct_updates_free(struct direct_updates *updates); /* NULL is fine; after its displays */

struct direct_settings {
	struct link_key *key;
	struct direct_updates *updates;
	bool full_header; /* JPEGs with their Huffman tables, for clients that lack the usual ones
			   */
	bool moves;       /* what has moved is copied by the client: only for those that draw in the
			     order of the messages, not for browsers, whose JPEGs are drawn later */
};

/* They may drop the client, not close the display. */
struct direct_events {
	/* The client's channel is linked and wants a picture; it has ended. Each once a client; one
	 * that was never opened is not told to have ended. */
	void (*opened)(void *data);
	void (*closed)(void *data);
	/* What the client's ticket says: whether it is let in. */
	bool (*judge)(const struct link_secret *said, void *data);
	void *data;
};

/* How a viewer's link does, for the choice of a quality. */
struct direct_pace {
	unsigned int round_trip; /* ms from an update's last byte to its PONG, of late; 0: not known
				  */
	unsigned int way;  /* ms of that which the way itself takes, by the smaller updates; 0: not
			      known */
	unsigned int rate; /* bytes a second that the client took while it was kept busy, by the
			      larger updates; too low where the way is long; 0: not known */
	bool behind;       /* changes wait for the client */
	unsigned int updates; /* that were sent since the display is there */
	uint64_t sent;        /* bytes of them */
};

struct display *display_direct_new(
		const struct direct_settings *settings, const struct direct_events *events);

/*
 * Takes a connected socket whose link message is still to be read. One client at a time: a second
 * one replaces the first as soon as its ticket is right; it has 5 s for that.
 */
void display_direct_client(struct display *display, int fd);

/* Ends the client's channel, or its attempt to have one; closed is told. */
void display_direct_drop(struct display *display);

void display_direct_pace(const struct display *display, struct direct_pace *out);
