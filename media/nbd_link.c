/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include "media/nbd_link.h"

/* What the thread works on; the main thread takes it over, or frees it if nobody waits. */
struct nbd_attempt {
	struct nbd_link *link; /* main thread only; NULL: it was closed meanwhile */
	struct nbd_library call;
	struct nbd_handle *handle;
	char *uri;
	int fault;
	char *words; /* NULL: connecting has begun */
};

struct nbd_link {
	struct nbd_library call;
	struct nbd_link_events events;
	struct nbd_attempt *attempt; /* while the thread works */
	struct nbd_handle *handle;
	GSource *watch;
	GIOCondition watched;
	bool ready;
	int64_t heard;
};

/* --- The ends --- */

static enum nbd_end nbd_link_judge(int fault, const char *words, const char **reason)
{
	static const struct {
		const char *part, *reason;
		enum nbd_end end;
	} known[] = {
			{"getaddrinfo", "the server's name cannot be resolved", NBD_LOST},
			{"server has no export", "the server has no such export", NBD_FINAL},
			{"server requires TLS",
					"the server wants TLS; name it with nbds:// instead of nbd://",
					NBD_FINAL},
			{"server refused TLS",
					"the server does not speak TLS; name it with nbd:// instead of "
					"nbds://",
					NBD_FINAL},
			{"certificate verification", "the server's certificate is not valid",
					NBD_FINAL},
			{"fatal alert",
					"the server breaks off TLS; does it want another client "
					"certificate?",
					NBD_FINAL},
			{"gnutls_record_recv: Error in the pull function",
					"the server closed the connection", NBD_LOST},
			{"gnutls_certificate", "the certificates cannot be used", NBD_FINAL},
			{"NBD magic", "the server does not speak NBD", NBD_FINAL},
			{"disconnected", "the server closed the connection", NBD_LOST},
	};

	for (size_t i = 0; words && i < G_N_ELEMENTS(known); i++) {
		if (strstr(words, known[i].part)) {
			*reason = known[i].reason;
			return known[i].end;
		}
	}
	switch (fault) {
	case ECONNREFUSED:
		*reason = "the server does not take connections";
		return NBD_LOST;
	case ENOENT:
		*reason = "its socket is not there";
		return NBD_LOST;
	case EPERM:
	case EACCES:
		*reason = "the server refuses access";
		return NBD_FINAL;
	case EINVAL:
		*reason = "the address makes no sense";
		return NBD_FINAL;
	case 0:
		*reason = "the server closed the connection";
		return NBD_LOST;
	default:
		*reason = g_strerror(fault);
		return NBD_LOST;
	}
}

static void nbd_link_unwatch(struct nbd_link *link)
{
	if (!link->watch)
		return;
	g_source_destroy(link->watch);
	g_source_unref(link->watch);
	link->watch = NULL;
}

static void nbd_link_end(struct nbd_link *link, int fault, const char *words)
{
	const char *reason;
	enum nbd_end end = nbd_link_judge(fault, words, &reason);

	nbd_link_unwatch(link);
	link->events.ended(end, reason, link->events.data);
}

/* --- On the main loop --- */

static gboolean nbd_link_turn(gint fd, GIOCondition condition, gpointer data)
{
	struct nbd_link *link = data;
	unsigned int direction = link->call.aio_get_direction(link->handle);
	int result = 0;

	if ((condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) &&
			(direction & LIBNBD_AIO_DIRECTION_READ)) {
		link->heard = g_get_monotonic_time();
		result = link->call.aio_notify_read(link->handle);
	} else if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR)) {
		result = link->call.aio_notify_write(link->handle);
	}
	if (result < 0 || link->call.aio_is_dead(link->handle) ||
			link->call.aio_is_closed(link->handle)) {
		g_autofree char *words = g_strdup(result < 0 ? link->call.get_error() : NULL);

		nbd_link_end(link, result < 0 ? link->call.get_errno() : 0, words);
		return G_SOURCE_CONTINUE; /* it is destroyed already */
	}
	nbd_link_watch(link);
	if (!link->ready && link->call.aio_is_ready(link->handle)) {
		link->ready = true;
		link->events.ready(link->events.data);
	} else if (link->ready) {
		link->events.moved(link->events.data);
	}
	return G_SOURCE_CONTINUE;
}

static gboolean nbd_link_died(gpointer data)
{
	nbd_link_end(data, 0, NULL);
	return G_SOURCE_REMOVE;
}

/* It ended while a request was begun, and has no socket any more that would tell. */
static void nbd_link_bury(struct nbd_link *link)
{
	nbd_link_unwatch(link);
	link->watch = g_idle_source_new();
	g_source_set_callback(link->watch, nbd_link_died, link, NULL);
	g_source_attach(link->watch, NULL);
}

void nbd_link_watch(struct nbd_link *link)
{
	unsigned int direction = link->call.aio_get_direction(link->handle);
	GIOCondition wanted = 0;

	if (link->call.aio_is_dead(link->handle) || link->call.aio_is_closed(link->handle)) {
		nbd_link_bury(link);
		return;
	}
	if (direction & LIBNBD_AIO_DIRECTION_READ)
		wanted |= G_IO_IN;
	if (direction & LIBNBD_AIO_DIRECTION_WRITE)
		wanted |= G_IO_OUT;
	if (link->watch && wanted == link->watched)
		return;
	nbd_link_unwatch(link);
	link->watched = wanted;
	link->watch = g_unix_fd_source_new(
			link->call.aio_get_fd(link->handle), wanted | G_IO_HUP | G_IO_ERR);
	g_source_set_callback(link->watch, G_SOURCE_FUNC(nbd_link_turn), link, NULL);
	g_source_attach(link->watch, NULL);
}

static void nbd_attempt_free(struct nbd_attempt *attempt)
{
	if (attempt->handle)
		attempt->call.close(attempt->handle);
	g_free(attempt->uri);
	g_free(attempt->words);
	g_free(attempt);
}

static gboolean nbd_attempt_taken(gpointer data)
{
	struct nbd_attempt *attempt = data;
	struct nbd_link *link = attempt->link;

	if (!link) {
		nbd_attempt_free(attempt);
		return G_SOURCE_REMOVE;
	}
	link->attempt = NULL;
	if (attempt->words) {
		int fault = attempt->fault;
		g_autofree char *words = g_steal_pointer(&attempt->words);

		nbd_attempt_free(attempt);
		nbd_link_end(link, fault, words);
		return G_SOURCE_REMOVE;
	}
	link->handle = g_steal_pointer(&attempt->handle);
	nbd_attempt_free(attempt);
	link->heard = g_get_monotonic_time();
	/* A server on this machine may have been quicker than we. */
	if (link->call.aio_is_ready(link->handle)) {
		link->ready = true;
		nbd_link_watch(link);
		link->events.ready(link->events.data);
	} else {
		nbd_link_watch(link);
	}
	return G_SOURCE_REMOVE;
}

/* --- On the thread --- */

static gpointer nbd_attempt_work(gpointer data)
{
	struct nbd_attempt *attempt = data;

	if (attempt->call.aio_connect_uri(attempt->handle, attempt->uri) < 0) {
		attempt->fault = attempt->call.get_errno();
		attempt->words = g_strdup(attempt->call.get_error());
	}
	g_idle_add(nbd_attempt_taken, attempt);
	return NULL;
}

/* --- Opening and closing --- */

static bool nbd_attempt_prepare(struct nbd_attempt *attempt, const struct nbd_access *access)
{
	struct nbd_handle *handle = attempt->call.create();

	attempt->handle = handle;
	return handle &&
	       attempt->call.set_uri_allow_transports(handle,
			       LIBNBD_ALLOW_TRANSPORT_TCP | LIBNBD_ALLOW_TRANSPORT_UNIX) == 0 &&
	       (!access->folder ||
			       attempt->call.set_tls_certificates(handle, access->folder) == 0) &&
	       attempt->call.set_tls_verify_peer(handle, !access->insecure) == 0;
}

struct nbd_link *nbd_link_open(
		const struct nbd_access *access, const struct nbd_link_events *events)
{
	struct nbd_link *link = g_new0(struct nbd_link, 1);
	struct nbd_attempt *attempt = g_new0(struct nbd_attempt, 1);
	g_autoptr(GError) error = NULL;
	GThread *thread = NULL;

	link->call = attempt->call = access->call;
	link->events = *events;
	link->attempt = attempt;
	link->heard = g_get_monotonic_time();
	attempt->link = link;
	attempt->uri = g_strdup(access->uri);
	if (nbd_attempt_prepare(attempt, access))
		thread = g_thread_try_new("nbd", nbd_attempt_work, attempt, &error);
	if (thread) {
		g_thread_unref(thread);
	} else {
		attempt->fault = error ? EAGAIN : link->call.get_errno();
		attempt->words = g_strdup("");
		g_idle_add(nbd_attempt_taken, attempt);
	}
	return link;
}

struct nbd_handle *nbd_link_handle(const struct nbd_link *link)
{
	return link && link->ready ? link->handle : NULL;
}

int64_t nbd_link_heard(const struct nbd_link *link)
{
	return link->heard;
}

void nbd_link_rested(struct nbd_link *link)
{
	link->heard = g_get_monotonic_time();
}

void nbd_link_close(struct nbd_link *link)
{
	if (!link)
		return;
	nbd_link_unwatch(link);
	if (link->attempt)
		link->attempt->link = NULL;
	if (link->handle)
		link->call.close(link->handle);
	g_free(link);
}
