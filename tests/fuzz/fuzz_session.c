/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session with a BMC whose answers come changed, again, late, or from somebody else. The input:
 * the suite, plus 0x20 when the BMC speaks IPMI 1.5 alone and 0x40 when that is not allowed, then
 * steps of a byte (modulo 8): 0 and 1, time until the deadline, or part of it (one
 * byte); 2, the BMC's answer to the last packet; 3, the same with a byte changed (offset and mask);
 * 4, any packet (length and bytes); 5, a request; 6, a stop or start; 7, the BMC starts again.
 */
#include <stdlib.h>
#include <string.h>
#include "rack/lan15.h"
#include "rack/session.h"
#include "sim/bmc_lan.h"
#include "tests/fuzz/targets.h"

struct fuzz {
	const uint8_t *data;
	size_t size;
	struct session *session;
	enum rmcp_suite suite;
	bool allowed; /* IPMI 1.5 */
	struct bmc_lan bmc;
	int64_t now;
	int asked; /* without an answer; 0 or 1 */
	uint8_t counter;
	uint8_t sent[RMCP_PACKET_MAX], answer[RMCP_PACKET_MAX];
	size_t sent_size, answer_size;
};

static void fuzz_require(int condition)
{
	if (!condition)
		abort();
}

static uint8_t fuzz_byte(struct fuzz *fuzz)
{
	if (fuzz->size == 0)
		return 0;
	fuzz->size--;
	return *fuzz->data++;
}

static bool fuzz_random(uint8_t *bytes, size_t size, void *data)
{
	struct fuzz *fuzz = data;

	memset(bytes, ++fuzz->counter, size);
	return true;
}

/* Anything has its own data for an answer. */
static size_t fuzz_answer(uint8_t netfn, uint8_t command, const uint8_t *bytes, size_t length,
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

/* IPMI 1.5: what it speaks is asked of all, a challenge where that is allowed, and the rest signed.
 */
static void fuzz_sent_old(const struct fuzz *fuzz, const struct lan15_packet *packet)
{
	struct rmcp_message message;

	fuzz_require(rmcp_message_read(packet->message, packet->length, &message));
	if (packet->code)
		fuzz_require(fuzz->allowed && packet->session != 0);
	else
		fuzz_require(message.netfn == 6 &&
				(message.command == 0x38 ||
						(message.command == 0x39 && fuzz->allowed)));
}

/* In clear there is nothing but the set-up. */
static void fuzz_sent_plus(const struct fuzz *fuzz, const struct session_event *event)
{
	struct rmcp_packet packet;

	fuzz_require(rmcp_read(
			event->bytes, event->size, rmcp_suite_packet_code(fuzz->suite), &packet));
	fuzz_require(packet.type == RMCP_MESSAGE ? packet.encrypted && packet.authenticated &&
								   packet.session != 0
						 : packet.type == RMCP_OPEN_REQUEST ||
								   packet.type == RMCP_RAKP1 ||
								   packet.type == RMCP_RAKP3);
}

static void fuzz_sent(struct fuzz *fuzz, const struct session_event *event)
{
	struct lan15_packet packet;

	fuzz_require(event->size <= sizeof(fuzz->sent));
	if (lan15_read(event->bytes, event->size, &packet))
		fuzz_sent_old(fuzz, &packet);
	else
		fuzz_sent_plus(fuzz, event);
	memcpy(fuzz->sent, event->bytes, event->size);
	fuzz->sent_size = event->size;
	fuzz->answer_size = bmc_lan_packet(
			&fuzz->bmc, fuzz->now, fuzz->sent, fuzz->sent_size, fuzz->answer);
}

static void fuzz_drain(struct fuzz *fuzz)
{
	struct session_event event;

	while (session_next(fuzz->session, &event)) {
		if (event.kind == SESSION_SEND)
			fuzz_sent(fuzz, &event);
		if (event.kind == SESSION_ANSWER || event.kind == SESSION_FAILED)
			fuzz_require(fuzz->asked-- == 1);
		if (event.kind == SESSION_ANSWER)
			fuzz_require(event.size < RMCP_DATA_MAX);
	}
	fuzz_require((session_deadline(fuzz->session) < 0) ==
			(session_state(fuzz->session) == SESSION_STOPPED));
	fuzz_require(!fuzz->asked || session_state(fuzz->session) == SESSION_UP);
}

static void fuzz_packet(struct fuzz *fuzz)
{
	uint8_t bytes[256];
	size_t size = fuzz_byte(fuzz);

	for (size_t i = 0; i < size; i++)
		bytes[i] = fuzz_byte(fuzz);
	session_packet(fuzz->session, fuzz->now, bytes, size);
}

static void fuzz_ask(struct fuzz *fuzz)
{
	const struct session_request request = {.netfn = 4,
			.command = fuzz_byte(fuzz),
			.data = fuzz->sent,
			.length = fuzz_byte(fuzz)};

	if (session_ask(fuzz->session, fuzz->now, &request))
		fuzz_require(fuzz->asked++ == 0);
}

static void fuzz_step(struct fuzz *fuzz)
{
	uint8_t bytes[RMCP_PACKET_MAX], at;

	switch (fuzz_byte(fuzz) % 8) {
	case 0:
		if (session_deadline(fuzz->session) > fuzz->now)
			fuzz->now = session_deadline(fuzz->session);
		session_tick(fuzz->session, fuzz->now);
		break;
	case 1:
		fuzz->now += 100 * (int64_t)fuzz_byte(fuzz);
		session_tick(fuzz->session, fuzz->now);
		break;
	case 2:
		session_packet(fuzz->session, fuzz->now, fuzz->answer, fuzz->answer_size);
		break;
	case 3:
		memcpy(bytes, fuzz->answer, fuzz->answer_size);
		at = fuzz_byte(fuzz);
		if (at < fuzz->answer_size)
			bytes[at] ^= fuzz_byte(fuzz);
		session_packet(fuzz->session, fuzz->now, bytes, fuzz->answer_size);
		break;
	case 4:
		fuzz_packet(fuzz);
		break;
	case 5:
		fuzz_ask(fuzz);
		break;
	case 6:
		if (session_state(fuzz->session) == SESSION_STOPPED)
			session_start(fuzz->session, fuzz->now);
		else
			session_stop(fuzz->session, fuzz->now);
		break;
	default:
		bmc_lan_reset(&fuzz->bmc);
		break;
	}
}

int target_session(const uint8_t *data, size_t size)
{
	struct fuzz fuzz = {.data = data, .size = size};
	struct session_settings settings = {
			.privilege = SESSION_ADMINISTRATOR, .name = "admin", .password = "secret"};
	uint8_t flags = fuzz_byte(&fuzz);

	settings.suite = (flags & 0x1f) == RMCP_SUITE_3 ? RMCP_SUITE_3 : RMCP_SUITE_17;
	settings.ipmi15 = fuzz.allowed = !(flags & 0x40);
	fuzz.suite = settings.suite;
	fuzz.bmc.old = flags & 0x20 ? BMC_LAN_OLD : 0;
	fuzz.bmc.suites = BMC_LAN_SUITE(settings.suite);
	fuzz.bmc.answer = fuzz_answer;
	memcpy(fuzz.bmc.name, settings.name, sizeof(settings.name));
	memcpy(fuzz.bmc.password, settings.password, sizeof(settings.password));
	fuzz.session = session_new(&settings, fuzz_random, &fuzz);
	fuzz_require(fuzz.session != NULL);
	session_start(fuzz.session, fuzz.now);
	fuzz_drain(&fuzz);
	while (fuzz.size) {
		fuzz_step(&fuzz);
		fuzz_drain(&fuzz);
	}
	session_free(fuzz.session);
	bmc_lan_reset(&fuzz.bmc);
	return 0;
}
