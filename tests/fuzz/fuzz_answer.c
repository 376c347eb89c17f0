/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A web server's answer: whatever its headers, what is judged good is what was asked for. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "media/web_answer.h"
#include "tests/fuzz/targets.h"

static void fuzz_demand(bool holds)
{
	if (!holds)
		abort();
}

static void fuzz_judge(const struct web_answer *answer, uint64_t first, size_t size,
		const struct web_identity *wanted)
{
	char *reason = NULL;
	enum web_verdict verdict = web_answer_judge(answer, first, size, wanted, &reason);

	fuzz_demand((verdict == WEB_GOOD) == (reason == NULL));
	fuzz_demand(wanted || verdict != WEB_CHANGED);
	if (verdict == WEB_GOOD) {
		fuzz_demand(answer->status == 206 && !answer->encoded && answer->total);
		fuzz_demand(answer->first == first && answer->last == first + size - 1);
		fuzz_demand(answer->last < answer->identity.size);
		fuzz_demand(!wanted || answer->identity.size == wanted->size);
	}
	g_free(reason);
}

/* Lines, each ended by a newline, as the library hands them over. */
int target_answer(const uint8_t *data, size_t size)
{
	const struct web_identity wanted = {.size = 1234,
			.etag = "\"one\"",
			.modified = "Sat, 01 Jan 2022 00:00:00 GMT"};
	struct web_answer answer = {0};
	const uint8_t *end;

	while (size > 0) {
		size_t line;
		char *copy;

		end = memchr(data, '\n', size);
		line = end ? (size_t)(end - data) + 1 : size;
		copy = g_memdup2(data, line); /* not a byte more, for the sanitizer */
		web_answer_line(&answer, copy, line);
		g_free(copy);
		data += line;
		size -= line;
	}
	fuzz_demand(strlen(answer.identity.etag) < sizeof(answer.identity.etag));
	fuzz_demand(strlen(answer.identity.modified) < sizeof(answer.identity.modified));
	fuzz_judge(&answer, 0, 1, NULL);
	fuzz_judge(&answer, 100, 200, &wanted);
	if (answer.satisfied && answer.last - answer.first < SIZE_MAX)
		fuzz_judge(&answer, answer.first, (size_t)(answer.last - answer.first) + 1,
				&wanted);
	return 0;
}
