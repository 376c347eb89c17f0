/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the listener and its connections share: listener.c has the sockets, the thread and the way
 * to the main thread, connection.c one connection from its first byte to its hand-over or, when it
 * needs a bridge, to its end.
 */
#include <glib-unix.h>
#include "spice/lockout.h"
#include "spice/bridge.h"
#include "spice/limits.h"
#include "spice/listener.h"

struct listener_arrivals {
	GQueue queue; /* struct listener_arrival */
	struct limits *limits;
};

struct listener {
	/* Fixed while the thread runs. */
	GMainContext *context; /* the thread's */
	GMainContext *home;    /* the main thread's */
	GThread *thread;
	GPtrArray *endpoints; /* struct endpoint */
	listener_client_fn client;
	void *data;

	/* The main thread's. */
	char *certificate, *key;

	/* The thread's. */
	GStrv origins;
	bool plain;
	GPtrArray *watches; /* GSource; empty during a pause */
	GSource *pause;     /* NULL when accepting */
	GSource *clock;     /* of limits */
	bool exhausted;     /* said already */
	gint64 said;
	struct limits *limits;
	GQueue connections; /* struct connection */
	struct bridge_settings bridge;

	/* Anybody's who has the lock. */
	GMutex lock;
	struct lockout *lockout;
	/* For the main thread. One that is busy is no reason for more of them. */
	struct listener_arrivals strangers, familiar; /* these first */
	GHashTable *viewers;                          /* connections that the familiar ones name */
	GSource *arrival; /* takes them there; NULL when there are none */

	gint stop; /* atomic */
};

struct listener_arrival {
	struct listener_client client;
	struct listener_arrivals *among;
	struct limits_place *place; /* in listener_arrivals::limits */
	GList link;                 /* listener_arrivals::queue */
};

/* For the main thread: NULL without a certificate. False: error is set (TLS_ERROR). */
bool listener_load(
		const char *certificate, const char *key, struct ssl_ctx_st **tls, GError **error);

/* All of these are called on the thread. */

/* Attached to the thread's context; the caller's to destroy with listener_source_end. */
GSource *listener_source(
		struct listener *listener, GSource *source, GSourceFunc function, void *data);
GSource *listener_watch(struct listener *listener, int fd, GUnixFDSourceFunc readable, void *data);
void listener_source_end(GSource **source); /* NULL in it is fine */

/* For the operator; what strangers cause is not said more often than every some seconds. */
void listener_say(struct listener *listener, const char *format, ...) G_GNUC_PRINTF(2, 3);

bool listener_refuses(struct listener *listener, const char *peer);

/* Hands it over; client is copied. */
void listener_arrive(struct listener *listener, const struct listener_client *client);

struct connection;

/* For bridge_settings; data is a connection. */
bool connection_origin(const char *origin, const char *host, void *data);

/* Takes an accepted socket; view: see struct listener_client. */
void connection_open(struct listener *listener, int fd, const char *peer, bool view);

/*
 * It is to make room for another: false if it had said by now what it wants, without anybody having
 * looked, and goes on where that leads; whether there is room is to be asked again. Else it is
 * closed.
 */
bool connection_give_way(struct connection *connection);

/* Closes it whatever it does. */
void connection_close(struct connection *connection);
