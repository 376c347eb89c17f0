/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/rate.h"

#define RATE_SLOTS (RATE_SECONDS + 1)

/* Forgets the seconds in which nothing happened. */
static void rate_advance(struct rate *rate, int64_t now)
{
	int64_t second = now / 1000000;

	if (second - rate->second >= RATE_SLOTS)
		memset(rate->counts, 0, sizeof(rate->counts));
	else
		for (int64_t each = rate->second + 1; each <= second; each++)
			rate->counts[each % RATE_SLOTS] = 0;
	if (second > rate->second)
		rate->second = second;
}

void rate_add(struct rate *rate, int64_t now, uint64_t count)
{
	rate_advance(rate, now);
	rate->counts[rate->second % RATE_SLOTS] += count;
}

void rate_count(struct rate *rate, int64_t now)
{
	rate_add(rate, now, 1);
}

double rate_per_second(struct rate *rate, int64_t now)
{
	uint64_t sum = 0;

	rate_advance(rate, now);
	for (int i = 0; i < RATE_SLOTS; i++)
		sum += rate->counts[i];
	sum -= rate->counts[rate->second % RATE_SLOTS]; /* has not had its time yet */
	return (double)sum / RATE_SECONDS;
}
