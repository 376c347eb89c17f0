/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A SPICE keyboard speaks the bytes of an AT keyboard in scan code set 1; the node's keyboard
 * speaks usages of the HID keyboard page (0x07). This turns the one into the other. Pure: no I/O,
 * no clock, no memory of its own.
 *
 * Numbers: HID usage tables 1.4 section 10, whose table pairs each usage with its AT-101 key;
 * Microsoft's "Keyboard Scan Code Specification" 1.3a, appendix A; and for F13..F24 and the editing
 * keys, which never had one agreed code, also the ones that SPICE clients on Linux send (the
 * "xtkbd" column of keycodemapdb).
 */
#include <stdbool.h>
#include <stdint.h>

/* Where in a sequence the next byte falls; all zero at the start. */
struct scancode {
	uint8_t prefix;  /* 0, 0xe0 or 0xe1 */
	uint8_t pending; /* the byte after 0xe1, or 0 */
	uint8_t held;    /* keys that announce their own release, see scancode.c */
};

struct scancode_key {
	uint8_t usage; /* 4..231 */
	bool down;
};

#define SCANCODE_KEYS 2

/* Takes one byte; returns how many keys changed by it (0..SCANCODE_KEYS). Unknown codes change
 * none. */
int scancode_feed(struct scancode *scancode, uint8_t byte, struct scancode_key keys[SCANCODE_KEYS]);
