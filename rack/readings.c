/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "rack/readings_part.h"

#define READINGS_STEP 8 /* records that a node grows by */

/* --- Names --- */

/* A slash is the node's business alone; a comma parts keys in a list. */
static bool readings_letter(unsigned char byte, bool slash)
{
	if (byte <= ' ' || byte >= 0x7f)
		return false;
	return byte == '/' ? slash : !strchr(",\"\\?#%&", byte);
}

static bool readings_named(const char *name, size_t room, bool slash)
{
	size_t size = strlen(name);

	if (size == 0 || size >= room)
		return false;
	for (size_t i = 0; i < size; i++)
		if (!readings_letter((unsigned char)name[i], slash))
			return false;
	return true;
}

bool readings_clean(const char *text, char name[READINGS_SENSOR_MAX])
{
	size_t size = strlen(text);
	bool any = false;

	while (size > 0 && text[size - 1] == ' ')
		size--;
	if (size > READINGS_SENSOR_MAX - 1)
		size = READINGS_SENSOR_MAX - 1;
	for (size_t i = 0; i < size; i++) {
		bool good = readings_letter((unsigned char)text[i], false);

		name[i] = good ? text[i] : '_';
		any |= good;
	}
	name[size] = '\0';
	return any;
}

/* --- Finding --- */

/* Where the name is, or belongs. */
static size_t readings_place(
		const struct readings *readings, const char *node, size_t size, bool *found)
{
	size_t low = 0, high = readings->count;

	*found = false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const char *name = readings->groups[middle]->name;
		int order = strncmp(name, node, size);

		if (order == 0 && name[size] != '\0')
			order = 1;
		if (order == 0)
			*found = true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct readings_group *readings_find(
		const struct readings *readings, const char *node, size_t size)
{
	bool found;
	size_t place;

	if (size == 0 || size >= READINGS_NODE_MAX)
		return NULL;
	place = readings_place(readings, node, size, &found);
	return found ? readings->groups[place] : NULL;
}

static size_t readings_entry_place(
		const struct readings_group *group, const char *sensor, bool *found)
{
	size_t low = 0, high = group->count;

	*found = false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(group->entries[middle].name, sensor);

		if (order == 0)
			*found = true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- Nodes --- */

struct readings *readings_new(size_t most)
{
	struct readings *readings = calloc(1, sizeof(*readings));

	if (readings)
		readings->most = most;
	return readings;
}

static bool readings_insert(struct readings *readings, size_t place, const char *node)
{
	struct readings_group *group;

	if (readings->count == readings->room) {
		size_t room = readings->room + READINGS_STEP;
		struct readings_group **grown = realloc(readings->groups, room * sizeof(void *));

		if (!grown)
			return false;
		readings->groups = grown;
		readings->room = room;
	}
	group = calloc(1, sizeof(*group));
	if (!group)
		return false;
	memcpy(group->name, node, strlen(node) + 1);
	memmove(readings->groups + place + 1, readings->groups + place,
			(readings->count - place) * sizeof(void *));
	readings->groups[place] = group;
	readings->count++;
	return true;
}

uint32_t readings_add(struct readings *readings, const char *node)
{
	struct readings_group *group;
	bool found;
	size_t place;

	if (!readings_named(node, READINGS_NODE_MAX, true))
		return 0;
	place = readings_place(readings, node, strlen(node), &found);
	if (found)
		return readings->groups[place]->generation;
	if (!readings_insert(readings, place, node))
		return 0;
	group = readings->groups[place];
	group->generation = ++readings->generation;
	readings_tell(readings, READINGS_ADDED, group->name, NULL);
	return group->generation;
}

static void readings_empty(struct readings_group *group)
{
	free(group->entries);
	group->entries = NULL;
	group->count = group->room = 0;
}

uint32_t readings_flush(struct readings *readings, const char *node)
{
	struct readings_group *group = readings_find(readings, node, strlen(node));

	if (!group)
		return 0;
	readings_empty(group);
	group->generation = ++readings->generation;
	readings_tell(readings, READINGS_FLUSHED, group->name, NULL);
	return group->generation;
}

void readings_remove(struct readings *readings, const char *node)
{
	struct readings_group *group;
	bool found;
	size_t place;

	if (strlen(node) >= READINGS_NODE_MAX)
		return;
	place = readings_place(readings, node, strlen(node), &found);
	if (!found)
		return;
	group = readings->groups[place];
	memmove(readings->groups + place, readings->groups + place + 1,
			(--readings->count - place) * sizeof(void *));
	readings_empty(group);
	readings_tell(readings, READINGS_REMOVED, group->name, NULL);
	free(group);
}

uint32_t readings_generation(const struct readings *readings, const char *node)
{
	const struct readings_group *group = readings_find(readings, node, strlen(node));

	return group ? group->generation : 0;
}

const char *readings_node(const struct readings *readings, size_t index)
{
	return index < readings->count ? readings->groups[index]->name : NULL;
}

/* --- Records --- */

static struct readings_entry *readings_make(
		const struct readings *readings, struct readings_group *group, const char *sensor)
{
	struct readings_entry *entry;
	bool found;
	size_t place = readings_entry_place(group, sensor, &found);

	if (found)
		return &group->entries[place];
	if (group->count >= readings->most)
		return NULL;
	if (group->count == group->room) {
		size_t room = group->room + READINGS_STEP;
		struct readings_entry *grown = realloc(
				group->entries, room * sizeof(*group->entries));

		if (!grown)
			return NULL;
		group->entries = grown;
		group->room = room;
	}
	entry = &group->entries[place];
	memmove(entry + 1, entry, (group->count - place) * sizeof(*entry));
	memset(entry, 0, sizeof(*entry));
	memcpy(entry->name, sensor, strlen(sensor) + 1);
	entry->taken = -1;
	entry->said = UINT8_MAX; /* so that it is told of in any case */
	group->count++;
	return entry;
}

/* The record that may be written; NULL: what answer says. */
static struct readings_entry *readings_open(struct readings *readings, const char *node,
		uint32_t generation, const char *sensor, struct readings_group **group,
		enum readings_answer *answer)
{
	struct readings_entry *entry;

	*group = readings_find(readings, node, strlen(node));
	if (!*group) {
		*answer = READINGS_ABSENT;
		return NULL;
	}
	if ((*group)->generation != generation) {
		*answer = READINGS_FORMER;
		return NULL;
	}
	if (!readings_named(sensor, READINGS_SENSOR_MAX, false)) {
		*answer = READINGS_NAME;
		return NULL;
	}
	entry = readings_make(readings, *group, sensor);
	*answer = entry ? READINGS_KEPT : READINGS_FULL;
	return entry;
}

/* Neither infinite nor not a number, without asking for the mathematics library. */
static bool readings_finite(double value)
{
	return value - value == 0;
}

enum readings_answer readings_put(struct readings *readings, const char *node, uint32_t generation,
		const char *sensor, int64_t now, int64_t taken, const struct readings_value *value)
{
	struct readings_group *group;
	struct readings_entry *entry;
	enum readings_answer answer;
	bool changed;

	if (!readings_finite(value->value))
		return readings_fail(readings, node, generation, sensor, now);
	entry = readings_open(readings, node, generation, sensor, &group, &answer);
	if (!entry)
		return answer;
	if (taken > now)
		taken = now;
	if (entry->taken > taken) /* overtaken by a later one */
		return READINGS_KEPT;
	changed = entry->taken < 0 || entry->value != value->value || entry->unit != value->unit ||
		  entry->percent != value->percent || entry->crossed != value->crossed;
	entry->value = value->value;
	entry->unit = value->unit;
	entry->percent = value->percent;
	entry->crossed = value->crossed;
	entry->ttl = value->ttl;
	entry->taken = taken;
	entry->strikes = 0;
	entry->none = false;
	readings_say(readings, group, entry, now, changed);
	return READINGS_KEPT;
}

enum readings_answer readings_fail(struct readings *readings, const char *node, uint32_t generation,
		const char *sensor, int64_t now)
{
	struct readings_group *group;
	enum readings_answer answer;
	struct readings_entry *entry = readings_open(
			readings, node, generation, sensor, &group, &answer);

	if (!entry)
		return answer;
	if (entry->strikes < READINGS_STRIKES)
		entry->strikes++;
	if (readings_state(entry, now) != entry->said)
		readings_say(readings, group, entry, now, true);
	return READINGS_KEPT;
}

enum readings_answer readings_none(struct readings *readings, const char *node, uint32_t generation,
		const char *sensor, int64_t now)
{
	struct readings_group *group;
	enum readings_answer answer;
	struct readings_entry *entry = readings_open(
			readings, node, generation, sensor, &group, &answer);

	if (!entry)
		return answer;
	entry->none = true;
	entry->strikes = 0;
	entry->crossed = 0;
	if (readings_state(entry, now) != entry->said)
		readings_say(readings, group, entry, now, true);
	return READINGS_KEPT;
}

enum readings_answer readings_drop(struct readings *readings, const char *node, uint32_t generation,
		const char *sensor, int64_t now)
{
	struct readings_group *group = readings_find(readings, node, strlen(node));
	struct readings_entry entry;
	struct readings_record record;
	bool found;
	size_t place;

	if (!group)
		return READINGS_ABSENT;
	if (group->generation != generation)
		return READINGS_FORMER;
	place = readings_entry_place(group, sensor, &found);
	if (!found)
		return READINGS_KEPT;
	entry = group->entries[place];
	memmove(group->entries + place, group->entries + place + 1,
			(--group->count - place) * sizeof(entry));
	readings_fill(group, &entry, now, &record);
	readings_tell(readings, READINGS_DROPPED, group->name, &record);
	return READINGS_KEPT;
}

int64_t readings_expire(struct readings *readings, int64_t now)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < readings->count; i++) {
		struct readings_group *group = readings->groups[i];

		for (size_t k = 0; k < group->count; k++) {
			struct readings_entry *entry = &group->entries[k];
			enum readings_state state = readings_state(entry, now);

			if (state != entry->said)
				readings_say(readings, group, entry, now, true);
			if (state == READINGS_OK && entry->taken + entry->ttl + 1 < next)
				next = entry->taken + entry->ttl + 1;
		}
	}
	return next;
}

bool readings_get(const struct readings *readings, const char *key, int64_t now,
		struct readings_record *out)
{
	const char *slash = strrchr(key, '/');
	const struct readings_group *group = slash ? readings_find(readings, key,
								     (size_t)(slash - key))
						   : NULL;
	bool found = false;
	size_t place;

	if (!group)
		return false;
	place = readings_entry_place(group, slash + 1, &found);
	if (found)
		readings_fill(group, &group->entries[place], now, out);
	return found;
}

bool readings_next(const struct readings *readings, struct readings_cursor *cursor, int64_t now,
		struct readings_record *out)
{
	for (; cursor->node < readings->count; cursor->node++, cursor->record = 0) {
		const struct readings_group *group = readings->groups[cursor->node];

		if (cursor->record < group->count) {
			readings_fill(group, &group->entries[cursor->record++], now, out);
			return true;
		}
	}
	return false;
}

size_t readings_memory(const struct readings *readings)
{
	size_t bytes = sizeof(*readings) + readings->room * sizeof(void *) +
		       readings->listener_count * sizeof(*readings->listeners);

	for (size_t i = 0; i < readings->count; i++)
		bytes += sizeof(*readings->groups[i]) +
			 readings->groups[i]->room * sizeof(*readings->groups[i]->entries);
	return bytes;
}

void readings_free(struct readings *readings)
{
	if (!readings)
		return;
	for (size_t i = 0; i < readings->count; i++) {
		readings_empty(readings->groups[i]);
		free(readings->groups[i]);
	}
	free(readings->groups);
	free(readings->listeners);
	free(readings);
}
