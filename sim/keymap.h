/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Keyboards: what usages of the HID keyboard page (usage tables 1.4, section 10) type on a machine
 * that is set to a country's.
 */
#include <stdbool.h>
#include <stdint.h>

enum keymap_usage {
	KEYMAP_ENTER = 0x28,
	KEYMAP_ESCAPE = 0x29,
	KEYMAP_BACKSPACE = 0x2a,
	KEYMAP_CAPS_LOCK = 0x39,
	KEYMAP_F2 = 0x3b,
	KEYMAP_F5 = 0x3e,
	KEYMAP_F6 = 0x3f,
	KEYMAP_F12 = 0x45,
	KEYMAP_SCROLL_LOCK = 0x47,
	KEYMAP_HOME = 0x4a,
	KEYMAP_PAGE_UP = 0x4b,
	KEYMAP_DELETE = 0x4c,
	KEYMAP_END = 0x4d,
	KEYMAP_PAGE_DOWN = 0x4e,
	KEYMAP_RIGHT = 0x4f,
	KEYMAP_LEFT = 0x50,
	KEYMAP_DOWN = 0x51,
	KEYMAP_UP = 0x52,
	KEYMAP_NUM_LOCK = 0x53,
	KEYMAP_KEYPAD_ENTER = 0x58,
	KEYMAP_KEYPAD_DELETE = 0x63,
	KEYMAP_LEFT_CONTROL = 0xe0,
	KEYMAP_LEFT_SHIFT = 0xe1,
	KEYMAP_LEFT_ALT = 0xe2,
	KEYMAP_RIGHT_CONTROL = 0xe4,
	KEYMAP_RIGHT_SHIFT = 0xe5,
	KEYMAP_RIGHT_ALT = 0xe6,
	KEYMAP_RIGHT_GUI = 0xe7,
};

enum keymap_layout {
	KEYMAP_US,
	KEYMAP_GB,
	KEYMAP_DE,
	KEYMAP_ES,
	KEYMAP_FR,
	KEYMAP_JP,
	KEYMAP_RU,
};

#define KEYMAP_NONSENSE 0xfffd /* an accent, and a letter that cannot have it */

struct keymap {
	enum keymap_layout layout;
	uint32_t dead; /* the accent that waits for its letter; 0: none */
};

/* The character that a key types when it goes down, Unicode; 0: none. */
uint32_t keymap_type(struct keymap *keymap, uint8_t usage, bool shift, bool alt_gr, bool caps_lock,
		bool num_lock);

/* Whether the right Alt is AltGr there. */
bool keymap_has_alt_gr(const struct keymap *keymap);

/* The same of a US keyboard: ASCII; 0 when the key types none (Enter and Tab type theirs). */
uint32_t keymap_code(uint8_t usage, bool shift, bool caps_lock, bool num_lock);

/* Whether the key goes on typing while it is held. */
bool keymap_repeats(uint8_t usage);
