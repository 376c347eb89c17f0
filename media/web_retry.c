/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/web_private.h"
#include "media/web_address.h"

#define WRONG_TRIES 3
#define DOUBLINGS   4
#define RETRY_AFTER 60 /* s: a server may ask for so much patience */

/* Each byte that was taken is one of the file's: its answer was judged before. */
static void web_keep(const struct web_slot *slot, struct source_request *request)
{
	if (slot->transfer.got == 0)
		return;
	request->lost = 0;
	request->got += slot->transfer.got;
	if (request->got == request->size)
		request->got = 0; /* complete, but for the end of the answer: nothing to ask for */
}

static int64_t web_backoff(const struct web *web, unsigned int tries)
{
	return web->retry << MIN(tries - 1, DOUBLINGS);
}

/* What the server says about when to come again; 0: nothing. */
static int64_t web_retry_after(const struct web_slot *slot)
{
	curl_off_t seconds = 0;

	curl_easy_getinfo(slot->transfer.easy, CURLINFO_RETRY_AFTER, &seconds);
	return CLAMP(seconds, 0, RETRY_AFTER) * G_USEC_PER_SEC;
}

static void web_lost(
		struct web *web, struct source_request *request, int64_t wait, const char *reason)
{
	int64_t now = g_get_monotonic_time();

	/* Those that fail together count as one failure. */
	if (now >= web->due) {
		web->failures++;
		web->due = now + MAX(wait, web_backoff(web, web->failures));
	}
	request->lost++;
	request->due = now + MAX(wait, web_backoff(web, request->lost));
	web_queue(request, &web->waiting, true);
	web_become(web, SOURCE_WAITING, g_strdup_printf("%s; trying again", reason));
}

static void web_wrong(struct web *web, struct source_request *request, const char *reason)
{
	request->got = 0;
	if (++request->wrong < WRONG_TRIES) {
		request->due = g_get_monotonic_time() + web_backoff(web, request->wrong);
		web_queue(request, &web->waiting, true);
	} else if (request == &web->probe) {
		web_fail(web, g_strdup(reason));
	} else {
		web_end(request, G_FILE_ERROR_IO, reason);
	}
}

/* A weak tag alone may stand for several files. */
static char *web_known(const struct web *web)
{
	const struct web_identity *identity = &web->identity;

	if (!*identity->modified && (!*identity->etag || g_str_has_prefix(identity->etag, "W/")))
		return NULL;
	return g_strdup_printf("%s tag %s of %s, %" G_GUINT64_FORMAT, web->access.url,
			identity->etag, identity->modified, (guint64)identity->size);
}

static void web_opened(struct web *web, const struct web_answer *answer)
{
	g_autofree char *size = g_format_size_full(answer->identity.size, G_FORMAT_SIZE_IEC_UNITS);

	web->opened = true;
	web->identity = answer->identity;
	web->source.size = answer->identity.size;
	web->known = web_known(web);
	web->source.identity = web->known;
	for (GList *link = web->waiting.head, *next; link; link = next) {
		next = link->next;
		if (!web_inside(web, link->data))
			web_end(link->data, G_FILE_ERROR_INVAL, WEB_OUTSIDE);
	}
	web_become(web, SOURCE_READY, g_strdup_printf("found on the server, %s", size));
}

/* Where redirects led to is asked at once from now on: half the round trips. */
static void web_learn(struct web *web, const struct web_slot *slot)
{
	char *url = NULL;
	long version = 0, redirects = 0;

	curl_easy_getinfo(slot->transfer.easy, CURLINFO_HTTP_VERSION, &version);
	web->multiplex = version >= CURL_HTTP_VERSION_2_0;
	curl_easy_getinfo(slot->transfer.easy, CURLINFO_REDIRECT_COUNT, &redirects);
	curl_easy_getinfo(slot->transfer.easy, CURLINFO_EFFECTIVE_URL, &url);
	if (redirects == 0 || !url)
		return;
	g_free(web->place);
	web->place = g_strdup(url);
	web->trusted = web_address_same_server(url, web->access.url);
}

static void web_good(struct web *web, struct web_slot *slot, struct source_request *request)
{
	web->failures = 0;
	web->due = 0;
	web_learn(web, slot);
	if (request == &web->probe) {
		web_opened(web, &slot->transfer.answer);
		return;
	}
	if (web->source.state == SOURCE_WAITING)
		web_become(web, SOURCE_READY, g_strdup("the server is back"));
	web_end(request, G_FILE_ERROR_FAILED, NULL);
}

static void web_judged(struct web *web, struct web_slot *slot, struct source_request *request,
		enum web_verdict verdict, const char *reason)
{
	if (slot->direct && verdict != WEB_GOOD) {
		g_clear_pointer(&web->place, g_free);
		request->restart = true;
		if (verdict != WEB_AGAIN) { /* an address that was good for some time only */
			web_queue(request, &web->waiting, true);
			return;
		}
	}
	switch (verdict) {
	case WEB_GOOD:
		web_good(web, slot, request);
		return;
	case WEB_AGAIN:
		web_lost(web, request, web_retry_after(slot), reason);
		return;
	case WEB_WRONG:
		web_wrong(web, request, reason);
		return;
	case WEB_CHANGED:
	case WEB_FINAL:
		web_queue(request, &web->waiting, true); /* fails with the others */
		web_fail(web, g_strdup(reason));
		return;
	}
}

void web_done(CURL *easy, CURLcode code, void *data)
{
	struct web *web = data;

	for (size_t i = 0; i < WEB_DEPTH; i++) {
		struct web_slot *slot = &web->slots[i];
		struct source_request *request = slot->request;
		g_autofree char *reason = NULL;
		enum web_verdict verdict;

		if (!request || slot->transfer.easy != easy)
			continue;
		verdict = web_transfer_end(&slot->transfer, code, &reason);
		web_keep(slot, request);
		web_slot_empty(web, slot);
		web_judged(web, slot, request, verdict, reason);
		break;
	}
	web_start(web);
	web_arm(web);
}

/* The connection is given up with it; where it carries all requests, they all begin anew. */
void web_stalled(struct web *web, struct web_slot *stalled)
{
	bool direct = stalled->direct;
	g_autofree char *reason = g_strdup("the server has stopped sending");

	for (size_t i = 0; i < WEB_DEPTH; i++) {
		struct web_slot *slot = &web->slots[i];
		struct source_request *request = slot->request;

		if (!request || (slot != stalled && !web->multiplex))
			continue;
		web_keep(slot, request);
		request->restart = request->restart || direct;
		web_slot_empty(web, slot);
		web_lost(web, request, 0, reason);
	}
	if (direct)
		g_clear_pointer(&web->place, g_free);
	if (web->multiplex) {
		struct web_loop *loop = web_loop_open(WEB_DEPTH, web_done, web);

		if (!loop)
			return;
		web_loop_close(web->loop);
		web->loop = loop;
	}
}
