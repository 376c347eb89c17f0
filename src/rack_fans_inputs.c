/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rack/pattern.h"
#include "src/rack_fans_inputs.h"

#define RACK_FANS_LOOK_MS    500 /* between looks at all readings: those of BMCs come more rarely */
#define RACK_FANS_TIMEOUT_MS 5000 /* as fan_zone has it */
#define RACK_FANS_NO_LIMIT   1e9
#define RACK_FANS_POWER      "POWER" /* of a node, among its readings; see rack_node_read.c */

/* What all that match say. */
struct rack_fans_view {
	bool any, broken, range;
	bool warm, cold; /* there are nodes, or is this board, that have to be heard; that have not
			  */
	bool good;       /* there is a hottest */
	double hottest;
	int64_t newest, oldest; /* when they were read; the newest of the good ones */
};

static int64_t rack_fans_timeout(const struct rack_fans_input *input)
{
	int timeout = input->config->settings.timeout_ms;

	return timeout ? timeout : RACK_FANS_TIMEOUT_MS;
}

/* What was read last, of all that count. */
static void rack_fans_count(struct rack_fans_view *view, int64_t taken)
{
	if (!view->any || taken < view->oldest)
		view->oldest = taken;
	view->any = true;
}

static bool rack_fans_sound(
		const struct rack_fans_input *input, const struct readings_record *record)
{
	const struct fan_input_settings *settings = &input->config->settings;

	return record->state != READINGS_BROKEN && record->state != READINGS_NONE &&
	       record->value.value >= settings->low && record->value.value <= settings->high;
}

static void rack_fans_add(const struct rack_fans_input *input, const struct readings_record *record,
		bool warm, int64_t now, struct rack_fans_view *view)
{
	bool sound = rack_fans_sound(input, record), late = record->age > rack_fans_timeout(input);
	int64_t taken = now - record->age;
	double value = record->value.value;

	if (record->state == READINGS_NONE || (!warm && (!sound || late)))
		return;
	rack_fans_count(view, record->age >= 0 ? taken : now);
	if (record->state == READINGS_BROKEN) {
		view->broken = true;
		return;
	}
	if (late)
		return;
	if (!sound) {
		view->range = true;
		return;
	}
	if (!view->good || value > view->hottest)
		view->hottest = value;
	if (!view->good || taken > view->newest)
		view->newest = taken;
	view->good = true;
}

/* --- Nodes --- */

/* Where it stands in the configuration; the count of them: it does not, and may be this board. */
static size_t rack_fans_find_node(const struct rack_fans_nodes *nodes, const char *name)
{
	size_t node = 0;

	while (node < nodes->count && strcmp(nodes->nodes[node].name, name) != 0)
		node++;
	return node;
}

static enum rack_fans_node rack_fans_node_is(const struct rack_fans_nodes *nodes, size_t node)
{
	return node < nodes->count && nodes->is ? nodes->is(node, nodes->data)
						: RACK_FANS_NODE_WARM;
}

/* heard: by node, whether any sensor of it is known. */
static void rack_fans_look_at_nodes(const struct rack_fans_input *input, const bool *heard,
		int64_t now, struct rack_fans_view *view)
{
	const struct rack_fans_nodes *nodes = input->nodes;

	for (size_t i = 0; i < nodes->count; i++) {
		int64_t since = input->silent_at[i];
		enum rack_fans_node is;

		input->silent_at[i] = -1;
		if (!pattern_match(input->node, nodes->nodes[i].name))
			continue;
		is = rack_fans_node_is(nodes, i);
		view->warm |= is == RACK_FANS_NODE_WARM;
		view->cold |= is == RACK_FANS_NODE_COLD;
		if (is != RACK_FANS_NODE_WARM || heard[i])
			continue;
		input->silent_at[i] = since < 0 ? now : since;
		rack_fans_count(view, input->silent_at[i]);
	}
}

static void rack_fans_look(const struct rack_fans_input *input, const struct readings *readings,
		int64_t now, struct rack_fans_view *view)
{
	const struct rack_fans_nodes *nodes = input->nodes;
	bool *heard = g_new0(bool, nodes->count + 1), wanted = false, warm = false;
	struct readings_cursor cursor = {0};
	struct readings_record record;
	const char *name = NULL;
	size_t node = 0;

	*view = (struct rack_fans_view){0};
	while (readings_next(readings, &cursor, now, &record)) {
		if (record.node != name) {
			name = record.node;
			wanted = pattern_match(input->node, name);
			node = wanted ? rack_fans_find_node(nodes, name) : 0;
			warm = wanted && rack_fans_node_is(nodes, node) == RACK_FANS_NODE_WARM;
		}
		if (!wanted)
			continue;
		/* Its power is no temperature. */
		heard[node] |= strcmp(record.sensor, RACK_FANS_POWER) != 0;
		if (!pattern_match(input->sensor, record.sensor))
			continue;
		view->warm |= node == nodes->count;
		rack_fans_add(input, &record, warm, now, view);
	}
	rack_fans_look_at_nodes(input, heard, now, view);
	g_free(heard);
}

/* --- Telling the zone --- */

static void rack_fans_tell_all(struct rack_fans_input *input, struct fan_zone *zone,
		const struct readings *readings, int64_t now)
{
	struct rack_fans_view view;

	rack_fans_look(input, readings, now, &view);
	if (view.good && view.newest > input->told) {
		input->told = view.newest;
		fan_zone_input(zone, input->index, view.newest, view.hottest);
	}
	if (!view.any && view.cold && !view.warm) {
		fan_zone_idle(zone, input->index, now);
		fan_zone_idle(zone, input->guard, now);
		return;
	}
	if (!view.any)
		return;
	if (view.broken)
		fan_zone_broken(zone, input->guard, now);
	else if (view.range)
		fan_zone_input(zone, input->guard, now, 2 * RACK_FANS_NO_LIMIT);
	else if (view.oldest > input->guarded) {
		input->guarded = view.oldest;
		fan_zone_input(zone, input->guard, view.oldest, 0);
	}
}

static bool rack_fans_is_cold(const struct rack_fans_input *input)
{
	const char *key = input->config->sensor, *slash = strrchr(key, '/');
	g_autofree char *node = g_strndup(key, slash ? (gsize)(slash - key) : 0);

	return rack_fans_node_is(input->nodes, rack_fans_find_node(input->nodes, node)) ==
	       RACK_FANS_NODE_COLD;
}

static void rack_fans_tell_one(struct rack_fans_input *input, struct fan_zone *zone,
		const struct readings *readings, int64_t now)
{
	struct readings_record record;
	bool known = readings_get(readings, input->config->sensor, now, &record);
	int64_t taken;

	if (!known || !rack_fans_sound(input, &record) || record.age > rack_fans_timeout(input)) {
		if (rack_fans_is_cold(input)) {
			fan_zone_idle(zone, input->index, now);
			return;
		}
	}
	if (!known)
		return;
	if (record.state == READINGS_BROKEN) {
		fan_zone_broken(zone, input->index, now);
		return;
	}
	taken = now - record.age;
	if (record.state == READINGS_NONE || record.age < 0 || taken <= input->told)
		return;
	input->told = taken;
	fan_zone_input(zone, input->index, taken, record.value.value);
}

void rack_fans_input_tell(struct rack_fans_input *input, struct fan_zone *zone,
		const struct readings *readings, int64_t now)
{
	if (!input->node) {
		rack_fans_tell_one(input, zone, readings, now);
	} else if (now >= input->due) {
		input->due = now + RACK_FANS_LOOK_MS;
		rack_fans_tell_all(input, zone, readings, now);
	}
}

size_t rack_fans_input_init(struct rack_fans_input *input, const struct rack_config_input *config,
		const struct rack_fans_nodes *nodes, size_t index,
		struct fan_input_settings settings[2])
{
	const char *slash = strrchr(config->sensor, '/');

	*input = (struct rack_fans_input){.config = config,
			.nodes = nodes,
			.index = index,
			.guard = index + 1,
			.told = INT64_MIN,
			.guarded = INT64_MIN};
	settings[0] = config->settings;
	if (!strpbrk(config->sensor, "*?"))
		return 1;
	input->silent_at = g_new(int64_t, nodes->count);
	for (size_t i = 0; i < nodes->count; i++)
		input->silent_at[i] = -1;
	input->node = slash ? g_strndup(config->sensor, (size_t)(slash - config->sensor))
			    : g_strdup("*");
	input->sensor = g_strdup(slash ? slash + 1 : config->sensor);
	settings[1] = (struct fan_input_settings){
			.control = FAN_CONTROL_CURVE,
			.low = -RACK_FANS_NO_LIMIT,
			.high = RACK_FANS_NO_LIMIT,
			.critical = 2 * RACK_FANS_NO_LIMIT,
			.timeout_ms = config->settings.timeout_ms,
			.failsafe = config->settings.failsafe,
	};
	return 2;
}

void rack_fans_input_resume(struct rack_fans_input *input, struct fan_zone *zone,
		const struct rack_fans_input *former, const struct fan_zone *former_zone)
{
	input->told = former->told;
	fan_zone_resume_input(zone, input->index, former_zone, former->index);
	if (!input->node)
		return;
	input->guarded = former->guarded;
	for (size_t i = 0; i < former->nodes->count; i++) {
		size_t node = rack_fans_find_node(input->nodes, former->nodes->nodes[i].name);

		if (node < input->nodes->count)
			input->silent_at[node] = former->silent_at[i];
	}
	fan_zone_resume_input(zone, input->guard, former_zone, former->guard);
}

void rack_fans_input_clear(struct rack_fans_input *input)
{
	g_free(input->node);
	g_free(input->sensor);
	g_free(input->silent_at);
	input->node = input->sensor = NULL;
	input->silent_at = NULL;
}
