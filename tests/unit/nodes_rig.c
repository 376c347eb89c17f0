/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/nodes_rig.h"
#include <glib.h>

static void saw_watts(size_t node, int64_t taken, int watts, void *data)
{
	struct nodes_rig *f = data;

	g_assert_cmpuint(node, <, RIG_NODES);
	g_assert_cmpint(taken, <=, rack_clock_now(&f->rig.clock));
	g_assert_cmpint(watts, >=, 0);
	f->watts++;
}

static void saw_limit(size_t node, bool active, int watts, void *data)
{
	(void)node;
	(void)active;
	(void)watts;
	((struct nodes_rig *)data)->limits++;
}

static void saw_power(size_t node, bool on, void *data)
{
	struct nodes_rig *f = data;

	(void)node;
	f->on += on;
	f->off += !on;
}

static void saw_lost(size_t node, void *data)
{
	(void)node;
	((struct nodes_rig *)data)->lost++;
}

static void saw_replaced(size_t node, void *data)
{
	(void)node;
	((struct nodes_rig *)data)->replaced++;
}

void nodes_rig_done(const GError *error, void *data)
{
	struct nodes_rig *f = data;

	f->done++;
	g_clear_error(&f->error);
	f->error = error ? g_error_copy(error) : NULL;
}

void nodes_rig_start(struct nodes_rig *f)
{
	f->nodes = rack_nodes_new(
			&f->rig.config, &f->rig.world, f->rig.readings, f->rig.events, &f->watcher);
}

void nodes_rig_open(struct nodes_rig *f, double speed)
{
	*f = (struct nodes_rig){.done = 0};
	rig_open(&f->rig, speed, 300);
	f->watcher = (struct rack_nodes_watcher){
			saw_watts, saw_limit, saw_power, saw_lost, saw_replaced, f};
}

void nodes_rig_close(struct nodes_rig *f)
{
	rack_nodes_free(f->nodes);
	rig_close(&f->rig);
	g_clear_error(&f->error);
}

bool nodes_rig_get(struct nodes_rig *f, const char *key, struct readings_record *record)
{
	return readings_get(f->rig.readings, key, rack_clock_now(&f->rig.clock), record) &&
	       record->age >= 0;
}

bool nodes_rig_has(struct nodes_rig *f, const char *key)
{
	struct readings_record record;

	return nodes_rig_get(f, key, &record);
}

void nodes_rig_assert_said(struct nodes_rig *f, const char *words)
{
	g_autofree char *said = rig_said(&f->rig);

	g_assert_cmpstr(said, ==, words);
}

bool nodes_rig_all_up(struct nodes_rig *f)
{
	for (size_t i = 0; i < rack_nodes_count(f->nodes); i++)
		if (rig_state(f->nodes, i) != RACK_NODE_UP)
			return false;
	return true;
}

enum power_state nodes_rig_power(struct nodes_rig *f, size_t node)
{
	struct rack_node_status status;

	rack_nodes_status(f->nodes, node, &status);
	rack_node_status_clear(&status);
	return status.power;
}

void nodes_rig_act(struct nodes_rig *f, size_t node, enum power_action action)
{
	int before = f->done;

	g_assert_true(rack_nodes_act(f->nodes, node, action, nodes_rig_done, f, NULL));
	g_assert_cmpint(f->done, ==, before);
	RIG_UNTIL(f->done > before);
}
