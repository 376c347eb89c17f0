/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * How long an address that gave wrong passwords is refused: nothing for the first few, which are
 * mistypings, then twice as long for each one more. Pure: times are microseconds of any clock that
 * does not go back. One thread at a time.
 */
#include <stdint.h>

#define BACKOFF_FREE      3         /* wrong passwords before it begins */
#define BACKOFF_FIRST     1000000   /* 1 s */
#define BACKOFF_LONGEST   60000000  /* 1 min */
#define BACKOFF_FORGOTTEN 600000000 /* 10 min without a wrong one */
#define BACKOFF_ADDRESSES 1024      /* remembered; then the one that was longest quiet is not */

struct backoff;

struct backoff *backoff_new(void);

/* How much longer peer (peer.h) is refused; 0: it is not. A unix socket's never is. */
int64_t backoff_left(const struct backoff *backoff, const char *peer, int64_t now);

/* The peer gave a wrong password. Returns for how long it is refused from now on, 0: it is not. */
int64_t backoff_wrong(struct backoff *backoff, const char *peer, int64_t now);

/* It gave the right one: the wrong ones are forgotten. */
void backoff_right(struct backoff *backoff, const char *peer);

void backoff_free(struct backoff *backoff); /* NULL is fine */
