/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any first bytes, in growing beginnings: what is told once is not told otherwise later. */
#include <stdlib.h>
#include <string.h>
#include "spice/greeting.h"
#include "tests/fuzz/targets.h"

int target_greeting(const uint8_t *data, size_t size)
{
	struct greeting before = {.kind = GREETING_MORE}, now;

	for (size_t i = 0; i <= size; i++) {
		/* Of its own size, so that a byte read past the end is noticed. */
		uint8_t *bytes = malloc(i ? i : 1);

		if (i > 0)
			memcpy(bytes, data, i);
		greeting_read(bytes, i, &now);
		free(bytes);
		if (now.kind < GREETING_MORE || now.kind > GREETING_SPICE)
			abort();
		if (now.kind == GREETING_MORE && i >= GREETING_BYTES)
			abort();
		if (before.kind != GREETING_MORE &&
				(before.kind != now.kind || before.connection != now.connection ||
						before.channel_type != now.channel_type ||
						before.channel_id != now.channel_id))
			abort();
		before = now;
	}
	return 0;
}
