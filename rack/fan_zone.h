/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One zone of a fan wall: temperatures in, a duty for all of its fans out. Each input makes its
 * demand, by a curve or by a PID controller; the zone runs at the highest. What cannot be trusted
 * makes a demand too: an input that is stale, broken or out of range, a fan that stands still.
 * Pure: told the time and readings, it asks for nothing but memory, so the daemon and the simulator
 * run the same object. Not thread-safe.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAN_CURVE_POINTS 20

enum fan_control {
	FAN_CONTROL_CURVE,
	FAN_CONTROL_PID,
};

struct fan_point {
	double temperature; /* degrees Celsius, rising along a curve */
	double duty;        /* percent */
};

/* Gains are those at a duty of 50 percent and grow with it: see fan_pid.h. */
struct fan_pid {
	double setpoint; /* degrees Celsius */
	double feed;     /* percent, to begin with */
	double kp;       /* percent for a degree */
	double ki;       /* percent for a degree and second */
	double kd;       /* percent for a degree a second */
	double dead;     /* degrees around the setpoint that are none */
};

struct fan_input_settings {
	enum fan_control control;
	struct fan_pid pid;
	struct fan_point curve[FAN_CURVE_POINTS]; /* in steps: the last point reached counts */
	int points;
	double hysteresis; /* degrees that it must fall below a point before that is left */
	double low, high;  /* what a sound sensor can say, degrees Celsius */
	double critical;   /* from here on all fans run at full duty */
	int timeout_ms;    /* before a value is stale; 0: 5000 */
	double failsafe;   /* percent, while it cannot be trusted; 0: 80 */
};

struct fan_settings {
	double least, most; /* percent; most 0: 100 */
	double start;       /* percent until all inputs were heard; 0: 70 */
	double fan_failed;  /* percent of the others while a fan stands still; 0: 100 */
	double fall;        /* percent a second at most downwards; 0: 5 */
	int failsafe_ms;    /* an input has to be good for that long to be trusted again; 0: 5000 */
	const struct fan_input_settings *inputs; /* copied */
	size_t input_count;
	const int *least_rpm; /* of each fan: below it stands still; copied */
	size_t fan_count;
};

enum fan_reason {
	FAN_REASON_START,    /* not all inputs were heard yet */
	FAN_REASON_DEMAND,   /* an input's controller */
	FAN_REASON_LEAST,    /* nothing asks for more */
	FAN_REASON_STALE,    /* an input says nothing */
	FAN_REASON_BROKEN,   /* an input cannot be read */
	FAN_REASON_RANGE,    /* an input says what cannot be */
	FAN_REASON_RECOVERS, /* an input is good again, and watched for a while */
	FAN_REASON_CRITICAL, /* an input is too hot */
	FAN_REASON_FAN,      /* a fan stands still */
	FAN_REASON_MANUAL,   /* an operator's word */
};

struct fan_state {
	double duty;            /* percent, what fan_zone_step returned last */
	enum fan_reason reason; /* what asks for the most */
	size_t index;           /* of the input or fan that it is about */
	bool failsafe;          /* something cannot be trusted */
	enum fan_reason doubt;  /* then: why, and what; something else may ask for more */
	size_t doubted;
};

struct fan_zone;

struct fan_zone *fan_zone_new(const struct fan_settings *settings); /* NULL: memory is short */

/* now: ms of a clock that does not go back. A value counts from when it was read, not changed. */
void fan_zone_input(struct fan_zone *zone, size_t input, int64_t now, double temperature);

/* It could not be read; three times in a row, and it is broken. */
void fan_zone_broken(struct fan_zone *zone, size_t input, int64_t now);

/* It is sound, and there is nothing to be cooled: it asks for nothing. */
void fan_zone_idle(struct fan_zone *zone, size_t input, int64_t now);

/* A fan below its least speed three times in a row stands still; once above, it runs. */
void fan_zone_tachometer(struct fan_zone *zone, size_t fan, int rpm);

/* Percent that an operator wants instead of what the inputs ask for; below 0: none. Failsafe
 * demands are still met. */
void fan_zone_manual(struct fan_zone *zone, double duty);

/*
 * Goes on from where another zone is, before the first step: its fans run at that duty, percent,
 * and an input that follows the same sensor is what it was there, whatever is asked of it now.
 */
void fan_zone_resume(struct fan_zone *zone, double duty);
void fan_zone_resume_input(struct fan_zone *zone, size_t input, const struct fan_zone *former,
		size_t former_input);

/* What the fans are to run at from now, percent. Called some times a second. */
double fan_zone_step(struct fan_zone *zone, int64_t now);

void fan_zone_read(const struct fan_zone *zone, struct fan_state *out);

/* What one input asks for, percent, without failsafe. */
double fan_zone_demand(const struct fan_zone *zone, size_t input);

void fan_zone_free(struct fan_zone *zone); /* NULL is fine */
