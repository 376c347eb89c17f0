/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/bmc_rig.h"

static const struct bmc_rule all[] = {{"*", 1000, 3000}};

void bmc_rig_start(struct bmc_rig *rig, const struct bmc_settings *settings)
{
	struct bmc_settings wanted = *settings;

	if (!wanted.rules) {
		wanted.rules = all;
		wanted.rule_count = 1;
	}
	rig->bmc = bmc_new(&wanted);
	g_assert_nonnull(rig->bmc);
	rig->latency = RIG_LATENCY;
	rig->told = g_array_new(FALSE, TRUE, sizeof(struct told));
	rig->asked = g_array_new(FALSE, TRUE, sizeof(struct asked));
}

void bmc_rig_take(struct bmc_rig *rig)
{
	struct told told = {.at = rig->now};

	while (bmc_event(rig->bmc, &told.event)) {
		if (told.event.kind == BMC_READING)
			memcpy(told.name, told.event.sensor->name, sizeof(told.name));
		if (told.event.kind == BMC_LOG)
			memcpy(told.record, told.event.record, sizeof(told.record));
		g_array_append_val(rig->told, told);
	}
}

void bmc_rig_up(struct bmc_rig *rig)
{
	bmc_up(rig->bmc, rig->now, rig->fake.guid);
	bmc_rig_take(rig);
}

static void rig_exchange(struct bmc_rig *rig, const struct session_request *request)
{
	const struct asked asked = {rig->now, request->netfn, request->command};
	uint8_t answer[COMMAND_BMC_ANSWER];
	size_t size = command_bmc_answer(&rig->fake, request, answer);

	g_array_append_val(rig->asked, asked);
	g_assert_cmpint(bmc_deadline(rig->bmc), ==, -1);
	rig->now += size ? rig->latency : RIG_SILENCE;
	if (size)
		bmc_answer(rig->bmc, rig->now, answer[0], answer + 1, size - 1);
	else
		bmc_failed(rig->bmc, rig->now);
	bmc_rig_take(rig);
}

void bmc_rig_run(struct bmc_rig *rig, int64_t ms)
{
	int64_t end = rig->now + ms;
	struct session_request request;

	while (rig->now < end) {
		int64_t deadline;

		if (bmc_next(rig->bmc, rig->now, &request)) {
			rig_exchange(rig, &request);
			continue;
		}
		deadline = bmc_deadline(rig->bmc);
		if (deadline < 0 || deadline > end)
			deadline = end;
		g_assert_cmpint(deadline, >, rig->now); /* or it would turn in a circle */
		rig->now = deadline;
	}
}

size_t bmc_rig_count(const struct bmc_rig *rig, enum bmc_event_kind kind)
{
	size_t count = 0;

	for (guint i = 0; i < rig->told->len; i++)
		count += g_array_index(rig->told, struct told, i).event.kind == kind;
	return count;
}

const struct told *bmc_rig_last(const struct bmc_rig *rig, enum bmc_event_kind kind)
{
	for (guint i = rig->told->len; i-- > 0;) {
		const struct told *told = &g_array_index(rig->told, struct told, i);

		if (told->event.kind == kind)
			return told;
	}
	return NULL;
}

static bool rig_is_reading(const struct told *told, const char *name)
{
	return told->event.kind == BMC_READING && strcmp(told->name, name) == 0;
}

const struct told *bmc_rig_reading(const struct bmc_rig *rig, const char *name)
{
	for (guint i = rig->told->len; i-- > 0;) {
		const struct told *told = &g_array_index(rig->told, struct told, i);

		if (rig_is_reading(told, name))
			return told;
	}
	return NULL;
}

size_t bmc_rig_readings(const struct bmc_rig *rig, const char *name)
{
	size_t count = 0;

	for (guint i = 0; i < rig->told->len; i++)
		count += rig_is_reading(&g_array_index(rig->told, struct told, i), name);
	return count;
}

unsigned int bmc_rig_asked(const struct bmc_rig *rig, uint8_t netfn, uint8_t command)
{
	unsigned int count = 0;

	for (guint i = 0; i < rig->asked->len; i++) {
		const struct asked *asked = &g_array_index(rig->asked, struct asked, i);

		count += asked->netfn == netfn && asked->command == command;
	}
	return count;
}

void bmc_rig_forget(struct bmc_rig *rig)
{
	g_array_set_size(rig->told, 0);
	g_array_set_size(rig->asked, 0);
}

void bmc_rig_stop(struct bmc_rig *rig)
{
	bmc_free(rig->bmc);
	g_array_free(rig->told, TRUE);
	g_array_free(rig->asked, TRUE);
}
