/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>
#include "rack/sdr.h"
#include "src/power.h"
#include "src/rack_routes_part.h"
#include "src/routes_part.h"

#define IDENTIFY_SECONDS 15 /* what a BMC does unless told (IPMI 28.5) */

/* --- How a node is --- */

/* The hottest of a node's temperatures that are good. */
struct hottest {
	double value; /* not a number: there is none */
	char sensor[READINGS_SENSOR_MAX];
};

/* Of all nodes in one go over the readings; by name. */
static GHashTable *nodes_hottest(struct rack *rack)
{
	GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	struct readings_cursor cursor = {0};
	struct readings_record record;
	int64_t now = rack_now(rack);

	while (readings_next(rack_readings(rack), &cursor, now, &record)) {
		struct hottest *hottest;

		if (record.state != READINGS_OK || record.value.unit != SDR_UNIT_CELSIUS)
			continue;
		hottest = g_hash_table_lookup(all, record.node);
		if (!hottest) {
			hottest = g_new(struct hottest, 1);
			hottest->value = NAN;
			g_hash_table_insert(all, g_strdup(record.node), hottest);
		}
		if (hottest->value >= record.value.value)
			continue;
		hottest->value = record.value.value;
		g_strlcpy(hottest->sensor, record.sensor, sizeof(hottest->sensor));
	}
	return all;
}

static json_t *nodes_temperature(const struct hottest *hottest)
{
	if (!hottest)
		return json_null();
	return json_pack("{s:o, s:f}", "sensor", routes_text(hottest->sensor), "value",
			hottest->value);
}

static const char *nodes_power_word(enum power_state state)
{
	static const char *const words[] = {
			[POWER_UNKNOWN] = "unknown",
			[POWER_IS_OFF] = "off",
			[POWER_IS_ON] = "on",
	};

	return words[state];
}

/* As the BMC sends it; null: it was not asked yet. */
static json_t *nodes_guid(const struct rack_node_status *status)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (size_t i = 0; i < sizeof(status->guid); i++)
		g_string_append_printf(text, "%s%02x",
				i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", status->guid[i]);
	return status->has_guid ? json_string(text->str) : json_null();
}

/* Of the BMC: the second byte is two decimal digits (IPMI 20.1). */
static json_t *nodes_bmc(const struct rack_node_status *status)
{
	g_autofree char *firmware = g_strdup_printf("%u.%02x", (unsigned int)status->firmware[0],
			(unsigned int)status->firmware[1]);

	return json_pack("{s:o, s:I, s:I, s:s}", "guid", nodes_guid(status), "manufacturer",
			(json_int_t)status->manufacturer, "product", (json_int_t)status->product,
			"firmware", firmware);
}

static json_t *nodes_traffic(const struct rack_node_status *status)
{
	return json_pack("{s:I, s:I, s:I}", "requests", (json_int_t)status->requests, "failures",
			(json_int_t)status->failures, "links", (json_int_t)status->links);
}

static void nodes_add_power(struct rack *rack, size_t node, json_t *json)
{
	struct rack_power_node power;
	bool limited;

	rack_power_node(rack_power(rack), node, &power);
	limited = power.capped && power.node.limit > 0;
	json_object_set_new(json, "cap", rack_part_number(power.node.limit, limited));
	json_object_set_new(
			json, "accounted", rack_part_number(power.node.accounted, power.capped));
	json_object_set_new(json, "account",
			power.capped ? json_string(rack_power_account_word(power.node.account))
				     : json_null());
	json_object_set_new(json, "operator", rack_part_number(power.cap, power.cap > 0));
	json_object_set_new(json, "waiting", json_boolean(power.waiting));
}

static json_t *nodes_show(struct rack *rack, size_t node, GHashTable *temperatures)
{
	struct rack_node_status status;
	bool measured;
	json_t *json;

	rack_nodes_status(rack_nodes(rack), node, &status);
	measured = status.watts >= 0;
	json = json_pack("{s:o, s:s, s:o, s:I, s:s, s:o, s:o, s:o, s:I, s:I, s:o, s:o}", "name",
			routes_text(status.name), "state", rack_node_state_word(status.state),
			"why", routes_text(status.why), "age_ms",
			(json_int_t)(rack_now(rack) - status.since), "power",
			nodes_power_word(status.power), "watts",
			rack_part_number(status.watts, measured), "watts_age_ms",
			rack_part_number(status.watts_age, measured), "temperature",
			nodes_temperature(g_hash_table_lookup(temperatures, status.name)),
			"sensors", (json_int_t)status.sensors, "generation",
			(json_int_t)status.generation, "bmc", nodes_bmc(&status), "traffic",
			nodes_traffic(&status));
	nodes_add_power(rack, node, json);
	rack_node_status_clear(&status);
	return json;
}

json_t *rack_part_nodes(struct rack *rack)
{
	g_autoptr(GHashTable) temperatures = nodes_hottest(rack);
	json_t *list = json_array();

	for (size_t i = 0; i < rack_nodes_count(rack_nodes(rack)); i++)
		json_array_append_new(list, nodes_show(rack, i, temperatures));
	return list;
}

bool rack_routes_get_nodes(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	answer->json = json_pack("{s:o}", "nodes", rack_part_nodes(rack));
	return true;
}

bool rack_routes_get_node(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	g_autoptr(GHashTable) temperatures = NULL;
	size_t node;

	if (!rack_part_node(request, rack, &node, error))
		return false;
	temperatures = nodes_hottest(rack);
	answer->json = nodes_show(rack, node, temperatures);
	return true;
}

/* --- What it says --- */

/* Whether the readings know it: this board's sensors are there too, under a name of no node. */
bool rack_routes_get_sensors(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	const char *name = rack_part_text(request, "node");
	struct readings_cursor cursor = {0};
	struct readings_record record;
	json_t *sensors;
	size_t node;

	if (strcmp(name, RACK_SELF) != 0 && !rack_part_node(request, rack, &node, error))
		return false;
	sensors = json_object();
	while (readings_next(rack_readings(rack), &cursor, rack_now(rack), &record)) {
		g_autofree char *sensor = g_utf8_make_valid(record.sensor, -1);

		if (strcmp(record.node, name) == 0)
			json_object_set_new(sensors, sensor, rack_part_reading(&record));
	}
	answer->json = json_pack("{s:s, s:o}", "node", name, "sensors", sensors);
	return true;
}

bool rack_routes_get_log(const struct http_request *request, struct http_answer *answer, void *rack,
		GError **error)
{
	size_t node;

	if (!rack_part_node(request, rack, &node, error))
		return false;
	answer->json = json_pack("{s:s, s:o}", "node", rack_part_text(request, "node"), "log",
			rack_nodes_log(rack_nodes(rack), node));
	return true;
}

/* --- What it is told --- */

/* An order on its way. */
struct order {
	struct http_later *later;
	json_t *done; /* the answer when it is carried out */
};

static void order_done(const GError *cause, void *data)
{
	struct order *order = data;

	if (cause) {
		g_autoptr(GError) refusal = rack_part_refusal(cause);

		http_later_fail(order->later, refusal);
		json_decref(order->done);
	} else {
		struct http_answer answer = {.json = order->done};

		http_later_answer(order->later, &answer);
	}
	g_free(order);
}

/* begun: whether done will be told. Takes cause. */
static bool order_begin(const struct http_request *request, struct order *order, bool begun,
		GError *cause, GError **error)
{
	if (begun) {
		order->later = http_answer_later(request);
		return true;
	}
	json_decref(order->done);
	g_free(order);
	g_propagate_error(error, rack_part_refusal(cause));
	g_error_free(cause);
	return false;
}

static const char *const nodes_actions[POWER_ACTIONS] = {
		[POWER_ON] = "on",
		[POWER_OFF] = "off",
		[POWER_CYCLE] = "cycle",
		[POWER_RESET] = "reset",
		[POWER_SOFT] = "soft",
};

static bool nodes_action(const char *word, enum power_action *action, GError **error)
{
	for (int i = 0; i < POWER_ACTIONS; i++) {
		*action = (enum power_action)i;
		if (strcmp(word, nodes_actions[i]) == 0)
			return true;
	}
	g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST,
			"power must be on, off, cycle, reset or soft");
	return false;
}

bool rack_routes_get_power(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	struct rack_node_status status;
	struct rack_power_node power;
	size_t node;

	if (!rack_part_node(request, rack, &node, error))
		return false;
	rack_nodes_status(rack_nodes(rack), node, &status);
	rack_power_node(rack_power(rack), node, &power);
	answer->json = json_pack("{s:o, s:s, s:b}", "node", routes_text(status.name), "power",
			nodes_power_word(status.power), "waiting", power.waiting);
	rack_node_status_clear(&status);
	return true;
}

bool rack_routes_set_power(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	const char *word = rack_part_text(request, "power");
	enum power_action action;
	GError *cause = NULL;
	struct order *order;
	size_t node;
	bool begun;

	if (!rack_part_node(request, rack, &node, error) || !nodes_action(word, &action, error))
		return false;
	order = g_new0(struct order, 1);
	order->done = json_pack(
			"{s:s, s:s}", "node", rack_part_text(request, "node"), "done", word);
	begun = rack_power_act(rack_power(rack), node, action, order_done, order, &cause);
	return order_begin(request, order, begun, cause, error);
}

bool rack_routes_identify(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	int64_t seconds;
	GError *cause = NULL;
	struct order *order;
	size_t node;
	bool begun;

	if (!rack_part_given(request, "seconds", &seconds))
		seconds = IDENTIFY_SECONDS;
	if (!rack_part_node(request, rack, &node, error))
		return false;
	order = g_new0(struct order, 1);
	order->done = json_pack("{s:s, s:I}", "node", rack_part_text(request, "node"), "seconds",
			(json_int_t)seconds);
	begun = rack_nodes_identify(
			rack_nodes(rack), node, (int)seconds, order_done, order, &cause);
	return order_begin(request, order, begun, cause, error);
}

bool rack_routes_replace(const struct http_request *request, struct http_answer *answer, void *rack,
		GError **error)
{
	size_t node;

	if (!rack_part_node(request, rack, &node, error))
		return false;
	rack_nodes_replaced(rack_nodes(rack), node);
	return rack_routes_get_node(request, answer, rack, error);
}
