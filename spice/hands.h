/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Several viewers' hands on one keyboard and one mouse: a key or button is down while anybody holds
 * it and goes up when the last one lets go. Everybody's count, or those of one alone. Pure: no I/O;
 * the clock is the caller's.
 */
#include <stdbool.h>
#include <stdint.h>

struct hands; /* all of them */
struct hand;  /* those of one viewer */

/* What the node's devices are to do, as in struct viewer_events. */
struct hands_events {
	void (*key)(uint8_t usage, bool down, void *data);
	void (*pointer)(int x, int y, int wheel, unsigned int buttons, void *data);
	void (*mouse)(int dx, int dy, int wheel, unsigned int buttons, void *data);
	/* Nobody holds anything, nor does anybody else have hands here. */
	void (*release_all)(void *data);
	void *data;
};

struct hands *hands_new(const struct hands_events *events);
void hands_free(struct hands *hands); /* NULL is fine; after every hand */

struct hand *hand_new(struct hands *hands);
void hand_free(struct hand *hand); /* lets go of everything; NULL is fine */

/* What a viewer does, at a time in microseconds. Repeats of a key are passed on. */
void hand_key(struct hand *hand, uint8_t usage, bool down, int64_t now);
void hand_pointer(struct hand *hand, int x, int y, int wheel, unsigned int buttons, int64_t now);
void hand_mouse(struct hand *hand, int dx, int dy, int wheel, unsigned int buttons, int64_t now);

/* Lets go of what this one holds. */
void hand_release(struct hand *hand);

/*
 * This one's count from now on, nobody else's; NULL: nobody's, but that the pointer follows whoever
 * moves it with no button down. What the others hold is let go of first: their keys, then their
 * buttons. Whatever somebody holds while his hands do not count stays up until he has let go of it,
 * also when they count again.
 */
void hands_give(struct hands *hands, struct hand *hand);

void hands_share(struct hands *hands); /* everybody's count, as at first */

/* Whether that is a press, and not the repeat of a key or a button that stays down. Before it is
 * done. */
bool hand_presses_key(const struct hand *hand, uint8_t usage, bool down);
bool hand_presses_buttons(const struct hand *hand, unsigned int buttons, int wheel);

/*
 * Lets go of what is held by those of whom nothing was heard for `limit` microseconds. Returns how
 * many they are. *next: when to look again, 0: when somebody holds something again.
 */
int hands_tire(struct hands *hands, int64_t limit, int64_t now, int64_t *next);
