/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A simulated rack as what the rack daemon is made of. Main thread only.
 *
 * A node of the configuration gets the simulated node that the number at its name's end says (1 is
 * the first), or one that is free, whatever its address or device. The board has the device
 * "simulated" with temp1 (inlet), temp2 (outlet), fan1 to fan6 and pwm1 to pwm6.
 */
#include "sim/rack.h"
#include "src/events.h"
#include "src/rack_world.h"

struct rack_simulated;

/* The rack's time passes in the main loop, speed times as fast as real time. It must outlive the
 * world, and the world its links and boards. */
struct rack_simulated *rack_simulated_new(struct sim_rack *rack, double speed);
const struct rack_world *rack_simulated_world(struct rack_simulated *world);

/* Which simulated node a configured one got, for faults. False: none was linked by that name. */
bool rack_simulated_node(struct rack_simulated *world, const char *name, size_t *node);

/*
 * What goes wrong, and when, counted from now; in place of what was told before. Each is told by an
 * event: fault.struck {what, fault}, fault.ended {what, fault}. events must outlive the world;
 * the faults are copied.
 */
void rack_simulated_faults(struct rack_simulated *world, const struct rack_fault *faults,
		size_t count, struct events *events);

void rack_simulated_free(struct rack_simulated *world); /* NULL is fine; not the rack */
