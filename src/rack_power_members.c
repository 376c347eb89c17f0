/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which nodes are capped, and what of that stays when the configuration is another one. */
#include <string.h>
#include "src/rack_power_part.h"

void rack_power_members_free(struct rack_power_member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		g_free(members[i].name);
	g_free(members);
}

struct rack_power_member *rack_power_members_new(
		const struct rack_config *config, size_t *member_of, size_t *count)
{
	struct rack_power_member *members = g_new0(
			struct rack_power_member, config->node_count + 1);

	*count = 0;
	for (size_t i = 0; i < config->node_count; i++) {
		member_of[i] = RACK_POWER_NONE;
		if (!config->nodes[i].capped)
			continue;
		member_of[i] = *count;
		members[(*count)++] = (struct rack_power_member){
				.node = i,
				.name = g_strdup(config->nodes[i].name),
				.settings = config->nodes[i].capping,
		};
	}
	return members;
}

struct capping *rack_power_capping(const struct rack_power_member *members, size_t count,
		struct capping_settings settings)
{
	struct capping_node_settings *nodes = g_new(struct capping_node_settings, count + 1);
	struct capping *capping;

	for (size_t i = 0; i < count; i++)
		nodes[i] = members[i].settings;
	capping = capping_new(&settings, nodes, count);
	g_free(nodes);
	if (!capping)
		g_error("memory is short");
	return capping;
}

static bool rack_power_same(const struct rack_power_member *a, const struct rack_power_member *b)
{
	return strcmp(a->name, b->name) == 0 && a->settings.floor == b->settings.floor &&
	       a->settings.ceiling == b->settings.ceiling && a->settings.boot == b->settings.boot &&
	       a->settings.class == b->settings.class && a->settings.keeps == b->settings.keeps;
}

/* What is known of the former members, and their new numbers. True: nothing has changed. */
static bool rack_power_take_over(struct rack_power *power, struct rack_power_member *members,
		size_t count, size_t *to)
{
	bool same = count == power->count;

	for (size_t i = 0; i < power->count; i++) {
		const struct rack_power_member *former = &power->members[i];

		to[i] = RACK_POWER_NONE;
		for (size_t j = 0; j < count && to[i] == RACK_POWER_NONE; j++)
			if (strcmp(former->name, members[j].name) == 0)
				to[i] = j;
		same = same && to[i] == i && rack_power_same(former, &members[i]);
		if (to[i] == RACK_POWER_NONE)
			continue;
		members[to[i]].off = former->off;
		members[to[i]].disobedient = former->disobedient;
		members[to[i]].refusals = former->refusals;
		members[to[i]].quiet_until = former->quiet_until;
		members[to[i]].order = former->order;
		members[to[i]].spare_until = former->spare_until;
		members[to[i]].starting_until = former->starting_until;
		if (former->cap >= members[to[i]].settings.floor &&
				former->cap <= members[to[i]].settings.ceiling)
			members[to[i]].cap = former->cap;
	}
	return same;
}

/* W of a node by its former number, as far as that is known. */
static int rack_power_drawn(const struct rack_power *power, size_t node)
{
	size_t member = rack_power_member(power, node);
	struct capping_node known;

	if (member == RACK_POWER_NONE)
		return power->others[node];
	capping_read(power->capping, member, &known);
	return known.account == CAPPING_ACCOUNT_OFF || known.measured < 0 ? 0 : known.measured;
}

static bool rack_power_is_known(const struct rack_power *power, size_t node)
{
	struct rack_node_status status;

	if (!power->nodes)
		return true;
	rack_nodes_status(power->nodes, node, &status);
	rack_node_status_clear(&status);
	return status.state != RACK_NODE_CONNECTING;
}

/*
 * What is known of the former members goes on: limits that are in force, and what is set aside.
 * Were all sent anew at once, some would rise before others have come down.
 */
static void rack_power_begin_anew(struct rack_power *power, const size_t *to, size_t former_count)
{
	struct capping *former = power->capping;

	power->capping = rack_power_capping(power->members, power->count, power->settings);
	for (size_t i = 0; i < former_count; i++)
		if (to[i] != RACK_POWER_NONE)
			capping_adopt(power->capping, to[i], former, i);
	capping_free(former);
	for (size_t i = 0; i < power->count; i++) {
		capping_cap(power->capping, i, power->members[i].cap);
		power->members[i].order = 0; /* what is under way is not waited for */
	}
	power->dropping = RACK_POWER_NONE;
	power->short_since = -1;
}

/* A way that is new leads to nobody knows whom, until he answers. */
static void rack_power_forget_unknown(struct rack_power *power)
{
	for (size_t i = 0; i < power->count; i++) {
		if (rack_power_is_known(power, power->members[i].node))
			continue;
		power->members[i].order = 0;
		capping_replaced(power->capping, i);
		capping_lost(power->capping, i);
	}
}

/* Those that are not capped any more, and keep a limit of ours. */
static void rack_power_lift_those_that_leave(
		struct rack_power *power, const struct rack_config *config)
{
	for (size_t i = 0; power->nodes && i < config->node_count; i++)
		for (size_t j = 0; !config->nodes[i].capped && j < power->count; j++) {
			struct capping_node known;

			capping_read(power->capping, j, &known);
			if (strcmp(config->nodes[i].name, power->members[j].name) == 0 &&
					known.ours)
				rack_power_lift_add(power, power->members[j].name);
		}
}

/* What nodes draw that are not capped is known already. */
static int *rack_power_others(struct rack_power *power, const struct rack_config *config)
{
	int *others = g_new0(int, config->node_count + 1);

	for (size_t i = 0; i < config->node_count; i++)
		for (size_t j = 0; j < power->nodes_count; j++)
			if (!config->nodes[i].capped &&
					strcmp(config->nodes[i].name,
							power->config->nodes[j].name) == 0)
				others[i] = rack_power_drawn(power, j);
	return others;
}

void rack_power_reload(struct rack_power *power, const struct rack_config *config)
{
	bool other = power->settings.budget != config->capping.budget ||
		     power->settings.mode != config->capping.mode;
	size_t *to = g_new(size_t, power->count + 1);
	struct rack_power_member *members;
	size_t count, former_count = power->count;
	int *others = rack_power_others(power, config);
	bool same;

	rack_power_lift_those_that_leave(power, config);
	power->config = config;
	power->settings = config->capping;
	g_free(power->member_of);
	g_free(power->others);
	power->nodes_count = config->node_count;
	power->member_of = g_new(size_t, config->node_count + 1);
	power->others = others;
	members = rack_power_members_new(config, power->member_of, &count);
	same = rack_power_take_over(power, members, count, to);
	rack_power_members_free(power->members, power->count);
	power->members = members;
	power->count = count;
	g_free(power->commands);
	power->commands = g_new(struct capping_command, count + 1);
	rack_power_renumber_waiting(power, to);
	if (!same)
		rack_power_begin_anew(power, to, former_count);
	g_free(to);
	rack_power_forget_unknown(power);
	if (power->nodes)
		rack_power_lift(power, rack_power_now(power));
	rack_power_set(power);
	if (other)
		rack_power_say_budget(power);
	rack_power_soon(power);
}
