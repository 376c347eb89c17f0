/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A session on a socket of its own, in the main loop of GLib: the only traffic with the BMC is that
 * of session.h. Nothing blocks. Functions and callbacks are the main thread's.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include "rack/session.h"

struct session_udp;

/* The state has changed, or a request is done: kind is STATE, ANSWER or FAILED. */
typedef void (*session_udp_fn)(
		struct session_udp *udp, const struct session_event *event, void *data);

/*
 * Starts at once; the address is a number, "192.0.2.7" or "2001:db8::7" ("fe80::7%eth0" with its
 * interface), as names would have to be looked up. NULL with an error (G_FILE_ERROR) when it is no
 * address, or there is no socket. A BMC that is not there, or that there is no way to yet, is no
 * error: it is silent.
 */
struct session_udp *session_udp_new(const char *address, uint16_t port,
		const struct session_settings *settings, session_udp_fn told, void *data,
		GError **error);

/* As session_ask; may be called in the callback. */
bool session_udp_ask(struct session_udp *udp, const struct session_request *request);

/* Closes the session: the state is STOPPED when that is done. */
void session_udp_stop(struct session_udp *udp);

/* Not in the callback. NULL is fine. */
void session_udp_free(struct session_udp *udp);
