/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "sim/rack.h"

#define STEP_MS      100
#define FAN_FULL_RPM 9000
#define FAN_ROTATES  2000  /* ms, time constants: of a fan's speed, */
#define OUTLET_WARMS 5000  /* of the air behind the nodes, */
#define INLET_WARMS  10000 /* and before them */

/*
 * What full airflow carries away, W for a degree and node: 0.035 m3/s, 1.2 kg/m3, 1005 J/(kg K). It
 * warms the air by 10 degrees at 420 W.
 */
#define NODE_CARRIES 42.2
#define LEAST_FLOW   0.04 /* with fans that stand still: warm air rises */
#define LEAKS        0.05 /* flows back through a fan that stands still */
#define RECIRCULATES 0.12 /* of the outlet's heat, without airflow */

struct sim_rack_fan {
	double duty, rpm;
	double differs; /* no two are alike */
	bool dead;
};

struct sim_rack_node {
	struct sim_bmc *bmc;
	int least_ms, most_ms, lost;
	bool hung;
};

struct sim_rack {
	struct plant *plant;
	int64_t now; /* ms */
	double room, inlet, outlet;
	struct sim_rack_fan fans[SIM_RACK_FANS];
	size_t count;
	struct sim_rack_node nodes[];
};

struct sim_rack *sim_rack_new(const struct plant_settings *plant)
{
	struct sim_rack *rack = calloc(1, sizeof(*rack) + plant->nodes * sizeof(rack->nodes[0]));

	if (!rack)
		return NULL;
	rack->room = rack->inlet = 24;
	rack->outlet = 34;
	rack->plant = plant_new(plant);
	if (!rack->plant) {
		sim_rack_free(rack);
		return NULL;
	}
	/* As fans that nobody controls. */
	for (int i = 0; i < SIM_RACK_FANS; i++)
		rack->fans[i] = (struct sim_rack_fan){
				.duty = 100, .rpm = FAN_FULL_RPM, .differs = 0.98 + 0.008 * i};
	for (; rack->count < plant->nodes; rack->count++) {
		struct sim_rack_node *node = &rack->nodes[rack->count];

		node->bmc = sim_bmc_new(rack->plant, rack->count,
				(uint32_t)(plant->seed * 1000 + rack->count));
		if (!node->bmc) {
			sim_rack_free(rack);
			return NULL;
		}
		node->least_ms = 5;
		node->most_ms = 30;
	}
	return rack;
}

void sim_rack_free(struct sim_rack *rack)
{
	if (!rack)
		return;
	for (size_t i = 0; i < rack->count; i++)
		sim_bmc_free(rack->nodes[i].bmc);
	plant_free(rack->plant);
	free(rack);
}

size_t sim_rack_nodes(const struct sim_rack *rack)
{
	return rack->count;
}

struct plant *sim_rack_plant(struct sim_rack *rack)
{
	return rack->plant;
}

struct sim_bmc *sim_rack_bmc(struct sim_rack *rack, size_t node)
{
	return rack->nodes[node].bmc;
}

/* --- Air --- */

static void sim_rack_follow(double *value, double target, int ms, int constant)
{
	*value += (target - *value) * ms / constant;
}

double sim_rack_airflow(const struct sim_rack *rack)
{
	double flow = 0;

	for (int i = 0; i < SIM_RACK_FANS; i++) {
		double part = rack->fans[i].rpm / FAN_FULL_RPM;

		flow += part < 0.05 ? -LEAKS : part / SIM_RACK_FANS;
	}
	return flow > LEAST_FLOW ? flow : LEAST_FLOW;
}

static void sim_rack_step(struct sim_rack *rack, int ms)
{
	double flow, warms, back;

	rack->now += ms;
	plant_pass(rack->plant, ms);
	for (int i = 0; i < SIM_RACK_FANS; i++) {
		struct sim_rack_fan *fan = &rack->fans[i];
		double target = fan->dead ? 0 : FAN_FULL_RPM * fan->duty / 100 * fan->differs;

		sim_rack_follow(&fan->rpm, target, ms, FAN_ROTATES);
	}
	flow = sim_rack_airflow(rack);
	warms = plant_total(rack->plant) / (NODE_CARRIES * (double)rack->count * flow);
	sim_rack_follow(&rack->outlet, rack->inlet + warms, ms, OUTLET_WARMS);
	back = flow < 1 ? RECIRCULATES * (1 - flow) * (1 - flow) : 0;
	sim_rack_follow(&rack->inlet, rack->room + back * (rack->outlet - rack->room), ms,
			INLET_WARMS);
	for (size_t i = 0; i < rack->count; i++) {
		sim_bmc_air(rack->nodes[i].bmc, flow);
		sim_bmc_pass(rack->nodes[i].bmc, ms, rack->inlet);
	}
}

void sim_rack_pass(struct sim_rack *rack, int ms)
{
	for (; ms > STEP_MS; ms -= STEP_MS)
		sim_rack_step(rack, STEP_MS);
	if (ms > 0)
		sim_rack_step(rack, ms);
}

void sim_rack_room(struct sim_rack *rack, double temperature)
{
	rack->room = temperature;
}

double sim_rack_room_now(const struct sim_rack *rack)
{
	return rack->room;
}

double sim_rack_inlet(const struct sim_rack *rack)
{
	return rack->inlet;
}

double sim_rack_outlet(const struct sim_rack *rack)
{
	return rack->outlet;
}

/* --- Fans --- */

void sim_rack_duty(struct sim_rack *rack, size_t fan, double percent)
{
	rack->fans[fan].duty = percent < 0 ? 0 : percent > 100 ? 100 : percent;
}

int sim_rack_rpm(const struct sim_rack *rack, size_t fan)
{
	return (int)(rack->fans[fan].rpm + 0.5);
}

void sim_rack_fan_dies(struct sim_rack *rack, size_t fan, bool dead)
{
	rack->fans[fan].dead = dead;
}

/* --- Network --- */

void sim_rack_network(struct sim_rack *rack, size_t node, int least_ms, int most_ms, int lost)
{
	rack->nodes[node].least_ms = least_ms;
	rack->nodes[node].most_ms = most_ms > least_ms ? most_ms : least_ms;
	rack->nodes[node].lost = lost;
}

void sim_rack_hang(struct sim_rack *rack, size_t node, bool hung)
{
	rack->nodes[node].hung = hung;
}

bool sim_rack_loses(struct sim_rack *rack, size_t node)
{
	const struct sim_rack_node *own = &rack->nodes[node];

	return own->hung || (own->lost && (int)plant_dice(rack->plant, 1000) < own->lost);
}

int sim_rack_delay(struct sim_rack *rack, size_t node)
{
	const struct sim_rack_node *own = &rack->nodes[node];

	return own->least_ms +
	       (int)plant_dice(rack->plant, (uint32_t)(own->most_ms - own->least_ms) + 1);
}
