/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "sim/feeder.h"

#define ANSWERS    6    /* under way for a node: readings, and the last one a limit's */
#define GIVE_UP_MS 2000 /* two tries */
#define DECIDE_MS  100  /* with something told each time */
#define MISSED     3    /* readings, and it is lost */
#define SECOND     1000
#define LEAST_RPM  800

/* What a node's BMC says, some time after it was asked. */
struct feeder_answer {
	int64_t at; /* -1: free */
	enum { FEEDER_READING, FEEDER_ACCEPTED, FEEDER_FAILED } kind;
	int64_t taken;
	int watts;
};

struct feeder_node {
	struct feeder_answer answers[ANSWERS];
	int missed;
	bool silent;
};

struct feeder {
	struct feeder_settings settings;
	struct plant *plant;   /* the rack's when there is one */
	struct sim_rack *rack; /* NULL: without air */
	struct fan_zone *zone;
	struct capping *capping;
	int64_t now, above; /* ms; above: of late */
	struct feeder_result result;
	struct capping_command *commands;
	struct feeder_node nodes[];
};

/* --- Made and undone --- */

/* With what rack.conf has by default. */
static struct fan_zone *feeder_new_zone(void)
{
	const struct fan_input_settings inputs[] = {
			{.control = FAN_CONTROL_PID,
					.pid = {.setpoint = FEEDER_COOL,
							.feed = 30,
							.kp = 6,
							.ki = 0.8,
							.kd = 60,
							.dead = 0.5},
					.low = 1,
					.high = 125,
					.critical = 95},
			{.control = FAN_CONTROL_CURVE,
					.curve = {{20, 25}, {27, 35}, {32, 50}, {38, 75},
							{43, 100}},
					.points = 5,
					.hysteresis = 1,
					.low = -20,
					.high = 90,
					.critical = 50},
	};
	int least_rpm[SIM_RACK_FANS];
	const struct fan_settings settings = {.least = 20,
			.inputs = inputs,
			.input_count = 2,
			.least_rpm = least_rpm,
			.fan_count = SIM_RACK_FANS};

	for (int i = 0; i < SIM_RACK_FANS; i++)
		least_rpm[i] = LEAST_RPM;
	return fan_zone_new(&settings);
}

static bool feeder_make(struct feeder *feeder)
{
	const struct feeder_settings *settings = &feeder->settings;
	size_t count = settings->plant.nodes;
	struct capping_node_settings *each = calloc(count, sizeof(*each));

	feeder->commands = calloc(count, sizeof(*feeder->commands));
	if (settings->air) {
		feeder->rack = sim_rack_new(&settings->plant);
		feeder->plant = feeder->rack ? sim_rack_plant(feeder->rack) : NULL;
		feeder->zone = feeder_new_zone();
	} else {
		feeder->plant = plant_new(&settings->plant);
	}
	for (size_t i = 0; each && i < count; i++)
		each[i] = settings->node;
	feeder->capping = each ? capping_new(&settings->capping, each, count) : NULL;
	free(each);
	return feeder->commands && feeder->plant && feeder->capping &&
	       (feeder->zone || !settings->air);
}

struct feeder *feeder_new(const struct feeder_settings *settings)
{
	size_t count = settings->plant.nodes;
	struct feeder *feeder = calloc(1, sizeof(*feeder) + count * sizeof(feeder->nodes[0]));

	if (!feeder)
		return NULL;
	feeder->settings = *settings;
	if (!feeder->settings.poll_ms)
		feeder->settings.poll_ms = SECOND;
	feeder->result.begun_ms = -1;
	feeder_forget(feeder);
	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < ANSWERS; k++)
			feeder->nodes[i].answers[k].at = -1;
	if (feeder_make(feeder))
		return feeder;
	feeder_free(feeder);
	return NULL;
}

void feeder_free(struct feeder *feeder)
{
	if (!feeder)
		return;
	if (feeder->rack)
		sim_rack_free(feeder->rack);
	else
		plant_free(feeder->plant);
	fan_zone_free(feeder->zone);
	capping_free(feeder->capping);
	free(feeder->commands);
	free(feeder);
}

/* --- BMCs --- */

static bool feeder_loses(struct feeder *feeder, size_t node)
{
	return feeder->nodes[node].silent ||
	       (int)plant_dice(feeder->plant, 100) < feeder->settings.lost;
}

static int feeder_delay(struct feeder *feeder, int least, int most)
{
	if (feeder->settings.late && (int)plant_dice(feeder->plant, 100) < feeder->settings.late)
		return 500 + (int)plant_dice(feeder->plant, 4000);
	return least + (int)plant_dice(feeder->plant, (uint32_t)(most - least) + 1);
}

static void feeder_poll(struct feeder *feeder, size_t node)
{
	struct feeder_node *own = &feeder->nodes[node];
	int watts = plant_measure(feeder->plant, node);
	int delay = feeder_loses(feeder, node) ? GIVE_UP_MS : feeder_delay(feeder, 20, 300);

	if (delay >= GIVE_UP_MS) {
		if (++own->missed == MISSED)
			capping_lost(feeder->capping, node);
		return;
	}
	own->missed = 0;
	for (int k = 0; k < ANSWERS - 1; k++) {
		if (own->answers[k].at >= 0)
			continue;
		own->answers[k] = (struct feeder_answer){
				feeder->now + delay, FEEDER_READING, feeder->now, watts};
		return;
	}
}

/* Half of the commands whose answer is lost got there, and all whose answer is late. */
static void feeder_command(struct feeder *feeder, const struct capping_command *command)
{
	struct feeder_node *own = &feeder->nodes[command->node];
	bool lost = feeder_loses(feeder, command->node);
	int delay = GIVE_UP_MS;

	feeder->result.commands++;
	if (!lost || (!own->silent && plant_dice(feeder->plant, 2)))
		plant_limit(feeder->plant, command->node, command->limit);
	if (!lost)
		delay = feeder_delay(feeder, 20, 500);
	own->answers[ANSWERS - 1] = (struct feeder_answer){
			.at = feeder->now + delay, .kind = FEEDER_ACCEPTED, .taken = feeder->now};
	if (delay >= GIVE_UP_MS) {
		own->answers[ANSWERS - 1].at = feeder->now + GIVE_UP_MS;
		own->answers[ANSWERS - 1].kind = FEEDER_FAILED;
	}
}

static void feeder_tell(struct feeder *feeder, size_t node, struct feeder_answer *answer)
{
	int limit;

	if (answer->at < 0 || answer->at > feeder->now)
		return;
	answer->at = -1;
	switch (answer->kind) {
	case FEEDER_READING:
		limit = plant_told_limit(feeder->plant, node);
		capping_reading(feeder->capping, node, feeder->now, answer->taken, answer->watts);
		capping_limit(feeder->capping, node, feeder->now, limit > 0, limit);
		break;
	case FEEDER_ACCEPTED:
		capping_accepted(feeder->capping, node, feeder->now);
		break;
	case FEEDER_FAILED:
		capping_failed(feeder->capping, node, feeder->now);
		break;
	}
}

void feeder_silence(struct feeder *feeder, size_t node, bool silent)
{
	feeder->nodes[node].silent = silent;
}

/* --- Fans --- */

/* A processor's temperature, for the hottest; false: it cannot be read. */
static bool feeder_ask_processor(
		struct feeder *feeder, size_t node, uint8_t sensor, double *hottest)
{
	uint8_t answer[SIM_BMC_ANSWER_MAX];

	sim_bmc_ask(sim_rack_bmc(feeder->rack, node), 0x04, 0x2d, &sensor, 1, answer);
	if (answer[0])
		return false;
	if (!(answer[2] & 0x20) && answer[1] > *hottest)
		*hottest = answer[1];
	return true;
}

/* Each of them is needed: what a node does not tell may be the hottest. */
static void feeder_sense_processors(struct feeder *feeder)
{
	bool broken = false;
	double hottest = 1;

	for (size_t node = 0; node < feeder->settings.plant.nodes; node++) {
		if (feeder->nodes[node].silent)
			return; /* it gets stale */
		for (uint8_t sensor = 1; sensor <= 2; sensor++)
			broken |= !feeder_ask_processor(feeder, node, sensor, &hottest);
	}
	if (broken)
		fan_zone_broken(feeder->zone, 0, feeder->now);
	else
		fan_zone_input(feeder->zone, 0, feeder->now, hottest);
}

static void feeder_sense(struct feeder *feeder)
{
	feeder_sense_processors(feeder);
	fan_zone_input(feeder->zone, 1, feeder->now, sim_rack_inlet(feeder->rack));
	for (size_t i = 0; i < SIM_RACK_FANS; i++)
		fan_zone_tachometer(feeder->zone, i, sim_rack_rpm(feeder->rack, i));
}

static void feeder_cool(struct feeder *feeder)
{
	struct feeder_result *result = &feeder->result;
	struct fan_state state;
	double duty, hottest;

	if (feeder->now % SECOND == 0)
		feeder_sense(feeder);
	duty = fan_zone_step(feeder->zone, feeder->now);
	for (size_t i = 0; i < SIM_RACK_FANS; i++)
		sim_rack_duty(feeder->rack, i, duty);
	fan_zone_read(feeder->zone, &state);
	if (result->begun_ms < 0)
		return;
	hottest = feeder_hottest(feeder);
	result->hottest = hottest > result->hottest ? hottest : result->hottest;
	result->most_duty = duty > result->most_duty ? duty : result->most_duty;
	result->failsafe_ms += state.failsafe ? FEEDER_TICK : 0;
}

/* --- Time --- */

static void feeder_measure(struct feeder *feeder)
{
	struct feeder_result *result = &feeder->result;
	int budget = feeder->settings.capping.budget;
	double total = feeder_total(feeder), demand = plant_demand(feeder->plant);
	struct capping_totals totals;

	if (result->begun_ms < 0) {
		capping_sum(feeder->capping, &totals);
		if (totals.short_of && feeder->settings.capping.mode == CAPPING_GUARANTEED)
			return;
		result->begun_ms = feeder->now;
	}
	demand += feeder->settings.capping.unmanaged;
	result->ms += FEEDER_TICK;
	result->drawn += total;
	result->ideal += demand < budget ? demand : budget;
	if (total - budget > result->worst_watts)
		result->worst_watts = total - budget;
	if (total <= budget + 0.5) {
		if (!result->first_ms)
			result->first_ms = feeder->above;
		feeder->above = 0;
	} else {
		feeder->above += FEEDER_TICK;
		result->over_ms += FEEDER_TICK;
	}
	if (result->first_ms && total - budget > result->after_watts)
		result->after_watts = total - budget;
	if (feeder->above > result->longest_ms)
		result->longest_ms = feeder->above;
}

static void feeder_tick(struct feeder *feeder)
{
	size_t count = feeder->settings.plant.nodes;

	feeder->now += FEEDER_TICK;
	if (feeder->rack)
		sim_rack_pass(feeder->rack, FEEDER_TICK);
	else
		plant_pass(feeder->plant, FEEDER_TICK);
	feeder_measure(feeder);
	for (size_t i = 0; i < count; i++) {
		for (int k = 0; k < ANSWERS; k++)
			feeder_tell(feeder, i, &feeder->nodes[i].answers[k]);
		if ((feeder->now + (int64_t)i * FEEDER_TICK) % feeder->settings.poll_ms == 0)
			feeder_poll(feeder, i);
	}
	if (feeder->rack)
		feeder_cool(feeder);
	if (feeder->now % DECIDE_MS)
		return;
	count = capping_decide(feeder->capping, feeder->now, feeder->commands, count);
	for (size_t i = 0; i < count; i++)
		feeder_command(feeder, &feeder->commands[i]);
}

void feeder_run(struct feeder *feeder, int64_t ms)
{
	for (int64_t end = feeder->now + ms; feeder->now < end;)
		feeder_tick(feeder);
}

/* --- What came of it --- */

int64_t feeder_now(const struct feeder *feeder)
{
	return feeder->now;
}

struct plant *feeder_plant(struct feeder *feeder)
{
	return feeder->plant;
}

struct capping *feeder_capping(struct feeder *feeder)
{
	return feeder->capping;
}

struct sim_rack *feeder_rack(struct feeder *feeder)
{
	return feeder->rack;
}

struct fan_zone *feeder_zone(struct feeder *feeder)
{
	return feeder->zone;
}

double feeder_total(const struct feeder *feeder)
{
	return plant_total(feeder->plant) + feeder->settings.capping.unmanaged;
}

double feeder_hottest(struct feeder *feeder)
{
	double hottest = 0;

	for (size_t i = 0; feeder->rack && i < sim_rack_nodes(feeder->rack); i++) {
		double own = sim_bmc_temperature(sim_rack_bmc(feeder->rack, i));

		hottest = own > hottest ? own : hottest;
	}
	return hottest;
}

const struct feeder_result *feeder_result(const struct feeder *feeder)
{
	return &feeder->result;
}

void feeder_forget(struct feeder *feeder)
{
	feeder->above = 0;
	feeder->result = (struct feeder_result){.begun_ms = feeder->result.begun_ms,
			.worst_watts = -feeder->settings.capping.budget,
			.after_watts = -feeder->settings.capping.budget};
}

double feeder_delivered(const struct feeder *feeder)
{
	return feeder->result.ideal > 0 ? 100 * feeder->result.drawn / feeder->result.ideal : 100;
}
