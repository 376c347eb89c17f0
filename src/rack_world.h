/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a rack is made of: real devices, or a simulated rack. Main thread only. */
#include "rack/board.h"
#include "rack/link.h"
#include "src/rack_clock.h"
#include "src/rack_config.h"

struct rack_world {
	struct rack_clock clock;
	/* The way to a node's BMC; NULL without error: it has none. config: the node's. */
	struct link *(*link)(void *data, const struct rack_config_node *config, link_fn told,
			void *tag, GError **error);
	struct board *(*board)(void *data, const struct hwmon_settings *settings,
			const struct hwmon_events *events, void *tag, GError **error);
	void *data;
};

/* Real devices. */
extern const struct rack_world rack_world_real;
