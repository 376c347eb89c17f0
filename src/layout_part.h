/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a layout is made of: layout_tables.c has them, layout.c looks into them. */
#include "src/layout.h"

#define LAYOUT_ROWS   4 /* E, D, C, B */
#define LAYOUT_LEVELS 4 /* plain, Shift, AltGr, both */
#define LAYOUT_DEAD   5

/* Dead keys, by the combining mark of their accent. */
#define LAYOUT_GRAVE      0x300
#define LAYOUT_ACUTE      0x301
#define LAYOUT_CIRCUMFLEX 0x302
#define LAYOUT_TILDE      0x303
#define LAYOUT_DIAERESIS  0x308

struct layout {
	const char *name, *title;
	/* A character for each key of a row, a blank where there is none; NULL: none at all. */
	const char *levels[LAYOUT_LEVELS][LAYOUT_ROWS];
	struct layout_dead {
		gunichar mark;     /* 0: no more */
		const char *makes; /* with the key after it, which is the character without it */
	} dead[LAYOUT_DEAD];
	bool caps_with_shift;
};
