/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes from the client of a display channel that is linked. The first one says whether it has
 * mini headers.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "spice/link.h"
#include "spice/wire.h"
#include "tests/fuzz/channel.h"
#include "tests/fuzz/targets.h"

#define LINK_BYTES (LINK_HEADER + LINK_MESSAGE + 4 + LINK_TICKET)

static void fuzz_read(const uint8_t *data, size_t size, bool mini)
{
	uint8_t *bytes = malloc(size ? size : 1);
	struct wire_message message;

	memcpy(bytes, data, size);
	if (wire_read(bytes, size, mini, &message) == WIRE_WHOLE &&
			(message.whole > size || message.size > WIRE_BODY_MAX))
		abort();
	free(bytes);
}

int target_display(const uint8_t *data, size_t size)
{
	/* No choice of a mechanism, and a ticket that nobody asks for. */
	uint8_t link[LINK_BYTES] = {'R', 'E', 'D', 'Q', 2, 0, 0, 0, 2, 0, 0, 0, LINK_MESSAGE + 4, 0,
			0, 0, 0, 0, 0, 0, 2 /* display */, 0, 1, 0, 0, 0, 0, 0, 0, 0, LINK_MESSAGE};
	static struct link_key *key;
	bool mini = size > 0 && data[0] & 1;

	if (size == 0)
		return 0;
	if (mini)
		link[LINK_HEADER + LINK_MESSAGE] = 1 << 3;
	fuzz_read(data + 1, size - 1, mini);
	if (!key)
		key = link_key_new(NULL);
	if (!channel_feed(key, NULL, link, sizeof(link), data + 1, size - 1))
		abort();
	return 0;
}
