/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The turns: what is asked next, and whose the answer is. */
#include <stdlib.h>
#include <string.h>
#include "rack/bmc_part.h"

/* What is asked when neither orders nor power are: the one that is overdue most. */
static const struct bmc_part *const rest[] = {&bmc_sensors_part, &bmc_limit_part, &bmc_chassis_part,
		&bmc_log_part, &bmc_records_part, &bmc_look_part};
#define REST (sizeof(rest) / sizeof(rest[0]))

/* --- Events --- */

struct bmc_event *bmc_tell(struct bmc *bmc, enum bmc_event_kind kind, int64_t taken)
{
	struct bmc_event *event;

	if (bmc->count == BMC_EVENTS)
		return NULL;
	event = &bmc->events[(bmc->first + bmc->count++) % BMC_EVENTS];
	*event = (struct bmc_event){.kind = kind, .taken = taken};
	return event;
}

bool bmc_event(struct bmc *bmc, struct bmc_event *out)
{
	while (bmc->count) {
		*out = bmc->events[bmc->first];
		bmc->first = (bmc->first + 1) % BMC_EVENTS;
		bmc->count--;
		if (out->kind != BMC_NOTHING)
			return true;
	}
	return bmc_orders_told(bmc, out);
}

void bmc_untell_readings(struct bmc *bmc)
{
	for (size_t i = 0; i < bmc->count; i++) {
		struct bmc_event *event = &bmc->events[(bmc->first + i) % BMC_EVENTS];

		if (event->kind == BMC_READING)
			event->kind = BMC_NOTHING;
	}
}

/* --- Time --- */

int64_t bmc_again(int64_t due, int every, int64_t now)
{
	if (every <= 0)
		return BMC_NEVER;
	return due <= now && due + every > now ? due + every : now + every;
}

int64_t bmc_patience(const struct bmc_answer *answer, int64_t due, int64_t now)
{
	bool passing = !answer->came || answer->code == IPMI_BUSY || answer->code == IPMI_TIMEOUT;

	return passing || due == BMC_NEVER || due > now + BMC_SLOW ? due : now + BMC_SLOW;
}

/* --- Turns --- */

static const struct bmc_part *bmc_most_overdue(const struct bmc *bmc, int64_t *due)
{
	const struct bmc_part *part = NULL;

	*due = BMC_NEVER;
	for (size_t i = 0; i < REST; i++) {
		int64_t then = rest[i]->due(bmc);

		if (then < *due) {
			*due = then;
			part = rest[i];
		}
	}
	return part;
}

/* Whose turn is next, and when. Until it is known who it is, nothing else is asked or ordered. */
static const struct bmc_part *bmc_turn(const struct bmc *bmc, int64_t now, int64_t *due)
{
	const struct bmc_part *part;
	int64_t power;

	if (!bmc->identity.known) {
		*due = bmc_identity_part.due(bmc);
		return &bmc_identity_part;
	}
	*due = bmc_orders_part.due(bmc);
	if (*due <= now)
		return &bmc_orders_part;
	part = bmc_most_overdue(bmc, due);
	power = bmc_power_part.due(bmc);
	/* A BMC that needs longer for its power than that may take is asked for the rest, too. */
	if ((power <= now && !(bmc->power_last && *due <= now)) || (*due > now && power < *due)) {
		*due = power;
		part = &bmc_power_part;
	}
	return part;
}

bool bmc_next(struct bmc *bmc, int64_t now, struct session_request *out)
{
	const struct bmc_part *part;
	int64_t due;

	bmc->now = now;
	if (!bmc->up || bmc->under_way)
		return false;
	part = bmc_turn(bmc, now, &due);
	if (due > now)
		return false;
	bmc->asked_at = now;
	bmc->discard = false;
	bmc->under_way = part;
	bmc->power_last = part == &bmc_power_part;
	bmc->asked++;
	part->ask(bmc, now);
	*out = ipmi_session_request(&bmc->request);
	return true;
}

int64_t bmc_deadline(const struct bmc *bmc)
{
	int64_t due;

	if (!bmc->up || bmc->under_way)
		return -1;
	bmc_turn(bmc, bmc->now, &due);
	if (due == BMC_NEVER)
		return -1;
	return due > bmc->now ? due : bmc->now;
}

static void bmc_answered(struct bmc *bmc, int64_t now, struct bmc_answer *answer)
{
	const struct bmc_part *part = bmc->under_way;

	bmc->now = now;
	bmc->under_way = NULL;
	answer->asked = bmc->asked_at;
	if (part && !bmc->discard)
		part->answer(bmc, now, answer);
}

void bmc_answer(struct bmc *bmc, int64_t now, uint8_t code, const uint8_t *bytes, size_t size)
{
	struct bmc_answer answer = {.came = true, .code = code, .bytes = bytes, .size = size};

	bmc_answered(bmc, now, &answer);
}

void bmc_failed(struct bmc *bmc, int64_t now)
{
	struct bmc_answer answer = {.came = false};

	bmc_answered(bmc, now, &answer);
}

/* --- The link --- */

void bmc_forget(struct bmc *bmc, int64_t now)
{
	bmc_orders_fail(bmc, "another machine is in its place");
	bmc_records_drop(bmc);
	bmc_sensors_drop(bmc);
	bmc_log_drop(bmc);
	bmc_log_up(bmc, now);
	bmc->power.has_limit = false;
	bmc_power_up(bmc, now);
}

void bmc_up(struct bmc *bmc, int64_t now, const uint8_t *guid)
{
	bmc_down(bmc, now);
	bmc->up = true;
	bmc_identity_up(bmc, now, guid);
	bmc_power_up(bmc, now);
	bmc_log_up(bmc, now);
}

void bmc_down(struct bmc *bmc, int64_t now)
{
	bmc->now = now;
	bmc->up = false;
	bmc->under_way = NULL;
	bmc->sensors.factors = false;
	bmc_orders_fail(bmc, "the BMC does not answer");
}

void bmc_renew(struct bmc *bmc, int64_t now)
{
	bmc->now = now;
	bmc->discard = true; /* the answer is still to come */
	bmc_identity_renew(bmc, now);
	bmc_forget(bmc, now);
}

/* --- Beginning and end --- */

struct bmc *bmc_new(const struct bmc_settings *settings)
{
	struct bmc *bmc = calloc(1, sizeof(*bmc));

	if (!bmc)
		return NULL;
	bmc->settings = *settings;
	if (bmc->settings.most == 0)
		bmc->settings.most = BMC_MOST;
	if (bmc->settings.most > BMC_MOST_EVER)
		bmc->settings.most = BMC_MOST_EVER;
	return bmc;
}

unsigned int bmc_asked(const struct bmc *bmc)
{
	return bmc->asked;
}

void bmc_free(struct bmc *bmc)
{
	if (!bmc)
		return;
	bmc_records_drop(bmc);
	bmc_sensors_drop(bmc);
	free(bmc);
}
