/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Frames for the viewer's benchmark: encoded once, in memory that processes share, and played at a
 * rate by a capture source that notes when it hands out each.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "capture/capture.h"

enum film_phase {
	FILM_TYPING, /* a character a frame */
	FILM_SCROLL, /* a window of text moves up by a line */
	FILM_WINDOW, /* a window moves */
	FILM_MOTION, /* everything changes */
	FILM_STILL,  /* nothing does: no frames at all */
	FILM_PHASES,
};

extern const char *const film_phase_names[FILM_PHASES];

struct film;

/* Draws and encodes frames frames of each phase, 4:2:0 at a selector, each eighth a full one as the
 * driver's are. */
struct film *film_new(int width, int height, int selector, int frames);

int film_frames(const struct film *film); /* of a phase */

/* When a frame was handed out, CLOCK_MONOTONIC microseconds; the number is what its mark says. 0:
 * not yet. */
int64_t film_time(const struct film *film, int number);

/* What decoding a frame takes in its place in the film, milliseconds of CPU. */
double film_decode_ms(const struct film *film, int number);

/* The number in the mark of a phase's first frame. */
int film_first(const struct film *film, enum film_phase phase);

/* The source; called with the phase that begins, and with FILM_PHASES at the end. Plays once it is
 * started. */
typedef void (*film_phase_fn)(enum film_phase phase, void *data);
struct capture *film_play(struct film *film, int rate, film_phase_fn phase, void *data);

void film_free(struct film *film);
