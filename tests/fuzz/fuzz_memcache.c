/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a memcached answers: parsed as it comes, by whole bytes, it is what it is parsed at once. */
#include <stdlib.h>
#include <string.h>
#include "rack/memcache_text.h"
#include "tests/fuzz/targets.h"

static void fuzz_demand(int holds)
{
	if (!holds)
		abort();
}

static void fuzz_within(const char *bytes, long taken, const char *part, size_t size)
{
	fuzz_demand(!part ||
			(part >= bytes && size <= (size_t)taken && part + size <= bytes + taken));
}

static void fuzz_key(const char *name)
{
	char key[MEMCACHE_KEY_MAX];

	if (!memcache_text_key(key, "rack", name, 7, name))
		return;
	fuzz_demand(strlen(key) < MEMCACHE_KEY_MAX);
	for (const char *at = key; *at; at++)
		fuzz_demand(*at > ' ' && *at < 0x7f);
	fuzz_demand(strchr(key, '@') == strrchr(key, '@'));
}

int target_memcache(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1); /* not a byte more is parsed */
	size_t at = 0;

	if (!bytes)
		abort();
	if (size > 0)
		memcpy(bytes, data, size);
	bytes[size] = '\0';
	fuzz_key(bytes);
	while (at < size) {
		struct memcache_answer answer, again;
		long taken = memcache_text_parse(bytes + at, size - at, &answer);

		fuzz_demand(taken >= -1 && taken <= (long)(size - at));
		if (taken <= 0)
			break;
		fuzz_within(bytes + at, taken, answer.text, answer.text_size);
		fuzz_within(bytes + at, taken, answer.data, answer.data_size);
		/* Neither less of it nor more makes another answer. */
		fuzz_demand(memcache_text_parse(bytes + at, (size_t)taken, &again) == taken);
		fuzz_demand(again.word == answer.word && again.number == answer.number);
		fuzz_demand(memcache_text_parse(bytes + at, (size_t)taken - 1, &again) == 0);
		at += (size_t)taken;
	}
	free(bytes);
	return 0;
}
