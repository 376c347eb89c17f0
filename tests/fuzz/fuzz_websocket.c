/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any frames that a client may send: whole and byte by byte they say the same. */
#include <stdlib.h>
#include <string.h>
#include "spice/websocket.h"
#include "tests/fuzz/targets.h"

#define MOST 1024

struct heard {
	uint8_t payload[MOST];
	size_t size;
	unsigned int pings;
	enum websocket_event last;
};

static void hear(const uint8_t *data, size_t size, size_t piece, struct heard *heard)
{
	struct websocket_reader reader = {0};
	uint8_t bytes[MOST];
	size_t done = 0;

	memset(heard, 0, sizeof(*heard));
	memcpy(bytes, data, size);
	while (done < size) {
		size_t part = size - done < piece ? size - done : piece, used, count;
		uint8_t *payload;

		heard->last = websocket_read(&reader, bytes + done, part, &used, &payload, &count);
		if (used > part || reader.control_size > WEBSOCKET_CONTROL_MOST)
			abort();
		if (heard->last == WEBSOCKET_DATA) {
			if (payload < bytes + done || payload + count > bytes + done + used ||
					!count)
				abort();
			memcpy(heard->payload + heard->size, payload, count);
			heard->size += count;
		}
		heard->pings += heard->last == WEBSOCKET_PINGED;
		done += used;
		if (heard->last == WEBSOCKET_NOTHING && used != part)
			abort();
		if (heard->last == WEBSOCKET_CLOSED || heard->last == WEBSOCKET_FAULT)
			return;
	}
	heard->last = WEBSOCKET_NOTHING;
}

int target_websocket(const uint8_t *data, size_t size)
{
	struct heard whole, pieces;

	if (size > MOST)
		return 0;
	hear(data, size, MOST, &whole);
	hear(data, size, 1, &pieces);
	if (whole.size != pieces.size || whole.pings != pieces.pings || whole.last != pieces.last ||
			memcmp(whole.payload, pieces.payload, whole.size) != 0)
		abort();
	return 0;
}
