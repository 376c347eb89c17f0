/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* An input of a zone as tests have it: a processor that is held at 75 degrees, with the gains that
 * rack.conf has by default. */
#include "rack/fan_zone.h"

static const struct fan_input_settings fan_input_processor = {
		.control = FAN_CONTROL_PID,
		.pid = {.setpoint = 75, .feed = 20, .kp = 6, .ki = 0.8, .kd = 60, .dead = 0.5},
		.low = -20,
		.high = 125,
		.critical = 95,
};
