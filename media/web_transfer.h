/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One request for one range of bytes, from its headers to the last byte, and what became of it. A
 * transfer's handle serves many requests, one after the other.
 */
#include <curl/curl.h>
#include <glib.h>
#include "media/web_answer.h"

/* How to reach the server; the strings are ours. */
struct web_access {
	char *url; /* without user and password */
	char *user, *password, *token;
	char *ca_file;
	bool insecure;
	bool secure; /* https: no way leads to http */
};

struct web_transfer {
	CURL *easy; /* made at the first request */
	/* Of the request under way: */
	uint64_t first;
	size_t size, got; /* bytes */
	uint8_t *bytes;
	const struct web_identity *wanted;
	struct web_answer answer;
	enum web_verdict verdict; /* of the answer, once judged */
	bool judged;
	char *reason;  /* of the verdict */
	int64_t heard; /* monotonic time of the last sign of life, microseconds */
	char fault[CURL_ERROR_SIZE];
};

/*
 * Prepares a request; libcurl runs it. place: asks there instead of at access->url; trusted: with
 * the credentials. multiplex: rather waits for a connection that others use than make its own.
 * Returns false when there is no memory.
 */
bool web_transfer_prepare(struct web_transfer *transfer, const struct web_access *access,
		const char *place, bool trusted, bool multiplex);

/* The bytes to ask for, and where to; they must stay until the transfer was removed or ended. */
void web_transfer_ask(struct web_transfer *transfer, uint64_t first, size_t size, uint8_t *bytes,
		const struct web_identity *wanted);

/* Judges one that has ended with code. Sets reason (g_free) unless WEB_GOOD. */
enum web_verdict web_transfer_end(struct web_transfer *transfer, CURLcode code, char **reason);

void web_transfer_destroy(struct web_transfer *transfer); /* must not be under way */
