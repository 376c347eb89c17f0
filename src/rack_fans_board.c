/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include "rack/sdr.h"
#include "src/log.h"
#include "src/rack_fans_part.h"

#define RACK_FANS_SENSOR_MS 1000
#define RACK_FANS_SILENT_MS 5000 /* a tachometer of which nothing was heard */
#define RACK_FANS_ASTRAY_MS 2000 /* that a fan cannot be written, and it counts as failed */
#define RACK_FANS_BEHIND    2.0  /* percent that a duty may lie behind */
#define RACK_FANS_RPM_MOST  1e6
#define RACK_FANS_TTL_MS    5000 /* the least of a board's record */

/* In words for the operator. */
static const char *rack_fans_problem(int error)
{
	switch (error) {
	case ENOTUNIQ:
		return "several devices match";
	case ENODATA:
		return "the device says that it is broken";
	case ETIMEDOUT:
		return "it does not answer";
	default:
		return g_strerror(error);
	}
}

/* --- Readings of the board --- */

static void rack_fans_unit(const char *attribute, struct readings_value *value)
{
	static const struct {
		const char *word;
		enum sdr_unit unit;
	} units[] = {{"temp", SDR_UNIT_CELSIUS}, {"fan", SDR_UNIT_RPM}, {"in", SDR_UNIT_VOLT},
			{"curr", SDR_UNIT_AMPERE}, {"power", SDR_UNIT_WATT}};

	value->percent = g_str_has_prefix(attribute, "humidity");
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (g_str_has_prefix(attribute, units[i].word))
			value->unit = units[i].unit;
}

static void rack_fans_put(struct rack_fans *fans, const struct rack_fans_probe *probe,
		const struct hwmon_reading *reading)
{
	struct readings_value value = {
			.value = reading->value, .ttl = MAX(3 * probe->every, RACK_FANS_TTL_MS)};
	int64_t now = rack_fans_now(fans);

	rack_fans_unit(probe->attribute, &value);
	if (reading->error)
		readings_fail(fans->readings, RACK_SELF, fans->generation, probe->name, now);
	else
		readings_put(fans->readings, RACK_SELF, fans->generation, probe->name, now,
				MIN(reading->taken, now), &value);
}

/* Says it once. */
static void rack_fans_probed(struct rack_fans_probe *probe, const char *kind, int error)
{
	if (error == probe->error)
		return;
	probe->error = error;
	if (error)
		log_line(LOG_LINE_WARNING, "%s %s: %s cannot be read: %s; trying again", kind,
				probe->name, probe->attribute, rack_fans_problem(error));
	else
		log_line(LOG_LINE_NOTICE, "%s %s: %s is read again", kind, probe->name,
				probe->attribute);
}

/* --- Fans --- */

static void rack_fans_fault(struct rack_fans_fan *fan)
{
	g_clear_pointer(&fan->fault, g_free);
	if (fan->write_error)
		fan->fault = g_strdup_printf("%s cannot be written: %s", fan->config->pwm,
				rack_fans_problem(fan->write_error));
	else if (fan->probe.error)
		fan->fault = g_strdup_printf("%s cannot be read: %s", fan->config->tachometer,
				rack_fans_problem(fan->probe.error));
}

void rack_fans_tell_zone(struct rack_fans *fans, const struct rack_fans_fan *fan, bool runs)
{
	struct fan_zone *zone = fans->zones[fan->config->zone].zone;

	for (int i = 0; i < (runs ? 1 : RACK_FANS_STRIKES); i++)
		fan_zone_tachometer(zone, fan->number, runs ? INT_MAX : -1);
}

static bool rack_fans_failed(const struct rack_fans_fan *fan)
{
	return fan->strikes >= RACK_FANS_STRIKES || fan->astray;
}

/* The others have to make up for one that stands still, and for one that cannot be told to run
 * faster. Says it once. */
static void rack_fans_judge(struct rack_fans *fans, struct rack_fans_fan *fan)
{
	const char *name = fan->config->name;
	bool failed = rack_fans_failed(fan);

	if (failed == fan->failed)
		return;
	fan->failed = failed;
	rack_fans_tell_zone(fans, fan, !failed);
	if (!failed)
		log_line(LOG_LINE_NOTICE, "fan %s: runs again", name);
	else if (fan->strikes < RACK_FANS_STRIKES)
		log_line(LOG_LINE_ERROR, "fan %s: does not do as it is told", name);
	else if (fan->rpm < 0)
		log_line(LOG_LINE_ERROR, "fan %s: whether it runs is not known", name);
	else
		log_line(LOG_LINE_ERROR, "fan %s: stands still (%d RPM)", name, fan->rpm);
	events_publish(fans->events, failed ? "fan.failed" : "fan.runs",
			json_pack("{s:s}", "fan", name));
}

/* It turns, or it does not; rpm -1: that is not known, which is no better than standing still. */
static void rack_fans_turns(struct rack_fans *fans, struct rack_fans_fan *fan, int rpm)
{
	fan->rpm = rpm;
	if (rpm >= fan->config->least_rpm)
		fan->strikes = 0;
	else if (fan->duty == 0) /* it is meant to stand still */
		return;
	else if (fan->strikes < RACK_FANS_STRIKES)
		fan->strikes++;
	rack_fans_judge(fans, fan);
}

static void rack_fans_listen_to(struct rack_fans *fans, struct rack_fans_fan *fan, int64_t now)
{
	if (!fan->config->tachometer || now - fan->heard_at < RACK_FANS_SILENT_MS)
		return;
	fan->heard_at += RACK_FANS_TACH_MS;
	rack_fans_probed(&fan->probe, "fan", ETIMEDOUT);
	rack_fans_fault(fan);
	rack_fans_turns(fans, fan, -1);
}

/* Says it once. */
static void rack_fans_write_is(struct rack_fans *fans, struct rack_fans_fan *fan, int error)
{
	if (!error)
		fan->missed_at = -1;
	else if (fan->missed_at < 0)
		fan->missed_at = rack_fans_now(fans);
	if (error == fan->write_error)
		return;
	fan->write_error = error;
	rack_fans_fault(fan);
	if (error)
		log_line(LOG_LINE_ERROR, "fan %s: %s; trying again", fan->config->name, fan->fault);
	else
		log_line(LOG_LINE_NOTICE, "fan %s: %s is written again", fan->config->name,
				fan->config->pwm);
}

/* The same of its duty: a write that hangs has no answer either. */
static void rack_fans_follow(struct rack_fans *fans, struct rack_fans_fan *fan, int64_t now)
{
	double behind = fan->duty - fan->written;
	bool missed = fan->missed_at >= 0;

	if (fan->duty < 0 || (behind < RACK_FANS_BEHIND && behind > -RACK_FANS_BEHIND))
		fan->behind_at = -1;
	else if (fan->behind_at < 0)
		fan->behind_at = now;
	else if (now - fan->behind_at >= RACK_FANS_SILENT_MS && !fan->write_error)
		rack_fans_write_is(fans, fan, ETIMEDOUT);
	fan->astray = missed && now - fan->missed_at >= RACK_FANS_ASTRAY_MS;
	rack_fans_judge(fans, fan);
}

void rack_fans_listen(struct rack_fans *fans, int64_t now)
{
	for (size_t i = 0; i < fans->config->fan_count; i++) {
		rack_fans_listen_to(fans, &fans->fans[i], now);
		rack_fans_follow(fans, &fans->fans[i], now);
	}
}

static void rack_fans_tachometer(struct rack_fans *fans, struct rack_fans_fan *fan,
		const struct hwmon_reading *reading)
{
	rack_fans_put(fans, &fan->probe, reading);
	rack_fans_probed(&fan->probe, "fan", reading->error);
	rack_fans_fault(fan);
	fan->heard_at = rack_fans_now(fans);
	rack_fans_turns(fans, fan,
			reading->error ? -1 : (int)CLAMP(reading->value, 0, RACK_FANS_RPM_MOST));
}

static void rack_fans_reading(size_t input, const struct hwmon_reading *reading, void *data)
{
	struct rack_fans *fans = data;
	size_t sensors = fans->config->sensor_count;

	if (input >= sensors) {
		rack_fans_tachometer(
				fans, &fans->fans[fans->tachometers[input - sensors]], reading);
		return;
	}
	rack_fans_put(fans, &fans->sensors[input], reading);
	rack_fans_probed(&fans->sensors[input], "sensor", reading->error);
}

static void rack_fans_written(size_t output, const struct hwmon_written *written, void *data)
{
	struct rack_fans *fans = data;
	struct rack_fans_fan *fan = &fans->fans[output];

	fan->behind_at = -1;
	if (!written->error)
		fan->written = written->duty;
	rack_fans_write_is(fans, fan, written->error);
}

void rack_fans_tell_duty(struct rack_fans *fans, const struct rack_fans_fan *fan)
{
	const struct readings_value value = {
			.value = fan->duty, .percent = true, .ttl = RACK_FANS_TTL_MS};
	char *name = g_strdup_printf("%s_PWM", fan->config->name);
	int64_t now = rack_fans_now(fans);

	readings_put(fans->readings, RACK_SELF, fans->generation, name, now, now, &value);
	g_free(name);
}

/* --- The board --- */

bool rack_fans_open_board(struct rack_fans *fans, GError **error)
{
	static const struct hwmon_events events = {rack_fans_reading, rack_fans_written};
	const struct rack_config *config = fans->config;
	struct hwmon_input *inputs = g_new0(
			struct hwmon_input, config->sensor_count + config->fan_count);
	struct hwmon_output *outputs = g_new0(struct hwmon_output, config->fan_count);
	const struct hwmon_settings settings = {
			.root = config->sysfs,
			.inputs = inputs,
			.input_count = config->sensor_count,
			.outputs = outputs,
			.output_count = config->fan_count,
	};
	struct hwmon_settings all = settings;

	for (size_t i = 0; i < config->sensor_count; i++) {
		const struct rack_config_sensor *sensor = &config->sensors[i];
		int every = sensor->every > 0 ? sensor->every : RACK_FANS_SENSOR_MS;

		fans->sensors[i] = (struct rack_fans_probe){
				sensor->name, sensor->attribute, every, 0};
		inputs[i] = (struct hwmon_input){sensor->device, sensor->attribute, every};
	}
	for (size_t i = 0; i < config->fan_count; i++) {
		const struct rack_config_fan *fan = &config->fans[i];

		outputs[i] = (struct hwmon_output){fan->device, fan->pwm};
		if (!fan->tachometer)
			continue;
		fans->tachometers[all.input_count - config->sensor_count] = i;
		inputs[all.input_count++] = (struct hwmon_input){
				fan->device, fan->tachometer, RACK_FANS_TACH_MS};
	}
	fans->board = fans->world->board(fans->world->data, &all, &events, fans, error);
	g_free(inputs);
	g_free(outputs);
	return fans->board != NULL;
}
