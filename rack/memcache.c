/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "rack/memcache.h"
#include "rack/memcache_part.h"
#include "rack/memcache_text.h"

#define MEMCACHE_OUT_MAX   262144 /* bytes that wait to be sent */
#define MEMCACHE_ASKED_MAX 8192   /* requests that wait for an answer */
#define MEMCACHE_READ      16384
#define MEMCACHE_RETRY_MAX 60000

static void memcache_connect(struct memcache *memcache);

/* --- Connection --- */

static gboolean memcache_again(gpointer data)
{
	struct memcache *memcache = data;

	memcache->timer = 0;
	memcache_connect(memcache);
	return G_SOURCE_REMOVE;
}

static void memcache_close(struct memcache *memcache)
{
	GHashTableIter iter;
	void *value;

	g_clear_handle_id(&memcache->watch, g_source_remove);
	g_clear_handle_id(&memcache->timer, g_source_remove);
	if (memcache->fd >= 0)
		close(memcache->fd);
	memcache->fd = -1;
	memcache->connected = false;
	g_byte_array_set_size(memcache->in, 0);
	g_byte_array_set_size(memcache->out, 0);
	g_queue_clear_full(&memcache->asked, memcache_request_free);
	g_hash_table_iter_init(&iter, memcache->nodes);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct memcache_node *node = value;

		node->known = node->asking = false;
	}
}

static void memcache_lost(struct memcache *memcache, const char *why)
{
	bool told = memcache->told == MEMCACHE_AWAY;

	memcache_close(memcache);
	memcache->timer = g_timeout_add((guint)memcache->delay_ms, memcache_again, memcache);
	memcache->delay_ms = MIN(memcache->delay_ms * 2, MEMCACHE_RETRY_MAX);
	memcache->told = MEMCACHE_AWAY;
	if (!told && memcache->events.state) {
		char *text = g_strdup_printf(
				"memcached at %s: %s; trying again", memcache->where, why);

		memcache->events.state(false, text, memcache->data);
		g_free(text);
	}
}

/* Now and then: whether it answers, and whether it still knows what it was told. */
static gboolean memcache_tick(gpointer data)
{
	struct memcache *memcache = data;
	const struct memcache_request *oldest = g_queue_peek_head(&memcache->asked);
	int64_t now = g_get_monotonic_time();
	int64_t since = !memcache->connected ? memcache->begun_at : oldest ? oldest->at : now;
	GHashTableIter iter;
	void *value;

	if (now - since > memcache->answer_ms * 1000) {
		memcache->timer = 0; /* by what is returned */
		memcache_lost(memcache, "it does not answer");
		return G_SOURCE_REMOVE;
	}
	if (!memcache->connected || now - memcache->checked_at < memcache->check_ms * 1000)
		return G_SOURCE_CONTINUE;
	memcache->checked_at = now;
	g_hash_table_iter_init(&iter, memcache->nodes);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct memcache_node *node = value;

		if (node->known)
			memcache_ask(memcache, MEMCACHE_ASK_CHECK, node, true);
		else
			memcache_raise(memcache, node);
	}
	return G_SOURCE_CONTINUE;
}

static void memcache_is_there(struct memcache *memcache)
{
	GHashTableIter iter;
	void *value;

	memcache->connected = true;
	memcache->checked_at = g_get_monotonic_time();
	g_hash_table_iter_init(&iter, memcache->nodes);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		memcache_raise(memcache, value);
}

static bool memcache_read(struct memcache *memcache)
{
	guint8 bytes[MEMCACHE_READ];
	ssize_t size = recv(memcache->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (size <= 0) {
		memcache_lost(memcache, size < 0 ? g_strerror(errno) : "it closed the connection");
		return false;
	}
	g_byte_array_append(memcache->in, bytes, (guint)size);
	if (memcache_take(memcache))
		return true;
	memcache_lost(memcache, "what it says is no memcached's answer");
	return false;
}

static bool memcache_write(struct memcache *memcache)
{
	ssize_t size;

	if (memcache->out->len == 0)
		return true;
	size = send(memcache->fd, memcache->out->data, memcache->out->len,
			MSG_DONTWAIT | MSG_NOSIGNAL);
	if (size > 0)
		g_byte_array_remove_range(memcache->out, 0, (guint)size);
	if (size >= 0 || errno == EAGAIN || errno == EINTR)
		return true;
	memcache_lost(memcache, g_strerror(errno));
	return false;
}

static gboolean memcache_ready(gint fd, GIOCondition condition, gpointer data)
{
	struct memcache *memcache = data;

	if (!memcache->connected) {
		int error = 0;
		socklen_t size = sizeof(error);

		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
			error = errno;
		if (error) {
			memcache_lost(memcache, g_strerror(error));
			return G_SOURCE_CONTINUE; /* it is gone */
		}
		memcache_is_there(memcache);
	}
	if ((condition & ~G_IO_OUT) && !memcache_read(memcache))
		return G_SOURCE_CONTINUE;
	if (memcache_write(memcache))
		memcache_watch(memcache);
	return G_SOURCE_CONTINUE;
}

/* What is sent together in one turn of the main loop goes out at once. */
void memcache_watch(struct memcache *memcache)
{
	GIOCondition wanted = G_IO_IN;

	if (!memcache->connected || memcache->out->len > 0)
		wanted |= G_IO_OUT;
	if (memcache->watch && memcache->watched == wanted)
		return;
	g_clear_handle_id(&memcache->watch, g_source_remove);
	memcache->watched = wanted;
	memcache->watch = g_unix_fd_add(memcache->fd, wanted, memcache_ready, memcache);
}

static void memcache_connect(struct memcache *memcache)
{
	int family = memcache->address.ss_family;
	int64_t tick = MAX(MIN(memcache->answer_ms, memcache->check_ms) / 4, 1);

	memcache->begun_at = g_get_monotonic_time();
	memcache->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (memcache->fd < 0 || (connect(memcache->fd, (struct sockaddr *)&memcache->address,
						 memcache->address_size) != 0 &&
						errno != EINPROGRESS)) {
		memcache_lost(memcache, g_strerror(errno));
		return;
	}
	memcache->timer = g_timeout_add((guint)tick, memcache_tick, memcache);
	memcache_watch(memcache);
}

/* --- Ours --- */

static bool memcache_address(struct memcache *memcache, const char *text)
{
	const struct addrinfo hints = {
			.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	struct sockaddr_un *path = (struct sockaddr_un *)&memcache->address;
	const char *colon = strrchr(text, ':');
	struct addrinfo *found = NULL;
	char *host;

	if (text[0] == '/') {
		path->sun_family = AF_UNIX;
		memcache->address_size = sizeof(*path);
		return g_strlcpy(path->sun_path, text, sizeof(path->sun_path)) <
		       sizeof(path->sun_path);
	}
	if (!colon || colon == text)
		return false;
	host = text[0] == '[' && colon[-1] == ']' ? g_strndup(text + 1, (gsize)(colon - text) - 2)
						  : g_strndup(text, (gsize)(colon - text));
	if (getaddrinfo(host, colon + 1, &hints, &found) == 0) {
		memcpy(&memcache->address, found->ai_addr, found->ai_addrlen);
		memcache->address_size = found->ai_addrlen;
		freeaddrinfo(found);
	}
	g_free(host);
	return memcache->address_size > 0;
}

struct memcache *memcache_new(const struct memcache_settings *settings,
		const struct memcache_events *events, void *data, GError **error)
{
	struct memcache *memcache = g_new0(struct memcache, 1);

	if (!memcache_address(memcache, settings->address)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"\"%s\" is no address of a memcached: 127.0.0.1:11211, [::1]:11211 or the path of a socket are",
				settings->address);
		g_free(memcache);
		return NULL;
	}
	memcache->where = g_strdup(settings->address);
	memcache->prefix = g_strdup(settings->prefix);
	memcache->retry_ms = settings->retry_ms > 0 ? settings->retry_ms : 1000;
	memcache->answer_ms = settings->answer_ms > 0 ? settings->answer_ms : 5000;
	memcache->check_ms = settings->check_ms > 0 ? settings->check_ms : 30000;
	memcache->delay_ms = memcache->retry_ms;
	memcache->events = *events;
	memcache->data = data;
	memcache->nodes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, memcache_node_unref);
	memcache->fd = -1;
	memcache->in = g_byte_array_new();
	memcache->out = g_byte_array_new();
	g_queue_init(&memcache->asked);
	/* From the main loop, so that no event comes before the caller knows of us. */
	memcache->timer = g_timeout_add(0, memcache_again, memcache);
	return memcache;
}

void memcache_node(struct memcache *memcache, const char *name)
{
	struct memcache_node *node;

	if (g_hash_table_contains(memcache->nodes, name))
		return;
	node = g_rc_box_new0(struct memcache_node);
	node->name = g_strdup(name);
	g_hash_table_insert(memcache->nodes, node->name, node);
	memcache_raise(memcache, node);
}

void memcache_flush(struct memcache *memcache, const char *name)
{
	struct memcache_node *node = g_hash_table_lookup(memcache->nodes, name);

	if (node)
		memcache_raise(memcache, node);
}

void memcache_forget(struct memcache *memcache, const char *name)
{
	struct memcache_node *node = g_hash_table_lookup(memcache->nodes, name);

	if (!node)
		return;
	memcache_raise(memcache, node);
	node->forgotten = true;
	g_hash_table_remove(memcache->nodes, name);
}

bool memcache_set(struct memcache *memcache, const char *name, const char *sensor,
		const char *value, size_t size, unsigned int ttl)
{
	const struct memcache_node *node = g_hash_table_lookup(memcache->nodes, name);
	char key[MEMCACHE_KEY_MAX], text[MEMCACHE_REQUEST];
	size_t bytes;

	if (!node || !node->known || memcache->out->len > MEMCACHE_OUT_MAX ||
			memcache->asked.length > MEMCACHE_ASKED_MAX)
		return false;
	if (!memcache_text_key(key, memcache->prefix, name, node->generation, sensor))
		return false;
	bytes = memcache_text_set(text, sizeof(text), key, MAX(ttl, 1), value, size);
	if (bytes > 0)
		memcache_send(memcache, MEMCACHE_ASK_SET, NULL, text, bytes);
	return bytes > 0;
}

void memcache_free(struct memcache *memcache)
{
	if (!memcache)
		return;
	memcache->events = (struct memcache_events){0};
	if (memcache->connected)
		memcache_write(memcache);
	memcache_close(memcache);
	g_hash_table_destroy(memcache->nodes);
	g_byte_array_free(memcache->in, TRUE);
	g_byte_array_free(memcache->out, TRUE);
	g_free(memcache->where);
	g_free(memcache->prefix);
	g_free(memcache);
}
