/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/rack_fakes.h"
#include <string.h>
#include "rack/sdr.h"

/* --- The rack --- */

struct rack_nodes *rack_nodes(struct rack *rack)
{
	return (struct rack_nodes *)rack;
}

struct rack_power *rack_power(struct rack *rack)
{
	return (struct rack_power *)rack;
}

struct rack_fans *rack_fans(struct rack *rack)
{
	return (struct rack_fans *)rack;
}

const struct readings *rack_readings(struct rack *rack)
{
	return rack->readings;
}

struct events *rack_events(struct rack *rack)
{
	return rack->events;
}

const struct rack_config *rack_config(struct rack *rack)
{
	return &rack->config;
}

int64_t rack_now(struct rack *rack)
{
	return rack->now;
}

/* --- Orders --- */

void rack_fakes_done(struct rack *rack)
{
	rack_node_fn done = rack->done;

	g_assert_nonnull(done);
	rack->done = NULL;
	done(rack->failure, rack->done_data);
}

static gboolean fakes_soon(gpointer data)
{
	rack_fakes_done(data);
	return G_SOURCE_REMOVE;
}

static bool fakes_order(struct rack *rack, rack_node_fn done, void *data, GError **error)
{
	if (rack->refusal) {
		g_propagate_error(error, g_error_copy(rack->refusal));
		return false;
	}
	g_assert_null(rack->done);
	rack->done = done;
	rack->done_data = data;
	if (!rack->hangs)
		g_idle_add(fakes_soon, rack);
	return true;
}

/* --- Nodes --- */

size_t rack_nodes_count(const struct rack_nodes *nodes)
{
	return RACK_FAKES_NODES;
}

bool rack_nodes_find(const struct rack_nodes *nodes, const char *name, size_t *node)
{
	const struct rack *rack = (const struct rack *)nodes;

	for (*node = 0; *node < RACK_FAKES_NODES; ++*node)
		if (strcmp(rack->nodes[*node].name, name) == 0)
			return true;
	return false;
}

void rack_nodes_status(const struct rack_nodes *nodes, size_t node, struct rack_node_status *out)
{
	*out = ((const struct rack *)nodes)->nodes[node];
	out->why = g_strdup(out->why);
}

void rack_node_status_clear(struct rack_node_status *status)
{
	g_free(status->why);
	*status = (struct rack_node_status){0};
}

bool rack_nodes_identify(struct rack_nodes *nodes, size_t node, int seconds, rack_node_fn done,
		void *data, GError **error)
{
	struct rack *rack = (struct rack *)nodes;

	g_string_append_printf(rack->orders, "identify %zu %d; ", node, seconds);
	return fakes_order(rack, done, data, error);
}

void rack_nodes_replaced(struct rack_nodes *nodes, size_t node)
{
	struct rack *rack = (struct rack *)nodes;

	g_string_append_printf(rack->orders, "replaced %zu; ", node);
	readings_flush(rack->readings, rack->nodes[node].name);
	events_publish(rack->events, "node.replaced",
			json_pack("{s:s}", "node", rack->nodes[node].name));
}

json_t *rack_nodes_log(const struct rack_nodes *nodes, size_t node)
{
	return json_pack("[{s:i, s:s, s:s, s:s, s:s}]", "id", 1, "time", "2026-01-01T00:00:00Z",
			"sensor", "CPU0_TEMP", "text", "too hot", "raw", "0100020000");
}

const char *rack_node_state_word(enum rack_node_state state)
{
	static const char *const words[] = {
			"absent", "connecting", "up", "lost", "refused", "commands"};

	return words[state];
}

/* --- Power --- */

GQuark power_error_quark(void)
{
	return g_quark_from_static_string("power-error");
}

bool rack_power_act(struct rack_power *power, size_t node, enum power_action action,
		rack_node_fn done, void *data, GError **error)
{
	static const char *const words[] = {"on", "off", "cycle", "reset", "soft"};
	struct rack *rack = (struct rack *)power;

	g_string_append_printf(rack->orders, "act %zu %s; ", node, words[action]);
	if (action == POWER_ON && rack->no_power) {
		g_propagate_error(error, g_error_copy(rack->no_power));
		return false;
	}
	return fakes_order(rack, done, data, error);
}

void rack_power_budget(struct rack_power *power, int budget, enum capping_mode mode)
{
	struct rack *rack = (struct rack *)power;

	rack->power.settings.budget = budget;
	rack->power.settings.mode = mode;
	rack->power.totals.budget = budget;
	g_string_append_printf(rack->orders, "budget %d %d; ", budget, (int)mode);
}

bool rack_power_cap(struct rack_power *power, size_t node, int watts)
{
	struct rack *rack = (struct rack *)power;
	const struct capping_node_settings *limits = &rack->caps[node].settings;

	if (watts && (watts < limits->floor || watts > limits->ceiling))
		return false;
	rack->caps[node].node.limit = watts;
	rack->caps[node].cap = watts;
	g_string_append_printf(rack->orders, "cap %zu %d; ", node, watts);
	return true;
}

void rack_power_status(const struct rack_power *power, struct rack_power_status *out)
{
	*out = ((const struct rack *)power)->power;
}

void rack_power_node(const struct rack_power *power, size_t node, struct rack_power_node *out)
{
	*out = ((const struct rack *)power)->caps[node];
}

const char *rack_power_account_word(enum capping_account account)
{
	static const char *const words[] = {
			"off", "limit", "settling", "starting", "unlimited", "lost", "disobedient"};

	return words[account];
}

const char *rack_power_mode_word(enum capping_mode mode)
{
	static const char *const words[] = {"guaranteed", "reactive", "off"};

	return words[mode];
}

/* --- Fans --- */

size_t rack_fans_zones(const struct rack_fans *fans)
{
	return RACK_FAKES_ZONES;
}

bool rack_fans_find_zone(const struct rack_fans *fans, const char *name, size_t *zone)
{
	const struct rack *rack = (const struct rack *)fans;

	for (*zone = 0; *zone < RACK_FAKES_ZONES; ++*zone)
		if (strcmp(rack->zones[*zone].name, name) == 0)
			return true;
	return false;
}

void rack_fans_zone(const struct rack_fans *fans, size_t zone, struct rack_zone_status *out)
{
	*out = ((const struct rack *)fans)->zones[zone];
}

size_t rack_fans_count(const struct rack_fans *fans)
{
	return G_N_ELEMENTS(((struct rack *)0)->fans);
}

void rack_fans_fan(const struct rack_fans *fans, size_t fan, struct rack_fan_status *out)
{
	*out = ((const struct rack *)fans)->fans[fan];
}

void rack_fans_manual(struct rack_fans *fans, size_t zone, double duty)
{
	struct rack_zone_status *status = &((struct rack *)fans)->zones[zone];

	status->manual = duty >= 0;
	status->manual_duty = duty;
	status->state.reason = duty >= 0 ? FAN_REASON_MANUAL : FAN_REASON_DEMAND;
}

const char *rack_fan_reason_word(enum fan_reason reason)
{
	static const char *const words[] = {"start", "demand", "least", "stale", "broken", "range",
			"recovers", "critical", "fan", "manual"};

	return words[reason];
}

/* --- What there is at first --- */

static void fakes_put(struct rack *rack, const char *node, const char *sensor, double value,
		uint8_t unit, int ttl)
{
	const struct readings_value put = {.value = value, .unit = unit, .ttl = ttl};

	g_assert_cmpint(readings_put(rack->readings, node,
					readings_generation(rack->readings, node), sensor,
					rack->now, rack->now - 1000, &put),
			==, READINGS_KEPT);
}

static void fakes_readings(struct rack *rack)
{
	const struct readings_value volts = {.value = 12.9,
			.unit = SDR_UNIT_VOLT,
			.crossed = 1 << SDR_UPPER_WARNING,
			.ttl = 60000};
	const struct readings_value percent = {.value = 30, .percent = true, .ttl = 60000};
	uint32_t generation;

	rack->readings = readings_new(100);
	readings_add(rack->readings, RACK_SELF);
	generation = readings_add(rack->readings, "r1n01");
	readings_add(rack->readings, "r1n02");
	fakes_put(rack, "r1n01", "CPU0_TEMP", 42.5, SDR_UNIT_CELSIUS, 60000);
	fakes_put(rack, "r1n01", "CPU1_TEMP", 61, SDR_UNIT_CELSIUS, 500);
	fakes_put(rack, "r1n01", "FAN1", 5400, SDR_UNIT_RPM, 60000);
	fakes_put(rack, "r1n02", "INLET", 21, SDR_UNIT_CELSIUS, 500);
	fakes_put(rack, RACK_SELF, "INLET", 23.25, SDR_UNIT_CELSIUS, 60000);
	readings_put(rack->readings, "r1n01", generation, "P12V", rack->now, rack->now, &volts);
	readings_put(rack->readings, "r1n01", generation, "CUPS", rack->now, rack->now, &percent);
	readings_none(rack->readings, "r1n01", generation, "SPARE", rack->now);
}

static void fakes_nodes(struct rack *rack)
{
	rack->nodes[0] = (struct rack_node_status){
			.name = "r1n01",
			.state = RACK_NODE_UP,
			.since = rack->now - 90000,
			.power = POWER_IS_ON,
			.has_guid = true,
			.guid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
			.manufacturer = 19046,
			.firmware = {2, 0x71},
			.sensors = 6,
			.watts = 210,
			.watts_age = 800,
			.requests = 1000,
			.failures = 3,
	};
	rack->caps[0] = (struct rack_power_node){
			.node = {CAPPING_ACCOUNT_LIMIT, 300, 300, 210, 280, true},
			.settings = {.floor = 120, .ceiling = 400, .class = 1},
			.capped = true,
	};
	rack->nodes[1] = (struct rack_node_status){
			.name = "r1n02",
			.state = RACK_NODE_LOST,
			.why = (char *)"no answer for 12 s",
			.since = rack->now - 12000,
			.sensors = 1,
			.watts = -1,
	};
	rack->caps[1] = (struct rack_power_node){
			.node = {CAPPING_ACCOUNT_LOST, 400, 0, -1, 400, false},
			.settings = {.floor = 120, .ceiling = 400},
			.capped = true,
	};
	rack->nodes[2] = (struct rack_node_status){
			.name = "r1n03",
			.state = RACK_NODE_COMMANDS,
			.since = rack->now,
			.power = POWER_IS_OFF,
			.watts = -1,
	};
}

static void fakes_fans(struct rack *rack)
{
	rack->zones[0] = (struct rack_zone_status){
			.name = "rear", .state = {55, FAN_REASON_FAN, 1, true}, .about = "b"};
	rack->zones[1] = (struct rack_zone_status){.name = "front",
			.state = {38.5, FAN_REASON_DEMAND, 0, false},
			.about = "cpus"};
	rack->fans[0] = (struct rack_fan_status){"a", 0, 55, 6100, false, NULL};
	rack->fans[1] = (struct rack_fan_status){"b", 0, 55, 0, true, NULL};
	rack->fans[2] = (struct rack_fan_status){"c", 1, -1, -1, false, "no such file"};
}

struct rack *rack_fakes_new(void)
{
	struct rack *rack = g_new0(struct rack, 1);

	rack->now = 1000000;
	rack->config.name = (char *)"r1";
	rack->events = events_new(16);
	rack->orders = g_string_new(NULL);
	rack->power = (struct rack_power_status){
			.settings = {.mode = CAPPING_GUARANTEED, .budget = 1000, .unmanaged = 100},
			.totals = {1000, 100, 700, 210, 240, false},
			.over_seconds = 1.5,
			.worst = 40,
			.commands = 12,
	};
	fakes_readings(rack);
	fakes_nodes(rack);
	fakes_fans(rack);
	return rack;
}

void rack_fakes_free(struct rack *rack)
{
	readings_free(rack->readings);
	events_free(rack->events);
	g_string_free(rack->orders, TRUE);
	g_free(rack);
}
