/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/rack_sim_run.h"

#define WARMER  10 /* degrees */
#define HOTTER  20
#define SETTLES 60000 /* ms */
#define ROOM    24

const char *const rack_sim_faults[RACK_SIM_FAULTS] = {"none", "forgets", "restarts", "keeps",
		"disobeys", "silent", "dead-fan", "stuck-sensor", "drifting-sensor", "dead-sensor",
		"warm-room", "hot-room"};
const char *const rack_sim_traces[] = {"step", "square", "groups", "mixed", NULL};

static void run_forgets(struct rack_sim_run *run, struct plant *plant, size_t node)
{
	int limit = plant_told_limit(plant, node);

	/* 95 % of the way down in three time constants. */
	run->bound_ms = 2 * (int64_t)run->feeder.poll_ms + run->feeder.plant.actuate_most_ms +
			3 * (int64_t)run->feeder.plant.load_ms;
	run->bound_watts += limit ? run->feeder.node.ceiling - limit : 0;
	plant_reset(plant, node);
}

static void run_node_fault(struct rack_sim_run *run, struct feeder *feeder, size_t node)
{
	static const enum sim_bmc_fault sensors[] = {
			[RACK_SIM_STUCK_SENSOR] = SIM_BMC_STUCK,
			[RACK_SIM_DRIFTING_SENSOR] = SIM_BMC_DRIFTS,
			[RACK_SIM_DEAD_SENSOR] = SIM_BMC_DEAD,
	};
	struct plant *plant = feeder_plant(feeder);

	switch (run->fault) {
	case RACK_SIM_FORGETS:
		run_forgets(run, plant, node);
		break;
	case RACK_SIM_RESTARTS:
		plant_reset(plant, node);
		feeder_silence(feeder, node, true);
		break;
	case RACK_SIM_KEEPS:
	case RACK_SIM_SILENT:
		feeder_silence(feeder, node, true);
		break;
	case RACK_SIM_DISOBEYS:
		plant_disobey(plant, node, true);
		break;
	case RACK_SIM_STUCK_SENSOR:
	case RACK_SIM_DRIFTING_SENSOR:
	case RACK_SIM_DEAD_SENSOR:
		sim_bmc_fault(sim_rack_bmc(feeder_rack(feeder), node), sensors[run->fault], true);
		break;
	default:
		break;
	}
}

static void run_fault(struct rack_sim_run *run, struct feeder *feeder)
{
	run->bound_watts = run->fault == RACK_SIM_FORGETS ? 0 : -1;
	for (size_t i = 0; i < run->fault_nodes; i++)
		run_node_fault(run, feeder, i);
	if (run->fault == RACK_SIM_DEAD_FAN)
		sim_rack_fan_dies(feeder_rack(feeder), 0, true);
	if (run->fault == RACK_SIM_WARM_ROOM)
		sim_rack_room(feeder_rack(feeder), ROOM + WARMER);
	if (run->fault == RACK_SIM_HOT_ROOM)
		sim_rack_room(feeder_rack(feeder), ROOM + HOTTER);
}

static void run_ends_fault(const struct rack_sim_run *run, struct feeder *feeder)
{
	for (size_t i = 0; i < run->fault_nodes; i++)
		feeder_silence(feeder, i, false);
}

static void run_point(struct feeder *feeder, GArray *points)
{
	struct capping_totals totals;
	struct fan_state fans = {.duty = 0};
	struct rack_sim_point point = {
			.time = (double)feeder_now(feeder) / 1000,
			.power = feeder_total(feeder),
			.hottest = feeder_hottest(feeder),
	};

	capping_sum(feeder_capping(feeder), &totals);
	if (feeder_zone(feeder))
		fan_zone_read(feeder_zone(feeder), &fans);
	point.demand = plant_demand(feeder_plant(feeder)) + totals.unmanaged;
	point.accounted = totals.accounted + totals.unmanaged;
	point.duty = fans.duty;
	g_array_append_val(points, point);
}

/* Up to that time, if it is not past. */
static void run_until(struct feeder *feeder, int64_t ms, GArray *points)
{
	if (!points) {
		feeder_run(feeder, MAX(ms - feeder_now(feeder), 0));
		return;
	}
	while (feeder_now(feeder) < ms) {
		feeder_run(feeder, FEEDER_TICK);
		run_point(feeder, points);
	}
}

/* To the end, with an eye on the fans. */
static void run_cools(struct rack_sim_run *run, struct feeder *feeder, GArray *points)
{
	int64_t settled = run->fault_at + SETTLES, ticks = 0;
	double sum = 0;

	run->least = 100;
	while (feeder_now(feeder) < run->ms) {
		struct fan_state fans;

		run_until(feeder, feeder_now(feeder) + FEEDER_TICK, points);
		fan_zone_read(feeder_zone(feeder), &fans);
		run->over = MAX(run->over, feeder_hottest(feeder) - FEEDER_COOL);
		if (feeder_now(feeder) < settled)
			continue;
		run->least = MIN(run->least, fans.duty);
		run->most = MAX(run->most, fans.duty);
		sum += fans.duty;
		ticks++;
	}
	run->mean = ticks ? sum / (double)ticks : 0;
}

bool rack_sim_run(struct rack_sim_run *run, GArray *points)
{
	struct feeder *feeder;

	run->feeder.node = (struct capping_node_settings){.floor = RACK_SIM_FLOOR,
			.ceiling = RACK_SIM_PEAK,
			.keeps = run->fault == RACK_SIM_KEEPS};
	run->bound_watts = -1;
	run->most = -1;
	feeder = feeder_new(&run->feeder);
	if (!feeder)
		return false;
	if (run->fault != RACK_SIM_NO_FAULT) {
		run_until(feeder, MIN(run->fault_at, run->ms), points);
		run_fault(run, feeder);
	}
	if (run->fault >= RACK_SIM_DEAD_FAN) {
		run_cools(run, feeder, points);
	} else if (run->fault != RACK_SIM_NO_FAULT) {
		run_until(feeder, MIN(run->fault_at + run->away, run->ms), points);
		if (run->fault == RACK_SIM_RESTARTS || run->fault == RACK_SIM_KEEPS)
			run_ends_fault(run, feeder);
	}
	run_until(feeder, run->ms, points);
	run->result = *feeder_result(feeder);
	run->delivered = feeder_delivered(feeder);
	feeder_free(feeder);
	return true;
}

bool rack_sim_broken(const struct rack_sim_run *run)
{
	const struct feeder_result *result = &run->result;

	if (run->feeder.capping.mode != CAPPING_GUARANTEED)
		return false;
	switch (run->fault) {
	case RACK_SIM_FORGETS:
		return result->worst_watts > run->bound_watts + 0.5 ||
		       result->longest_ms > run->bound_ms;
	case RACK_SIM_RESTARTS:
	case RACK_SIM_DISOBEYS:
		return false; /* nothing is promised but that others make up for it */
	default:
		return result->over_ms > 0;
	}
}
