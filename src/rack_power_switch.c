/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nodes that are switched on need watts, for which others may have to be limited first. */
#include "src/rack_power_part.h"

#define WAIT_MS  60000 /* for watts */
#define START_MS 60000 /* that a node may be seen off after it was told to switch on */

struct rack_power_wait {
	size_t member;
	enum power_action action;
	rack_node_fn done;
	void *data;
	int64_t since;
};

static void rack_power_end(struct rack_power_wait *wait, const GError *error)
{
	if (wait->done)
		wait->done(error, wait->data);
	g_free(wait);
}

static void rack_power_refuse(
		struct rack_power *power, struct rack_power_wait *wait, const char *why)
{
	g_autoptr(GError) error = g_error_new(POWER_ERROR, POWER_ERROR_STATE, "node %s: %s",
			power->members[wait->member].name, why);

	capping_power_off(power->capping, wait->member);
	rack_power_end(wait, error);
}

static struct rack_power_wait *rack_power_waiting(const struct rack_power *power, size_t member)
{
	for (GList *link = power->waiting.head; link; link = link->next) {
		struct rack_power_wait *wait = link->data;

		if (wait->member == member)
			return wait;
	}
	return NULL;
}

bool rack_power_is_waiting(const struct rack_power *power, size_t member)
{
	return rack_power_waiting(power, member) != NULL;
}

static void rack_power_give_up_all(struct rack_power *power)
{
	struct rack_power_wait *wait;

	while ((wait = g_queue_pop_head(&power->given_up))) {
		g_autoptr(GError) error = g_error_new_literal(POWER_ERROR, POWER_ERROR_STATE,
				"the node was told to be off meanwhile");

		rack_power_end(wait, error);
	}
}

static gboolean rack_power_give_up(gpointer data)
{
	struct rack_power *power = data;

	power->giving_up = 0;
	rack_power_give_up_all(power);
	return G_SOURCE_REMOVE;
}

void rack_power_refuse_all(struct rack_power *power, const char *why)
{
	struct rack_power_wait *wait;

	while ((wait = g_queue_pop_head(&power->waiting)))
		rack_power_refuse(power, wait, why);
	if (power->giving_up)
		g_source_remove(power->giving_up);
	power->giving_up = 0;
	rack_power_give_up_all(power);
}

void rack_power_renumber_waiting(struct rack_power *power, const size_t *to)
{
	GQueue waiting = power->waiting;
	struct rack_power_wait *wait;

	g_queue_init(&power->waiting);
	while ((wait = g_queue_pop_head(&waiting))) {
		g_autoptr(GError) error = NULL;

		wait->member = to[wait->member];
		if (wait->member != RACK_POWER_NONE) {
			g_queue_push_tail(&power->waiting, wait);
			continue;
		}
		g_set_error_literal(&error, POWER_ERROR, POWER_ERROR_STATE,
				"the node is not in the budget any more");
		rack_power_end(wait, error);
	}
}

/* --- Watts --- */

static void rack_power_do(struct rack_power *power, struct rack_power_wait *wait, int64_t now)
{
	struct rack_power_member *member = &power->members[wait->member];
	g_autoptr(GError) error = NULL;

	member->starting_until = now + START_MS;
	if (rack_nodes_act(power->nodes, member->node, wait->action, wait->done, wait->data,
			    &error)) {
		g_free(wait);
		return;
	}
	member->starting_until = 0;
	capping_power_off(power->capping, wait->member);
	rack_power_end(wait, error);
}

static int rack_power_missing(const struct rack_power *power, size_t i)
{
	const struct capping_node_settings *settings = &power->members[i].settings;
	struct capping_totals totals;

	capping_sum(power->capping, &totals);
	return totals.floors + totals.unmanaged +
	       (settings->boot ? settings->boot : settings->ceiling) - totals.budget;
}

static void rack_power_say_refused(
		struct rack_power *power, struct rack_power_wait *wait, const char *why)
{
	log_line(LOG_LINE_WARNING, "power: node %s: %s", power->members[wait->member].name, why);
	rack_power_publish(power, "power.refused", wait->member, json_pack("{s:s}", "why", why));
	rack_power_refuse(power, wait, why);
}

static void rack_power_does_not_fit(struct rack_power *power, struct rack_power_wait *wait)
{
	int missing = rack_power_missing(power, wait->member);
	g_autofree char *why = NULL;

	if (missing > 0)
		why = g_strdup_printf("%d W are missing to switch it on, with every other node at "
				      "its floor",
				missing);
	else
		why = g_strdup("other nodes that are to be switched on wait for the watts that it "
			       "needs");
	rack_power_say_refused(power, wait, why);
}

/* Those who are told may ask for more: each is taken out of the queue first. */
void rack_power_ask(struct rack_power *power, int64_t now)
{
	for (guint i = 0, count = g_queue_get_length(&power->waiting); i < count; i++) {
		struct rack_power_wait *wait = g_queue_pop_head(&power->waiting);

		if (!wait)
			return;
		switch (capping_power_on(power->capping, wait->member, now)) {
		case CAPPING_POWER_NOW:
			rack_power_do(power, wait, now);
			break;
		case CAPPING_POWER_REFUSED:
			rack_power_does_not_fit(power, wait);
			break;
		case CAPPING_POWER_WAIT:
			if (now - wait->since >= WAIT_MS)
				rack_power_say_refused(power, wait,
						"other nodes did not give up the watts that it "
						"needs in 60 s");
			else
				g_queue_push_tail(&power->waiting, wait);
			break;
		}
	}
}

/* --- Acting --- */

static bool rack_power_is_up(const struct rack_power *power, size_t node)
{
	struct rack_node_status status;

	rack_nodes_status(power->nodes, node, &status);
	rack_node_status_clear(&status);
	return status.power == POWER_IS_ON;
}

static bool rack_power_wait(struct rack_power *power, size_t i, enum power_action action,
		rack_node_fn done, void *data, GError **error)
{
	struct rack_power_wait *wait;

	if (rack_power_waiting(power, i)) {
		g_set_error(error, POWER_ERROR, POWER_ERROR_STATE,
				"node %s: it waits already for watts to be switched on",
				power->members[i].name);
		return false;
	}
	wait = g_new(struct rack_power_wait, 1);
	*wait = (struct rack_power_wait){i, action, done, data, rack_power_now(power)};
	g_queue_push_tail(&power->waiting, wait);
	rack_power_soon(power);
	return true;
}

/* What was about to be switched on shall be off: nobody waits for its watts any more. */
static void rack_power_cancel(struct rack_power *power, size_t i)
{
	struct rack_power_wait *wait = rack_power_waiting(power, i);

	/* One that was told to cycle may be off on its way, and comes up whatever it is told now.
	 */
	capping_power_off(power->capping, i);
	if (!wait)
		return;
	g_queue_remove(&power->waiting, wait);
	g_queue_push_tail(&power->given_up, wait);
	if (!power->giving_up)
		power->giving_up = g_timeout_add(0, rack_power_give_up, power);
}

bool rack_power_act(struct rack_power *power, size_t node, enum power_action action,
		rack_node_fn done, void *data, GError **error)
{
	size_t i = rack_power_member(power, node);
	bool on = action != POWER_OFF && action != POWER_SOFT;

	if (i == RACK_POWER_NONE)
		return rack_nodes_act(power->nodes, node, action, done, data, error);
	if (on && !rack_power_is_up(power, node))
		return rack_power_wait(power, i, action, done, data, error);
	if (!on)
		rack_power_cancel(power, i);
	if (!rack_nodes_act(power->nodes, node, action, done, data, error))
		return false;
	if (on)
		power->members[i].starting_until = rack_power_now(power) + START_MS;
	return true;
}
