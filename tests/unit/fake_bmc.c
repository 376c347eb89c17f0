/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/fake_bmc.h"

#define FAKE_ID 0x82000200

static size_t fake_plain(struct fake_bmc *bmc, enum rmcp_type type, const uint8_t *payload,
		size_t length, uint8_t *out)
{
	if (bmc->cut && bmc->cut_type == type)
		length -= bmc->cut;
	rmcp_head(out, type, 0, 0, length);
	memcpy(out + RMCP_HEAD, payload, length);
	return RMCP_HEAD + length;
}

static size_t fake_open(struct fake_bmc *bmc, const uint8_t *bytes, size_t size, uint8_t *out)
{
	uint8_t payload[36] = {bytes[0], bmc->status, 4};
	uint8_t algorithms[3] = {
			rmcp_suite_authentication(bmc->suite), rmcp_suite_integrity(bmc->suite), 1};

	bmc->opens++;
	if (size != RMCP_OPEN_SIZE)
		return 0;
	memcpy(payload + 4, bytes + 4, 4);
	for (size_t kind = 0; kind < 3; kind++) {
		payload[12 + 8 * kind] = (uint8_t)kind;
		payload[15 + 8 * kind] = 8;
		payload[16 + 8 * kind] = bmc->weaker && kind == 2 ? 0 : algorithms[kind];
		if (bytes[12 + 8 * kind] != algorithms[kind] && !payload[1])
			payload[1] = RMCP_NO_SUITE;
	}
	if (payload[1])
		return fake_plain(bmc, RMCP_OPEN_ANSWER, payload, 8, out);
	fake_bmc_reset(bmc);
	rmcp_put32(payload + 8, FAKE_ID);
	bmc->exchange.suite = bmc->suite;
	bmc->exchange.console = rmcp_get32(bytes + 4);
	bmc->exchange.bmc = FAKE_ID;
	memset(bmc->exchange.guid, 0x9d, RMCP_GUID);
	return fake_plain(bmc, RMCP_OPEN_ANSWER, payload, sizeof(payload), out);
}

static size_t fake_rakp1(struct fake_bmc *bmc, const uint8_t *bytes, size_t size, uint8_t *out)
{
	uint8_t payload[40 + RMCP_CODE_MAX] = {bytes[0]};
	struct rmcp_exchange *exchange = &bmc->exchange;

	bmc->rakp1s++;
	if (size < 28 || size != 28u + bytes[27] || bytes[27] > RMCP_NAME_MAX)
		return 0;
	rmcp_put32(payload + 4, exchange->console);
	if (rmcp_get32(bytes + 4) != FAKE_ID || !exchange->bmc)
		payload[1] = RMCP_NO_SESSION;
	else if (bytes[27] != strlen(bmc->name) || memcmp(bytes + 28, bmc->name, bytes[27]) != 0)
		payload[1] = RMCP_BAD_NAME;
	if (payload[1])
		return fake_plain(bmc, RMCP_RAKP2, payload, 8, out);
	memcpy(exchange->console_random, bytes + 8, RMCP_RANDOM);
	exchange->role = bytes[24];
	memcpy(exchange->name, bmc->name, sizeof(bmc->name));
	if (bmc->always_random || exchange->bmc_random[0] == 0)
		memset(exchange->bmc_random, ++bmc->counter, RMCP_RANDOM);
	memcpy(payload + 8, exchange->bmc_random, RMCP_RANDOM);
	memcpy(payload + 24, exchange->guid, RMCP_GUID);
	rmcp_rakp2_code(exchange, bmc->password, payload + 40);
	return fake_plain(bmc, RMCP_RAKP2, payload, 40 + rmcp_suite_exchange_code(bmc->suite), out);
}

static size_t fake_rakp3(struct fake_bmc *bmc, const uint8_t *bytes, size_t size, uint8_t *out)
{
	uint8_t payload[8 + RMCP_CODE_MAX] = {bytes[0]}, code[RMCP_CODE_MAX];
	size_t length = rmcp_suite_exchange_code(bmc->suite);

	bmc->rakp3s++;
	if (size != 8 + length)
		return 0;
	rmcp_put32(payload + 4, bmc->exchange.console);
	rmcp_rakp3_code(&bmc->exchange, bmc->password, code);
	if (memcmp(code, bytes + 8, length) != 0) {
		payload[1] = RMCP_BAD_CODE;
		return fake_plain(bmc, RMCP_RAKP4, payload, 8, out);
	}
	rmcp_keys_free(bmc->keys);
	bmc->keys = rmcp_keys_new(&bmc->exchange, bmc->password);
	rmcp_rakp4_code(bmc->keys, &bmc->exchange, payload + 8);
	bmc->up = true;
	return fake_plain(bmc, RMCP_RAKP4, payload, 8 + rmcp_suite_packet_code(bmc->suite), out);
}

/* Anything has its own data for an answer. */
static size_t fake_message(struct fake_bmc *bmc, const struct rmcp_packet *packet, uint8_t *out)
{
	uint8_t plain[RMCP_PLAIN_MAX], data[1 + RMCP_DATA_MAX] = {0}, answer[RMCP_PLAIN_MAX];
	const uint8_t vector[RMCP_BLOCK] = {++bmc->counter};
	struct rmcp_message message;
	size_t length;

	if (packet->session == 0)
		bmc->bare++;
	if (!bmc->up || packet->session != FAKE_ID)
		return 0;
	length = rmcp_unseal(bmc->keys, packet, plain);
	if (length == 0 || !rmcp_message_read(plain, length, &message)) {
		bmc->bad++;
		return 0;
	}
	bmc->repeated += packet->sequence <= bmc->heard;
	bmc->heard = packet->sequence;
	bmc->commands++;
	if (message.netfn == 6 && message.command == 0x3b)
		data[0] = bmc->privilege;
	if (message.netfn == 6 && message.command == 0x3c) {
		bmc->closes++;
		bmc->up = false;
	}
	if (message.length < RMCP_DATA_MAX)
		memcpy(data + 1, message.data, message.length);
	message.data = data;
	message.length++;
	message.netfn |= 1;
	message.to = RMCP_ADDRESS_CONSOLE;
	message.from = RMCP_ADDRESS_BMC;
	length = rmcp_message_write(&message, answer);
	return rmcp_seal(
			bmc->keys, bmc->exchange.console, ++bmc->sent, vector, answer, length, out);
}

size_t fake_bmc_answer(struct fake_bmc *bmc, const uint8_t *bytes, size_t size, uint8_t *out)
{
	struct rmcp_packet packet;

	if (!rmcp_read(bytes, size, rmcp_suite_packet_code(bmc->suite), &packet)) {
		bmc->bad++;
		return 0;
	}
	switch (packet.type) {
	case RMCP_MESSAGE:
		return fake_message(bmc, &packet, out);
	case RMCP_OPEN_REQUEST:
		return fake_open(bmc, packet.payload, packet.length, out);
	case RMCP_RAKP1:
		return fake_rakp1(bmc, packet.payload, packet.length, out);
	case RMCP_RAKP3:
		return fake_rakp3(bmc, packet.payload, packet.length, out);
	default:
		bmc->bad++;
		return 0;
	}
}

void fake_bmc_reset(struct fake_bmc *bmc)
{
	rmcp_keys_free(bmc->keys);
	bmc->keys = NULL;
	bmc->up = false;
	bmc->sent = bmc->heard = 0;
	memset(&bmc->exchange, 0, sizeof(bmc->exchange));
}
