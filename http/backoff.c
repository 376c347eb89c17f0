/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include "http/backoff.h"

#define BACKOFF_FREE   3
#define BACKOFF_MOST   60 /* s */
#define BACKOFF_FORGET (600 * G_USEC_PER_SEC)
#define BACKOFF_PEERS  1024

struct backoff {
	GHashTable *peers; /* of struct backoff_peer, by name */
};

struct backoff_peer {
	unsigned int wrong;
	gint64 last;  /* wrong one */
	gint64 until; /* it must wait */
};

struct backoff *backoff_new(void)
{
	struct backoff *backoff = g_new0(struct backoff, 1);

	backoff->peers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return backoff;
}

void backoff_free(struct backoff *backoff)
{
	if (!backoff)
		return;
	g_hash_table_unref(backoff->peers);
	g_free(backoff);
}

/* What an address counts as; new. */
static char *backoff_name(const char *peer)
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, peer, &address) != 1)
		return g_strdup(peer);
	return g_strdup_printf("%02x%02x:%02x%02x:%02x%02x:%02x%02x", address.s6_addr[0],
			address.s6_addr[1], address.s6_addr[2], address.s6_addr[3],
			address.s6_addr[4], address.s6_addr[5], address.s6_addr[6],
			address.s6_addr[7]);
}

static struct backoff_peer *backoff_find(struct backoff *backoff, const char *name, gint64 now)
{
	struct backoff_peer *peer = g_hash_table_lookup(backoff->peers, name);

	if (peer && now - peer->last > BACKOFF_FORGET) {
		g_hash_table_remove(backoff->peers, name);
		return NULL;
	}
	return peer;
}

static void backoff_make_room(struct backoff *backoff)
{
	const char *name, *oldest = NULL;
	const struct backoff_peer *peer;
	gint64 last = G_MAXINT64;
	GHashTableIter iter;

	if (g_hash_table_size(backoff->peers) < BACKOFF_PEERS)
		return;
	g_hash_table_iter_init(&iter, backoff->peers);
	while (g_hash_table_iter_next(&iter, (gpointer *)&name, (gpointer *)&peer)) {
		if (peer->last < last) {
			last = peer->last;
			oldest = name;
		}
	}
	g_hash_table_remove(backoff->peers, oldest);
}

unsigned int backoff_wait(struct backoff *backoff, const char *peer, gint64 now)
{
	g_autofree char *name = backoff_name(peer);
	const struct backoff_peer *found = backoff_find(backoff, name, now);

	if (!found || found->until <= now)
		return 0;
	return (found->until - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
}

bool backoff_wrong(struct backoff *backoff, const char *peer, gint64 now)
{
	g_autofree char *name = backoff_name(peer);
	struct backoff_peer *found = backoff_find(backoff, name, now);
	gint64 wait;

	if (!found) {
		backoff_make_room(backoff);
		found = g_new0(struct backoff_peer, 1);
		g_hash_table_insert(backoff->peers, g_steal_pointer(&name), found);
	}
	found->wrong = MIN(found->wrong + 1, BACKOFF_FREE + 10);
	found->last = now;
	if (found->wrong <= BACKOFF_FREE)
		return false;
	wait = MIN(BACKOFF_MOST, 1 << (found->wrong - BACKOFF_FREE - 1));
	found->until = now + wait * G_USEC_PER_SEC;
	return found->wrong == BACKOFF_FREE + 1;
}

void backoff_right(struct backoff *backoff, const char *peer)
{
	g_autofree char *name = backoff_name(peer);

	g_hash_table_remove(backoff->peers, name);
}
