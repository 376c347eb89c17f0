/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/endpoint.h"
#include "spice/listener_part.h"
#include "spice/tls.h"

#define EXHAUSTED_MS   1000 /* pause when descriptors or memory have run out */
#define BACKLOG        128
#define ACCEPT_AT_ONCE 16
#define SAY_EVERY      (10 * G_TIME_SPAN_SECOND)

GQuark listener_error_quark(void)
{
	return g_quark_from_static_string("listener-error-quark");
}

/* --- The thread: sources and words --- */

GSource *listener_source(
		struct listener *listener, GSource *source, GSourceFunc function, void *data)
{
	g_source_set_callback(source, function, data, NULL);
	g_source_attach(source, listener->context);
	return source;
}

GSource *listener_watch(struct listener *listener, int fd, GUnixFDSourceFunc readable, void *data)
{
	return listener_source(listener, g_unix_fd_source_new(fd, G_IO_IN),
			(GSourceFunc)(void (*)(void))readable, data);
}

void listener_source_end(GSource **source)
{
	if (!*source)
		return;
	g_source_destroy(*source);
	g_source_unref(*source);
	*source = NULL;
}

void listener_say(struct listener *listener, const char *format, ...)
{
	const gint64 now = g_get_monotonic_time();
	g_autofree char *text = NULL;
	va_list arguments;

	if (listener->said && now - listener->said < SAY_EVERY)
		return;
	listener->said = now;
	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_warning("listener: %s", text);
}

/* --- The way to the main thread --- */

bool listener_refuses(struct listener *listener, const char *peer)
{
	int64_t left;

	g_mutex_lock(&listener->lock);
	left = lockout_left(listener->lockout, peer, g_get_monotonic_time());
	g_mutex_unlock(&listener->lock);
	return left > 0;
}

static void listener_forget(struct listener_arrival *arrival)
{
	limits_leave(arrival->among->limits, arrival->place);
	g_queue_unlink(&arrival->among->queue, &arrival->link);
	g_free(arrival);
}

/* NULL: there is none. */
static struct listener_arrival *listener_next(struct listener *listener)
{
	struct listener_arrival *arrival = g_queue_peek_head(&listener->familiar.queue);

	return arrival ? arrival : g_queue_peek_head(&listener->strangers.queue);
}

/* The others find out for themselves; a viewer is expensive to begin. */
static bool listener_is_gone(int fd)
{
	struct pollfd look = {.fd = fd, .events = POLLRDHUP};

	return poll(&look, 1, 0) > 0;
}

/* One at a time: the loop has other things to do too. The listener may be gone after the call. */
static gboolean listener_deliver(gpointer data)
{
	struct listener *listener = data;
	struct listener_arrival *arrival;
	struct listener_client client = {.fd = -1};
	bool more;

	g_mutex_lock(&listener->lock);
	while (client.fd < 0 && (arrival = listener_next(listener))) {
		client = arrival->client;
		listener_forget(arrival);
		if (listener_is_gone(client.fd)) {
			close(client.fd);
			client.fd = -1;
		}
	}
	more = listener_next(listener) != NULL;
	if (!more)
		listener_source_end(&listener->arrival);
	g_mutex_unlock(&listener->lock);
	if (client.fd >= 0)
		listener->client(&client, listener->data);
	return more;
}

void listener_arrive(struct listener *listener, const struct listener_client *client)
{
	struct listener_arrival *arrival = g_new0(struct listener_arrival, 1), *crowd;
	struct listener_arrivals *among;

	arrival->client = *client;
	arrival->link.data = arrival;
	g_mutex_lock(&listener->lock);
	among = g_hash_table_contains(
				listener->viewers, GUINT_TO_POINTER(client->greeting.connection))
				? &listener->familiar
				: &listener->strangers;
	arrival->among = among;
	while ((crowd = limits_crowded(among->limits, client->peer))) {
		close(crowd->client.fd);
		listener_forget(crowd);
	}
	arrival->place = limits_enter(among->limits, client->peer, g_get_monotonic_time(), arrival);
	g_queue_push_tail_link(&among->queue, &arrival->link);
	if (!listener->arrival) {
		listener->arrival = g_idle_source_new();
		/* No higher: strangers would otherwise keep the loop from all else. */
		g_source_set_priority(listener->arrival, G_PRIORITY_DEFAULT);
		g_source_set_callback(listener->arrival, listener_deliver, listener, NULL);
		g_source_attach(listener->arrival, listener->home);
	}
	g_mutex_unlock(&listener->lock);
}

/* --- The thread: accepting --- */

static void listener_clock_set(struct listener *listener)
{
	g_source_set_ready_time(listener->clock, limits_next(listener->limits));
}

static gboolean listener_clock_rings(gpointer data)
{
	struct listener *listener = data;
	struct connection *late;

	while ((late = limits_late(listener->limits, g_get_monotonic_time())))
		connection_close(late);
	listener_clock_set(listener);
	return G_SOURCE_CONTINUE;
}

static gboolean listener_clock_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
	return callback(data);
}

static void listener_accept_from_now(struct listener *listener);

static gboolean listener_resume(gpointer data)
{
	struct listener *listener = data;

	listener_source_end(&listener->pause);
	listener_accept_from_now(listener);
	return G_SOURCE_REMOVE;
}

static void listener_stop_accepting(struct listener *listener)
{
	for (guint i = 0; i < listener->watches->len; i++)
		g_source_destroy(g_ptr_array_index(listener->watches, i));
	g_ptr_array_set_size(listener->watches, 0);
	listener_source_end(&listener->pause);
}

/* Descriptors or memory have run out: somebody silent goes, or else we wait. */
static bool listener_make_room(struct listener *listener, int cause)
{
	struct connection *idle = limits_most_idle(listener->limits);

	if (idle) {
		connection_give_way(idle); /* or has gone on: the next try finds another */
		return true;
	}
	if (!listener->exhausted)
		g_warning("listener: cannot accept a viewer: %s; trying again every %d s",
				g_strerror(cause), EXHAUSTED_MS / 1000);
	listener->exhausted = true;
	/* What cannot be accepted stays readable: without a pause the loop would spin on it. */
	listener_stop_accepting(listener);
	listener->pause = listener_source(
			listener, g_timeout_source_new(EXHAUSTED_MS), listener_resume, listener);
	return false;
}

/* Whether that one of ours is where one may only look. */
static bool listener_only_views(const struct listener *listener, int socket)
{
	for (guint i = 0; i < listener->endpoints->len; i++) {
		const struct endpoint *endpoint = g_ptr_array_index(listener->endpoints, i);

		for (int j = 0; j < endpoint->sockets; j++)
			if (endpoint->fds[j] == socket)
				return endpoint->view;
	}
	return true;
}

static void listener_admit(struct listener *listener, int fd, const char *peer, bool view)
{
	struct connection *crowd;

	if (listener_refuses(listener, peer)) {
		close(fd);
		return;
	}
	while ((crowd = limits_crowded(listener->limits, peer)))
		if (connection_give_way(crowd))
			listener_say(listener,
					"%s: many connections that do not say what they want; the oldest are closed",
					peer);
	connection_open(listener, fd, peer, view);
	if (g_source_get_ready_time(listener->clock) < 0)
		listener_clock_set(listener);
}

static gboolean listener_accept(gint socket, GIOCondition condition, gpointer data)
{
	struct listener *listener = data;
	const bool view = listener_only_views(listener, socket);

	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct sockaddr_storage address;
		socklen_t length = sizeof(address);
		int fd = accept4(socket, (struct sockaddr *)&address, &length,
				SOCK_CLOEXEC | SOCK_NONBLOCK);
		char peer[PEER_TEXT];

		if (fd >= 0) {
			listener->exhausted = false;
			peer_describe((struct sockaddr *)&address, length, peer);
			listener_admit(listener, fd, peer, view);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
				errno == ENOMEM) {
			if (!listener_make_room(listener, errno))
				break;
		} else if (errno == EAGAIN) {
			break;
		}
	}
	return G_SOURCE_CONTINUE;
}

static void listener_accept_from_now(struct listener *listener)
{
	for (guint i = 0; i < listener->endpoints->len; i++) {
		const struct endpoint *endpoint = g_ptr_array_index(listener->endpoints, i);

		for (int j = 0; j < endpoint->sockets; j++)
			g_ptr_array_add(listener->watches,
					listener_watch(listener, endpoint->fds[j], listener_accept,
							listener));
	}
}

static gpointer listener_run(gpointer data)
{
	static GSourceFuncs clock = {.dispatch = listener_clock_dispatch};
	struct listener *listener = data;
	struct connection *connection;

	g_main_context_push_thread_default(listener->context);
	listener->clock = listener_source(listener, g_source_new(&clock, sizeof(GSource)),
			listener_clock_rings, listener);
	listener_accept_from_now(listener);
	while (!g_atomic_int_get(&listener->stop))
		g_main_context_iteration(listener->context, TRUE);
	listener_stop_accepting(listener);
	while ((connection = g_queue_peek_head(&listener->connections)))
		connection_close(connection);
	listener_source_end(&listener->clock);
	g_main_context_pop_thread_default(listener->context);
	return NULL;
}

/* --- Its life --- */

static void listener_endpoint_free(gpointer endpoint)
{
	endpoint_close(endpoint);
	g_free(endpoint);
}

static struct endpoint *listener_endpoint(struct listener *listener)
{
	struct endpoint *endpoint = g_new0(struct endpoint, 1);

	g_ptr_array_add(listener->endpoints, endpoint);
	return endpoint;
}

static bool listener_bind_all(
		struct listener *listener, const char *const *addresses, bool view, GError **error)
{
	for (; *addresses; addresses++) {
		struct endpoint *endpoint = listener_endpoint(listener);

		if (!endpoint_open(endpoint, *addresses, BACKLOG, error))
			return false;
		endpoint->view = view;
	}
	return true;
}

static bool listener_bind(
		struct listener *listener, const struct listener_settings *settings, GError **error)
{
	for (size_t i = 0; i < settings->socket_count; i++)
		if (!endpoint_adopt(listener_endpoint(listener), settings->sockets[i], error)) {
			while (++i < settings->socket_count)
				close(settings->sockets[i]);
			return false;
		}
	if (settings->socket_count == 0 &&
			!listener_bind_all(listener, settings->addresses, false, error))
		return false;
	return !settings->view_addresses ||
	       listener_bind_all(listener, settings->view_addresses, true, error);
}

struct listener *listener_open(const struct listener_settings *settings, listener_client_fn client,
		void *data, GError **error)
{
	struct listener *listener = g_new0(struct listener, 1);
	const unsigned int most = settings->pending_most > 0 ? settings->pending_most
							     : LISTENER_PENDING_MOST;
	const unsigned int each = settings->pending_per_address > 0 ? settings->pending_per_address
								    : LISTENER_PENDING_PER_ADDRESS;

	listener->context = g_main_context_new();
	listener->home = g_main_context_ref_thread_default();
	listener->endpoints = g_ptr_array_new_with_free_func(listener_endpoint_free);
	listener->watches = g_ptr_array_new_with_free_func((GDestroyNotify)g_source_unref);
	listener->certificate = g_strdup(settings->certificate);
	listener->key = g_strdup(settings->key);
	listener->origins = g_strdupv((char **)settings->origins);
	listener->plain = settings->plain;
	listener->client = client;
	listener->data = data;
	listener->limits = limits_new(most, each);
	listener->strangers.limits = limits_new(most, each);
	listener->familiar.limits = limits_new(most, most); /* they know a password */
	listener->viewers = g_hash_table_new(NULL, NULL);
	g_queue_init(&listener->connections);
	g_mutex_init(&listener->lock);
	listener->lockout = lockout_new();
	g_queue_init(&listener->strangers.queue);
	g_queue_init(&listener->familiar.queue);
	listener->bridge = (struct bridge_settings){
			.context = listener->context,
			.origin = connection_origin,
			.display_init = settings->display_init,
			.own_display = settings->own_display,
	};
	if (listener_bind(listener, settings, error) &&
			listener_load(listener->certificate, listener->key, &listener->bridge.tls,
					error))
		listener->thread = g_thread_try_new("listener", listener_run, listener, error);
	if (listener->thread)
		return listener;
	listener_close(listener);
	return NULL;
}

const char *listener_address(const struct listener *listener, unsigned int index)
{
	const struct endpoint *endpoint;

	if (index >= listener->endpoints->len)
		return NULL;
	endpoint = g_ptr_array_index(listener->endpoints, index);
	return endpoint->name;
}

void listener_wrong_password(struct listener *listener, const char *peer)
{
	int64_t wait;

	g_mutex_lock(&listener->lock);
	wait = lockout_wrong(listener->lockout, peer, g_get_monotonic_time());
	g_mutex_unlock(&listener->lock);
	if (wait > 0)
		g_warning("listener: %s: wrong password again; this address is refused for %d s",
				peer, (int)(wait / G_TIME_SPAN_SECOND));
}

void listener_right_password(struct listener *listener, const char *peer)
{
	g_mutex_lock(&listener->lock);
	lockout_right(listener->lockout, peer);
	g_mutex_unlock(&listener->lock);
}

void listener_viewer(struct listener *listener, uint32_t connection, bool there)
{
	if (connection == 0)
		return; /* a newcomer's */
	g_mutex_lock(&listener->lock);
	if (there)
		g_hash_table_add(listener->viewers, GUINT_TO_POINTER(connection));
	else
		g_hash_table_remove(listener->viewers, GUINT_TO_POINTER(connection));
	g_mutex_unlock(&listener->lock);
}

void listener_close(struct listener *listener)
{
	struct listener_arrival *arrival;

	if (!listener)
		return;
	if (listener->thread) {
		g_atomic_int_set(&listener->stop, 1);
		g_main_context_wakeup(listener->context);
		g_thread_join(listener->thread);
	}
	/* Nobody else is there any more. */
	listener_source_end(&listener->arrival);
	while ((arrival = listener_next(listener))) {
		close(arrival->client.fd);
		listener_forget(arrival);
	}
	tls_context_free(listener->bridge.tls);
	limits_free(listener->limits);
	limits_free(listener->strangers.limits);
	limits_free(listener->familiar.limits);
	g_hash_table_unref(listener->viewers);
	lockout_free(listener->lockout);
	g_mutex_clear(&listener->lock);
	g_ptr_array_unref(listener->watches);
	g_ptr_array_unref(listener->endpoints);
	g_main_context_unref(listener->context);
	g_main_context_unref(listener->home);
	g_strfreev(listener->origins);
	g_free(listener->certificate);
	g_free(listener->key);
	g_free(listener);
}
