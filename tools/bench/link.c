/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/bench/link.h"
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAYS_MAX   32 /* two for a connection */
#define CHUNK      65536
#define CHUNKS_MAX 512 /* under way, in one way */

struct chunk {
	int64_t due;
	size_t size, sent;
	uint8_t bytes[CHUNK];
};

struct way {
	int from, to;
	GQueue chunks;
	bool ended;
};

struct link {
	GThread *thread;
	int listener, delay;
	struct sockaddr_in target;
	char address[32];
	struct way ways[WAYS_MAX];
	size_t count;
	gint stop; /* atomic */
};

static void link_accept(struct link *link)
{
	int one = 1, room = 2 << 20,
	    near = accept4(link->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (near < 0 || link->count + 2 > WAYS_MAX ||
			connect(far, (struct sockaddr *)&link->target, sizeof(link->target)) < 0)
		g_error("the link cannot pass a connection on: %s", g_strerror(errno));
	setsockopt(near, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(far, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	link->ways[link->count++] = (struct way){.from = near, .to = far};
	link->ways[link->count++] = (struct way){.from = far, .to = near};
}

static void way_take(struct way *way, int delay)
{
	struct chunk *chunk = g_new(struct chunk, 1);
	ssize_t count = recv(way->from, chunk->bytes, CHUNK, MSG_DONTWAIT);

	if (count <= 0) {
		way->ended = count == 0 || errno != EAGAIN;
		g_free(chunk);
		return;
	}
	chunk->due = g_get_monotonic_time() + delay * (int64_t)1000;
	chunk->size = (size_t)count;
	chunk->sent = 0;
	g_queue_push_tail(&way->chunks, chunk);
}

static void way_give(struct way *way, int64_t now)
{
	struct chunk *chunk;

	while ((chunk = g_queue_peek_head(&way->chunks)) && chunk->due <= now) {
		ssize_t sent = send(way->to, chunk->bytes + chunk->sent, chunk->size - chunk->sent,
				MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN)
			return;
		chunk->sent += sent > 0 ? (size_t)sent : chunk->size;
		if (chunk->sent >= chunk->size)
			g_free(g_queue_pop_head(&way->chunks));
	}
	if (way->ended && !chunk)
		shutdown(way->to, SHUT_WR);
}

/* us until the next chunk is due. */
static int64_t link_wait(const struct link *link, int64_t now)
{
	int64_t wait = 20000;

	for (size_t i = 0; i < link->count; i++) {
		const struct chunk *chunk = g_queue_peek_head((GQueue *)&link->ways[i].chunks);

		if (chunk)
			wait = MIN(wait, MAX(chunk->due - now, 50));
	}
	return wait;
}

static gpointer link_run(gpointer data)
{
	struct link *link = data;

	while (!g_atomic_int_get(&link->stop)) {
		struct pollfd fds[WAYS_MAX + 1] = {{.fd = link->listener, .events = POLLIN}};
		size_t count = link->count;
		struct timespec timeout = {0};

		for (size_t i = 0; i < count; i++)
			fds[i + 1] = (struct pollfd){
					.fd = link->ways[i].ended ? -1 : link->ways[i].from,
					.events = link->ways[i].chunks.length < CHUNKS_MAX ? POLLIN
											   : 0};
		timeout.tv_nsec = link_wait(link, g_get_monotonic_time()) * 1000;
		ppoll(fds, count + 1, &timeout, NULL);
		for (size_t i = 0; i < count; i++) {
			if (fds[i + 1].revents)
				way_take(&link->ways[i], link->delay);
			way_give(&link->ways[i], g_get_monotonic_time());
		}
		if (fds[0].revents)
			link_accept(link);
	}
	return NULL;
}

struct link *link_open(const char *target, int delay)
{
	struct link *link = g_new0(struct link, 1);
	struct sockaddr_in here = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(here);
	const char *port = strrchr(target, ':') + 1;

	link->delay = delay;
	link->target = here;
	link->target.sin_port = htons((uint16_t)atoi(port));
	link->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(link->listener, (struct sockaddr *)&here, sizeof(here)) < 0 ||
			listen(link->listener, 8) < 0 ||
			getsockname(link->listener, (struct sockaddr *)&here, &size) < 0)
		g_error("no port for the link: %s", g_strerror(errno));
	g_snprintf(link->address, sizeof(link->address), "127.0.0.1:%d", ntohs(here.sin_port));
	link->thread = g_thread_new("link", link_run, link);
	return link;
}

const char *link_address(const struct link *link)
{
	return link->address;
}

void link_close(struct link *link)
{
	if (!link)
		return;
	g_atomic_int_set(&link->stop, 1);
	g_thread_join(link->thread);
	for (size_t i = 0; i < link->count; i++) {
		close(link->ways[i].from);
		g_queue_clear_full(&link->ways[i].chunks, g_free);
	}
	close(link->listener);
	g_free(link);
}
