/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Nodes that left the budget while they kept a limit of ours: nobody would ever look after it, so
 * that it is lifted, again and again until the node says that it is, has gone, or is capped anew.
 */
#include "src/rack_power_part.h"

#define AGAIN_MS 10000 /* after one that failed */

struct rack_power_lift {
	struct rack_power *power; /* NULL: nobody wants to know any more */
	char *name;
	bool asked;
	bool told; /* that it failed */
	int64_t again;
};

static void rack_power_lift_free(struct rack_power_lift *lift)
{
	g_free(lift->name);
	g_free(lift);
}

/* An order that is under way ends without us. */
static void rack_power_lift_drop(struct rack_power *power, struct rack_power_lift *lift)
{
	g_queue_remove(&power->lifting, lift);
	lift->power = NULL;
	if (!lift->asked)
		rack_power_lift_free(lift);
}

static void rack_power_lift_failed(struct rack_power_lift *lift, const GError *error)
{
	lift->again = rack_power_now(lift->power) + AGAIN_MS;
	if (!lift->told && lift->power->nodes)
		log_line(LOG_LINE_WARNING,
				"power: a limit could not be lifted: %s; trying on every %d s",
				error->message, AGAIN_MS / 1000);
	lift->told = true;
}

static void rack_power_lifted(const GError *error, void *data)
{
	struct rack_power_lift *lift = data;

	lift->asked = false;
	if (!lift->power) {
		rack_power_lift_free(lift);
		return;
	}
	if (error) {
		rack_power_lift_failed(lift, error);
		return;
	}
	if (lift->told)
		log_line(LOG_LINE_NOTICE, "power: node %s: its limit is lifted", lift->name);
	rack_power_lift_drop(lift->power, lift);
}

/* False: it has gone, or is capped. */
static bool rack_power_lift_is_due(
		const struct rack_power *power, const struct rack_power_lift *lift, size_t *node)
{
	struct rack_node_status status;

	if (!rack_nodes_find(power->nodes, lift->name, node) ||
			rack_power_member(power, *node) != RACK_POWER_NONE)
		return false;
	rack_nodes_status(power->nodes, *node, &status);
	rack_node_status_clear(&status);
	return status.state != RACK_NODE_ABSENT;
}

static void rack_power_lift_try(struct rack_power *power, struct rack_power_lift *lift, int64_t now)
{
	g_autoptr(GError) error = NULL;
	size_t node;

	if (!rack_power_lift_is_due(power, lift, &node)) {
		rack_power_lift_drop(power, lift);
		return;
	}
	if (lift->asked || now < lift->again)
		return;
	lift->asked = true;
	if (rack_nodes_limit(power->nodes, node, 0, rack_power_lifted, lift, &error))
		return;
	lift->asked = false;
	rack_power_lift_failed(lift, error);
}

void rack_power_lift(struct rack_power *power, int64_t now)
{
	for (GList *link = power->lifting.head, *next; link && power->nodes; link = next) {
		next = link->next;
		rack_power_lift_try(power, link->data, now);
	}
}

void rack_power_lift_add(struct rack_power *power, const char *name)
{
	struct rack_power_lift *lift = g_new0(struct rack_power_lift, 1);

	lift->power = power;
	lift->name = g_strdup(name);
	lift->again = INT64_MIN;
	g_queue_push_tail(&power->lifting, lift);
}

void rack_power_lift_end(struct rack_power *power)
{
	while (power->lifting.head)
		rack_power_lift_drop(power, power->lifting.head->data);
}
