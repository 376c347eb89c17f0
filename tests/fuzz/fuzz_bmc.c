/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A BMC is polled and ordered while its answers come as they should, changed, cut, or not at all.
 * The input: a byte, whether the link tells of a GUID (1) and the BMC has records, log and DCMI (2,
 * 4, 8); then steps of a byte (modulo 8): 0, time until the deadline and an answer; 1, the same
 * with a byte of it changed (offset and mask); 2, cut (size); 3, any answer (code, size modulo 64,
 * bytes); 4, none; 5, an order (which, value); 6, time (one byte, in 100 ms); 7, and a byte: the
 * link goes up or down, the node is another one, or the BMC gets a bad way.
 */
#include <stdlib.h>
#include <string.h>
#include "rack/bmc.h"
#include "tests/fuzz/targets.h"
#include "tests/unit/command_bmc.h"

#define MOST 8

struct fuzz {
	const uint8_t *data;
	size_t size;
	struct bmc *bmc;
	struct command_bmc fake;
	int64_t now;
	bool up, tells;
	unsigned int ordered; /* and not answered */
	uint8_t answer[COMMAND_BMC_ANSWER];
	size_t answer_size;
};

static void fuzz_require(int condition)
{
	if (!condition)
		abort();
}

static uint8_t fuzz_byte(struct fuzz *fuzz)
{
	if (fuzz->size == 0)
		return 0;
	fuzz->size--;
	return *fuzz->data++;
}

static void fuzz_event(struct fuzz *fuzz, const struct bmc_event *event)
{
	switch (event->kind) {
	case BMC_READING:
		fuzz_require(memchr(event->sensor->name, '\0', SDR_NAME_MAX) != NULL);
		fuzz_require(event->sensor->name[0] && event->taken <= fuzz->now);
		break;
	case BMC_LOG:
		fuzz_require(event->record != NULL);
		break;
	case BMC_POWER:
	case BMC_LIMIT_IS:
		fuzz_require(event->value >= 0 && event->value <= UINT16_MAX);
		break;
	case BMC_ORDERED:
		fuzz_require(fuzz->ordered-- > 0);
		fuzz_require(event->done == (event->why[0] == '\0') &&
				memchr(event->why, '\0', sizeof(event->why)) != NULL);
		break;
	default:
		fuzz_require(event->kind != BMC_NOTHING);
	}
}

static void fuzz_drain(struct fuzz *fuzz)
{
	struct bmc_event event;
	int count = 0;

	while (bmc_event(fuzz->bmc, &event)) {
		fuzz_event(fuzz, &event);
		fuzz_require(++count < 20);
	}
	fuzz_require(bmc_sensors(fuzz->bmc) <= MOST);
	for (size_t i = 0; i < bmc_sensors(fuzz->bmc); i++) {
		for (size_t j = 0; j < i; j++)
			fuzz_require(strcmp(bmc_sensor(fuzz->bmc, i)->name,
						     bmc_sensor(fuzz->bmc, j)->name) != 0);
	}
}

/* The next request has its answer in fuzz; false: there is none to come. */
static bool fuzz_ask(struct fuzz *fuzz)
{
	struct session_request request;
	int64_t deadline = bmc_deadline(fuzz->bmc);

	if (deadline < 0)
		return false;
	fuzz_require(fuzz->up);
	if (deadline > fuzz->now)
		fuzz->now = deadline;
	fuzz_require(bmc_next(fuzz->bmc, fuzz->now, &request)); /* or it would turn in a circle */
	fuzz_require(bmc_deadline(fuzz->bmc) < 0);
	fuzz->now += 5;
	fuzz->answer_size = command_bmc_answer(&fuzz->fake, &request, fuzz->answer);
	return true;
}

static void fuzz_answer(struct fuzz *fuzz)
{
	if (fuzz->answer_size)
		bmc_answer(fuzz->bmc, fuzz->now, fuzz->answer[0], fuzz->answer + 1,
				fuzz->answer_size - 1);
	else
		bmc_failed(fuzz->bmc, fuzz->now);
}

static void fuzz_any_answer(struct fuzz *fuzz)
{
	fuzz->answer[0] = fuzz_byte(fuzz);
	fuzz->answer_size = 1 + fuzz_byte(fuzz) % 64u;
	for (size_t i = 1; i < fuzz->answer_size; i++)
		fuzz->answer[i] = fuzz_byte(fuzz);
	fuzz_answer(fuzz);
}

static void fuzz_order(struct fuzz *fuzz)
{
	enum bmc_order order = fuzz_byte(fuzz) % (BMC_NO_LIMIT + 1);

	if (bmc_order(fuzz->bmc, fuzz->now, order, 4 * fuzz_byte(fuzz), fuzz))
		fuzz->ordered++;
	fuzz_require(fuzz->ordered <= 8);
}

static void fuzz_turn(struct fuzz *fuzz)
{
	uint8_t what = fuzz_byte(fuzz);

	switch (what % 8) {
	case 0:
		bmc_up(fuzz->bmc, fuzz->now, fuzz->tells ? fuzz->fake.guid : NULL);
		fuzz->up = true;
		break;
	case 1:
		bmc_down(fuzz->bmc, fuzz->now);
		fuzz->up = false;
		break;
	case 2:
		bmc_renew(fuzz->bmc, fuzz->now);
		break;
	case 3:
		fuzz->fake.guid[0] ^= what;
		break;
	case 4:
		fuzz->fake.lose = what >> 3;
		fuzz->fake.piece_most = what >> 4;
		break;
	case 5:
		fuzz->fake.records_endless = what & 8;
		fuzz->fake.records_circle = what & 16;
		fuzz->fake.log_endless = what & 32;
		fuzz->fake.same_record = what & 64;
		break;
	case 6:
		fuzz->fake.records_added++;
		fuzz->fake.longer = what >> 3;
		break;
	default:
		fuzz->fake.silent_netfn = 0x0a;
		fuzz->fake.silent_command = what & 8 ? 0x23 : 0;
	}
}

static void fuzz_step(struct fuzz *fuzz)
{
	uint8_t step = fuzz_byte(fuzz) % 8, at;

	if (step < 5 && !fuzz_ask(fuzz))
		return;
	switch (step) {
	case 1:
		at = fuzz_byte(fuzz);
		if (at < fuzz->answer_size)
			fuzz->answer[at] ^= fuzz_byte(fuzz);
		fuzz_answer(fuzz);
		break;
	case 2:
		at = fuzz_byte(fuzz);
		if (at && at < fuzz->answer_size)
			fuzz->answer_size = at;
		fuzz_answer(fuzz);
		break;
	case 3:
		fuzz_any_answer(fuzz);
		break;
	case 4:
		bmc_failed(fuzz->bmc, fuzz->now);
		break;
	case 5:
		fuzz_order(fuzz);
		break;
	case 6:
		fuzz->now += 100 * (int64_t)fuzz_byte(fuzz);
		break;
	case 7:
		fuzz_turn(fuzz);
		break;
	default:
		fuzz_answer(fuzz);
	}
}

static void fuzz_begin(struct fuzz *fuzz, uint8_t flags)
{
	static const struct bmc_rule rules[] = {{"*Temp*", 500, 1000}, {"?", 0, 0}, {"*", 2000, 1}};
	const struct bmc_settings settings = {.rules = rules,
			.rule_count = 3,
			.power_ms = 1000,
			.limit_ms = 2000,
			.chassis_ms = 3000,
			.log_ms = 4000,
			.identity_ms = 5000,
			.most = MOST};

	command_bmc_init(&fuzz->fake);
	fuzz->tells = flags & 1;
	fuzz->fake.dcmi = flags & 8;
	if (flags & 2) {
		command_bmc_add_sensor(&fuzz->fake, "CPU Temp", 0x20, 0, 1, 0);
		command_bmc_add_sensor(&fuzz->fake, "CPU Temp", 0x20, 1, 1, 0x70);
		command_bmc_add_other(&fuzz->fake);
		command_bmc_add_sensor(&fuzz->fake, "", 0x20, 0, 3, 8);
	}
	for (uint8_t i = 0; flags & 4 && i < 3; i++)
		command_bmc_log(&fuzz->fake, i);
	fuzz->bmc = bmc_new(&settings);
	fuzz_require(fuzz->bmc != NULL);
	bmc_up(fuzz->bmc, 0, fuzz->tells ? fuzz->fake.guid : NULL);
	fuzz->up = true;
}

int target_bmc(const uint8_t *data, size_t size)
{
	struct fuzz fuzz = {.data = data, .size = size};

	fuzz_begin(&fuzz, fuzz_byte(&fuzz));
	while (fuzz.size) {
		fuzz_step(&fuzz);
		fuzz_drain(&fuzz);
	}
	bmc_down(fuzz.bmc, fuzz.now);
	fuzz_drain(&fuzz);
	fuzz_require(fuzz.ordered == 0);
	bmc_free(fuzz.bmc);
	return 0;
}
