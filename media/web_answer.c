/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/web_answer.h"
#include <glib.h>
#include <string.h>

/* Digits only: no sign, no space, no overflow. */
static bool web_answer_number(const char **at, uint64_t *number)
{
	const char *start = *at;

	for (*number = 0; g_ascii_isdigit(**at); (*at)++) {
		unsigned int digit = (unsigned int)(**at - '0');

		if (*number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return *at != start;
}

/* "bytes 0-0/1234", "bytes 0-0/" and "*" for an unknown size, "bytes *" and "/1234" (RFC
 * 9110, 14.4). */
static bool web_answer_range(struct web_answer *answer, const char *at)
{
	if (g_ascii_strncasecmp(at, "bytes ", 6) != 0)
		return false;
	at += 6;
	if (*at == '*') {
		at++;
	} else {
		answer->satisfied = web_answer_number(&at, &answer->first) && *at++ == '-' &&
				    web_answer_number(&at, &answer->last) &&
				    answer->first <= answer->last;
		if (!answer->satisfied)
			return false;
	}
	if (*at++ != '/')
		return false;
	if (strcmp(at, "*") == 0)
		return answer->satisfied;
	answer->total = web_answer_number(&at, &answer->identity.size) && *at == '\0';
	return answer->total && (!answer->satisfied || answer->last < answer->identity.size);
}

static void web_answer_field(struct web_answer *answer, const char *name, const char *value)
{
	if (g_ascii_strcasecmp(name, "Content-Range") == 0) {
		if (answer->ranged || !web_answer_range(answer, value))
			answer->contradicts = true;
		answer->ranged = true;
	} else if (g_ascii_strcasecmp(name, "ETag") == 0) {
		g_strlcpy(answer->identity.etag, value, sizeof(answer->identity.etag));
	} else if (g_ascii_strcasecmp(name, "Last-Modified") == 0) {
		g_strlcpy(answer->identity.modified, value, sizeof(answer->identity.modified));
	} else if (g_ascii_strcasecmp(name, "Content-Encoding") == 0) {
		answer->encoded = g_ascii_strcasecmp(value, "identity") != 0;
	}
}

void web_answer_line(struct web_answer *answer, const char *line, size_t size)
{
	g_autofree char *text = g_strndup(line, size);
	char *value;

	g_strchomp(text);
	if (g_str_has_prefix(text, "HTTP/")) {
		const char *space = strchr(text, ' ');

		memset(answer, 0, sizeof(*answer));
		for (int i = 1; space && i <= 3 && g_ascii_isdigit(space[i]); i++)
			answer->status = answer->status * 10 + (unsigned int)(space[i] - '0');
		return;
	}
	value = strchr(text, ':');
	if (!value)
		return;
	*value++ = '\0';
	web_answer_field(answer, text, g_strchug(value));
}

/* A weak tag stays the same over small changes, so that it needs the date beside it. */
static bool web_identity_same(const struct web_identity *is, const struct web_identity *was)
{
	bool tags = *is->etag && *was->etag, dates = *is->modified && *was->modified;

	if (is->size != was->size)
		return false;
	if (tags && !g_str_has_prefix(was->etag, "W/"))
		return strcmp(is->etag, was->etag) == 0;
	if (tags && strcmp(is->etag, was->etag) != 0)
		return false;
	if (dates)
		return strcmp(is->modified, was->modified) == 0;
	return tags || (!*was->etag && !*was->modified);
}

static enum web_verdict web_answer_refusal(const struct web_answer *answer, char **reason)
{
	switch (answer->status) {
	case 401:
		*reason = g_strdup("the server does not accept the user, password or token (401)");
		return WEB_FINAL;
	case 403:
		*reason = g_strdup("the server forbids access to the file (403)");
		return WEB_FINAL;
	case 404:
	case 410:
		*reason = g_strdup_printf("the server has no such file (%u)", answer->status);
		return WEB_FINAL;
	case 407:
		*reason = g_strdup("the proxy wants a user and password (407)");
		return WEB_FINAL;
	case 408:
	case 429:
		*reason = g_strdup_printf("the server is busy (%u)", answer->status);
		return WEB_AGAIN;
	default:
		*reason = g_strdup_printf("the server answers with status %u", answer->status);
		return answer->status / 100 == 5 ? WEB_AGAIN : WEB_FINAL;
	}
}

static enum web_verdict web_answer_whole(
		const struct web_answer *answer, const struct web_identity *wanted, char **reason)
{
	if (!wanted) {
		*reason = g_strdup("the server sends the whole file only (200 to the request for a "
				   "range): put the image on a server that knows byte ranges");
		return WEB_FINAL;
	}
	if (*wanted->etag && *answer->identity.etag &&
			strcmp(wanted->etag, answer->identity.etag) != 0) {
		*reason = g_strdup("the file on the server has changed; insert it anew");
		return WEB_CHANGED;
	}
	*reason = g_strdup("the server sends the whole file instead of a range");
	return WEB_WRONG;
}

static enum web_verdict web_answer_unsatisfied(
		const struct web_answer *answer, const struct web_identity *wanted, char **reason)
{
	if (wanted) {
		*reason = g_strdup("the file on the server has become shorter; insert it anew");
		return WEB_CHANGED;
	}
	*reason = g_strdup(answer->total && answer->identity.size == 0
					   ? "the file on the server is empty"
					   : "the server refuses the first byte of the file (416)");
	return WEB_FINAL;
}

enum web_verdict web_answer_judge(const struct web_answer *answer, uint64_t first, size_t size,
		const struct web_identity *wanted, char **reason)
{
	if (answer->status == 200)
		return web_answer_whole(answer, wanted, reason);
	if (answer->status == 416)
		return web_answer_unsatisfied(answer, wanted, reason);
	if (answer->status != 206)
		return web_answer_refusal(answer, reason);
	if (answer->encoded) {
		*reason = g_strdup("the server sends the file compressed, though not asked to");
		return WEB_WRONG;
	}
	if (!answer->ranged || answer->contradicts || !answer->satisfied) {
		*reason = g_strdup("the server does not say which bytes it sends");
		return WEB_WRONG;
	}
	if (!answer->total) {
		*reason = g_strdup("the server does not tell the size of the file");
		return WEB_FINAL;
	}
	if (wanted && !web_identity_same(&answer->identity, wanted)) {
		*reason = g_strdup("the file on the server has changed; insert it anew");
		return WEB_CHANGED;
	}
	if (answer->first != first || answer->last != first + size - 1) {
		*reason = g_strdup("the server sends other bytes than asked for");
		return WEB_WRONG;
	}
	return WEB_GOOD;
}
