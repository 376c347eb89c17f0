/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the viewers are to see: the node's picture while frames come, a card with words while none
 * do.
 */
#include <stdbool.h>
#include <stdint.h>
#include "capture/capture.h"
#include "decoder/decoder.h"
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

/* Whether the node's picture is shown, as it was when the last frame came: no card, no fault. */
bool screen_is_good(const struct screen *screen);

/* What the node's picture is in, and how the last frame went; the screen's. */
struct decoder *screen_decoder(struct screen *screen);
const struct decoder_result *screen_result(const struct screen *screen);

/* Another number whenever what is shown may look different; never a former one. */
uint64_t screen_serial(const struct screen *screen);

/* A source's frame as the decoder takes it; and the title of the card of a state without frames. */
void screen_input(const struct capture_frame *frame, struct decoder_frame *input);
const char *screen_card_title(enum capture_state state);

void screen_free(struct screen *screen); /* NULL is fine */
