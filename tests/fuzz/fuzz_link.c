/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes from a client that has no ticket yet: first a link message alone, cut wherever the
 * input ends, then all of it to a display channel with a password, which nobody may find.
 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "spice/link.h"
#include "tests/fuzz/channel.h"
#include "tests/fuzz/targets.h"

int target_link(const uint8_t *data, size_t size)
{
	static struct link_key *key; /* one for all inputs: it takes its time */
	uint8_t *bytes = malloc(size ? size : 1);
	struct link_message message;
	enum link_verdict verdict;

	memcpy(bytes, data, size);
	verdict = link_read(bytes, size, &message);
	if (verdict == LINK_WHOLE && (message.whole > size || message.error))
		abort();
	if (verdict == LINK_BAD && !message.error)
		abort();
	free(bytes);

	if (!key)
		key = link_key_new(NULL);
	if (channel_feed(key, "a password", NULL, 0, data, size))
		abort();
	return 0;
}
