/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any packet of a BMC. The input: a byte, the length of codes (modulo 33), then the packet. Its
 * payload also goes to every parser: in a session it would only be reached through the cipher.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "rack/rmcp.h"
#include "tests/fuzz/targets.h"

static void fuzz_require(int condition)
{
	if (!condition)
		abort();
}

static void fuzz_inside(const uint8_t *part, size_t length, const uint8_t *bytes, size_t size)
{
	fuzz_require(part >= bytes && part + length <= bytes + size);
}

static void fuzz_answers(const uint8_t *bytes, size_t size)
{
	struct rmcp_open_answer open;
	struct rmcp_rakp2 rakp2;
	struct rmcp_rakp4 rakp4;

	if (rmcp_open_answer_read(bytes, size, &open))
		fuzz_require(open.status || size >= 36);
	if (rmcp_rakp2_read(bytes, size, &rakp2) && !rakp2.status)
		fuzz_inside(rakp2.code, rakp2.length, bytes, size);
	if (rmcp_rakp4_read(bytes, size, &rakp4) && !rakp4.status)
		fuzz_inside(rakp4.code, rakp4.length, bytes, size);
}

static void fuzz_message(const uint8_t *bytes, size_t size)
{
	uint8_t again[RMCP_PLAIN_MAX];
	struct rmcp_message message;
	size_t length;

	if (rmcp_unpad(bytes, size, &length))
		fuzz_require(length < size);
	else
		length = size;
	if (!rmcp_message_read(bytes, length, &message))
		return;
	fuzz_inside(message.data, message.length, bytes, length);
	/* What is read is what would be written. */
	fuzz_require(rmcp_message_write(&message, again) == length);
	fuzz_require(memcmp(again, bytes, length) == 0);
}

int target_rmcp(const uint8_t *data, size_t size)
{
	struct rmcp_packet packet;
	size_t code;

	if (size < 1)
		return 0;
	code = data[0] % 33;
	if (!rmcp_read(data + 1, size - 1, code, &packet))
		return 0;
	fuzz_inside(packet.payload, packet.length, data + 1, size - 1);
	if (packet.authenticated)
		fuzz_require(RMCP_COVERED + packet.covered + code == size - 1);
	fuzz_answers(packet.payload, packet.length);
	fuzz_message(packet.payload, packet.length);
	return 0;
}
