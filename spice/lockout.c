/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "spice/lockout.h"
#include "spice/peer.h"

struct lockout_address {
	char key[PEER_TEXT];
	unsigned int wrong;
	int64_t last;  /* wrong one */
	int64_t until; /* refused; 0: not */
	GList link;    /* lockout::by_last */
};

struct lockout {
	GHashTable *addresses; /* struct lockout_address by key */
	GQueue by_last;        /* the same, longest quiet first */
};

struct lockout *lockout_new(void)
{
	struct lockout *lockout = g_new0(struct lockout, 1);

	lockout->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	g_queue_init(&lockout->by_last);
	return lockout;
}

static struct lockout_address *lockout_find(const struct lockout *lockout, const char *peer)
{
	char key[PEER_TEXT];

	peer_key(peer, key);
	return g_hash_table_lookup(lockout->addresses, key);
}

static void lockout_forget(struct lockout *lockout, struct lockout_address *address)
{
	g_queue_unlink(&lockout->by_last, &address->link);
	g_hash_table_remove(lockout->addresses, address->key);
}

static struct lockout_address *lockout_add(struct lockout *lockout, const char *peer)
{
	struct lockout_address *address = g_new0(struct lockout_address, 1);

	if (g_hash_table_size(lockout->addresses) == LOCKOUT_ADDRESSES)
		lockout_forget(lockout, lockout->by_last.head->data);
	peer_key(peer, address->key);
	address->link.data = address;
	g_hash_table_insert(lockout->addresses, address->key, address);
	g_queue_push_tail_link(&lockout->by_last, &address->link);
	return address;
}

int64_t lockout_left(const struct lockout *lockout, const char *peer, int64_t now)
{
	const struct lockout_address *address = lockout_find(lockout, peer);

	return address && address->until > now ? address->until - now : 0;
}

int64_t lockout_wrong(struct lockout *lockout, const char *peer, int64_t now)
{
	struct lockout_address *address;
	int64_t wait = LOCKOUT_FIRST;

	if (peer_local(peer))
		return 0;
	address = lockout_find(lockout, peer);
	if (!address)
		address = lockout_add(lockout, peer);
	else if (now - address->last >= LOCKOUT_FORGOTTEN)
		address->wrong = 0;
	address->last = now;
	g_queue_unlink(&lockout->by_last, &address->link);
	g_queue_push_tail_link(&lockout->by_last, &address->link);
	if (++address->wrong <= LOCKOUT_FREE)
		return 0;
	for (unsigned int i = LOCKOUT_FREE + 1; i < address->wrong && wait < LOCKOUT_LONGEST; i++)
		wait *= 2;
	wait = MIN(wait, LOCKOUT_LONGEST);
	address->until = now + wait;
	return wait;
}

void lockout_right(struct lockout *lockout, const char *peer)
{
	struct lockout_address *address = lockout_find(lockout, peer);

	if (address)
		lockout_forget(lockout, address);
}

void lockout_free(struct lockout *lockout)
{
	if (!lockout)
		return;
	g_hash_table_unref(lockout->addresses);
	g_free(lockout);
}
