/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Holds a temperature with fans that nobody tuned: what a zone does with one input. Pure, as
 * fan_zone.h is.
 *
 * The rule. What an airflow takes away goes about with its inverse, so a percent more matters much
 * at 20 percent and little at 80: all actions multiply the duty instead of adding to it, and gains
 * are what they do at 50 percent. A reading that moves in steps tells the temperature at the moment
 * when it moves: half-way between the two. Between such moments it is taken to go on as it went,
 * within the step; slope and error are of that, so a coarse sensor does not make fans hunt. Warmer
 * air comes as a slope before it is an error: the derivative works on it upwards, as a kick, which
 * the integral follows at once since the heat will stay; downwards it does little. There is one
 * kick for a disturbance: then the temperature has to lie still before the next, or the kick's own
 * echo would kick. The integral stands still while the duty is at its limit (there is nothing to be
 * worked off later), and while the temperature comes back from below by itself.
 */
#include <stdbool.h>
#include "rack/fan_zone.h"

/* Zeros are the beginning. */
struct fan_pid_state {
	bool began;
	double said;               /* by the sensor, degrees, */
	double moved;              /* and how it moved before that */
	double step;               /* the least that it ever moved by; 0: it never did */
	double noise;              /* what it goes to and fro by */
	double width;              /* the larger of both */
	double read;               /* what it said when it last moved by that, degrees */
	double temperature, slope; /* what that means; degrees a second */
	double edge, since;        /* where, and how many seconds ago, that was; */
	bool edged;                /* it was */
	double from;               /* percent, before the kick; 0: there is none */
	double integral;           /* percent above feed */
	double calm;               /* seconds that it has lain still */
	enum {
		FAN_PID_STEADY, /* slopes are echoes */
		FAN_PID_ARMED,  /* the next one is not */
		FAN_PID_KICKS,
	} kick;
};

/* A reading, seconds after the one before; what it asks for, percent, from least to most. */
double fan_pid_step(struct fan_pid_state *state, const struct fan_pid *pid, double least,
		double most, double temperature, double seconds);
