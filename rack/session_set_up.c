/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Open Session and RAKP (13.17 to 13.24). A packet is repeated as it was, tag and all, so that the
 * answer to either of them is good. A BMC that takes a repeated RAKP 1 for a new one answers with
 * another random number, and knows that alone: then RAKP 3 is made again.
 */
#include <string.h>
#include "rack/session_part.h"

/* The role in RAKP 1 asks for a privilege, and with this bit for a user by name alone. */
#define ROLE_NAME_ONLY 0x10

void session_step_again(struct session *session, int64_t now, int64_t patience)
{
	memcpy(session->packet, session->repeat, session->repeat_size);
	session->packet_size = session->repeat_size;
	session->tries++;
	session->deadline = now + patience;
}

void session_step(struct session *session, int64_t now, enum session_step step)
{
	session->step = step;
	session->tries = 0;
	session_step_again(session, now, SESSION_STEP_FIRST);
}

static void set_up_send(struct session *session, int64_t now, enum rmcp_type type,
		enum session_step step, const uint8_t *payload, size_t length)
{
	size_t head = rmcp_head(session->repeat, type, 0, 0, length);

	memcpy(session->repeat + head, payload, length);
	session->repeat_size = head + length;
	session_step(session, now, step);
}

void session_open(struct session *session, int64_t now)
{
	enum rmcp_suite suite = session->settings.suite;
	struct rmcp_exchange *exchange = &session->exchange;
	uint8_t payload[RMCP_OPEN_SIZE], id[5];
	struct rmcp_open open;

	memset(exchange, 0, sizeof(*exchange));
	exchange->suite = suite;
	exchange->role = (uint8_t)(session->settings.privilege | ROLE_NAME_ONLY);
	memcpy(exchange->name, session->settings.name, sizeof(exchange->name));
	/* Another id and tag each time: what comes late for a former session is not taken for ours.
	 */
	if (!session->random(id, sizeof(id), session->data) ||
			!session->random(exchange->console_random, RMCP_RANDOM, session->data)) {
		session_wait(session, now, SESSION_BROKEN, 0);
		return;
	}
	exchange->console = rmcp_get32(id) ? rmcp_get32(id) : 1;
	session->tag = id[4];
	session->rakp3_tag = (uint8_t)(id[4] + 2);
	open = (struct rmcp_open){.tag = session->tag,
			.console = exchange->console,
			.authentication = rmcp_suite_authentication(suite),
			.integrity = rmcp_suite_integrity(suite),
			.confidentiality = rmcp_suite_confidentiality(suite)};
	rmcp_open_write(&open, payload);
	set_up_send(session, now, RMCP_OPEN_REQUEST, STEP_OPEN, payload, sizeof(payload));
}

/* A refusal may leave out whom it is for; false when it is for somebody else. */
static bool set_up_refused(struct session *session, int64_t now, uint8_t status, uint32_t console)
{
	enum session_cause cause = SESSION_REFUSED;

	if (console != 0 && console != session->exchange.console)
		return false;
	switch (status) {
	case RMCP_NO_ROOM:
	case RMCP_NO_ROOM_FOR_ROLE:
		cause = SESSION_NO_ROOM;
		break;
	case RMCP_IDLE_SESSION:
	case RMCP_NO_SESSION: /* it forgot ours, or gave up waiting */
		cause = SESSION_SILENT;
		break;
	case RMCP_BAD_ROLE:
	case RMCP_BAD_PRIVILEGE:
	case RMCP_BAD_NAME:
		cause = SESSION_NAME;
		break;
	case RMCP_BAD_CODE:
		cause = SESSION_PASSWORD;
		break;
	case RMCP_BAD_AUTHENTICATION:
	case RMCP_BAD_INTEGRITY:
	case RMCP_BAD_CONFIDENTIALITY:
	case RMCP_NO_SUITE:
		cause = SESSION_SUITE;
		break;
	default:
		break;
	}
	session_wait(session, now, cause, status);
	return true;
}

/* --- Open Session --- */

static void set_up_rakp1(struct session *session, int64_t now)
{
	struct rmcp_rakp1 rakp = {.tag = ++session->tag,
			.bmc = session->exchange.bmc,
			.role = session->exchange.role};
	uint8_t payload[RMCP_RAKP1_MAX];
	size_t length;

	memcpy(rakp.random, session->exchange.console_random, RMCP_RANDOM);
	memcpy(rakp.name, session->exchange.name, sizeof(rakp.name));
	length = rmcp_rakp1_write(&rakp, payload);
	set_up_send(session, now, RMCP_RAKP1, STEP_RAKP2, payload, length);
}

static bool set_up_opened(struct session *session, int64_t now, const struct rmcp_packet *packet)
{
	enum rmcp_suite suite = session->settings.suite;
	struct rmcp_open_answer answer;

	/* It speaks RMCP+, though late: what it says of IPMI 1.5 does not matter any more. */
	if ((session->step != STEP_OPEN && session->step != STEP_ASK &&
			    session->step != STEP_CHALLENGE) ||
			!rmcp_open_answer_read(packet->payload, packet->length, &answer) ||
			answer.tag != session->tag)
		return false;
	if (answer.status != RMCP_GOOD)
		return set_up_refused(session, now, answer.status, answer.console);
	if (answer.console != session->exchange.console || answer.bmc == 0)
		return false;
	/* A weaker suite than asked for is none. */
	if (answer.authentication != rmcp_suite_authentication(suite) ||
			answer.integrity != rmcp_suite_integrity(suite) ||
			answer.confidentiality != rmcp_suite_confidentiality(suite)) {
		session_wait(session, now, SESSION_SUITE, 0);
		return true;
	}
	session->exchange.bmc = answer.bmc;
	set_up_rakp1(session, now);
	return true;
}

/* --- RAKP 2 --- */

static void set_up_rakp3(struct session *session, int64_t now)
{
	struct rmcp_exchange *exchange = &session->exchange;
	uint8_t code[RMCP_CODE_MAX], payload[RMCP_RAKP3_MAX];
	size_t length = rmcp_suite_exchange_code(exchange->suite);

	rmcp_keys_free(session->keys);
	session->keys = rmcp_keys_new(exchange, session->settings.password);
	if (!session->keys || !rmcp_rakp3_code(exchange, session->settings.password, code)) {
		session_wait(session, now, SESSION_BROKEN, 0);
		return;
	}
	session->rakp3_tag++; /* what comes to a former RAKP 3 does not count */
	length = rmcp_rakp3_write(session->rakp3_tag, exchange->bmc, code, length, payload);
	set_up_send(session, now, RMCP_RAKP3, STEP_RAKP4, payload, length);
}

static bool set_up_known(struct session *session, int64_t now, const struct rmcp_packet *packet)
{
	struct rmcp_exchange heard = session->exchange;
	uint8_t code[RMCP_CODE_MAX];
	struct rmcp_rakp2 rakp;

	if (session->step < STEP_RAKP2 ||
			!rmcp_rakp2_read(packet->payload, packet->length, &rakp) ||
			rakp.tag != session->tag)
		return false;
	if (rakp.status != RMCP_GOOD)
		return session->step == STEP_RAKP2 &&
		       set_up_refused(session, now, rakp.status, rakp.console);
	if (rakp.console != heard.console || rakp.length != rmcp_suite_exchange_code(heard.suite))
		return false;
	memcpy(heard.bmc_random, rakp.random, RMCP_RANDOM);
	memcpy(heard.guid, rakp.guid, RMCP_GUID);
	if (session->step == STEP_RAKP4 &&
			rmcp_same(heard.bmc_random, session->exchange.bmc_random, RMCP_RANDOM))
		return false;
	if (!rmcp_rakp2_code(&heard, session->settings.password, code)) {
		session_wait(session, now, SESSION_BROKEN, 0);
		return true;
	}
	if (!rmcp_same(code, rakp.code, rakp.length)) {
		/* Once it has proved to know the password, the wrong code is somebody else's. */
		if (session->step == STEP_RAKP4)
			return false;
		session_wait(session, now, SESSION_PASSWORD, 0);
		return true;
	}
	session->exchange = heard;
	set_up_rakp3(session, now);
	return true;
}

/* --- RAKP 4 --- */

static bool set_up_done(struct session *session, int64_t now, const struct rmcp_packet *packet)
{
	uint8_t code[RMCP_CODE_MAX];
	struct rmcp_rakp4 rakp;

	if (session->step != STEP_RAKP4 ||
			!rmcp_rakp4_read(packet->payload, packet->length, &rakp) ||
			rakp.tag != session->rakp3_tag)
		return false;
	if (rakp.status != RMCP_GOOD)
		return set_up_refused(session, now, rakp.status, rakp.console);
	if (rakp.console != session->exchange.console ||
			rakp.length != rmcp_suite_packet_code(session->settings.suite) ||
			!rmcp_rakp4_code(session->keys, &session->exchange, code) ||
			!rmcp_same(code, rakp.code, rakp.length))
		return false;
	session->step = STEP_NONE;
	session_numbers(session, 1, 0);
	session_ask_privilege(session, now);
	return true;
}

bool session_set_up(struct session *session, int64_t now, const struct rmcp_packet *packet)
{
	switch (packet->type) {
	case RMCP_OPEN_ANSWER:
		return set_up_opened(session, now, packet);
	case RMCP_RAKP2:
		return set_up_known(session, now, packet);
	case RMCP_RAKP4:
		return set_up_done(session, now, packet);
	default:
		return false;
	}
}

/* In the second half of the wait for Open Session the other question is asked: its answer takes
 * nothing from the time that this one has. */
void session_set_up_late(struct session *session, int64_t now)
{
	int64_t patience = SESSION_STEP_SECOND;

	if (session->step == STEP_ASK || session->step == STEP_CHALLENGE ||
			session->step == STEP_ACTIVATE) {
		session15_late(session, now);
		return;
	}
	if (session->step == STEP_OPEN)
		patience -= SESSION_STEP_ASK;
	if (session->tries < SESSION_TRIES)
		session_step_again(session, now, patience);
	else if (session->step == STEP_OPEN)
		session15_ask(session, now);
	else
		session_wait(session, now, SESSION_SILENT, 0);
}
