/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What is to be typed, as the keys that go down and up: made of a text or of chords by their names.
 * Pure. What it is made of may be a secret: it is overwritten when it is freed, and errors name
 * characters only to the one who asked.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout;

#define TYPING_TEXT_MAX   16384 /* bytes of UTF-8 */
#define TYPING_CHORDS_MAX 64
#define TYPING_HOLD_MS    50    /* how long a chord is held, and rests after it */
#define TYPING_HOLD_MAX   10000 /* ms, of one */

#define TYPING_ERROR typing_error_quark()
GQuark typing_error_quark(void);
enum typing_error {
	TYPING_ERROR_REQUEST, /* it cannot be understood */
};

struct typing_step {
	uint8_t usage; /* of the keyboard page; 0: none, only time passes */
	bool down;
	bool ends;     /* with it a character or a chord is there */
	uint16_t wait; /* ms after it; 0: as the pace is */
};

struct typing {
	struct typing_step *steps;
	size_t count;
	unsigned int units;   /* characters or chords: steps that end one */
	bool text;            /* Caps Lock matters */
	bool caps_with_shift; /* how it is put out, see layout.h */
};

/* A character that a layout has not. */
struct typing_lack {
	gunichar character;
	unsigned int position, line, column; /* where it is first, each from 1 */
	unsigned int times;
};

/*
 * A text: a newline (also a carriage return, or both) is Enter, a tab is Tab. Letters may come with
 * combining accents. NULL, and error (TYPING_ERROR): it is too long or not UTF-8; or none, and
 * lacks has a struct typing_lack for each other character that the layout lacks.
 */
struct typing *typing_text(
		const struct layout *layout, const char *text, GArray **lacks, GError **error);

/*
 * Chords with blanks between them: names of keys joined by '+', held for ":MS" milliseconds behind
 * them ("ctrl+alt+del f12:2000"); "wait:MS" only waits. A single character is the key that types it
 * in the layout. NULL and error (TYPING_ERROR): what is wrong, and what is near.
 */
struct typing *typing_chords(const struct layout *layout, const char *text, GError **error);

void typing_free(struct typing *typing); /* NULL is fine */

/* The n-th name that a key has in a chord, and its usage; NULL: there are no more. */
const char *typing_key_name(size_t n, uint8_t *usage);
