/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What a web server's answer to the request for one range of bytes means (RFC 9110, section 14).
 * Pure: header lines in, a verdict out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum web_verdict {
	WEB_GOOD,
	WEB_AGAIN,   /* the server is away or busy: later, as often as it takes */
	WEB_WRONG,   /* not what was asked for: again, a few times */
	WEB_CHANGED, /* another file than it was */
	WEB_FINAL,   /* trying again will not mend it */
};

/* What makes two answers parts of the same file. */
struct web_identity {
	uint64_t size;     /* of the whole, bytes */
	char etag[256];    /* as sent, with its quotes; "": none; a longer one is cut */
	char modified[64]; /* Last-Modified as sent, "": none */
};

/* Zeroed before the first line. */
struct web_answer {
	unsigned int status; /* 0: no answer yet */
	bool ranged;         /* Content-Range told these: */
	bool satisfied;      /* first and last; else "*" was in their place */
	bool total;          /* identity.size; else it was "*" */
	uint64_t first, last;
	bool encoded;     /* not the bytes of the file: compressed */
	bool contradicts; /* Content-Range makes no sense, or came twice */
	struct web_identity identity;
};

/* Takes a header or status line; a status line begins another answer, as after a redirect. */
void web_answer_line(struct web_answer *answer, const char *line, size_t size);

/*
 * Judges the headers against the range that was asked for. wanted: what the file was, NULL in the
 * first request of all. Sets reason (g_free) unless WEB_GOOD.
 */
enum web_verdict web_answer_judge(const struct web_answer *answer, uint64_t first, size_t size,
		const struct web_identity *wanted, char **reason);
