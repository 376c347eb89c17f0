/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Who holds the input: with several viewers, whose keys and buttons reach the node. And who has not
 * touched anything for so long that he is sent away. Pure: times are passed in,
 * g_get_monotonic_time or any other that does not go back, in microseconds; what happens is told,
 * not done.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How somebody comes to hold it while another does. */
enum hold_control {
	HOLD_SHARED, /* there is no holder: everybody's hands count */
	HOLD_LATEST, /* he presses something */
	HOLD_ASK,   /* he presses something, and the holder is silent then or the request granted */
	HOLD_NEVER, /* not by himself */
};

/* What somebody's hands do. Only a press takes the input, or asks for it. */
enum hold_touch {
	HOLD_MOVE,  /* moves the pointer, lets go, repeats */
	HOLD_LOCK,  /* presses a lock key, as clients do by themselves; takes it from nobody */
	HOLD_PRESS, /* presses another key or a button, turns the wheel */
};

/* Times in microseconds; 0: for ever. */
struct hold_settings {
	enum hold_control control;
	int64_t release; /* a holder that touched nothing for so long holds it no more */
	int64_t answer;  /* of HOLD_ASK: the holder's silence that grants a request */
	int64_t idle;    /* who touched nothing for so long is to be sent away */
};

/* A request stands for so long after the last press of who asks, or twice `answer`. */
#define HOLD_STANDS (120 * G_USEC_PER_SEC)

/* Who was denied can ask again after so long. */
#define HOLD_DEAF (30 * G_USEC_PER_SEC)

enum hold_why {
	HOLD_WHY_TOUCHED, /* a press */
	HOLD_WHY_SILENCE, /* the holder said nothing to a request */
	HOLD_WHY_GRANTED, /* an operator's word, to a request */
	HOLD_WHY_GIVEN,   /* without one */
	HOLD_WHY_DENIED,
	HOLD_WHY_IDLE,   /* the holder touched nothing for too long */
	HOLD_WHY_LEFT,   /* he is not there any more */
	HOLD_WHY_LAPSED, /* nothing came of the request */
};

/* viewer: above 0. None of them may call back. */
struct hold_events {
	/* He holds it now; former: who did until now, 0: nobody. */
	void (*taken)(unsigned int viewer, unsigned int former, enum hold_why why, void *data);
	/* He held it, and nobody does now. */
	void (*released)(unsigned int viewer, enum hold_why why, void *data);
	/* He asks for it; he does not any more, and did not get it. */
	void (*asked)(unsigned int viewer, void *data);
	void (*withdrawn)(unsigned int viewer, enum hold_why why, void *data);
	/* He is to be sent away; told once. */
	void (*idle)(unsigned int viewer, void *data);
	void *data;
};

struct hold;

struct hold *hold_new(const struct hold_settings *settings, const struct hold_events *events);
void hold_free(struct hold *hold); /* NULL is fine; nothing is told */

/* One of those who may hold it comes, or goes: the input is then the first asker's, or nobody's. */
void hold_join(struct hold *hold, unsigned int viewer, int64_t now);
void hold_leave(struct hold *hold, unsigned int viewer, int64_t now);

/* Nothing happens when he has not joined. */
void hold_touch(struct hold *hold, unsigned int viewer, enum hold_touch touch, int64_t now);

enum hold_answer {
	HOLD_DONE,
	HOLD_IS_SHARED,  /* nobody can hold it */
	HOLD_NO_VIEWER,  /* none of that number may hold it */
	HOLD_NO_REQUEST, /* he does not ask for it */
};

/* An operator's word. */
enum hold_answer hold_give(struct hold *hold, unsigned int viewer, int64_t now);
enum hold_answer hold_grant(struct hold *hold, unsigned int viewer, int64_t now);
enum hold_answer hold_deny(struct hold *hold, unsigned int viewer, int64_t now);

/* Does what time has brought. */
void hold_tick(struct hold *hold, int64_t now);

/* When time will have brought something, if nothing is touched until then; 0: never. */
int64_t hold_next(const struct hold *hold);

unsigned int hold_holder(const struct hold *hold); /* 0: nobody */

/* Who asks, first come first; 0: there are no more. */
unsigned int hold_asking(const struct hold *hold, size_t index);

enum hold_control hold_control(const struct hold *hold);

/* "shared", "latest", "ask", "never"; "touched", "silence", ... */
const char *hold_control_word(enum hold_control control);
const char *hold_why_word(enum hold_why why);
