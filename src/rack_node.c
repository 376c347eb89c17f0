/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rack/presence.h"
#include "src/rack_node_part.h"

#define REST_MS 1000 /* a link that took no request */

#define CONNECT_MS 10000 /* until one that cannot be had is tried again */

void rack_node_publish(struct rack_node *node, const char *type, json_t *data)
{
	if (!data)
		data = json_object();
	json_object_set_new(data, "node", json_string(node->setup.node.name));
	events_publish(node->rack->events, type, data);
}

void rack_node_flush(struct rack_node *node, const char *type, json_t *data)
{
	const struct rack_nodes_watcher *watcher = &node->rack->watcher;

	node->generation = readings_flush(node->rack->readings, node->setup.node.name);
	rack_node_forget(node);
	if (watcher->replaced)
		watcher->replaced(node->number, watcher->data);
	rack_node_publish(node, type, data);
}

/* --- States --- */

static void rack_node_say(const struct rack_node *node)
{
	const char *name = node->setup.node.name;

	switch (node->state) {
	case RACK_NODE_UP:
		log_line(LOG_LINE_NOTICE, "node %s: its BMC answers", name);
		break;
	case RACK_NODE_LOST:
		log_line(LOG_LINE_WARNING, "node %s: lost: %s; trying on", name, node->why);
		break;
	case RACK_NODE_REFUSED:
		log_line(LOG_LINE_WARNING, "node %s: its BMC does not let us in: %s; trying on",
				name, node->why);
		break;
	case RACK_NODE_ABSENT:
		log_line(LOG_LINE_NOTICE, "node %s: its place is empty", name);
		break;
	case RACK_NODE_CONNECTING:
	case RACK_NODE_COMMANDS:
		break;
	}
}

/* Another reason alone is not worth a word. why: copied; NULL: none. */
static void rack_node_enter(struct rack_node *node, enum rack_node_state state, const char *why)
{
	bool other = node->state != state;

	if (g_strcmp0(node->why, why) != 0) {
		g_free(node->why);
		node->why = g_strdup(why);
	}
	if (!other)
		return;
	node->state = state;
	node->since = rack_node_now(node);
	rack_node_say(node);
	if (state == RACK_NODE_UP)
		rack_node_publish(node, "node.up", NULL);
	else if (state == RACK_NODE_LOST || state == RACK_NODE_REFUSED)
		rack_node_publish(node, state == RACK_NODE_LOST ? "node.lost" : "node.refused",
				json_pack("{s:s}", "why", node->why));
}

/* It has answered. */
static void rack_node_heard(struct rack_node *node)
{
	const struct rack_nodes_watcher *watcher = &node->rack->watcher;

	if (!node->met && watcher->replaced)
		watcher->replaced(node->number, watcher->data);
	node->met = true;
	node->lost = node->missed = false;
	g_clear_pointer(&node->quiet_why, g_free);
	rack_node_enter(node, RACK_NODE_UP, NULL);
}

/*
 * It does not answer. Some BMCs start anew when the node is switched, which is nothing to call
 * anybody for; but whoever counts watts has to know.
 */
static void rack_node_silent(struct rack_node *node, bool refused, const char *why)
{
	const struct rack_nodes_watcher *watcher = &node->rack->watcher;

	if (!node->lost && watcher->lost)
		watcher->lost(node->number, watcher->data);
	node->lost = true;
	if (!refused && node->state == RACK_NODE_UP && rack_node_now(node) < node->quiet_until) {
		g_free(node->quiet_why);
		node->quiet_why = g_strdup(why);
	} else {
		g_clear_pointer(&node->quiet_why, g_free);
		rack_node_enter(node, refused ? RACK_NODE_REFUSED : RACK_NODE_LOST, why);
	}
}

/* Ways to a BMC have their own patience, of which an operator does not want to know. On a clock
 * that runs fast this process itself may be what is late. */
static int64_t rack_node_patience(const struct rack_node *node)
{
	double speed = node->rack->world->clock.speed;

	return (int64_t)(RACK_NODE_SILENT_MS * (speed > 1 ? speed : 1));
}

static bool rack_node_waits(const struct rack_node *node)
{
	return (node->asking || node->missed || !node->up) && !node->lost;
}

static void rack_node_watch(struct rack_node *node)
{
	int64_t now = rack_node_now(node);
	g_autofree char *why = NULL;

	if (rack_node_waits(node) && now >= node->asked_at + rack_node_patience(node))
		rack_node_silent(node, false, "it does not answer");
	if (!node->quiet_why || now < node->quiet_until)
		return;
	why = g_steal_pointer(&node->quiet_why);
	rack_node_enter(node, RACK_NODE_LOST, why);
}

/* --- Asking --- */

static void rack_node_run(struct rack_node *node);
static void rack_node_connect(struct rack_node *node);

static gboolean rack_node_timer(gpointer data)
{
	struct rack_node *node = data;

	node->timer = 0;
	if (node->link)
		rack_node_run(node);
	else
		rack_node_connect(node);
	return G_SOURCE_REMOVE;
}

static int64_t rack_node_deadline(const struct rack_node *node)
{
	int64_t deadline = INT64_MAX;

	if (node->up && !node->asking) {
		int64_t next = bmc_deadline(node->bmc);

		if (next >= 0)
			deadline = MAX(next, node->rest_until);
	}
	if (rack_node_waits(node))
		deadline = MIN(deadline, node->asked_at + rack_node_patience(node));
	if (node->quiet_why)
		deadline = MIN(deadline, node->quiet_until);
	return deadline;
}

static void rack_node_arm(struct rack_node *node, int64_t deadline)
{
	int64_t now = rack_node_now(node);

	if (node->timer)
		g_source_remove(node->timer);
	node->timer = 0;
	if (deadline == INT64_MAX)
		return;
	node->timer = g_timeout_add(rack_clock_real(&node->rack->world->clock,
						    deadline > now ? deadline - now : 0),
			rack_node_timer, node);
}

void rack_node_soon(struct rack_node *node)
{
	if (node->bmc && !node->running)
		rack_node_arm(node, 0);
}

static void rack_node_hear_all(struct rack_node *node)
{
	struct bmc_event event;

	while (bmc_event(node->bmc, &event))
		rack_node_hear(node, &event);
}

static void rack_node_ask(struct rack_node *node)
{
	struct session_request request;
	int64_t now = rack_node_now(node);

	if (!node->up || node->asking || now < node->rest_until ||
			!bmc_next(node->bmc, now, &request))
		return;
	node->requests++;
	node->asking = true;
	if (!node->missed)
		node->asked_at = now;
	node->asked_of = node->generation;
	if (link_ask(node->link, &request))
		return;
	node->asking = false;
	node->failures++;
	node->rest_until = now + REST_MS;
	bmc_failed(node->bmc, now);
}

/* Those who are told may order something; that is taken up here, and not from within. */
static void rack_node_run(struct rack_node *node)
{
	if (node->running || !node->bmc)
		return;
	node->running = true;
	rack_node_hear_all(node);
	rack_node_ask(node);
	rack_node_hear_all(node);
	rack_node_watch(node);
	node->running = false;
	rack_node_arm(node, rack_node_deadline(node));
}

/* Once, and again only after it was otherwise. */
static void rack_node_is_old(struct rack_node *node, bool old)
{
	if (old && !node->old)
		log_line(LOG_LINE_WARNING,
				"node %s: its BMC speaks IPMI 1.5 alone: what is said to it is signed by MD5, and not encrypted",
				node->setup.node.name);
	node->old = old;
}

static void rack_node_told(struct link *link, const struct link_event *event, void *data)
{
	struct rack_node *node = data;
	int64_t now = rack_node_now(node);

	(void)link;
	switch (event->kind) {
	case LINK_UP:
		node->up = true;
		node->rest_until = 0; /* it took none while it went down */
		if (node->links == 0)
			node->logged_at = now;
		node->asking = false;
		node->links++;
		rack_node_is_old(node, event->old);
		bmc_up(node->bmc, now, event->guid);
		rack_node_heard(node);
		break;
	case LINK_DOWN:
		node->up = node->asking = false;
		if (!node->missed)
			node->asked_at = now;
		bmc_down(node->bmc, now);
		rack_node_silent(node, event->refused, event->why ? event->why : "no answer");
		break;
	case LINK_ANSWER:
		node->asking = false;
		rack_node_heard(node);
		bmc_answer(node->bmc, now, event->code, event->bytes, event->size);
		break;
	case LINK_FAILED:
		node->asking = false;
		node->missed = true;
		node->failures++;
		bmc_failed(node->bmc, now);
		break;
	}
	rack_node_run(node);
}

/* --- Coming and going --- */

static void rack_node_disconnect(struct rack_node *node, const char *why)
{
	rack_node_refuse_all(node, why);
	link_free(g_steal_pointer(&node->link));
	bmc_free(g_steal_pointer(&node->bmc));
	node->up = node->asking = node->missed = node->lost = node->renewed = false;
	g_clear_pointer(&node->quiet_why, g_free);
	if (node->timer)
		g_source_remove(node->timer);
	node->timer = 0;
}

static void rack_node_connect(struct rack_node *node)
{
	const struct rack_world *world = node->rack->world;
	g_autoptr(GError) error = NULL;

	node->asked_at = rack_node_now(node);
	node->link = world->link(world->data, &node->setup.node, rack_node_told, node, &error);
	if (!node->link) {
		rack_node_enter(node, error ? RACK_NODE_LOST : RACK_NODE_COMMANDS,
				error ? error->message : NULL);
		/* Its network interface may come later. */
		if (error)
			rack_node_arm(node, rack_node_now(node) + CONNECT_MS);
		return;
	}
	rack_node_enter(node, RACK_NODE_CONNECTING, NULL);
	node->bmc = bmc_new(&node->setup.bmc);
	if (!node->bmc)
		g_error("memory is short");
	rack_node_run(node);
}

/* A contact that tells nothing is no reason to give a node up: it counts as present. */
static void rack_node_present(bool present, const char *why, void *data)
{
	struct rack_node *node = data;
	const struct rack_nodes_watcher *watcher = &node->rack->watcher;

	if (why)
		log_line(LOG_LINE_WARNING, "node %s: whether it is there is not known: %s",
				node->setup.node.name, why);
	if (present == (node->state != RACK_NODE_ABSENT))
		return;
	if (present) {
		log_line(LOG_LINE_NOTICE, "node %s: a machine is in its place",
				node->setup.node.name);
		rack_node_flush(node, "node.added", NULL);
		rack_node_connect(node);
		return;
	}
	rack_node_disconnect(node, "its place is empty");
	rack_node_enter(node, RACK_NODE_ABSENT, NULL);
	rack_node_flush(node, "node.absent", NULL);
	if (watcher->power)
		watcher->power(node->number, false, watcher->data);
}

static void rack_node_look(struct rack_node *node)
{
	const char *spec = node->setup.node.presence;
	g_autoptr(GError) error = NULL;

	if (!spec)
		return;
	node->presence = presence_new(spec, rack_node_present, node, &error);
	if (!node->presence)
		log_line(LOG_LINE_WARNING, "node %s: %s", node->setup.node.name, error->message);
}

static void rack_node_command_told(enum power_state state, void *data)
{
	struct rack_node *node = data;

	if (state != POWER_UNKNOWN)
		rack_node_is_on(node, state == POWER_IS_ON);
	else if (!node->bmc)
		node->is = POWER_UNKNOWN;
}

struct rack_node *rack_node_new(const struct rack_node_rack *rack, size_t number,
		const struct rack_config_node *config, const struct rack_config_plan *plan)
{
	struct rack_node *node = g_new0(struct rack_node, 1);
	struct power_owner owner = {.changed = rack_node_command_told, .data = node};

	node->rack = rack;
	node->number = number;
	rack_node_setup_copy(&node->setup, config, plan);
	node->watts = -1;
	node->state = RACK_NODE_CONNECTING;
	node->since = rack_node_now(node);
	g_queue_init(&node->orders);
	node->names = g_hash_table_new(g_str_hash, g_str_equal);
	node->sensors = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	rack_node_forget(node);
	node->generation = readings_add(rack->readings, node->setup.node.name);
	node->title = g_strdup_printf("node %s", config->name);
	owner.name = node->title;
	node->power = power_new(&node->setup.node.power, &owner);
	rack_node_connect(node);
	rack_node_look(node);
	return node;
}

const char *rack_node_name(const struct rack_node *node)
{
	return node->setup.node.name;
}

bool rack_node_is(const struct rack_node *node, const struct rack_config_node *config,
		const struct rack_config_plan *plan)
{
	return rack_node_setup_is(&node->setup, config, plan);
}

void rack_node_renumber(struct rack_node *node, size_t number)
{
	node->number = number;
}

void rack_node_replaced(struct rack_node *node)
{
	log_line(LOG_LINE_NOTICE, "node %s: an operator says that it was replaced",
			node->setup.node.name);
	rack_node_flush(node, "node.replaced", NULL);
	node->renewed = node->bmc != NULL;
	if (node->bmc)
		bmc_renew(node->bmc, rack_node_now(node));
	rack_node_soon(node);
}

void rack_node_status(const struct rack_node *node, struct rack_node_status *out)
{
	*out = (struct rack_node_status){
			.name = node->setup.node.name,
			.state = node->state,
			.why = g_strdup(node->why),
			.since = node->since,
			.power = node->is,
			.has_guid = node->has_guid,
			.manufacturer = node->manufacturer,
			.product = node->product,
			.firmware = {node->firmware[0], node->firmware[1]},
			.generation = node->generation,
			.sensors = node->bmc ? bmc_sensors(node->bmc) : 0,
			.watts = node->watts,
			.watts_age = node->watts < 0 ? 0 : rack_node_now(node) - node->watts_taken,
			.requests = node->requests,
			.failures = node->failures,
			.links = node->links,
	};
	memcpy(out->guid, node->guid, sizeof(out->guid));
}

void rack_node_free(struct rack_node *node)
{
	if (!node)
		return;
	presence_free(node->presence);
	rack_node_disconnect(node, "the node is not ours any more");
	power_free(node->power);
	g_hash_table_unref(node->sensors);
	g_hash_table_unref(node->names);
	g_free(node->why);
	g_free(node->title);
	rack_node_setup_clear(&node->setup);
	g_free(node);
}
