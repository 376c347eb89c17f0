/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A main loop whose time is its own: hours of timers pass as fast as they can be served, and the
 * same way each time. Takes the place of GLib's timers and monotonic clock in a test that is
 * linked with WRAP_TIMERS; it watches no files.
 */
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

int64_t virtual_loop_now(void); /* ms */

/* Serves what is due until so many ms have passed. */
void virtual_loop_turn(int64_t ms);

/* As if the process had been stopped: time passes, and nothing is served. */
void virtual_loop_stop(int64_t ms);

size_t virtual_loop_timers(void); /* that wait */
