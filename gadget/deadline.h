/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A moment that is put off far more often than it comes: with each command of a host, say. Unlike a
 * GSource's ready time it costs no system call and no turn of the main loop to do so. Default main
 * context; its thread, or another in the main loop's turn (turn.h).
 */
#include <stdint.h>

struct deadline;

/* Called from the main loop, once for each moment that came; may set another one. */
typedef void (*deadline_over_fn)(void *data);

struct deadline *deadline_new(deadline_over_fn over, void *data);

/* Monotonic microseconds, kept to about a millisecond; -1: never. */
void deadline_set(struct deadline *deadline, int64_t when);

/* NULL is fine; not from within its call. */
void deadline_free(struct deadline *deadline);
