/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Types what is to be typed (typing.h), one thing at a time, at a pace that the node keeps up with:
 * the next key waits until the node has taken the last. Pure: the clock and the keys are the
 * owner's. Times are microseconds of any clock that goes forward.
 *
 * A Caps Lock that is lit is put out before a text and lit again after it; a text is not begun with
 * one that does not go out.
 */
#include <stdbool.h>
#include <stdint.h>

#define TYPIST_RATE_MAX 200  /* characters a second */
#define TYPIST_RATE     40   /* unless another one is asked for */
#define TYPIST_LIGHT_MS 1000 /* for the node to put the light out */

struct typing;
struct typist;

enum typist_end {
	TYPIST_DONE,    /* the node took it all */
	TYPIST_DEAF,    /* it does not take keys any more */
	TYPIST_LOCKED,  /* Caps Lock did not go out; nothing was typed */
	TYPIST_STOPPED, /* by typist_stop */
};

struct typist_events {
	void (*key)(uint8_t usage, bool down, void *data);
	bool (*hears)(void *data); /* whether the node takes keys */
	bool (*heard)(void *data); /* whether it has taken all of them so far */
	/* It came to an end; all keys are up. The next one may begin from here. */
	void (*ended)(enum typist_end end, void *data);
	void *data;
};

struct typist *typist_new(const struct typist_events *events);

/* Takes typing. Only when nothing is being typed. rate: characters or chords a second at most, 1 to
 * TYPIST_RATE_MAX. Begins with the next tick. */
void typist_begin(struct typist *typist, struct typing *typing, unsigned int rate);

/* Does what is due; returns when to call it again, 0: not before the next typist_begin. */
int64_t typist_tick(struct typist *typist, int64_t now);

/* Lets go of all keys at once. Nothing when nothing is being typed. */
void typist_stop(struct typist *typist);

/* Whether the node's Caps Lock is lit. */
void typist_caps(struct typist *typist, bool lit);

bool typist_busy(const struct typist *typist);

/* Characters or chords of the present or the last one: all, and those that the node has taken. */
void typist_count(const struct typist *typist, unsigned int *all, unsigned int *typed);

void typist_free(struct typist *typist); /* NULL is fine; stops, and tells nobody */
