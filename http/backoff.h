/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * How long an address must wait that gave wrong passwords: three are free, then a second, two,
 * four, up to a minute; forgotten after ten quiet minutes. IPv6 addresses count by their /64, which
 * is one customer. Holds 1024 addresses: more push out the one that is quiet longest. Times are in
 * microseconds of any steady clock. Any thread, one at a time.
 */
#include <glib.h>
#include <stdbool.h>

struct backoff;

struct backoff *backoff_new(void);
void backoff_free(struct backoff *backoff); /* NULL is fine */

/* Seconds to go, rounded up; 0: it may try. */
unsigned int backoff_wait(struct backoff *backoff, const char *peer, gint64 now);

/* Another wrong one. Returns whether it has to wait now and had not to before. */
bool backoff_wrong(struct backoff *backoff, const char *peer, gint64 now);

void backoff_right(struct backoff *backoff, const char *peer); /* starts afresh */
