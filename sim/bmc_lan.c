/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "sim/bmc_lan_part.h"

/* RMCP's header (13.1.3). */
#define RMCP_VERSION   0x06
#define RMCP_NO_ACK    0xff
#define RMCP_CLASS_ASF 0x06
#define RMCP_PLUS      0x06 /* the session's format (13.6) */

/* ASF 2.0, 3.2.4: a head of 8 bytes behind RMCP's 4. */
#define ASF_SIZE      12
#define ASF_IANA      0xbe110000 /* 4542, big-endian */
#define ASF_PING      0x80
#define ASF_PONG      0x40
#define ASF_PONG_DATA 16
#define ASF_IPMI      0x81 /* IPMI is spoken; ASF 1.0 */

uint32_t bmc_lan_random(struct bmc_lan *lan)
{
	lan->seed = lan->seed * 1664525 + 1013904223;
	return lan->seed >> 8 | lan->counter++ << 24;
}

void bmc_lan_forget(struct bmc_lan_session *session)
{
	rmcp_keys_free(session->keys);
	memset(session, 0, sizeof(*session));
}

struct bmc_lan_session *bmc_lan_find(struct bmc_lan *lan, uint32_t id)
{
	for (size_t i = 0; i < BMC_LAN_SESSIONS; i++)
		if (lan->sessions[i].state != BMC_LAN_FREE && lan->sessions[i].exchange.bmc == id)
			return &lan->sessions[i];
	return NULL;
}

static void lan_expire(struct bmc_lan *lan, int64_t now)
{
	for (size_t i = 0; i < BMC_LAN_SESSIONS; i++)
		if (lan->sessions[i].state != BMC_LAN_FREE &&
				now - lan->sessions[i].used > BMC_LAN_IDLE)
			bmc_lan_forget(&lan->sessions[i]);
}

/* --- Presence --- */

static size_t lan_ping(struct bmc_lan *lan, const uint8_t *bytes, size_t size, uint8_t *out)
{
	if (size < ASF_SIZE || rmcp_get32(bytes + 4) != ASF_IANA || bytes[8] != ASF_PING) {
		lan->bad++;
		return 0;
	}
	lan->pings++;
	memset(out, 0, ASF_SIZE + ASF_PONG_DATA);
	out[0] = RMCP_VERSION;
	out[2] = RMCP_NO_ACK;
	out[3] = RMCP_CLASS_ASF;
	memcpy(out + 4, bytes + 4, 4);
	out[8] = ASF_PONG;
	out[9] = bytes[9]; /* the tag */
	out[11] = ASF_PONG_DATA;
	memcpy(out + 12, bytes + 4, 4);
	out[20] = ASF_IPMI;
	return ASF_SIZE + ASF_PONG_DATA;
}

/* --- Messages --- */

size_t bmc_lan_message(
		const struct rmcp_message *asked, const uint8_t *data, size_t length, uint8_t *out)
{
	const struct rmcp_message answer = {.to = asked->from,
			.from = asked->to,
			.netfn = asked->netfn | 1,
			.to_lun = asked->from_lun,
			.from_lun = asked->to_lun,
			.sequence = asked->sequence,
			.command = asked->command,
			.data = data,
			.length = length};

	return rmcp_message_write(&answer, out);
}

/* In clear. out has room behind a head; returns the length of the answer's message. */
static size_t lan_bare(struct bmc_lan *lan, const uint8_t *bytes, size_t size, uint8_t *out)
{
	struct rmcp_message message;
	uint8_t data[RMCP_DATA_MAX];
	size_t length;

	if (!rmcp_message_read(bytes, size, &message)) {
		lan->bad++;
		return 0;
	}
	if (!bmc_lan_ask_bare(lan, &message, data, &length)) {
		lan->bare++;
		return 0;
	}
	return bmc_lan_message(&message, data, length, out);
}

/* A number is good once, and near the others (6.12.13). */
static bool lan_fresh(struct bmc_lan_session *session, uint32_t number)
{
	uint32_t ahead = number - session->highest, behind = session->highest - number;

	if (number == 0)
		return false;
	if (ahead != 0 && ahead <= BMC_LAN_WINDOW) {
		session->seen = session->seen << ahead | 1;
		session->highest = number;
		return true;
	}
	if (behind >= BMC_LAN_WINDOW || session->seen >> behind & 1)
		return false;
	session->seen |= UINT32_C(1) << behind;
	return true;
}

static size_t lan_seal(struct bmc_lan *lan, struct bmc_lan_session *session, const uint8_t *message,
		size_t length, uint8_t *out)
{
	uint8_t vector[RMCP_BLOCK];
	size_t size;

	for (size_t i = 0; i < sizeof(vector); i += 4)
		rmcp_put32(vector + i, bmc_lan_random(lan));
	size = rmcp_seal(session->keys, session->exchange.console, ++session->sent, vector, message,
			length, out);
	if (size && lan->damage)
		out[size - 1] ^= 0x01;
	return size;
}

static size_t lan_session(
		struct bmc_lan *lan, int64_t now, const uint8_t *bytes, size_t size, uint8_t *out)
{
	struct bmc_lan_session *session = bmc_lan_find(lan, rmcp_get32(bytes + 6));
	uint8_t plain[RMCP_PLAIN_MAX], data[RMCP_DATA_MAX], answer[RMCP_PLAIN_MAX];
	struct rmcp_message message;
	struct rmcp_packet packet;
	size_t length = 0;

	if (!session || session->old || session->state != BMC_LAN_UP)
		return 0; /* it may be one of before a reset */
	if (rmcp_read(bytes, size, rmcp_suite_packet_code(session->exchange.suite), &packet))
		length = rmcp_unseal(session->keys, &packet, plain);
	if (length == 0 || !rmcp_message_read(plain, length, &message)) {
		lan->bad++;
		return 0;
	}
	if (!lan_fresh(session, packet.sequence)) {
		lan->repeated++;
		return 0;
	}
	session->used = now;
	lan->commands++;
	length = bmc_lan_ask(lan, session, &message, data);
	if (!session->keys) /* the request has reset it */
		return 0;
	if (length)
		length = bmc_lan_message(&message, data, length, answer);
	if (length)
		length = lan_seal(lan, session, answer, length, out);
	if (session->state != BMC_LAN_UP) /* that was its last word */
		bmc_lan_forget(session);
	return length;
}

size_t bmc_lan_packet(
		struct bmc_lan *lan, int64_t now, const uint8_t *bytes, size_t size, uint8_t *out)
{
	struct rmcp_packet packet;
	size_t length;

	lan->packets++;
	lan_expire(lan, now);
	if (size < 4 || bytes[0] != RMCP_VERSION) {
		lan->bad++;
		return 0;
	}
	if (bytes[3] == RMCP_CLASS_ASF)
		return lan_ping(lan, bytes, size, out);
	if (size > 4 && bytes[4] != RMCP_PLUS)
		return bmc_lan_old(lan, now, bytes, size, out);
	if (lan->old)
		return 0;
	if (size >= RMCP_HEAD && rmcp_get32(bytes + 6) != 0)
		return lan_session(lan, now, bytes, size, out);
	if (!rmcp_read(bytes, size, 0, &packet) || packet.authenticated || packet.encrypted) {
		lan->bad++;
		return 0;
	}
	if (packet.type != RMCP_MESSAGE)
		return bmc_lan_set_up(lan, now, &packet, out);
	length = lan_bare(lan, packet.payload, packet.length, out + RMCP_HEAD);
	if (length == 0)
		return 0;
	rmcp_head(out, RMCP_MESSAGE, 0, 0, length);
	return RMCP_HEAD + length;
}

size_t bmc_lan_up(const struct bmc_lan *lan)
{
	size_t count = 0;

	for (size_t i = 0; i < BMC_LAN_SESSIONS; i++)
		count += lan->sessions[i].state == BMC_LAN_UP;
	return count;
}

void bmc_lan_reset(struct bmc_lan *lan)
{
	for (size_t i = 0; i < BMC_LAN_SESSIONS; i++)
		bmc_lan_forget(&lan->sessions[i]);
}
