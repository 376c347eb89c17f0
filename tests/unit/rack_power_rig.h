/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A budget over the nodes of a rack of simulated BMCs (tests/unit/rack_rig.h). */
#include <glib.h>
#include <string.h>
#include "src/power.h"
#include "src/rack_power.h"
#include "tests/unit/rack_rig.h"

#define SPEED 50 /* but where patience of a minute is tried */
#define SLOW  10

struct fixture {
	struct rig rig;
	struct rack_nodes *nodes;
	struct rack_power *power;
	int done;
	GError *error;
};

static inline void done(const GError *error, void *data)
{
	struct fixture *f = data;

	f->done++;
	g_clear_error(&f->error);
	f->error = error ? g_error_copy(error) : NULL;
}

/* Four nodes between 100 and 400 W, that would draw load. */
static inline void fixture_open_at(struct fixture *f, double speed, int budget, int load)
{
	*f = (struct fixture){.done = 0};
	rig_open(&f->rig, speed, load);
	f->rig.config.capping = (struct capping_settings){.budget = budget};
}

static inline void fixture_open(struct fixture *f, int budget, int load)
{
	fixture_open_at(f, SPEED, budget, load);
}

static inline void fixture_start(struct fixture *f)
{
	struct rack_nodes_watcher watcher;

	f->power = rack_power_new(&f->rig.config, &f->rig.world, f->rig.events);
	watcher = rack_power_watcher(f->power);
	f->nodes = rack_nodes_new(
			&f->rig.config, &f->rig.world, f->rig.readings, f->rig.events, &watcher);
	rack_power_attach(f->power, f->nodes);
}

static inline void fixture_close(struct fixture *f)
{
	rack_nodes_free(f->nodes);
	rack_power_free(f->power);
	while (g_main_context_iteration(NULL, FALSE))
		;
	rig_close(&f->rig);
	g_clear_error(&f->error);
}

static inline struct rack_power_node node_of(struct fixture *f, size_t node)
{
	struct rack_power_node out;

	rack_power_node(f->power, node, &out);
	return out;
}

static inline enum capping_account account(struct fixture *f, size_t node)
{
	return node_of(f, node).node.account;
}

static inline struct rack_power_status status_of(struct fixture *f)
{
	struct rack_power_status status;

	rack_power_status(f->power, &status);
	return status;
}

static inline bool settled(struct fixture *f)
{
	for (size_t i = 0; i < rack_nodes_count(f->nodes); i++)
		if (account(f, i) != CAPPING_ACCOUNT_LIMIT && account(f, i) != CAPPING_ACCOUNT_OFF)
			return false;
	return !status_of(f).totals.short_of;
}

static inline int limits(struct fixture *f)
{
	int sum = 0;

	for (size_t i = 0; i < RIG_NODES; i++)
		if (sim_bmc_is_on(f->rig.bmcs[i]))
			sum += plant_told_limit(f->rig.plant, i);
	return sum;
}

/* --- Switching --- */

static inline bool is_on(struct fixture *f, size_t node, bool on)
{
	struct rack_node_status status;

	rack_nodes_status(f->nodes, node, &status);
	rack_node_status_clear(&status);
	return status.power == (on ? POWER_IS_ON : POWER_IS_OFF);
}

static inline void act(struct fixture *f, size_t node, enum power_action action)
{
	int before = f->done;

	g_assert_true(rack_power_act(f->power, node, action, done, f, NULL));
	g_assert_cmpint(f->done, ==, before);
	RIG_UNTIL(f->done > before);
}

/* When all have settled, and until it is known. */
static inline void switch_off(struct fixture *f, size_t node)
{
	RIG_UNTIL(settled(f) && is_on(f, node, true));
	act(f, node, POWER_OFF);
	RIG_UNTIL(account(f, node) == CAPPING_ACCOUNT_OFF);
}

/* n2 is off, and the others have got its share: switched on, it has to wait. */
static inline void fixture_open_for_three(struct fixture *f)
{
	fixture_open(f, 1000, 350);
	fixture_start(f);
	switch_off(f, 2);
	RIG_UNTIL(settled(f) && limits(f) > 900);
	f->done = 0;
}

static inline void reload(struct fixture *f, struct rack_config *config)
{
	rack_nodes_reload(f->nodes, config);
	rack_power_reload(f->power, config);
}
