/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bmc_poller.h"

int64_t poller_now(void)
{
	return g_get_monotonic_time() / 1000;
}

static void poller_learn(struct poller_node *node)
{
	struct bmc_event event;

	while (bmc_event(node->bmc, &event)) {
		switch (event.kind) {
		case BMC_IDENTITY:
			node->others += node->known++ > 0 && event.another;
			break;
		case BMC_SENSORS:
			node->told = true;
			node->sensors = bmc_sensors(node->bmc);
			break;
		case BMC_READING:
			node->readings++;
			break;
		case BMC_POWER:
			if (event.known) {
				node->power = event.taken;
				node->readings++;
			}
			break;
		default:
			break;
		}
	}
}

static gboolean poller_late(gpointer data);

static void poller_turn(struct poller_node *node)
{
	int64_t now = poller_now(), deadline;
	struct session_request request;

	poller_learn(node);
	if (node->up && bmc_next(node->bmc, now, &request) && !link_ask(node->link, &request)) {
		bmc_failed(node->bmc, now);
		poller_learn(node);
	}
	if (node->timer)
		g_source_remove(node->timer);
	node->timer = 0;
	deadline = node->up ? bmc_deadline(node->bmc) : -1;
	if (deadline >= 0)
		node->timer = g_timeout_add(
				deadline > now ? (guint)(deadline - now) : 0, poller_late, node);
}

static gboolean poller_late(gpointer data)
{
	struct poller_node *node = data;

	node->timer = 0;
	poller_turn(node);
	return G_SOURCE_REMOVE;
}

static void poller_told(struct link *link, const struct link_event *event, void *data)
{
	struct poller_node *node = data;
	int64_t now = poller_now();

	(void)link;
	switch (event->kind) {
	case LINK_UP:
		node->up = true;
		node->down = 0;
		bmc_up(node->bmc, now, event->guid);
		break;
	case LINK_DOWN:
		if (node->up)
			node->downs++;
		if (!node->down)
			node->down = now;
		node->up = false;
		bmc_down(node->bmc, now);
		break;
	case LINK_ANSWER:
		node->failed = 0;
		bmc_answer(node->bmc, now, event->code, event->bytes, event->size);
		break;
	case LINK_FAILED:
		node->failures++;
		if (!node->failed)
			node->failed = now;
		bmc_failed(node->bmc, now);
		break;
	}
	poller_turn(node);
}

struct poller *poller_new(const struct poller_settings *settings, GError **error)
{
	const struct session_settings session = {
			.suite = settings->suite == 3 ? RMCP_SUITE_3 : RMCP_SUITE_17,
			.privilege = SESSION_ADMINISTRATOR,
			.name = "admin",
			.password = "secret"};
	struct poller *poller = g_malloc0(
			sizeof(*poller) + (size_t)settings->nodes * sizeof(poller->nodes[0]));

	poller->rule = (struct bmc_rule){
			.pattern = "*", .every_ms = settings->sensors_ms, .ttl_ms = 60000};
	poller->settings = (struct bmc_settings){
			.rules = &poller->rule, .rule_count = 1, .power_ms = settings->power_ms};
	poller->count = settings->nodes;
	for (int i = 0; i < poller->count; i++) {
		struct poller_node *node = &poller->nodes[i];

		node->poller = poller;
		node->bmc = bmc_new(&poller->settings);
		g_assert_nonnull(node->bmc);
		node->link = link_udp_new("127.0.0.1", (uint16_t)(settings->port + i), &session,
				poller_told, node, error);
		if (!node->link) {
			poller_free(poller);
			return NULL;
		}
	}
	return poller;
}

void poller_free(struct poller *poller)
{
	if (!poller)
		return;
	for (int i = 0; i < poller->count; i++) {
		link_free(poller->nodes[i].link);
		bmc_free(poller->nodes[i].bmc);
		if (poller->nodes[i].timer)
			g_source_remove(poller->nodes[i].timer);
	}
	g_free(poller);
}

bool poller_ready(const struct poller *poller)
{
	for (int i = 0; i < poller->count; i++)
		if (!poller->nodes[i].up || !poller->nodes[i].told || !poller->nodes[i].power)
			return false;
	return true;
}

unsigned int poller_asked(const struct poller *poller)
{
	unsigned int sum = 0;

	for (int i = 0; i < poller->count; i++)
		sum += bmc_asked(poller->nodes[i].bmc);
	return sum;
}
