/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The disc that a SPICE client shares ("share CD" in remote-viewer) as a source: the client offers
 * a USB disc drive by usbredir, we are its host. Bytes in, bytes out; no I/O here. Main thread
 * only, default main context.
 *
 * One client for each USB channel, from its opening to its closing; discs come and go in it, one at
 * a time. A client that does not answer is waited for (SOURCE_WAITING), for as long as it takes:
 * its channel ends when it is gone.
 */
#include <stdbool.h>
#include <stddef.h>
#include "media/source.h"

#define CLIENT_SLOW_MS 5000 /* without an answer it is said to wait */

/* Called from within media_client_receive or a call of the source; none may close the client. */
struct media_client_events {
	/* To the client's USB channel, in this order; also from within calls of the source. */
	void (*send)(const void *bytes, size_t size, void *data);
	/*
	 * A disc is there, SOURCE_READY and with a size; whoever is told closes the source. It may
	 * outlive the client.
	 */
	void (*offered)(struct source *source, void *data);
	/* The source has failed: the disc is shared no more, or another one; it is to be closed. */
	void (*withdrawn)(struct source *source, void *data);
	/* The source was closed by whom it was offered to. May be NULL. */
	void (*closed)(void *data);
	/* Something is not taken; why, in words. */
	void (*refused)(const char *why, void *data);
	void *data;
};

struct media_client;

/* Greets the client at once. */
struct media_client *media_client_new(const struct media_client_events *events);

void media_client_receive(struct media_client *client, const void *bytes, size_t size);

/*
 * The disc that was offered is not wanted: the client tells its user that it was refused. Its
 * source has failed then and is still to be closed. To close a source without this ends the sharing
 * as a user's eject does.
 */
void media_client_reject(struct media_client *client);

/* The channel is gone. A source that is still open fails. NULL is fine. */
void media_client_close(struct media_client *client);
