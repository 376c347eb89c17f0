/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the simulated world consists of, between its files. */
#include <glib.h>
#include "src/rack_simulated.h"

struct rack_simulated {
	struct rack_world world;
	struct sim_rack *rack; /* not ours */
	GHashTable *names;     /* of configured nodes; their simulated one's number */
	bool *taken;           /* of each simulated node */
	int64_t passed;        /* up to when the rack's time has */
	guint timer;
	struct simulated_faults *faults; /* NULL: none */
};

void simulated_faults_free(struct simulated_faults *faults); /* NULL is fine */

/* Lets the rack's time pass up to now, so that what is asked of a node is answered as of now. */
void rack_simulated_catch_up(struct rack_simulated *world);

/* Both live no longer than the world. */
struct link *simulated_link_new(
		struct rack_simulated *world, size_t node, link_fn told, void *data);
struct board *simulated_board_new(struct rack_simulated *world,
		const struct hwmon_settings *settings, const struct hwmon_events *events,
		void *data);
