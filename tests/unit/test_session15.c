/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions of IPMI 1.5: only where they are allowed, and only with who has nothing better. */
#include <string.h>
#include "tests/unit/session_rig.h"

#define SPEAKS 3000 /* ms from the start until a silent BMC is asked what it speaks */

static struct session_rig *up(void)
{
	struct session_rig *rig = session_rig_new_old(true);

	session_start(rig->session, rig->now);
	session_rig_run(rig, SPEAKS + 100);
	g_assert_cmpuint(rig->opened, ==, 1);
	g_assert_true(rig->old);
	return rig;
}

static void test_it_comes_up_answers_and_closes(void)
{
	struct session_rig *rig = up();

	session_rig_walk(rig, 1, 100);
	session_rig_run(rig, rig->now + 200000); /* kept by itself */
	g_assert_cmpuint(rig->lost, ==, 0);
	session_rig_stop(rig);
	session_rig_free(rig);
}

static void test_without_leave_it_is_a_fault_in_words(void)
{
	struct session_rig *rig = session_rig_new_old(false);

	session_start(rig->session, rig->now);
	session_rig_run(rig, 300000);
	g_assert_cmpint(rig->cause, ==, SESSION_OLD);
	g_assert_nonnull(strstr(session_cause_text(rig->cause), "IPMI 1.5"));
	g_assert_cmpuint(rig->opened, ==, 0);
	g_assert_cmpuint(rig->bmc.challenges, ==, 0);
	g_assert_cmpuint(rig->lost, <=, 5);
	session_rig_free(rig);
}

/* What it says of IPMI 1.5 is asked for by the way, and of no use. */
static void test_who_speaks_rmcp_plus_is_never_spoken_to_otherwise(void)
{
	static const int64_t latencies[] = {0, 1900, 2500, 3500, 4500};

	for (size_t i = 0; i < G_N_ELEMENTS(latencies); i++) {
		struct session_rig *rig = session_rig_new_old(true);

		rig->bmc.old = 0;
		rig->latency = latencies[i];
		session_start(rig->session, rig->now);
		for (int64_t now = 0; !rig->opened && now < 20000; now += 10)
			session_rig_run(rig, now);
		g_assert_cmpuint(rig->opened, ==, 1);
		g_assert_cmpuint(rig->lost, ==, 0);
		g_assert_false(rig->old);
		g_assert_cmpuint(rig->bmc.challenges, ==, 0);
		session_rig_free(rig);
	}
}

/* Somebody on the way drops what is RMCP+: without leave nothing is said that he could use. */
static void test_a_forged_answer_gets_nothing_without_leave(void)
{
	struct session_rig *rig = session_rig_new(RMCP_SUITE_17);
	struct rmcp_message message = {.to = RMCP_ADDRESS_CONSOLE,
			.from = RMCP_ADDRESS_BMC,
			.netfn = 7,
			.command = 0x38};
	static const uint8_t told[] = {0, 1, 0x04, 0x04, 0, 0, 0, 0, 0};
	uint8_t packet[64] = {6, 0, 0xff, 7};

	rig->dead = true;
	session_start(rig->session, rig->now);
	session_rig_run(rig, SPEAKS + 100);
	message.data = told;
	message.length = sizeof(told);
	for (uint8_t number = 0; number < 64; number++) {
		message.sequence = number;
		packet[13] = (uint8_t)rmcp_message_write(&message, packet + 14);
		session_rig_inject(rig, packet, 14u + packet[13]);
	}
	g_assert_cmpint(rig->cause, ==, SESSION_OLD);
	g_assert_cmpuint(rig->sent, ==, 3);
	session_rig_free(rig);
}

static void test_a_bmc_that_knows_nothing_of_2_0_is_asked_its_way(void)
{
	struct session_rig *rig = session_rig_new_old(true);

	rig->bmc.old |= BMC_LAN_OLD_STRICT;
	session_start(rig->session, rig->now);
	session_rig_run(rig, SPEAKS + 100);
	g_assert_cmpuint(rig->opened, ==, 1);
	session_rig_free(rig);
}

static void test_refusals_have_their_causes(void)
{
	static const struct {
		unsigned int old;
		uint8_t status;
		const char *name, *password;
		enum session_cause cause;
		bool soon;
	} cases[] = {
			{BMC_LAN_OLD_NO_MD5, 0, "admin", "secret", SESSION_UNSIGNED, false},
			{BMC_LAN_OLD_FIRST, 0, "admin", "secret", SESSION_UNSIGNED, false},
			{BMC_LAN_OLD_NONE, 0, "admin", "secret", SESSION_UNSIGNED, false},
			{0, 0, "root", "secret", SESSION_NAME, false},
			{0, 0, "admin", "other", SESSION_UNHEARD, false},
			{BMC_LAN_OLD_TELLS, 0, "admin", "other", SESSION_PASSWORD, false},
			{0, 0x81, "admin", "secret", SESSION_NO_ROOM, true},
			{0, 0x86, "admin", "secret", SESSION_NAME, false},
			{0, 0xff, "admin", "secret", SESSION_REFUSED, false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct session_rig *rig = session_rig_new_old(true);
		int64_t wait;

		rig->bmc.old |= cases[i].old;
		rig->bmc.status = cases[i].status;
		g_strlcpy(rig->bmc.name, cases[i].name, sizeof(rig->bmc.name));
		g_strlcpy(rig->bmc.password, cases[i].password, sizeof(rig->bmc.password));
		session_start(rig->session, rig->now);
		while (!rig->lost && rig->now < 20000)
			session_rig_run(rig, rig->now + 10);
		g_assert_cmpint(rig->cause, ==, cases[i].cause);
		g_assert_cmpuint(rig->opened, ==, 0);
		wait = session_deadline(rig->session) - rig->waiting_since;
		g_assert_cmpint(wait, >=, cases[i].soon ? 5000 : 60000);
		g_assert_cmpint(wait, <=, cases[i].soon ? 6250 : 75000);
		/* A password that is wrong does not lock the user out. */
		session_rig_run(rig, rig->waiting_since + 59000);
		g_assert_cmpuint(rig->bmc.logins, <=, 2);
		session_rig_free(rig);
	}
}

/* Open Session twice, then the question, challenge, activation, and privilege. */
static void test_any_packet_of_the_set_up_may_be_lost(void)
{
	for (int packet = 2; packet < 6; packet++) {
		session_rig_comes_up(session_rig_new_old(true), 1u << packet, 0, SPEAKS + 2100);
		session_rig_comes_up(
				session_rig_new_old(true), 0, 1u << (packet - 2), SPEAKS + 2100);
	}
}

static void test_a_slow_bmc_comes_up_and_stays_up(void)
{
	static const int64_t latencies[] = {300, 1500, 2500, 4500};

	for (size_t i = 0; i < G_N_ELEMENTS(latencies); i++) {
		struct session_rig *rig = session_rig_new_old(true);

		session_rig_slow(rig, latencies[i], 30000);
		session_rig_free(rig);
	}
}

static void test_badly_signed_answers_are_none(void)
{
	struct session_rig *rig = up();

	rig->bmc.damage = true;
	g_assert_true(session_rig_ask(rig, 1));
	session_rig_run(rig, rig->now + 2100);
	g_assert_cmpuint(rig->answers, ==, 0);
	g_assert_cmpuint(rig->failures, ==, 1);
	session_rig_run(rig, rig->now + 2000);
	g_assert_cmpint(rig->cause, ==, SESSION_LOST);
	session_rig_free(rig);
	rig = session_rig_new_old(true);
	rig->bmc.damage = true; /* of the activation already */
	session_start(rig->session, rig->now);
	session_rig_run(rig, SPEAKS + 5500);
	g_assert_cmpint(rig->cause, ==, SESSION_UNHEARD);
	session_rig_free(rig);
}

static void test_a_number_that_was_used_is_no_answer(void)
{
	struct session_rig *rig = up();
	unsigned int strays = session_strays(rig->session);

	rig->bmc.old |= BMC_LAN_OLD_REPEATS;
	g_assert_true(session_rig_ask(rig, 1)); /* that number is good once */
	session_rig_run(rig, rig->now + 10);
	g_assert_cmpuint(rig->answers, ==, 1);
	g_assert_true(session_rig_ask(rig, 2));
	session_rig_run(rig, rig->now + 2100);
	g_assert_cmpuint(rig->answers, ==, 1);
	g_assert_cmpuint(rig->failures, ==, 1);
	g_assert_cmpuint(session_strays(rig->session) - strays, >=, 2);
	rig->bmc.old &= ~(unsigned int)BMC_LAN_OLD_REPEATS;
	session_rig_free(rig);
}

static void test_packets_may_come_twice_or_late(void)
{
	struct session_rig *rig = up();

	rig->copies = 2;
	session_rig_walk(rig, 0, 49);
	rig->copies = 0;
	rig->first_delay = 1500;
	g_assert_true(session_rig_ask(rig, 60));
	session_rig_run(rig, rig->now + 1100); /* the repeated packet is answered first */
	g_assert_cmpuint(rig->answers, ==, 51);
	g_assert_true(session_rig_ask(rig, 61));
	session_rig_run(rig, rig->now + 1000);
	g_assert_cmpuint(rig->answers, ==, 52);
	g_assert_cmpuint(rig->data[0], ==, 61);
	g_assert_cmpuint(rig->bmc.repeated, ==, 0);
	session_rig_free(rig);
}

static void test_a_lost_session_is_told_within_5_s_and_made_anew(void)
{
	struct session_rig *rig = up();

	session_rig_run(rig, 40000);
	session_rig_forget(rig);
	g_assert_cmpuint(rig->failures, ==, 1);
	g_assert_cmpuint(rig->lost, ==, 1);
	session_rig_run(rig, rig->now + 11000);
	g_assert_cmpuint(rig->opened, ==, 2);
	session_rig_walk(rig, 2, 2);
	session_rig_free(rig);
}

/* A better BMC in its place is spoken to better. */
static void test_rmcp_plus_comes_first_each_time(void)
{
	struct session_rig *rig = up();

	bmc_lan_reset(&rig->bmc);
	rig->bmc.old = 0;
	g_assert_true(session_rig_ask(rig, 1));
	session_rig_run(rig, rig->now + 15000);
	g_assert_cmpuint(rig->opened, ==, 2);
	g_assert_false(rig->old);
	session_rig_free(rig);
}

static void test_a_bad_wire_gives_no_wrong_answers(void)
{
	for (uint32_t seed = 1; seed <= 10; seed++)
		session_rig_bad_wire(session_rig_new_old(true), seed);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/session15/it comes up answers and closes",
			test_it_comes_up_answers_and_closes);
	g_test_add_func("/session15/without leave it is a fault in words",
			test_without_leave_it_is_a_fault_in_words);
	g_test_add_func("/session15/who speaks rmcp plus is never spoken to otherwise",
			test_who_speaks_rmcp_plus_is_never_spoken_to_otherwise);
	g_test_add_func("/session15/a forged answer gets nothing without leave",
			test_a_forged_answer_gets_nothing_without_leave);
	g_test_add_func("/session15/a bmc that knows nothing of 2.0 is asked its way",
			test_a_bmc_that_knows_nothing_of_2_0_is_asked_its_way);
	g_test_add_func("/session15/refusals have their causes", test_refusals_have_their_causes);
	g_test_add_func("/session15/any packet of the set-up may be lost",
			test_any_packet_of_the_set_up_may_be_lost);
	g_test_add_func("/session15/a slow bmc comes up and stays up",
			test_a_slow_bmc_comes_up_and_stays_up);
	g_test_add_func("/session15/badly signed answers are none",
			test_badly_signed_answers_are_none);
	g_test_add_func("/session15/a number that was used is no answer",
			test_a_number_that_was_used_is_no_answer);
	g_test_add_func("/session15/packets may come twice or late",
			test_packets_may_come_twice_or_late);
	g_test_add_func("/session15/a lost session is told within 5 s and made anew",
			test_a_lost_session_is_told_within_5_s_and_made_anew);
	g_test_add_func("/session15/rmcp plus comes first each time",
			test_rmcp_plus_comes_first_each_time);
	g_test_add_func("/session15/a bad wire gives no wrong answers",
			test_a_bad_wire_gives_no_wrong_answers);
	return g_test_run();
}
