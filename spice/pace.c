/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spice/pace.h"

static struct pace_update *pace_update(struct pace *pace, uint32_t number)
{
	return &pace->updates[number % PACE_MOST];
}

static size_t pace_bytes(const struct pace *pace)
{
	size_t bytes = 0;

	for (uint32_t number = pace->drawn; number != pace->begun; number++)
		bytes += pace->updates[(number + 1) % PACE_MOST].bytes;
	return bytes;
}

bool pace_open(const struct pace *pace)
{
	uint32_t under_way = pace->begun - pace->drawn;
	int64_t window = PACE_WINDOW + pace->way / PACE_FRAME_US;

	if (pace->is_long)
		return under_way < 1;
	if (under_way < PACE_WINDOW)
		return true;
	return under_way < PACE_MOST && under_way < window && pace_bytes(pace) < PACE_WAY_BYTES;
}

uint32_t pace_begin(struct pace *pace, size_t bytes, int64_t now)
{
	struct pace_update *update = pace_update(pace, ++pace->begun);

	*update = (struct pace_update){.begun = now, .bytes = bytes};
	return pace->begun;
}

void pace_flushed(struct pace *pace, int64_t now)
{
	pace->flushed = pace->begun;
	pace_update(pace, pace->flushed)->flushed = now;
}

/* The newest value counts a quarter. */
static int64_t pace_smooth(int64_t old, int64_t value)
{
	return old ? old + (value - old) / 4 : value;
}

static void pace_measure(struct pace *pace, const struct pace_update *update, int64_t now)
{
	/* One that waited behind another takes its time from when that one was done. */
	int64_t begun = update->begun > pace->last ? update->begun : pace->last;
	int64_t busy = now - begun > 1 ? now - begun : 1;
	int64_t trip = now - update->flushed;

	if (update->bytes <= PACE_SMALL_BYTES && (!pace->way || trip < pace->way))
		pace->way = trip > 1 ? trip : 1;
	pace->trip = pace_smooth(pace->trip, trip > 1 ? trip : 1);
	if (update->bytes >= PACE_RATE_BYTES)
		pace->rate = pace_smooth(pace->rate, (int64_t)update->bytes * 1000000 / busy);
	pace->span = pace_smooth(pace->span, trip > busy ? trip : busy);
	if (pace->span - pace->way > PACE_LONG_MS * 1000)
		pace->is_long = true;
	else if (pace->span - pace->way < PACE_FINE_MS * 1000)
		pace->is_long = false;
}

bool pace_drawn(struct pace *pace, uint32_t number, int64_t now)
{
	/* Counted from the last one, so that the numbers may wrap. */
	if (number - pace->drawn == 0 || number - pace->drawn > pace->flushed - pace->drawn)
		return false;
	pace_measure(pace, pace_update(pace, number), now);
	pace->drawn = number;
	pace->last = now;
	return true;
}
