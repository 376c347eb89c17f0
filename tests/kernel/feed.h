/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The other end of the simulated video engine in the lab: draws the node's screen, compresses it as
 * the driver asks, and delivers. It works in a thread of its own, so that a test may use it in the
 * process that also captures. All functions may be called from any thread, but open and close once.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tests/kernel/feed_picture.h"

#define FEED_DEVICE "/dev/aspeed-engine"

/* A frame that the driver got. */
struct feed_sent {
	unsigned int number; /* the engine's, see aspeed_engine.h */
	enum feed_scene scene;
	unsigned int picture; /* of the scene: what the mark says */
	int width, height;    /* pixels of the frame */
	bool ajpg;            /* else a JPEG */
	int chroma;           /* 444 or 420 */
	int selector;         /* quantiser, 0 coarsest .. 11 */
	int second_selector;  /* of the second pass, -1: none */
	bool full;            /* the driver asked for every macroblock */
	bool cut;             /* its end is missing */
	const uint8_t *data;  /* as the driver has it: what does not fit is not there */
	size_t size;
	const uint32_t *pixels; /* what was drawn, 0x00RRGGBB */
	int stride;             /* pixels */
};

/* Called in the feed's thread after each frame; what sent points to is good until it returns. */
typedef void (*feed_sent_fn)(const struct feed_sent *sent, void *data);

struct feed;

/* Shows picture 0 of the desktop, and the next one with each frame, once there is a signal. sent
 * may be NULL. Error: G_FILE_ERROR, when there is no engine or somebody else has it. */
struct feed *feed_open(feed_sent_fn sent, void *data, GError **error);

/* The signal; 0x0: none. The same mode once more is a short loss of the signal. */
bool feed_mode(struct feed *feed, int width, int height, GError **error);

/* Another scene, from picture 0. */
void feed_scene(struct feed *feed, enum feed_scene scene);
/* Stays at that picture, or, with a negative number, moves on with each frame from where it is. */
void feed_stay(struct feed *feed, int number);
/* The next count frames lose their second half, and fill the buffer to its end. */
void feed_cut(struct feed *feed, unsigned int count);
/* Leaves the engine's frames unanswered for as long as it is on. */
void feed_pause(struct feed *feed, bool on);
/* Frames in a second at most, 0: what the driver asks for. */
bool feed_rate(struct feed *feed, unsigned int rate, GError **error);
/* A fault of the engine from now on, or for count frames (0: for ever); see aspeed_engine.h for
 * names. */
bool feed_fault(struct feed *feed, const char *name, unsigned int count, GError **error);

/* Frames delivered so far, and those that the driver did not want any more when they were ready. */
unsigned int feed_count(struct feed *feed);
unsigned int feed_cancelled(struct feed *feed);

void feed_close(struct feed *feed); /* NULL is fine. The signal stays as it is. */
