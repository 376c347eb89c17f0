/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Open Session and RAKP 1 to 4 as a BMC answers them (13.17 to 13.23). */
#include <string.h>
#include "sim/bmc_lan_part.h"

#define OPEN_ANSWER   36
#define RAKP1_LEAST   28
#define RAKP2_LEAST   40
#define RAKP4_LEAST   8
#define REFUSAL       8
#define ROLE          0x0f /* the privilege in RAKP 1's role; bit 4: the name alone counts */
#define ADMINISTRATOR 4

static size_t set_up_answer(struct bmc_lan *lan, enum rmcp_type type, const uint8_t *payload,
		size_t length, uint8_t *out)
{
	if (lan->cut && lan->cut_type == type)
		length -= lan->cut < length ? lan->cut : length;
	rmcp_head(out, type, 0, 0, length);
	memcpy(out + RMCP_HEAD, payload, length);
	return RMCP_HEAD + length;
}

static size_t set_up_refuse(struct bmc_lan *lan, enum rmcp_type type, uint8_t tag, uint8_t status,
		uint32_t console, uint8_t *out)
{
	uint8_t payload[REFUSAL] = {tag, status};

	rmcp_put32(payload + 4, console);
	return set_up_answer(lan, type, payload, sizeof(payload), out);
}

/* --- Open Session --- */

/* Which of ours it is; 0: none. */
static unsigned int open_suite(const struct bmc_lan *lan, const uint8_t *bytes)
{
	static const enum rmcp_suite suites[] = {RMCP_SUITE_3, RMCP_SUITE_17};
	unsigned int offered = lan->suites ? lan->suites : BMC_LAN_SUITES;

	for (size_t kind = 0; kind < 3; kind++)
		if (bytes[8 + 8 * kind] != kind)
			return 0;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if ((offered & BMC_LAN_SUITE(suites[i])) &&
				bytes[12] == rmcp_suite_authentication(suites[i]) &&
				bytes[20] == rmcp_suite_integrity(suites[i]) &&
				bytes[28] == rmcp_suite_confidentiality(suites[i]))
			return suites[i];
	return 0;
}

/* The one that the same console has begun, a free one, or the oldest that is not up. */
static struct bmc_lan_session *open_place(struct bmc_lan *lan, uint32_t console)
{
	size_t limit = lan->limit && lan->limit < BMC_LAN_SESSIONS ? lan->limit : BMC_LAN_SESSIONS;
	struct bmc_lan_session *found = NULL;

	for (size_t i = 0; i < limit; i++) {
		struct bmc_lan_session *session = &lan->sessions[i];

		if (session->state == BMC_LAN_UP)
			continue;
		if (session->state == BMC_LAN_OPENED && session->exchange.console == console)
			return session;
		if (!found || (found->state != BMC_LAN_FREE &&
					      (session->state == BMC_LAN_FREE ||
							      session->used < found->used)))
			found = session;
	}
	return found;
}

/* A repeated request has the same answer. */
static void open_begin(struct bmc_lan *lan, struct bmc_lan_session *session, enum rmcp_suite suite,
		uint32_t console)
{
	struct rmcp_exchange *exchange = &session->exchange;

	if (session->state == BMC_LAN_OPENED && exchange->console == console &&
			exchange->suite == suite)
		return;
	bmc_lan_forget(session);
	session->state = BMC_LAN_OPENED;
	exchange->suite = suite;
	exchange->console = console;
	/* None that was before: late packets are known for what they are. */
	exchange->bmc = (uint32_t)(session - lan->sessions + 1) | ++lan->counter << 8;
	memcpy(exchange->guid, lan->guid, RMCP_GUID);
}

static size_t set_up_open(
		struct bmc_lan *lan, int64_t now, const uint8_t *bytes, size_t size, uint8_t *out)
{
	uint8_t payload[OPEN_ANSWER] = {0}, status = lan->status;
	struct bmc_lan_session *session;
	unsigned int suite;
	uint32_t console;

	lan->opens++;
	if (size != RMCP_OPEN_SIZE)
		return 0;
	console = rmcp_get32(bytes + 4);
	suite = open_suite(lan, bytes);
	session = open_place(lan, console);
	if (!status && !suite)
		status = RMCP_NO_SUITE;
	if (!status && !session)
		status = RMCP_NO_ROOM;
	if (status)
		return set_up_refuse(lan, RMCP_OPEN_ANSWER, bytes[0], status, console, out);
	open_begin(lan, session, (enum rmcp_suite)suite, console);
	session->used = now;
	payload[0] = bytes[0];
	payload[2] = ADMINISTRATOR;
	rmcp_put32(payload + 4, console);
	rmcp_put32(payload + 8, session->exchange.bmc);
	memcpy(payload + 12, bytes + 8, 24);
	if (lan->weaker)
		payload[32] = 0;
	return set_up_answer(lan, RMCP_OPEN_ANSWER, payload, sizeof(payload), out);
}

/* --- RAKP --- */

static uint8_t rakp1_status(const struct bmc_lan *lan, const struct bmc_lan_session *session,
		const uint8_t *bytes)
{
	if (!session)
		return RMCP_NO_SESSION;
	/* Once it is up, only its own first words may come again. */
	if (session->state == BMC_LAN_UP &&
			memcmp(session->exchange.console_random, bytes + 8, RMCP_RANDOM) != 0)
		return RMCP_NO_SESSION;
	if ((bytes[24] & ROLE) < 1 || (bytes[24] & ROLE) > ADMINISTRATOR)
		return RMCP_BAD_ROLE;
	if (bytes[27] != strlen(lan->name) || memcmp(bytes + 28, lan->name, bytes[27]) != 0)
		return RMCP_BAD_NAME;
	return RMCP_GOOD;
}

/* A repetition has the same answer. */
static void rakp1_take(struct bmc_lan *lan, struct bmc_lan_session *session, const uint8_t *bytes)
{
	struct rmcp_exchange *exchange = &session->exchange;

	if (session->state == BMC_LAN_UP)
		return;
	if (session->state == BMC_LAN_OPENED || lan->always_random)
		for (size_t i = 0; i < RMCP_RANDOM; i += 4)
			rmcp_put32(exchange->bmc_random + i, bmc_lan_random(lan));
	session->state = BMC_LAN_NAMED;
	memcpy(exchange->console_random, bytes + 8, RMCP_RANDOM);
	exchange->role = bytes[24];
	session->most = exchange->role & ROLE;
	memcpy(exchange->name, lan->name, sizeof(exchange->name));
}

static size_t set_up_rakp1(
		struct bmc_lan *lan, int64_t now, const uint8_t *bytes, size_t size, uint8_t *out)
{
	uint8_t payload[RAKP2_LEAST + RMCP_CODE_MAX] = {0}, status;
	struct bmc_lan_session *session;
	struct rmcp_exchange *exchange;

	lan->rakp1s++;
	if (size < RAKP1_LEAST || size != RAKP1_LEAST + (size_t)bytes[27] ||
			bytes[27] > RMCP_NAME_MAX)
		return 0;
	session = bmc_lan_find(lan, rmcp_get32(bytes + 4));
	status = rakp1_status(lan, session, bytes);
	if (status)
		return set_up_refuse(lan, RMCP_RAKP2, bytes[0], status,
				session ? session->exchange.console : 0, out);
	rakp1_take(lan, session, bytes);
	session->used = now;
	exchange = &session->exchange;
	payload[0] = bytes[0];
	rmcp_put32(payload + 4, exchange->console);
	memcpy(payload + 8, exchange->bmc_random, RMCP_RANDOM);
	memcpy(payload + 24, exchange->guid, RMCP_GUID);
	if (!rmcp_rakp2_code(exchange, lan->password, payload + RAKP2_LEAST))
		return 0;
	return set_up_answer(lan, RMCP_RAKP2, payload,
			RAKP2_LEAST + rmcp_suite_exchange_code(exchange->suite), out);
}

/* A repetition changes nothing: there may be commands already. */
static bool rakp3_take(struct bmc_lan *lan, struct bmc_lan_session *session)
{
	if (session->state == BMC_LAN_UP)
		return true;
	session->keys = rmcp_keys_new(&session->exchange, lan->password);
	if (!session->keys)
		return false;
	session->state = BMC_LAN_UP;
	session->privilege = session->most < 2 ? session->most : 2; /* user, until it is raised */
	lan->ups++;
	return true;
}

static size_t set_up_rakp3(
		struct bmc_lan *lan, int64_t now, const uint8_t *bytes, size_t size, uint8_t *out)
{
	uint8_t payload[RAKP4_LEAST + RMCP_CODE_MAX] = {0}, code[RMCP_CODE_MAX];
	struct bmc_lan_session *session;
	struct rmcp_exchange *exchange;
	size_t length;

	lan->rakp3s++;
	if (size < 8)
		return 0;
	session = bmc_lan_find(lan, rmcp_get32(bytes + 4));
	if (!session || session->state == BMC_LAN_OPENED)
		return set_up_refuse(lan, RMCP_RAKP4, bytes[0], RMCP_NO_SESSION, 0, out);
	exchange = &session->exchange;
	if (bytes[1] != RMCP_GOOD) { /* the console has given up */
		if (session->state != BMC_LAN_UP)
			bmc_lan_forget(session);
		return 0;
	}
	length = rmcp_suite_exchange_code(exchange->suite);
	if (size != 8 + length || !rmcp_rakp3_code(exchange, lan->password, code) ||
			!rmcp_same(code, bytes + 8, length))
		return set_up_refuse(
				lan, RMCP_RAKP4, bytes[0], RMCP_BAD_CODE, exchange->console, out);
	if (!rakp3_take(lan, session))
		return 0;
	session->used = now;
	payload[0] = bytes[0];
	rmcp_put32(payload + 4, exchange->console);
	if (!rmcp_rakp4_code(session->keys, exchange, payload + RAKP4_LEAST))
		return 0;
	return set_up_answer(lan, RMCP_RAKP4, payload,
			RAKP4_LEAST + rmcp_suite_packet_code(exchange->suite), out);
}

size_t bmc_lan_set_up(
		struct bmc_lan *lan, int64_t now, const struct rmcp_packet *packet, uint8_t *out)
{
	switch (packet->type) {
	case RMCP_OPEN_REQUEST:
		return set_up_open(lan, now, packet->payload, packet->length, out);
	case RMCP_RAKP1:
		return set_up_rakp1(lan, now, packet->payload, packet->length, out);
	case RMCP_RAKP3:
		return set_up_rakp3(lan, now, packet->payload, packet->length, out);
	default:
		lan->bad++;
		return 0;
	}
}
