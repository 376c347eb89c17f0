/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The simulated node's video engine: a capture source that looks at a screen when something may
 * have changed, at most so often, and delivers frames of what did. Wakes nobody while nothing
 * changes or nobody captures. Main thread only.
 */
#include <stdint.h>
#include "capture/capture.h"
#include "decoder/picture.h"
#include "sim/node.h"

struct engine;

/*
 * What is on the screen now (monotonic microseconds); the picture is looked at before the next call
 * only. *again: when it will change by itself, INT64_MAX when it will not.
 */
typedef const struct picture *(*engine_look_fn)(int64_t now, int64_t *again, void *data);

/* No signal at first. settings is copied. */
struct engine *engine_new(const struct sim_engine *settings, engine_look_fn look, void *data);

/* Belongs to the engine. */
struct capture *engine_capture(struct engine *engine);

/* The picture may have changed. */
void engine_touch(struct engine *engine);

/* reason: why there is no picture, in words; NULL: there is one. Copied. */
void engine_signal(struct engine *engine, const char *reason);

void engine_free(struct engine *engine); /* NULL is fine */
