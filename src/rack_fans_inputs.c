/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/rack_fans_inputs.h"

#define RACK_FANS_LOOK_MS    500 /* between looks at all readings: those of BMCs come more rarely */
#define RACK_FANS_TIMEOUT_MS 5000 /* as fan_zone has it */
#define RACK_FANS_NO_LIMIT   1e9

/* What all that match say. */
struct rack_fans_view {
	bool any, broken, range;
	bool good; /* there is a hottest */
	double hottest;
	int64_t newest, oldest; /* when they were read; the newest of the good ones */
};

/* With * and ?. */
static bool rack_fans_match(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			again = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static int64_t rack_fans_timeout(const struct rack_fans_input *input)
{
	int timeout = input->config->settings.timeout_ms;

	return timeout ? timeout : RACK_FANS_TIMEOUT_MS;
}

static void rack_fans_add(const struct rack_fans_input *input, const struct readings_record *record,
		int64_t now, struct rack_fans_view *view)
{
	const struct fan_input_settings *settings = &input->config->settings;
	int64_t taken = now - record->age;
	double value = record->value.value;

	if (record->state == READINGS_NONE)
		return;
	if (!view->any || (record->age >= 0 && taken < view->oldest))
		view->oldest = taken;
	view->any = true;
	if (record->state == READINGS_BROKEN) {
		view->broken = true;
		return;
	}
	if (record->age > rack_fans_timeout(input))
		return;
	if (!(value >= settings->low && value <= settings->high)) {
		view->range = true;
		return;
	}
	if (!view->good || value > view->hottest)
		view->hottest = value;
	if (!view->good || taken > view->newest)
		view->newest = taken;
	view->good = true;
}

static void rack_fans_look(const struct rack_fans_input *input, const struct readings *readings,
		int64_t now, struct rack_fans_view *view)
{
	struct readings_cursor cursor = {0};
	struct readings_record record;
	const char *node = NULL;
	bool wanted = false;

	*view = (struct rack_fans_view){0};
	while (readings_next(readings, &cursor, now, &record)) {
		if (record.node != node) {
			node = record.node;
			wanted = rack_fans_match(input->node, node);
		}
		if (wanted && rack_fans_match(input->sensor, record.sensor))
			rack_fans_add(input, &record, now, view);
	}
}

static void rack_fans_tell_all(struct rack_fans_input *input, struct fan_zone *zone,
		const struct readings *readings, int64_t now)
{
	struct rack_fans_view view;

	rack_fans_look(input, readings, now, &view);
	if (view.good && view.newest > input->told) {
		input->told = view.newest;
		fan_zone_input(zone, input->index, view.newest, view.hottest);
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

static void rack_fans_tell_one(struct rack_fans_input *input, struct fan_zone *zone,
		const struct readings *readings, int64_t now)
{
	struct readings_record record;
	int64_t taken;

	if (!readings_get(readings, input->config->sensor, now, &record))
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
		size_t index, struct fan_input_settings settings[2])
{
	const char *slash = strrchr(config->sensor, '/');

	*input = (struct rack_fans_input){.config = config,
			.index = index,
			.guard = index + 1,
			.told = INT64_MIN,
			.guarded = INT64_MIN};
	settings[0] = config->settings;
	if (!strpbrk(config->sensor, "*?"))
		return 1;
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
	fan_zone_resume_input(zone, input->guard, former_zone, former->guard);
}

void rack_fans_input_clear(struct rack_fans_input *input)
{
	g_free(input->node);
	g_free(input->sensor);
	input->node = input->sensor = NULL;
}
