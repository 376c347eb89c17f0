/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/endpoint.h"
#include "spice/listener.h"

#define SILENT_MS    5000 /* a client speaks first, and at once */
#define PARTIAL_MS   100  /* how often to look again after one to three bytes */
#define PENDING_MAX  16
#define EXHAUSTED_MS 1000 /* pause when descriptors or memory have run out */
#define BACKLOG      16

/*
 * The kernel's own choice grows to megabytes, which on a slow link is seconds of old pictures
 * between a change and the client; 64 KiB keeps 20 Mbit/s full at 25 ms of round trip.
 */
#define SEND_BUFFER (64 * 1024)

#define FIRST_BYTES 4 /* "REDQ" of a SPICE link message, "GET " of a websocket's upgrade */

struct listener;

/* A connection that has not shown what it speaks. */
struct pending {
	struct listener *listener; /* not ours */
	int fd;
	guint ready;  /* watch or timer, whichever is in use */
	guint silent; /* timer */
};

struct listener {
	struct endpoint endpoint;
	guint watches[ENDPOINT_SOCKETS]; /* 0 during a pause */
	guint pause;                     /* timer, 0 when accepting */
	GQueue pending;                  /* struct pending, oldest first */
	listener_client_fn client;
	void *data;
};

GQuark listener_error_quark(void)
{
	return g_quark_from_static_string("listener-error-quark");
}

/* Gives the descriptor back. */
static int pending_end(struct pending *pending)
{
	int fd = pending->fd;

	g_source_remove(pending->ready);
	g_source_remove(pending->silent);
	g_queue_remove(&pending->listener->pending, pending);
	g_free(pending);
	return fd;
}

static gboolean pending_silent(gpointer data)
{
	close(pending_end(data));
	return G_SOURCE_CONTINUE; /* the source is gone already */
}

static void pending_look(struct pending *pending);

static gboolean pending_again(gpointer data)
{
	pending_look(data);
	return G_SOURCE_CONTINUE;
}

static gboolean pending_readable(gint fd, GIOCondition condition, gpointer data)
{
	pending_look(data);
	return G_SOURCE_CONTINUE;
}

static void pending_look(struct pending *pending)
{
	struct listener *listener = pending->listener;
	char first[FIRST_BYTES];
	ssize_t count = recv(pending->fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0 ||
			(memcmp(first, "REDQ", count) != 0 && memcmp(first, "GET ", count) != 0)) {
		close(pending_end(pending));
	} else if (count == sizeof(first)) {
		listener->client(pending_end(pending), listener->data);
	} else {
		/* The socket stays readable while the rest is on its way: look now and then
		 * instead. */
		g_source_remove(pending->ready);
		pending->ready = g_timeout_add(PARTIAL_MS, pending_again, pending);
	}
}

static void listener_tune(int fd)
{
	const int on = 1, buffer = SEND_BUFFER;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
			sizeof(on)); /* fails on a unix socket, rightly */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
}

static void listener_admit(struct listener *listener, int fd)
{
	struct pending *pending = g_new0(struct pending, 1);

	/* The oldest has been silent for longest: those who speak at once always get in. */
	if (g_queue_get_length(&listener->pending) == PENDING_MAX)
		close(pending_end(g_queue_peek_head(&listener->pending)));
	listener_tune(fd);
	pending->listener = listener;
	pending->fd = fd;
	pending->ready = g_unix_fd_add(fd, G_IO_IN, pending_readable, pending);
	pending->silent = g_timeout_add(SILENT_MS, pending_silent, pending);
	g_queue_push_tail(&listener->pending, pending);
}

static void listener_accept_from_now(struct listener *listener);

static gboolean listener_resume(gpointer data)
{
	struct listener *listener = data;

	listener->pause = 0;
	listener_accept_from_now(listener);
	return G_SOURCE_REMOVE;
}

/* A connection that cannot be accepted stays readable: without a pause the loop would spin on it.
 */
static void listener_pause(struct listener *listener)
{
	for (int i = 0; i < listener->endpoint.sockets; i++)
		if (listener->watches[i])
			g_source_remove(listener->watches[i]);
	memset(listener->watches, 0, sizeof(listener->watches));
	if (!listener->pause)
		listener->pause = g_timeout_add(EXHAUSTED_MS, listener_resume, listener);
}

static gboolean listener_accept(gint socket, GIOCondition condition, gpointer data)
{
	struct listener *listener = data;
	int fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		listener_admit(listener, fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		g_warning("listener: cannot accept a viewer on %s: %s; trying again in %d s",
				listener->endpoint.name, g_strerror(errno), EXHAUSTED_MS / 1000);
		listener_pause(listener);
	}
	return G_SOURCE_CONTINUE;
}

static void listener_accept_from_now(struct listener *listener)
{
	for (int i = 0; i < listener->endpoint.sockets; i++)
		listener->watches[i] = g_unix_fd_add(
				listener->endpoint.fds[i], G_IO_IN, listener_accept, listener);
}

struct listener *listener_open(
		const char *address, listener_client_fn client, void *data, GError **error)
{
	struct listener *listener = g_new0(struct listener, 1);

	if (!endpoint_open(&listener->endpoint, address, BACKLOG, error)) {
		g_free(listener);
		return NULL;
	}
	g_queue_init(&listener->pending);
	listener->client = client;
	listener->data = data;
	listener_accept_from_now(listener);
	return listener;
}

const char *listener_address(const struct listener *listener)
{
	return listener->endpoint.name;
}

void listener_close(struct listener *listener)
{
	if (!listener)
		return;
	listener_pause(listener);
	g_source_remove(listener->pause);
	while (!g_queue_is_empty(&listener->pending))
		close(pending_end(g_queue_peek_head(&listener->pending)));
	endpoint_close(&listener->endpoint);
	g_free(listener);
}
