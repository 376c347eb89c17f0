/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Somebody who looks at a capture device in the lab: keeps account of states and frames, decodes
 * the engine's, and checks each against what the feed sent: that every byte is the same, that none
 * is missing where differences need it, that it says what it was made with, and that the picture is
 * the one that was drawn. What is wrong ends the test with g_assert.
 */
#include <glib.h>
#include "capture/capture.h"
#include "capture/v4l2.h"
#include "decoder/decoder.h"
#include "tests/kernel/feed.h"

struct eye {
	struct feed *feed; /* NULL: the device is not the engine */
	struct capture *capture;
	struct decoder *decoder;
	GAsyncQueue *sent; /* of struct eye_note, what the feed delivered */
	int64_t delay;     /* us that each frame takes the main thread besides */
	enum feed_scene scene;
	bool fresh; /* the next AJPG frame has to be complete */
	guint tick;

	GString *states; /* a letter each: n no device, - no signal, s streaming */
	enum capture_state state;
	char *reason;
	struct capture_frame last; /* without data */
	guint8 sample[16];         /* of the last frame: its first bytes */
	int frames;
	int skipped;  /* frames that the feed delivered and that never came here */
	int complete; /* AJPG frames that hold everything */
	bool last_complete;
	unsigned int picture;                                       /* number of the last */
	void (*see)(const struct capture_frame *frame, void *data); /* raw frames */
	void *see_data;
};

#define EYE_RATE 30

/* The engine's frames in 4:4:4, and JPEG in 4:2:0. */
extern const struct v4l2_settings eye_ajpg, eye_jpeg;

/* The engine, at a rate; skips the test when it is not there. */
bool eye_open_engine(struct eye *eye, const struct v4l2_settings *settings, int rate);

/* The same, and starts with a signal of that size. */
bool eye_look(struct eye *eye, const struct v4l2_settings *settings, int width, int height);

/* Any other device. */
void eye_open(struct eye *eye, const struct v4l2_settings *settings);

void eye_close(struct eye *eye);

void eye_start(struct eye *eye);

/* Another of the feed's scenes. */
void eye_scene(struct eye *eye, enum feed_scene scene);

/* The engine's signal. */
void eye_mode(struct eye *eye, int width, int height);

/* Runs the main loop until a condition holds; two minutes are too long. */
#define eye_until(condition)                                                    \
	do {                                                                    \
		int64_t eye_end = g_get_monotonic_time() + 30 * G_USEC_PER_SEC; \
                                                                                \
		while (!(condition)) {                                          \
			g_assert_cmpint(g_get_monotonic_time(), <, eye_end);    \
			g_main_context_iteration(NULL, TRUE);                   \
		}                                                               \
	} while (0)

/* So many more frames. */
#define eye_frames(eye, count)                          \
	do {                                            \
		int eye_goal = (eye)->frames + (count); \
                                                        \
		eye_until((eye)->frames >= eye_goal);   \
	} while (0)

/* Runs the main loop until frames of a size come. */
void eye_until_size(struct eye *eye, int width, int height);

/* Asks for another quality. */
void eye_adjust(struct eye *eye, int selector, int chroma, int hq);

/* Sets a control of a device as somebody else would. */
void eye_set_control(const char *device, const char *name, int value);
