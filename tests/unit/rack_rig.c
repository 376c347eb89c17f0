/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/rack_rig.h"
#include <string.h>
#include "rack/presence.h"

gboolean rig_late(gpointer data)
{
	g_error("waited for too long: %s", (const char *)data);
	return G_SOURCE_REMOVE;
}

static gboolean rig_turned(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

void rig_turn(struct rig *rig, int64_t ms)
{
	bool over = false;

	g_timeout_add(rack_clock_real(&rig->clock, ms), rig_turned, &over);
	while (!over)
		g_main_context_iteration(NULL, TRUE);
}

/* --- Slots: in the place of the kernel's lines --- */

struct presence {
	char *spec;
	presence_fn told;
	void *data;
};

static struct presence *rig_presence; /* one at a time */
static bool rig_slot_empty;

struct presence *presence_new(const char *spec, presence_fn told, void *data, GError **error)
{
	g_assert_null(rig_presence);
	(void)error;
	rig_presence = g_new(struct presence, 1);
	*rig_presence = (struct presence){g_strdup(spec), told, data};
	return rig_presence;
}

void presence_free(struct presence *presence)
{
	if (!presence)
		return;
	rig_presence = NULL;
	g_free(presence->spec);
	g_free(presence);
}

bool presence_parse(const char *spec, struct presence_line *out, GError **error)
{
	(void)spec;
	(void)out;
	(void)error;
	return true;
}

void rig_slot(const char *spec, bool present)
{
	g_assert_nonnull(rig_presence);
	g_assert_cmpstr(rig_presence->spec, ==, spec);
	rig_slot_empty = !present;
	rig_presence->told(present, NULL, rig_presence->data);
}

/* --- Links --- */

static void rig_link_tell(struct rig_link *link, const struct link_event *event)
{
	link->told(&link->link, event, link->data);
}

static gboolean rig_link_answers(gpointer data)
{
	struct rig_link *link = data;
	struct rig *rig = link->rig;
	const struct session_request *request = &link->request;
	uint8_t answer[SIM_BMC_ANSWER_MAX];
	struct link_event event = {.kind = LINK_ANSWER};
	size_t size;

	link->answer = 0;
	if (rig->hung[link->node])
		return G_SOURCE_REMOVE;
	link->asked = false;
	if (rig->refuse_command && rig->refuse == request->netfn &&
			rig->refuse_command == request->command) {
		event.code = 0xd5; /* not in this state, table 5-2 */
	} else {
		size = sim_bmc_ask(rig->bmcs[link->node], request->netfn, request->command,
				request->data, request->length, answer);
		event.code = answer[0];
		event.bytes = answer + 1;
		event.size = size - 1;
	}
	rig_link_tell(link, &event);
	return G_SOURCE_REMOVE;
}

static gboolean rig_link_fails(gpointer data)
{
	struct rig_link *link = data;
	const struct link_event event = {.kind = LINK_FAILED};

	link->answer = 0;
	link->asked = false;
	rig_link_tell(link, &event);
	return G_SOURCE_REMOVE;
}

static bool rig_link_ask(struct link *base, const struct session_request *request)
{
	struct rig_link *link = (struct rig_link *)base;

	if (!link->up || link->asked)
		return false;
	link->rig->asked[link->node]++;
	link->asked = true;
	link->request = *request;
	memcpy(link->bytes, request->data, request->length);
	link->request.data = link->bytes;
	if (link->rig->mute[link->node])
		link->answer = g_timeout_add(rack_clock_real(&link->rig->clock, RIG_MUTE_MS),
				rig_link_fails, link);
	else
		link->answer = g_idle_add_full(G_PRIORITY_DEFAULT, rig_link_answers, link, NULL);
	return true;
}

static void rig_link_free(struct link *base)
{
	struct rig_link *link = (struct rig_link *)base;

	if (link->answer)
		g_source_remove(link->answer);
	link->rig->links[link->node] = NULL;
	g_free(link);
}

static const struct link_kind rig_link_kind = {rig_link_ask, rig_link_free};

static gboolean rig_link_comes_up(gpointer data)
{
	struct rig_link *link = data;
	const struct link_event event = {.kind = LINK_UP,
			.guid = sim_bmc_guid(link->rig->bmcs[link->node]),
			.old = link->rig->old[link->node]};

	link->answer = 0;
	link->up = true;
	rig_link_tell(link, &event);
	return G_SOURCE_REMOVE;
}

void rig_heal(struct rig *rig, size_t node)
{
	struct rig_link *link = rig->links[node];

	rig->hung[node] = rig->mute[node] = rig->away[node] = false;
	if (link && !link->up && !link->answer)
		link->answer = g_idle_add_full(G_PRIORITY_DEFAULT, rig_link_comes_up, link, NULL);
	else if (link && link->asked && !link->answer)
		link->answer = g_idle_add_full(G_PRIORITY_DEFAULT, rig_link_answers, link, NULL);
}

void rig_cut(struct rig *rig, size_t node, bool refused, const char *why)
{
	struct rig_link *link = rig->links[node];
	const struct link_event failed = {.kind = LINK_FAILED};
	const struct link_event down = {.kind = LINK_DOWN, .why = why, .refused = refused};

	rig->away[node] = true;
	if (link->answer)
		g_source_remove(link->answer);
	link->answer = 0;
	link->up = false;
	if (link->asked) {
		link->asked = false;
		rig_link_tell(link, &failed);
	}
	rig_link_tell(link, &down);
}

/* "n2" is behind the BMC with the number 2; one called "none" has none. */
static struct link *rig_link(void *data, const struct rack_config_node *config, link_fn told,
		void *tag, GError **error)
{
	struct rig *rig = data;
	struct rig_link *link;

	if (!config->address)
		return NULL;
	if (rig->none[g_ascii_strtoull(config->address, NULL, 10)]) {
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "no such interface");
		return NULL;
	}
	link = g_new0(struct rig_link, 1);
	link->link.kind = &rig_link_kind;
	link->rig = rig;
	link->node = (size_t)g_ascii_strtoull(config->address, NULL, 10);
	link->told = told;
	link->data = tag;
	g_assert_null(rig->links[link->node]);
	rig->links[link->node] = link;
	rig->opened++;
	if (!rig->away[link->node])
		link->answer = g_idle_add_full(G_PRIORITY_DEFAULT, rig_link_comes_up, link, NULL);
	return &link->link;
}

/* --- What is heard --- */

static void rig_event(const struct event *event, void *data)
{
	struct rig *rig = data;
	const char *node = json_string_value(json_object_get(event->data, "node"));

	g_string_append_printf(
			rig->said, "%s%s%s; ", event->type, node ? " " : "", node ? node : "");
	json_decref(rig->last);
	rig->last = json_deep_copy(event->data);
}

char *rig_said(struct rig *rig)
{
	char *said = g_strdup(rig->said->str);

	g_string_truncate(rig->said, 0);
	return said;
}

bool rig_has_said(const struct rig *rig, const char *words)
{
	return strstr(rig->said->str, words) != NULL;
}

enum rack_node_state rig_state(const struct rack_nodes *nodes, size_t node)
{
	struct rack_node_status status;

	rack_nodes_status(nodes, node, &status);
	rack_node_status_clear(&status);
	return status.state;
}

/* --- Coming and going --- */

static gboolean rig_pass(gpointer data)
{
	struct rig *rig = data;
	int64_t now = rack_clock_now(&rig->clock);

	for (; rig->passed < now; rig->passed += 50) {
		plant_pass(rig->plant, 50);
		for (size_t i = 0; i < RIG_NODES; i++)
			sim_bmc_pass(rig->bmcs[i], 50, rig->inlet);
	}
	return G_SOURCE_CONTINUE;
}

static void rig_configure(struct rig *rig)
{
	static const char *const names[] = {"n0", "n1", "n2", "n3", "n4"};
	static const char *const addresses[] = {"0", "1", "2", "3", "4"};

	rig->rule = (struct bmc_rule){"*", 2000, 20000};
	rig->plan.name = (char *)"default";
	rig->plan.rules = &rig->rule;
	rig->plan.settings = (struct bmc_settings){
			.rules = &rig->rule,
			.rule_count = 1,
			.power_ms = 1000,
			.limit_ms = 10000,
			.chassis_ms = 2000,
			.log_ms = 10000,
			.identity_ms = 5000,
	};
	for (size_t i = 0; i < RIG_NODES; i++) {
		rig->nodes[i].name = (char *)names[i];
		rig->nodes[i].address = (char *)addresses[i];
		rig->nodes[i].capped = true;
		rig->nodes[i].capping = (struct capping_node_settings){
				.floor = RIG_FLOOR, .ceiling = RIG_CEILING, .class = i == 3};
	}
	rig->config.nodes = rig->nodes;
	rig->config.node_count = RIG_NODES;
	rig->config.plans = &rig->plan;
	rig->config.plan_count = 1;
}

void rig_open(struct rig *rig, double speed, int load)
{
	const struct plant_settings plant = {
			.nodes = RIG_NODES, .seed = 5, .idle = load / 2, .peak = load};

	*rig = (struct rig){.clock = {speed}, .inlet = 24};
	rig->world = (struct rack_world){.clock = rig->clock, .link = rig_link, .data = rig};
	rig_configure(rig);
	rig->plant = plant_new(&plant);
	for (size_t i = 0; i < RIG_NODES; i++)
		rig->bmcs[i] = sim_bmc_new(rig->plant, i, (uint32_t)(100 + i));
	rig->passed = rack_clock_now(&rig->clock);
	rig->pass = g_timeout_add(5, rig_pass, rig);
	rig->readings = readings_new(256);
	rig->events = events_new(64);
	rig->said = g_string_new(NULL);
	events_listen(rig->events, UINT64_MAX, rig_event, rig);
}

void rig_close(struct rig *rig)
{
	g_source_remove(rig->pass);
	for (size_t i = 0; i < RIG_NODES; i++) {
		g_assert_null(rig->links[i]);
		sim_bmc_free(rig->bmcs[i]);
	}
	plant_free(rig->plant);
	events_free(rig->events);
	readings_free(rig->readings);
	g_string_free(rig->said, TRUE);
	json_decref(rig->last);
}
