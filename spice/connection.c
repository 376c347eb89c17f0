/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/keepalive.h"
#include "spice/listener_part.h"
#include "spice/origin.h"

#define PARTIAL_MS      50 /* how often to look again after too few bytes */
#define CHANNEL_DISPLAY 2  /* SPICE_CHANNEL_DISPLAY */

/*
 * The kernel's own choice grows to megabytes, which on a slow link is seconds of old pictures
 * between a change and the client; 64 KiB keeps 20 Mbit/s full at 25 ms of round trip.
 */
#define SEND_BUFFER (64 * 1024)

/* spice/protocol.h: SpiceLinkHeader and SpiceLinkReply; little endian, packed. */
#define LINK_HEADER       16
#define LINK_REPLY        178 /* error, key of 162 bytes, three numbers */
#define LINK_NEED_SECURED 5   /* SPICE_LINK_ERR_NEED_SECURED */

struct connection {
	struct listener *listener; /* not ours */
	GList link;                /* listener::connections */
	char peer[PEER_TEXT];
	bool view;
	int fd;                     /* -1: the bridge's */
	GSource *ready;             /* watch or timer, whichever is in use */
	struct limits_place *place; /* NULL: it has been handed over */
	struct bridge *bridge;      /* NULL: there is none, or not yet */
	bool opening, ended;        /* what happened within bridge_open */
	bool refused;               /* has had its answer */
};

static void connection_tune(int fd)
{
	const int buffer = SEND_BUFFER, at_once = 1;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	/* Fails on a unix socket, rightly. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
	keepalive_set(fd);
}

/* Its owner has it, or it ends: it is no longer among those that are waited for. */
static void connection_leave(struct connection *connection)
{
	listener_source_end(&connection->ready);
	if (connection->place)
		limits_leave(connection->listener->limits, connection->place);
	connection->place = NULL;
}

void connection_close(struct connection *connection)
{
	connection_leave(connection);
	bridge_close(connection->bridge);
	if (connection->fd >= 0)
		close(connection->fd);
	g_queue_unlink(&connection->listener->connections, &connection->link);
	g_free(connection);
}

static struct listener_client connection_client(
		const struct connection *connection, int fd, const struct greeting *greeting)
{
	struct listener_client client = {.fd = fd, .greeting = *greeting, .view = connection->view};

	g_strlcpy(client.peer, connection->peer, sizeof(client.peer));
	return client;
}

/* --- With a bridge --- */

static void connection_routed(
		struct bridge *bridge, int inner, const struct greeting *greeting, void *data)
{
	struct connection *connection = data;
	struct listener_client client = connection_client(connection, inner, greeting);

	connection_leave(connection);
	client.encrypted = bridge_encrypted(bridge);
	client.websocket = bridge_websocket(bridge);
	if (listener_refuses(connection->listener, connection->peer))
		close(inner); /* which ends the bridge */
	else
		listener_arrive(connection->listener, &client);
}

static void connection_ended(struct bridge *bridge, const char *reason, void *data)
{
	struct connection *connection = data;

	if (reason)
		listener_say(connection->listener, "%s: %s", connection->peer, reason);
	if (connection->opening)
		connection->ended = true;
	else
		connection_close(connection);
}

bool connection_origin(const char *origin, const char *host, void *data)
{
	const struct connection *connection = data;
	struct listener *listener = connection->listener;
	bool allowed = origin_allowed((const char *const *)listener->origins, origin, host);

	if (!allowed)
		listener_say(listener,
				"%s: a browser's page of %s asked for a viewer; such pages are not allowed",
				connection->peer, origin);
	return allowed;
}

static void connection_bridge(struct connection *connection, enum greeting_kind kind)
{
	const struct bridge_events events = {
			.routed = connection_routed, .ended = connection_ended, .data = connection};
	int fd = connection->fd;

	listener_source_end(&connection->ready);
	limits_spoke(connection->listener->limits, connection->place);
	connection->fd = -1;
	connection->opening = true;
	connection->bridge = bridge_open(fd, kind, &connection->listener->bridge, &events);
	connection->opening = false;
	if (connection->ended)
		connection_close(connection);
}

/* --- Without TLS where it is demanded --- */

/* What is closed with something unread takes the answer back (RFC 1122, 4.2.2.13). */
static gboolean connection_drain(gint fd, GIOCondition condition, gpointer data)
{
	uint8_t rest[512];
	ssize_t count = recv(fd, rest, sizeof(rest), MSG_DONTWAIT);

	if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
		connection_close(data);
	return G_SOURCE_CONTINUE;
}

/* Clients that know a port for TLS too come again by that; others can say what is missing. */
static void connection_demand_tls(struct connection *connection)
{
	const uint8_t answer[LINK_HEADER + LINK_REPLY] = {'R', 'E', 'D', 'Q', 2, 0, 0, 0, 2, 0, 0,
			0, LINK_REPLY, [LINK_HEADER] = LINK_NEED_SECURED,
			[LINK_HEADER + LINK_REPLY - 4] = LINK_REPLY /* of capabilities */};

	(void)!send(connection->fd, answer, sizeof(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(connection->fd, SHUT_WR);
	connection->refused = true;
	listener_source_end(&connection->ready);
	/* It keeps its place: its time is limited as before. */
	connection->ready = listener_watch(
			connection->listener, connection->fd, connection_drain, connection);
}

/* --- The first bytes --- */

static void connection_hand_over(struct connection *connection, const struct greeting *greeting)
{
	struct listener_client client = connection_client(connection, connection->fd, greeting);

	connection->fd = -1;
	listener_arrive(connection->listener, &client);
	connection_close(connection);
}

static void connection_is(struct connection *connection, const struct greeting *greeting)
{
	struct listener *listener = connection->listener;
	const bool tls = greeting->kind == GREETING_TLS;

	if (listener_refuses(listener, connection->peer)) {
		connection_close(connection);
	} else if (tls && !listener->bridge.tls) {
		listener_say(listener, "%s: asked for TLS; there is no certificate configured",
				connection->peer);
		connection_close(connection);
	} else if (!tls && !listener->plain && !peer_local(connection->peer)) {
		listener_say(listener, "%s: came without TLS, which is not allowed",
				connection->peer);
		if (greeting->kind == GREETING_SPICE)
			connection_demand_tls(connection);
		else
			connection_close(connection);
	} else if (greeting->kind != GREETING_SPICE ||
			(listener->bridge.display_init &&
					greeting->channel_type == CHANNEL_DISPLAY)) {
		connection_bridge(connection, greeting->kind);
	} else {
		connection_hand_over(connection, greeting);
	}
}

/* Its end does not show as long as there are bytes before it that are only looked at. */
static bool connection_has_ended(int fd)
{
	struct pollfd look = {.fd = fd, .events = POLLRDHUP};

	return poll(&look, 1, 0) > 0;
}

static gboolean connection_again(gpointer data);

/* False: it has not said yet what it wants. Else it may be gone. */
static bool connection_look(struct connection *connection)
{
	uint8_t first[GREETING_BYTES];
	ssize_t count = recv(connection->fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);
	struct greeting greeting;

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	greeting_read(first, count > 0 ? (size_t)count : 0, &greeting);
	if (count <= 0 || greeting.kind == GREETING_BAD) {
		connection_close(connection);
	} else if (greeting.kind != GREETING_MORE) {
		connection_is(connection, &greeting);
	} else if (connection_has_ended(connection->fd)) {
		connection_close(connection);
	} else {
		/* The socket stays readable while the rest is on its way. */
		listener_source_end(&connection->ready);
		connection->ready = listener_source(connection->listener,
				g_timeout_source_new(PARTIAL_MS), connection_again, connection);
		return false;
	}
	return true;
}

bool connection_give_way(struct connection *connection)
{
	if (!connection->bridge && !connection->refused && connection_look(connection))
		return false;
	connection_close(connection);
	return true;
}

static gboolean connection_again(gpointer data)
{
	connection_look(data);
	return G_SOURCE_CONTINUE; /* if there is another by now, this one is gone already */
}

static gboolean connection_readable(gint fd, GIOCondition condition, gpointer data)
{
	connection_look(data);
	return G_SOURCE_CONTINUE;
}

void connection_open(struct listener *listener, int fd, const char *peer, bool view)
{
	struct connection *connection = g_new0(struct connection, 1);

	connection_tune(fd);
	connection->listener = listener;
	connection->fd = fd;
	connection->view = view;
	g_strlcpy(connection->peer, peer, sizeof(connection->peer));
	connection->link.data = connection;
	g_queue_push_tail_link(&listener->connections, &connection->link);
	connection->place = limits_enter(
			listener->limits, peer, g_get_monotonic_time(), connection);
	connection->ready = listener_watch(listener, fd, connection_readable, connection);
	/* Most have said it by now. */
	connection_look(connection);
}
