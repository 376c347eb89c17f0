/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A rack that is nothing but what a test says: readings and events are real, nodes, fans and power
 * note what is asked of them. For tests of what stands above.
 */
#include "src/rack.h"

#define RACK_FAKES_NODES 3
#define RACK_FAKES_ZONES 2

struct rack {
	struct rack_config config;
	struct readings *readings;
	struct events *events;
	int64_t now; /* ms */
	struct rack_node_status nodes[RACK_FAKES_NODES];
	struct rack_power_node caps[RACK_FAKES_NODES];
	struct rack_power_status power;
	struct rack_zone_status zones[RACK_FAKES_ZONES];
	struct rack_fan_status fans[3];
	/* What the next orders meet; refusal: at once, failure: later. NULL: nothing, it is done.
	 */
	const GError *refusal, *failure;
	const GError *no_power; /* what switching on meets */
	bool hangs;             /* orders are not done until rack_fakes_done */
	GString *orders;        /* "act 0 on; identify 1 15; ..." */
	/* The order that hangs. */
	rack_node_fn done;
	void *done_data;
};

/*
 * r1n01 is up, has CPU0_TEMP (42.5), CPU1_TEMP (61, stale), FAN1, P12V (above a warning), CUPS (%)
 * and SPARE (none yet); r1n02 is lost, and has INLET; r1n03 has no BMC and no cap. This board has
 * SELF/INLET. Zone "rear" has fans "a" and "b" (failed), zone "front" has "c".
 */
struct rack *rack_fakes_new(void);
void rack_fakes_done(struct rack *rack); /* the order that hangs */
void rack_fakes_free(struct rack *rack);
