/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What runs on the simulated node and owns its screen: the firmware, the console, the desktop. A
 * screen sees keys and the pointer, draws itself, and gives the machine orders. Time is only what
 * it is told: monotonic microseconds. A screen lives as long as its node.
 */
#include <stdbool.h>
#include <stdint.h>
#include "decoder/picture.h"

#define SCREEN_NEVER   INT64_MAX
#define SCREEN_SECOND  INT64_C(1000000)
#define SCREEN_BUTTONS 5

struct screen_key {
	uint8_t usage; /* HID page 7 */
	bool repeat;   /* held down, rather than pressed */
	bool control, alt;
	uint32_t code; /* what it types, Unicode; 0: nothing */
};

struct screen_pointer {
	int x, y;             /* pixels */
	int wheel;            /* notches, away from the user is positive */
	unsigned int buttons; /* down now; bit 0 left, 1 right, 2 middle, 3 side, 4 extra */
	unsigned int pressed; /* of these, new ones */
};

enum screen_order_type {
	SCREEN_BOOT,      /* the firmware is done; a: 1 for the desktop */
	SCREEN_CONSOLE,   /* back to the console */
	SCREEN_DESKTOP,   /* a, b: size in pixels */
	SCREEN_MODE,      /* of the console; a, b: size in pixels */
	SCREEN_MOTION,    /* a: enum screen_motion, in the desktop */
	SCREEN_NO_SIGNAL, /* a: seconds */
	SCREEN_SLEEP,
	SCREEN_REBOOT,
	SCREEN_POWER_OFF,
};

enum screen_motion { SCREEN_STILL, SCREEN_MOVIE, SCREEN_FULL_MOTION };

struct screen_order {
	enum screen_order_type type;
	int a, b;
};

typedef void (*screen_order_fn)(const struct screen_order *order, void *data);

struct screen;

struct screen_ops {
	/* The machine was reset: nothing is remembered. */
	void (*reset)(struct screen *screen, int64_t now);
	/* It is shown from now on, at that size. */
	void (*enter)(struct screen *screen, int width, int height, int64_t now);
	/* A key went down or repeats. */
	void (*key)(struct screen *screen, const struct screen_key *key, int64_t now);
	void (*pointer)(struct screen *screen, const struct screen_pointer *pointer, int64_t now);
	/* Does what is due, watched or not; returns when to be called again. */
	int64_t (*tick)(struct screen *screen, int64_t now);
	/* Brings the picture up to date. fresh: it holds nothing of ours. Returns when it will look
	 * different by itself. */
	int64_t (*draw)(struct screen *screen, struct picture *picture, bool fresh, int64_t now);
	void (*close)(struct screen *screen);
};

struct screen {
	const struct screen_ops *ops;
	screen_order_fn order;
	void *data; /* of order */
};

static inline void screen_order(
		const struct screen *screen, enum screen_order_type type, int a, int b)
{
	struct screen_order order = {type, a, b};

	screen->order(&order, screen->data);
}

struct bays;
struct grid;

/* bays: the drives that can be booted, the caller's. touch (with data): it looks different. */
struct screen *screen_firmware_new(
		screen_order_fn order, void *data, struct bays *bays, void (*touch)(void *data));
/* Something of the drives changed. */
void screen_firmware_look(struct screen *screen);
/* What the firmware shows, for tests. */
const struct grid *screen_firmware_grid(const struct screen *screen);

struct screen *screen_console_new(screen_order_fn order, void *data);
const struct grid *screen_console_grid(const struct screen *screen);
/* What stands behind the prompt. */
const char *screen_console_line(const struct screen *screen);

/* wall: what to add to the monotonic time for microseconds since 1970, for the clock. */
struct screen *screen_desktop_new(screen_order_fn order, void *data, int64_t wall);
void screen_desktop_motion(struct screen *screen, enum screen_motion motion);
/* What the window's last line holds. */
const char *screen_desktop_line(const struct screen *screen);
