/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/session_rig.h"

struct packet {
	int64_t at;
	bool to_bmc;
	uint8_t bytes[RMCP_PACKET_MAX];
	size_t size;
};

static bool rig_random(uint8_t *bytes, size_t size, void *data)
{
	struct session_rig *rig = data;

	for (size_t i = 0; i < size; i++) {
		rig->seed = rig->seed * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(rig->seed >> 24);
	}
	return true;
}

/* Anything has its own data for an answer. */
static size_t rig_answer(uint8_t netfn, uint8_t command, const uint8_t *bytes, size_t length,
		uint8_t *answer, void *data)
{
	(void)netfn;
	(void)command;
	(void)data;
	if (length >= RMCP_DATA_MAX)
		length = 0;
	answer[0] = 0;
	if (length)
		memcpy(answer + 1, bytes, length);
	return 1 + length;
}

static struct session_rig *rig_new(enum rmcp_suite suite, bool allowed)
{
	const struct session_settings settings = {.suite = suite,
			.privilege = SESSION_ADMINISTRATOR,
			.name = "admin",
			.password = "secret",
			.ipmi15 = allowed};
	struct session_rig *rig = g_new0(struct session_rig, 1);

	rig->bmc.suites = BMC_LAN_SUITE(suite);
	rig->bmc.answer = rig_answer;
	memset(rig->bmc.guid, 0x9d, RMCP_GUID);
	g_strlcpy(rig->bmc.name, "admin", sizeof(rig->bmc.name));
	g_strlcpy(rig->bmc.password, "secret", sizeof(rig->bmc.password));
	rig->seed = 1;
	rig->wire = g_array_new(FALSE, FALSE, sizeof(struct packet));
	rig->session = session_new(&settings, rig_random, rig);
	g_assert_nonnull(rig->session);
	return rig;
}

struct session_rig *session_rig_new(enum rmcp_suite suite)
{
	return rig_new(suite, false);
}

struct session_rig *session_rig_new_old(bool allowed)
{
	struct session_rig *rig = rig_new(RMCP_SUITE_17, allowed);

	rig->bmc.old = BMC_LAN_OLD;
	return rig;
}

void session_rig_free(struct session_rig *rig)
{
	g_assert_cmpuint(rig->bmc.bare, ==, 0);
	g_assert_cmpuint(rig->bmc.bad, ==, 0);
	session_free(rig->session);
	bmc_lan_reset(&rig->bmc);
	g_array_unref(rig->wire);
	g_free(rig);
}

static void rig_put(struct session_rig *rig, bool to_bmc, int64_t delay, const uint8_t *bytes,
		size_t size)
{
	struct packet packet = {.at = rig->now + delay, .to_bmc = to_bmc, .size = size};
	unsigned int number = to_bmc ? rig->sent++ : rig->back++;
	uint32_t lose = to_bmc ? rig->lose : rig->lose_back;

	if (rig->dead || (number < 32 && lose >> number & 1))
		return;
	memcpy(packet.bytes, bytes, size);
	for (int i = 0; i <= (to_bmc ? 0 : rig->copies); i++)
		g_array_append_val(rig->wire, packet);
}

static void rig_state(struct session_rig *rig, const struct session_event *event)
{
	if (event->state == SESSION_UP) {
		rig->opened++;
		rig->old = event->old;
		g_assert_true(event->old == (event->guid == NULL));
		if (event->guid)
			g_assert_cmphex(event->guid[0], ==, 0x9d);
	}
	if (event->state == SESSION_WAITING) {
		rig->lost++;
		rig->cause = event->cause;
		rig->status = event->status;
		rig->waiting_since = rig->now;
	}
}

static void rig_drain(struct session_rig *rig)
{
	struct session_event event;

	while (session_next(rig->session, &event)) {
		switch (event.kind) {
		case SESSION_ANSWER:
			rig->answers++;
			rig->code = event.code;
			rig->size = event.size;
			memcpy(rig->data, event.bytes, event.size);
			break;
		case SESSION_FAILED:
			rig->failures++;
			break;
		case SESSION_STATE:
			rig_state(rig, &event);
			break;
		case SESSION_SEND:
			rig_put(rig, true, 0, event.bytes, event.size);
			break;
		case SESSION_NOTHING:
			break;
		}
	}
}

/* The first of the earliest; -1: none is under way. */
static int rig_earliest(const struct session_rig *rig)
{
	int found = -1;

	for (guint i = 0; i < rig->wire->len; i++)
		if (found < 0 || g_array_index(rig->wire, struct packet, i).at <
						 g_array_index(rig->wire, struct packet, found).at)
			found = (int)i;
	return found;
}

static void rig_deliver(struct session_rig *rig, guint index)
{
	struct packet packet = g_array_index(rig->wire, struct packet, index);
	uint8_t answer[RMCP_PACKET_MAX];
	int64_t delay = rig->latency;
	size_t size;

	g_array_remove_index(rig->wire, index);
	if (!packet.to_bmc) {
		session_packet(rig->session, rig->now, packet.bytes, packet.size);
		return;
	}
	size = bmc_lan_packet(&rig->bmc, rig->now, packet.bytes, packet.size, answer);
	if (size == 0)
		return;
	delay += rig->first_delay;
	rig->first_delay = 0;
	rig_put(rig, false, delay, answer, size);
}

void session_rig_run(struct session_rig *rig, int64_t until)
{
	for (;;) {
		int64_t deadline, next = until;
		int index;

		rig_drain(rig);
		index = rig_earliest(rig);
		deadline = session_deadline(rig->session);
		if (index >= 0)
			next = MIN(next, g_array_index(rig->wire, struct packet, index).at);
		if (deadline >= 0)
			next = MIN(next, deadline);
		rig->now = MAX(rig->now, next);
		if (index >= 0 && g_array_index(rig->wire, struct packet, index).at <= rig->now)
			rig_deliver(rig, (guint)index);
		else if (deadline >= 0 && deadline <= rig->now)
			session_tick(rig->session, rig->now);
		else if (rig->now >= until)
			return;
	}
}

void session_rig_start(struct session_rig *rig)
{
	session_start(rig->session, rig->now);
	session_rig_run(rig, rig->now + 100);
}

bool session_rig_ask(struct session_rig *rig, uint8_t sensor)
{
	const struct session_request request = {
			.netfn = 4, .command = 0x2d, .data = &sensor, .length = 1};

	if (!session_ask(rig->session, rig->now, &request))
		return false;
	rig->sent = rig->back = 0;
	return true;
}

struct bmc_lan_session *session_rig_peer(struct session_rig *rig)
{
	for (size_t i = 0; i < BMC_LAN_SESSIONS; i++)
		if (rig->bmc.sessions[i].state == BMC_LAN_UP)
			return &rig->bmc.sessions[i];
	g_assert_not_reached();
}

void session_rig_inject(struct session_rig *rig, const uint8_t *bytes, size_t size)
{
	session_packet(rig->session, rig->now, bytes, size);
	session_rig_run(rig, rig->now);
}

/* --- What must hold of sessions of any kind --- */

void session_rig_walk(struct session_rig *rig, uint8_t first, uint8_t last)
{
	for (unsigned int sensor = first; sensor <= last; sensor++) {
		unsigned int answers = rig->answers;

		g_assert_true(session_rig_ask(rig, (uint8_t)sensor));
		g_assert_false(session_rig_ask(rig, (uint8_t)sensor)); /* one at a time */
		session_rig_run(rig, rig->now + 10);
		g_assert_cmpuint(rig->answers, ==, answers + 1);
		g_assert_cmpuint(rig->size, ==, 1);
		g_assert_cmpuint(rig->data[0], ==, sensor);
	}
}

void session_rig_stop(struct session_rig *rig)
{
	session_stop(rig->session, rig->now);
	session_rig_run(rig, rig->now + 10);
	g_assert_cmpint(session_state(rig->session), ==, SESSION_STOPPED);
	g_assert_cmpint(session_deadline(rig->session), ==, -1);
	g_assert_cmpuint(rig->bmc.closes, ==, 1);
	g_assert_cmpuint(bmc_lan_up(&rig->bmc), ==, 0);
	g_assert_cmpuint(session_strays(rig->session), ==, 0);
	g_assert_cmpuint(rig->bmc.repeated, ==, 0);
}

void session_rig_comes_up(struct session_rig *rig, uint32_t lose, uint32_t lose_back, int64_t at)
{
	rig->lose = lose;
	rig->lose_back = lose_back;
	session_rig_start(rig);
	session_rig_run(rig, at);
	g_assert_cmpuint(rig->opened, ==, 1);
	g_assert_cmpuint(rig->lost, ==, 0);
	session_rig_free(rig);
}

void session_rig_slow(struct session_rig *rig, int64_t latency, int64_t patience)
{
	rig->latency = latency;
	session_start(rig->session, 0);
	for (int64_t now = 0; !rig->opened && now < patience; now += 10)
		session_rig_run(rig, now);
	/* In the session it has to be done with a request in 2 s. */
	rig->latency = MIN(latency, 1500);
	session_rig_run(rig, 40000);
	g_assert_cmpuint(rig->opened, ==, 1);
	g_assert_cmpuint(rig->lost, ==, 0);
	g_assert_true(session_rig_ask(rig, 7));
	session_rig_run(rig, 42000);
	g_assert_cmpuint(rig->answers, ==, 1);
}

void session_rig_forget(struct session_rig *rig)
{
	unsigned int failures = rig->failures, lost = rig->lost;
	int64_t start = rig->now;

	bmc_lan_reset(&rig->bmc);
	g_assert_true(session_rig_ask(rig, 1));
	session_rig_run(rig, start + 4000);
	g_assert_cmpuint(rig->failures, ==, failures + 1);
	g_assert_cmpuint(rig->lost, ==, lost + 1);
	g_assert_cmpint(rig->cause, ==, SESSION_LOST);
	g_assert_cmpint(rig->waiting_since - start, ==, 4000);
}

void session_rig_bad_wire(struct session_rig *rig, uint32_t seed)
{
	GRand *rand = g_rand_new_with_seed(seed);

	rig->seed = seed;
	session_start(rig->session, 0);
	for (int second = 0; second < 3600; second++) {
		uint8_t sensor = (uint8_t)second;
		unsigned int answers = rig->answers;

		rig->copies = g_rand_int_range(rand, 0, 2);
		rig->first_delay = g_rand_int_range(rand, 0, 2500);
		if (session_rig_ask(rig, sensor)) {
			rig->asked_at = sensor;
			rig->lose = g_rand_int(rand) & g_rand_int(rand) & g_rand_int(rand);
			rig->lose_back = g_rand_int(rand) & g_rand_int(rand) & g_rand_int(rand);
		}
		session_rig_run(rig, second * INT64_C(1000) + 1000);
		if (rig->answers != answers)
			g_assert_cmpint(rig->data[0], ==, rig->asked_at);
	}
	g_test_message("%u answers, lost %u times", rig->answers, rig->lost);
	g_assert_cmpuint(rig->answers, >, 300);
	rig->lose = rig->lose_back = 0;
	session_stop(rig->session, rig->now);
	session_rig_run(rig, rig->now + 2000);
	g_assert_cmpint(session_state(rig->session), ==, SESSION_STOPPED);
	g_rand_free(rand);
	session_rig_free(rig);
}
