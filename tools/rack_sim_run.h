/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* One scenario of the simulated rack: what is wrong with it and when, and what came of it. */
#include <stdbool.h>
#include "sim/feeder.h"
#include "tools/rack_sim_plot.h"

#define RACK_SIM_IDLE  110 /* W of a node */
#define RACK_SIM_PEAK  420
#define RACK_SIM_FLOOR 180

enum rack_sim_fault {
	RACK_SIM_NO_FAULT,
	RACK_SIM_FORGETS,  /* BMCs lose their limits */
	RACK_SIM_RESTARTS, /* .. and do not answer for a while */
	RACK_SIM_KEEPS,    /* they do not answer for a while, and their limits hold */
	RACK_SIM_DISOBEYS, /* limits are taken and not enforced */
	RACK_SIM_SILENT,   /* no answer any more */
	RACK_SIM_DEAD_FAN, /* from here on: needs air */
	RACK_SIM_STUCK_SENSOR,
	RACK_SIM_DRIFTING_SENSOR,
	RACK_SIM_DEAD_SENSOR,
	RACK_SIM_WARM_ROOM, /* by 10 degrees */
	RACK_SIM_HOT_ROOM,  /* by 20 */
	RACK_SIM_FAULTS
};

extern const char *const rack_sim_faults[RACK_SIM_FAULTS];
extern const char *const rack_sim_traces[]; /* by enum plant_trace; NULL ends them */

struct rack_sim_run {
	struct feeder_settings feeder;
	int64_t ms;
	enum rack_sim_fault fault;
	int64_t fault_at, away; /* ms */
	size_t fault_nodes;
	/* What came of it. */
	struct feeder_result result;
	double delivered;   /* percent */
	double bound_watts; /* FORGETS: what these nodes' limits held back; else below 0 */
	double over; /* degrees that processors went above what they are to have, after the fault */
	double least, most; /* percent, the fans' duty from a minute after the fault on, */
	double mean;        /* and on average; most below 0: there was none, or no air */
	int64_t bound_ms;   /* two polls, the lag, and the time in which power follows */
};

/* points: of struct rack_sim_point, appended to; NULL: not wanted. False: memory is short. */
bool rack_sim_run(struct rack_sim_run *run, GArray *points);

/* Whether the guaranteed mode's promise was broken: above the budget without a fault, or above it
 * by more or longer than forgotten limits explain. */
bool rack_sim_broken(const struct rack_sim_run *run);
