/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any packet of IPMI 1.5, as it came; its message's data also go to every parser of the set-up. */
#include <stdlib.h>
#include <string.h>
#include "rack/lan15.h"
#include "tests/fuzz/targets.h"

static void fuzz_require(int condition)
{
	if (!condition)
		abort();
}

static void fuzz_answers(const uint8_t *bytes, size_t size)
{
	struct lan15_capabilities capabilities;
	struct lan15_challenge challenge;
	struct lan15_session session;

	if (lan15_capabilities_read(bytes, size, &capabilities))
		fuzz_require(capabilities.code || size >= 4);
	if (lan15_challenge_read(bytes, size, &challenge))
		fuzz_require(challenge.code || size >= 21);
	if (lan15_session_read(bytes, size, &session))
		fuzz_require(session.code || size >= 11);
}

/* What is read is what would be written; what is signed is known as such, and nothing else. */
static void fuzz_again(const struct lan15_packet *packet)
{
	uint8_t bytes[LAN15_PACKET_MAX];
	struct lan15_packet read;
	size_t size = lan15_seal("secret", packet->session, packet->sequence, packet->message,
			packet->length, bytes);

	fuzz_require(lan15_read(bytes, size, &read) && lan15_is_signed("secret", &read));
	fuzz_require(read.length == packet->length &&
			memcmp(read.message, packet->message, read.length) == 0);
	if (packet->code)
		fuzz_require(lan15_is_signed("secret", packet) ==
				(memcmp(packet->code, read.code, LAN15_CODE) == 0));
	else
		fuzz_require(!lan15_is_signed("secret", packet));
}

int target_lan15(const uint8_t *data, size_t size)
{
	struct rmcp_message message;
	struct lan15_packet packet;

	if (!lan15_read(data, size, &packet))
		return 0;
	fuzz_require(packet.message >= data && packet.message + packet.length <= data + size);
	fuzz_require((packet.code != NULL) == (packet.kind == LAN15_MD5));
	fuzz_again(&packet);
	if (rmcp_message_read(packet.message, packet.length, &message))
		fuzz_answers(message.data, message.length);
	fuzz_answers(packet.message, packet.length);
	return 0;
}
