/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A reel as a Matroska file, made piece by piece: frames of the engine's JPEGs as they are, its
 * differential stream as JPEGs by copying (decoder/recode.h), what was no picture as a card with
 * words. What happened is in its chapters. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>
#include "src/reel.h"

struct recording_save;

/*
 * The reel must outlive it, and is not added to. until: to when the last frame was seen,
 * CLOCK_MONOTONIC microseconds. rate: frames a second at most, of which the last ones are taken;
 * 0: all. NULL: memory is short.
 */
struct recording_save *recording_save_new(
		const struct reel *reel, int64_t until, int rate, const char *title);

/* The next bytes: up to `most`, 1 or more; 0: that was all. A call makes one frame at most. */
ssize_t recording_save_read(struct recording_save *save, void *room, size_t most);

void recording_save_free(struct recording_save *save); /* NULL is fine */
