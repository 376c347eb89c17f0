/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * How long an address that gave wrong passwords is refused: nothing for the first few, which are
 * mistypings, then twice as long for each one more. Pure: times are microseconds of any clock that
 * does not go back. One thread at a time.
 */
#include <stdint.h>

#define LOCKOUT_FREE      3         /* wrong passwords before it begins */
#define LOCKOUT_FIRST     1000000   /* 1 s */
#define LOCKOUT_LONGEST   60000000  /* 1 min */
#define LOCKOUT_FORGOTTEN 600000000 /* 10 min without a wrong one */
#define LOCKOUT_ADDRESSES 1024      /* remembered; then the one that was longest quiet is not */

struct lockout;

struct lockout *lockout_new(void);

/* How much longer peer (peer.h) is refused; 0: it is not. A unix socket's never is. */
int64_t lockout_left(const struct lockout *lockout, const char *peer, int64_t now);

/* The peer gave a wrong password. Returns for how long it is refused from now on, 0: it is not. */
int64_t lockout_wrong(struct lockout *lockout, const char *peer, int64_t now);

/* It gave the right one: the wrong ones are forgotten. */
void lockout_right(struct lockout *lockout, const char *peer);

void lockout_free(struct lockout *lockout); /* NULL is fine */
