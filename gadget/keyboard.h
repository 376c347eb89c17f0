/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The keyboard that the node sees: HID boot protocol, 8-byte reports (USB HID 1.11, appendix B.1).
 * One writer, the main thread.
 *
 * While the node listens it hears every change in order, so a key tapped between two of its polls
 * arrives as a press and a release. At most KEYBOARD_WAITING changes wait; beyond that the last one
 * is replaced by the newest, so that what the node hears last is always what is down. Once the node
 * does not listen (report.h: nothing fetched for a second, or no host) nothing waits at all: when
 * it listens again it hears which keys are down at that time, and no more.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum keyboard_led {
	KEYBOARD_NUM_LOCK = 1 << 0, /* HID usage tables 1.4, LED page 0x08 */
	KEYBOARD_CAPS_LOCK = 1 << 1,
	KEYBOARD_SCROLL_LOCK = 1 << 2,
};

#define KEYBOARD_REPORT_SIZE 8
#define KEYBOARD_WAITING     2048 /* a thousand taps at once, from a client that types a text */

/* Report descriptor of the boot keyboard, HID 1.11 appendix E.6, with every usage up to 255. */
extern const uint8_t keyboard_descriptor[];
extern const size_t keyboard_descriptor_size;

/* The node changed its lights; leds: enum keyboard_led bits. Must not close the keyboard. */
typedef void (*keyboard_leds_fn)(unsigned int leds, void *data);

/* The node began or ceased to take reports. Must not close the keyboard. */
typedef void (*keyboard_listening_fn)(bool listening, void *data);

struct keyboard;

/*
 * fd: the report channel, non-blocking and poll-able, one report per read or write: /dev/hidgN, or
 * one end of a SOCK_SEQPACKET pair whose other end is a simulated node. It stays the caller's, open
 * until another is attached; -1: not there yet. leds may be NULL.
 */
struct keyboard *keyboard_new(int fd, keyboard_leds_fn leds, void *data);

/* Whom to tell when keyboard_listening changes; NULL: nobody. */
void keyboard_on_listening(struct keyboard *keyboard, keyboard_listening_fn fn, void *data);

/*
 * Another report channel after the hub was bound anew (-1: gone). Every key is up on it and its
 * lights are off.
 */
void keyboard_attach(struct keyboard *keyboard, int fd);

/*
 * To be called after keyboard_attach when a former process may have left keys down at the node:
 * says which are down now.
 */
void keyboard_renew(struct keyboard *keyboard);

/* Presses or releases one usage of page 0x07 (4..231); others and repeats are ignored. Never
 * blocks. */
void keyboard_key(struct keyboard *keyboard, uint8_t usage, bool down);

/*
 * Releases every key. Changes that wait are dropped, not delivered later; what the kernel holds
 * already cannot be (hidg: one report).
 */
void keyboard_release_all(struct keyboard *keyboard);

/* Whether the node takes reports, as far as writing showed; true before the first report. */
bool keyboard_listening(const struct keyboard *keyboard);

/* Whether the node has taken all that there was to say; the kernel may hold the last of it. */
bool keyboard_idle(const struct keyboard *keyboard);

void keyboard_close(struct keyboard *keyboard); /* NULL is fine */
