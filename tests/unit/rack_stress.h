/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What is done to a rack under stress: orders, faults, other configurations, as dice say. What has
 * to hold all the while is the tests' matter. For programs on the virtual loop.
 */
#include <glib.h>
#include "src/rack.h"
#include "src/rack_simulated.h"

#define NODES 12

struct stress_order {
	unsigned int told;
	bool asking; /* the call that orders it has not returned */
};

struct stress {
	struct sim_rack *sim;
	struct rack_simulated *world;
	struct rack *rack;
	struct rack_config *config;
	GRand *dice;
	GPtrArray *orders;                  /* struct stress_order */
	int64_t grace[NODES];               /* by simulated node: what it does is not known yet */
	int64_t replaced[NODES];            /* another machine is in its place since then */
	int64_t heals[NODES];               /* its network gets well again */
	int64_t obeys[NODES];               /* it obeys again */
	unsigned int events, overs, unders; /* told */
	double over;                        /* W above the budget that was seen, the most */
	double short_seconds, seconds;
	unsigned int replacements;
};

int stress_dice(struct stress *s, int below); /* from 0 on */

size_t stress_node_count(struct stress *s); /* that the daemon knows of */

/* The simulated one of a node; false: it has none. */
bool stress_sim_of(struct stress *s, size_t node, size_t *sim);

/*
 * The daemon's own configuration for a simulated rack; other: with nodes, ceilings, names and plans
 * that differ each time. Ours to free, until a reload takes it.
 */
struct rack_config *stress_configure(struct stress *s, bool other);
void stress_config_free(struct rack_config *config);
void stress_reload(struct stress *s, struct rack_config *config);

void stress_act(struct stress *s);            /* one order, noted in orders */
void stress_disturb(struct stress *s);        /* one of many things, to one node or all */
void stress_mend(struct stress *s, bool all); /* what is due by now; all: everything */
