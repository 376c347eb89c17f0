/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Between a client that speaks TLS or websocket, or both, and those who understand plain SPICE
 * only: unwraps what comes, finds out for which connection and channel it is, and passes it on
 * through a pair of loopback TCP sockets (spice-server takes a unix socket's peer for local and
 * compresses nothing). One protocol message to a TLS record: clients look at the socket for more,
 * not into the record. Everything is called, and calls back, on the thread of one GMainContext.
 */
#include <glib.h>
#include <stdbool.h>
#include "spice/greeting.h"

struct ssl_ctx_st;
struct bridge;

struct bridge_settings {
	GMainContext *context;
	struct ssl_ctx_st *tls; /* NULL: no TLS is spoken; referenced by each bridge */
	/*
	 * Whether a browser's page of that origin may come; origin NULL: it said none. NULL: every
	 * page may. data: that of the bridge's events. Who refuses it says so: the bridge then ends
	 * without a reason.
	 */
	bool (*origin)(const char *origin, const char *host, void *data);
	/* A display channel that ends or is silent before its first message gets one made up:
	 * spice-server cannot do without (DISPLAY_INIT). */
	bool display_init;
	/* Display channels are this program's own: their inner pair is of unix sockets, which cost
	 * less, and hold more at a time. */
	bool own_display;
};

struct bridge_events {
	/*
	 * It is known who is meant. inner: the plain end, nothing read from it yet, the callee's to
	 * close. The bridge goes on until one of its ends closes.
	 */
	void (*routed)(struct bridge *bridge, int inner, const struct greeting *greeting,
			void *data);
	/* It is over, before or after routed; the bridge is to be closed by this or later. reason:
	 * NULL, or what was wrong with what came, in words. */
	void (*ended)(struct bridge *bridge, const char *reason, void *data);
	void *data;
};

/*
 * Takes a connected non-blocking socket whose first bytes, not taken from it yet, are kind
 * (GREETING_TLS, _HTTP or _SPICE). settings stays the caller's and outlives the bridge; events is
 * copied.
 */
struct bridge *bridge_open(int fd, enum greeting_kind kind, const struct bridge_settings *settings,
		const struct bridge_events *events);

bool bridge_websocket(const struct bridge *bridge);
bool bridge_encrypted(const struct bridge *bridge);

/* Closes both ends it still has. No event comes from then on. NULL is fine. */
void bridge_close(struct bridge *bridge);
