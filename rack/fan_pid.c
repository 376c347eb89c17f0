/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rack/fan_pid.h"

/* Found by a search over some 200 plants, see tests/unit/test_fan_pid.c: none of them is critical.
 */
#define GAIN_AT      50.0  /* percent, the duty where gains are what they say */
#define LEAST_DUTY   1.0   /* percent: nothing grows out of 0 */
#define NOISE_S      390.0 /* time constant of forgetting how noisy a sensor is */
#define STEP_MOST    2.0   /* degrees: what moves by more is no coarse sensor */
#define SLOPE_S      1.5   /* time constant of the slope */
#define SLOPE_FALLS  0.17  /* of kd while it falls */
#define KICK_SLOPE   0.12  /* degrees a second: what is slower is the integral's */
#define KICK_AHEAD_S 2.2   /* so far ahead it has to be too hot */
#define KICK_MOST    2.5   /* times the duty before it */
#define KICK_KEEPS_S 2.5   /* time constant of the integral's following */
#define CALM_S       16.0  /* until the next kick */
#define DEAD_STEPS   2.4   /* of the sensor, below the setpoint: it cannot be told apart there */
#define PAUSE_S      5.0   /* of a longer pause between readings only that is integrated */
#define RETURNS_S    20.0  /* it comes back by itself if it takes no longer than that */

static double fan_pid_limit(double value, double least, double most)
{
	return value < least ? least : value > most ? most : value;
}

/* e to that many times GAIN_AT, nearly: who is pure has no libm. */
static double fan_pid_factor(double percent)
{
	double factor = 1 + percent / GAIN_AT / 8;

	if (factor < 0)
		return 0;
	factor *= factor;
	factor *= factor;
	return factor * factor;
}

/* --- What the sensor means --- */

static double fan_pid_size(double value)
{
	return value < 0 ? -value : value;
}

static void fan_pid_begin(struct fan_pid_state *state, double temperature)
{
	state->began = true;
	state->said = state->read = state->temperature = temperature;
}

/* A temperature has a way to go before it turns; what turns at once is the sensor. */
static double fan_pid_width(struct fan_pid_state *state, double temperature, double seconds)
{
	double moved = temperature - state->said;
	double size = fan_pid_limit(fan_pid_size(moved), 0, STEP_MOST);

	state->noise -= state->noise * fan_pid_limit(seconds / NOISE_S, 0, 1);
	if (moved == 0)
		return state->noise > state->step ? state->noise : state->step;
	if (state->step == 0 || size < state->step)
		state->step = size;
	if (moved * state->moved < 0 && size > state->noise)
		state->noise = size;
	state->moved = moved;
	state->said = temperature;
	return state->noise > state->step ? state->noise : state->step;
}

static void fan_pid_moved(
		struct fan_pid_state *state, double temperature, double width, double seconds)
{
	double moved = temperature - state->read, sign = moved < 0 ? -1 : 1;
	double edge = temperature - sign * width / 2, slope = 0;
	double least = (sign * moved - 2 * width) / seconds; /* it was no further the last time */

	if (state->edged)
		slope = (edge - state->edge) / state->since;
	if (sign * slope < least)
		slope = sign * least;
	state->slope += (slope - state->slope) * fan_pid_limit(state->since / SLOPE_S, 0, 1);
	state->edge = edge;
	state->edged = true;
	state->since = 0;
	state->read = temperature;
}

static void fan_pid_read(struct fan_pid_state *state, double temperature, double seconds)
{
	double width = fan_pid_width(state, temperature, seconds), slope;

	state->since += seconds;
	if (seconds > 0 && temperature != state->read &&
			fan_pid_size(temperature - state->read) >= 0.99 * width) {
		fan_pid_moved(state, temperature, width, seconds);
	} else if (state->since > 0) {
		/* It would have moved by now if it were faster. */
		slope = width / state->since;
		state->slope = fan_pid_limit(state->slope, -slope, slope);
	}
	state->width = width;
	state->temperature = fan_pid_limit(state->temperature + state->slope * seconds,
			state->read - width / 2, state->read + width / 2);
}

/* --- What is done about it --- */

/* Degrees above the setpoint, or below it, beyond what counts as none. */
static double fan_pid_error(const struct fan_pid_state *state, const struct fan_pid *pid)
{
	double error = state->temperature - pid->setpoint, below = DEAD_STEPS * state->width;

	if (below < pid->dead)
		below = pid->dead;
	if (error > pid->dead)
		return error - pid->dead;
	return error < -below ? error + below : 0;
}

/* The slope that the derivative works on. */
static double fan_pid_slope(struct fan_pid_state *state, const struct fan_pid *pid, double seconds)
{
	double slope = state->slope;
	double ahead = state->temperature + slope * KICK_AHEAD_S - pid->setpoint;

	if (slope < KICK_SLOPE && slope > -KICK_SLOPE)
		state->calm += seconds;
	else
		state->calm = 0;
	if (state->kick == FAN_PID_STEADY && state->calm >= CALM_S)
		state->kick = FAN_PID_ARMED;
	if (slope <= KICK_SLOPE) {
		if (state->kick == FAN_PID_KICKS)
			state->kick = FAN_PID_STEADY;
		return slope < 0 ? slope * SLOPE_FALLS : 0;
	}
	if (state->kick == FAN_PID_STEADY || ahead <= pid->dead)
		return 0;
	state->kick = FAN_PID_KICKS;
	return slope;
}

/* It has an end, and leaves more behind than there was. */
static void fan_pid_kick(struct fan_pid_state *state, double seconds, double *base, double *demand)
{
	double most;

	if (state->from == 0)
		state->from = *base;
	most = state->from * KICK_MOST;
	if (*demand > most)
		*demand = *base > most ? *base : most;
	if (*demand > *base)
		*base += (*demand - *base) * fan_pid_limit(seconds / KICK_KEEPS_S, 0, 1);
}

double fan_pid_step(struct fan_pid_state *state, const struct fan_pid *pid, double least,
		double most, double temperature, double seconds)
{
	double floor = least > LEAST_DUTY ? least : LEAST_DUTY;
	double error, slope, base, demand;

	if (state->began)
		fan_pid_read(state, temperature, seconds);
	else
		fan_pid_begin(state, temperature);
	error = fan_pid_error(state, pid);
	slope = fan_pid_slope(state, pid, seconds);
	base = fan_pid_limit(pid->feed + state->integral, floor, most);
	demand = fan_pid_limit(base * fan_pid_factor(pid->kp * error + pid->kd * slope), 0, most);
	if (slope > 0)
		fan_pid_kick(state, seconds, &base, &demand);
	else
		state->from = 0;
	if (!(error < 0 && state->slope * RETURNS_S > -error) && !(demand >= most && error > 0) &&
			!(demand <= floor && error < 0))
		base += base / GAIN_AT * pid->ki * error * fan_pid_limit(seconds, 0, PAUSE_S);
	state->integral = fan_pid_limit(base, floor, most) - pid->feed;
	return demand < least ? least : demand;
}
