/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "sim/plant.h"

#define PLANT_MEAN_MS   1000
#define PLANT_CHANGE_MS 30000 /* between changes of a node's mind, on average */
#define PLANT_LIMITS    8     /* of a node, that are under way */

struct plant_limit {
	int watts; /* 0: none */
	int64_t at;
};

struct plant_node {
	bool on, disobeys;
	double demand, power, mean;            /* W */
	int limit;                             /* W, enforced; 0: none */
	struct plant_limit next[PLANT_LIMITS]; /* in the order of their coming */
	size_t next_count;
};

struct plant {
	struct plant_settings settings;
	int64_t now; /* ms */
	uint64_t dice;
	struct {
		bool busy;
		int64_t until;
	} groups[2];
	struct plant_node nodes[];
};

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
uint32_t plant_dice(struct plant *plant, uint32_t below)
{
	plant->dice ^= plant->dice >> 12;
	plant->dice ^= plant->dice << 25;
	plant->dice ^= plant->dice >> 27;
	return (uint32_t)((plant->dice * 0x2545f4914f6cdd1dull) >> 32) % below;
}

static double plant_some_demand(struct plant *plant)
{
	const struct plant_settings *settings = &plant->settings;
	const double parts[] = {0, 0.3, 0.6, 1};

	return settings->idle + (settings->peak - settings->idle) * parts[plant_dice(plant, 4)];
}

struct plant *plant_new(const struct plant_settings *settings)
{
	struct plant *plant = calloc(1, sizeof(*plant) + settings->nodes * sizeof(plant->nodes[0]));

	if (!plant)
		return NULL;
	plant->settings = *settings;
	plant->dice = settings->seed * 2654435761u + 88172645463325252ull;
	for (size_t i = 0; i < settings->nodes; i++) {
		struct plant_node *node = &plant->nodes[i];

		node->on = true;
		node->demand = plant_some_demand(plant);
		node->power = node->mean = settings->idle;
	}
	return plant;
}

static void plant_change_demand(struct plant *plant, struct plant_node *node, int ms)
{
	const struct plant_settings *settings = &plant->settings;
	int64_t second = plant->now / 1000;

	switch (settings->trace) {
	case PLANT_STEP:
		second %= 600;
		node->demand = second >= 100 && second < 400 ? settings->peak : 150;
		break;
	case PLANT_SQUARE:
		node->demand = second / 30 % 2 ? settings->peak : settings->idle;
		break;
	case PLANT_GROUPS:
		node->demand = plant->groups[(node - plant->nodes) % 2].busy ? settings->peak
									     : settings->idle;
		break;
	case PLANT_MIXED:
		if (plant_dice(plant, PLANT_CHANGE_MS) < (uint32_t)ms)
			node->demand = plant_some_demand(plant);
		break;
	}
}

/* A later one that comes into force makes those before it void. */
static void plant_enforce(struct plant *plant, struct plant_node *node)
{
	for (size_t i = node->next_count; i > 0; i--) {
		if (node->next[i - 1].at > plant->now)
			continue;
		node->limit = node->next[i - 1].watts;
		node->next_count -= i;
		memmove(node->next, node->next + i, node->next_count * sizeof(node->next[0]));
		return;
	}
}

static void plant_pass_node(struct plant *plant, struct plant_node *node, int ms)
{
	const struct plant_settings *settings = &plant->settings;
	double target, part = (double)ms / settings->load_ms;

	plant_change_demand(plant, node, ms);
	plant_enforce(plant, node);
	target = node->on ? node->demand : 0;
	if (node->on && node->limit && !node->disobeys && target > node->limit)
		target = node->limit;
	node->power += (target - node->power) * (part < 1 ? part : 1);
	node->mean += (node->power - node->mean) * ms / PLANT_MEAN_MS;
}

void plant_pass(struct plant *plant, int ms)
{
	plant->now += ms;
	for (int i = 0; i < 2; i++) {
		if (plant->groups[i].until > plant->now)
			continue;
		plant->groups[i].busy = !plant->groups[i].busy;
		plant->groups[i].until = plant->now + 2000 + plant_dice(plant, 38000);
	}
	for (size_t i = 0; i < plant->settings.nodes; i++)
		plant_pass_node(plant, &plant->nodes[i], ms);
}

double plant_power(const struct plant *plant, size_t node)
{
	return plant->nodes[node].power;
}

double plant_total(const struct plant *plant)
{
	double total = 0;

	for (size_t i = 0; i < plant->settings.nodes; i++)
		total += plant->nodes[i].power;
	return total;
}

double plant_demand(const struct plant *plant)
{
	double total = 0;

	for (size_t i = 0; i < plant->settings.nodes; i++)
		total += plant->nodes[i].on ? plant->nodes[i].demand : 0;
	return total;
}

int plant_measure(struct plant *plant, size_t node)
{
	double noise = 0.99 + plant_dice(plant, 2001) / 100000.0;

	return (int)(plant->nodes[node].mean * noise + 0.5);
}

void plant_limit(struct plant *plant, size_t node, int watts)
{
	const struct plant_settings *settings = &plant->settings;
	uint32_t range = (uint32_t)(settings->actuate_most_ms - settings->actuate_least_ms) + 1;
	struct plant_node *own = &plant->nodes[node];

	/* The last one stands for those that came too fast. */
	if (own->next_count == PLANT_LIMITS)
		own->next_count--;
	own->next[own->next_count++] = (struct plant_limit){
			watts, plant->now + settings->actuate_least_ms + plant_dice(plant, range)};
}

int plant_told_limit(const struct plant *plant, size_t node)
{
	const struct plant_node *own = &plant->nodes[node];

	return own->next_count ? own->next[own->next_count - 1].watts : own->limit;
}

void plant_switch(struct plant *plant, size_t node, bool on)
{
	plant->nodes[node].on = on;
}

void plant_disobey(struct plant *plant, size_t node, bool disobey)
{
	plant->nodes[node].disobeys = disobey;
}

void plant_reset(struct plant *plant, size_t node)
{
	plant->nodes[node].limit = 0;
	plant->nodes[node].next_count = 0;
}

void plant_free(struct plant *plant)
{
	free(plant);
}
