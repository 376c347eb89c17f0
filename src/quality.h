/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Which quantiser the video engine is to use so that the slowest of those who look can follow.
 * There is one engine for all of them, and it begins anew with each change: changes are rare, down
 * after seconds of trouble and up after more of peace, later and later when up was wrong. Pure: the
 * clock and the links are the caller's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUALITY_STEPS 3

/* How one viewer's link does, as in struct direct_pace. */
struct quality_link {
	unsigned int round_trip; /* ms from an update's last byte until it is drawn; 0: not known */
	unsigned int way;        /* ms of that which the way itself takes; 0: not known */
	bool behind;             /* changes wait for it */
};

struct quality {
	int selectors[QUALITY_STEPS]; /* best first */
	int steps, step;              /* how many there are; the one in use */
	int64_t looked;               /* when, us; 0: not yet */
	int64_t trouble;              /* us of it, which peace wears off */
	int64_t slow;                 /* when there was trouble last */
	int64_t changed, raised;      /* when, either way and up; 0: not yet */
	int64_t patience;             /* us of peace before the next try of a better one */
};

/* best: the selector that is used when nobody has trouble, 0..11. */
void quality_init(struct quality *quality, int best);

/*
 * To be called a few times a second while somebody looks, with those who do. now: us, not going
 * backwards. Returns the selector to use.
 */
int quality_look(struct quality *quality, const struct quality_link *links, size_t count,
		int64_t now);

/* Nobody looks: the next ones begin with the best. */
void quality_reset(struct quality *quality);
