/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* BMCs that lie, lose, cut off and fall silent: no circle, no memory without bounds. */
#include <string.h>
#include "tests/unit/bmc_rig.h"

#define SDR_GET 0x0a, 0x23
#define SEL_GET 0x0a, 0x43
#define READING 0x04, 0x2d

static const struct bmc_settings settings = {
		.power_ms = 1000, .log_ms = 5000, .identity_ms = 600000, .most = 20};

static void set_up(struct bmc_rig *rig, gconstpointer unused)
{
	command_bmc_init(&rig->fake);
	for (uint8_t i = 1; i <= 12; i++) {
		g_autofree char *name = g_strdup_printf("Temp %u", i);

		command_bmc_add_sensor(&rig->fake, name, 0x20, 0, i, 0);
	}
	bmc_rig_start(rig, &settings);
}

static void tear_down(struct bmc_rig *rig, gconstpointer unused)
{
	bmc_rig_stop(rig);
}

static void run(struct bmc_rig *rig, int64_t ms)
{
	bmc_rig_up(rig);
	bmc_rig_run(rig, ms);
}

static void test_pieces_become_smaller(struct bmc_rig *rig, gconstpointer unused)
{
	static const uint8_t codes[] = {0xca, 0xff, 0xc8, 0xc7, 0xc4};

	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
		rig->fake.piece_code = codes[i];
		rig->fake.piece_most = i % 2 ? 4 : 16;
		rig->fake.guid[2]++;
		run(rig, 3000);
		g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 12);
		g_assert_cmpuint(bmc_rig_count(rig, BMC_SENSORS), ==, i + 1);
		bmc_down(rig->bmc, rig->now);
	}
}

static void test_a_lost_reservation_begins_anew(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.lose = 5;
	run(rig, 3000);
	g_assert_cmpuint(rig->fake.asked[0x0a][0x22], ==, 6);
	g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 12);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_SENSORS), ==, 1);
}

static void test_reservations_that_are_always_lost_have_an_end(
		struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.lose = 1000000;
	run(rig, 3600000);
	g_assert_cmpuint(rig->fake.asked[0x0a][0x22], <=, 40);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_POWER), >=, 3590);
}

static void test_a_chain_that_is_a_circle_ends(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.records_circle = true;
	run(rig, 10000);
	g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 12);
	g_assert_cmpuint(bmc_rig_asked(rig, SDR_GET), <=, 5 * 12 * 3);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_SENSORS), ==, 1);
}

static void test_the_same_record_again_ends(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.same_record = true;
	run(rig, 10000);
	g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 1);
	g_assert_cmpuint(bmc_rig_asked(rig, SDR_GET), <=, 12);
}

static void test_no_more_sensors_are_kept_than_may_be(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.records_endless = true;
	run(rig, 20000);
	g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 20);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_SENSORS), ==, 1);
	g_assert_nonnull(bmc_rig_reading(rig, "Temp 12"));
}

static void test_an_endless_chain_without_sensors_ends(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.record_count = 0;
	command_bmc_add_other(&rig->fake);
	rig->fake.records_endless = true;
	run(rig, 3600000);
	g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 0);
	g_assert_cmpuint(bmc_rig_asked(rig, SDR_GET), <=, 3 * 2048);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_SENSORS), ==, 1);
}

static void test_records_that_are_shorter_than_told_are_read(
		struct bmc_rig *rig, gconstpointer unused)
{
	static const uint8_t longer[] = {4, 200};

	for (size_t i = 0; i < G_N_ELEMENTS(longer); i++) {
		rig->fake.longer = longer[i];
		rig->fake.guid[1]++;
		bmc_rig_forget(rig);
		run(rig, 600000);
		g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 12);
		g_assert_cmpuint(bmc_rig_asked(rig, SDR_GET), <=, 12 * 20);
		g_assert_cmpuint(bmc_rig_count(rig, BMC_POWER), >=, 599);
	}
}

static void test_a_bmc_that_hangs_at_its_records_is_read_without(
		struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.silent_netfn = 0x0a;
	rig->fake.silent_command = 0x23;
	for (int i = 0; i < 100; i++) {
		run(rig, 30000);
		bmc_down(rig->bmc, rig->now);
	}
	g_assert_cmpuint(bmc_rig_asked(rig, SDR_GET), <=, 24);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_POWER), >, 2500);
}

/* A session is lost after two requests without an answer, before the records are given up in it. */
static void test_records_that_cost_a_session_are_given_up(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.silent_netfn = 0x0a;
	rig->fake.silent_command = 0x23;
	for (int i = 0; i < 1000; i++) {
		unsigned int before = rig->fake.asked[0x0a][0x23];

		bmc_rig_up(rig);
		for (int j = 0; j < 10 && rig->fake.asked[0x0a][0x23] < before + 2; j++)
			bmc_rig_run(rig, 1000);
		bmc_down(rig->bmc, rig->now);
	}
	g_assert_cmpuint(bmc_rig_asked(rig, SDR_GET), <=, 24);
}

static void test_a_log_without_end_does_not_end_us(struct bmc_rig *rig, gconstpointer unused)
{
	command_bmc_log(&rig->fake, 1);
	rig->fake.log_endless = true;
	run(rig, 3600000);
	/* What it says that it has, and a few that may have come meanwhile. */
	g_assert_cmpuint(bmc_rig_asked(rig, SEL_GET), <=, 20);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LOG), ==, 17);
}

static void test_a_bmc_that_refuses_everything_is_left_in_peace(
		struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.dcmi = false;
	rig->fake.record_count = 0;
	rig->fake.refuse_netfn = 0x0a;
	rig->fake.refuse_command = 0x40;
	rig->fake.refuse_code = 0xc1;
	run(rig, 600000);
	g_assert_cmpuint(rig->fake.asked[0x2c][0x02], <=, 11);
	g_assert_cmpuint(rig->fake.asked[0x0a][0x40], <=, 11);
	g_assert_cmpuint(rig->asked->len, <=, 40);
}

static void test_a_silent_bmc_is_asked_who_it_is(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.silent = true;
	bmc_rig_up(rig);
	g_assert_true(bmc_order(rig->bmc, rig->now, BMC_ON, 0, NULL));
	bmc_rig_run(rig, 60000);
	g_assert_cmpuint(bmc_rig_asked(rig, 0x06, 0x01), ==, rig->asked->len);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_ORDERED), ==, 1);
	g_assert_false(bmc_rig_last(rig, BMC_ORDERED)->event.done);
	rig->fake.silent = false;
	bmc_rig_run(rig, 5000);
	g_assert_nonnull(bmc_rig_reading(rig, "Temp 12"));
}

static void test_a_bmc_that_hangs_at_its_guid_is_read_without(
		struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.silent_netfn = 0x06;
	rig->fake.silent_command = 0x37;
	bmc_up(rig->bmc, rig->now, NULL);
	bmc_rig_run(rig, 10000);
	g_assert_cmpuint(bmc_rig_asked(rig, 0x06, 0x37), ==, 1);
	g_assert_nonnull(bmc_rig_reading(rig, "Temp 12"));
}

static void test_answers_that_nobody_asked_for_are_dropped(
		struct bmc_rig *rig, gconstpointer unused)
{
	uint8_t bytes[64] = {0};

	bmc_answer(rig->bmc, 0, 0, bytes, sizeof(bytes));
	bmc_failed(rig->bmc, 0);
	run(rig, 3000);
	bmc_answer(rig->bmc, rig->now, 0, bytes, sizeof(bytes));
	bmc_down(rig->bmc, rig->now);
	bmc_answer(rig->bmc, rig->now, 0, bytes, sizeof(bytes));
	bmc_rig_forget(rig);
	bmc_rig_take(rig);
	g_assert_cmpuint(rig->told->len, ==, 0);
}

/* Each answer is cut to each length. */
static void test_short_answers_are_harmless(struct bmc_rig *rig, gconstpointer unused)
{
	for (size_t cut = 0; cut < 24; cut++) {
		bmc_up(rig->bmc, rig->now, NULL);
		bmc_renew(rig->bmc, rig->now);
		for (int i = 0; i < 400; i++) {
			struct session_request request;
			uint8_t answer[COMMAND_BMC_ANSWER];
			size_t size;

			rig->now += 10;
			if (i % 50 == 0)
				bmc_order(rig->bmc, rig->now, BMC_LIMIT, 100 + i, NULL);
			if (!bmc_next(rig->bmc, rig->now, &request))
				continue;
			size = command_bmc_answer(&rig->fake, &request, answer);
			if (size > cut + 1)
				size = cut + 1;
			bmc_answer(rig->bmc, rig->now, answer[0], answer + 1, size - 1);
			bmc_rig_take(rig);
		}
	}
	g_assert_cmpuint(bmc_rig_count(rig, BMC_ORDERED), >, 100);
}

static void add(const char *name, void (*test)(struct bmc_rig *, gconstpointer))
{
	g_test_add(name, struct bmc_rig, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add("/bmc_faults/pieces become smaller", test_pieces_become_smaller);
	add("/bmc_faults/a lost reservation begins anew", test_a_lost_reservation_begins_anew);
	add("/bmc_faults/reservations that are always lost have an end",
			test_reservations_that_are_always_lost_have_an_end);
	add("/bmc_faults/a chain that is a circle ends", test_a_chain_that_is_a_circle_ends);
	add("/bmc_faults/the same record again ends", test_the_same_record_again_ends);
	add("/bmc_faults/no more sensors are kept than may be",
			test_no_more_sensors_are_kept_than_may_be);
	add("/bmc_faults/an endless chain without sensors ends",
			test_an_endless_chain_without_sensors_ends);
	add("/bmc_faults/records that are shorter than told are read",
			test_records_that_are_shorter_than_told_are_read);
	add("/bmc_faults/a BMC that hangs at its records is read without",
			test_a_bmc_that_hangs_at_its_records_is_read_without);
	add("/bmc_faults/records that cost a session are given up",
			test_records_that_cost_a_session_are_given_up);
	add("/bmc_faults/a log without end does not end us",
			test_a_log_without_end_does_not_end_us);
	add("/bmc_faults/a BMC that refuses everything is left in peace",
			test_a_bmc_that_refuses_everything_is_left_in_peace);
	add("/bmc_faults/a silent BMC is asked who it is", test_a_silent_bmc_is_asked_who_it_is);
	add("/bmc_faults/a BMC that hangs at its GUID is read without",
			test_a_bmc_that_hangs_at_its_guid_is_read_without);
	add("/bmc_faults/answers that nobody asked for are dropped",
			test_answers_that_nobody_asked_for_are_dropped);
	add("/bmc_faults/short answers are harmless", test_short_answers_are_harmless);
	return g_test_run();
}
