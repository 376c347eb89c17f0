/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/rack_power.h"
#include "src/rack_power_part.h"

#define TICK_MS  1000
#define OBEYS_MS 60000 /* that a node has to obey, and its disobedience is news again */

const char *rack_power_account_word(enum capping_account account)
{
	static const char *const words[] = {
			[CAPPING_ACCOUNT_OFF] = "off",
			[CAPPING_ACCOUNT_LIMIT] = "limit",
			[CAPPING_ACCOUNT_SETTLING] = "settling",
			[CAPPING_ACCOUNT_STARTING] = "starting",
			[CAPPING_ACCOUNT_UNLIMITED] = "unlimited",
			[CAPPING_ACCOUNT_LOST] = "lost",
			[CAPPING_ACCOUNT_DISOBEDIENT] = "disobedient",
	};

	return words[account];
}

const char *rack_power_mode_word(enum capping_mode mode)
{
	static const char *const words[] = {
			[CAPPING_GUARANTEED] = "guaranteed",
			[CAPPING_REACTIVE] = "reactive",
			[CAPPING_OFF] = "off",
	};

	return words[mode];
}

void rack_power_publish(struct rack_power *power, const char *type, size_t member, json_t *data)
{
	if (!data)
		data = json_object();
	if (member != RACK_POWER_NONE)
		json_object_set_new(data, "node", json_string(power->members[member].name));
	events_publish(power->events, type, data);
}

/* --- Decisions --- */

struct rack_power_order {
	struct rack_power *power;
	unsigned int number;
};

/* It is tried again and again. One refusal alone may be that of a node that is about to be lost. */
static void rack_power_say_refused(struct rack_power_member *member, const GError *error)
{
	if (++member->refusals != 2)
		return;
	log_line(LOG_LINE_WARNING,
			"power: no limit was taken by %s; it counts at the most that it may draw",
			error->message);
}

/* Whose order it is, if it is the last one; what is said of one before that is nobody's. */
static size_t rack_power_orderer(const struct rack_power_order *order)
{
	const struct rack_power *power = order->power;

	for (size_t i = 0; i < power->count; i++)
		if (power->members[i].order == order->number)
			return i;
	return RACK_POWER_NONE;
}

static void rack_power_ordered(const GError *error, void *data)
{
	struct rack_power_order *order = data;
	struct rack_power *power = order->power;
	size_t member = rack_power_orderer(order);

	if (error)
		power->failures++;
	if (member != RACK_POWER_NONE) {
		if (error) {
			capping_failed(power->capping, member, rack_power_now(power));
			rack_power_say_refused(&power->members[member], error);
		} else {
			capping_accepted(power->capping, member, rack_power_now(power));
			power->members[member].refusals = 0;
		}
		rack_power_soon(power);
	}
	g_free(order);
}

static void rack_power_send(struct rack_power *power, const struct capping_command *command)
{
	struct rack_power_order *order = g_new(struct rack_power_order, 1);

	*order = (struct rack_power_order){power, ++power->orders};
	power->members[command->node].order = order->number;
	power->sent++;
	if (rack_nodes_limit(power->nodes, power->members[command->node].node, command->limit,
			    rack_power_ordered, order, NULL))
		return;
	g_free(order);
	power->failures++;
	capping_failed(power->capping, command->node, rack_power_now(power));
}

/* What nodes without limits draw beyond what is set aside for them is not there for others. */
static int rack_power_unmanaged(const struct rack_power *power)
{
	int sum = 0;

	for (size_t i = 0; i < power->nodes_count; i++)
		sum += power->others[i];
	return MAX(power->settings.unmanaged, sum);
}

void rack_power_set(struct rack_power *power)
{
	struct capping_settings settings = power->settings;

	if (rack_power_is_off(power))
		settings.mode = CAPPING_OFF;
	settings.unmanaged = power->unmanaged = rack_power_unmanaged(power);
	capping_set(power->capping, &settings);
}

/* Of one that comes and goes not every time. */
static void rack_power_say_disobedient(struct rack_power *power, int64_t now)
{
	for (size_t i = 0; i < power->count; i++) {
		struct rack_power_member *member = &power->members[i];
		struct capping_node node;

		capping_read(power->capping, i, &node);
		if (node.account != CAPPING_ACCOUNT_DISOBEDIENT) {
			if (member->disobedient)
				member->quiet_until = now + OBEYS_MS;
			member->disobedient = false;
			continue;
		}
		if (member->disobedient || now < member->quiet_until)
			continue;
		member->disobedient = true;
		log_line(LOG_LINE_WARNING, "power: node %s draws %d W with a limit of %d W",
				member->name, node.measured, node.limit);
		rack_power_publish(power, "power.disobedient", i,
				json_pack("{s:i, s:i}", "watts", node.measured, "limit",
						node.limit));
	}
}

static void rack_power_decide(struct rack_power *power)
{
	int64_t now = rack_power_now(power);
	size_t count;

	if (power->unmanaged != rack_power_unmanaged(power))
		rack_power_set(power);
	rack_power_ask(power, now);
	count = capping_decide(power->capping, now, power->commands, power->count);
	for (size_t i = 0; i < count; i++)
		rack_power_send(power, &power->commands[i]);
	rack_power_say_disobedient(power, now);
}

static gboolean rack_power_decide_soon(gpointer data)
{
	struct rack_power *power = data;

	power->soon = 0;
	rack_power_decide(power);
	return G_SOURCE_REMOVE;
}

void rack_power_soon(struct rack_power *power)
{
	if (power->nodes && !power->soon)
		power->soon = g_timeout_add(0, rack_power_decide_soon, power);
}

static gboolean rack_power_tick(gpointer data)
{
	struct rack_power *power = data;
	int64_t now = rack_power_now(power);

	rack_power_account(power, now, now - power->ticked_at);
	power->ticked_at = now;
	rack_power_decide(power);
	rack_power_drop(power, now);
	rack_power_lift(power, now);
	return G_SOURCE_CONTINUE;
}

/* --- What nodes tell --- */

static void rack_power_watts(size_t node, int64_t taken, int watts, void *data)
{
	struct rack_power *power = data;
	size_t member = rack_power_member(power, node);

	if (member != RACK_POWER_NONE)
		capping_reading(power->capping, member, rack_power_now(power), taken, watts);
	else if (node < power->nodes_count)
		power->others[node] = watts;
	rack_power_soon(power);
}

static void rack_power_limit(size_t node, bool active, int watts, void *data)
{
	struct rack_power *power = data;
	size_t member = rack_power_member(power, node);

	if (member == RACK_POWER_NONE)
		return;
	capping_limit(power->capping, member, rack_power_now(power), active, watts);
	rack_power_soon(power);
}

static void rack_power_seen_on(struct rack_power *power, size_t i)
{
	struct rack_power_member *member = &power->members[i];
	struct capping_node node;

	member->off = false;
	capping_read(power->capping, i, &node);
	if (node.account != CAPPING_ACCOUNT_OFF || member->starting_until > rack_power_now(power)) {
		capping_is_on(power->capping, i, true);
		return;
	}
	/* Nothing was set aside for it, and how long it has been on is not known. */
	member->order = 0;
	capping_replaced(power->capping, i);
	if (rack_power_is_off(power))
		return;
	log_line(LOG_LINE_WARNING, "power: node %s was switched on, and not by us", member->name);
	rack_power_publish(power, "power.unasked", i, NULL);
}

static void rack_power_seen(size_t node, bool on, void *data)
{
	struct rack_power *power = data;
	size_t i = rack_power_member(power, node);

	if (i == RACK_POWER_NONE) {
		if (!on && node < power->nodes_count)
			power->others[node] = 0;
	} else if (on) {
		rack_power_seen_on(power, i);
	} else if (power->members[i].starting_until <= rack_power_now(power)) {
		/* Until then it is off on its way to be on, and needs its watts. */
		power->members[i].off = true;
		capping_is_on(power->capping, i, false);
	}
	rack_power_soon(power);
}

static void rack_power_lost(size_t node, void *data)
{
	struct rack_power *power = data;
	size_t member = rack_power_member(power, node);

	if (member == RACK_POWER_NONE)
		return;
	capping_lost(power->capping, member);
	rack_power_soon(power);
}

static void rack_power_replaced(size_t node, void *data)
{
	struct rack_power *power = data;
	size_t member = rack_power_member(power, node);

	if (member != RACK_POWER_NONE) {
		/* What was told to switch on may be off on its way, whatever it is. */
		power->members[member].off = false;
		power->members[member].order = 0;
		capping_replaced(power->capping, member);
	} else if (node < power->nodes_count) {
		power->others[node] = 0;
	}
	rack_power_soon(power);
}

struct rack_nodes_watcher rack_power_watcher(struct rack_power *power)
{
	return (struct rack_nodes_watcher){
			.watts = rack_power_watts,
			.limit = rack_power_limit,
			.power = rack_power_seen,
			.lost = rack_power_lost,
			.replaced = rack_power_replaced,
			.data = power,
	};
}

/* --- Operators --- */

void rack_power_say_budget(struct rack_power *power)
{
	const char *mode = rack_power_mode_word(power->settings.mode);

	log_line(LOG_LINE_NOTICE, "power: the budget is %d W, %s", power->settings.budget, mode);
	rack_power_publish(power, "power.budget", RACK_POWER_NONE,
			json_pack("{s:i, s:s}", "budget", power->settings.budget, "mode", mode));
}

void rack_power_budget(struct rack_power *power, int budget, enum capping_mode mode)
{
	power->settings.budget = budget;
	power->settings.mode = mode;
	rack_power_set(power);
	rack_power_say_budget(power);
	rack_power_soon(power);
}

bool rack_power_cap(struct rack_power *power, size_t node, int watts)
{
	size_t i = rack_power_member(power, node);
	struct rack_power_member *member;

	if (i == RACK_POWER_NONE)
		return false;
	member = &power->members[i];
	if (watts && (watts < member->settings.floor || watts > member->settings.ceiling))
		return false;
	member->cap = watts;
	capping_cap(power->capping, i, watts);
	if (watts)
		log_line(LOG_LINE_NOTICE, "power: node %s has a cap of %d W", member->name, watts);
	else
		log_line(LOG_LINE_NOTICE, "power: node %s has no cap", member->name);
	rack_power_soon(power);
	return true;
}

void rack_power_status(const struct rack_power *power, struct rack_power_status *out)
{
	*out = (struct rack_power_status){
			.settings = power->settings,
			.over_seconds = power->over_seconds,
			.worst = power->worst,
			.commands = power->sent,
			.failures = power->failures,
			.waiting = g_queue_get_length((GQueue *)&power->waiting),
	};
	capping_sum(power->capping, &out->totals);
	if (power->settings.budget <= 0)
		out->totals.short_of = false;
}

void rack_power_node(const struct rack_power *power, size_t node, struct rack_power_node *out)
{
	size_t member = rack_power_member(power, node);

	*out = (struct rack_power_node){.node.measured = -1};
	if (member == RACK_POWER_NONE)
		return;
	capping_read(power->capping, member, &out->node);
	out->settings = power->members[member].settings;
	out->cap = power->members[member].cap;
	out->capped = true;
	out->waiting = rack_power_is_waiting(power, member);
}

/* --- Coming and going --- */

struct rack_power *rack_power_new(const struct rack_config *config, const struct rack_world *world,
		struct events *events)
{
	struct rack_power *power = g_new0(struct rack_power, 1);

	power->config = config;
	power->world = world;
	power->events = events;
	power->settings = config->capping;
	power->nodes_count = config->node_count;
	power->member_of = g_new(size_t, config->node_count + 1);
	power->others = g_new0(int, config->node_count + 1);
	power->members = rack_power_members_new(config, power->member_of, &power->count);
	power->commands = g_new(struct capping_command, power->count + 1);
	power->capping = rack_power_capping(power->members, power->count, power->settings);
	g_queue_init(&power->waiting);
	g_queue_init(&power->given_up);
	g_queue_init(&power->lifting);
	power->short_since = -1;
	power->dropping = RACK_POWER_NONE;
	rack_power_set(power);
	/* Until they answer, nobody has to try to limit them. */
	for (size_t i = 0; i < power->count; i++)
		capping_lost(power->capping, i);
	return power;
}

void rack_power_attach(struct rack_power *power, struct rack_nodes *nodes)
{
	power->nodes = nodes;
	if (power->tick)
		g_source_remove(power->tick);
	if (power->soon)
		g_source_remove(power->soon);
	power->tick = power->soon = 0;
	if (!nodes)
		return;
	power->ticked_at = rack_power_now(power);
	power->tick = g_timeout_add(MAX(1, rack_clock_real(&power->world->clock, TICK_MS)),
			rack_power_tick, power);
}

void rack_power_free(struct rack_power *power)
{
	if (!power)
		return;
	rack_power_refuse_all(power, "the program ends");
	rack_power_lift_end(power);
	rack_power_attach(power, NULL);
	capping_free(power->capping);
	rack_power_members_free(power->members, power->count);
	g_free(power->member_of);
	g_free(power->others);
	g_free(power->commands);
	g_free(power);
}
