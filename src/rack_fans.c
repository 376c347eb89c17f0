/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include "rack/sdr.h"
#include "src/log.h"
#include "src/rack_fans.h"
#include "src/rack_fans_inputs.h"

#define RACK_FANS_STEP_MS    100
#define RACK_FANS_DUTY_STEPS 10  /* between the records of a fan's duty */
#define RACK_FANS_TACH_MS    500 /* a fan that stops is known after three of these */
#define RACK_FANS_SENSOR_MS  1000
#define RACK_FANS_SILENT_MS  5000 /* a tachometer of which nothing was heard */
#define RACK_FANS_TTL_MS     5000 /* the least of a board's record */
#define RACK_FANS_STRIKES    3    /* as fan_zone has it */

/* An input of the board: a sensor, or a fan's tachometer. */
struct rack_fans_probe {
	const char *name, *attribute;
	int every; /* ms */
	int error; /* the last one; 0: it could be read */
};

struct rack_fans_fan {
	const struct rack_config_fan *config;
	size_t number; /* in its zone */
	struct rack_fans_probe probe;
	double duty; /* percent; below 0: it was not told any yet */
	int rpm, strikes;
	int64_t heard_at; /* of its tachometer */
	int write_error;
	char *fault;
};

struct rack_fans_zone {
	const struct rack_config_zone *config;
	struct fan_zone *zone;
	struct rack_fans_input *inputs;
	size_t input_count;
	const char **about; /* names of the zone's inputs; guards have their pattern's */
	size_t *fans;       /* by number in the zone */
	size_t fan_count;
	double manual; /* percent; below 0: none */
	bool failsafe; /* as it was said */
};

struct rack_fans {
	const struct rack_config *config;
	const struct rack_world *world;
	struct readings *readings;
	struct events *events;
	uint32_t generation; /* of SELF */
	struct board *board;
	struct rack_fans_probe *sensors;
	struct rack_fans_fan *fans;
	struct rack_fans_zone *zones;
	size_t *tachometers; /* fans of the board's inputs behind the sensors */
	guint timer;
	unsigned int steps;
	void (*petted)(void *data);
	void *data;
};

static int64_t rack_fans_now(const struct rack_fans *fans)
{
	return rack_clock_now(&fans->world->clock);
}

const char *rack_fan_reason_word(enum fan_reason reason)
{
	static const char *const words[] = {"start", "demand", "least", "stale", "broken", "range",
			"recovers", "critical", "fan", "manual"};

	return words[reason];
}

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

/* It turns, or it does not; rpm -1: that is not known, which is no better than standing still. */
static void rack_fans_turns(struct rack_fans *fans, struct rack_fans_fan *fan, int rpm)
{
	struct rack_fans_zone *zone = &fans->zones[fan->config->zone];
	bool failed = fan->strikes >= RACK_FANS_STRIKES;

	fan->rpm = rpm;
	if (rpm >= fan->config->least_rpm)
		fan->strikes = 0;
	else if (fan->duty == 0) /* it is meant to stand still */
		return;
	else if (fan->strikes < RACK_FANS_STRIKES)
		fan->strikes++;
	fan_zone_tachometer(zone->zone, fan->number, rpm);
	if (failed == (fan->strikes >= RACK_FANS_STRIKES))
		return;
	if (failed)
		log_line(LOG_LINE_NOTICE, "fan %s: runs again", fan->config->name);
	else if (rpm < 0)
		log_line(LOG_LINE_ERROR, "fan %s: whether it runs is not known", fan->config->name);
	else
		log_line(LOG_LINE_ERROR, "fan %s: stands still (%d RPM)", fan->config->name, rpm);
	events_publish(fans->events, failed ? "fan.runs" : "fan.failed",
			json_pack("{s:s}", "fan", fan->config->name));
}

/* A device that hangs says nothing at all. */
static void rack_fans_listen(struct rack_fans *fans, struct rack_fans_fan *fan, int64_t now)
{
	if (!fan->config->tachometer || now - fan->heard_at < RACK_FANS_SILENT_MS)
		return;
	fan->heard_at += RACK_FANS_TACH_MS;
	rack_fans_probed(&fan->probe, "fan", ETIMEDOUT);
	rack_fans_fault(fan);
	rack_fans_turns(fans, fan, -1);
}

static void rack_fans_tachometer(struct rack_fans *fans, struct rack_fans_fan *fan,
		const struct hwmon_reading *reading)
{
	rack_fans_put(fans, &fan->probe, reading);
	rack_fans_probed(&fan->probe, "fan", reading->error);
	rack_fans_fault(fan);
	fan->heard_at = rack_fans_now(fans);
	rack_fans_turns(fans, fan, reading->error ? -1 : (int)reading->value);
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

	if (written->error == fan->write_error)
		return;
	fan->write_error = written->error;
	rack_fans_fault(fan);
	if (written->error)
		log_line(LOG_LINE_ERROR, "fan %s: %s; trying again", fan->config->name, fan->fault);
	else
		log_line(LOG_LINE_NOTICE, "fan %s: %s is written again", fan->config->name,
				fan->config->pwm);
}

static void rack_fans_tell_duty(struct rack_fans *fans, const struct rack_fans_fan *fan)
{
	const struct readings_value value = {
			.value = fan->duty, .percent = true, .ttl = RACK_FANS_TTL_MS};
	char *name = g_strdup_printf("%s_PWM", fan->config->name);
	int64_t now = rack_fans_now(fans);

	readings_put(fans->readings, RACK_SELF, fans->generation, name, now, now, &value);
	g_free(name);
}

/* --- Zones --- */

/* The input or fan that is meant. */
static const char *rack_fans_about(const struct rack_fans *fans, const struct rack_fans_zone *zone,
		enum fan_reason reason, size_t index)
{
	switch (reason) {
	case FAN_REASON_FAN:
		return fans->fans[zone->fans[index]].config->name;
	case FAN_REASON_LEAST:
	case FAN_REASON_MANUAL:
		return NULL;
	default:
		return zone->input_count > 0 ? zone->about[index] : NULL;
	}
}

static const char *rack_fans_words(enum fan_reason reason)
{
	switch (reason) {
	case FAN_REASON_STALE:
		return "says nothing";
	case FAN_REASON_BROKEN:
		return "cannot be read";
	case FAN_REASON_RANGE:
		return "says what cannot be";
	case FAN_REASON_FAN:
		return "stands still";
	default:
		return "is not trusted yet";
	}
}

static void rack_fans_say(struct rack_fans *fans, struct rack_fans_zone *zone)
{
	const char *name = zone->config->name, *about;
	struct fan_state state;

	fan_zone_read(zone->zone, &state);
	if (state.failsafe == zone->failsafe)
		return;
	zone->failsafe = state.failsafe;
	if (!state.failsafe) {
		log_line(LOG_LINE_NOTICE, "fans: zone %s can trust its inputs and fans again",
				name);
		events_publish(fans->events, "fan.recovered", json_pack("{s:s}", "zone", name));
		return;
	}
	about = rack_fans_about(fans, zone, state.doubt, state.doubted);
	log_line(LOG_LINE_ERROR, "fans: zone %s runs at %.0f %%: %s %s %s", name, state.duty,
			state.doubt == FAN_REASON_FAN ? "fan" : "input", about,
			rack_fans_words(state.doubt));
	events_publish(fans->events, "fan.failsafe",
			json_pack("{s:s, s:s, s:s?, s:f}", "zone", name, "reason",
					rack_fan_reason_word(state.doubt), "about", about, "duty",
					state.duty));
}

static void rack_fans_control(struct rack_fans *fans, struct rack_fans_zone *zone, int64_t now)
{
	double duty;

	for (size_t i = 0; i < zone->input_count; i++)
		rack_fans_input_tell(&zone->inputs[i], zone->zone, fans->readings, now);
	duty = fan_zone_step(zone->zone, now);
	for (size_t i = 0; i < zone->fan_count; i++) {
		fans->fans[zone->fans[i]].duty = duty;
		board_duty(fans->board, zone->fans[i], duty);
	}
	rack_fans_say(fans, zone);
}

static gboolean rack_fans_step(gpointer data)
{
	struct rack_fans *fans = data;
	int64_t now = rack_fans_now(fans);

	for (size_t i = 0; i < fans->config->fan_count; i++)
		rack_fans_listen(fans, &fans->fans[i], now);
	for (size_t i = 0; i < fans->config->zone_count; i++)
		rack_fans_control(fans, &fans->zones[i], now);
	if (fans->steps++ % RACK_FANS_DUTY_STEPS == 0)
		for (size_t i = 0; i < fans->config->fan_count; i++)
			rack_fans_tell_duty(fans, &fans->fans[i]);
	if (fans->petted)
		fans->petted(fans->data);
	return G_SOURCE_CONTINUE;
}

/* --- What others see --- */

size_t rack_fans_zones(const struct rack_fans *fans)
{
	return fans->config->zone_count;
}

bool rack_fans_find_zone(const struct rack_fans *fans, const char *name, size_t *zone)
{
	for (size_t i = 0; i < fans->config->zone_count; i++)
		if (strcmp(fans->config->zones[i].name, name) == 0) {
			*zone = i;
			return true;
		}
	return false;
}

void rack_fans_zone(const struct rack_fans *fans, size_t zone, struct rack_zone_status *out)
{
	const struct rack_fans_zone *of = &fans->zones[zone];

	*out = (struct rack_zone_status){.name = of->config->name,
			.manual = of->manual >= 0,
			.manual_duty = of->manual};
	fan_zone_read(of->zone, &out->state);
	out->about = rack_fans_about(fans, of, out->state.reason, out->state.index);
}

size_t rack_fans_count(const struct rack_fans *fans)
{
	return fans->config->fan_count;
}

void rack_fans_fan(const struct rack_fans *fans, size_t fan, struct rack_fan_status *out)
{
	const struct rack_fans_fan *of = &fans->fans[fan];

	*out = (struct rack_fan_status){
			.name = of->config->name,
			.zone = of->config->zone,
			.duty = of->duty,
			.rpm = of->rpm,
			.failed = of->strikes >= RACK_FANS_STRIKES,
			.fault = of->fault,
	};
}

void rack_fans_manual(struct rack_fans *fans, size_t zone, double duty)
{
	struct rack_fans_zone *of = &fans->zones[zone];

	of->manual = duty < 0 ? -1 : MIN(duty, 100);
	fan_zone_manual(of->zone, of->manual);
}

/* --- Coming and going --- */

static bool rack_fans_make_zone(struct rack_fans *fans, size_t number, GError **error)
{
	const struct rack_config *config = fans->config;
	struct rack_fans_zone *zone = &fans->zones[number];
	struct fan_input_settings *inputs = g_new0(
			struct fan_input_settings, 2 * config->input_count);
	int *least = g_new0(int, config->fan_count);
	struct fan_settings settings = config->zones[number].settings;
	size_t taken = 0;

	zone->config = &config->zones[number];
	zone->manual = -1;
	zone->inputs = g_new0(struct rack_fans_input, config->input_count);
	zone->about = g_new0(const char *, 2 * config->input_count);
	zone->fans = g_new0(size_t, config->fan_count);
	for (size_t i = 0; i < config->input_count; i++) {
		const struct rack_config_input *input = &config->inputs[i];

		if (input->zone != number)
			continue;
		zone->about[taken] = zone->about[taken + 1] = input->name;
		taken += rack_fans_input_init(
				&zone->inputs[zone->input_count++], input, taken, inputs + taken);
	}
	for (size_t i = 0; i < config->fan_count; i++) {
		if (config->fans[i].zone != number)
			continue;
		fans->fans[i].number = zone->fan_count;
		least[zone->fan_count] = config->fans[i].least_rpm;
		zone->fans[zone->fan_count++] = i;
	}
	settings.inputs = inputs;
	settings.input_count = taken;
	settings.least_rpm = least;
	settings.fan_count = zone->fan_count;
	zone->zone = fan_zone_new(&settings);
	g_free(inputs);
	g_free(least);
	if (!zone->zone)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "zone %s: no memory",
				zone->config->name);
	return zone->zone != NULL;
}

static bool rack_fans_make_board(struct rack_fans *fans, GError **error)
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

struct rack_fans *rack_fans_new(const struct rack_config *config, const struct rack_world *world,
		struct readings *readings, struct events *events, void (*petted)(void *data),
		void *data, GError **error)
{
	struct rack_fans *fans = g_new0(struct rack_fans, 1);
	bool made = true;

	fans->config = config;
	fans->world = world;
	fans->readings = readings;
	fans->events = events;
	fans->petted = petted;
	fans->data = data;
	fans->sensors = g_new0(struct rack_fans_probe, config->sensor_count);
	fans->fans = g_new0(struct rack_fans_fan, config->fan_count);
	fans->tachometers = g_new0(size_t, config->fan_count);
	fans->zones = g_new0(struct rack_fans_zone, config->zone_count);
	for (size_t i = 0; i < config->fan_count; i++) {
		const struct rack_config_fan *fan = &config->fans[i];

		fans->fans[i] = (struct rack_fans_fan){
				.config = fan,
				.probe = {fan->name, fan->tachometer, RACK_FANS_TACH_MS, 0},
				.duty = -1,
				.rpm = -1,
				.heard_at = rack_fans_now(fans),
		};
	}
	for (size_t i = 0; made && i < config->zone_count; i++)
		made = rack_fans_make_zone(fans, i, error);
	if (!made || !rack_fans_make_board(fans, error)) {
		rack_fans_free(fans);
		return NULL;
	}
	/* What a former configuration had is gone with it. */
	readings_add(readings, RACK_SELF);
	fans->generation = readings_flush(readings, RACK_SELF);
	fans->timer = g_timeout_add_full(G_PRIORITY_HIGH,
			rack_clock_real(&world->clock, RACK_FANS_STEP_MS), rack_fans_step, fans,
			NULL);
	return fans;
}

void rack_fans_free(struct rack_fans *fans)
{
	if (!fans)
		return;
	if (fans->timer)
		g_source_remove(fans->timer);
	for (size_t i = 0; fans->board && i < fans->config->fan_count; i++)
		board_duty(fans->board, i, fans->config->safe_duty);
	board_free(fans->board);
	for (size_t i = 0; i < fans->config->zone_count; i++) {
		struct rack_fans_zone *zone = &fans->zones[i];

		for (size_t k = 0; k < zone->input_count; k++)
			rack_fans_input_clear(&zone->inputs[k]);
		fan_zone_free(zone->zone);
		g_free(zone->inputs);
		g_free(zone->about);
		g_free(zone->fans);
	}
	for (size_t i = 0; i < fans->config->fan_count; i++)
		g_free(fans->fans[i].fault);
	g_free(fans->sensors);
	g_free(fans->fans);
	g_free(fans->tachometers);
	g_free(fans->zones);
	g_free(fans);
}
