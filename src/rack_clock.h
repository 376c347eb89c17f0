/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The rack's clock: the monotonic one in ms, or one that runs faster for a simulated rack. All
 * times of the rack's rooms are of this clock. Main thread only.
 */
#include <glib.h>
#include <stdint.h>

struct rack_clock {
	double speed; /* 1: real time */
};

static inline int64_t rack_clock_now(const struct rack_clock *clock)
{
	return (int64_t)((double)g_get_monotonic_time() / 1000 * clock->speed);
}

/* Real ms until so many of the clock's have passed. */
static inline guint rack_clock_real(const struct rack_clock *clock, int64_t ms)
{
	double real = (double)ms / clock->speed;

	return real <= 0 ? 0 : real >= G_MAXINT ? G_MAXINT : (guint)(real + 0.999);
}
