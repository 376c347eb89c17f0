/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Accepts SPICE connections on a TCP address or a unix socket, tunes them, and hands each one that has begun to
 * speak SPICE to its owner. A connection that stays silent is closed; too many at once are refused.
 * Main thread only.
 */
#include <glib.h>

/* Takes the descriptor. */
typedef void (*listener_client_fn)(int fd, void *data);

struct listener;

/*
 * address: "HOST:PORT", "[IPv6]:PORT", ":PORT" (every address) or "unix:PATH". Port 0 takes a free one.
 * Errors name the address and the cause (port in use, no permission, unknown host).
 */
struct listener *listener_open(const char *address, listener_client_fn client, void *data,
		GError **error);

/* What it listens on, with the port that was taken: "127.0.0.1:5900" or "unix:/run/x". */
const char *listener_address(const struct listener *listener);

void listener_close(struct listener *listener); /* NULL is fine; removes a unix socket's path */
