/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "gadget/bot.h"

#define CHUNK 32768

/* A host that does what the device asks: what it got is kept here. */
struct fixture {
	struct scsi_drive drive;
	struct bot bot;
	struct bot_action action;
	size_t data;   /* bytes sent, without the CSW */
	size_t stored; /* bytes */
	unsigned int empty, stalls_in, stalls_out, cancels, flushes;
	uint8_t csw[BOT_CSW_SIZE];
	bool done;
	unsigned int fail_at; /* the n-th fetch or store fails, from 1 */
	unsigned int moves;
};

static const uint8_t zeros[CHUNK];

static void fixture_open(struct fixture *f, gconstpointer stall)
{
	static const struct scsi_identity identity = {"Maker", "Drive", "1", "0123456789AB"};
	struct bot_options options = {stall != NULL, CHUNK, 4};

	scsi_init(&f->drive, SCSI_DISK, &identity);
	g_assert_true(scsi_insert(&f->drive, 1 << 20, true));
	bot_init(&f->bot, &f->drive, &options);
	g_assert_false(bot_next(&f->bot, &f->action));
	bot_enable(&f->bot, 512);
	f->drive.attention_count = 0;
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	(void)f;
	(void)unused;
}

/* Takes the next action, which must be this. */
static void expect(struct fixture *f, enum bot_action_kind kind)
{
	g_assert_true(bot_next(&f->bot, &f->action));
	g_assert_cmpint(f->action.kind, ==, kind);
	g_assert_cmpuint(f->action.generation, ==, f->bot.generation);
}

static void expect_command(struct fixture *f)
{
	if (f->bot.cancel)
		expect(f, BOT_CANCEL);
	expect(f, BOT_RECEIVE);
	g_assert_cmpuint(f->action.size, ==, BOT_CBW_SIZE);
	g_assert_false(bot_next(&f->bot, &f->action));
}

static void give_cbw(struct fixture *f, uint32_t expected, bool in, const uint8_t *cdb)
{
	uint8_t cbw[BOT_CBW_SIZE] = {'U', 'S', 'B', 'C', 1, 2, 3, 4, expected, expected >> 8,
			expected >> 16, expected >> 24, in ? 0x80 : 0, 0, 16};

	memcpy(cbw + 15, cdb, 10);
	bot_received(&f->bot, f->bot.generation, cbw, sizeof(cbw));
}

static bool host_acts(struct fixture *f)
{
	struct bot_action *action = &f->action;
	enum scsi_fault fault = SCSI_NO_FAULT;

	if (!bot_next(&f->bot, action))
		return false;
	if (action->kind == BOT_FETCH || action->kind == BOT_STORE)
		fault = ++f->moves == f->fail_at ? SCSI_FAULT_WAIT : SCSI_NO_FAULT;
	switch (action->kind) {
	case BOT_CANCEL:
		f->cancels++;
		break;
	case BOT_RECEIVE:
		if (f->bot.state == BOT_COMMAND) {
			f->done = true;
			return false;
		}
		bot_received(&f->bot, action->generation, zeros, action->size);
		break;
	case BOT_SEND:
		if (f->bot.state == BOT_REPORTING && action->size == BOT_CSW_SIZE)
			memcpy(f->csw, action->bytes, BOT_CSW_SIZE);
		else
			f->data += action->size;
		f->empty += action->size == 0;
		bot_sent(&f->bot, action->generation);
		break;
	case BOT_SEND_SLOT:
		f->data += action->size;
		bot_sent(&f->bot, action->generation);
		break;
	case BOT_FETCH:
		bot_fetched(&f->bot, action->generation, action->slot, fault);
		break;
	case BOT_STORE:
		f->stored += action->size;
		bot_stored(&f->bot, action->generation, action->slot, fault);
		break;
	case BOT_FLUSH:
		f->flushes++;
		bot_flushed(&f->bot, action->generation, SCSI_NO_FAULT);
		break;
	case BOT_STALL_IN:
		g_assert_cmpuint(f->bot.sending, ==, 0);
		f->stalls_in++;
		break;
	case BOT_STALL_OUT:
		f->stalls_out++;
		break;
	}
	return true;
}

/* One command from CBW to CSW. */
static void run(struct fixture *f, uint32_t expected, bool in, const uint8_t *cdb)
{
	f->data = f->stored = 0;
	f->empty = f->stalls_in = f->stalls_out = f->cancels = f->flushes = f->moves = 0;
	f->done = false;
	if (!f->bot.receiving)
		expect_command(f);
	give_cbw(f, expected, in, cdb);
	for (int i = 0; host_acts(f); i++)
		g_assert_cmpint(i, <, 1000);
	g_assert_true(f->done);
	g_assert_cmpmem(f->csw, 8, "USBS\1\2\3\4", 8);
}

static void assert_csw(struct fixture *f, enum bot_status status, uint32_t residue)
{
	uint32_t value;

	memcpy(&value, f->csw + 8, 4);
	g_assert_cmpuint(f->csw[12], ==, status);
	g_assert_cmpuint(GUINT32_FROM_LE(value), ==, residue);
}

static const uint8_t ready[10] = {0x00};
static const uint8_t capacity[10] = {0x25};
static const uint8_t inquiry[10] = {0x12, 0, 0, 0, 36};
static const uint8_t read_one[10] = {0x28, 0, 0, 0, 0, 0, 0, 0, 1};
static const uint8_t write_one[10] = {0x2a, 0, 0, 0, 0, 0, 0, 0, 1};
static const uint8_t read_many[10] = {0x28, 0, 0, 0, 0, 0, 0, 1, 0};  /* 128 KiB */
static const uint8_t write_many[10] = {0x2a, 0, 0, 0, 0, 0, 0, 1, 0}; /* 128 KiB */

/* BOT, 6.7: the number of the case, what the host expects, what the drive does. */
static const struct {
	int number;
	uint32_t expected;
	bool in;
	const uint8_t *cdb;
	enum bot_status status;
	uint32_t residue;
	size_t sent, stored;
	unsigned int empty, stalls_in, stalls_out; /* the last two: with the option */
} cases[] = {
		{1, 0, false, ready, BOT_PASSED, 0, 0, 0, 0, 0, 0},
		{2, 0, false, read_one, BOT_PHASE_ERROR, 0, 0, 0, 0, 0, 0},
		{3, 0, false, write_one, BOT_PHASE_ERROR, 0, 0, 0, 0, 0, 0},
		{4, 512, true, ready, BOT_PASSED, 512, 0, 0, 1, 1, 0},
		{5, 4096, true, capacity, BOT_PASSED, 4088, 8, 0, 0, 1, 0},
		{5, 4096, true, read_one, BOT_PASSED, 3584, 512, 0, 1, 1, 0},
		{6, 36, true, inquiry, BOT_PASSED, 0, 36, 0, 0, 0, 0},
		{6, 131072, true, read_many, BOT_PASSED, 0, 131072, 0, 0, 0, 0},
		{7, 512, true, read_many, BOT_PHASE_ERROR, 0, 512, 0, 0, 0, 0},
		{8, 512, true, write_one, BOT_PHASE_ERROR, 512, 0, 0, 1, 1, 0},
		{9, 512, false, ready, BOT_PASSED, 512, 0, 0, 0, 0, 1},
		{10, 512, false, read_one, BOT_PHASE_ERROR, 512, 0, 0, 0, 0, 1},
		{11, 70000, false, write_one, BOT_PASSED, 69488, 0, 512, 0, 0, 1},
		{12, 131072, false, write_many, BOT_PASSED, 0, 0, 131072, 0, 0, 0},
		{13, 512, false, write_many, BOT_PHASE_ERROR, 512, 0, 0, 0, 0, 1},
};

static void test_thirteen_cases_end_as_the_standard_says(struct fixture *f, gconstpointer stall)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("case %d", cases[i].number);
		run(f, cases[i].expected, cases[i].in, cases[i].cdb);
		assert_csw(f, cases[i].status, cases[i].residue);
		g_assert_cmpuint(f->data, ==, cases[i].sent);
		g_assert_cmpuint(f->stored, ==, cases[i].stored);
		g_assert_cmpuint(f->empty, ==, stall ? 0 : cases[i].empty);
		g_assert_cmpuint(f->stalls_in, ==, stall ? cases[i].stalls_in : 0);
		g_assert_cmpuint(f->stalls_out, ==, stall ? cases[i].stalls_out : 0);
	}
}

static void test_short_answers_to_allocation_lengths_are_fine(
		struct fixture *f, gconstpointer stall)
{
	run(f, 5, true, inquiry);
	assert_csw(f, stall ? BOT_PHASE_ERROR : BOT_PASSED, 0);
	g_assert_cmpuint(f->data, ==, 5);
}

static void test_refused_write_is_read_and_dropped(struct fixture *f, gconstpointer unused)
{
	static const uint8_t outside[10] = {0x2a, 0, 1, 0, 0, 0, 0, 1, 0};

	run(f, 131072, false, outside);
	assert_csw(f, BOT_FAILED, 131072);
	g_assert_cmpuint(f->stored, ==, 0);
	g_assert_cmphex(f->drive.sense.code, ==, SCSI_OUT_OF_RANGE);
}

static void test_failed_read_keeps_what_was_sent(struct fixture *f, gconstpointer unused)
{
	f->fail_at = 3;
	run(f, 131072, true, read_many);
	g_assert_cmpuint(f->data % CHUNK, ==, 0);
	assert_csw(f, BOT_FAILED, 131072 - f->data);
	g_assert_cmpuint(f->empty, ==, 1);
	g_assert_cmpuint(f->cancels, ==, 1);
	g_assert_cmphex(f->drive.sense.code, ==, SCSI_BECOMING_READY);
	f->fail_at = 0;
	run(f, 131072, true, read_many);
	assert_csw(f, BOT_PASSED, 0);
}

static void test_failed_write_counts_up_to_the_failure(struct fixture *f, gconstpointer unused)
{
	f->fail_at = 2;
	run(f, 131072, false, write_many);
	assert_csw(f, BOT_FAILED, 131072 - CHUNK);
}

static void test_flush_comes_before_the_status(struct fixture *f, gconstpointer unused)
{
	static const uint8_t sync[10] = {0x35};

	run(f, 0, false, sync);
	g_assert_cmpuint(f->flushes, ==, 1);
	assert_csw(f, BOT_PASSED, 0);
}

static void test_parameters_are_taken(struct fixture *f, gconstpointer unused)
{
	static const uint8_t select[10] = {0x15, 0x10, 0, 0, 4};

	run(f, 4, false, select);
	assert_csw(f, BOT_PASSED, 0);
	run(f, 512, false, select);
	assert_csw(f, BOT_PASSED, 508);
	run(f, 2, false, select);
	assert_csw(f, BOT_PHASE_ERROR, 2);
}

static void assert_halts(struct fixture *f, const uint8_t *cbw, size_t size)
{
	expect_command(f);
	bot_received(&f->bot, f->bot.generation, cbw, size);
	expect(f, BOT_CANCEL);
	expect(f, BOT_STALL_IN);
	expect(f, BOT_STALL_OUT);
	g_assert_false(bot_next(&f->bot, &f->action));
	g_assert_true(bot_halted(&f->bot));
	bot_reset(&f->bot);
	g_assert_false(bot_halted(&f->bot));
}

static void test_bad_cbw_halts_until_reset(struct fixture *f, gconstpointer unused)
{
	uint8_t cbw[64] = {'U', 'S', 'B', 'C', [14] = 6};

	assert_halts(f, cbw, 30);
	assert_halts(f, cbw, 32);
	assert_halts(f, cbw, 0);
	cbw[3] = 'S';
	assert_halts(f, cbw, 31);
	cbw[3] = 'C';
	cbw[14] = 0;
	assert_halts(f, cbw, 31);
	cbw[14] = 17;
	assert_halts(f, cbw, 31);
	cbw[14] = 6;
	cbw[13] = 0x10;
	assert_halts(f, cbw, 31);
	run(f, 0, false, ready);
	assert_csw(f, BOT_FAILED, 0);
	g_assert_cmphex(f->drive.sense.code, ==, SCSI_WAS_RESET);
}

static void test_late_ends_are_ignored_after_a_reset(struct fixture *f, gconstpointer unused)
{
	uint32_t old = f->bot.generation;

	expect_command(f);
	give_cbw(f, 131072, true, read_many);
	for (int i = 0; i < 4; i++)
		expect(f, BOT_FETCH);
	g_assert_false(bot_next(&f->bot, &f->action));
	bot_reset(&f->bot);
	g_assert_cmpuint(f->bot.generation, !=, old);
	bot_fetched(&f->bot, old, 0, SCSI_NO_FAULT);
	bot_sent(&f->bot, old);
	bot_received(&f->bot, old, zeros, 31);
	bot_stored(&f->bot, old, 0, SCSI_NO_FAULT);
	bot_flushed(&f->bot, old, SCSI_NO_FAULT);
	bot_broken(&f->bot, old);
	expect_command(f);
	f->drive.attention_count = 0;
	give_cbw(f, 0, false, ready);
	expect(f, BOT_SEND);
	bot_disable(&f->bot);
	bot_sent(&f->bot, f->action.generation);
	expect(f, BOT_CANCEL);
	g_assert_false(bot_next(&f->bot, &f->action));
}

static void test_chunks_leave_in_order(struct fixture *f, gconstpointer unused)
{
	expect_command(f);
	give_cbw(f, 131072, true, read_many);
	for (unsigned int i = 0; i < 4; i++) {
		expect(f, BOT_FETCH);
		g_assert_cmpuint(f->action.slot, ==, i);
		g_assert_cmpuint(f->action.offset, ==, i * CHUNK);
	}
	bot_fetched(&f->bot, f->bot.generation, 2, SCSI_NO_FAULT);
	g_assert_false(bot_next(&f->bot, &f->action));
	bot_fetched(&f->bot, f->bot.generation, 0, SCSI_NO_FAULT);
	expect(f, BOT_SEND_SLOT);
	g_assert_cmpuint(f->action.slot, ==, 0);
	g_assert_false(bot_next(&f->bot, &f->action));
	bot_fetched(&f->bot, f->bot.generation, 1, SCSI_NO_FAULT);
	expect(f, BOT_SEND_SLOT);
	expect(f, BOT_SEND_SLOT);
	g_assert_cmpuint(f->action.slot, ==, 2);
}

static void test_eject_ends_a_read_that_hangs(struct fixture *f, gconstpointer unused)
{
	expect_command(f);
	give_cbw(f, 131072, true, read_many);
	expect(f, BOT_FETCH);
	scsi_eject_forced(&f->drive);
	bot_medium_gone(&f->bot);
	expect(f, BOT_CANCEL);
	expect(f, BOT_SEND);
	g_assert_cmpuint(f->action.size, ==, 0);
	expect(f, BOT_SEND);
	g_assert_cmpuint(f->action.bytes[12], ==, BOT_FAILED);
	g_assert_cmphex(f->drive.sense.code, ==, SCSI_NO_MEDIUM);
}

static void test_host_that_stops_early_gets_a_phase_error(struct fixture *f, gconstpointer unused)
{
	expect_command(f);
	give_cbw(f, 131072, false, write_many);
	expect(f, BOT_RECEIVE);
	bot_received(&f->bot, f->bot.generation, zeros, 1024);
	while (host_acts(f))
		;
	g_assert_cmpuint(f->stored, ==, 1024);
	assert_csw(f, BOT_PHASE_ERROR, 131072 - 1024);
}

static void test_broken_endpoint_waits_for_a_reset(struct fixture *f, gconstpointer unused)
{
	expect_command(f);
	bot_broken(&f->bot, f->bot.generation);
	expect(f, BOT_CANCEL);
	expect(f, BOT_STALL_IN);
	expect(f, BOT_STALL_OUT);
	g_assert_false(bot_next(&f->bot, &f->action));
	bot_reset(&f->bot);
	expect_command(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) \
	g_test_add("/bot/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)
#define TEST_STALL(name)                                                                     \
	g_test_add("/bot/stalls/" #name, struct fixture, "stall", fixture_open, test_##name, \
			fixture_close)
	TEST(thirteen_cases_end_as_the_standard_says);
	TEST_STALL(thirteen_cases_end_as_the_standard_says);
	TEST(short_answers_to_allocation_lengths_are_fine);
	TEST_STALL(short_answers_to_allocation_lengths_are_fine);
	TEST(refused_write_is_read_and_dropped);
	TEST(failed_read_keeps_what_was_sent);
	TEST(failed_write_counts_up_to_the_failure);
	TEST(flush_comes_before_the_status);
	TEST(parameters_are_taken);
	TEST_STALL(parameters_are_taken);
	TEST(bad_cbw_halts_until_reset);
	TEST(late_ends_are_ignored_after_a_reset);
	TEST(chunks_leave_in_order);
	TEST(eject_ends_a_read_that_hangs);
	TEST(host_that_stops_early_gets_a_phase_error);
	TEST(broken_endpoint_waits_for_a_reset);
	return g_test_run();
}
