/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The host's end of an input device: what its kernel makes of the reports (linux/input.h). For
 * tests that run where the gadget and its host are the same machine.
 */
#include <stdbool.h>
#include <stdint.h>

struct input_event;

struct evdev;

/*
 * The event device whose name is this, and which has an event of a type and code: "spicerack Remote
 * console" is keyboard (EV_KEY, KEY_A) and tablet (EV_ABS, ABS_X). Waits for it for so many
 * milliseconds; NULL when there is none. It is grabbed, so that nothing else acts on it.
 */
struct evdev *evdev_open(const char *name, int type, int code, int ms);

/* To be polled for reading. */
int evdev_fd(const struct evdev *evdev);

/* The next event but SYN and MSC; false when there is none within so many milliseconds. */
bool evdev_next(struct evdev *evdev, struct input_event *event, int ms);

/* Forgets what came and was not asked for. */
void evdev_drain(struct evdev *evdev);

/* Whether the host has a key or button down. */
bool evdev_down(struct evdev *evdev, int code);

/* How many keys and buttons the host has down. */
int evdev_held(struct evdev *evdev);

/* Switches a light (LED_*) as the host's system does. */
void evdev_light(struct evdev *evdev, int led, bool on);

void evdev_close(struct evdev *evdev); /* NULL is fine */
