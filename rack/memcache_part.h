/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Shared by memcache*.c alone: the connection, and what was asked over it. */
#include <glib.h>
#include <sys/socket.h>
#include "rack/memcache.h"

#define MEMCACHE_REQUEST 4096 /* bytes of the longest request */

struct memcache_node {
	char *name;
	uint64_t generation;
	bool known;  /* the server said its generation, and there was no flush since */
	bool asking; /* it is asked for a new one */
	bool forgotten;
};

enum memcache_ask {
	MEMCACHE_ASK_SET,
	MEMCACHE_ASK_CHECK, /* incr by 0: is it still there? */
	MEMCACHE_ASK_RAISE, /* incr by 1 */
	MEMCACHE_ASK_BEGIN, /* add, or set where it is no number */
};

/* One that the server has to answer; it answers in order. */
struct memcache_request {
	enum memcache_ask ask;
	struct memcache_node *node; /* a reference; NULL for SET */
	int64_t at;                 /* us, when it was asked */
};

struct memcache {
	struct sockaddr_storage address;
	socklen_t address_size;
	char *where, *prefix;
	int64_t retry_ms, answer_ms, check_ms, delay_ms;
	struct memcache_events events;
	void *data;
	GHashTable *nodes; /* name -> memcache_node */
	int fd;            /* -1: none */
	bool connected;
	enum { MEMCACHE_UNTOLD, MEMCACHE_THERE, MEMCACHE_AWAY } told;
	int64_t begun_at, checked_at; /* us */
	guint watch, timer;
	GIOCondition watched;
	GByteArray *in, *out;
	GQueue asked; /* of memcache_request */
};

/* Frees a reference; NULL is fine. */
void memcache_node_unref(void *node);
void memcache_request_free(void *request);

/* Sends a request, which node is a part of; NULL: none. It takes a reference to it. */
void memcache_send(struct memcache *memcache, enum memcache_ask ask, struct memcache_node *node,
		const char *bytes, size_t size);

/* Asks for a node's generation; number: what is there is one, where ask is MEMCACHE_ASK_BEGIN. */
void memcache_ask(struct memcache *memcache, enum memcache_ask ask, struct memcache_node *node,
		bool number);

/* Asks for a new generation of a node, so that nothing of the former is read any more. */
void memcache_raise(struct memcache *memcache, struct memcache_node *node);

/* Takes the answers out of what came in. False: it speaks something else. */
bool memcache_take(struct memcache *memcache);

/* Waits for what there is to read, and for room where there is something to send. */
void memcache_watch(struct memcache *memcache);
