/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The node's picture as one JPEG, for those who ask: at once while frames come, else the source is
 * started for as long as it takes to get a complete one. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "capture/capture.h"

#define SCREENSHOT_ERROR screenshot_error_quark()
GQuark screenshot_error_quark(void);

enum screenshot_error {
	SCREENSHOT_ERROR_STATE,   /* there is no picture: why is the message */
	SCREENSHOT_ERROR_TIMEOUT, /* no complete frame came */
};

struct screen;
struct screenshots;

/*
 * tag: the picture's, another one when it may look different. jpeg: the receiver's; NULL: it has
 * that picture, or error says why there is none.
 */
typedef void (*screenshot_fn)(GBytes *jpeg, const char *tag, const GError *error, void *data);

/* Frames are wanted, or not any more; not called from screenshots_frame or _state. */
typedef void (*screenshots_want_fn)(bool wanted, void *data);

/* The screen must outlive it. run: tells its tags from those of another run. */
struct screenshots *screenshots_new(
		struct screen *screen, int64_t run, screenshots_want_fn want, void *data);

/* have: tags that the one who asks has, as If-None-Match lists them; NULL: none. May tell at once.
 */
void screenshots_take(struct screenshots *shots, const char *have, screenshot_fn fn, void *data);

/* A frame was taken into the screen. */
void screenshots_frame(struct screenshots *shots);

/* The source's state; after CAPTURE_STOPPED the screen is not the node's picture any more. */
void screenshots_state(struct screenshots *shots, enum capture_state state, const char *reason);

/* Who waits is told that there is none. NULL is fine. */
void screenshots_free(struct screenshots *shots);
