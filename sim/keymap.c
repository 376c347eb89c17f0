/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "sim/keymap.h"

#define KEYMAP_A          0x04
#define KEYMAP_Z          0x1d
#define KEYMAP_1          0x1e
#define KEYMAP_SLASH      0x38
#define KEYMAP_KEYPAD     0x54 /* its slash */
#define KEYMAP_KEYPAD_1   0x59
#define KEYMAP_KEYPAD_DOT 0x63
#define KEYMAP_102ND      0x64

/* 0x1e..0x38 in order; usage 0x32 is the key that non-US keyboards have for the backslash. */
static const char keymap_main[2][KEYMAP_SLASH - KEYMAP_1 + 2] = {
		"1234567890\n\033\b\t -=[]\\\\;'`,./",
		"!@#$%^&*()\n\033\b\t _+{}||:\"~<>?",
};
static const char keymap_keypad[] = "/*-+\n1234567890.";

uint32_t keymap_code(uint8_t usage, bool shift, bool caps_lock, bool num_lock)
{
	char code = 0;

	if (usage >= KEYMAP_A && usage <= KEYMAP_Z)
		return (shift != caps_lock ? 'A' : 'a') + (usage - KEYMAP_A);
	if (usage >= KEYMAP_1 && usage <= KEYMAP_SLASH)
		code = keymap_main[shift][usage - KEYMAP_1];
	else if (usage >= KEYMAP_KEYPAD && usage < KEYMAP_KEYPAD_1)
		code = keymap_keypad[usage - KEYMAP_KEYPAD];
	else if (usage >= KEYMAP_KEYPAD_1 && usage <= KEYMAP_KEYPAD_DOT)
		/* Without Num Lock, or against it with shift, these are the arrows. */
		code = num_lock != shift ? keymap_keypad[usage - KEYMAP_KEYPAD] : 0;
	else if (usage == KEYMAP_102ND)
		code = shift ? '|' : '\\';
	return code == '\033' || code == '\b' ? 0 : (uint32_t)code;
}

bool keymap_repeats(uint8_t usage)
{
	return usage < KEYMAP_LEFT_CONTROL && usage != KEYMAP_CAPS_LOCK &&
	       usage != KEYMAP_NUM_LOCK && usage != KEYMAP_SCROLL_LOCK && usage != KEYMAP_ESCAPE &&
	       usage != KEYMAP_ENTER;
}
