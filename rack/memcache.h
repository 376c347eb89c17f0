/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Shares readings through a memcached, under the keys that memcache_text.h tells. Never blocks, and
 * nothing waits for the server: what cannot be sent is left out, as the next reading comes soon.
 * The connection is tried again after 1 s, then half as often each time down to once a minute. All
 * of the main thread, in its default main context.
 *
 * A node's values can be set once the server has said its generation. That is asked for anew after
 * each connect, so whatever happened meanwhile, values of a node that was replaced are not found.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memcache_settings {
	const char *address; /* "127.0.0.1:11211", "[::1]:11211" or the path of a unix socket */
	const char *prefix;  /* of all keys */
	/* ms; 0: the default. */
	int retry_ms;  /* after the first failure (1000) */
	int answer_ms; /* before a server that says nothing is given up (5000) */
	int check_ms;  /* how often it is asked whether it still knows the generations (30000) */
};

struct memcache_events {
	/* A node's values can be set from here on, and all of them have to be. */
	void (*generation)(const char *node, uint64_t generation, void *data);
	/* The server answers, or why it does not; not once for each attempt. */
	void (*state)(bool connected, const char *why, void *data);
};

struct memcache;

/* Settings and events are copied. Errors (G_FILE_ERROR_INVAL): an address that is none. */
struct memcache *memcache_new(const struct memcache_settings *settings,
		const struct memcache_events *events, void *data, GError **error);

/* Makes a node known. */
void memcache_node(struct memcache *memcache, const char *node);

/*
 * Another machine is in its place: nothing of what was set before is found by who asks after the
 * server has heard of it. A server that is away hears of it at the next connect; until then its
 * values have their time to live.
 */
void memcache_flush(struct memcache *memcache, const char *node);

/* Flushes it, and makes it unknown. Where the server is away, its values end by their time to live.
 */
void memcache_forget(struct memcache *memcache, const char *node);

/* ttl: s, above 0. Returns false when it was left out: see above. */
bool memcache_set(struct memcache *memcache, const char *node, const char *sensor,
		const char *value, size_t size, unsigned int ttl);

/* Not from an event. Sends what the socket takes at once. NULL is fine. */
void memcache_free(struct memcache *memcache);
