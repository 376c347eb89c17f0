/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IPMI 1.5 as a BMC speaks it (22.13, 22.16, 22.17): what is told in clear, and sessions by MD5. */
#include <string.h>
#include "rack/lan15.h"
#include "sim/bmc_lan_part.h"

#define NETFN_APP        0x06
#define APP_CAPABILITIES 0x38
#define APP_CHALLENGE    0x39
#define APP_ACTIVATE     0x3a

#define CODE_GOOD     0x00
#define CODE_FIELD    0xcc
#define CODE_LENGTH   0xc7
#define CODE_NO_NAME  0x81 /* 22.16 */
#define CODE_NO_ROOM  0x81 /* 22.17 */
#define CODE_PASSWORD 0xd4

#define CHANNEL       1
#define ADMINISTRATOR 4
#define WINDOW        8 /* 6.12.12 */

/* Kinds of authentication (22.13), and their status. */
#define KINDS_MD5      0x04
#define KINDS_PASSWORD 0x10
#define STATUS_NAMES   0x04
#define STATUS_FIRST   0x10

static size_t old_code(uint8_t code, uint8_t *data)
{
	data[0] = code;
	return 1;
}

/* --- In clear --- */

static size_t old_capabilities(
		const struct bmc_lan *lan, const struct rmcp_message *message, uint8_t *data)
{
	if (message->length != 2)
		return old_code(CODE_LENGTH, data);
	if ((lan->old & BMC_LAN_OLD_STRICT) && (message->data[0] & 0x80))
		return old_code(CODE_FIELD, data);
	memset(data, 0, 9);
	data[1] = CHANNEL;
	data[2] = lan->old & BMC_LAN_OLD_NO_MD5 ? KINDS_PASSWORD : KINDS_MD5 | KINDS_PASSWORD;
	data[3] = STATUS_NAMES | (lan->old & BMC_LAN_OLD_FIRST ? STATUS_FIRST : 0);
	return 9;
}

/* Free, or the oldest that has not come up. */
static struct bmc_lan_session *old_place(struct bmc_lan *lan)
{
	size_t limit = lan->limit && lan->limit < BMC_LAN_SESSIONS ? lan->limit : BMC_LAN_SESSIONS;
	struct bmc_lan_session *found = NULL;

	for (size_t i = 0; i < limit; i++) {
		struct bmc_lan_session *session = &lan->sessions[i];

		if (session->state == BMC_LAN_FREE)
			return session;
		if (session->state != BMC_LAN_UP && (!found || session->used < found->used))
			found = session;
	}
	return found;
}

static size_t old_challenge(
		struct bmc_lan *lan, int64_t now, const struct rmcp_message *message, uint8_t *data)
{
	struct bmc_lan_session *session = old_place(lan);
	uint8_t asked[LAN15_NAME_SIZE];

	lan->challenges++;
	if (message->length != sizeof(asked))
		return old_code(CODE_LENGTH, data);
	lan15_name_write(lan->name, asked);
	if (memcmp(asked, message->data, sizeof(asked)) != 0)
		return old_code(message->data[0] == asked[0] ? CODE_NO_NAME : CODE_FIELD, data);
	if (!session)
		return old_code(0xc4, data);
	bmc_lan_forget(session);
	session->state = BMC_LAN_OPENED;
	session->old = true;
	session->used = now;
	session->exchange.bmc = (uint32_t)(session - lan->sessions + 1) | ++lan->counter << 8;
	session->temporary = session->exchange.bmc;
	for (size_t i = 0; i < sizeof(session->challenge); i += 4)
		rmcp_put32(session->challenge + i, bmc_lan_random(lan));
	data[0] = CODE_GOOD;
	rmcp_put32(data + 1, session->exchange.bmc);
	memcpy(data + 5, session->challenge, LAN15_CHALLENGE);
	return 5 + LAN15_CHALLENGE;
}

static size_t old_clear(
		struct bmc_lan *lan, int64_t now, const struct lan15_packet *packet, uint8_t *out)
{
	uint8_t data[RMCP_DATA_MAX], answer[RMCP_PLAIN_MAX];
	struct rmcp_message message;
	size_t length;

	if (!rmcp_message_read(packet->message, packet->length, &message)) {
		lan->bad++;
		return 0;
	}
	if (lan->old && message.netfn == NETFN_APP && message.command == APP_CAPABILITIES)
		length = old_capabilities(lan, &message, data);
	else if (lan->old && message.netfn == NETFN_APP && message.command == APP_CHALLENGE)
		length = old_challenge(lan, now, &message, data);
	else if (!bmc_lan_ask_bare(lan, &message, data, &length)) {
		lan->bare++;
		return 0;
	}
	length = bmc_lan_message(&message, data, length, answer);
	return lan15_write(answer, length, out);
}

/* --- Signed --- */

static size_t old_seal(struct bmc_lan *lan, uint32_t session, uint32_t number,
		const struct rmcp_message *asked, const uint8_t *data, size_t length, uint8_t *out)
{
	uint8_t answer[RMCP_PLAIN_MAX];
	size_t size = bmc_lan_message(asked, data, length, answer);

	size = lan15_seal(lan->password, session, number, answer, size, out);
	if (size && lan->damage)
		out[LAN15_HEAD - 1] ^= 0x01; /* the code's first byte */
	return size;
}

static void old_up(struct bmc_lan *lan, struct bmc_lan_session *session,
		const struct rmcp_message *message)
{
	session->state = BMC_LAN_UP;
	session->most = message->data[1] < ADMINISTRATOR ? message->data[1] : ADMINISTRATOR;
	/* Another number than before, as it should be. */
	session->exchange.bmc = session->temporary ^ UINT32_C(0x80000000);
	session->highest = bmc_lan_random(lan);
	session->seen = UINT32_MAX;
	lan->ups++;
}

/* A repeated request has the same answer. */
static size_t old_activate(struct bmc_lan *lan, int64_t now, struct bmc_lan_session *session,
		const struct rmcp_message *message, uint8_t *out)
{
	uint8_t data[11] = {CODE_GOOD};

	lan->activates++;
	if (message->netfn != NETFN_APP || message->command != APP_ACTIVATE ||
			message->length != LAN15_ACTIVATE_SIZE || message->data[0] != LAN15_MD5 ||
			memcmp(message->data + 2, session->challenge, LAN15_CHALLENGE) != 0) {
		lan->bad++;
		return 0;
	}
	session->sent = rmcp_get32(message->data + 2 + LAN15_CHALLENGE);
	session->used = now;
	if (lan->status)
		return old_seal(lan, session->temporary, session->sent, message, &lan->status, 1,
				out);
	if (session->state != BMC_LAN_UP)
		old_up(lan, session, message);
	data[1] = lan->old & BMC_LAN_OLD_NONE ? LAN15_NONE : LAN15_MD5;
	rmcp_put32(data + 2, session->exchange.bmc);
	rmcp_put32(data + 6, session->highest + 1);
	data[10] = session->most;
	return old_seal(lan, session->temporary, session->sent, message, data, sizeof(data), out);
}

/* A number is good once, and near the others. */
static bool old_is_fresh(struct bmc_lan_session *session, uint32_t number)
{
	uint32_t ahead = number - session->highest, behind = session->highest - number;

	if (ahead != 0 && ahead <= WINDOW) {
		session->seen = session->seen << ahead | 1;
		session->highest = number;
		return true;
	}
	if (behind >= WINDOW || session->seen >> behind & 1)
		return false;
	session->seen |= UINT32_C(1) << behind;
	return true;
}

static size_t old_ask(struct bmc_lan *lan, int64_t now, struct bmc_lan_session *session,
		const struct rmcp_message *message, uint8_t *out)
{
	uint32_t id = session->exchange.bmc, number = session->sent;
	uint8_t data[RMCP_DATA_MAX];
	size_t length;

	session->used = now;
	if (!(lan->old & BMC_LAN_OLD_REPEATS))
		session->sent++;
	lan->commands++;
	length = bmc_lan_ask(lan, session, message, data);
	if (length == 0)
		return 0;
	/* The session may be closed, or gone, by now: its last word is of it all the same. */
	return old_seal(lan, id, number, message, data, length, out);
}

static size_t old_refuse(struct bmc_lan *lan, const struct lan15_packet *packet, uint8_t *out)
{
	static const uint8_t code = CODE_PASSWORD;
	struct rmcp_message message;
	uint8_t answer[RMCP_PLAIN_MAX];

	lan->logins++;
	if (!(lan->old & BMC_LAN_OLD_TELLS) ||
			!rmcp_message_read(packet->message, packet->length, &message))
		return 0;
	return lan15_write(answer, bmc_lan_message(&message, &code, 1, answer), out);
}

/* By its number, or that which it had first. */
static struct bmc_lan_session *old_find(struct bmc_lan *lan, uint32_t id)
{
	for (size_t i = 0; i < BMC_LAN_SESSIONS; i++) {
		struct bmc_lan_session *session = &lan->sessions[i];

		if (session->state != BMC_LAN_FREE && session->old &&
				(session->exchange.bmc == id || session->temporary == id))
			return session;
	}
	return NULL;
}

static size_t old_signed(
		struct bmc_lan *lan, int64_t now, const struct lan15_packet *packet, uint8_t *out)
{
	struct bmc_lan_session *session = old_find(lan, packet->session);
	struct rmcp_message message;
	size_t size;

	if (!session)
		return 0; /* it may be one of before a reset */
	if (!lan15_is_signed(lan->password, packet))
		return old_refuse(lan, packet, out);
	if (!rmcp_message_read(packet->message, packet->length, &message)) {
		lan->bad++;
		return 0;
	}
	if (packet->session == session->temporary)
		return old_activate(lan, now, session, &message, out);
	if (!old_is_fresh(session, packet->sequence)) {
		lan->repeated++;
		return 0;
	}
	size = old_ask(lan, now, session, &message, out);
	if (session->state != BMC_LAN_UP) /* that was its last word */
		bmc_lan_forget(session);
	return size;
}

size_t bmc_lan_old(
		struct bmc_lan *lan, int64_t now, const uint8_t *bytes, size_t size, uint8_t *out)
{
	struct lan15_packet packet;

	if (!lan15_read(bytes, size, &packet)) {
		lan->bad++;
		return 0;
	}
	if (packet.kind == LAN15_NONE)
		return old_clear(lan, now, &packet, out);
	return old_signed(lan, now, &packet, out);
}
