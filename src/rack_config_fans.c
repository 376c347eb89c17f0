/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The board's sensors, and the fan wall: zones with their inputs and fans. */
#include <string.h>
#include "rack/hwmon_file.h"
#include "rack/pattern.h"
#include "src/rack_config_part.h"
#include "src/suggest.h"

static bool rack_fans_named(const struct rack_config_reader *reader,
		const struct config_group *group, const char *what)
{
	return rack_config_is_name(config_group_name(group)) ||
	       rack_config_wrong(reader, group, NULL, "\"%s\" is no name for %s",
			       config_group_name(group), what);
}

static size_t rack_fans_groups(const struct rack_config_reader *reader, const char *kind)
{
	size_t count = 0;

	while (config_group(reader->file, kind, count))
		count++;
	return count;
}

bool rack_config_find_zone(const struct rack_config_reader *reader,
		const struct config_group *group, const char *name, size_t *zone)
{
	const struct rack_config *config = reader->config;
	const char *near = NULL;

	for (*zone = 0; *zone < config->zone_count; (*zone)++) {
		if (strcmp(config->zones[*zone].name, name) == 0)
			return true;
		near = suggest_nearer(name, near, config->zones[*zone].name);
	}
	return rack_config_wrong(reader, group, "zone", "there is no [zone %s]%s%s%s", name,
			near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* --- Sensors --- */

static bool rack_sensor_read(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_config_sensor *sensor)
{
	static const char *const needed[] = {"device", "attribute", NULL};
	struct rack_sensor_keys keys = {0};
	bool fine;

	config_group_defaults(rack_config_table, "sensor", &keys);
	fine = rack_fans_named(reader, group, "a sensor") &&
	       config_group_apply(reader->file, group, &keys, reader->error) &&
	       rack_config_needs(reader, group, needed);
	*sensor = keys.sensor;
	sensor->name = g_strdup(config_group_name(group));
	if (!fine || hwmon_sensor_scale(sensor->attribute) > 0)
		return fine;
	return rack_config_wrong(reader, group, "attribute",
			"\"%s\" is no sensor: temp1, fan2, in0, curr1, power1 and humidity1 are",
			sensor->attribute);
}

bool rack_config_read_sensors(const struct rack_config_reader *reader)
{
	struct rack_config *config = reader->config;
	const struct config_group *group;

	config->sensors = g_new0(struct rack_config_sensor, rack_fans_groups(reader, "sensor"));
	while ((group = config_group(reader->file, "sensor", config->sensor_count)) != NULL)
		if (!rack_sensor_read(reader, group, &config->sensors[config->sensor_count++]))
			return false;
	return true;
}

/* --- Zones --- */

static bool rack_zone_read(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_config_zone *zone)
{
	struct rack_zone_keys keys = {0};
	bool fine;

	config_group_defaults(rack_config_table, "zone", &keys);
	fine = rack_fans_named(reader, group, "a zone") &&
	       config_group_apply(reader->file, group, &keys, reader->error);
	*zone = keys.zone;
	zone->name = g_strdup(config_group_name(group));
	if (!fine || zone->settings.least <= zone->settings.most)
		return fine;
	return rack_config_wrong(reader, group, "least", "least = %g is above most = %g",
			zone->settings.least, zone->settings.most);
}

bool rack_config_read_zones(const struct rack_config_reader *reader)
{
	struct rack_config *config = reader->config;
	const struct config_group *group;

	config->zones = g_new0(struct rack_config_zone, rack_fans_groups(reader, "zone"));
	while ((group = config_group(reader->file, "zone", config->zone_count)) != NULL)
		if (!rack_zone_read(reader, group, &config->zones[config->zone_count++]))
			return false;
	return true;
}

/* --- Inputs --- */

/* "25:30"; false: it is none. */
static bool rack_input_point(const char *text, struct fan_point *point)
{
	const char *colon = strchr(text, ':');
	g_autofree char *temperature = colon ? g_strndup(text, (gsize)(colon - text)) : NULL;

	return colon && config_number(g_strstrip(temperature), -100, 300, &point->temperature) &&
	       config_number(colon + 1 + strspn(colon + 1, " \t"), 0, 100, &point->duty);
}

static bool rack_input_curve(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_input_keys *keys)
{
	struct fan_input_settings *settings = &keys->input.settings;
	struct fan_point *point = settings->curve;

	for (char **text = keys->curve; text && *text; text++, point++) {
		if (settings->points++ == FAN_CURVE_POINTS)
			return rack_config_wrong(reader, group, "curve",
					"curve has more than %d steps", FAN_CURVE_POINTS);
		if (!rack_input_point(*text, point))
			return rack_config_wrong(reader, group, "curve",
					"curve has \"%s\"; DEGREES:PERCENT is what it has to have",
					*text);
		if (settings->points > 1 && (point->temperature <= point[-1].temperature ||
							    point->duty < point[-1].duty))
			return rack_config_wrong(reader, group, "curve",
					"curve does not rise at \"%s\"", *text);
	}
	return true;
}

static bool rack_input_control(const struct rack_config_reader *reader,
		const struct config_group *group, const struct fan_input_settings *settings)
{
	static const char *const pid[] = {"setpoint", "feed", "kp", "ki", "kd", "dead"};
	bool curve = settings->control == FAN_CONTROL_CURVE;

	for (size_t i = 0; curve && i < G_N_ELEMENTS(pid); i++)
		if (config_group_has(reader->file, group, pid[i]))
			return rack_config_wrong(reader, group, pid[i],
					"%s goes with control = pid", pid[i]);
	if (curve && settings->points == 0)
		return rack_config_wrong(reader, group, "control", "control = curve needs a curve");
	if (!curve && settings->points > 0)
		return rack_config_wrong(reader, group, "curve", "curve goes with control = curve");
	if (!curve && !config_group_has(reader->file, group, "setpoint"))
		return rack_config_wrong(
				reader, group, "control", "control = pid needs a setpoint");
	return true;
}

static bool rack_input_range(const struct rack_config_reader *reader,
		const struct config_group *group, const struct fan_input_settings *settings)
{
	if (settings->low >= settings->high)
		return rack_config_wrong(reader, group,
				config_group_has(reader->file, group, "low") ? "low" : "high",
				"low = %g is not below high = %g", settings->low, settings->high);
	if (settings->critical <= settings->low || settings->critical > settings->high)
		return rack_config_wrong(reader, group, "critical",
				"critical = %g is not within low and high, %g to %g",
				settings->critical, settings->low, settings->high);
	if (settings->control == FAN_CONTROL_PID && settings->pid.setpoint >= settings->critical)
		return rack_config_wrong(reader, group, "setpoint",
				"setpoint = %g is not below critical = %g", settings->pid.setpoint,
				settings->critical);
	return true;
}

/* Whether a node's plan reads a sensor often enough to be trusted. */
static bool rack_input_planned(const struct rack_config_reader *reader,
		const struct config_group *group, const struct rack_config_input *input,
		const struct rack_config_node *node)
{
	const struct rack_config_plan *plan = &reader->config->plans[node->plan];
	const char *sensor = strrchr(input->sensor, '/') + 1;
	int every = 0;

	if (strpbrk(sensor, "*?")) /* which these are is not known yet */
		return true;
	for (size_t i = 0; i < plan->settings.rule_count; i++)
		if (pattern_match(plan->rules[i].pattern, sensor)) {
			every = plan->rules[i].every_ms;
			break;
		}
	if (every == 0)
		return rack_config_wrong(reader, group, "sensor",
				"sensor = \"%s\": plan \"%s\" of %s does not read it",
				input->sensor, plan->name, node->name);
	return every < input->settings.timeout_ms ||
	       rack_config_wrong(reader, group, "timeout",
			       "timeout = %g is too short: plan \"%s\" reads %s/%s every %g s",
			       input->settings.timeout_ms / 1000.0, plan->name, node->name, sensor,
			       every / 1000.0);
}

/* Whether somebody measures what it is about. */
static bool rack_input_sensor(const struct rack_config_reader *reader,
		const struct config_group *group, const struct rack_config_input *input)
{
	const struct rack_config *config = reader->config;
	const char *slash = strrchr(input->sensor, '/');
	g_autofree char *node = g_strndup(
			input->sensor, slash ? (gsize)(slash - input->sensor) : 0);
	bool found = false;

	if (!slash || slash == input->sensor || !slash[1])
		return rack_config_wrong(reader, group, "sensor",
				"sensor = \"%s\": NODE/SENSOR or %s/SENSOR is what it has to be",
				input->sensor, RACK_SELF);
	for (size_t i = 0; i < config->node_count; i++) {
		if (!pattern_match(node, config->nodes[i].name))
			continue;
		found = true;
		if (!rack_input_planned(reader, group, input, &config->nodes[i]))
			return false;
	}
	for (size_t i = 0; pattern_match(node, RACK_SELF) && i < config->sensor_count; i++) {
		if (!pattern_match(slash + 1, config->sensors[i].name))
			continue;
		found = true;
		if (config->sensors[i].every >= input->settings.timeout_ms)
			return rack_config_wrong(reader, group, "timeout",
					"timeout = %g is too short: [sensor %s] is read every %g s",
					input->settings.timeout_ms / 1000.0,
					config->sensors[i].name, config->sensors[i].every / 1000.0);
	}
	return found || rack_config_wrong(reader, group, "sensor",
					"sensor = \"%s\": no [node] or [sensor] is called so",
					input->sensor);
}

static bool rack_input_read(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_config_input *input)
{
	static const char *const needed[] = {"zone", "sensor", NULL};
	struct rack_input_keys keys = {0};
	bool fine;

	config_group_defaults(rack_config_table, "input", &keys);
	fine = rack_fans_named(reader, group, "an input") &&
	       config_group_apply(reader->file, group, &keys, reader->error) &&
	       rack_config_needs(reader, group, needed) &&
	       rack_config_find_zone(reader, group, keys.zone, &keys.input.zone) &&
	       rack_input_curve(reader, group, &keys) &&
	       rack_input_control(reader, group, &keys.input.settings) &&
	       rack_input_range(reader, group, &keys.input.settings) &&
	       rack_input_sensor(reader, group, &keys.input);
	*input = keys.input;
	input->name = g_strdup(config_group_name(group));
	keys.input = (struct rack_config_input){0};
	config_group_clear(rack_config_table, "input", &keys);
	return fine;
}

bool rack_config_read_inputs(const struct rack_config_reader *reader)
{
	struct rack_config *config = reader->config;
	const struct config_group *group;

	config->inputs = g_new0(struct rack_config_input, rack_fans_groups(reader, "input"));
	while ((group = config_group(reader->file, "input", config->input_count)) != NULL)
		if (!rack_input_read(reader, group, &config->inputs[config->input_count++]))
			return false;
	return true;
}

/* --- Fans --- */

static bool rack_fan_attributes(const struct rack_config_reader *reader,
		const struct config_group *group, const struct rack_config_fan *fan)
{
	if (!hwmon_fan_named(fan->pwm))
		return rack_config_wrong(
				reader, group, "pwm", "\"%s\" is no fan's duty: pwm1 is", fan->pwm);
	if (fan->tachometer && (!g_str_has_prefix(fan->tachometer, "fan") ||
					       hwmon_sensor_scale(fan->tachometer) <= 0))
		return rack_config_wrong(reader, group, "tachometer",
				"\"%s\" is no fan's speed: fan1 is", fan->tachometer);
	return true;
}

/* No two fans are written to the same place, nor a fan's readings take a sensor's. */
static bool rack_fan_apart(const struct rack_config_reader *reader,
		const struct config_group *group, const struct rack_config_fan *fan)
{
	const struct rack_config *config = reader->config;

	for (size_t i = 0; i < config->sensor_count; i++)
		if (strcmp(config->sensors[i].name, config_group_name(group)) == 0)
			return rack_config_wrong(reader, group, NULL,
					"a fan and a sensor are both called \"%s\"",
					config->sensors[i].name);
	for (const struct rack_config_fan *other = config->fans; other->name; other++)
		if (strcmp(other->device, fan->device) == 0 && strcmp(other->pwm, fan->pwm) == 0)
			return rack_config_wrong(reader, group, "pwm", "%s of %s is [fan %s]'s",
					fan->pwm, fan->device, other->name);
	return true;
}

static bool rack_fan_read(const struct rack_config_reader *reader, const struct config_group *group,
		struct rack_config_fan *fan)
{
	static const char *const needed[] = {"zone", "device", "pwm", NULL};
	struct rack_fan_keys keys = {0};
	bool fine;

	config_group_defaults(rack_config_table, "fan", &keys);
	fine = rack_fans_named(reader, group, "a fan") &&
	       config_group_apply(reader->file, group, &keys, reader->error) &&
	       rack_config_needs(reader, group, needed) &&
	       rack_config_find_zone(reader, group, keys.zone, &keys.fan.zone) &&
	       rack_fan_attributes(reader, group, &keys.fan) &&
	       rack_fan_apart(reader, group, &keys.fan);
	*fan = keys.fan;
	fan->name = g_strdup(config_group_name(group));
	keys.fan = (struct rack_config_fan){0};
	config_group_clear(rack_config_table, "fan", &keys);
	return fine;
}

/* A zone without one of them would do nothing, or not know what. */
static bool rack_zones_whole(const struct rack_config_reader *reader)
{
	const struct rack_config *config = reader->config;

	for (size_t zone = 0; zone < config->zone_count; zone++) {
		const struct config_group *group = config_group(reader->file, "zone", zone);
		bool input = false, fan = false;

		for (size_t i = 0; i < config->input_count; i++)
			input = input || config->inputs[i].zone == zone;
		for (size_t i = 0; i < config->fan_count; i++)
			fan = fan || config->fans[i].zone == zone;
		if (!input || !fan)
			return rack_config_wrong(reader, group, NULL, "[zone %s] has no [%s]",
					config->zones[zone].name, input ? "fan" : "input");
	}
	return true;
}

bool rack_config_read_fans(const struct rack_config_reader *reader)
{
	struct rack_config *config = reader->config;
	const struct config_group *group;

	/* And one without a name. */
	config->fans = g_new0(struct rack_config_fan, rack_fans_groups(reader, "fan") + 1);
	while ((group = config_group(reader->file, "fan", config->fan_count)) != NULL)
		if (!rack_fan_read(reader, group, &config->fans[config->fan_count++]))
			return false;
	return rack_zones_whole(reader);
}
