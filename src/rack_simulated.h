/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A simulated rack as what the rack daemon is made of. Main thread only. */
#include "sim/rack.h"
#include "src/rack_world.h"

struct rack_simulated;

/* The rack's time passes in the main loop, speed times as fast as real time. */
struct rack_simulated *rack_simulated_new(struct sim_rack *rack, double speed);
const struct rack_world *rack_simulated_world(struct rack_simulated *world);
void rack_simulated_free(struct rack_simulated *world); /* NULL is fine; not the rack */
