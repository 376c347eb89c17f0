/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "spice/backoff.h"
#include "spice/peer.h"

struct backoff_address {
	char key[PEER_TEXT];
	unsigned int wrong;
	int64_t last;  /* wrong one */
	int64_t until; /* refused; 0: not */
	GList link;    /* backoff::by_last */
};

struct backoff {
	GHashTable *addresses; /* struct backoff_address by key */
	GQueue by_last;        /* the same, longest quiet first */
};

struct backoff *backoff_new(void)
{
	struct backoff *backoff = g_new0(struct backoff, 1);

	backoff->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	g_queue_init(&backoff->by_last);
	return backoff;
}

static struct backoff_address *backoff_find(const struct backoff *backoff, const char *peer)
{
	char key[PEER_TEXT];

	peer_key(peer, key);
	return g_hash_table_lookup(backoff->addresses, key);
}

static void backoff_forget(struct backoff *backoff, struct backoff_address *address)
{
	g_queue_unlink(&backoff->by_last, &address->link);
	g_hash_table_remove(backoff->addresses, address->key);
}

static struct backoff_address *backoff_add(struct backoff *backoff, const char *peer)
{
	struct backoff_address *address = g_new0(struct backoff_address, 1);

	if (g_hash_table_size(backoff->addresses) == BACKOFF_ADDRESSES)
		backoff_forget(backoff, backoff->by_last.head->data);
	peer_key(peer, address->key);
	address->link.data = address;
	g_hash_table_insert(backoff->addresses, address->key, address);
	g_queue_push_tail_link(&backoff->by_last, &address->link);
	return address;
}

int64_t backoff_left(const struct backoff *backoff, const char *peer, int64_t now)
{
	const struct backoff_address *address = backoff_find(backoff, peer);

	return address && address->until > now ? address->until - now : 0;
}

int64_t backoff_wrong(struct backoff *backoff, const char *peer, int64_t now)
{
	struct backoff_address *address;
	int64_t wait = BACKOFF_FIRST;

	if (peer_local(peer))
		return 0;
	address = backoff_find(backoff, peer);
	if (!address)
		address = backoff_add(backoff, peer);
	else if (now - address->last >= BACKOFF_FORGOTTEN)
		address->wrong = 0;
	address->last = now;
	g_queue_unlink(&backoff->by_last, &address->link);
	g_queue_push_tail_link(&backoff->by_last, &address->link);
	if (++address->wrong <= BACKOFF_FREE)
		return 0;
	for (unsigned int i = BACKOFF_FREE + 1; i < address->wrong && wait < BACKOFF_LONGEST; i++)
		wait *= 2;
	wait = MIN(wait, BACKOFF_LONGEST);
	address->until = now + wait;
	return wait;
}

void backoff_right(struct backoff *backoff, const char *peer)
{
	struct backoff_address *address = backoff_find(backoff, peer);

	if (address)
		backoff_forget(backoff, address);
}

void backoff_free(struct backoff *backoff)
{
	if (!backoff)
		return;
	g_hash_table_unref(backoff->addresses);
	g_free(backoff);
}
