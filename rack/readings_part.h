/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Shared by readings*.c alone. */
#include "rack/readings.h"

/* 64 bytes: a rack of 48 nodes with 64 sensors each is 192 KiB. */
struct readings_entry {
	double value;
	int64_t taken; /* -1: never */
	int32_t ttl;
	uint8_t unit, crossed;
	uint8_t strikes : 4, percent : 1, none : 1;
	uint8_t said; /* enum readings_state that listeners know */
	char name[READINGS_SENSOR_MAX];
};
_Static_assert(sizeof(struct readings_entry) == 64, "a record is 64 bytes");

struct readings_group {
	char name[READINGS_NODE_MAX];
	uint32_t generation;
	struct readings_entry *entries; /* by name */
	size_t count, room;
};

struct readings_listener {
	readings_fn fn; /* NULL: it has ended */
	void *data;
};

struct readings {
	size_t most;
	struct readings_group **groups; /* by name */
	size_t count, room;
	uint32_t generation; /* the last that was given */
	struct readings_listener *listeners;
	size_t listener_count;
	bool telling;
};

enum readings_state readings_state(const struct readings_entry *entry, int64_t now);

/* What is known of a sensor at a time. */
void readings_fill(const struct readings_group *group, const struct readings_entry *entry,
		int64_t now, struct readings_record *out);

/* Tells the listeners; record is NULL where the event is about a node. */
void readings_tell(struct readings *readings, enum readings_event event, const char *node,
		const struct readings_record *record);

/* Tells them of a sensor, as a change where its state is another or changed says so. */
void readings_say(struct readings *readings, const struct readings_group *group,
		struct readings_entry *entry, int64_t now, bool changed);
