/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "rack/readings_part.h"

enum readings_state readings_state(const struct readings_entry *entry, int64_t now)
{
	if (entry->strikes >= READINGS_STRIKES)
		return READINGS_BROKEN;
	if (entry->none || entry->taken < 0)
		return READINGS_NONE;
	return now - entry->taken > entry->ttl ? READINGS_STALE : READINGS_OK;
}

void readings_fill(const struct readings_group *group, const struct readings_entry *entry,
		int64_t now, struct readings_record *out)
{
	*out = (struct readings_record){
			.node = group->name,
			.sensor = entry->name,
			.generation = group->generation,
			.state = readings_state(entry, now),
			.value = {entry->value, entry->unit, entry->percent, entry->crossed,
					entry->ttl},
			.age = entry->taken < 0     ? -1
			       : now > entry->taken ? now - entry->taken
						    : 0,
	};
}

void readings_tell(struct readings *readings, enum readings_event event, const char *node,
		const struct readings_record *record)
{
	size_t kept = 0;

	readings->telling = true;
	for (size_t i = 0; i < readings->listener_count; i++)
		if (readings->listeners[i].fn)
			readings->listeners[i].fn(event, node, record, readings->listeners[i].data);
	readings->telling = false;
	for (size_t i = 0; i < readings->listener_count; i++)
		if (readings->listeners[i].fn)
			readings->listeners[kept++] = readings->listeners[i];
	readings->listener_count = kept;
}

void readings_say(struct readings *readings, const struct readings_group *group,
		struct readings_entry *entry, int64_t now, bool changed)
{
	struct readings_record record;

	readings_fill(group, entry, now, &record);
	changed |= entry->said != record.state;
	entry->said = (uint8_t)record.state;
	readings_tell(readings, changed ? READINGS_CHANGED : READINGS_AGAIN, group->name, &record);
}

bool readings_listen(struct readings *readings, readings_fn fn, void *data)
{
	struct readings_listener *grown = realloc(readings->listeners,
			(readings->listener_count + 1) * sizeof(*readings->listeners));

	if (!grown)
		return false;
	readings->listeners = grown;
	grown[readings->listener_count++] = (struct readings_listener){fn, data};
	return true;
}

void readings_unlisten(struct readings *readings, readings_fn fn, void *data)
{
	for (size_t i = 0; i < readings->listener_count; i++) {
		struct readings_listener *listener = &readings->listeners[i];

		if (listener->fn != fn || listener->data != data)
			continue;
		listener->fn = NULL;
		if (!readings->telling) /* whoever goes through the list takes it out otherwise */
			memmove(listener, listener + 1,
					(--readings->listener_count - i) * sizeof(*listener));
		return;
	}
}
