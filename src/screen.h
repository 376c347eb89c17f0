/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the viewers are to see: the node's picture while frames come, a card with words while none
 * do.
 */
#include "capture/capture.h"
#include "decoder/picture.h"

struct screen_events {
	/* Another picture: all of it is new. Belongs to the screen until the next call of this. */
	void (*show)(const struct picture *picture, void *data);
	/* Parts of the shown picture changed. */
	void (*damage)(const struct damage *damage, void *data);
	/* A frame had a fault and its source is to send a complete one. */
	void (*key_frame)(void *data);
	/* The first of a run of bad frames; text: a sentence. */
	void (*fault)(const char *text, void *data);
	void *data;
};

struct screen;

struct screen *screen_new(const struct screen_events *events); /* NULL when memory is short */

/* A frame of the source. */
void screen_frame(struct screen *screen, const struct capture_frame *frame);

/*
 * No picture: says why, and since when, in the size of the last one. title: a few words ("No
 * signal"); detail: a sentence. Both are copied.
 */
void screen_card(struct screen *screen, const char *title, const char *detail);

void screen_free(struct screen *screen); /* NULL is fine */
