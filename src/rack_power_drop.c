/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was measured above the budget, and what is done when it does not fit at all. */
#include "src/rack_power_part.h"

#define TELL_MS  30000  /* that it does not fit, and it is told: limits have to settle at first */
#define DROP_MS  10000  /* ... and a node is dropped */
#define SOFT_MS  60000  /* that a node has to shut down in good order */
#define HARD_MS  30000  /* ... and to be off when it was switched off */
#define SPARE_MS 600000 /* before one that did not is tried again */
#define UNDER_MS 5000   /* below the budget, and that is told: what flaps is told once */

/* What BMCs measure is right to one part in so many: nobody is called for less. */
#define ACCURACY 64

int rack_power_measured(const struct rack_power *power)
{
	struct capping_totals totals;

	capping_sum(power->capping, &totals);
	return totals.measured + totals.unmanaged;
}

static void rack_power_over(struct rack_power *power, int64_t now, int watts)
{
	power->over = true;
	power->over_since = now;
	power->excess = 0;
	log_line(LOG_LINE_WARNING, "power: %d W are drawn, with a budget of %d W", watts,
			power->settings.budget);
	rack_power_publish(power, "power.over", RACK_POWER_NONE,
			json_pack("{s:i, s:i}", "watts", watts, "budget", power->settings.budget));
}

static void rack_power_under(struct rack_power *power)
{
	double seconds = (double)(power->under_since - power->over_since) / 1000;

	power->over = false;
	log_line(LOG_LINE_NOTICE, "power: below the budget again, after %.0f s, at most %d W above",
			seconds, power->excess);
	rack_power_publish(power, "power.under", RACK_POWER_NONE,
			json_pack("{s:f, s:i}", "seconds", seconds, "excess", power->excess));
}

void rack_power_account(struct rack_power *power, int64_t now, int64_t passed)
{
	int watts = rack_power_measured(power), excess = watts - power->settings.budget;
	bool over = power->settings.budget > 0 && excess > 0;

	if (over && !power->over && excess > power->settings.budget / ACCURACY)
		rack_power_over(power, now, watts);
	if (over || power->under_since < 0)
		power->under_since = over ? -1 : now;
	if (power->over && !over && now - power->under_since >= UNDER_MS)
		rack_power_under(power);
	if (!over)
		return;
	power->over_seconds += (double)passed / 1000;
	if (power->over)
		power->excess = MAX(power->excess, excess);
	power->worst = MAX(power->worst, excess);
}

/* --- Dropping --- */

/* Without a guarantee nodes have no limits most of the time, and accounts say nothing. */
static bool rack_power_is_short(const struct rack_power *power, const struct capping_totals *totals)
{
	if (rack_power_is_off(power))
		return false;
	return power->settings.mode == CAPPING_GUARANTEED ? totals->short_of : power->over;
}

static void rack_power_tell_short(struct rack_power *power, const struct capping_totals *totals)
{
	int accounted = totals->accounted + totals->unmanaged;

	power->short_told = true;
	log_line(LOG_LINE_WARNING, "power: %d W have to be accounted for, with a budget of %d W",
			accounted, totals->budget);
	rack_power_publish(power, "power.short", RACK_POWER_NONE,
			json_pack("{s:i, s:i}", "accounted", accounted, "budget", totals->budget));
}

/* The last class first, and of it the last one that is on and can be told so. */
static size_t rack_power_least(const struct rack_power *power, int64_t now)
{
	size_t least = RACK_POWER_NONE;

	for (size_t i = 0; i < power->count; i++) {
		const struct rack_power_member *member = &power->members[i];
		struct rack_node_status status;
		struct capping_node node;

		capping_read(power->capping, i, &node);
		rack_nodes_status(power->nodes, member->node, &status);
		rack_node_status_clear(&status);
		if (node.account == CAPPING_ACCOUNT_OFF || status.power == POWER_IS_OFF ||
				now < member->spare_until ||
				(status.state != RACK_NODE_UP &&
						status.state != RACK_NODE_COMMANDS))
			continue;
		if (least == RACK_POWER_NONE ||
				member->settings.class >= power->members[least].settings.class)
			least = i;
	}
	return least;
}

/* One that takes no such word has not to be waited for. */
static void rack_power_told_off(const GError *error, void *data)
{
	struct rack_power *power = data;

	if (!error)
		return;
	log_line(LOG_LINE_WARNING, "power: %s", error->message);
	if (power->dropping != RACK_POWER_NONE && !power->dropping_hard)
		power->dropping_since = rack_power_now(power) - SOFT_MS;
}

static bool rack_power_tell_off(struct rack_power *power, enum power_action action)
{
	struct rack_power_member *member = &power->members[power->dropping];
	g_autoptr(GError) error = NULL;

	member->starting_until = 0;
	if (rack_nodes_act(power->nodes, member->node, action, rack_power_told_off, power, &error))
		return true;
	log_line(LOG_LINE_WARNING, "power: %s", error->message);
	return false;
}

static void rack_power_begin_drop(struct rack_power *power, int64_t now)
{
	power->dropping = rack_power_least(power, now);
	if (power->dropping == RACK_POWER_NONE)
		return;
	power->dropping_since = now;
	power->dropping_hard = false;
	log_line(LOG_LINE_WARNING,
			"power: not even the floors fit into the budget: node %s is switched off",
			power->members[power->dropping].name);
	rack_power_publish(power, "power.dropped", power->dropping, NULL);
	if (!rack_power_tell_off(power, POWER_SOFT))
		power->dropping_since = now - SOFT_MS;
}

static void rack_power_go_on_dropping(struct rack_power *power, int64_t now)
{
	struct rack_power_member *member = &power->members[power->dropping];

	if (member->off) {
		power->dropping = RACK_POWER_NONE;
		power->short_since = now; /* the others get their time to settle */
	} else if (power->dropping_hard && now - power->dropping_since >= SOFT_MS + HARD_MS) {
		member->spare_until = now + SPARE_MS;
		power->dropping = RACK_POWER_NONE;
	} else if (!power->dropping_hard && now - power->dropping_since >= SOFT_MS) {
		power->dropping_hard = true;
		rack_power_tell_off(power, POWER_OFF);
	}
}

void rack_power_drop(struct rack_power *power, int64_t now)
{
	struct capping_totals totals;

	capping_sum(power->capping, &totals);
	if (!rack_power_is_short(power, &totals)) {
		power->short_since = -1;
		power->short_told = false;
		power->dropping = RACK_POWER_NONE;
		return;
	}
	if (power->short_since < 0)
		power->short_since = now;
	if (!power->short_told && now - power->short_since >= TELL_MS)
		rack_power_tell_short(power, &totals);
	if (power->dropping != RACK_POWER_NONE)
		rack_power_go_on_dropping(power, now);
	else if (power->config->drop && now - power->short_since >= DROP_MS &&
			totals.floors + totals.unmanaged > totals.budget)
		rack_power_begin_drop(power, now);
}
