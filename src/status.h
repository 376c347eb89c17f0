/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What an operator asks a console: does it work, what is wrong, since when. struct status gathers
 * it as things happen, struct console_status is what is handed out. Times are those of
 * g_get_monotonic_time; 0: never. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "capture/capture.h"
#include "gadget/hub.h"
#include "spice/viewers.h"

/* What the node sends, as its last frame said. */
struct console_mode {
	int width, height; /* pixels */
	enum capture_codec codec;
	int chroma, selector, second_selector; /* of AJPG only, see capture.h */
	bool studio;
};

/* One of the devices that the node's hands are. */
enum console_device {
	CONSOLE_DEVICE_ABSENT, /* there is no channel to the node */
	CONSOLE_DEVICE_DEAF,   /* the node does not take its reports: off, asleep, unplugged */
	CONSOLE_DEVICE_LISTENING,
};

struct console_input {
	enum console_device keyboard, absolute, relative;
	unsigned int leds; /* enum keyboard_led bits, as the node set them */
};

/* Of the video engine. */
struct console_quality {
	bool known;     /* there is an engine that can be told */
	int selector;   /* the quantiser that it is told to use, 0 coarsest .. 11 */
	int best;       /* ... and that it is told to use while no link is slow */
	bool automatic; /* the slowest link is followed */
};

/* Strings belong to the console and live until its next event. */
struct console_status {
	const char *name;   /* what the console is called */
	const char *source; /* where the picture comes from, a word of console.conf */
	const char *device; /* the one that is named for it; NULL: none, or found by itself */
	int64_t started;
	enum capture_state state;
	const char *reason;
	int64_t since;
	bool has_mode; /* a frame came since the start */
	struct console_mode mode;
	unsigned int frames;             /* that came since the start */
	double fps;                      /* ... a second, of late; a still screen has few */
	uint64_t damage;                 /* pixels that changed since the start */
	double damage_rate;              /* ... a second, of late */
	struct password_status password; /* that viewers are asked for */
	struct console_quality quality;
	struct console_input input;
	struct hub_status usb; /* the node's ports; none when its devices are not on a hub */
	const char *fault;     /* the last thing that went wrong; NULL: nothing yet */
	int64_t fault_time;
};

struct display_damage;
struct status;

/* Copied; device may be NULL. */
struct status *status_new(const char *name, const char *source, const char *device);

/* Returns whether the state or its reason is another one than before. reason: copied. */
bool status_state(struct status *status, enum capture_state state, const char *reason);
void status_frame(struct status *status, const struct capture_frame *frame);
void status_damage(struct status *status, const struct display_damage *damage);
void status_leds(struct status *status, unsigned int leds);

/* Something went wrong and was said in the log. */
void status_fault(struct status *status, const char *text);

/* Fills in all but password, quality, usb and what the devices of input do: their owners know. */
void status_read(struct status *status, struct console_status *out);

/* Another name; copied. */
void status_name(struct status *status, const char *name);

void status_free(struct status *status); /* NULL is fine */

/* Words for the wire: "stopped", "no-device", "no-signal", "streaming"; "jpeg", "ajpg", ... */
const char *status_state_word(enum capture_state state);
const char *status_codec_word(enum capture_codec codec);
const char *status_right_word(enum viewers_right right);
const char *status_password_word(enum password_state state); /* "none", "set", "expired" */
const char *status_device_word(enum console_device device);  /* "absent", "deaf", "listening" */
