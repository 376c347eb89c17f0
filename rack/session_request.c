/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests in a session. They are repeated with their message's sequence number and a new one of
 * the packet, so that a BMC can tell a repetition from another request; either answer is good.
 */
#include <string.h>
#include "rack/session_part.h"

/* Application commands (22.18, 22.19, 20.1). */
#define NETFN_APP         6
#define APP_GET_DEVICE_ID 0x01
#define APP_SET_PRIVILEGE 0x3b
#define APP_CLOSE_SESSION 0x3c

#define CODE_GOOD 0x00

/* Seals the message; the one place where packets of a session are made. */
static bool request_seal(struct session *session)
{
	uint8_t vector[RMCP_BLOCK];

	session->sent = session->sent == UINT32_MAX ? 1 : session->sent + 1;
	if (session->old)
		return session15_seal(session);
	if (!session->random(vector, sizeof(vector), session->data))
		return false;
	session->packet_size = rmcp_seal(session->keys, session->exchange.bmc, session->sent,
			vector, session->message, session->message_size, session->packet);
	return session->packet_size > 0;
}

/* The privilege is a step of the set-up, where BMCs may be slow. */
static int64_t request_patience(const struct session *session)
{
	if (session->asked != ASKED_PRIVILEGE)
		return SESSION_REQUEST;
	return session->tries == 0 ? SESSION_STEP_FIRST : SESSION_STEP_SECOND;
}

static void request_send(struct session *session, int64_t now)
{
	if (!request_seal(session)) {
		session_wait(session, now, SESSION_BROKEN, 0);
		return;
	}
	session->deadline = now + request_patience(session);
	session->tries++;
}

static void request_make(struct session *session, const struct session_request *request)
{
	struct rmcp_message message = {.to = RMCP_ADDRESS_BMC,
			.from = RMCP_ADDRESS_CONSOLE,
			.netfn = request->netfn & 0x3e,
			.to_lun = request->lun,
			.command = request->command,
			.data = request->data,
			.length = request->length};

	session->sequence = (session->sequence + 1) & 0x3f;
	message.sequence = session->sequence;
	session->message_size = rmcp_message_write(&message, session->message);
	session->netfn = message.netfn;
	session->command = message.command;
	session->tries = 0;
}

static void request_ask(struct session *session, int64_t now, enum session_asked asked,
		const struct session_request *request)
{
	session->asked = asked;
	request_make(session, request);
	request_send(session, now);
}

void session_ask_privilege(struct session *session, int64_t now)
{
	uint8_t privilege = (uint8_t)session->settings.privilege;
	const struct session_request request = {.netfn = NETFN_APP,
			.command = APP_SET_PRIVILEGE,
			.data = &privilege,
			.length = 1};

	request_ask(session, now, ASKED_PRIVILEGE, &request);
}

void session_ask_close(struct session *session, int64_t now)
{
	uint8_t id[4];
	const struct session_request request = {.netfn = NETFN_APP,
			.command = APP_CLOSE_SESSION,
			.data = id,
			.length = sizeof(id)};

	rmcp_put32(id, session->exchange.bmc);
	request_ask(session, now, ASKED_CLOSE, &request);
}

/*
 * A session that is given up is closed without waiting for the answer: a BMC has few of them. The
 * packet stays to be sent.
 */
static void request_give_up(
		struct session *session, int64_t now, enum session_cause cause, uint8_t status)
{
	session_drop(session);
	session_ask_close(session, now);
	if (session->state != SESSION_WAITING)
		session_wait(session, now, cause, status);
}

bool session_ask(struct session *session, int64_t now, const struct session_request *request)
{
	size_t most = session->old ? LAN15_DATA_MAX : RMCP_DATA_MAX;

	if (session->state != SESSION_UP || request->length > most || session->held)
		return false;
	if (session->asked == ASKED_NOTHING) {
		request_ask(session, now, ASKED_BY_CALLER, request);
		return true;
	}
	if (session->asked != ASKED_IDLE)
		return false;
	session->hold = *request;
	session->hold.data = session->hold_data;
	if (request->length)
		memcpy(session->hold_data, request->data, request->length);
	session->held = true;
	return true;
}

/* What waited for a request of ours is next. */
static void request_next(struct session *session, int64_t now)
{
	if (!session->held || session->state != SESSION_UP)
		return;
	session->held = false;
	request_ask(session, now, ASKED_BY_CALLER, &session->hold);
}

/* --- Answers --- */

/* Of our first packet and the BMC's; 0: any. */
void session_numbers(struct session *session, uint32_t ours, uint32_t theirs)
{
	session->sent = ours - 1;
	session->highest = theirs == 0 ? 0 : theirs - 1;
	session->seen = theirs == 0 ? 0 : UINT32_MAX; /* nothing came before */
	session->misses = 0;
}

/* A sequence number is good once, if it is not too old (6.12.13). */
static bool request_fresh(struct session *session, uint32_t number)
{
	uint32_t ahead = number - session->highest, behind = session->highest - number;

	if (number == 0)
		return false;
	if (session->highest == 0 || (ahead != 0 && ahead < UINT32_C(0x80000000))) {
		session->seen = session->highest != 0 && ahead < SESSION_WINDOW
						? session->seen << ahead | 1
						: 1;
		session->highest = number;
		return true;
	}
	if (behind >= SESSION_WINDOW || session->seen >> behind & 1)
		return false;
	session->seen |= UINT32_C(1) << behind;
	return true;
}

static void request_privileged(struct session *session, int64_t now, uint8_t code)
{
	if (code != CODE_GOOD) {
		request_give_up(session, now, SESSION_NAME, code);
		return;
	}
	session->up_since = now;
	session_turn(session, SESSION_UP, SESSION_FINE, 0);
	session->deadline = now + SESSION_IDLE;
}

static void request_answered(struct session *session, int64_t now, size_t length)
{
	enum session_asked asked = session->asked;
	uint8_t code = session->plain[SESSION_ANSWER_DATA - 1];

	session->asked = ASKED_NOTHING;
	session->misses = 0;
	session->deadline = now + SESSION_IDLE;
	switch (asked) {
	case ASKED_PRIVILEGE:
		request_privileged(session, now, code);
		break;
	case ASKED_BY_CALLER:
		session->answered = true;
		session->answer_size = length - 1;
		break;
	case ASKED_CLOSE:
		session_closed(session);
		break;
	case ASKED_IDLE:
	case ASKED_NOTHING:
		break;
	}
	if (session->state == SESSION_UP && now - session->up_since >= SESSION_SOLID)
		session->delay = 0;
	request_next(session, now);
}

bool session_heard(struct session *session, int64_t now, uint32_t number, size_t length)
{
	struct rmcp_message message;

	if (!request_fresh(session, number))
		return false;
	if (!rmcp_message_read(session->plain, length, &message) || message.length < 1)
		return false;
	if (session->asked == ASKED_NOTHING || message.netfn != (session->netfn | 1) ||
			message.sequence != session->sequence ||
			message.command != session->command)
		return false;
	request_answered(session, now, message.length);
	return true;
}

bool session_message(struct session *session, int64_t now, const struct rmcp_packet *packet)
{
	size_t length;

	if (!session->keys || session->step != STEP_NONE ||
			packet->session != session->exchange.console)
		return false;
	length = rmcp_unseal(session->keys, packet, session->plain);
	return length > 0 && session_heard(session, now, packet->sequence, length);
}

/* --- Time --- */

static void request_idle(struct session *session, int64_t now)
{
	const struct session_request request = {.netfn = NETFN_APP, .command = APP_GET_DEVICE_ID};

	request_ask(session, now, ASKED_IDLE, &request);
}

void session_request_late(struct session *session, int64_t now)
{
	if (session->asked == ASKED_NOTHING) {
		request_idle(session, now);
		return;
	}
	if (session->tries < SESSION_TRIES) {
		request_send(session, now);
		return;
	}
	if (session->asked == ASKED_CLOSE) {
		session_closed(session);
		return;
	}
	session->misses++;
	if (session->asked == ASKED_PRIVILEGE || session->misses >= SESSION_MISSES) {
		request_give_up(session, now, SESSION_LOST, 0);
		return;
	}
	/* The next request tells; if there is none, ours does at once. */
	if (session->asked == ASKED_BY_CALLER)
		session->failed = true;
	session->asked = ASKED_NOTHING;
	session->deadline = now;
	request_next(session, now);
}
