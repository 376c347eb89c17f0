/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Accepts SPICE connections on TCP addresses and unix sockets, finds out what each one speaks and
 * for which viewer and channel it is, and hands it to its owner. TLS, websockets and what else
 * needs a bridge (bridge.h) live in a thread of the listener's own until they end, whoever stands
 * still elsewhere. A connection that does not say what it wants within LIMITS_TIME is closed; too
 * many at once drive out each other (limits.h), not those who speak. All functions are for the main
 * thread, which is the one whose default context is current at listener_open.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spice/greeting.h"
#include "spice/peer.h"

enum listener_error {
	LISTENER_ERROR_SYNTAX,     /* not an address */
	LISTENER_ERROR_HOST,       /* no such host */
	LISTENER_ERROR_IN_USE,     /* somebody else is there */
	LISTENER_ERROR_PERMISSION, /* a port below 1024, a directory of somebody else's */
	LISTENER_ERROR_FAILED,
};

#define LISTENER_ERROR listener_error_quark()
GQuark listener_error_quark(void);

#define LISTENER_PENDING_MOST        128
#define LISTENER_PENDING_PER_ADDRESS 32

struct listener_settings {
	/*
	 * "HOST:PORT", "[IPv6]:PORT", ":PORT" (every address) or "unix:PATH"; NULL ends the list.
	 * Port 0 takes a free one. A host name is looked up, which may block: for the start of a
	 * program. A unix socket has mode 0660, and a path that a dead process left is taken over.
	 */
	const char *const *addresses;
	/* The same, of those where one may only look. NULL: none. */
	const char *const *view_addresses;
	/*
	 * Sockets that listen already, from who started this process (sd_listen_fds(3)); they take
	 * the addresses' place (not that of view_addresses) if there are any. The listener's from
	 * the call on, also if it fails.
	 */
	const int *sockets;
	size_t socket_count;
	/* PEM files; NULL: no TLS. The key may be in the certificate's file: NULL. */
	const char *certificate, *key;
	bool plain; /* also without TLS; unix sockets always are. To be false only with a
		       certificate */
	/* Pages that browsers may come from; NULL: of the same host; "*": any (origin.h). */
	const char *const *origins;
	/* Connections that it is not known of what they want, and as many again that wait for a
	 * busy main thread; 0: as above. */
	int pending_most, pending_per_address;
	bool display_init; /* see bridge.h; also of plain connections */
	bool own_display;  /* see bridge.h */
};

struct listener_client {
	int fd; /* non-blocking, close-on-exec; nothing was read from it: it is still all there */
	struct greeting greeting; /* GREETING_SPICE */
	char peer[PEER_TEXT];     /* peer.h */
	bool encrypted, websocket;
	bool view; /* it came to one of view_addresses */
};

/* On the main thread. fd is the callee's. May close the listener. */
typedef void (*listener_client_fn)(const struct listener_client *client, void *data);

struct listener;

/*
 * Listens on all addresses. settings may go afterwards. Returns NULL and sets error
 * (LISTENER_ERROR, TLS_ERROR) naming the address or file and the cause.
 */
struct listener *listener_open(const struct listener_settings *settings, listener_client_fn client,
		void *data, GError **error);

/* What it listens on, with the port that was taken: "127.0.0.1:5900" or "unix:/run/x"; NULL past
 * the last. */
const char *listener_address(const struct listener *listener, unsigned int index);

/*
 * Another certificate, key, plain and origins (the rest of settings is not looked at), for
 * connections from now on. Errors as of listener_reload.
 */
bool listener_configure(struct listener *listener, const struct listener_settings *settings,
		GError **error);

/*
 * Reads the certificate and its key again, for connections from now on. False, and error is set
 * (TLS_ERROR): the ones before stay.
 */
bool listener_reload(struct listener *listener, GError **error);

/*
 * The peer of a client that was handed over gave a wrong password, or the right one. An address
 * that goes on with wrong ones is refused for a while, and longer each time (lockout.h).
 */
void listener_wrong_password(struct listener *listener, const char *peer);
void listener_right_password(struct listener *listener, const char *peer);

/*
 * A viewer is there, or is not any more, whose further channels name this connection: those do not
 * give way to strangers while the main thread is busy, and come first.
 */
void listener_viewer(struct listener *listener, uint32_t connection, bool there);

/* Bridges end too. No client comes from then on. NULL is fine; removes unix sockets' paths. */
void listener_close(struct listener *listener);
