/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the node draws, the limit of that, and whether it is on. */
#include "rack/bmc_part.h"

#define CHASSIS_SOON 1000 /* ms after it was switched: BMCs say the former state for a while */

static int64_t power_first(int every, int64_t now)
{
	return every > 0 ? now : BMC_NEVER;
}

void bmc_power_up(struct bmc *bmc, int64_t now)
{
	bmc->power.power_due = power_first(bmc->settings.power_ms, now);
	bmc->power.limit_due = power_first(bmc->settings.limit_ms, now);
	bmc->power.chassis_due = power_first(bmc->settings.chassis_ms, now);
}

/* --- What it draws --- */

static int64_t power_due(const struct bmc *bmc)
{
	return bmc->power.power_due;
}

static void power_ask(struct bmc *bmc, int64_t now)
{
	bmc->power.power_due = bmc_again(bmc->power.power_due, bmc->settings.power_ms, now);
	ipmi_dcmi_power(&bmc->request);
}

/* One that says that it does not measure, or cannot, will not do so soon. */
static void power_answer(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_event *event = bmc_tell(bmc, BMC_POWER, answer->asked);
	struct ipmi_power power;

	if (bmc_good(answer) && ipmi_dcmi_power_read(answer->bytes, answer->size, &power) &&
			power.active) {
		if (event) {
			event->known = true;
			event->value = power.watts;
		}
		return;
	}
	bmc->power.power_due = bmc_patience(answer, bmc->power.power_due, now);
}

const struct bmc_part bmc_power_part = {power_due, power_ask, power_answer};

/* --- Its limit --- */

struct bmc_limit_is bmc_limit_told(struct bmc *bmc, const struct bmc_answer *answer)
{
	struct bmc_event *event = bmc_tell(bmc, BMC_LIMIT_IS, answer->asked);
	bool none = answer->came && answer->code == IPMI_NO_LIMIT, read = false;
	struct bmc_limit_is limit = {.known = none};

	/* Some send the one that is set along with the code that it is not active. */
	if (bmc_good(answer) || none)
		read = ipmi_dcmi_limit_read(answer->bytes, answer->size, &bmc->power.limit);
	bmc->power.has_limit = bmc->power.has_limit || read;
	if (read && !none)
		limit = (struct bmc_limit_is){true, true, bmc->power.limit.watts};
	if (event) {
		event->known = limit.known;
		event->active = limit.active;
		event->value = limit.watts;
	}
	return limit;
}

static int64_t limit_due(const struct bmc *bmc)
{
	return bmc->power.limit_due;
}

static void limit_ask(struct bmc *bmc, int64_t now)
{
	bmc->power.limit_due = bmc_again(bmc->power.limit_due, bmc->settings.limit_ms, now);
	ipmi_dcmi_limit(&bmc->request);
}

static void limit_answer(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	if (!bmc_limit_told(bmc, answer).known)
		bmc->power.limit_due = bmc_patience(answer, bmc->power.limit_due, now);
}

const struct bmc_part bmc_limit_part = {limit_due, limit_ask, limit_answer};

/* --- Whether it is on --- */

void bmc_chassis_soon(struct bmc *bmc, int64_t now)
{
	int64_t soon = now + CHASSIS_SOON;

	if (bmc->settings.chassis_ms > 0 && bmc->power.chassis_due > soon)
		bmc->power.chassis_due = soon;
}

static int64_t chassis_due(const struct bmc *bmc)
{
	return bmc->power.chassis_due;
}

static void chassis_ask(struct bmc *bmc, int64_t now)
{
	bmc->power.chassis_due = bmc_again(bmc->power.chassis_due, bmc->settings.chassis_ms, now);
	ipmi_chassis_status(&bmc->request);
}

static void chassis_answer(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_event *event;
	bool on;

	if (!bmc_good(answer) || !ipmi_chassis_read(answer->bytes, answer->size, &on)) {
		bmc->power.chassis_due = bmc_patience(answer, bmc->power.chassis_due, now);
		return;
	}
	event = bmc_tell(bmc, BMC_CHASSIS, answer->asked);
	if (event) {
		event->known = true;
		event->active = on;
	}
}

const struct bmc_part bmc_chassis_part = {chassis_due, chassis_ask, chassis_answer};
