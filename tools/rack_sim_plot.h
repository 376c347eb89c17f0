/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A run of the simulated rack as a picture: power against the budget, temperature and fans. */
#include <glib.h>
#include <stdbool.h>

struct rack_sim_point {
	double time;                     /* s */
	double power, demand, accounted; /* W */
	double hottest, duty;            /* degrees Celsius, percent; hottest 0: without air */
};

struct rack_sim_plot {
	const char *title;
	double budget; /* W */
	const struct rack_sim_point *points;
	size_t count;
};

/* Writes an SVG. False and error (G_FILE_ERROR) when that fails. */
bool rack_sim_plot(const struct rack_sim_plot *plot, const char *file, GError **error);
