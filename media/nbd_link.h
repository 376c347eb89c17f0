/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One connection to an NBD server, from the look-up of its name to its end, on the default main
 * context. Looking up and connecting happen on a thread, since libnbd waits for the resolver;
 * closing does not wait for that thread.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "media/nbd_library.h"

/* What every connection of a source needs; ours, and must outlive the links. */
struct nbd_access {
	struct nbd_library call;
	char *uri, *name; /* name: for messages */
	char *folder;     /* ca-cert.pem and, if there are, client-cert.pem, client-key.pem */
	bool insecure;
};

enum nbd_end {
	NBD_LOST,  /* the server is away: later, as often as it takes */
	NBD_FINAL, /* trying again will not mend it */
};

/* Called from the main loop, never from within a call of the link; may close it. */
struct nbd_link_events {
	void (*ready)(void *data);
	void (*moved)(void *data); /* something came; requests may have ended */
	void (*ended)(enum nbd_end end, const char *reason, void *data);
	void *data;
};

struct nbd_link;

/* Errors: G_FILE_ERROR. Makes a folder for the certificates that libnbd is led to. */
bool nbd_access_fill(struct nbd_access *access, const char *uri, const char *ca_file,
		const char *certificates, bool insecure, GError **error);
void nbd_access_clear(struct nbd_access *access);

struct nbd_link *nbd_link_open(
		const struct nbd_access *access, const struct nbd_link_events *events);

/* For requests; NULL until it is ready. nbd_link_watch after each that was begun. */
struct nbd_handle *nbd_link_handle(const struct nbd_link *link);
void nbd_link_watch(struct nbd_link *link);

/* Since when it is silent; monotonic, microseconds. */
int64_t nbd_link_heard(const struct nbd_link *link);

/* Nothing was asked for until now: its silence begins here. */
void nbd_link_rested(struct nbd_link *link);

/* At once; no request of its handle is called back, and none touches its memory. NULL is fine. */
void nbd_link_close(struct nbd_link *link);
