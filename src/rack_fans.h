/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The fan wall: the board's sensors and fans, and a zone's controller for each group of fans. The
 * board's sensors go into the readings as SELF/NAME; the zones' inputs are taken from the readings.
 * Ten times a second each zone says its duty; the watchdog is petted from there. Main thread only.
 *
 * Events: fan.failed {fan}, fan.runs {fan}, fan.failsafe {zone, reason, about, duty}, fan.recovered
 * {zone}; reason: what cannot be trusted first, about: the input or fan that it means.
 *
 * The records of a fan NAME are SELF/NAME (RPM; where it has a tachometer) and SELF/NAME_PWM
 * (percent, what it was told).
 */
#include <glib.h>
#include <stdbool.h>
#include "rack/fan_zone.h"
#include "rack/readings.h"
#include "src/events.h"
#include "src/rack_fans_inputs.h"
#include "src/rack_world.h"

struct rack_zone_status {
	const char *name;
	struct fan_state state;
	const char *about; /* the input or fan that state.index means; NULL: neither */
	bool manual;
	double manual_duty; /* percent, when it is */
};

struct rack_fan_status {
	const char *name;
	size_t zone;
	double duty;       /* percent, as it was told; below 0: not yet */
	int rpm;           /* -1: not known */
	bool failed;       /* it stands still or cannot be told, or nobody can say that it runs */
	const char *fault; /* why it cannot be written or read; NULL: it can */
};

struct rack_fans;

/* All must outlive it. petted: called each time that all zones were controlled; NULL: nobody cares.
 * NULL with error: the configuration names what is no attribute. */
struct rack_fans *rack_fans_new(const struct rack_config *config, const struct rack_world *world,
		struct readings *readings, struct events *events, void (*petted)(void *data),
		void *data, GError **error);

/*
 * Goes on from where the former ones are, which are to be freed then: fans that stay keep their
 * duty until the first step, inputs what they know, zones an operator's word.
 */
void rack_fans_resume(struct rack_fans *fans, struct rack_fans *former);

/* Who knows whether nodes have to be heard; some times a second for each. Without it all have to.
 */
void rack_fans_ask_nodes(struct rack_fans *fans, rack_fans_node_fn is, void *data);

size_t rack_fans_zones(const struct rack_fans *fans);
bool rack_fans_find_zone(const struct rack_fans *fans, const char *name, size_t *zone);
void rack_fans_zone(const struct rack_fans *fans, size_t zone, struct rack_zone_status *out);
size_t rack_fans_count(const struct rack_fans *fans);
void rack_fans_fan(const struct rack_fans *fans, size_t fan, struct rack_fan_status *out);

/* Percent, 0..100; below 0: as the inputs ask for. */
void rack_fans_manual(struct rack_fans *fans, size_t zone, double duty);

/* All fans are written safe_duty on the way out, but those that others have resumed; then a device
 * that hangs is not waited for. NULL is fine. */
void rack_fans_free(struct rack_fans *fans);

const char *rack_fan_reason_word(enum fan_reason reason); /* "demand", "stale", ... */
