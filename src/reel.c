/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/reel.h"
#include <string.h>
#include <sys/mman.h>

struct reel_store {
	uint8_t *memory;
	size_t size;
	uint32_t *spare; /* chunks that nobody has */
	size_t spare_count;
};

struct reel_group {
	uint64_t offset; /* where it begins */
	int64_t time, wall;
	unsigned int frames, marks;
};

/*
 * Entries are one stream of bytes that goes on from chunk to chunk; offsets are of all that was
 * ever added.
 */
struct reel {
	struct reel_store *store; /* not ours */
	int references;
	GArray *chunks;      /* of uint32_t: those from base on, oldest first */
	uint64_t base;       /* of the first chunk */
	uint64_t begin, end; /* of what is there */
	GQueue groups;       /* of struct reel_group, oldest first */
	bool whole;          /* a difference can follow */
	int64_t last, last_wall;
};

/* --- The store --- */

struct reel_store *reel_store_new(size_t bytes)
{
	size_t count = bytes / REEL_CHUNK;
	struct reel_store *store;
	void *memory;

	if (count < 2 || count > UINT32_MAX)
		return NULL;
	memory = mmap(NULL, count * REEL_CHUNK, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	store = g_new0(struct reel_store, 1);
	store->memory = memory;
	store->size = count * REEL_CHUNK;
	store->spare = g_new(uint32_t, count);
	/* The first ones are taken first: a short recording touches little memory. */
	for (size_t i = 0; i < count; i++)
		store->spare[i] = (uint32_t)(count - 1 - i);
	store->spare_count = count;
	return store;
}

size_t reel_store_size(const struct reel_store *store)
{
	return store->size;
}

void reel_store_free(struct reel_store *store)
{
	if (!store)
		return;
	munmap(store->memory, store->size);
	g_free(store->spare);
	g_free(store);
}

/* --- Chunks --- */

static uint8_t *reel_at(const struct reel *reel, uint64_t offset, size_t *left)
{
	size_t within = (size_t)(offset - reel->base);
	uint32_t chunk = g_array_index(reel->chunks, uint32_t, within / REEL_CHUNK);

	*left = REEL_CHUNK - within % REEL_CHUNK;
	return reel->store->memory + (size_t)chunk * REEL_CHUNK + within % REEL_CHUNK;
}

static void reel_write(struct reel *reel, const void *data, size_t size)
{
	const uint8_t *from = data;

	while (size) {
		size_t left;
		uint8_t *to = reel_at(reel, reel->end, &left);

		left = MIN(left, size);
		memcpy(to, from, left);
		from += left;
		size -= left;
		reel->end += left;
	}
}

static void reel_copy(const struct reel *reel, uint64_t offset, void *data, size_t size)
{
	uint8_t *to = data;

	while (size) {
		size_t left;
		const uint8_t *from = reel_at(reel, offset, &left);

		left = MIN(left, size);
		memcpy(to, from, left);
		to += left;
		size -= left;
		offset += left;
	}
}

static size_t reel_occupied(const struct reel *reel)
{
	return (size_t)reel->chunks->len * REEL_CHUNK;
}

/* Gives back the chunks before what is there. */
static void reel_give(struct reel *reel)
{
	struct reel_store *store = reel->store;
	guint count = (guint)((reel->begin - reel->base) / REEL_CHUNK);

	/* All of it: a chunk that is written in part is not gone on with. */
	if (reel->begin == reel->end && reel->chunks->len) {
		count = reel->chunks->len;
		reel->begin = reel->end = reel->base + (uint64_t)count * REEL_CHUNK;
	}
	for (guint i = 0; i < count; i++)
		store->spare[store->spare_count++] = g_array_index(reel->chunks, uint32_t, i);
	if (count)
		g_array_remove_range(reel->chunks, 0, count);
	reel->base += (uint64_t)count * REEL_CHUNK;
}

static void reel_drop_oldest(struct reel *reel)
{
	const struct reel_group *next;

	g_free(g_queue_pop_head(&reel->groups));
	next = g_queue_peek_head(&reel->groups);
	reel->begin = next ? next->offset : reel->end;
	if (!next)
		reel->whole = false;
	reel_give(reel);
}

/* Makes room for so many bytes; keep: groups that must stay. False: there is not that much. */
static bool reel_room(struct reel *reel, size_t size, guint keep)
{
	struct reel_store *store = reel->store;

	for (;;) {
		uint64_t room = reel->base + reel_occupied(reel) - reel->end;
		size_t wanted = size > room ? (size - room + REEL_CHUNK - 1) / REEL_CHUNK : 0;

		if (wanted <= store->spare_count) {
			for (; wanted; wanted--)
				g_array_append_val(
						reel->chunks, store->spare[--store->spare_count]);
			return true;
		}
		if (g_queue_get_length(&reel->groups) <= keep)
			return false;
		reel_drop_oldest(reel);
	}
}

/* --- Entries --- */

static void reel_begin_group(struct reel *reel, const struct reel_entry *entry)
{
	struct reel_group *group = g_new0(struct reel_group, 1);

	group->offset = reel->end;
	group->time = entry->time;
	group->wall = entry->wall;
	g_queue_push_tail(&reel->groups, group);
}

bool reel_add(struct reel *reel, const struct reel_entry *entry, const void *data)
{
	struct reel_group *last = g_queue_peek_tail(&reel->groups);
	bool begins = entry->kind == REEL_COMPLETE || !last;

	if (entry->kind == REEL_DIFFERENCE && !reel->whole)
		return false;
	if (!reel_room(reel, sizeof(*entry) + entry->size, begins ? 0 : 1)) {
		/* A difference that is missing is missed by all that follow. */
		while (entry->kind == REEL_DIFFERENCE && !g_queue_is_empty(&reel->groups))
			reel_drop_oldest(reel);
		return false;
	}
	if (begins)
		reel_begin_group(reel, entry);
	if (entry->kind == REEL_COMPLETE)
		reel->whole = true;
	last = g_queue_peek_tail(&reel->groups);
	if (entry->kind == REEL_MARK)
		last->marks++;
	else
		last->frames++;
	reel_write(reel, entry, sizeof(*entry));
	reel_write(reel, data, entry->size);
	reel->last = entry->time;
	reel->last_wall = entry->wall;
	return true;
}

void reel_gap(struct reel *reel)
{
	reel->whole = false;
}

bool reel_goes_on(const struct reel *reel)
{
	return reel->whole;
}

size_t reel_group_size(const struct reel *reel)
{
	const struct reel_group *last = g_queue_peek_tail((GQueue *)&reel->groups);

	return last ? (size_t)(reel->end - last->offset) : 0;
}

void reel_trim(struct reel *reel, size_t bytes)
{
	while (reel_occupied(reel) > bytes && g_queue_get_length(&reel->groups) > 1)
		reel_drop_oldest(reel);
}

void reel_stats(const struct reel *reel, struct reel_stats *stats)
{
	const struct reel_group *first = g_queue_peek_head((GQueue *)&reel->groups);

	*stats = (struct reel_stats){
			.groups = g_queue_get_length((GQueue *)&reel->groups),
			.bytes = reel_occupied(reel),
	};
	for (const GList *each = reel->groups.head; each; each = each->next) {
		const struct reel_group *group = each->data;

		stats->frames += group->frames;
		stats->marks += group->marks;
	}
	if (!first)
		return;
	stats->first = first->time;
	stats->first_wall = first->wall;
	stats->last = reel->last;
	stats->last_wall = reel->last_wall;
}

bool reel_read(const struct reel *reel, struct reel_place *place, struct reel_entry *entry,
		GByteArray *data)
{
	if (!place->begun || place->offset < reel->begin)
		place->offset = reel->begin;
	place->begun = true;
	if (place->offset >= reel->end)
		return false;
	reel_copy(reel, place->offset, entry, sizeof(*entry));
	if (data) {
		g_byte_array_set_size(data, (guint)entry->size);
		reel_copy(reel, place->offset + sizeof(*entry), data->data, entry->size);
	}
	place->offset += sizeof(*entry) + entry->size;
	return true;
}

/* --- The reel --- */

struct reel *reel_new(struct reel_store *store)
{
	struct reel *reel = g_new0(struct reel, 1);

	reel->store = store;
	reel->references = 1;
	reel->chunks = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	g_queue_init(&reel->groups);
	return reel;
}

struct reel *reel_ref(struct reel *reel)
{
	reel->references++;
	return reel;
}

void reel_unref(struct reel *reel)
{
	if (!reel || --reel->references)
		return;
	while (!g_queue_is_empty(&reel->groups))
		reel_drop_oldest(reel);
	reel_give(reel);
	g_array_unref(reel->chunks);
	g_free(reel);
}
