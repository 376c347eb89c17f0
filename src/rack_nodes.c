/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/rack_nodes.h"
#include <string.h>
#include "src/log.h"
#include "src/rack_node.h"

struct rack_nodes {
	struct rack_node_rack rack;
	GPtrArray *nodes; /* struct rack_node, by number */
};

static const struct rack_config_plan *rack_nodes_plan(
		const struct rack_config *config, const struct rack_config_node *node)
{
	return &config->plans[node->plan];
}

static struct rack_node *rack_nodes_get(const struct rack_nodes *nodes, size_t node)
{
	return g_ptr_array_index(nodes->nodes, node);
}

size_t rack_nodes_count(const struct rack_nodes *nodes)
{
	return nodes->nodes->len;
}

bool rack_nodes_find(const struct rack_nodes *nodes, const char *name, size_t *node)
{
	for (size_t i = 0; i < nodes->nodes->len; i++)
		if (strcmp(rack_node_name(rack_nodes_get(nodes, i)), name) == 0) {
			*node = i;
			return true;
		}
	return false;
}

void rack_nodes_status(const struct rack_nodes *nodes, size_t node, struct rack_node_status *out)
{
	rack_node_status(rack_nodes_get(nodes, node), out);
}

void rack_node_status_clear(struct rack_node_status *status)
{
	g_clear_pointer(&status->why, g_free);
}

const char *rack_node_state_word(enum rack_node_state state)
{
	static const char *const words[] = {
			[RACK_NODE_ABSENT] = "absent",
			[RACK_NODE_CONNECTING] = "connecting",
			[RACK_NODE_UP] = "up",
			[RACK_NODE_LOST] = "lost",
			[RACK_NODE_REFUSED] = "refused",
			[RACK_NODE_COMMANDS] = "commands",
	};

	return words[state];
}

/* --- Orders --- */

bool rack_nodes_act(struct rack_nodes *nodes, size_t node, enum power_action action,
		rack_node_fn done, void *data, GError **error)
{
	return rack_node_act(rack_nodes_get(nodes, node), action, done, data, error);
}

bool rack_nodes_identify(struct rack_nodes *nodes, size_t node, int seconds, rack_node_fn done,
		void *data, GError **error)
{
	return rack_node_order(
			rack_nodes_get(nodes, node), BMC_IDENTIFY, seconds, done, data, error);
}

bool rack_nodes_limit(struct rack_nodes *nodes, size_t node, int watts, rack_node_fn done,
		void *data, GError **error)
{
	return rack_node_order(rack_nodes_get(nodes, node), watts ? BMC_LIMIT : BMC_NO_LIMIT, watts,
			done, data, error);
}

void rack_nodes_replaced(struct rack_nodes *nodes, size_t node)
{
	rack_node_replaced(rack_nodes_get(nodes, node));
}

json_t *rack_nodes_log(const struct rack_nodes *nodes, size_t node)
{
	return rack_node_log(rack_nodes_get(nodes, node));
}

/* --- Coming and going --- */

static void rack_nodes_destroy(void *node)
{
	rack_node_free(node);
}

struct rack_nodes *rack_nodes_new(const struct rack_config *config, const struct rack_world *world,
		struct readings *readings, struct events *events,
		const struct rack_nodes_watcher *watcher)
{
	struct rack_nodes *nodes = g_new0(struct rack_nodes, 1);

	nodes->rack = (struct rack_node_rack){.world = world,
			.readings = readings,
			.events = events,
			.watcher = watcher ? *watcher : (struct rack_nodes_watcher){NULL}};
	nodes->nodes = g_ptr_array_new_with_free_func(rack_nodes_destroy);
	for (size_t i = 0; i < config->node_count; i++)
		g_ptr_array_add(nodes->nodes,
				rack_node_new(&nodes->rack, i, &config->nodes[i],
						rack_nodes_plan(config, &config->nodes[i])));
	return nodes;
}

/* Takes the node that is to stay as it is out of those of before; NULL: there is none. */
static struct rack_node *rack_nodes_take(GPtrArray *former, const struct rack_config_node *config,
		const struct rack_config_plan *plan)
{
	for (guint i = 0; i < former->len; i++)
		if (rack_node_is(g_ptr_array_index(former, i), config, plan))
			return g_ptr_array_steal_index_fast(former, i);
	return NULL;
}

void rack_nodes_reload(struct rack_nodes *nodes, const struct rack_config *config)
{
	GPtrArray *former = nodes->nodes;

	nodes->nodes = g_ptr_array_new_with_free_func(rack_nodes_destroy);
	for (size_t i = 0; i < config->node_count; i++) {
		const struct rack_config_node *node = &config->nodes[i];
		struct rack_node *kept = rack_nodes_take(
				former, node, rack_nodes_plan(config, node));

		if (kept)
			rack_node_renumber(kept, i);
		g_ptr_array_add(nodes->nodes, kept);
	}
	/* Those that go close their sessions before others open theirs, maybe with the same BMC. */
	for (guint i = 0; i < former->len; i++)
		readings_remove(nodes->rack.readings, rack_node_name(g_ptr_array_index(former, i)));
	g_ptr_array_unref(former);
	for (size_t i = 0; i < config->node_count; i++) {
		const struct rack_config_node *node = &config->nodes[i];

		if (rack_nodes_get(nodes, i))
			continue;
		nodes->nodes->pdata[i] = rack_node_new(
				&nodes->rack, i, node, rack_nodes_plan(config, node));
	}
}

void rack_nodes_free(struct rack_nodes *nodes)
{
	if (!nodes)
		return;
	g_ptr_array_unref(nodes->nodes);
	g_free(nodes);
}
