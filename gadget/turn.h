/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The main loop's turn: what belongs to the main thread may be called by another one that has it.
 * The main thread has it always, except while it waits in poll(2) for something to do: a thread
 * that waits for one thing only, as for a host's command, does what is due then at once, without
 * waking the main loop and without a lock for each part.
 *
 * Whoever was there first goes first, so that a busy main loop keeps nobody waiting for longer than
 * one iteration, and busy threads do not keep the main loop.
 *
 * There is one default main context in a process, and GLib hands no data to what polls for it: so
 * there is one turn.
 */
#include <stdbool.h>

/*
 * From now on others may have it; the caller has. Main thread, from within its loop or before it
 * runs. Again: nothing.
 */
void turn_begin(void);

/*
 * Waits for the turn; any thread but the main one. False: it was denied, also before; then the
 * caller does not have it. What the main loop waits for may have changed when it is left: who
 * changes it so that the loop would not notice calls g_main_context_wakeup.
 */
bool turn_take(const bool *denied);
void turn_leave(void);

/*
 * Sets denied: to wait for a thread that may be waiting for the turn, one has to deny it before.
 * Any thread.
 */
void turn_deny(bool *denied);
