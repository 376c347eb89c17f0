/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A client of display_direct.h at the other end of a socket: how it links and what it says, and one
 * update at a time for it. What it sends is trusted in nothing; one that sends what no client does,
 * or takes more than 5 s to link, ends. Never blocks. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "spice/direct_updates.h"
#include "spice/link.h"

struct direct_client;

/* Each may free the client. */
struct direct_client_events {
	/* Its ticket: whether it is right. */
	bool (*ticket)(struct direct_client *client, const uint8_t ticket[LINK_TICKET], void *data);
	/* It is linked. */
	void (*opened)(struct direct_client *client, void *data);
	/* It has handled what came before the ping of that number. False: it was sent none. */
	bool (*pong)(struct direct_client *client, uint32_t id, void *data);
	/* What direct_client_send could not give to the socket at once is with it now. */
	void (*drained)(struct direct_client *client, void *data);
	/* It is over, the client is to be freed. */
	void (*ended)(struct direct_client *client, void *data);
	void *data;
};

/* Takes a connected socket. key stays the caller's; events is copied. */
struct direct_client *direct_client_new(
		int fd, const struct link_key *key, const struct direct_client_events *events);

/* SPICE_DISPLAY_CAP_* that it has told. */
bool direct_client_has(const struct direct_client *client, unsigned int cap);

/* Whether something is left of what was sent: then nothing more may be. */
bool direct_client_busy(const struct direct_client *client);

/*
 * Sends messages with mini headers, an update, and more messages. The update's reference passes to
 * the client. Returns whether all of it is with the socket; else drained comes.
 */
bool direct_client_send(struct direct_client *client, const GByteArray *before,
		struct direct_update *update, const GByteArray *after);

/* Closes the socket; no event comes from then on. NULL is fine. */
void direct_client_free(struct direct_client *client);
