/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tools/bench/link.h"

#define LINK_PIECE 16384 /* bytes that one connection sends before the next has its turn */
#define LINK_MOST  64    /* connections */
#define LINK_SLOW  25e6  /* bytes a second; below, the near end's socket holds little */
#define LINK_ROOM  16384 /* bytes of that socket, and as much again by the kernel */
#define LINK_QUEUE 2000  /* microseconds of sending that may wait before the line */

struct link_piece {
	int64_t due; /* at the other end, monotonic, microseconds */
	size_t size, sent;
	uint8_t bytes[LINK_PIECE];
};

/* One direction of a connection. */
struct link_flow {
	int from, to;
	GQueue line;
	bool ended, closed;
};

struct link_connection {
	struct link_flow flows[2];
	int64_t since; /* it is there */
};

struct link {
	int listener, stop[2];
	unsigned int port, server;
	int64_t rtt;
	double rate;
	int64_t free_at[2]; /* when the line takes more */
	GPtrArray *connections;
	GThread *thread;
};

static struct sockaddr_in link_address(unsigned int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			.sin_port = htons((uint16_t)port)};
}

static void link_accept(struct link *link)
{
	struct sockaddr_in address = link_address(link->server);
	int client = accept4(link->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct link_connection *connection;
	const int one = 1, room = LINK_ROOM;

	/* What waits for a slow line waits at the sender, as it would without a relay. */
	if (link->rate > 0 && link->rate < LINK_SLOW)
		setsockopt(server, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (client < 0 || server < 0 || link->connections->len == LINK_MOST ||
			connect(server, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(client);
		close(server);
		return;
	}
	fcntl(server, F_SETFL, O_NONBLOCK);
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	connection = g_new0(struct link_connection, 1);
	connection->since = g_get_monotonic_time() + link->rtt;
	connection->flows[0] = (struct link_flow){.from = client, .to = server};
	connection->flows[1] = (struct link_flow){.from = server, .to = client};
	g_ptr_array_add(link->connections, connection);
}

static void link_free_connection(void *data)
{
	struct link_connection *connection = data;

	for (int i = 0; i < 2; i++)
		g_queue_clear_full(&connection->flows[i].line, g_free);
	close(connection->flows[0].from);
	close(connection->flows[0].to);
	g_free(connection);
}

/* Takes a piece onto the line. */
static void link_receive(struct link *link, int way, struct link_flow *flow, int64_t now)
{
	struct link_piece *piece = g_new(struct link_piece, 1);
	ssize_t got = read(flow->from, piece->bytes, sizeof(piece->bytes));
	int64_t *free_at = &link->free_at[way];

	if (got < 0 && errno == EAGAIN) {
		g_free(piece);
		return;
	}
	piece->size = got > 0 ? (size_t)got : 0;
	piece->sent = 0;
	flow->ended = got <= 0;
	*free_at = MAX(*free_at, now);
	if (link->rate > 0)
		*free_at += (int64_t)((double)piece->size * 1e6 / link->rate);
	piece->due = *free_at + link->rtt / 2;
	g_queue_push_tail(&flow->line, piece);
}

/* Hands over what has arrived. False: it cannot be, for now. */
static bool link_deliver(struct link_flow *flow, int64_t now)
{
	struct link_piece *piece;

	while ((piece = g_queue_peek_head(&flow->line)) && piece->due <= now) {
		while (piece->sent < piece->size) {
			ssize_t put = send(flow->to, piece->bytes + piece->sent,
					piece->size - piece->sent, MSG_NOSIGNAL);

			if (put < 0 && errno == EAGAIN)
				return false;
			if (put < 0) {
				flow->ended = flow->closed = true;
				return true;
			}
			piece->sent += (size_t)put;
		}
		if (piece->size == 0) {
			shutdown(flow->to, SHUT_WR);
			flow->closed = true;
		}
		g_free(g_queue_pop_head(&flow->line));
	}
	return true;
}

/* What to wait for with a flow; when: until then at most. */
static short link_wants(const struct link *link, const struct link_connection *connection, int way,
		int64_t now, int64_t *when)
{
	const struct link_flow *flow = &connection->flows[way];
	const struct link_piece *first = g_queue_peek_head((GQueue *)&flow->line);
	int64_t again = MAX(connection->since, link->free_at[way] - LINK_QUEUE);

	if (first && first->due > now)
		*when = MIN(*when, first->due);
	if (flow->ended)
		return 0;
	if (again <= now)
		return POLLIN;
	*when = MIN(*when, again);
	return 0;
}

static gpointer link_run(gpointer data)
{
	struct link *link = data;
	unsigned int turn = 0;

	for (;;) {
		const guint count = link->connections->len;
		struct pollfd fds[2 + 2 * LINK_MOST];
		int64_t now = g_get_monotonic_time(), when = now + G_USEC_PER_SEC;
		struct timespec wait;

		fds[0] = (struct pollfd){.fd = link->stop[0], .events = POLLIN};
		fds[1] = (struct pollfd){.fd = link->listener, .events = POLLIN};
		for (guint i = 0; i < count; i++) {
			struct link_connection *connection = link->connections->pdata[i];
			bool full[2];

			/* Before it is asked when the next piece is due. */
			for (int way = 0; way < 2; way++)
				full[way] = !link_deliver(&connection->flows[way], now);
			for (int way = 0; way < 2; way++) {
				struct pollfd *fd = &fds[2 + 2 * i + (guint)way];

				fd->fd = connection->flows[way].from;
				fd->events = link_wants(link, connection, way, now, &when);
				/* The other flow's other end is this socket. */
				if (full[!way])
					fd->events |= POLLOUT;
				if (fd->events == 0)
					fd->fd = -1;
			}
		}
		wait.tv_sec = 0;
		wait.tv_nsec = CLAMP(when - now, 0, 999999) * 1000;
		ppoll(fds, 2 + count * 2, &wait, NULL);
		now = g_get_monotonic_time();
		if (fds[0].revents)
			return NULL;
		if (fds[1].revents)
			link_accept(link);
		turn++;
		for (guint i = 0; i < count; i++) {
			guint index = (i + turn) % count;
			struct link_connection *connection = link->connections->pdata[index];

			for (int way = 0; way < 2; way++)
				if (fds[2 + 2 * index + (guint)way].revents &&
						link_wants(link, connection, way, now, &when) ==
								POLLIN)
					link_receive(link, way, &connection->flows[way], now);
		}
		for (guint i = count; i-- > 0;) {
			struct link_connection *connection = link->connections->pdata[i];

			if (connection->flows[0].closed && connection->flows[1].closed)
				g_ptr_array_remove_index_fast(link->connections, i);
		}
	}
}

struct link *link_open(unsigned int port, int64_t rtt, double rate)
{
	struct link *link = g_new0(struct link, 1);
	struct sockaddr_in address = link_address(0);
	socklen_t size = sizeof(address);

	link->server = port;
	link->rtt = rtt;
	link->rate = rate;
	link->connections = g_ptr_array_new_with_free_func(link_free_connection);
	link->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (pipe2(link->stop, O_CLOEXEC) < 0 ||
			bind(link->listener, (struct sockaddr *)&address, size) < 0 ||
			listen(link->listener, 64) < 0 ||
			getsockname(link->listener, (struct sockaddr *)&address, &size) < 0) {
		perror("bench: a relay");
		exit(1);
	}
	link->port = ntohs(address.sin_port);
	link->thread = g_thread_new("link", link_run, link);
	return link;
}

unsigned int link_port(const struct link *link)
{
	return link->port;
}

void link_close(struct link *link)
{
	if (!link)
		return;
	close(link->stop[1]);
	g_thread_join(link->thread);
	close(link->stop[0]);
	close(link->listener);
	g_ptr_array_unref(link->connections);
	g_free(link);
}
