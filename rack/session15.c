/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sessions of IPMI 1.5 (22.13, 22.16, 22.17), for BMCs that have nothing better. A BMC that has no
 * answer to Open Session is asked what it speaks, in clear as all of this is. Only when that is
 * IPMI 1.5 alone is there a session, if the settings allow one; each packet of it is signed by MD5,
 * from Activate Session on. A BMC that wants it otherwise gets none.
 */
#include <string.h>
#include "rack/session_part.h"

#define NETFN_APP        6
#define APP_CAPABILITIES 0x38
#define APP_CHALLENGE    0x39
#define APP_ACTIVATE     0x3a

/* Completion codes of Get Session Challenge (22.16), Activate Session (22.17), and of all (5.2). */
#define CHALLENGE_NO_NAME      0x81
#define CHALLENGE_NO_NULL      0x82
#define ACTIVATE_NO_ROOM       0x81
#define ACTIVATE_NO_USER_ROOM  0x82
#define ACTIVATE_NO_LEVEL_ROOM 0x83
#define ACTIVATE_NO_PRIVILEGE  0x86
#define CODE_NO_SPACE          0xc4

static void session15_make(
		struct session *session, uint8_t command, const uint8_t *data, size_t length)
{
	struct rmcp_message message = {.to = RMCP_ADDRESS_BMC,
			.from = RMCP_ADDRESS_CONSOLE,
			.netfn = NETFN_APP,
			.command = command,
			.data = data,
			.length = length};

	session->sequence = (session->sequence + 1) & 0x3f;
	message.sequence = session->sequence;
	session->message_size = rmcp_message_write(&message, session->message);
}

/* --- What it speaks --- */

static void session15_question(struct session *session, int64_t now, bool extended)
{
	uint8_t data[LAN15_ASK_SIZE];

	session->extended = extended;
	lan15_ask_write(extended, (uint8_t)session->settings.privilege, data);
	session15_make(session, APP_CAPABILITIES, data, sizeof(data));
	session->repeat_size = lan15_write(
			session->message, session->message_size, session->repeat);
	session_step(session, now, STEP_ASK);
}

/* The number in the message is all that tells an answer to it: it begins anywhere. */
void session15_ask(struct session *session, int64_t now)
{
	uint8_t any;

	if (session->random(&any, sizeof(any), session->data))
		session->sequence = any & 0x3f;
	session15_question(session, now, true);
	session->deadline = now + SESSION_STEP_ASK;
}

static void session15_challenge(struct session *session, int64_t now)
{
	uint8_t data[LAN15_NAME_SIZE];

	lan15_name_write(session->settings.name, data);
	session15_make(session, APP_CHALLENGE, data, sizeof(data));
	session->repeat_size = lan15_write(
			session->message, session->message_size, session->repeat);
	session_step(session, now, STEP_CHALLENGE);
}

static bool session15_speaks(struct session *session, int64_t now, const uint8_t *data, size_t size)
{
	struct lan15_capabilities told;

	if (!lan15_capabilities_read(data, size, &told))
		return false;
	if (told.code && session->extended)
		session15_question(session, now, false);
	else if (told.code)
		session_wait(session, now, SESSION_REFUSED, told.code);
	else if (told.plus)
		session->tries = SESSION_TRIES; /* its answer to Open Session may still come */
	else if (!session->settings.ipmi15)
		session_wait(session, now, SESSION_OLD, 0);
	else if (!told.md5 || !told.per_message)
		session_wait(session, now, SESSION_UNSIGNED, 0);
	else
		session15_challenge(session, now);
	return true;
}

/* --- Get Session Challenge --- */

static void session15_activate(struct session *session, int64_t now)
{
	const struct lan15_challenge *granted = &session->granted;
	uint8_t data[LAN15_ACTIVATE_SIZE], random[4];

	if (!session->random(random, sizeof(random), session->data)) {
		session_wait(session, now, SESSION_BROKEN, 0);
		return;
	}
	/* Neither 0 nor 1, so that there is a number before it; half of all are left above. */
	session->first = (rmcp_get32(random) & UINT32_C(0x7fffffff)) | 2;
	lan15_activate_write((uint8_t)session->settings.privilege, granted->challenge,
			session->first, data);
	session15_make(session, APP_ACTIVATE, data, sizeof(data));
	session->repeat_size = lan15_seal(session->settings.password, granted->session, 0,
			session->message, session->message_size, session->repeat);
	if (session->repeat_size == 0)
		session_wait(session, now, SESSION_BROKEN, 0);
	else
		session_step(session, now, STEP_ACTIVATE);
}

static bool session15_challenged(
		struct session *session, int64_t now, const uint8_t *data, size_t size)
{
	struct lan15_challenge told;

	if (!lan15_challenge_read(data, size, &told))
		return false;
	switch (told.code) {
	case 0:
		session->granted = told;
		session15_activate(session, now);
		break;
	case CHALLENGE_NO_NAME:
	case CHALLENGE_NO_NULL:
		session_wait(session, now, SESSION_NAME, told.code);
		break;
	case CODE_NO_SPACE:
		session_wait(session, now, SESSION_NO_ROOM, told.code);
		break;
	default:
		session_wait(session, now, SESSION_REFUSED, told.code);
		break;
	}
	return true;
}

/* --- Activate Session --- */

/* A BMC with the same password would have signed what it says. */
static enum session_cause session15_cause(uint8_t code, bool is_signed)
{
	switch (code) {
	case ACTIVATE_NO_ROOM:
	case ACTIVATE_NO_USER_ROOM:
	case ACTIVATE_NO_LEVEL_ROOM:
	case CODE_NO_SPACE:
		return SESSION_NO_ROOM;
	case ACTIVATE_NO_PRIVILEGE:
		return SESSION_NAME;
	default:
		return is_signed ? SESSION_REFUSED : SESSION_PASSWORD;
	}
}

static bool session15_active(struct session *session, int64_t now, bool is_signed,
		const uint8_t *data, size_t size)
{
	struct lan15_session told;

	if (!lan15_session_read(data, size, &told))
		return false;
	if (told.code) {
		session_wait(session, now, session15_cause(told.code, is_signed), told.code);
		return true;
	}
	if (!is_signed || told.session == 0)
		return false;
	/* It would take requests of anybody, and we answers. What it has begun ends by itself. */
	if (told.kind != LAN15_MD5) {
		session_wait(session, now, SESSION_UNSIGNED, 0);
		return true;
	}
	session->old = true;
	session->step = STEP_NONE;
	session->exchange.bmc = told.session;
	session_numbers(session, told.first ? told.first : 1, session->first);
	session_ask_privilege(session, now);
	return true;
}

/* --- Packets --- */

bool session15_seal(struct session *session)
{
	session->packet_size = lan15_seal(session->settings.password, session->exchange.bmc,
			session->sent, session->message, session->message_size, session->packet);
	return session->packet_size > 0;
}

static bool session15_set_up(
		struct session *session, int64_t now, const struct lan15_packet *packet)
{
	bool is_signed = lan15_is_signed(session->settings.password, packet);
	struct rmcp_message message;

	if ((packet->code && !is_signed) ||
			!rmcp_message_read(packet->message, packet->length, &message) ||
			message.netfn != (NETFN_APP | 1) || message.sequence != session->sequence)
		return false;
	if (session->step == STEP_ASK && message.command == APP_CAPABILITIES)
		return session15_speaks(session, now, message.data, message.length);
	if (session->step == STEP_CHALLENGE && message.command == APP_CHALLENGE)
		return session15_challenged(session, now, message.data, message.length);
	if (session->step == STEP_ACTIVATE && message.command == APP_ACTIVATE)
		return session15_active(session, now, is_signed, message.data, message.length);
	return false;
}

bool session15_packet(struct session *session, int64_t now, const struct lan15_packet *packet)
{
	if (session->step == STEP_ASK || session->step == STEP_CHALLENGE ||
			session->step == STEP_ACTIVATE)
		return session15_set_up(session, now, packet);
	if (!session->old || packet->session != session->exchange.bmc ||
			!lan15_is_signed(session->settings.password, packet))
		return false;
	memcpy(session->plain, packet->message, packet->length);
	return session_heard(session, now, packet->sequence, packet->length);
}

/* Who may not have a session of this is told that the BMC is silent as soon as ever. */
void session15_late(struct session *session, int64_t now)
{
	bool again = session->tries < SESSION_TRIES &&
		     (session->step != STEP_ASK || session->settings.ipmi15);

	if (again)
		session_step_again(session, now, SESSION_STEP_SECOND);
	else if (session->step == STEP_ACTIVATE)
		session_wait(session, now, SESSION_UNHEARD, 0);
	else
		session_wait(session, now, SESSION_SILENT, 0);
}
