/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "spice/limits.h"
#include "spice/peer.h"

struct limits_address {
	char key[PEER_TEXT];
	GQueue silent, speaking; /* struct limits_place, oldest first */
};

struct limits_place {
	void *owner;
	int64_t entered;
	struct limits_address *address;
	bool spoke;
	GList by_age;     /* limits::places */
	GList by_address; /* limits_address::silent or ::speaking */
};

struct limits {
	unsigned int most, most_per_address;
	GQueue places;         /* struct limits_place, oldest first */
	unsigned int speaking; /* of them */
	GHashTable *addresses; /* struct limits_address by key; those who have places */
};

struct limits *limits_new(unsigned int most, unsigned int most_per_address)
{
	struct limits *limits = g_new0(struct limits, 1);

	limits->most = most;
	limits->most_per_address = most_per_address;
	g_queue_init(&limits->places);
	limits->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	return limits;
}

static struct limits_place *limits_oldest(const GQueue *queue)
{
	return queue->head ? queue->head->data : NULL;
}

static bool limits_prefers_silent(unsigned int silent, unsigned int speaking)
{
	return silent > 0 && silent >= speaking;
}

/* Of the addresses' queues the longest one's oldest; of equals the oldest. */
static struct limits_place *limits_of_most(const struct limits *limits, bool silent)
{
	struct limits_place *found = NULL;
	unsigned int most = 0;
	GHashTableIter each;
	gpointer value;

	g_hash_table_iter_init(&each, limits->addresses);
	while (g_hash_table_iter_next(&each, NULL, &value)) {
		const struct limits_address *address = value;
		const GQueue *queue = silent ? &address->silent : &address->speaking;
		const unsigned int length = MAX(queue->length, LIMITS_TOGETHER);
		struct limits_place *oldest = limits_oldest(queue);

		if (!oldest || length < most)
			continue;
		if (found && length == most && found->entered <= oldest->entered)
			continue;
		most = length;
		found = oldest;
	}
	return found;
}

void *limits_most_idle(const struct limits *limits)
{
	const unsigned int silent = limits->places.length - limits->speaking;
	const struct limits_place *place = limits_of_most(
			limits, limits_prefers_silent(silent, limits->speaking));

	return place ? place->owner : NULL;
}

void *limits_crowded(const struct limits *limits, const char *peer)
{
	const struct limits_address *address;
	char key[PEER_TEXT];

	peer_key(peer, key);
	address = peer_local(peer) ? NULL : g_hash_table_lookup(limits->addresses, key);
	if (address && address->silent.length + address->speaking.length >=
					limits->most_per_address) {
		const bool silent = limits_prefers_silent(
				address->silent.length, address->speaking.length);

		return limits_oldest(silent ? &address->silent : &address->speaking)->owner;
	}
	return limits->places.length >= limits->most ? limits_most_idle(limits) : NULL;
}

static struct limits_address *limits_address(struct limits *limits, const char *peer)
{
	struct limits_address *address;
	char key[PEER_TEXT];

	peer_key(peer, key);
	address = g_hash_table_lookup(limits->addresses, key);
	if (!address) {
		address = g_new0(struct limits_address, 1);
		g_strlcpy(address->key, key, sizeof(address->key));
		g_hash_table_insert(limits->addresses, address->key, address);
	}
	return address;
}

struct limits_place *limits_enter(struct limits *limits, const char *peer, int64_t now, void *owner)
{
	struct limits_place *place = g_new0(struct limits_place, 1);

	place->owner = owner;
	place->entered = now;
	place->address = limits_address(limits, peer);
	place->by_age.data = place->by_address.data = place;
	g_queue_push_tail_link(&limits->places, &place->by_age);
	g_queue_push_tail_link(&place->address->silent, &place->by_address);
	return place;
}

void limits_spoke(struct limits *limits, struct limits_place *place)
{
	if (place->spoke)
		return;
	place->spoke = true;
	limits->speaking++;
	g_queue_unlink(&place->address->silent, &place->by_address);
	g_queue_push_tail_link(&place->address->speaking, &place->by_address);
}

void limits_leave(struct limits *limits, struct limits_place *place)
{
	struct limits_address *address = place->address;

	g_queue_unlink(place->spoke ? &address->speaking : &address->silent, &place->by_address);
	g_queue_unlink(&limits->places, &place->by_age);
	limits->speaking -= place->spoke;
	if (!address->silent.head && !address->speaking.head)
		g_hash_table_remove(limits->addresses, address->key);
	g_free(place);
}

unsigned int limits_count(const struct limits *limits)
{
	return limits->places.length;
}

void *limits_late(const struct limits *limits, int64_t now)
{
	int64_t next = limits_next(limits);

	return next >= 0 && next <= now ? limits_oldest(&limits->places)->owner : NULL;
}

int64_t limits_next(const struct limits *limits)
{
	const struct limits_place *oldest = limits_oldest(&limits->places);

	return oldest ? oldest->entered + LIMITS_TIME : -1;
}

void limits_free(struct limits *limits)
{
	if (!limits)
		return;
	g_hash_table_unref(limits->addresses);
	g_free(limits);
}
