/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/ahead.h"

/* A reader may leave this out and still be one that goes straight on: headers, holes, padding. */
#define AHEAD_SKIP (64u << 10)

bool ahead_read(struct ahead *ahead, uint64_t offset, uint64_t size, bool at_hand)
{
	bool goes_on = ahead->reads > 0 && offset >= ahead->next &&
		       offset - ahead->next <= (ahead->reads > 1 ? AHEAD_SKIP : 0);

	if (!goes_on) {
		/* A look at a directory that is here costs nothing and is forgotten. */
		if (at_hand && ahead->reads > 0)
			return true;
		ahead_stop(ahead);
		ahead->reads = 1;
		ahead->run = size;
		ahead->next = offset + size;
		return false;
	}
	ahead->reads = 2;
	ahead->run += offset + size - ahead->next;
	ahead->next = offset + size;
	if (ahead->window == 0) {
		ahead->window = AHEAD_FIRST;
		ahead->begun = ahead->next;
	}
	while (ahead->window < ahead->largest && ahead->run >= ahead->window)
		ahead->window *= 2;
	if (ahead->window > ahead->largest)
		ahead->window = ahead->largest;
	return true;
}

void ahead_stop(struct ahead *ahead)
{
	ahead->reads = 0;
	ahead->run = 0;
	ahead->window = 0;
}

void ahead_range(const struct ahead *ahead, uint64_t *from, uint64_t *to)
{
	*from = ahead->begun > ahead->next ? ahead->begun : ahead->next;
	*to = ahead->window > 0 ? ahead->next + ahead->window : 0;
}

void ahead_fetched(struct ahead *ahead, uint64_t to)
{
	ahead->begun = to;
}
