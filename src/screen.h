/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the viewers are to see: the node's picture while frames come, a card with words while none
 * do.
 */
#include "capture/capture.h"
#include "spice/display.h"

struct screen_events {
	/* Another picture: all of it is new. Belongs to the screen until the next call of this. */
	void (*show)(const struct display_picture *picture, void *data);
	/* Parts of the shown picture changed. */
	void (*damage)(const struct display_damage *damage, void *data);
	/* A frame had a fault and its source is to send a complete one. */
	void (*key_frame)(void *data);
	/* The first of a run of bad frames; text: a sentence. */
	void (*fault)(const char *text, void *data);
	void *data;
};

struct screen;

/*
 * coded: pictures come with a coder, and their pixels are made only by its refresh. NULL when
 * memory is short.
 */
struct screen *screen_new(bool coded, const struct screen_events *events);

/* A frame of the source. */
void screen_frame(struct screen *screen, const struct capture_frame *frame);

/*
 * No picture: says why, and since when, in the size of the last one. title: a few words ("No
 * signal"); detail: a sentence. Both are copied.
 */
void screen_card(struct screen *screen, const char *title, const char *detail);

void screen_free(struct screen *screen); /* NULL is fine */
