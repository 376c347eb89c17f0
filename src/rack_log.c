/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/rack_log.h"
#include <glib.h>
#include <stdbool.h>

/* Table 32-1. */
#define RECORD_EVENT    0x02
#define RECORD_OEM_TIME 0xc0 /* from here on the maker's own, with a time */
#define RECORD_OEM      0xe0 /* ... without one */
#define EVENT_THRESHOLD 0x01
#define EVENT_SPECIFIC  0x6f /* to the sensor's type */
#define EVENT_ENDED     0x80
#define EVENT_TYPE      0x7f
/* 37.1: a clock that was not set counts from the BMC's start; all ones: there is none. */
#define TIME_START 0x20000000u
#define TIME_NONE  0xffffffffu

#define OFFSETS 16

struct rack_log_type {
	const char *name;
	const char *events[OFFSETS]; /* by the offset of an event that is specific to the type */
};

static const struct rack_log_type rack_log_types[] = {
		[0x01] = {"temperature", {NULL}},
		[0x02] = {"voltage", {NULL}},
		[0x03] = {"current", {NULL}},
		[0x04] = {"fan", {NULL}},
		[0x05] = {"physical security", {"chassis opened", "drive bay opened"}},
		[0x06] = {"platform security", {NULL}},
		[0x07] = {"processor",
				{"internal error", "thermal trip", "self-test failed",
						"hang at start", "did not start",
						"configuration error", NULL, "present", "disabled",
						NULL, "throttled", "machine check"}},
		[0x08] = {"power supply",
				{"present", "failed", "failure is near", "input lost",
						"input lost or out of range", "input out of range",
						"configuration error"}},
		[0x09] = {"power unit", {"power off", "power cycle", "power down by 240 VA limit",
							"power down by interlock", "input lost",
							"did not switch as told", "failed",
							"failure is near"}},
		[0x0c] = {"memory", {"correctable error", "uncorrectable error", "parity error",
						    "scrub failed", "disabled",
						    "too many correctable errors", "present",
						    "configuration error", "spare", "throttled",
						    "critical overtemperature"}},
		[0x0d] = {"drive slot",
				{"present", "fault", "failure is near", "spare", "being checked",
						"in a critical array", "in a failed array",
						"being rebuilt", "rebuild ended early"}},
		[0x0f] = {"system firmware", {"error", "hang", "progress"}},
		[0x10] = {"event log", {"memory errors are not logged", "an event is not logged",
						       "cleared", "nothing is logged", "full",
						       "almost full"}},
		[0x12] = {"system event", {"reconfigured", "booted", "hardware failure"}},
		[0x13] = {"critical interrupt",
				{"front panel", "bus timeout", "channel check", "software",
						"parity error", "system error", "EISA timeout",
						"correctable bus error", "uncorrectable bus error",
						"fatal interrupt", "fatal bus error",
						"degraded bus"}},
		[0x14] = {"button", {"power", "sleep", "reset", "unlatched", "service"}},
		[0x19] = {"chip set", {"failed to switch power", "thermal trip"}},
		[0x1d] = {"system start",
				{"power up", "hard reset", "warm reset", "network boot", "boot",
						"system restart", NULL, "restart"}},
		[0x1f] = {"system boot",
				{"from A:", "from C:", "by network", "diagnostics", "from CD",
						"from ROM", "done", "installation begun",
						"installation done", "installation ended early",
						"installation failed"}},
		[0x20] = {"system stop",
				{"while loading", "while running", "gracefully", "shut down",
						"shut down by platform agent", "agent is missing"}},
		[0x22] = {"power state", {"working", "sleeping", "sleeping", "sleeping",
							 "hibernating", "soft off",
							 "off or hibernating", "mechanical off"}},
		[0x23] = {"watchdog", {"expired", "hard reset", "power down", "power cycle", NULL,
						      NULL, NULL, NULL, "interrupt"}},
		[0x25] = {"entity", {"present", "absent", "disabled"}},
		[0x28] = {"management",
				{"sensor degraded", "controller degraded", "controller off-line",
						"controller unavailable", "sensor failed",
						"component failed"}},
		[0x29] = {"battery", {"low", "failed", "present"}},
		[0x2b] = {"version change", {"hardware", "firmware", "hardware incompatible"}},
};

static uint32_t rack_log_time(const uint8_t *record)
{
	if (record[2] >= RECORD_OEM)
		return TIME_NONE;
	return record[3] | (uint32_t)record[4] << 8 | (uint32_t)record[5] << 16 |
	       (uint32_t)record[6] << 24;
}

static bool rack_log_is_event(const uint8_t *record)
{
	return record[2] == RECORD_EVENT;
}

int rack_log_sensor(const uint8_t record[RACK_LOG_RECORD])
{
	return rack_log_is_event(record) ? record[11] : -1;
}

static char *rack_log_threshold(unsigned int offset)
{
	static const char *const thresholds[] = {"lower warning", "lower critical", "lower fatal",
			"upper warning", "upper critical", "upper fatal"};

	if (offset / 2 >= G_N_ELEMENTS(thresholds))
		return g_strdup_printf("threshold event %u", offset);
	return g_strdup_printf("%s threshold, going %s", thresholds[offset / 2],
			offset % 2 ? "up" : "down");
}

static char *rack_log_text(const uint8_t *record)
{
	const struct rack_log_type *type = NULL;
	unsigned int kind = record[12] & EVENT_TYPE, offset = record[13] & 0xf;
	g_autofree char *name = NULL, *event = NULL;

	if (!rack_log_is_event(record))
		return g_strdup_printf("%s record of type %02x",
				record[2] >= RECORD_OEM_TIME ? "the maker's own" : "unknown",
				record[2]);
	if (record[10] < G_N_ELEMENTS(rack_log_types) && rack_log_types[record[10]].name)
		type = &rack_log_types[record[10]];
	name = type ? g_strdup(type->name) : g_strdup_printf("sensor type %02x", record[10]);
	if (kind == EVENT_THRESHOLD)
		event = rack_log_threshold(offset);
	else if (kind == EVENT_SPECIFIC && type && type->events[offset])
		event = g_strdup(type->events[offset]);
	else
		event = g_strdup_printf("event %02x.%x", kind, offset);
	return g_strdup_printf("%s: %s%s", name, event, record[12] & EVENT_ENDED ? ", ended" : "");
}

static json_t *rack_log_when(const uint8_t *record)
{
	uint32_t seconds = rack_log_time(record);
	g_autoptr(GDateTime) time = NULL;
	g_autofree char *text = NULL;

	if (seconds == TIME_NONE || seconds <= TIME_START)
		return json_null();
	time = g_date_time_new_from_unix_utc(seconds);
	text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
	return json_string(text);
}

json_t *rack_log_entry(const uint8_t record[RACK_LOG_RECORD], const char *sensor)
{
	g_autofree char *text = rack_log_text(record), *about = NULL;
	char raw[2 * RACK_LOG_RECORD + 1];

	for (int i = 0; i < RACK_LOG_RECORD; i++)
		g_snprintf(raw + 2 * i, 3, "%02x", record[i]);
	if (!rack_log_is_event(record))
		about = g_strdup("");
	else if (sensor)
		about = g_strdup(sensor);
	else
		about = g_strdup_printf("sensor %02x", record[11]);
	return json_pack("{s:i, s:o, s:s, s:s, s:s}", "id", record[0] | record[1] << 8, "time",
			rack_log_when(record), "sensor", about, "text", text, "raw", raw);
}
