/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/session_rig.h"

static const enum rmcp_suite suites[] = {RMCP_SUITE_3, RMCP_SUITE_17};

static struct session_rig *up(enum rmcp_suite suite)
{
	struct session_rig *rig = session_rig_new(suite);

	session_rig_start(rig);
	g_assert_cmpuint(rig->opened, ==, 1);
	g_assert_cmpint(session_state(rig->session), ==, SESSION_UP);
	return rig;
}

static void test_both_suites_come_up_answer_and_close(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
		struct session_rig *rig = up(suites[i]);

		session_rig_walk(rig, 1, 100);
		session_rig_stop(rig);
		session_rig_start(rig);
		g_assert_cmpuint(rig->opened, ==, 2);
		session_rig_free(rig);
	}
}

static void test_nothing_is_asked_outside_a_session(void)
{
	struct session_rig *rig = session_rig_new(RMCP_SUITE_3);

	g_assert_false(session_rig_ask(rig, 1));
	rig->dead = true;
	session_rig_start(rig);
	g_assert_false(session_rig_ask(rig, 1));
	rig->dead = false;
	session_rig_run(rig, 2005); /* the repeated packet opens it */
	g_assert_true(session_rig_ask(rig, 1));
	session_stop(rig->session, rig->now);
	g_assert_false(session_rig_ask(rig, 1));
	session_rig_run(rig, rig->now + 10);
	g_assert_cmpuint(rig->failures, ==, 1);
	g_assert_false(session_rig_ask(rig, 1));
	session_rig_free(rig);
}

/* Any one packet of the set-up, to and from the BMC: open, RAKP 1, RAKP 3, privilege. */
static void test_any_packet_of_the_set_up_may_be_lost(void)
{
	for (int packet = 0; packet < 4; packet++) {
		session_rig_comes_up(session_rig_new(RMCP_SUITE_17), 1u << packet, 0, 2100);
		session_rig_comes_up(session_rig_new(RMCP_SUITE_17), 0, 1u << packet, 2100);
	}
}

static void test_a_slow_bmc_comes_up_and_stays_up(void)
{
	static const int64_t latencies[] = {300, 1500, 2500, 4500};

	for (size_t i = 0; i < G_N_ELEMENTS(latencies); i++) {
		struct session_rig *rig = session_rig_new(RMCP_SUITE_3);

		rig->bmc.always_random = i % 2;
		session_rig_slow(rig, latencies[i], 20000);
		session_rig_run(rig, 200000); /* kept by itself */
		g_assert_cmpuint(rig->lost, ==, 0);
		session_rig_free(rig);
	}
}

static void test_packets_may_come_twice(void)
{
	struct session_rig *rig = session_rig_new(RMCP_SUITE_3);

	rig->copies = 2;
	session_rig_start(rig);
	session_rig_walk(rig, 0, 49);
	g_assert_cmpuint(session_strays(rig->session), ==, 2 * 54);
	session_rig_free(rig);
}

/* The answer to the first packet comes behind that to the second, and both are one request's. */
static void test_a_late_answer_is_good_once(void)
{
	struct session_rig *rig = up(RMCP_SUITE_3);

	rig->first_delay = 1500;
	g_assert_true(session_rig_ask(rig, 9));
	session_rig_run(rig, rig->now + 1100);
	g_assert_cmpuint(rig->answers, ==, 1);
	g_assert_true(session_rig_ask(rig, 10));
	session_rig_run(rig, rig->now + 1000);
	g_assert_cmpuint(rig->answers, ==, 2);
	g_assert_cmpuint(rig->data[0], ==, 10);
	g_assert_cmpuint(session_strays(rig->session), ==, 1);
	rig->first_delay = 1500;
	rig->lose = 2; /* only the late one comes */
	g_assert_true(session_rig_ask(rig, 11));
	session_rig_run(rig, rig->now + 1600);
	g_assert_cmpuint(rig->answers, ==, 3);
	g_assert_cmpuint(rig->failures, ==, 0);
	session_rig_free(rig);
}

static void test_a_lost_session_is_told_and_made_anew_within_5_s(void)
{
	struct session_rig *rig = up(RMCP_SUITE_17);
	int64_t start;

	session_rig_run(rig, 40000);
	start = rig->now;
	session_rig_forget(rig);
	g_assert_cmpuint(rig->failures, ==, 1);
	g_assert_cmpuint(rig->lost, ==, 1);
	/* Two of the request, two of ours, and the close that is not waited for. */
	g_assert_cmpuint(rig->sent, ==, 5);
	/* There may be another machine by now. */
	session_rig_run(rig, start + 4800);
	g_assert_cmpuint(rig->opened, ==, 2);
	session_rig_walk(rig, 2, 2);
	session_rig_free(rig);
}

/* Who loses each session soon is not asked for one again and again. */
static void test_a_session_that_was_short_is_waited_for(void)
{
	struct session_rig *rig = up(RMCP_SUITE_3);
	int64_t start = rig->now;

	rig->dead = true;
	g_assert_true(session_rig_ask(rig, 1));
	session_rig_run(rig, start + 4000);
	g_assert_cmpint(rig->cause, ==, SESSION_LOST);
	g_assert_cmpint(session_deadline(rig->session) - rig->waiting_since, >=, 5000);
	session_rig_free(rig);
	/* And after one that was solid once at once, then ever later. */
	rig = up(RMCP_SUITE_3);
	session_rig_run(rig, 60000);
	rig->dead = true;
	while (rig->lost < 1)
		session_rig_run(rig, rig->now + 10);
	g_assert_cmpint(session_deadline(rig->session) - rig->waiting_since, <=, 750);
	while (rig->lost < 2)
		session_rig_run(rig, rig->now + 10);
	g_assert_cmpint(rig->cause, ==, SESSION_SILENT);
	g_assert_cmpint(session_deadline(rig->session) - rig->waiting_since, >=, 5000);
	while (rig->lost < 3)
		session_rig_run(rig, rig->now + 10);
	g_assert_cmpint(session_deadline(rig->session) - rig->waiting_since, >=, 10000);
	session_rig_free(rig);
}

/* Lost after 15 s each time: at once is only the first. */
static void test_who_flaps_is_asked_ever_less_often(void)
{
	struct session_rig *rig = up(RMCP_SUITE_17);
	int64_t least = 0;

	for (unsigned int lost = 1; lost <= 4; lost++) {
		unsigned int opened = rig->opened;

		session_rig_run(rig, rig->now + 15000);
		session_rig_forget(rig);
		g_assert_cmpuint(rig->lost, ==, lost);
		g_assert_cmpint(session_deadline(rig->session) - rig->waiting_since, >=, least);
		least = least ? 2 * least : 5000;
		while (rig->opened == opened)
			session_rig_run(rig, rig->now + 10);
	}
	session_rig_free(rig);
}

static void test_one_missing_answer_does_not_lose_the_session(void)
{
	struct session_rig *rig = up(RMCP_SUITE_3);

	rig->lose = 3;
	g_assert_true(session_rig_ask(rig, 1));
	session_rig_run(rig, rig->now + 1999);
	g_assert_cmpuint(rig->failures, ==, 0);
	session_rig_run(rig, rig->now + 10);
	g_assert_cmpuint(rig->failures, ==, 1);
	session_rig_run(rig, rig->now + 60000);
	g_assert_cmpuint(rig->lost, ==, 0);
	session_rig_free(rig);
}

/* While the session keeps itself, a request waits for it. */
static void test_a_request_behind_ours_is_not_lost(void)
{
	struct session_rig *rig = up(RMCP_SUITE_3);

	rig->latency = 500;
	session_rig_run(rig, 25200);
	g_assert_cmpuint(rig->bmc.commands, ==, 2);
	g_assert_true(session_rig_ask(rig, 5));
	g_assert_false(session_rig_ask(rig, 6));
	g_assert_cmpuint(rig->bmc.commands, ==, 2);
	session_rig_run(rig, rig->now + 1000);
	g_assert_cmpuint(rig->answers, ==, 1);
	g_assert_cmpuint(rig->data[0], ==, 5);
	session_rig_free(rig);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/session/both suites come up answer and close",
			test_both_suites_come_up_answer_and_close);
	g_test_add_func("/session/nothing is asked outside a session",
			test_nothing_is_asked_outside_a_session);
	g_test_add_func("/session/any packet of the set-up may be lost",
			test_any_packet_of_the_set_up_may_be_lost);
	g_test_add_func("/session/a slow bmc comes up and stays up",
			test_a_slow_bmc_comes_up_and_stays_up);
	g_test_add_func("/session/packets may come twice", test_packets_may_come_twice);
	g_test_add_func("/session/a late answer is good once", test_a_late_answer_is_good_once);
	g_test_add_func("/session/a lost session is told and made anew within 5 s",
			test_a_lost_session_is_told_and_made_anew_within_5_s);
	g_test_add_func("/session/a session that was short is waited for",
			test_a_session_that_was_short_is_waited_for);
	g_test_add_func("/session/who flaps is asked ever less often",
			test_who_flaps_is_asked_ever_less_often);
	g_test_add_func("/session/one missing answer does not lose the session",
			test_one_missing_answer_does_not_lose_the_session);
	g_test_add_func("/session/a request behind ours is not lost",
			test_a_request_behind_ours_is_not_lost);
	return g_test_run();
}
