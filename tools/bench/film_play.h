/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A film at a rate, as the board says: the first frame as soon as it is started, the phases from
 * the board's word on. After the phases with marks come a pause, the one with frames of what stands
 * still, and the one without any. Tells the board of each phase and frame.
 */
#include <glib.h>
#include "capture/capture.h"
#include "tools/bench/board.h"

/* Called for each frame; at the end with NULL. On the default main context. */
typedef void (*film_play_fn)(const struct capture_frame *frame, int number, void *data);

struct film_play;

struct film_play *film_play_start(
		struct film *film, struct board *board, film_play_fn fn, void *data);

/* Another quality from the next complete frame on. */
void film_play_adjust(struct film_play *play, int selector);

void film_play_stop(struct film_play *play); /* NULL is fine */

/* The same as a capture source; done: at the end. */
struct capture *film_capture(
		struct film *film, struct board *board, void (*done)(void *data), void *data);
