/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Accepts SPICE connections on a TCP address or a unix socket, tunes them, and hands each one that
 * has begun to speak SPICE to its owner. A connection that stays silent is closed; too many at once
 * are refused. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "spice/greeting.h"

enum listener_error {
	LISTENER_ERROR_SYNTAX,     /* not an address */
	LISTENER_ERROR_HOST,       /* no such host */
	LISTENER_ERROR_IN_USE,     /* somebody else is there */
	LISTENER_ERROR_PERMISSION, /* a port below 1024, a directory of somebody else's */
	LISTENER_ERROR_FAILED,
};

#define LISTENER_ERROR listener_error_quark()
GQuark listener_error_quark(void);

/* Takes the descriptor: non-blocking, close-on-exec, nothing read from it yet. */
typedef void (*listener_client_fn)(int fd, void *data);

/* A connection that it is known of what it wants. */
struct listener_client {
	int fd;
	struct greeting greeting;
	char peer[80]; /* "192.0.2.7:51342", "[2001:db8::7]:51342", "local" */
	bool encrypted, websocket;
};

struct listener;

/*
 * address: "HOST:PORT", "[IPv6]:PORT", ":PORT" (every address) or "unix:PATH". Port 0 takes a free
 * one. A host name is looked up, which may block: for the start of a program. A unix socket has
 * mode 0660, and a path that a dead process left is taken over. Returns NULL and sets error
 * (LISTENER_ERROR) naming the address and the cause.
 */
struct listener *listener_open(
		const char *address, listener_client_fn client, void *data, GError **error);

/* What it listens on, with the port that was taken: "127.0.0.1:5900" or "unix:/run/x". */
const char *listener_address(const struct listener *listener);

void listener_close(struct listener *listener); /* NULL is fine; removes a unix socket's path */
