/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * How often something happens, over the last seconds: a counter for each second, no timer, no
 * memory. Any clock in microseconds that does not go backwards; any one thread.
 */
#include <stdint.h>

#define RATE_SECONDS 5 /* what rate_per_second looks back on */

struct rate {                              /* zeroed: nothing happened yet */
	int64_t second;                    /* the newest one that counts[] knows */
	uint64_t counts[RATE_SECONDS + 1]; /* and the one that is not over yet */
};

void rate_count(struct rate *rate, int64_t now);
void rate_add(struct rate *rate, int64_t now, uint64_t count); /* several at once: bytes, say */

/* Events a second, the mean of the last RATE_SECONDS whole seconds. */
double rate_per_second(struct rate *rate, int64_t now);
