/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "rack/fan_pid.h"
#include "rack/fan_zone.h"

#define FAN_TIMEOUT_MS  5000
#define FAN_FAILSAFE_MS 5000
#define FAN_FAILSAFE    80.0
#define FAN_START       70.0
#define FAN_FALL        5.0
#define FAN_STRIKES     3 /* bad readings in a row */

enum fan_health {
	FAN_HEALTH_UNHEARD,
	FAN_HEALTH_GOOD,
	FAN_HEALTH_IDLE,
	FAN_HEALTH_BROKEN,
	FAN_HEALTH_RANGE,
};

struct fan_input {
	struct fan_input_settings settings;
	enum fan_health health;
	int64_t heard_at; /* the last good reading */
	int64_t bad_at;   /* when it could not be trusted last; -1: never */
	int strikes;
	double temperature; /* the last good one */
	struct fan_pid_state pid;
	int point;     /* of the curve; -1: below the first */
	double demand; /* percent */
};

struct fan_rotor {
	int least_rpm, strikes;
};

struct fan_zone {
	struct fan_settings settings;
	struct fan_input *inputs;
	struct fan_rotor *fans;
	double manual;
	int64_t begun_at, stepped_at; /* the first and the last step; -1: none yet */
	struct fan_state state;
};

/* --- Controllers --- */

static double fan_limit(double value, double least, double most)
{
	return value < least ? least : value > most ? most : value;
}

/* Up at once, down when it has cooled by the hysteresis below the point. */
static double fan_curve(struct fan_input *input, double temperature)
{
	const struct fan_input_settings *settings = &input->settings;

	while (input->point + 1 < settings->points &&
			temperature >= settings->curve[input->point + 1].temperature)
		input->point++;
	while (input->point >= 0 && temperature < settings->curve[input->point].temperature -
								    settings->hysteresis)
		input->point--;
	return input->point < 0 ? 0 : settings->curve[input->point].duty;
}

static void fan_control(
		struct fan_zone *zone, struct fan_input *input, int64_t now, double temperature)
{
	const struct fan_settings *settings = &zone->settings;
	bool first = input->health == FAN_HEALTH_UNHEARD || input->health == FAN_HEALTH_IDLE;
	int64_t passed = first ? 0 : now - input->heard_at;

	input->temperature = temperature;
	if (input->settings.control == FAN_CONTROL_PID)
		input->demand = fan_pid_step(&input->pid, &input->settings.pid, settings->least,
				settings->most, temperature, (double)passed / 1000);
	else
		input->demand = fan_curve(input, temperature);
}

/* --- Readings --- */

void fan_zone_input(struct fan_zone *zone, size_t index, int64_t now, double temperature)
{
	struct fan_input *input = &zone->inputs[index];

	/* Not a number is not in any range either. */
	if (!(temperature >= input->settings.low && temperature <= input->settings.high)) {
		input->health = FAN_HEALTH_RANGE;
		input->bad_at = now;
		return;
	}
	fan_control(zone, input, now, temperature);
	input->health = FAN_HEALTH_GOOD;
	input->heard_at = now;
	input->strikes = 0;
}

/* What comes after it is a beginning. */
void fan_zone_idle(struct fan_zone *zone, size_t index, int64_t now)
{
	struct fan_input *input = &zone->inputs[index];

	input->health = FAN_HEALTH_IDLE;
	input->heard_at = now;
	input->strikes = 0;
	input->pid = (struct fan_pid_state){0};
	input->demand = 0;
	input->point = -1;
}

void fan_zone_broken(struct fan_zone *zone, size_t index, int64_t now)
{
	struct fan_input *input = &zone->inputs[index];

	if (++input->strikes < FAN_STRIKES)
		return;
	input->health = FAN_HEALTH_BROKEN;
	input->bad_at = now;
}

void fan_zone_tachometer(struct fan_zone *zone, size_t fan, int rpm)
{
	struct fan_rotor *rotor = &zone->fans[fan];

	if (rpm >= rotor->least_rpm)
		rotor->strikes = 0;
	else if (rotor->strikes < FAN_STRIKES)
		rotor->strikes++;
}

void fan_zone_manual(struct fan_zone *zone, double duty)
{
	zone->manual = duty;
}

/* --- After another zone --- */

void fan_zone_resume(struct fan_zone *zone, double duty)
{
	zone->state.duty = fan_limit(duty, zone->settings.least, zone->settings.most);
}

static bool fan_same_curve(
		const struct fan_input_settings *one, const struct fan_input_settings *other)
{
	bool same = one->points == other->points;

	for (int i = 0; same && i < one->points; i++)
		same = one->curve[i].temperature == other->curve[i].temperature &&
		       one->curve[i].duty == other->curve[i].duty;
	return same;
}

/* The integral is what held the temperature so far: with another feed it is another one. */
void fan_zone_resume_input(struct fan_zone *zone, size_t index, const struct fan_zone *former,
		size_t former_index)
{
	struct fan_input *input = &zone->inputs[index];
	const struct fan_input *before = &former->inputs[former_index];
	const struct fan_input_settings settings = input->settings;

	if (before->health == FAN_HEALTH_UNHEARD)
		return;
	*input = *before;
	input->settings = settings;
	if (!fan_same_curve(&settings, &before->settings))
		input->point = -1;
	if (settings.control != before->settings.control)
		input->pid = (struct fan_pid_state){0};
	else
		input->pid.integral += before->settings.pid.feed - settings.pid.feed;
	/* Until the next reading. */
	if (settings.control == FAN_CONTROL_CURVE)
		input->demand = fan_curve(input, input->temperature);
}

/* --- Demands --- */

static void fan_ask(struct fan_state *state, double duty, enum fan_reason reason, size_t index)
{
	if (duty <= state->duty)
		return;
	state->duty = duty;
	state->reason = reason;
	state->index = index;
}

/* The first that cannot be trusted is named, before those that are only watched still. */
static void fan_doubt(struct fan_state *state, enum fan_reason reason, size_t index)
{
	if (state->failsafe && state->doubt != FAN_REASON_RECOVERS)
		return;
	state->failsafe = true;
	state->doubt = reason;
	state->doubted = index;
}

/* Why an input cannot be trusted; FAN_REASON_DEMAND: it can. */
static enum fan_reason fan_distrust(
		const struct fan_zone *zone, struct fan_input *input, int64_t now)
{
	switch (input->health) {
	case FAN_HEALTH_UNHEARD:
		return now - zone->begun_at > input->settings.timeout_ms ? FAN_REASON_STALE
									 : FAN_REASON_START;
	case FAN_HEALTH_BROKEN:
		return FAN_REASON_BROKEN;
	case FAN_HEALTH_RANGE:
		return FAN_REASON_RANGE;
	case FAN_HEALTH_GOOD:
	case FAN_HEALTH_IDLE:
		break;
	}
	if (now - input->heard_at > input->settings.timeout_ms) {
		input->bad_at = now;
		return FAN_REASON_STALE;
	}
	if (input->bad_at >= 0 && now - input->bad_at < zone->settings.failsafe_ms)
		return FAN_REASON_RECOVERS;
	return FAN_REASON_DEMAND;
}

static void fan_ask_input(struct fan_zone *zone, size_t index, int64_t now, struct fan_state *state)
{
	struct fan_input *input = &zone->inputs[index];
	enum fan_reason distrust = fan_distrust(zone, input, now);

	if (distrust == FAN_REASON_START) {
		fan_ask(state, zone->settings.start, distrust, index);
	} else if (distrust != FAN_REASON_DEMAND) {
		fan_doubt(state, distrust, index);
		fan_ask(state, input->settings.failsafe, distrust, index);
	}
	if (input->health == FAN_HEALTH_GOOD && input->temperature >= input->settings.critical)
		fan_ask(state, zone->settings.most, FAN_REASON_CRITICAL, index);
	else if (input->health == FAN_HEALTH_GOOD && zone->manual < 0)
		fan_ask(state, input->demand, FAN_REASON_DEMAND, index);
}

double fan_zone_step(struct fan_zone *zone, int64_t now)
{
	const struct fan_settings *settings = &zone->settings;
	struct fan_state state = {.duty = -1};
	double falls;

	if (zone->begun_at < 0)
		zone->begun_at = zone->stepped_at = now;
	fan_ask(&state, settings->least, FAN_REASON_LEAST, 0);
	if (zone->manual >= 0)
		fan_ask(&state, zone->manual, FAN_REASON_MANUAL, 0);
	for (size_t i = 0; i < settings->input_count; i++)
		fan_ask_input(zone, i, now, &state);
	for (size_t i = 0; i < settings->fan_count; i++) {
		if (zone->fans[i].strikes < FAN_STRIKES)
			continue;
		fan_doubt(&state, FAN_REASON_FAN, i);
		fan_ask(&state, settings->fan_failed, FAN_REASON_FAN, i);
	}
	state.duty = fan_limit(state.duty, settings->least, settings->most);
	falls = settings->fall * (double)(now - zone->stepped_at) / 1000;
	if (state.duty < zone->state.duty - falls)
		state.duty = zone->state.duty - falls;
	zone->stepped_at = now;
	zone->state = state;
	return state.duty;
}

void fan_zone_read(const struct fan_zone *zone, struct fan_state *out)
{
	*out = zone->state;
}

double fan_zone_demand(const struct fan_zone *zone, size_t input)
{
	return zone->inputs[input].demand;
}

/* --- Coming and going --- */

static double fan_default(double value, double usual)
{
	return value > 0 ? value : usual;
}

static void fan_zone_fill(struct fan_zone *zone, const struct fan_settings *settings)
{
	struct fan_settings *own = &zone->settings;

	own->most = fan_default(own->most, 100);
	own->start = fan_default(own->start, FAN_START);
	own->fan_failed = fan_default(own->fan_failed, 100);
	own->fall = fan_default(own->fall, FAN_FALL);
	own->failsafe_ms = own->failsafe_ms ? own->failsafe_ms : FAN_FAILSAFE_MS;
	own->inputs = NULL;
	own->least_rpm = NULL;
	for (size_t i = 0; i < own->input_count; i++) {
		struct fan_input *input = &zone->inputs[i];

		input->settings = settings->inputs[i];
		input->settings.failsafe = fan_default(input->settings.failsafe, FAN_FAILSAFE);
		if (!input->settings.timeout_ms)
			input->settings.timeout_ms = FAN_TIMEOUT_MS;
		input->bad_at = -1;
		input->point = -1;
	}
	for (size_t i = 0; i < own->fan_count; i++)
		zone->fans[i].least_rpm = settings->least_rpm[i];
}

struct fan_zone *fan_zone_new(const struct fan_settings *settings)
{
	struct fan_zone *zone = calloc(1, sizeof(*zone));

	if (!zone)
		return NULL;
	zone->settings = *settings;
	zone->manual = -1;
	zone->begun_at = -1;
	zone->inputs = calloc(settings->input_count + 1, sizeof(*zone->inputs));
	zone->fans = calloc(settings->fan_count + 1, sizeof(*zone->fans));
	if (!zone->inputs || !zone->fans) {
		fan_zone_free(zone);
		return NULL;
	}
	fan_zone_fill(zone, settings);
	zone->state.duty = zone->settings.start;
	zone->state.reason = FAN_REASON_START;
	return zone;
}

void fan_zone_free(struct fan_zone *zone)
{
	if (!zone)
		return;
	free(zone->inputs);
	free(zone->fans);
	free(zone);
}
