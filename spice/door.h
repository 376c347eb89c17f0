/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * How a channel gets to spice-server: the client shows its password to us, not to the library,
 * which asks for none. Its link message goes to the library through a pair of sockets, the
 * library's reply comes back with our key in it, so that all that both sides can do stays between
 * them, and the ticket is ours to open and to judge. When the library lets the channel in, the
 * client's own socket takes the place of the pair's end under the same descriptor: nothing is
 * passed on from then on.
 *
 * For untrusted clients. Nothing blocks. Main thread only.
 */
#include <stdbool.h>
#include "spice/link.h"

struct door;

/* None may close the door; it is over after ended. */
struct door_events {
	/*
	 * The library is to be given this descriptor, which is its own from then on. False: it does
	 * not take it.
	 */
	bool (*hand_over)(struct door *door, int fd, void *data);
	/* What the ticket of a channel of that type says: whether it is let in. */
	bool (*judge)(struct door *door, const struct link_message *message,
			const struct link_secret *said, void *data);
	/* The client is not let in, or has gone. The door is freed. */
	void (*ended)(struct door *door, void *data);
	void *data;
};

/*
 * Takes a connected socket of which nothing was read. It has 10 s. key stays the caller's and
 * outlives the door; events is copied.
 */
struct door *door_open(int fd, const struct link_key *key, const struct door_events *events);

/*
 * The library has said that the channel is let in, and nothing else yet: the client is told so, and
 * the descriptor that was handed over is the client's. Frees the door, without a word.
 */
void door_pass(struct door *door);

/* Closes what it has; the library hears an end. No event comes. */
void door_close(struct door *door);
