/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What operators and the controller order. A limit takes several requests: it is set, activated,
 * and read back, as BMCs are known that take one and do not keep it.
 */
#include <stdio.h>
#include <string.h>
#include "rack/bmc_part.h"

/* What a limit is set with when the BMC tells of none. */
#define LIMIT_CORRECTION 1000 /* ms */
#define LIMIT_PERIOD     1    /* s */

/* A limit is there to slow a node down: one that cannot be kept must not switch it off. */
#define LIMIT_ACTION 0

#define NO_ANSWER "no answer; the BMC may have done it all the same"

static bool orders_is_limit(const struct bmc_ordered *ordered)
{
	return ordered->order == BMC_LIMIT || ordered->order == BMC_NO_LIMIT;
}

/* The first that is not done, NULL: there is none. */
static struct bmc_ordered *orders_head(struct bmc_orders *orders)
{
	for (size_t i = 0; i < orders->count; i++) {
		if (!orders->all[i].ended)
			return &orders->all[i];
	}
	return NULL;
}

static void orders_end(struct bmc_ordered *ordered, const char *why)
{
	ordered->ended = true;
	ordered->done = why == NULL;
	if (why)
		snprintf(ordered->why, sizeof(ordered->why), "%s", why);
}

/* What is under way is over; why NULL: it is done. */
static void orders_end_sent(struct bmc *bmc, const char *why)
{
	struct bmc_orders *orders = &bmc->orders;

	for (size_t i = 0; i < orders->count; i++) {
		if (orders->all[i].sent && !orders->all[i].ended)
			orders_end(&orders->all[i], why);
	}
	orders->step = ORDER_FIRST;
}

void bmc_orders_fail(struct bmc *bmc, const char *why)
{
	struct bmc_orders *orders = &bmc->orders;

	for (size_t i = 0; i < orders->count; i++) {
		if (!orders->all[i].ended)
			orders_end(&orders->all[i], why);
	}
	orders->step = ORDER_FIRST;
}

bool bmc_orders_told(struct bmc *bmc, struct bmc_event *out)
{
	struct bmc_orders *orders = &bmc->orders;
	const struct bmc_ordered *ordered = &orders->all[0];

	if (orders->count == 0 || !ordered->ended)
		return false;
	*out = (struct bmc_event){.kind = BMC_ORDERED,
			.taken = ordered->taken,
			.value = ordered->value,
			.order = ordered->order,
			.tag = ordered->tag,
			.done = ordered->done};
	memcpy(out->why, ordered->why, sizeof(out->why));
	orders->count--;
	memmove(orders->all, orders->all + 1, orders->count * sizeof(orders->all[0]));
	return true;
}

bool bmc_order(struct bmc *bmc, int64_t now, enum bmc_order order, int value, void *tag)
{
	struct bmc_orders *orders = &bmc->orders;
	struct bmc_ordered *ordered = &orders->all[orders->count];

	bmc->now = now;
	if (orders->count == BMC_ORDERS)
		return false;
	orders->count++;
	*ordered = (struct bmc_ordered){.order = order, .value = value, .tag = tag, .taken = now};
	if (order == BMC_LIMIT && (value < 1 || value > UINT16_MAX))
		orders_end(ordered, "a limit has 1 to 65535 W");
	else if (!bmc->up)
		orders_end(ordered, "the BMC does not answer");
	return true;
}

/* --- Asking --- */

static int64_t orders_due(const struct bmc *bmc)
{
	for (size_t i = 0; i < bmc->orders.count; i++) {
		if (!bmc->orders.all[i].ended)
			return bmc->now;
	}
	return BMC_NEVER;
}

/* The last word counts, and answers all. */
static void orders_choose_limit(struct bmc_orders *orders, int64_t now)
{
	for (size_t i = 0; i < orders->count; i++) {
		struct bmc_ordered *ordered = &orders->all[i];

		if (ordered->ended || !orders_is_limit(ordered))
			continue;
		ordered->sent = true;
		ordered->taken = now;
		orders->limit = ordered->order;
		orders->watts = ordered->value;
	}
}

static void orders_ask_set(struct bmc *bmc)
{
	struct ipmi_limit limit = {.action = LIMIT_ACTION,
			.watts = (uint16_t)bmc->orders.watts,
			.correction = LIMIT_CORRECTION,
			.period = LIMIT_PERIOD};

	if (bmc->power.has_limit && bmc->power.limit.correction)
		limit.correction = bmc->power.limit.correction;
	if (bmc->power.has_limit && bmc->power.limit.period)
		limit.period = bmc->power.limit.period;
	ipmi_dcmi_set_limit(&bmc->request, &limit);
}

static void orders_ask_limit(struct bmc *bmc, int64_t now)
{
	struct bmc_orders *orders = &bmc->orders;

	if (orders->step == ORDER_FIRST)
		orders->step = bmc->power.has_limit ? ORDER_SET : ORDER_TEMPLATE;
	if (orders->step == ORDER_SET) {
		orders_choose_limit(orders, now);
		if (orders->limit == BMC_NO_LIMIT)
			orders->step = ORDER_ACTIVATE;
	}
	switch (orders->step) {
	case ORDER_SET:
		orders_ask_set(bmc);
		break;
	case ORDER_ACTIVATE:
		ipmi_dcmi_activate(&bmc->request, orders->limit == BMC_LIMIT);
		break;
	default:
		ipmi_dcmi_limit(&bmc->request);
	}
}

static void orders_ask(struct bmc *bmc, int64_t now)
{
	struct bmc_ordered *head = orders_head(&bmc->orders);

	if (orders_is_limit(head)) {
		orders_ask_limit(bmc, now);
		return;
	}
	head->sent = true;
	head->taken = now;
	switch (head->order) {
	case BMC_ON:
		ipmi_chassis_control(&bmc->request, IPMI_POWER_UP);
		break;
	case BMC_OFF:
		ipmi_chassis_control(&bmc->request, IPMI_POWER_DOWN);
		break;
	case BMC_CYCLE:
		ipmi_chassis_control(&bmc->request, IPMI_POWER_CYCLE);
		break;
	case BMC_RESET:
		ipmi_chassis_control(&bmc->request, IPMI_HARD_RESET);
		break;
	case BMC_SOFT:
		ipmi_chassis_control(&bmc->request, IPMI_SOFT_SHUTDOWN);
		break;
	default:
		ipmi_chassis_identify(
				&bmc->request, (uint8_t)(head->value < 0           ? 0
							       : head->value > 255 ? 255
										   : head->value));
	}
}

/* --- Answers --- */

static void orders_checked(struct bmc *bmc, const struct bmc_answer *answer)
{
	struct bmc_limit_is is = bmc_limit_told(bmc, answer);
	bool want = bmc->orders.limit == BMC_LIMIT;
	char why[64];

	if (!is.known)
		orders_end_sent(bmc, answer->came ? ipmi_dcmi_code_text(answer->code) : NO_ANSWER);
	else if (is.active != want)
		orders_end_sent(bmc, want ? "the BMC took the limit, and has none that is active"
					  : "the BMC still has an active limit");
	else if (want && is.watts != bmc->orders.watts) {
		snprintf(why, sizeof(why), "the BMC made a limit of %d W of it", is.watts);
		orders_end_sent(bmc, why);
	} else {
		orders_end_sent(bmc, NULL);
	}
}

static void orders_limit_answer(struct bmc *bmc, const struct bmc_answer *answer)
{
	struct bmc_orders *orders = &bmc->orders;

	if (orders->step == ORDER_TEMPLATE) {
		bmc_limit_told(bmc, answer);
		orders->step = ORDER_SET; /* which has its own answer when this is no DCMI */
		return;
	}
	if (orders->step == ORDER_CHECK) {
		orders_checked(bmc, answer);
		return;
	}
	if (!answer->came)
		orders_end_sent(bmc, NO_ANSWER);
	else if (answer->code != IPMI_GOOD)
		orders_end_sent(bmc, ipmi_dcmi_code_text(answer->code));
	else if (!ipmi_dcmi_done(answer->bytes, answer->size))
		orders_end_sent(bmc, "the BMC's answer is not one of DCMI");
	else
		orders->step = orders->step == ORDER_SET ? ORDER_ACTIVATE : ORDER_CHECK;
}

static void orders_answer(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	const struct bmc_ordered *head = orders_head(&bmc->orders);

	if (!head)
		return;
	if (orders_is_limit(head)) {
		orders_limit_answer(bmc, answer);
		return;
	}
	if (head->order != BMC_IDENTIFY)
		bmc_chassis_soon(bmc, now);
	if (!answer->came)
		orders_end_sent(bmc, NO_ANSWER);
	else if (answer->code != IPMI_GOOD)
		orders_end_sent(bmc, ipmi_code_text(answer->code));
	else
		orders_end_sent(bmc, NULL);
}

const struct bmc_part bmc_orders_part = {orders_due, orders_ask, orders_answer};
