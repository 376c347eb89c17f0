/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What newcomers are asked for: no password, one that holds until there is another, or one that
 * holds for a while. When that is over it is forgotten, and what is asked for then nobody knows: a
 * random one. Times are those of g_get_monotonic_time; pure but for the random numbers. Texts are
 * overwritten before they are freed.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define PASSWORD_SECONDS_MAX (30 * 24 * 3600) /* as ms it has room in a timer's guint */

enum password_state {
	PASSWORD_NONE, /* none is asked for */
	PASSWORD_SET,
	PASSWORD_EXPIRED, /* nobody has the right one */
};

/* What may be shown of it. */
struct password_status {
	enum password_state state;
	int64_t until; /* when it expires, or did; 0: never */
};

struct password {
	char *text;  /* what is asked for; NULL: nothing */
	char *after; /* what will be; NULL: the same */
	struct password_status status;
};

/*
 * text: copied; NULL: none is asked for. seconds: up to PASSWORD_SECONDS_MAX; 0: until the next
 * one. False: there are no random numbers, and all stays as it was. All zero to begin with.
 */
bool password_set(struct password *password, const char *text, unsigned int seconds, int64_t now);

/* Forgets the one whose time is over. Whether there was one. */
bool password_expire(struct password *password, int64_t now);

void password_clear(struct password *password);

/* A text that nobody can guess, of 48 characters; NULL: there are no random numbers. */
char *password_random(void);

/* Overwrites a text and frees it; NULL is fine. */
void password_forget(char *text);
