/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One node of the rack: see rack_nodes.h, which has all of them. It keeps a copy of what the
 * configuration says of it. Main thread only.
 */
#include "src/rack_nodes.h"

struct rack_node;

/* What all nodes of a rack have in common; must outlive them. */
struct rack_node_rack {
	const struct rack_world *world;
	struct readings *readings;
	struct events *events;
	struct rack_nodes_watcher watcher;
};

/* number: what the watcher knows it by. */
struct rack_node *rack_node_new(const struct rack_node_rack *rack, size_t number,
		const struct rack_config_node *config, const struct rack_config_plan *plan);

const char *rack_node_name(const struct rack_node *node);

/* Whether it is the node that these make: the same name, way, plan and commands. */
bool rack_node_is(const struct rack_node *node, const struct rack_config_node *config,
		const struct rack_config_plan *plan);
void rack_node_renumber(struct rack_node *node, size_t number);

/* As those of rack_nodes.h. */
void rack_node_status(const struct rack_node *node, struct rack_node_status *out);
bool rack_node_act(struct rack_node *node, enum power_action action, rack_node_fn done, void *data,
		GError **error);
bool rack_node_order(struct rack_node *node, enum bmc_order order, int value, rack_node_fn done,
		void *data, GError **error);
void rack_node_replaced(struct rack_node *node);
json_t *rack_node_log(const struct rack_node *node);

/* Its readings stay; who waits for an order is told. Not from its own events. NULL is fine. */
void rack_node_free(struct rack_node *node);
