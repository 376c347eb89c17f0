/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "rack/capping_part.h"

#define SETTLE_MS  8000
#define OBEY_MS    30000
#define RECLAIM_MS 15000

/* What a node may measure above its limit, which it keeps to on average. */
#define TOLERANCE(limit) ((limit) / 32 + 2)
#define EXCESSES         2 /* readings above it until it is disobedient */

/* --- Accounts --- */

int capping_accounted(const struct capping_record *record, enum capping_account *why)
{
	const struct capping_node_settings *settings = &record->settings;

	if (!record->on) {
		*why = record->granted >= 0 ? CAPPING_ACCOUNT_STARTING : CAPPING_ACCOUNT_OFF;
		return record->granted >= 0 ? settings->boot : 0;
	}
	if (record->lost) {
		*why = CAPPING_ACCOUNT_LOST;
		return settings->keeps ? record->held : settings->ceiling;
	}
	if (record->disobedient) {
		*why = CAPPING_ACCOUNT_DISOBEDIENT;
		return record->measured > settings->ceiling ? record->measured : settings->ceiling;
	}
	if (record->starting)
		*why = CAPPING_ACCOUNT_STARTING;
	else if (!record->sent)
		*why = CAPPING_ACCOUNT_UNLIMITED;
	else
		*why = record->held > record->sent ? CAPPING_ACCOUNT_SETTLING
						   : CAPPING_ACCOUNT_LIMIT;
	return record->held;
}

int capping_sum_accounted(const struct capping *capping)
{
	enum capping_account unused;
	int sum = 0;

	for (size_t i = 0; i < capping->count; i++)
		sum += capping_accounted(&capping->nodes[i], &unused);
	return sum;
}

int capping_awaited(const struct capping *capping)
{
	int sum = 0;

	for (size_t i = 0; i < capping->count; i++)
		if (capping->nodes[i].asked && !capping->nodes[i].on &&
				capping->nodes[i].granted < 0)
			sum += capping->nodes[i].settings.boot;
	return sum;
}

int capping_want(const struct capping_record *record)
{
	if (record->throttled || record->measured < 0)
		return record->settings.ceiling;
	return record->recent > record->former ? record->recent : record->former;
}

/* Nothing is known of what it may draw. */
static void capping_unlimited(struct capping_record *record, int held)
{
	record->held = held;
	record->sent = 0;
	record->pending = record->accepted = record->disobedient = false;
	record->excess = 0;
}

static void capping_unknown(struct capping_record *record)
{
	capping_unlimited(record, record->settings.ceiling);
	record->on = true;
	record->lost = record->asked = record->starting = record->throttled = false;
	record->granted = -1;
	record->retry_at = 0;
	record->ours = false;
	record->measured = -1;
	record->recent = record->former = 0;
}

/* --- What nodes tell --- */

/* What it uses and a little more, over the window: watts are given at once and taken back late. */
static void capping_learn(
		struct capping *capping, struct capping_record *record, int64_t now, int watts)
{
	int want = watts + (watts > 150 ? watts / 10 : 15);

	record->throttled = record->sent && record->sent < record->settings.ceiling &&
			    watts >= record->sent - record->sent / 25 - 4;
	if (record->measured < 0 || now - record->window >= capping->settings.reclaim_ms) {
		record->former = record->recent;
		record->recent = want;
		record->window = now;
	} else if (want > record->recent) {
		record->recent = want;
	}
}

/* It keeps to its limit, which is what counts from now. */
static void capping_settled(struct capping_record *record)
{
	record->held = record->sent;
	record->starting = record->disobedient = false;
}

static void capping_judge(
		struct capping *capping, struct capping_record *record, int64_t taken, int watts)
{
	int64_t age = taken - record->accepted_at;

	if (!record->sent || !record->accepted)
		return;
	if (watts <= record->sent + TOLERANCE(record->sent)) {
		record->excess = 0;
		if (age >= capping->settings.settle_ms)
			capping_settled(record);
	} else if (age >= capping->settings.obey_ms ||
			(record->held == record->sent && age >= capping->settings.settle_ms)) {
		/* It did keep to it and does no more, or never did. */
		if (++record->excess >= EXCESSES)
			record->disobedient = true;
	}
}

void capping_reading(struct capping *capping, size_t node, int64_t now, int64_t taken, int watts)
{
	struct capping_record *record = &capping->nodes[node];

	record->lost = false;
	capping_learn(capping, record, now, watts);
	record->measured = watts;
	record->measured_at = taken;
	capping_judge(capping, record, taken, watts);
}

void capping_limit(struct capping *capping, size_t node, int64_t now, bool active, int watts)
{
	struct capping_record *record = &capping->nodes[node];

	record->lost = false;
	if (record->pending || (active && watts == record->sent))
		return;
	record->ours = record->ours && active;
	if (!active || (record->sent && watts > record->sent)) {
		capping_unlimited(record, record->settings.ceiling);
	} else if (!record->sent) {
		/* Of an earlier life of ours, or somebody else's: good, once it is kept. */
		record->sent = watts;
		record->accepted = true;
		record->accepted_at = now;
	}
}

void capping_accepted(struct capping *capping, size_t node, int64_t now)
{
	struct capping_record *record = &capping->nodes[node];

	record->lost = false;
	if (!record->pending)
		return;
	record->pending = false;
	record->accepted = true;
	record->accepted_at = now;
	if (!record->sent)
		record->ours = false;
	if (!record->sent || record->sent == record->settings.ceiling)
		record->uncapped = false;
}

/* Whether it has the new limit or the old one is not known: the higher one counts. */
void capping_failed(struct capping *capping, size_t node, int64_t now)
{
	struct capping_record *record = &capping->nodes[node];

	if (!record->pending)
		return;
	record->pending = record->accepted = false;
	record->sent = 0;
	record->retry_at = now + CAPPING_RETRY_MS;
}

void capping_lost(struct capping *capping, size_t node)
{
	struct capping_record *record = &capping->nodes[node];

	/* Its next answer has to show that its limit is still there. */
	record->lost = true;
	record->pending = false;
	if (!record->settings.keeps)
		capping_unlimited(record, record->settings.ceiling);
}

void capping_is_on(struct capping *capping, size_t node, bool on)
{
	struct capping_record *record = &capping->nodes[node];

	record->lost = false;
	if (record->on == on)
		return;
	record->on = on;
	capping_unlimited(record, on ? record->settings.boot : record->settings.ceiling);
	record->starting = on;
	record->measured = -1;
	if (on) {
		record->asked = false;
		record->granted = -1;
	}
}

void capping_replaced(struct capping *capping, size_t node)
{
	capping_unknown(&capping->nodes[node]);
}

void capping_adopt(struct capping *capping, size_t node, const struct capping *from, size_t former)
{
	struct capping_record *record = &capping->nodes[node];
	const struct capping_node_settings settings = record->settings;
	int cap = record->cap;

	*record = from->nodes[former];
	/* Without a limit it may draw what its new ceiling says, and maybe still the former one. */
	if (record->on && !record->starting && record->held >= record->settings.ceiling &&
			record->held < settings.ceiling)
		record->held = settings.ceiling;
	record->settings = settings;
	record->cap = cap;
	record->retry_at = 0;
	if (record->pending)
		record->sent = 0;
	record->pending = false;
	capping->acting = capping->acting || from->acting;
}

void capping_cap(struct capping *capping, size_t node, int watts)
{
	struct capping_record *record = &capping->nodes[node];

	record->uncapped = record->cap && !watts;
	record->cap = watts < record->settings.ceiling ? watts : 0;
}

/* --- Switching on --- */

/* W at least, with everybody at the floor who obeys. */
static int capping_floors(const struct capping *capping)
{
	enum capping_account unused;
	int sum = 0;

	for (size_t i = 0; i < capping->count; i++) {
		const struct capping_record *record = &capping->nodes[i];

		sum += capping_obeys(record) ? record->settings.floor
					     : capping_accounted(record, &unused);
	}
	return sum;
}

enum capping_power capping_power_on(struct capping *capping, size_t node, int64_t now)
{
	struct capping_record *record = &capping->nodes[node];
	int watts = capping->settings.budget - capping->settings.unmanaged - record->settings.boot;
	int awaited = capping_awaited(capping) - (record->asked ? record->settings.boot : 0);

	if (record->on || record->granted >= 0)
		return CAPPING_POWER_NOW;
	if (capping->settings.mode == CAPPING_GUARANTEED) {
		if (capping_floors(capping) + awaited > watts) {
			record->asked = false;
			return CAPPING_POWER_REFUSED;
		}
		record->asked = true;
		if (capping_sum_accounted(capping) > watts)
			return CAPPING_POWER_WAIT;
	}
	record->granted = now + CAPPING_START_MS;
	return CAPPING_POWER_NOW;
}

void capping_power_off(struct capping *capping, size_t node)
{
	capping->nodes[node].asked = false;
	capping->nodes[node].granted = -1;
}

/* --- Decisions --- */

void capping_send(
		struct capping_record *record, int limit, struct capping_command *out, size_t node)
{
	record->sent = limit;
	record->ours = true;
	if (limit > record->held)
		record->held = limit;
	if (!limit)
		record->held = record->settings.ceiling;
	record->pending = true;
	record->accepted = false;
	record->excess = 0;
	*out = (struct capping_command){.node = node, .limit = limit};
}

size_t capping_decide_caps(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < capping->count && count < most; i++) {
		struct capping_record *record = &capping->nodes[i];

		if (!capping_obeys(record) || record->pending || now < record->retry_at)
			continue;
		if (capping->settings.mode == CAPPING_OFF && !record->cap)
			continue;
		if ((record->cap || record->uncapped) && record->sent != capping_top(record))
			capping_send(record, capping_top(record), &out[count++], i);
	}
	return count;
}

/* Nobody sets limits any more: what was set from here would stay for good. */
static size_t capping_decide_off(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most)
{
	size_t count = capping_decide_caps(capping, now, out, most);

	for (size_t i = 0; i < capping->count && count < most; i++) {
		struct capping_record *record = &capping->nodes[i];

		if (record->on && !record->lost && !record->pending && now >= record->retry_at &&
				record->ours && !record->cap)
			capping_send(record, 0, &out[count++], i);
	}
	return count;
}

/* Watts set aside for a node that did not come up are free again. */
static void capping_forget_starts(struct capping *capping, int64_t now)
{
	for (size_t i = 0; i < capping->count; i++) {
		struct capping_record *record = &capping->nodes[i];

		if (record->granted >= 0 && record->granted <= now) {
			record->granted = -1;
			record->asked = false;
		}
	}
}

size_t capping_decide(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most)
{
	capping_forget_starts(capping, now);
	switch (capping->settings.mode) {
	case CAPPING_GUARANTEED:
		return capping_decide_guaranteed(capping, now, out, most);
	case CAPPING_REACTIVE:
		return capping_decide_reactive(capping, now, out, most);
	case CAPPING_OFF:
		return capping_decide_off(capping, now, out, most);
	}
	return 0;
}

/* --- What is to be seen --- */

void capping_read(const struct capping *capping, size_t node, struct capping_node *out)
{
	const struct capping_record *record = &capping->nodes[node];

	out->accounted = capping_accounted(record, &out->account);
	out->limit = record->sent;
	out->measured = record->measured;
	out->want = capping_want(record);
	out->accepted = record->accepted;
	out->ours = record->ours;
}

void capping_sum(const struct capping *capping, struct capping_totals *out)
{
	*out = (struct capping_totals){
			.budget = capping->settings.budget,
			.unmanaged = capping->settings.unmanaged,
			.accounted = capping_sum_accounted(capping),
			.floors = capping_floors(capping),
	};
	for (size_t i = 0; i < capping->count; i++)
		if (capping->nodes[i].on && capping->nodes[i].measured > 0)
			out->measured += capping->nodes[i].measured;
	out->short_of = out->accounted + out->unmanaged > out->budget;
}

/* --- Coming and going --- */

void capping_set(struct capping *capping, const struct capping_settings *settings)
{
	struct capping_settings *own = &capping->settings;
	bool other = own->mode != settings->mode;

	*own = *settings;
	/* Limits of another mode are there, to be released when there is room. */
	for (size_t i = 0; other && i < capping->count; i++)
		capping->acting |= capping->nodes[i].ours;
	own->settle_ms = own->settle_ms ? own->settle_ms : SETTLE_MS;
	own->obey_ms = own->obey_ms ? own->obey_ms : OBEY_MS;
	own->reclaim_ms = own->reclaim_ms ? own->reclaim_ms : RECLAIM_MS;
	own->act_at = own->act_at ? own->act_at : 970;
	own->cut_to = own->cut_to ? own->cut_to : 950;
	own->release_at = own->release_at ? own->release_at : 900;
}

struct capping *capping_new(const struct capping_settings *settings,
		const struct capping_node_settings *nodes, size_t count)
{
	struct capping *capping = calloc(1, sizeof(*capping));

	if (!capping)
		return NULL;
	capping->count = count;
	capping->nodes = calloc(count ? count : 1, sizeof(*capping->nodes));
	capping->shares = calloc(count ? count : 1, sizeof(*capping->shares));
	if (!capping->nodes || !capping->shares) {
		capping_free(capping);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		struct capping_record *record = &capping->nodes[i];

		record->settings = nodes[i];
		if (!record->settings.boot)
			record->settings.boot = nodes[i].ceiling;
		if (record->settings.boot < nodes[i].floor)
			record->settings.boot = nodes[i].floor;
		capping_unknown(record);
	}
	capping_set(capping, settings);
	return capping;
}

void capping_free(struct capping *capping)
{
	if (!capping)
		return;
	free(capping->nodes);
	free(capping->shares);
	free(capping);
}
