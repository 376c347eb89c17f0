/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdlib.h>
#include "src/rack_simulated.h"
#include "src/rack_simulated_part.h"

#define PASS_LEAST 10    /* ms of real time between steps */
#define PASS_MS    100   /* of the rack's time */
#define PASS_MOST  60000 /* ms of real time: who was stopped for longer does not catch up */

void rack_simulated_catch_up(struct rack_simulated *world)
{
	double speed = world->world.clock.speed;
	int64_t now = rack_clock_now(&world->world.clock);
	int64_t passed = now - world->passed, most = (int64_t)(PASS_MOST * MAX(speed, 1));

	if (passed <= 0)
		return;
	world->passed = now;
	sim_rack_pass(world->rack, (int)MIN(passed, most));
}

static gboolean rack_simulated_pass(gpointer data)
{
	rack_simulated_catch_up(data);
	return G_SOURCE_CONTINUE;
}

/*
 * Who is who: a node keeps its simulated one for good, the one that its name's number says if that
 * is free.
 */
static bool rack_simulated_find(struct rack_simulated *world, const char *name, size_t *node)
{
	size_t count = sim_rack_nodes(world->rack), digits = strlen(name);
	guint64 number;
	gpointer known;

	if (g_hash_table_lookup_extended(world->names, name, NULL, &known)) {
		*node = GPOINTER_TO_SIZE(known);
		return true;
	}
	while (digits && g_ascii_isdigit(name[digits - 1]))
		digits--;
	number = g_ascii_strtoull(name + digits, NULL, 10);
	*node = number >= 1 && number <= count && !world->taken[number - 1] ? number - 1 : 0;
	while (*node < count && world->taken[*node])
		++*node;
	if (*node == count)
		return false;
	world->taken[*node] = true;
	g_hash_table_insert(world->names, g_strdup(name), GSIZE_TO_POINTER(*node));
	return true;
}

static struct link *rack_simulated_link(void *data, const struct rack_config_node *config,
		link_fn told, void *tag, GError **error)
{
	struct rack_simulated *world = data;
	size_t node;

	if (!rack_simulated_find(world, config->name, &node)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
				"node %s: the simulated rack has no more than %zu nodes",
				config->name, sim_rack_nodes(world->rack));
		return NULL;
	}
	return simulated_link_new(world, node, told, tag);
}

static struct board *rack_simulated_board(void *data, const struct hwmon_settings *settings,
		const struct hwmon_events *events, void *tag, GError **error)
{
	(void)error;
	return simulated_board_new(data, settings, events, tag);
}

struct rack_simulated *rack_simulated_new(struct sim_rack *rack, double speed)
{
	struct rack_simulated *world = g_new0(struct rack_simulated, 1);

	world->world = (struct rack_world){.clock = {.speed = speed},
			.link = rack_simulated_link,
			.board = rack_simulated_board,
			.data = world};
	world->rack = rack;
	world->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	world->taken = g_new0(bool, sim_rack_nodes(rack));
	world->passed = rack_clock_now(&world->world.clock);
	world->timer = g_timeout_add(MAX(rack_clock_real(&world->world.clock, PASS_MS), PASS_LEAST),
			rack_simulated_pass, world);
	return world;
}

const struct rack_world *rack_simulated_world(struct rack_simulated *world)
{
	return &world->world;
}

bool rack_simulated_node(struct rack_simulated *world, const char *name, size_t *node)
{
	gpointer known;

	if (!g_hash_table_lookup_extended(world->names, name, NULL, &known))
		return false;
	*node = GPOINTER_TO_SIZE(known);
	return true;
}

void rack_simulated_free(struct rack_simulated *world)
{
	if (!world)
		return;
	simulated_faults_free(world->faults);
	g_source_remove(world->timer);
	g_hash_table_unref(world->names);
	g_free(world->taken);
	g_free(world);
}
