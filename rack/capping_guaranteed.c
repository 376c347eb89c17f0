/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rack/capping_part.h"

/* What each who obeys should have, in capping->shares; the others have what they are accounted. */
static void capping_share(struct capping *capping, int watts)
{
	enum capping_account unused;

	for (size_t i = 0; i < capping->count; i++) {
		const struct capping_record *record = &capping->nodes[i];
		struct waterfill_node *share = &capping->shares[i];
		int fixed = capping_accounted(record, &unused);

		if (capping_obeys(record))
			*share = (struct waterfill_node){
					.floor = record->settings.floor,
					.ceiling = capping_top(record),
					.want = capping_want(record),
					.class = record->settings.class,
			};
		else
			*share = (struct waterfill_node){
					.floor = fixed, .ceiling = fixed, .want = fixed};
	}
	waterfill(capping->shares, capping->count, watts);
}

static bool capping_may_send(const struct capping_record *record, int64_t now)
{
	return capping_obeys(record) && !record->pending && now >= record->retry_at;
}

static bool capping_is_cut(const struct capping_record *record, int share, bool urgent)
{
	if (!record->sent || !record->accepted)
		return true; /* everybody always has a limit */
	if (urgent || record->sent > capping_top(record))
		return share < record->sent;
	return share <= record->sent - CAPPING_STEP - record->sent / 32;
}

/* Whose raise comes next: the first class, and in it the one that lacks most. */
static bool capping_before(const struct capping *capping, size_t a, size_t b)
{
	const struct waterfill_node *left = &capping->shares[a], *right = &capping->shares[b];

	if (left->class != right->class)
		return left->class < right->class;
	return left->share - capping->nodes[a].sent > right->share - capping->nodes[b].sent;
}

/* short_of: who settles is left to it, since what is sent anew settles anew. */
static bool capping_is_raised(
		const struct capping *capping, size_t node, int64_t now, bool short_of)
{
	const struct capping_record *record = &capping->nodes[node];
	int share = capping->shares[node].share;

	if (short_of && record->held > record->sent)
		return false;
	return capping_may_send(record, now) && record->sent && share > record->sent &&
	       (share >= record->sent + CAPPING_STEP || share == capping_top(record));
}

/* W that will be accounted once all who obey keep to what they were sent. */
static int capping_promised(const struct capping *capping)
{
	enum capping_account unused;
	int sum = 0;

	for (size_t i = 0; i < capping->count; i++) {
		const struct capping_record *record = &capping->nodes[i];

		sum += capping_obeys(record) && record->sent ? record->sent
							     : capping_accounted(record, &unused);
	}
	return sum;
}

/*
 * Gives what there is now; what is still settling elsewhere comes later. Limits never add up to
 * more than there is, also while accounts are above them: they would have to be cut again, and what
 * is sent anew settles anew.
 */
static size_t capping_raise(struct capping *capping, int64_t now, int watts,
		struct capping_command *out, size_t most)
{
	int room = watts - capping_sum_accounted(capping),
	    spare = watts - capping_promised(capping);
	size_t count = 0;

	while (count < most) {
		size_t next = capping->count;
		struct capping_record *record;
		int free, limit;

		for (size_t i = 0; i < capping->count; i++)
			if (capping_is_raised(capping, i, now, room < 0) &&
					(next == capping->count ||
							capping_before(capping, i, next)))
				next = i;
		if (next == capping->count)
			break;
		record = &capping->nodes[next];
		/* Up to what it is accounted anyway costs nothing. */
		free = record->held - record->sent + (room > 0 ? room : 0);
		if (free > spare)
			free = spare;
		limit = capping->shares[next].share;
		if (limit > record->sent + free)
			limit = record->sent + free;
		capping->shares[next].share = 0; /* had its turn */
		if (limit < record->sent + CAPPING_STEP && limit < capping_top(record))
			continue;
		if (limit <= record->sent)
			continue;
		room -= limit > record->held ? limit - record->held : 0;
		spare -= limit - record->sent;
		capping_send(record, limit, &out[count++], next);
	}
	return count;
}

size_t capping_decide_guaranteed(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most)
{
	int watts = capping->settings.budget - capping->settings.unmanaged -
		    capping_awaited(capping);
	/* What is on its way to fit is left alone: a limit that moves all the time never settles.
	 */
	bool urgent = capping_promised(capping) > watts;
	size_t count = 0;

	capping_share(capping, watts);
	for (size_t i = 0; i < capping->count && count < most; i++) {
		struct capping_record *record = &capping->nodes[i];
		int share = capping->shares[i].share;

		if (!capping_may_send(record, now) || !capping_is_cut(record, share, urgent))
			continue;
		/* More than what it is accounted takes its turn among the raises. */
		capping_send(record, share < record->held ? share : record->held, &out[count++], i);
	}
	return count + capping_raise(capping, now, watts, out + count, most - count);
}
