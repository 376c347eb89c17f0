/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the parts of rack_config.h share. */
#include "src/rack_config.h"

/* A named group as it stands in files: what becomes of it, and what that is made of. */
struct rack_plan_keys {
	struct rack_config_plan plan;
	char **poll;
	int most;
};

struct rack_node_keys {
	struct rack_config_node node;
	char *user, *plan;
};

struct rack_sensor_keys {
	struct rack_config_sensor sensor;
};

struct rack_zone_keys {
	struct rack_config_zone zone;
};

struct rack_input_keys {
	struct rack_config_input input;
	char *zone;
	char **curve;
};

struct rack_fan_keys {
	struct rack_config_fan fan;
	char *zone;
};

/* What is being read into what. */
struct rack_config_reader {
	const struct config_file *file;
	struct rack_config *config;
	GError **error;
};

/* Says what is wrong about a key of a group, or about the group (key NULL); returns false. */
bool rack_config_wrong(const struct rack_config_reader *reader, const struct config_group *group,
		const char *key, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Keys that have to be there, up to NULL. */
bool rack_config_needs(const struct rack_config_reader *reader, const struct config_group *group,
		const char *const *keys);

/* A name that can stand in keys, lists and addresses as it is. */
bool rack_config_is_name(const char *name);

/* A number, for an address without names to be looked up: "192.0.2.7", "fe80::7%eth0". */
bool rack_config_is_address(const char *text);

/* Frees all that has a name, and keeps the rest. */
void rack_config_clear_parts(struct rack_config *config);

/* The index of a zone. */
bool rack_config_find_zone(const struct rack_config_reader *reader,
		const struct config_group *group, const char *name, size_t *zone);

/* Each kind's groups, in this order. */
bool rack_config_read_plans(const struct rack_config_reader *reader);
bool rack_config_read_nodes(const struct rack_config_reader *reader);
bool rack_config_read_sensors(const struct rack_config_reader *reader);
bool rack_config_read_zones(const struct rack_config_reader *reader);
bool rack_config_read_inputs(const struct rack_config_reader *reader);
bool rack_config_read_fans(const struct rack_config_reader *reader);
bool rack_config_read_faults(const struct rack_config_reader *reader); /* last: they name nodes */

void rack_config_clear_faults(struct rack_config *config);

/* Of the simulated rack's own nodes, from 1 on; to be freed. */
char *rack_config_simulated_name(size_t number);

/* The plan "default" of the table. */
void rack_config_plan_default(struct rack_config_plan *plan);
void rack_config_plan_clear(struct rack_config_plan *plan);
