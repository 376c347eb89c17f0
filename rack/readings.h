/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What all of the rack's sensors said last: one writer polls, everybody else reads here and causes
 * no traffic. Pure: told the time, it asks for nothing but memory. Not thread-safe.
 *
 * A record is "NODE/SENSOR", split at the last slash. Its age counts from the last time that it was
 * read, whether or not the value moved. A node has a generation: when another machine is in its
 * place the number changes and all its records are gone in one step; what was still under way for
 * the former one is refused.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READINGS_NODE_MAX   64 /* with the end */
#define READINGS_SENSOR_MAX 40
#define READINGS_STRIKES    3 /* failures in a row, and a sensor is broken */

enum readings_state {
	READINGS_NONE,   /* the sensor is known, and has no reading: not scanned, or not read yet */
	READINGS_OK,     /* younger than its time to live */
	READINGS_STALE,  /* older; the value is the last one */
	READINGS_BROKEN, /* could not be read; the value is the last one, if there was any */
};

/* What a sensor says. */
struct readings_value {
	double value;    /* what is not finite counts as a failure */
	uint8_t unit;    /* enum sdr_unit, or another of that table */
	bool percent;    /* of the unit */
	uint8_t crossed; /* bits of enum sdr_threshold */
	int32_t ttl;     /* ms until it is stale, above 0 */
};

struct readings_record {
	const char *node, *sensor; /* good until the next change */
	uint32_t generation;       /* of the node */
	enum readings_state state;
	struct readings_value value;
	int64_t age; /* ms since it was read; -1: never, and the value means nothing */
};

enum readings_answer {
	READINGS_KEPT,
	READINGS_FORMER, /* it is about the node that was there before */
	READINGS_ABSENT, /* there is no such node */
	READINGS_FULL,   /* the node has as many sensors as it may, or memory is short */
	READINGS_NAME,   /* not a name: see readings_clean */
};

enum readings_event {
	READINGS_CHANGED, /* a record is new, or its value, thresholds or state are others */
	READINGS_AGAIN,   /* it was read again, and is the same */
	READINGS_DROPPED, /* a record is gone; it is told as it was */
	READINGS_ADDED,   /* a node; record is NULL here and below */
	READINGS_FLUSHED, /* its records are gone, and its generation is a new one */
	READINGS_REMOVED, /* a node with all its records */
};

/* Called after the change is made. May read and end its listening, nothing else. */
typedef void (*readings_fn)(enum readings_event event, const char *node,
		const struct readings_record *record, void *data);

struct readings;

/* most: of a node's sensors, so that a lying one cannot fill the memory. NULL: memory is short. */
struct readings *readings_new(size_t most);

/*
 * Makes a node known, or finds it: returns its generation, never 0 but when the name is none or
 * memory is short. No two nodes ever have the same, nor one node the same again.
 */
uint32_t readings_add(struct readings *readings, const char *node);

/* Another machine is in the node's place. Returns the new generation; 0: there is no such node. */
uint32_t readings_flush(struct readings *readings, const char *node);

void readings_remove(struct readings *readings, const char *node);

uint32_t readings_generation(const struct readings *readings, const char *node); /* 0: no such */

/* now: ms of a clock that does not go back; taken: when it was measured, at most now. */
enum readings_answer readings_put(struct readings *readings, const char *node, uint32_t generation,
		const char *sensor, int64_t now, int64_t taken, const struct readings_value *value);

/* It could not be read. */
enum readings_answer readings_fail(struct readings *readings, const char *node, uint32_t generation,
		const char *sensor, int64_t now);

/* It is there, and has no reading now. */
enum readings_answer readings_none(struct readings *readings, const char *node, uint32_t generation,
		const char *sensor, int64_t now);

/* The node has no such sensor any more. KEPT also when there was no such record. */
enum readings_answer readings_drop(struct readings *readings, const char *node, uint32_t generation,
		const char *sensor, int64_t now);

/* Tells listeners of what became stale. Returns when to be called next; INT64_MAX: no need. */
int64_t readings_expire(struct readings *readings, int64_t now);

/* key: "NODE/SENSOR". Returns false when there is no such record. */
bool readings_get(const struct readings *readings, const char *key, int64_t now,
		struct readings_record *out);

/* All records by node and sensor, in the order of their bytes; good until the next change. */
struct readings_cursor {
	size_t node, record; /* 0 to begin with */
};
bool readings_next(const struct readings *readings, struct readings_cursor *cursor, int64_t now,
		struct readings_record *out);

/* Nodes in that order; NULL: no more. */
const char *readings_node(const struct readings *readings, size_t index);

/* Returns false when memory is short. */
bool readings_listen(struct readings *readings, readings_fn fn, void *data);
void readings_unlisten(struct readings *readings, readings_fn fn, void *data);

/*
 * Makes a name of what a device says: bytes that have a meaning in keys, lists and addresses, and
 * those that cannot be printed, become '_'; it is cut to READINGS_SENSOR_MAX. Returns false when
 * nothing is left.
 */
bool readings_clean(const char *text, char name[READINGS_SENSOR_MAX]);

/* Bytes that are allocated, without those of malloc itself. */
size_t readings_memory(const struct readings *readings);

void readings_free(struct readings *readings); /* NULL is fine */
