/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any message to the holder's socket: a name that comes out is one that can be passed on. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "tools/holder_store.h"
#include "tests/fuzz/targets.h"

int target_holder(const uint8_t *data, size_t size)
{
	struct holder_words words;
	size_t length;

	if (!holder_words(&words, (const char *)data, size))
		return 0;
	length = strnlen(words.name, sizeof(words.name));
	if (length == 0 || length > HOLDER_NAME || (words.store && words.remove))
		abort();
	for (size_t i = 0; i < length; i++)
		if (words.name[i] < ' ' || words.name[i] > '~' || words.name[i] == ':')
			abort();
	return 0;
}
