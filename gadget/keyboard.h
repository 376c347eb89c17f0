/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The keyboard that the node sees: HID boot protocol, 8-byte reports (USB HID 1.11, appendix B.1). One writer,
 * the main thread. Nothing is queued: while the node does not read, only the newest state waits for it.
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

/* Report descriptor of the boot keyboard, HID 1.11 appendix E.6. */
extern const uint8_t keyboard_descriptor[];
extern const size_t keyboard_descriptor_size;

/* leds: enum keyboard_led bits that the node has set. */
typedef void (*keyboard_leds_fn)(unsigned int leds, void *data);

struct keyboard;

/*
 * fd: the report channel, non-blocking and poll-able, one report per read or write: /dev/hidgN, or one end of
 * a SOCK_SEQPACKET pair whose other end is a simulated node. It stays the caller's; -1: not there yet.
 */
struct keyboard *keyboard_new(int fd, keyboard_leds_fn leds, void *data);

/* Another report channel after the hub was bound anew (-1: gone). Every key is up on it. */
void keyboard_attach(struct keyboard *keyboard, int fd);

/* Presses or releases one usage of page 0x07 (4..231); others and repeats are ignored. Never blocks. */
void keyboard_key(struct keyboard *keyboard, uint8_t usage, bool down);

/* Releases every key; what the node had not fetched yet is dropped, not delivered later. */
void keyboard_release_all(struct keyboard *keyboard);

/* Whether the node takes reports, as far as the last write showed. */
bool keyboard_listening(const struct keyboard *keyboard);

void keyboard_close(struct keyboard *keyboard); /* NULL is fine */
