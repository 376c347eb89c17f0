/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Names for usages of the keyboard page (HID Usage Tables 1.4, section 10, page 0x07), as far as
 * code speaks of a key by name. What lies between follows the tables: USAGE_A + 1 is b, USAGE_F1 +
 * 1 is F2.
 */
enum usage {
	USAGE_ROLL_OVER = 0x01, /* not a key: too many are down */
	USAGE_A = 0x04,         /* .. 0x1d: z */
	USAGE_1 = 0x1e,         /* .. 0x26: 9, then 0 */
	USAGE_0 = 0x27,
	USAGE_ENTER = 0x28,
	USAGE_ESCAPE = 0x29,
	USAGE_BACKSPACE = 0x2a,
	USAGE_TAB = 0x2b,
	USAGE_SPACE = 0x2c,
	USAGE_CAPS_LOCK = 0x39,
	USAGE_F1 = 0x3a, /* .. 0x45: F12 */
	USAGE_PRINT_SCREEN = 0x46,
	USAGE_SCROLL_LOCK = 0x47,
	USAGE_PAUSE = 0x48,
	USAGE_DELETE = 0x4c,
	USAGE_RIGHT = 0x4f,
	USAGE_LEFT = 0x50,
	USAGE_DOWN = 0x51,
	USAGE_UP = 0x52,
	USAGE_NUM_LOCK = 0x53,
	USAGE_LEFT_CONTROL = 0xe0, /* modifiers: bit (usage - 0xe0) of a boot report's first byte */
	USAGE_LEFT_SHIFT = 0xe1,
	USAGE_LEFT_ALT = 0xe2,
	USAGE_LEFT_GUI = 0xe3,
	USAGE_RIGHT_CONTROL = 0xe4,
	USAGE_RIGHT_SHIFT = 0xe5,
	USAGE_RIGHT_ALT = 0xe6,
	USAGE_RIGHT_GUI = 0xe7,
};

#define USAGE_KEY_MIN 0x04 /* below: no key, or an error of the keyboard */
#define USAGE_KEY_MAX 0xe7
