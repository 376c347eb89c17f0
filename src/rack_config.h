/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What rack.conf and conf.d/ say: one structure, each value within its limits and each name that
 * refers to something found. The man page rack.conf(5) describes the keys for operators.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include "rack/bmc.h"
#include "rack/capping.h"
#include "rack/fan_zone.h"
#include "rack/hwmon.h"
#include "src/api_config.h"
#include "src/config.h"
#include "src/power.h"
#include "src/rack_fault.h"

/* What comes from this board is "SELF/NAME" among the readings; no node may be called that. */
#define RACK_SELF "SELF"

/* [sensor-plan NAME] */
struct rack_config_plan {
	char *name;
	struct bmc_rule *rules;       /* of poll = PATTERN EVERY TTL; ... */
	struct bmc_settings settings; /* with these rules */
};

/* [node NAME] */
struct rack_config_node {
	char *name;
	char *address;                   /* of its BMC, a number; NULL: see device */
	int port;                        /* 623 */
	struct session_settings session; /* user, password, suite, privilege */
	char *password_file;
	char *device; /* "/dev/ipmi1"; NULL and no address: it has no BMC, commands alone */
	struct power_settings power; /* commands, for what the BMC does not do */
	struct capping_node_settings capping;
	bool capped;    /* floor and ceiling are given: it is in the budget */
	size_t plan;    /* index; the plan "default" is always there */
	char *presence; /* "gpiochip0:12", with "!" in front when low means present; NULL: always */
};

/* [sensor NAME]: of this board */
struct rack_config_sensor {
	char *name;
	char *device, *attribute; /* see hwmon.h */
	int every;                /* ms */
};

/* [fan NAME] */
struct rack_config_fan {
	char *name;
	size_t zone;
	char *device;     /* of both; see hwmon.h */
	char *pwm;        /* "pwm1" */
	char *tachometer; /* "fan1"; NULL: none */
	int least_rpm;
};

/* [input NAME]: of a zone */
struct rack_config_input {
	char *name;
	size_t zone;
	char *sensor; /* key of readings; with * and ?: the hottest of those that match */
	struct fan_input_settings settings;
};

/* [zone NAME] */
struct rack_config_zone {
	char *name;
	struct fan_settings
			settings; /* without inputs and fans: who makes the zone fills them in */
};

struct rack_config {
	/* [rack] */
	char *name;
	char *sysfs;                     /* NULL: /sys */
	struct capping_settings capping; /* mode, budget, unmanaged, ... */
	bool drop;       /* when even floors do not fit: switch the least class off, one by one */
	char *memcached; /* address as memcache.h takes them; NULL: none */
	char *memcached_prefix; /* "spicerack/NAME" */
	int safe_duty; /* percent, before the configuration is read and after the daemon ends */
	struct api_config api; /* [api] */
	/* [simulate] */
	int simulate_nodes;
	int simulate_speed; /* times real time */
	char **simulate_faults;
	struct rack_fault *faults; /* the same, read */
	size_t fault_count;
	/* In the order of the files. */
	struct rack_config_plan *plans;
	size_t plan_count;
	struct rack_config_node *nodes;
	size_t node_count;
	struct rack_config_sensor *sensors;
	size_t sensor_count;
	struct rack_config_zone *zones;
	size_t zone_count;
	struct rack_config_input *inputs;
	size_t input_count;
	struct rack_config_fan *fans;
	size_t fan_count;
};

/* Every key of rack.conf; of named groups the offsets are no concern of others. */
extern const struct config_key rack_config_table[];

/*
 * Reads a file and the files conf.d/NAME.conf beside it, by name; config is set as a whole, or is
 * untouched and error (CONFIG_ERROR) is set. path NULL: the usual file, which may be missing.
 */
bool rack_config_load(struct rack_config *config, const char *path, GError **error);

/* The simulated rack's: so many nodes in a zone with six fans, in place of those that there are; a
 * budget of three quarters unless there is one. All else stays as it is. */
void rack_config_simulated(struct rack_config *config, int nodes);

/* Frees all, wipes passwords, leaves zeros. */
void rack_config_clear(struct rack_config *config);
