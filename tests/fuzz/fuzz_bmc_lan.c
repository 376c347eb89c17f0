/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A BMC on the network, and anybody who knows the password. The input: parts of a byte and as many
 * bytes as it says (modulo 128); with its highest bit set they are a message in the session that is
 * up from the start, else a packet. All of it goes to one by RMCP+, and to one by IPMI 1.5.
 */
#include <stdlib.h>
#include <string.h>
#include "rack/lan15.h"
#include "sim/bmc_lan.h"
#include "tests/fuzz/targets.h"

static void fuzz_require(int condition)
{
	if (!condition)
		abort();
}

/* Anything has its own data for an answer. */
static size_t fuzz_answer(uint8_t netfn, uint8_t command, const uint8_t *bytes, size_t length,
		uint8_t *answer, void *data)
{
	(void)command;
	(void)data;
	fuzz_require(netfn % 2 == 0);
	if (length >= RMCP_DATA_MAX)
		length = 0;
	answer[0] = 0;
	if (length)
		memcpy(answer + 1, bytes, length);
	return 1 + length;
}

/* Both ends have the keys. */
static struct rmcp_keys *fuzz_session(struct bmc_lan *lan)
{
	struct bmc_lan_session *session = &lan->sessions[0];

	session->exchange.suite = RMCP_SUITE_17;
	session->exchange.console = 1;
	session->exchange.bmc = 2;
	session->state = BMC_LAN_UP;
	session->most = 4;
	session->old = lan->old;
	if (lan->old)
		return NULL;
	session->keys = rmcp_keys_new(&session->exchange, lan->password);
	return rmcp_keys_new(&session->exchange, lan->password);
}

static size_t fuzz_part(const struct bmc_lan *lan, struct rmcp_keys *keys, uint32_t *number,
		const uint8_t *bytes, size_t length, uint8_t *packet)
{
	static const uint8_t vector[RMCP_BLOCK] = {1};

	if (lan->old)
		return lan15_seal(lan->password, 2, ++*number, bytes, length, packet);
	return rmcp_seal(keys, 2, ++*number, vector, bytes, length, packet);
}

static void fuzz_run(const uint8_t *data, size_t size, unsigned int old)
{
	struct bmc_lan lan = {
			.old = old, .name = "admin", .password = "secret", .answer = fuzz_answer};
	struct rmcp_keys *keys = fuzz_session(&lan);
	uint8_t packet[RMCP_PACKET_MAX], out[RMCP_PACKET_MAX];
	uint32_t number = 0;

	while (size > 0) {
		size_t length = data[0] & 0x7f, answer;

		if (length > size - 1)
			length = size - 1;
		answer = length;
		if (data[0] & 0x80)
			answer = fuzz_part(&lan, keys, &number, data + 1, length, packet);
		else
			memcpy(packet, data + 1, length);
		answer = bmc_lan_packet(&lan, number, packet, answer, out);
		fuzz_require(answer <= sizeof(out));
		fuzz_require(bmc_lan_up(&lan) <= 1); /* nobody has proved to know the password */
		data += 1 + length;
		size -= 1 + length;
	}
	rmcp_keys_free(keys);
	bmc_lan_reset(&lan);
}

int target_bmc_lan(const uint8_t *data, size_t size)
{
	fuzz_run(data, size, 0);
	fuzz_run(data, size, BMC_LAN_OLD);
	return 0;
}
