/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/quality.h"

#define SECOND 1000000

/* Updates that take this long, while the next ones wait, are felt as lag at a keyboard. What the
 * way itself takes no quality mends. */
#define SLOW_MS 150

/* How much more the next better one sends, and takes: 5 / 2 for 4 after 7, the larger step. */
#define BETTER(ms) ((ms)*5 / 2)

#define TROUBLE_US      (2 * SECOND)  /* of trouble, until a coarser one is used */
#define REST_US         (3 * SECOND)  /* after a change, to see what it does */
#define PATIENCE_US     (10 * SECOND) /* of peace, until a better one is tried */
#define PATIENCE_MAX_US (160 * SECOND)
#define WRONG_US        (60 * SECOND)  /* trouble this soon after: up was wrong */
#define PEACE_US        (300 * SECOND) /* of peace with the best: what was before is forgotten */

void quality_reset(struct quality *quality)
{
	quality->step = 0;
	quality->looked = 0;
	quality->trouble = 0;
	quality->slow = 0;
	quality->changed = 0;
	quality->raised = 0;
	quality->patience = PATIENCE_US;
}

void quality_init(struct quality *quality, int best)
{
	static const int coarser[] = {4, 2}; /* bytes / 2.3, and another 10 to 30 % less */

	quality->selectors[0] = best;
	quality->steps = 1;
	for (size_t i = 0; i < sizeof(coarser) / sizeof(*coarser); i++)
		if (coarser[i] < best)
			quality->selectors[quality->steps++] = coarser[i];
	quality_reset(quality);
}

/* ms that updates take beyond the way, of the slowest whom changes wait for. */
static unsigned int quality_wait(const struct quality_link *links, size_t count)
{
	unsigned int most = 0;

	for (size_t i = 0; i < count; i++) {
		const struct quality_link *link = &links[i];

		if (link->behind && link->round_trip > link->way &&
				link->round_trip - link->way > most)
			most = link->round_trip - link->way;
	}
	return most;
}

static void quality_change(struct quality *quality, int step, int64_t now)
{
	quality->step = step;
	quality->changed = now;
	quality->trouble = 0;
}

static void quality_lower(struct quality *quality, int64_t now)
{
	if (quality->raised && now - quality->raised < WRONG_US) {
		quality->patience *= 2;
		if (quality->patience > PATIENCE_MAX_US)
			quality->patience = PATIENCE_MAX_US;
	}
	quality_change(quality, quality->step + 1, now);
}

static void quality_raise(struct quality *quality, int64_t now)
{
	quality_change(quality, quality->step - 1, now);
	quality->raised = now;
}

int quality_look(struct quality *quality, const struct quality_link *links, size_t count,
		int64_t now)
{
	unsigned int wait = quality_wait(links, count);
	int64_t passed = quality->looked ? now - quality->looked : 0;
	int64_t peace;

	if (!quality->looked)
		quality->slow = now; /* peace begins to count */
	quality->looked = now;
	if (wait >= SLOW_MS) {
		quality->trouble += passed;
	} else {
		quality->trouble -= passed / 2;
		if (quality->trouble < 0)
			quality->trouble = 0;
	}
	/* It is no peace when a better one would be trouble. */
	if (BETTER(wait) >= SLOW_MS)
		quality->slow = now;
	peace = now - quality->slow;
	if (quality->changed && now - quality->changed < REST_US)
		return quality->selectors[quality->step];
	if (quality->trouble >= TROUBLE_US && quality->step + 1 < quality->steps)
		quality_lower(quality, now);
	else if (quality->step > 0 && peace >= quality->patience &&
			now - quality->changed >= quality->patience)
		quality_raise(quality, now);
	else if (quality->step == 0 && peace >= PEACE_US)
		quality->patience = PATIENCE_US;
	return quality->selectors[quality->step];
}
