/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rack/capping_part.h"

#define FRESH_MS 2000 /* without a whole set of readings a decision is made nevertheless */

static bool capping_tells(const struct capping_record *record, int64_t now)
{
	return record->on && record->measured >= 0 &&
	       now - record->measured_at <= CAPPING_READING_MS;
}

/* W that a node draws, or may: what is not known counts at its worst. */
static int capping_drawn(const struct capping_record *record, int64_t now)
{
	if (!record->on)
		return record->granted >= 0 ? record->settings.boot : 0;
	return capping_tells(record, now) ? record->measured : record->settings.ceiling;
}

/* Whether each node that answers was measured since the last decision. */
static bool capping_fresh(const struct capping *capping, int64_t now)
{
	if (now - capping->decided_at >= FRESH_MS)
		return true;
	for (size_t i = 0; i < capping->count; i++) {
		const struct capping_record *record = &capping->nodes[i];

		if (record->on && !record->lost && record->measured_at <= capping->decided_at)
			return false;
	}
	return true;
}

static void capping_share_drawn(struct capping *capping, int64_t now, int watts)
{
	for (size_t i = 0; i < capping->count; i++) {
		const struct capping_record *record = &capping->nodes[i];
		int drawn = capping_drawn(record, now);
		bool obeys = capping_obeys(record);

		capping->shares[i] = (struct waterfill_node){
				.floor = obeys ? record->settings.floor : drawn,
				.ceiling = obeys ? capping_top(record) : drawn,
				.want = drawn,
				.class = record->settings.class,
		};
	}
	waterfill(capping->shares, capping->count, watts);
}

/* A limit for all while there are any: one that rises next must not undo what others gave up. */
static size_t capping_limit_all(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < capping->count && count < most; i++) {
		struct capping_record *record = &capping->nodes[i];
		int share = capping->shares[i].share, change = share - record->sent;

		if (!capping_obeys(record) || record->pending || now < record->retry_at)
			continue;
		if (record->sent && record->sent <= capping_top(record) && change < CAPPING_STEP &&
				change > -CAPPING_STEP)
			continue;
		capping_send(record, share, &out[count++], i);
	}
	return count;
}

static size_t capping_release(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most)
{
	size_t count = 0;
	bool all = true;

	for (size_t i = 0; i < capping->count; i++) {
		struct capping_record *record = &capping->nodes[i];

		if (!capping_obeys(record) || record->sent == capping_top(record))
			continue;
		all = false;
		if (!record->pending && now >= record->retry_at && count < most)
			capping_send(record, capping_top(record), &out[count++], i);
	}
	capping->acting = !all;
	return count;
}

size_t capping_decide_reactive(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most)
{
	const struct capping_settings *settings = &capping->settings;
	int64_t drawn = settings->unmanaged, told = drawn;
	int64_t act_at = (int64_t)settings->budget * settings->act_at;

	for (size_t i = 0; i < capping->count; i++) {
		const struct capping_record *record = &capping->nodes[i];

		drawn += capping_drawn(record, now);
		told += capping_tells(record, now) ? record->measured : 0;
	}
	/* When what was told is enough, the first cut does not wait for the rest of the set. */
	if (!capping_fresh(capping, now) && (capping->acting || told * 1000 <= act_at))
		return 0;
	capping->decided_at = now;
	capping->acting |= drawn * 1000 > act_at;
	if (!capping->acting)
		return capping_decide_caps(capping, now, out, most);
	if (drawn * 1000 < (int64_t)settings->budget * settings->release_at)
		return capping_release(capping, now, out, most);
	capping_share_drawn(capping, now,
			(int)((int64_t)settings->budget * settings->cut_to / 1000) -
					settings->unmanaged);
	return capping_limit_all(capping, now, out, most);
}
