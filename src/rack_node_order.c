/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a node is ordered: through its BMC, or by the operator's commands. */
#include "src/rack_node_part.h"

struct rack_node_wait {
	struct rack_node *node;
	rack_node_fn done;
	void *data;
};

static const enum bmc_order rack_node_orders[POWER_ACTIONS] = {
		[POWER_ON] = BMC_ON,
		[POWER_OFF] = BMC_OFF,
		[POWER_CYCLE] = BMC_CYCLE,
		[POWER_RESET] = BMC_RESET,
		[POWER_SOFT] = BMC_SOFT,
};

static void rack_node_end(struct rack_node_wait *wait, const GError *error)
{
	if (wait->done)
		wait->done(error, wait->data);
	g_free(wait);
}

static void rack_node_refuse(struct rack_node *node, struct rack_node_wait *wait,
		enum power_error code, const char *why)
{
	g_autoptr(GError) error = g_error_new(
			POWER_ERROR, code, "node %s: %s", node->setup.node.name, why);

	rack_node_end(wait, error);
}

void rack_node_ordered(struct rack_node *node, void *tag, const char *why)
{
	struct rack_node_wait *wait = tag;

	if (!g_queue_remove(&node->orders, wait))
		return;
	if (why)
		rack_node_refuse(node, wait, POWER_ERROR_FAILED, why);
	else
		rack_node_end(wait, NULL);
}

void rack_node_refuse_all(struct rack_node *node, const char *why)
{
	struct rack_node_wait *wait;

	while ((wait = g_queue_pop_head(&node->orders)))
		rack_node_refuse(node, wait, POWER_ERROR_STATE, why);
}

static void rack_node_commanded(const GError *error, void *data)
{
	rack_node_end(data, error);
}

static bool rack_node_command(struct rack_node *node, enum power_action action, rack_node_fn done,
		void *data, GError **error)
{
	struct rack_node_wait *wait = g_new0(struct rack_node_wait, 1);

	*wait = (struct rack_node_wait){node, done, data};
	if (power_act(node->power, action, rack_node_commanded, wait, error))
		return true;
	g_free(wait);
	return false;
}

bool rack_node_order(struct rack_node *node, enum bmc_order order, int value, rack_node_fn done,
		void *data, GError **error)
{
	struct rack_node_wait *wait;
	const char *wrong = NULL;

	if (node->state == RACK_NODE_ABSENT)
		wrong = "its place is empty";
	else if (!node->bmc)
		wrong = "it has no BMC, and no command is configured for that";
	else if (!node->up || node->lost)
		wrong = "its BMC does not answer";
	wait = g_new0(struct rack_node_wait, 1);
	*wait = (struct rack_node_wait){node, done, data};
	if (!wrong) {
		g_queue_push_tail(&node->orders, wait);
		if (bmc_order(node->bmc, rack_node_now(node), order, value, wait)) {
			rack_node_soon(node);
			return true;
		}
		g_queue_remove(&node->orders, wait);
		wrong = "too many orders wait for its BMC";
	}
	g_free(wait);
	g_set_error(error, POWER_ERROR, POWER_ERROR_STATE, "node %s: %s", node->setup.node.name,
			wrong);
	return false;
}

bool rack_node_act(struct rack_node *node, enum power_action action, rack_node_fn done, void *data,
		GError **error)
{
	bool begun;

	/* The operator has configured a command because the BMC does not do it, or not well. */
	if (node->state != RACK_NODE_ABSENT && power_can(node->power, action))
		begun = rack_node_command(node, action, done, data, error);
	else
		begun = rack_node_order(node, rack_node_orders[action], 0, done, data, error);
	if (begun)
		node->quiet_until = rack_node_now(node) + RACK_NODE_QUIET_MS;
	return begun;
}
