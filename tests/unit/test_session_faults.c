/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/session_rig.h"

static struct session_rig *up(enum rmcp_suite suite)
{
	struct session_rig *rig = session_rig_new(suite);

	session_rig_start(rig);
	g_assert_cmpuint(rig->opened, ==, 1);
	return rig;
}

/* Until it has given up once more. */
static void run_to_the_next_failure(struct session_rig *rig)
{
	unsigned int lost = rig->lost;

	for (int64_t end = rig->now + 100000; rig->lost == lost && rig->now < end;)
		session_rig_run(rig, rig->now + 10);
	g_assert_cmpuint(rig->lost, ==, lost + 1);
}

static void test_a_wrong_password_is_one_attempt_a_minute(void)
{
	static const enum rmcp_suite suites[] = {RMCP_SUITE_3, RMCP_SUITE_17};

	for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
		struct session_rig *rig = session_rig_new(suites[i]);

		g_strlcpy(rig->bmc.password, "other", sizeof(rig->bmc.password));
		session_rig_start(rig);
		g_assert_cmpint(rig->cause, ==, SESSION_PASSWORD);
		session_rig_run(rig, 60000);
		g_assert_cmpuint(rig->bmc.rakp1s, ==, 1);
		session_rig_run(rig, 600000);
		g_assert_cmpuint(rig->bmc.rakp1s, <=, 10);
		g_assert_cmpuint(rig->bmc.rakp1s, >=, 8);
		/* The BMC never had one to count. */
		g_assert_cmpuint(rig->bmc.rakp3s, ==, 0);
		g_strlcpy(rig->bmc.password, "secret", sizeof(rig->bmc.password));
		session_rig_run(rig, 680000);
		g_assert_cmpuint(rig->opened, ==, 1);
		session_rig_free(rig);
	}
}

static void test_refusals_have_their_causes(void)
{
	static const struct {
		uint8_t status;
		enum session_cause cause;
		bool soon;
	} cases[] = {
			{RMCP_NO_ROOM, SESSION_NO_ROOM, true},
			{RMCP_BAD_AUTHENTICATION, SESSION_SUITE, false},
			{RMCP_NO_SUITE, SESSION_SUITE, false},
			{0x12, SESSION_REFUSED, false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct session_rig *rig = session_rig_new(RMCP_SUITE_3);
		int64_t wait;

		rig->bmc.status = cases[i].status;
		session_rig_start(rig);
		g_assert_cmpint(rig->cause, ==, cases[i].cause);
		g_assert_cmphex(rig->status, ==, cases[i].status);
		wait = session_deadline(rig->session) - rig->waiting_since;
		g_assert_cmpint(wait, >=, cases[i].soon ? 5000 : 60000);
		g_assert_cmpint(wait, <=, cases[i].soon ? 6250 : 75000);
		g_assert_cmpuint(rig->sent, ==, 1);
		session_rig_free(rig);
	}
}

static void test_an_unknown_user_and_a_refused_privilege_are_told(void)
{
	struct session_rig *rig = session_rig_new(RMCP_SUITE_17);

	g_strlcpy(rig->bmc.name, "root", sizeof(rig->bmc.name));
	session_rig_start(rig);
	g_assert_cmpint(rig->cause, ==, SESSION_NAME);
	session_rig_free(rig);
	rig = session_rig_new(RMCP_SUITE_17);
	rig->bmc.privilege = 0x80;
	session_rig_start(rig);
	g_assert_cmpint(rig->cause, ==, SESSION_NAME);
	g_assert_cmphex(rig->status, ==, 0x80);
	g_assert_cmpuint(rig->bmc.closes, ==, 1); /* its place is free again */
	g_assert_cmpuint(rig->opened, ==, 0);
	session_rig_free(rig);
}

static void test_another_suite_than_asked_for_is_none(void)
{
	struct session_rig *rig = session_rig_new(RMCP_SUITE_3);

	rig->bmc.weaker = true;
	session_rig_start(rig);
	g_assert_cmpint(rig->cause, ==, SESSION_SUITE);
	g_assert_cmpuint(rig->bmc.rakp1s, ==, 0);
	session_rig_free(rig);
}

/* A hung BMC: told within 5 s, then asked ever less often, and never by two packets at once. */
static void test_silence_is_told_and_waits_grow(void)
{
	struct session_rig *rig = session_rig_new(RMCP_SUITE_3);
	int64_t least = 5000;

	rig->dead = true;
	session_start(rig->session, 0);
	for (int failure = 0; failure < 10; failure++) {
		int64_t wait;
		unsigned int sent = rig->sent;

		run_to_the_next_failure(rig);
		g_assert_cmpuint(rig->sent - sent, ==,
				3); /* twice Open Session, once what it speaks */
		g_assert_cmpint(rig->cause, ==, SESSION_SILENT);
		if (failure == 0)
			g_assert_cmpint(rig->waiting_since, ==, 5000);
		wait = session_deadline(rig->session) - rig->waiting_since;
		g_assert_cmpint(wait, >=, least == 60000 ? 45000 : least);
		g_assert_cmpint(wait, <=, MIN(least + least / 4, 60000));
		least = MIN(least * 2, 60000);
	}
	rig->dead = false;
	session_rig_run(rig, rig->now + 61000);
	g_assert_cmpuint(rig->opened, ==, 1);
	/* Once it was good for a while, the next failure counts as the first. */
	session_rig_run(rig, rig->now + 90000);
	rig->dead = true;
	run_to_the_next_failure(rig);
	g_assert_cmpint(session_deadline(rig->session) - rig->waiting_since, <=, 6250);
	session_rig_free(rig);
}

static void test_many_do_not_come_back_at_once(void)
{
	int64_t first = INT64_MAX, last = 0;

	for (uint32_t seed = 0; seed < 48; seed++) {
		struct session_rig *rig = session_rig_new(RMCP_SUITE_3);

		rig->seed = seed * 2654435761u;
		rig->dead = true;
		session_start(rig->session, 0);
		run_to_the_next_failure(rig);
		first = MIN(first, session_deadline(rig->session));
		last = MAX(last, session_deadline(rig->session));
		session_rig_free(rig);
	}
	g_assert_cmpint(last - first, >, 900);
}

static void test_answers_of_wrong_length_are_no_answers(void)
{
	static const enum rmcp_type types[] = {RMCP_OPEN_ANSWER, RMCP_RAKP2, RMCP_RAKP4};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		for (uint8_t cut = 1; cut <= 20; cut++) {
			struct session_rig *rig = session_rig_new(RMCP_SUITE_17);

			rig->bmc.cut = cut;
			rig->bmc.cut_type = types[i];
			session_rig_start(rig);
			session_rig_run(rig, 5500);
			g_assert_cmpuint(rig->opened, ==, 0);
			g_assert_cmpint(rig->cause, ==, SESSION_SILENT);
			session_rig_free(rig);
		}
	}
}

/* What a packet would be that the BMC sent with this number. */
static size_t answer_of(struct session_rig *rig, uint32_t number, uint8_t sequence, uint8_t *out)
{
	const uint8_t data[] = {0, 42}, vector[RMCP_BLOCK] = {1};
	const struct rmcp_message message = {.to = RMCP_ADDRESS_CONSOLE,
			.from = RMCP_ADDRESS_BMC,
			.netfn = 5,
			.sequence = sequence,
			.command = 0x2d,
			.data = data,
			.length = sizeof(data)};
	const struct bmc_lan_session *peer = session_rig_peer(rig);
	uint8_t bytes[RMCP_PLAIN_MAX];
	size_t size = rmcp_message_write(&message, bytes);

	return rmcp_seal(peer->keys, peer->exchange.console, number, vector, bytes, size, out);
}

static void test_numbers_are_good_once_and_in_any_order(void)
{
	/* The privilege's answer had 1; its request's number was 1. */
	static const struct {
		uint32_t number;
		bool good;
	} cases[] = {
			{10, true},
			{10, false},
			{1, false},
			{9, true},
			{9, false},
			{2, true},
			{0, false},
			{100, true},
			{68, false}, /* too old */
			{69, true},
			{69, false},
			{10, false},
			{101, true},
			{70, true},
	};
	struct session_rig *rig = up(RMCP_SUITE_3);
	unsigned int good = 0;
	uint8_t sequence = 1;

	rig->dead = true;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		uint8_t packet[RMCP_PACKET_MAX];
		size_t size;

		if (session_rig_ask(rig, 1))
			sequence++;
		session_rig_run(rig, rig->now);
		size = answer_of(rig, cases[i].number, sequence, packet);
		session_rig_inject(rig, packet, size);
		good += cases[i].good;
		g_assert_cmpuint(rig->answers, ==, good);
	}
	g_assert_cmpuint(rig->data[0], ==, 42);
	session_rig_free(rig);
}

static void test_what_others_say_changes_nothing(void)
{
	static const uint8_t refusal[] = {0, RMCP_NO_ROOM, 0, 0, 1, 2, 3, 4};
	struct session_rig *rig = session_rig_new(RMCP_SUITE_3);
	uint8_t packet[RMCP_PACKET_MAX];
	struct session_rig *other;
	size_t size;

	rig->first_delay = 1000;
	session_start(rig->session, 0);
	session_rig_run(rig, 500);
	for (int tag = 0; tag < 256; tag++) {
		size = rmcp_head(packet, RMCP_OPEN_ANSWER, 0, 0, sizeof(refusal));
		memcpy(packet + size, refusal, sizeof(refusal));
		packet[size] = (uint8_t)tag;
		session_rig_inject(rig, packet, size + sizeof(refusal));
	}
	session_rig_run(rig, 1100);
	g_assert_cmpuint(rig->opened, ==, 1);
	/* In clear, and by another session's keys. */
	rig->dead = true;
	g_assert_true(session_rig_ask(rig, 1));
	session_rig_run(rig, rig->now);
	other = session_rig_new(RMCP_SUITE_3);
	other->seed = 99;
	session_rig_start(other);
	session_rig_peer(other)->exchange.console = session_rig_peer(rig)->exchange.console;
	size = answer_of(other, 20, 2, packet);
	session_rig_inject(rig, packet, size);
	packet[5] = 0;
	session_rig_inject(rig, packet, size);
	g_assert_cmpuint(rig->answers, ==, 0);
	for (size_t cut = 0; cut < size; cut++) {
		size_t whole = answer_of(rig, 20, 2, packet);

		g_assert_cmpuint(whole, ==, size);
		session_rig_inject(rig, packet, cut);
	}
	g_assert_cmpuint(rig->answers, ==, 0);
	session_rig_inject(rig, packet, size);
	g_assert_cmpuint(rig->answers, ==, 1);
	session_rig_free(other);
	session_rig_free(rig);
}

static void test_a_bad_wire_gives_no_wrong_answers(void)
{
	for (uint32_t seed = 1; seed <= 20; seed++) {
		struct session_rig *rig = session_rig_new(seed % 2 ? RMCP_SUITE_3 : RMCP_SUITE_17);

		rig->bmc.always_random = seed % 3 == 0;
		session_rig_bad_wire(rig, seed);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/session/a wrong password is one attempt a minute",
			test_a_wrong_password_is_one_attempt_a_minute);
	g_test_add_func("/session/refusals have their causes", test_refusals_have_their_causes);
	g_test_add_func("/session/an unknown user and a refused privilege are told",
			test_an_unknown_user_and_a_refused_privilege_are_told);
	g_test_add_func("/session/another suite than asked for is none",
			test_another_suite_than_asked_for_is_none);
	g_test_add_func("/session/silence is told and waits grow",
			test_silence_is_told_and_waits_grow);
	g_test_add_func("/session/many do not come back at once",
			test_many_do_not_come_back_at_once);
	g_test_add_func("/session/answers of wrong length are no answers",
			test_answers_of_wrong_length_are_no_answers);
	g_test_add_func("/session/numbers are good once and in any order",
			test_numbers_are_good_once_and_in_any_order);
	g_test_add_func("/session/what others say changes nothing",
			test_what_others_say_changes_nothing);
	g_test_add_func("/session/a bad wire gives no wrong answers",
			test_a_bad_wire_gives_no_wrong_answers);
	return g_test_run();
}
