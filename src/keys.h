/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Chords and texts that somebody has typed on the node's keyboard by the API: one at a time, in
 * place of the viewers (input_take). What was typed is nowhere but in the keys. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "src/typist.h"

struct events;
struct input;
struct keys;
struct typing;

#define KEYS_ERROR keys_error_quark()
GQuark keys_error_quark(void);
enum keys_error {
	KEYS_ERROR_STATE,   /* not possible as things are now */
	KEYS_ERROR_STOPPED, /* it was begun, and stopped before its end */
};

enum keys_state {
	KEYS_IDLE, /* nothing was typed since the start */
	KEYS_TYPING,
	KEYS_DONE,
	KEYS_STOPPED, /* by somebody's word */
	KEYS_FAILED,
};

struct keys_status {
	enum keys_state state;
	unsigned int id;         /* counts what was begun; 0: nothing yet */
	bool text;               /* or chords */
	unsigned int all, typed; /* characters or chords, and those that the node took */
	const char *reason;      /* of _STOPPED and _FAILED, else NULL; static */
	int64_t since, until;    /* g_get_monotonic_time; until 0: not over */
};

/* Over; error NULL: all of it was typed. */
typedef void (*keys_ended_fn)(const struct keys_status *status, const GError *error, void *data);

/*
 * Both stay the caller's and must outlive the keys. Published is "typing.begun" with its kind
 * ("text", "keys"), and "typing.ended" with its state and reason too: never how long it was.
 */
struct keys *keys_new(struct input *input, struct events *events);

/*
 * Begins to type; typing is taken in any case. ended may be NULL; it is called later, exactly once.
 * rate: see typist_begin. False and error (KEYS_ERROR): something is being typed already, or the
 * node takes no keys; ended is not called then.
 */
bool keys_begin(struct keys *keys, struct typing *typing, unsigned int rate, keys_ended_fn ended,
		void *data, GError **error);

/* Ends it, with all keys up. Nothing when nothing is being typed. */
void keys_stop(struct keys *keys);

/* The node's lights, enum keyboard_led bits. */
void keys_leds(struct keys *keys, unsigned int leds);

void keys_status(const struct keys *keys, struct keys_status *out);

/* "idle", "typing", "done", "stopped", "failed" */
const char *keys_state_word(enum keys_state state);

void keys_free(struct keys *keys); /* NULL is fine; what is being typed ends */
