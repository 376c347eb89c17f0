/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A rack: its parts, made in order and undone in reverse, for the API's handlers. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "rack/readings.h"
#include "src/events.h"
#include "src/rack_config.h"
#include "src/rack_fans.h"
#include "src/rack_nodes.h"
#include "src/rack_power.h"
#include "src/rack_world.h"

struct rack;

/* config and world must outlive it. petted: see rack_fans.h. */
struct rack *rack_open(const struct rack_config *config, const struct rack_world *world,
		void (*petted)(void *data), void *data, GError **error);

/* The parts live as long as the rack, but for the fans: those are others after a reload. */
struct rack_nodes *rack_nodes(struct rack *rack);
struct rack_power *rack_power(struct rack *rack);
struct rack_fans *rack_fans(struct rack *rack);
const struct readings *rack_readings(struct rack *rack);
struct events *rack_events(struct rack *rack);
const struct rack_config *rack_config(struct rack *rack);
int64_t rack_now(struct rack *rack);

/* All of it, or nothing and error; the former configuration may go after true. */
bool rack_reload(struct rack *rack, const struct rack_config *config, GError **error);

void rack_close(struct rack *rack); /* NULL is fine */
