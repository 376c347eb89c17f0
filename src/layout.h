/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Keyboard layouts: which keys type a character on a node that is set to one of them. Pure tables,
 * any thread.
 *
 * A position is one of ISO/IEC 9995-1 (row E is that of the digits, E00 its first key), told to the
 * node as a usage of the HID keyboard page (HID Usage Tables 1.4, section 10). What stands on it is
 * what the platforms' public layouts agree on: Windows' by the same country name, and the first
 * variant of X's (xkeyboard-config). Where the two differ there are two layouts, or the man page
 * says so; characters that only one of them has are left out, unless that is said.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One key with modifiers, bits as in the first byte of a boot report (HID 1.11, appendix B.1). */
struct layout_stroke {
	uint8_t usage, modifiers;
};

enum layout_modifier {
	LAYOUT_SHIFT = 1 << 1,  /* the left one */
	LAYOUT_ALT_GR = 1 << 6, /* the right Alt */
};

#define LAYOUT_STROKES 2 /* of a character: a dead key before it */

struct layout;

/* NULL: there is none of that name, which may be in any case. */
const struct layout *layout_find(const char *name);

/* The n-th, in the order of their names; NULL: there are no more. */
const struct layout *layout_at(size_t n);

const char *layout_name(const struct layout *layout);  /* "de" */
const char *layout_title(const struct layout *layout); /* "German" */

/* Whether Caps Lock is a key together with Shift only. */
bool layout_caps_with_shift(const struct layout *layout);

/* How a printable character is typed; returns how many strokes that is, 0: the layout lacks it. */
int layout_strokes(const struct layout *layout, gunichar character,
		struct layout_stroke strokes[LAYOUT_STROKES]);
