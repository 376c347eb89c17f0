/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What a fan zone's inputs are told: the readings by their names. Main thread only.
 *
 * An input that names one reading is told its value with the time when it was read. One that is a
 * pattern is told the hottest of those that match; whether all of them can be trusted is told to a
 * second input of the zone that asks for nothing itself, so that one node that is lost neither
 * hides behind the others nor keeps their temperatures from the zone.
 *
 * A record that is known and has no reading is passed over. One that is stale, broken or out of
 * range counts as long as it is there: flushed or removed with its node it does not. A node of the
 * configuration that has told none of its sensors counts as one that was read when that began.
 *
 * Of a node that is cold only good readings count; and when all are, and there are none, the input
 * asks for nothing. Else a pattern of which nothing is left is stale.
 */
#include "rack/fan_zone.h"
#include "rack/readings.h"
#include "src/rack_config.h"

/* What is known of a node besides its readings. */
enum rack_fans_node {
	RACK_FANS_NODE_WARM, /* it is on, or that is not known: it has to be heard */
	RACK_FANS_NODE_COLD, /* its place is empty, or it is off */
	RACK_FANS_NODE_MUTE, /* it has no BMC: nothing is ever heard of it */
};
typedef enum rack_fans_node (*rack_fans_node_fn)(size_t node, void *data);

/* Those of the configuration. */
struct rack_fans_nodes {
	const struct rack_config_node *nodes;
	size_t count;
	rack_fans_node_fn is; /* NULL: all are warm */
	void *data;
};

struct rack_fans_input {
	const struct rack_config_input *config;
	size_t index, guard;   /* of the zone's inputs; guard is index + 1 where there is one */
	char *node, *sensor;   /* patterns; NULL: config->sensor is a key */
	int64_t told, guarded; /* the times of what was told last */
	int64_t due;           /* when a pattern is looked at again */
	const struct rack_fans_nodes *nodes;
	int64_t *silent_at; /* by node: since when it has told nothing; below 0: it has */
};

/* Returns how many of the zone's inputs it takes, 1 or 2, and fills their settings in.
 * Configuration and nodes must outlive it. */
size_t rack_fans_input_init(struct rack_fans_input *input, const struct rack_config_input *config,
		const struct rack_fans_nodes *nodes, size_t index,
		struct fan_input_settings settings[2]);

/* Some times a second. */
void rack_fans_input_tell(struct rack_fans_input *input, struct fan_zone *zone,
		const struct readings *readings, int64_t now);

/* The zone's input is what a former zone's was, of the same sensor. */
void rack_fans_input_resume(struct rack_fans_input *input, struct fan_zone *zone,
		const struct rack_fans_input *former, const struct fan_zone *former_zone);

void rack_fans_input_clear(struct rack_fans_input *input);
