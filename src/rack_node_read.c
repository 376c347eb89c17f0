/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a BMC tells, on its way to the readings, the events and the watcher. */
#include <string.h>
#include "src/rack_node_part.h"

#define POWER     "POWER" /* the DCMI reading, among the readings */
#define POWER_TTL 10000   /* ms, where the plan does not say how often it is asked */

static const char *const rack_node_thresholds[SDR_THRESHOLDS] = {
		[SDR_LOWER_WARNING] = "lower-warning",
		[SDR_LOWER_CRITICAL] = "lower-critical",
		[SDR_LOWER_FATAL] = "lower-fatal",
		[SDR_UPPER_WARNING] = "upper-warning",
		[SDR_UPPER_CRITICAL] = "upper-critical",
		[SDR_UPPER_FATAL] = "upper-fatal",
};

void rack_node_forget(struct rack_node *node)
{
	g_hash_table_remove_all(node->names);
	g_hash_table_remove_all(node->sensors);
	g_hash_table_add(node->names, (char *)POWER);
	node->is = POWER_UNKNOWN;
	node->watts = -1;
	node->measures = false;
	node->has_guid = false;
	node->manufacturer = node->product = 0;
	memset(node->firmware, 0, sizeof(node->firmware));
	node->logged = 0;
	node->logged_at = rack_node_now(node);
	node->news = false;
}

/* --- Names --- */

/* What is under way of a former machine carries its generation, and is refused by the readings. */
static bool rack_node_is_former(const struct rack_node *node)
{
	return node->asked_of != node->generation;
}

static gpointer rack_node_sensor_key(const struct sdr_sensor *sensor)
{
	return GUINT_TO_POINTER(
			sensor->record | (guint)sensor->owner << 16 | (guint)sensor->number << 24);
}

/* A name that none of its other sensors has. */
static void rack_node_unique(struct rack_node *node, char name[READINGS_SENSOR_MAX])
{
	char base[READINGS_SENSOR_MAX - 6];

	g_strlcpy(base, name, sizeof(base));
	for (unsigned int i = 2; g_hash_table_contains(node->names, name); i++)
		g_snprintf(name, READINGS_SENSOR_MAX, "%s_%u", base, i);
}

static void rack_node_drop(struct rack_node *node, const struct rack_node_sensor *sensor)
{
	readings_drop(node->rack->readings, node->setup.node.name, node->generation, sensor->name,
			rack_node_now(node));
	g_hash_table_remove(node->names, sensor->name);
}

static struct rack_node_sensor *rack_node_sensor(
		struct rack_node *node, const struct sdr_sensor *told)
{
	gpointer key = rack_node_sensor_key(told);
	struct rack_node_sensor *sensor = g_hash_table_lookup(node->sensors, key);

	if (sensor && strcmp(sensor->told, told->name) == 0)
		return sensor;
	if (sensor) {
		rack_node_drop(node, sensor);
		g_hash_table_remove(node->sensors, key);
	}
	sensor = g_new0(struct rack_node_sensor, 1);
	g_strlcpy(sensor->told, told->name, sizeof(sensor->told));
	if (!readings_clean(told->name, sensor->name))
		g_snprintf(sensor->name, sizeof(sensor->name), "SENSOR_%02X", told->number);
	rack_node_unique(node, sensor->name);
	sensor->number = told->number;
	g_hash_table_insert(node->sensors, key, sensor);
	g_hash_table_add(node->names, sensor->name);
	return sensor;
}

/* NULL: it was not read yet. */
static const char *rack_node_sensor_name(const struct rack_node *node, int number)
{
	struct rack_node_sensor *sensor;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, node->sensors);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&sensor))
		if (sensor->number == number)
			return sensor->name;
	return NULL;
}

/* --- Sensors --- */

static void rack_node_crossed(struct rack_node *node, struct rack_node_sensor *sensor,
		uint8_t crossed, double value)
{
	json_t *words;

	if (crossed == sensor->crossed)
		return;
	sensor->crossed = crossed;
	words = json_array();
	for (int i = 0; i < SDR_THRESHOLDS; i++)
		if (crossed & 1 << i)
			json_array_append_new(words, json_string(rack_node_thresholds[i]));
	rack_node_publish(node, "sensor.threshold",
			json_pack("{s:s, s:o, s:f}", "sensor", sensor->name, "crossed", words,
					"value", value));
}

/* What is not in its records any more is gone. */
static void rack_node_sweep(struct rack_node *node)
{
	g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);
	struct rack_node_sensor *sensor;
	GHashTableIter iter;
	gpointer key;

	for (size_t i = 0, count = bmc_sensors(node->bmc); i < count; i++) {
		const struct sdr_sensor *one = bmc_sensor(node->bmc, i);

		if (one)
			g_hash_table_add(told, rack_node_sensor_key(one));
	}
	g_hash_table_iter_init(&iter, node->sensors);
	while (g_hash_table_iter_next(&iter, &key, (gpointer *)&sensor)) {
		if (g_hash_table_contains(told, key))
			continue;
		rack_node_drop(node, sensor);
		g_hash_table_iter_remove(&iter);
	}
}

/* All are known before they are read, so that their names do not depend on who answers first. */
static void rack_node_sensors(struct rack_node *node)
{
	if (rack_node_is_former(node))
		return;
	rack_node_sweep(node);
	for (size_t i = 0, count = bmc_sensors(node->bmc); i < count; i++) {
		const struct sdr_sensor *told = bmc_sensor(node->bmc, i);

		if (told)
			rack_node_sensor(node, told);
	}
}

static void rack_node_reading(struct rack_node *node, const struct bmc_event *event)
{
	const struct sdr_sensor *told = event->sensor;
	struct rack_node_sensor *sensor;
	struct readings *readings = node->rack->readings;
	const char *name = node->setup.node.name;
	int64_t now = rack_node_now(node);
	struct readings_value value = {
			.value = told->analog ? event->reading.value : event->reading.states,
			.unit = told->analog ? told->unit : SDR_UNIT_NONE,
			.percent = told->analog && told->percent,
			.crossed = event->reading.state,
			.ttl = event->ttl,
	};
	enum readings_answer answer = READINGS_KEPT;

	if (rack_node_is_former(node))
		return;
	sensor = rack_node_sensor(node, told);
	switch (event->reading.availability) {
	case SDR_READING_GOOD:
		answer = readings_put(readings, name, node->asked_of, sensor->name, now,
				event->taken, &value);
		break;
	case SDR_READING_NONE:
		answer = readings_none(readings, name, node->asked_of, sensor->name, now);
		break;
	case SDR_READING_BAD:
		answer = readings_fail(readings, name, node->asked_of, sensor->name, now);
		break;
	}
	if (answer == READINGS_KEPT && event->reading.availability == SDR_READING_GOOD)
		rack_node_crossed(node, sensor, value.crossed, value.value);
}

/* --- Power --- */

static void rack_node_watts(struct rack_node *node, const struct bmc_event *event)
{
	const struct rack_nodes_watcher *watcher = &node->rack->watcher;
	int64_t now = rack_node_now(node);
	const struct readings_value value = {
			.value = event->value,
			.unit = SDR_UNIT_WATT,
			.ttl = event->ttl > 0                 ? event->ttl
			       : node->setup.bmc.power_ms > 0 ? 5 * node->setup.bmc.power_ms
							      : POWER_TTL,
	};

	if (rack_node_is_former(node))
		return;
	if (!event->known) {
		/* A BMC that never could tell has no such sensor. */
		if (node->measures)
			readings_fail(node->rack->readings, node->setup.node.name, node->asked_of,
					POWER, now);
		node->watts = -1;
		return;
	}
	node->measures = true;
	node->watts = event->value;
	node->watts_taken = event->taken;
	readings_put(node->rack->readings, node->setup.node.name, node->asked_of, POWER, now,
			event->taken, &value);
	if (watcher->watts)
		watcher->watts(node->number, event->taken, event->value, watcher->data);
}

static void rack_node_limit(struct rack_node *node, const struct bmc_event *event)
{
	const struct rack_nodes_watcher *watcher = &node->rack->watcher;

	if (!rack_node_is_former(node) && event->known && watcher->limit)
		watcher->limit(node->number, event->active, event->value, watcher->data);
}

void rack_node_is_on(struct rack_node *node, bool on)
{
	const struct rack_nodes_watcher *watcher = &node->rack->watcher;
	enum power_state is = on ? POWER_IS_ON : POWER_IS_OFF, was = node->is;

	node->is = is;
	if (watcher->power)
		watcher->power(node->number, on, watcher->data);
	if (was == is || was == POWER_UNKNOWN)
		return;
	log_line(LOG_LINE_NOTICE, "node %s: it is %s", node->setup.node.name, on ? "on" : "off");
	rack_node_publish(node, "node.power", json_pack("{s:b}", "on", on));
}

/* --- Who it is, and its log --- */

/* As the BMC sends it. */
static char *rack_node_guid_text(const uint8_t guid[RMCP_GUID])
{
	GString *text = g_string_sized_new(2 * RMCP_GUID + 5);

	for (int i = 0; i < RMCP_GUID; i++)
		g_string_append_printf(text,
				i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", guid[i]);
	return g_string_free(text, FALSE);
}

static void rack_node_identity(struct rack_node *node, const struct bmc_event *event)
{
	static const uint8_t none[RMCP_GUID] = {0};
	g_autofree char *guid = rack_node_guid_text(event->guid);
	bool has_guid = memcmp(event->guid, none, RMCP_GUID) != 0;

	/* Where an operator has said so, nothing was asked since but who it is. */
	if (event->another && !node->renewed) {
		log_line(LOG_LINE_NOTICE, "node %s: another machine is in its place%s%s",
				node->setup.node.name, has_guid ? ": " : "", has_guid ? guid : "");
		rack_node_flush(node, "node.replaced",
				has_guid ? json_pack("{s:s}", "guid", guid) : NULL);
	}
	node->renewed = false;
	node->has_guid = has_guid;
	memcpy(node->guid, event->guid, RMCP_GUID);
	node->manufacturer = event->manufacturer;
	node->product = event->product;
	memcpy(node->firmware, event->firmware, sizeof(node->firmware));
}

static json_t *rack_node_entry(const struct rack_node *node, const uint8_t *record)
{
	return rack_log_entry(record, rack_node_sensor_name(node, rack_log_sensor(record)));
}

/*
 * What was in the log before anybody looked is no news. A BMC does not tell where that ends; but
 * all of it is read in one go, and then nothing for a while.
 */
static bool rack_node_is_news(struct rack_node *node)
{
	int64_t now = rack_node_now(node), quiet = now - node->logged_at;

	node->news = node->news || quiet >= node->setup.bmc.log_ms / 2;
	node->logged_at = now;
	return node->news;
}

static void rack_node_logged(struct rack_node *node, const uint8_t *record)
{
	if (rack_node_is_former(node))
		return;
	memcpy(node->log[node->logged++ % RACK_NODE_LOG], record, RACK_LOG_RECORD);
	if (!rack_node_is_news(node))
		return;
	rack_node_publish(node, "node.log",
			json_pack("{s:o}", "record", rack_node_entry(node, record)));
}

json_t *rack_node_log(const struct rack_node *node)
{
	unsigned int first = node->logged > RACK_NODE_LOG ? node->logged - RACK_NODE_LOG : 0;
	json_t *entries = json_array();

	for (unsigned int i = first; i < node->logged; i++)
		json_array_append_new(entries, rack_node_entry(node, node->log[i % RACK_NODE_LOG]));
	return entries;
}

void rack_node_hear(struct rack_node *node, const struct bmc_event *event)
{
	switch (event->kind) {
	case BMC_NOTHING:
		break;
	case BMC_SENSORS:
		rack_node_sensors(node);
		break;
	case BMC_IDENTITY:
		rack_node_identity(node, event);
		break;
	case BMC_READING:
		rack_node_reading(node, event);
		break;
	case BMC_POWER:
		rack_node_watts(node, event);
		break;
	case BMC_LIMIT_IS:
		rack_node_limit(node, event);
		break;
	case BMC_CHASSIS:
		if (!rack_node_is_former(node))
			rack_node_is_on(node, event->active);
		break;
	case BMC_LOG:
		rack_node_logged(node, event->record);
		break;
	case BMC_ORDERED:
		rack_node_ordered(node, event->tag, event->done ? NULL : event->why);
		break;
	}
}
