/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* How steps are put down: typing.c has texts, typing_chords.c chords. */
#include "src/typing.h"

#define TYPING_SHIFT 0xe1 /* the left ones, and AltGr: usages of the modifiers from here on */
#define TYPING_FIRST 0xe0 /* bit 0 of a report's first byte */
#define TYPING_ENTER 0x28
#define TYPING_TAB   0x2b

/* Steps under construction: overwritten when they move or go. */
struct typing_steps {
	struct typing_step *steps;
	size_t count, room;
};

void typing_add(struct typing_steps *steps, uint8_t usage, bool down, uint16_t wait);

/* With the last one a character or a chord is there. */
void typing_end(struct typing_steps *steps);

/* Presses those that are missing and lets go of those that are too many; both: bits as in a
 * report's first byte. */
void typing_modifiers(struct typing_steps *steps, uint8_t now, uint8_t wanted);

/* Takes the steps. */
struct typing *typing_new(struct typing_steps *steps);
