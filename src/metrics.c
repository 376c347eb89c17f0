/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/metrics.h"
#include <string.h>
#include "rack/sdr.h"
#include "src/metrics_text.h"
#include "src/power.h"
#include "src/process_metrics.h"
#include "src/rack.h"

#define METRICS_WATTS_AGE 10000 /* ms; a node's power that is older is left out */

#define WARNING_BITS (1 << SDR_LOWER_WARNING | 1 << SDR_UPPER_WARNING)
#define CRITICAL_BITS                                                               \
	(1 << SDR_LOWER_CRITICAL | 1 << SDR_UPPER_CRITICAL | 1 << SDR_LOWER_FATAL | \
			1 << SDR_UPPER_FATAL)

/* --- Sensors --- */

enum sensor_kind {
	SENSOR_TEMPERATURE,
	SENSOR_FAN,
	SENSOR_VOLTAGE,
	SENSOR_CURRENT,
	SENSOR_POWER,
	SENSOR_OTHER,
	SENSOR_KINDS
};

#define STATE_HELP "0: nominal, 1: a warning threshold is crossed, 2: a critical one."

/* A kind's value and state, and at the end the age of all. */
static const struct metrics_family sensor_families[2 * SENSOR_KINDS + 1] = {
		{"ipmi_temperature_celsius", "What a temperature sensor said last.", "gauge", NULL},
		{"ipmi_temperature_state", STATE_HELP, "gauge", NULL},
		{"ipmi_fan_speed_rpm", "What a tachometer said last.", "gauge", NULL},
		{"ipmi_fan_speed_state", STATE_HELP, "gauge", NULL},
		{"ipmi_voltage_volts", "What a voltage sensor said last.", "gauge", NULL},
		{"ipmi_voltage_state", STATE_HELP, "gauge", NULL},
		{"ipmi_current_amperes", "What a current sensor said last.", "gauge", NULL},
		{"ipmi_current_state", STATE_HELP, "gauge", NULL},
		{"ipmi_power_watts", "What a power sensor said last.", "gauge", NULL},
		{"ipmi_power_state", STATE_HELP, "gauge", NULL},
		{"ipmi_sensor_value", "What any other sensor said last.", "gauge", NULL},
		{"ipmi_sensor_state", STATE_HELP, "gauge", NULL},
		{"sensor_age_seconds", "Time since a sensor was read.", "gauge", NULL},
};

static enum sensor_kind sensor_kind(const struct readings_value *value)
{
	if (value->percent)
		return SENSOR_OTHER;
	switch (value->unit) {
	case SDR_UNIT_CELSIUS:
		return SENSOR_TEMPERATURE;
	case SDR_UNIT_RPM:
		return SENSOR_FAN;
	case SDR_UNIT_VOLT:
		return SENSOR_VOLTAGE;
	case SDR_UNIT_AMPERE:
		return SENSOR_CURRENT;
	case SDR_UNIT_WATT:
		return SENSOR_POWER;
	default:
		return SENSOR_OTHER;
	}
}

static int sensor_state(uint8_t crossed)
{
	if (crossed & CRITICAL_BITS)
		return 2;
	return crossed & WARNING_BITS ? 1 : 0;
}

static void metrics_sensors(struct rack *rack, GString *out)
{
	struct metrics_family families[G_N_ELEMENTS(sensor_families)];
	struct readings_cursor cursor = {0};
	struct readings_record record;
	int64_t now = rack_now(rack);

	memcpy(families, sensor_families, sizeof(families));
	while (readings_next(rack_readings(rack), &cursor, now, &record)) {
		const struct metrics_label labels[] = {
				{"node", record.node}, {"sensor", record.sensor}, {0}};
		enum sensor_kind kind = sensor_kind(&record.value);

		if (record.age >= 0)
			metrics_add(&families[2 * SENSOR_KINDS], labels, (double)record.age / 1000);
		if (record.state != READINGS_OK)
			continue;
		metrics_add(&families[2 * kind], labels, record.value.value);
		metrics_add(&families[2 * kind + 1], labels, sensor_state(record.value.crossed));
	}
	metrics_write(families, G_N_ELEMENTS(families), out);
}

/* --- Nodes --- */

enum node_metric {
	NODE_UP,
	NODE_CHASSIS,
	NODE_DCMI,
	NODE_CAP,
	NODE_ACCOUNTED,
	NODE_REQUESTS,
	NODE_FAILURES,
	NODE_METRICS
};

static const struct metrics_family node_families[NODE_METRICS] = {
		[NODE_UP] = {"ipmi_up", "1: the node's BMC answers.", "gauge", NULL},
		[NODE_CHASSIS] = {"ipmi_chassis_power_state", "1: the node is on, 0: it is off.",
				"gauge", NULL},
		[NODE_DCMI] = {"ipmi_dcmi_power_consumption_current_watts",
				"What the node draws, as its BMC says.", "gauge", NULL},
		[NODE_CAP] = {"rack_node_cap_watts", "The power limit that the node was sent last.",
				"gauge", NULL},
		[NODE_ACCOUNTED] = {"rack_node_accounted_watts",
				"What the node counts in the budget.", "gauge", NULL},
		[NODE_REQUESTS] = {"rack_node_requests_total", "Requests to the node's BMC.",
				"counter", NULL},
		[NODE_FAILURES] = {"rack_node_failures_total", "Requests that were not answered.",
				"counter", NULL},
};

static void metrics_node(struct rack *rack, size_t node, struct metrics_family *families)
{
	struct rack_node_status status;
	struct rack_power_node power;

	rack_nodes_status(rack_nodes(rack), node, &status);
	rack_power_node(rack_power(rack), node, &power);

	const struct metrics_label labels[] = {{"node", status.name}, {0}};

	if (status.state != RACK_NODE_COMMANDS) {
		metrics_add(&families[NODE_REQUESTS], labels, status.requests);
		metrics_add(&families[NODE_FAILURES], labels, status.failures);
		if (status.state != RACK_NODE_ABSENT)
			metrics_add(&families[NODE_UP], labels, status.state == RACK_NODE_UP);
	}
	if (status.power != POWER_UNKNOWN)
		metrics_add(&families[NODE_CHASSIS], labels, status.power == POWER_IS_ON);
	if (status.watts >= 0 && status.watts_age <= METRICS_WATTS_AGE)
		metrics_add(&families[NODE_DCMI], labels, status.watts);
	if (power.capped && power.node.limit > 0)
		metrics_add(&families[NODE_CAP], labels, power.node.limit);
	if (power.capped)
		metrics_add(&families[NODE_ACCOUNTED], labels, power.node.accounted);
	rack_node_status_clear(&status);
}

static void metrics_nodes(struct rack *rack, GString *out)
{
	struct metrics_family families[NODE_METRICS];

	memcpy(families, node_families, sizeof(families));
	for (size_t i = 0; i < rack_nodes_count(rack_nodes(rack)); i++)
		metrics_node(rack, i, families);
	metrics_write(families, NODE_METRICS, out);
}

/* --- The rack --- */

static void metrics_power(struct rack *rack, GString *out)
{
	struct rack_power_status status;

	rack_power_status(rack_power(rack), &status);

	const struct capping_totals *totals = &status.totals;
	const struct {
		struct metrics_family family;
		double value; /* below 0: there is none */
	} all[] = {
			{{"rack_power_watts", "What the nodes draw that tell.", "gauge", NULL},
					totals->measured},
			{{"rack_budget_watts", "What the rack may draw.", "gauge", NULL},
					totals->budget > 0 ? totals->budget : -1},
			{{"rack_accounted_watts",
					 "What nodes and unmanaged load may draw as things are.",
					 "gauge", NULL},
					totals->unmanaged + totals->accounted},
			{{"rack_unmanaged_watts", "What is set aside for all but nodes.", "gauge",
					 NULL},
					totals->unmanaged},
			{{"rack_over_budget_seconds_total",
					 "Time that the measured power was above the budget.",
					 "counter", NULL},
					status.over_seconds},
			{{"rack_limits_sent_total", "Power limits sent to nodes.", "counter", NULL},
					status.commands},
			{{"rack_limits_failed_total", "Power limits that nodes did not accept.",
					 "counter", NULL},
					status.failures},
			{{"rack_power_ons_waiting", "Nodes that wait for watts to be switched on.",
					 "gauge", NULL},
					(double)status.waiting},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		struct metrics_family family = all[i].family;

		if (all[i].value >= 0)
			metrics_add(&family, NULL, all[i].value);
		metrics_write(&family, 1, out);
	}
}

/* --- Fans --- */

enum fan_metric { FAN_ZONE_DUTY, FAN_ZONE_FAILSAFE, FAN_SPEED, FAN_FAILED, FAN_METRICS };

static const struct metrics_family fan_families[FAN_METRICS] = {
		[FAN_ZONE_DUTY] = {"fan_zone_duty_percent",
				"What the zone's fans are told to run at.", "gauge", NULL},
		[FAN_ZONE_FAILSAFE] = {"fan_zone_failsafe", "1: something cannot be trusted.",
				"gauge", NULL},
		[FAN_SPEED] = {"fan_speed_rpm", "What a fan of the wall runs at.", "gauge", NULL},
		[FAN_FAILED] = {"fan_failed", "1: the fan stands still.", "gauge", NULL},
};

static void metrics_fans(struct rack *rack, GString *out)
{
	const struct rack_fans *fans = rack_fans(rack);
	struct metrics_family families[FAN_METRICS];

	memcpy(families, fan_families, sizeof(families));
	for (size_t i = 0; i < rack_fans_zones(fans); i++) {
		struct rack_zone_status zone;

		rack_fans_zone(fans, i, &zone);

		const struct metrics_label labels[] = {{"zone", zone.name}, {0}};

		metrics_add(&families[FAN_ZONE_DUTY], labels, zone.state.duty);
		metrics_add(&families[FAN_ZONE_FAILSAFE], labels, zone.state.failsafe);
	}
	for (size_t i = 0; i < rack_fans_count(fans); i++) {
		struct rack_zone_status zone;
		struct rack_fan_status fan;

		rack_fans_fan(fans, i, &fan);
		rack_fans_zone(fans, fan.zone, &zone);

		const struct metrics_label labels[] = {{"zone", zone.name}, {"fan", fan.name}, {0}};

		if (fan.rpm >= 0)
			metrics_add(&families[FAN_SPEED], labels, fan.rpm);
		metrics_add(&families[FAN_FAILED], labels, fan.failed);
	}
	metrics_write(families, FAN_METRICS, out);
}

char *metrics_text(struct rack *rack)
{
	GString *out = g_string_new(NULL);

	metrics_sensors(rack, out);
	metrics_nodes(rack, out);
	metrics_power(rack, out);
	metrics_fans(rack, out);
	process_metrics(out);
	return g_string_free(out, FALSE);
}
