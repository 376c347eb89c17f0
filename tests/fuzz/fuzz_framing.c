/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connection whose bytes are all made up: the first says whether it is a display's, then follow
 * pieces, each after a byte that says whose it is (the highest bit: the server's) and how long.
 * Each step goes on, none goes too far, and a message is made up only where one is due.
 */
#include <stdlib.h>
#include <string.h>
#include "spice/framing.h"
#include "tests/fuzz/targets.h"

#define MOST 4096

struct talk {
	struct framing framing;
	uint8_t client[MOST];
	size_t have;
	bool over;
};

static void client_says(struct talk *talk, const uint8_t *data, size_t size)
{
	memcpy(talk->client + talk->have, data, size);
	talk->have += size;
	for (unsigned int steps = 0; !talk->over; steps++) {
		uint8_t made[FRAMING_MAKE_MOST];
		size_t count = 0;
		bool wanted = framing_wants_init(&talk->framing);
		enum framing_order order = framing_from_client(
				&talk->framing, talk->client, talk->have, &count);

		if (count > talk->have || steps > 2 * MOST)
			abort();
		switch (order) {
		case FRAMING_MORE:
		case FRAMING_HOLD:
			return;
		case FRAMING_MAKE:
			if (!wanted || framing_make(&talk->framing, made) > sizeof(made) ||
					!framing_settling(&talk->framing))
				abort();
			break;
		case FRAMING_BAD:
			talk->over = true;
			break;
		default:
			if (count == 0)
				abort();
			talk->have -= count;
			memmove(talk->client, talk->client + count, talk->have);
			break;
		}
	}
}

static void server_says(struct talk *talk, const uint8_t *data, size_t size)
{
	while (size) {
		size_t count = framing_from_server(&talk->framing, data, size);

		if (count == 0 || count > size)
			abort();
		data += count;
		size -= count;
	}
}

int target_framing(const uint8_t *data, size_t size)
{
	struct talk talk = {.have = 0};

	if (size < 1 || size > MOST)
		return 0;
	framing_init(&talk.framing, data[0] & 1);
	data++;
	size--;
	while (size) {
		size_t part = (data[0] & 0x7f) < size - 1 ? data[0] & 0x7f : size - 1;

		if (data[0] == 0)
			framing_settle(&talk.framing);
		else if (data[0] & 0x80)
			server_says(&talk, data + 1, part);
		else
			client_says(&talk, data + 1, part);
		data += part + 1;
		size -= part + 1;
	}
	return 0;
}
