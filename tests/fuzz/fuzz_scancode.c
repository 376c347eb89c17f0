/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes that a client may send: every key that comes out is one that a keyboard report can
 * hold. */
#include <stdlib.h>
#include "spice/scancode.h"
#include "tests/fuzz/targets.h"

int target_scancode(const uint8_t *data, size_t size)
{
	struct scancode scancode = {0};

	for (size_t i = 0; i < size; i++) {
		struct scancode_key keys[SCANCODE_KEYS];
		int count = scancode_feed(&scancode, data[i], keys);

		if (count < 0 || count > SCANCODE_KEYS)
			abort();
		while (count-- > 0)
			if (keys[count].usage < 4 || keys[count].usage > 231)
				abort();
	}
	return 0;
}
