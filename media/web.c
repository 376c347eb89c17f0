/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/web.h"
#include "media/web_address.h"
#include "media/web_loop.h"
#include "media/web_transfer.h"
#include <string.h>

#define DEPTH       4
#define WRONG_TRIES 3
#define STALL       10000 /* ms */
#define RETRY       500   /* ms */
#define DOUBLINGS   4
#define OUTSIDE     "a read outside the image"
#define RETRY_AFTER 60 /* s: a server may ask for so much patience */

struct source_request {
	struct web *web;
	GList link;
	GQueue *queue;    /* waiting or ended; NULL: in a slot */
	uint64_t offset;  /* bytes */
	size_t size, got; /* got: those stay when the connection is lost */
	uint8_t *bytes;
	unsigned int lost, wrong; /* tries that went so */
	int64_t due;              /* not before that, monotonic microseconds */
	bool restart;             /* from the first address, not from where it led to */
	source_done_fn done;
	void *data;
	GError *error; /* once ended */
};

struct web_slot {
	struct web_transfer transfer;
	struct source_request *request; /* NULL: free */
	bool direct;                    /* asked where an earlier one was led to */
};

struct web {
	struct source source;
	struct web_access access;
	char *name;
	int64_t stall, retry; /* microseconds */
	struct web_loop *loop;
	GSource *turn; /* all calls to the outside are made in it */

	bool opened;
	struct source_request probe; /* the first request: what is it, how large? */
	uint8_t scratch;
	struct web_identity identity;
	char *place;    /* where redirects led to; NULL: nowhere */
	bool trusted;   /* place is on the first server */
	bool multiplex; /* one connection takes all requests */

	struct web_slot slots[DEPTH];
	GQueue waiting, ended;
	unsigned int failures; /* in a row */
	int64_t due;           /* nothing is asked before that */

	char *reason; /* of the state */
	bool untold;  /* state and reason */
	bool turning, closed;
};

static void web_arm(struct web *web);

/* --- States and ends, told in the next turn --- */

static void web_become(struct web *web, enum source_state state, char *reason)
{
	if (web->source.state == state && g_strcmp0(web->reason, reason) == 0) {
		g_free(reason);
		return;
	}
	g_free(web->reason);
	web->reason = reason;
	web->source.state = state;
	web->untold = true;
}

static void web_queue(struct source_request *request, GQueue *queue, bool front)
{
	if (request->queue)
		g_queue_unlink(request->queue, &request->link);
	request->queue = queue;
	if (queue && front)
		g_queue_push_head_link(queue, &request->link);
	else if (queue)
		g_queue_push_tail_link(queue, &request->link);
}

static void web_end(struct source_request *request, GFileError code, const char *reason)
{
	struct web *web = request->web;

	if (reason)
		g_set_error(&request->error, G_FILE_ERROR, (gint)code, "%s: %s", web->name, reason);
	web_queue(request, &web->ended, false);
}

static void web_slot_empty(struct web *web, struct web_slot *slot)
{
	web_loop_remove(web->loop, slot->transfer.easy);
	slot->request = NULL;
}

static void web_fail(struct web *web, char *reason)
{
	GList *link;

	web_queue(&web->probe, NULL, false);
	while ((link = web->waiting.head))
		web_end(link->data, G_FILE_ERROR_IO, reason);
	for (size_t i = 0; i < DEPTH; i++) {
		struct source_request *request = web->slots[i].request;

		if (!request)
			continue;
		web_slot_empty(web, &web->slots[i]);
		if (request != &web->probe)
			web_end(request, G_FILE_ERROR_IO, reason);
	}
	web_become(web, SOURCE_FAILED, reason);
}

/* --- Asking --- */

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

/* While it is not known that the server is back, one request asks for all. */
static unsigned int web_depth(const struct web *web)
{
	return web->opened && web->failures == 0 ? DEPTH : 1;
}

static unsigned int web_busy(const struct web *web)
{
	unsigned int busy = 0;

	for (size_t i = 0; i < DEPTH; i++)
		busy += web->slots[i].request != NULL;
	return busy;
}

static struct web_slot *web_free_slot(struct web *web)
{
	if (web_busy(web) >= web_depth(web))
		return NULL;
	for (size_t i = 0; i < DEPTH; i++)
		if (!web->slots[i].request)
			return &web->slots[i];
	return NULL;
}

/* The one that may go first; the probe alone until the file is known. */
static struct source_request *web_next(struct web *web)
{
	struct source_request *next = NULL;

	for (GList *link = web->waiting.head; link; link = link->next) {
		struct source_request *request = link->data;

		if (!web->opened && request != &web->probe)
			continue;
		if (!next || request->due < next->due)
			next = request;
	}
	return next;
}

static void web_start(struct web *web)
{
	int64_t now = g_get_monotonic_time();
	struct source_request *request;
	struct web_slot *slot;

	while (now >= web->due && (slot = web_free_slot(web)) && (request = web_next(web)) &&
			request->due <= now) {
		slot->direct = web->place && !request->restart;
		if (!web_transfer_prepare(&slot->transfer, &web->access,
				    slot->direct ? web->place : NULL, !slot->direct || web->trusted,
				    web->multiplex)) {
			request->due = now + web->retry;
			return;
		}
		web_transfer_ask(&slot->transfer, request->offset + request->got,
				request->size - request->got, request->bytes + request->got,
				web->opened ? &web->identity : NULL);
		web_queue(request, NULL, false);
		slot->request = request;
		web_loop_add(web->loop, slot->transfer.easy);
	}
}

/* --- What becomes of a request --- */

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

static bool web_inside(const struct web *web, const struct source_request *request)
{
	return request->size > 0 && request->offset <= UINT64_MAX - request->size &&
	       (!web->opened || request->offset + request->size <= web->source.size);
}

static void web_opened(struct web *web, const struct web_answer *answer)
{
	g_autofree char *size = g_format_size_full(answer->identity.size, G_FORMAT_SIZE_IEC_UNITS);

	web->opened = true;
	web->identity = answer->identity;
	web->source.size = answer->identity.size;
	for (GList *link = web->waiting.head, *next; link; link = next) {
		next = link->next;
		if (!web_inside(web, link->data))
			web_end(link->data, G_FILE_ERROR_INVAL, OUTSIDE);
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

static void web_done(CURL *easy, CURLcode code, void *data)
{
	struct web *web = data;

	for (size_t i = 0; i < DEPTH; i++) {
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
static void web_stalled(struct web *web, struct web_slot *stalled)
{
	bool direct = stalled->direct;
	g_autofree char *reason = g_strdup("the server has stopped sending");

	for (size_t i = 0; i < DEPTH; i++) {
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
		struct web_loop *loop = web_loop_open(DEPTH, web_done, web);

		if (!loop)
			return;
		web_loop_close(web->loop);
		web->loop = loop;
	}
}

/* --- Turns --- */

static void web_arm(struct web *web)
{
	int64_t when = G_MAXINT64;
	struct source_request *next;

	if (web->untold || web->ended.length > 0)
		when = 0;
	for (size_t i = 0; i < DEPTH; i++)
		if (web->slots[i].request)
			when = MIN(when, web->slots[i].transfer.heard + web->stall);
	if (web_free_slot(web) && (next = web_next(web)))
		when = MIN(when, MAX(web->due, next->due));
	g_source_set_ready_time(web->turn, when == G_MAXINT64 ? -1 : when);
}

static void web_request_free(struct source_request *request)
{
	g_clear_error(&request->error);
	g_free(request);
}

static void web_free(struct web *web)
{
	GList *link;

	web_queue(&web->probe, NULL, false);
	for (size_t i = 0; i < DEPTH; i++) {
		struct source_request *request = web->slots[i].request;

		if (request) {
			web_slot_empty(web, &web->slots[i]);
			if (request != &web->probe)
				web_request_free(request);
		}
		web_transfer_destroy(&web->slots[i].transfer);
	}
	while ((link = g_queue_pop_head_link(&web->waiting)))
		web_request_free(link->data);
	while ((link = g_queue_pop_head_link(&web->ended)))
		web_request_free(link->data);
	web_loop_close(web->loop);
	if (web->turn) {
		g_source_destroy(web->turn);
		g_source_unref(web->turn);
	}
	web_access_clear(&web->access);
	g_free(web->name);
	g_free(web->place);
	g_free(web->reason);
	g_free(web);
}

static void web_tell(struct web *web)
{
	g_autofree char *reason = g_strdup(web->reason);

	web->untold = false;
	if (web->source.events.state)
		web->source.events.state(web->source.state, reason, web->source.events.data);
}

static void web_deliver(struct web *web)
{
	/* Those that come meanwhile are for the next turn: who asks again at once shall not keep
	 * us. */
	for (guint left = web->ended.length; left > 0 && web->ended.length > 0; left--) {
		struct source_request *request = web->ended.head->data;

		web_queue(request, NULL, false);
		request->done(request->error, request->data);
		web_request_free(request);
		if (web->closed)
			return;
	}
}

static gboolean web_turn(gpointer data)
{
	struct web *web = data;
	int64_t now = g_get_monotonic_time();

	for (size_t i = 0; i < DEPTH; i++)
		if (web->slots[i].request && now - web->slots[i].transfer.heard >= web->stall)
			web_stalled(web, &web->slots[i]);
	web->turning = true;
	if (web->untold)
		web_tell(web);
	if (!web->closed)
		web_deliver(web);
	web->turning = false;
	if (web->closed) {
		web_free(web);
		return G_SOURCE_REMOVE;
	}
	web_start(web);
	web_arm(web);
	return G_SOURCE_CONTINUE;
}

static gboolean web_turn_dispatch(GSource *turn, GSourceFunc callback, gpointer data)
{
	(void)turn;
	return callback(data);
}

/* --- The source --- */

static struct source_request *web_read(struct source *source, uint64_t offset, size_t size,
		void *bytes, source_done_fn done, void *data)
{
	struct web *web = (struct web *)source;
	struct source_request *request = g_new0(struct source_request, 1);

	request->web = web;
	request->link.data = request;
	request->offset = offset;
	request->size = size;
	request->bytes = bytes;
	request->done = done;
	request->data = data;
	if (source->state == SOURCE_FAILED)
		web_end(request, G_FILE_ERROR_IO, web->reason);
	else if (!web_inside(web, request))
		web_end(request, G_FILE_ERROR_INVAL, OUTSIDE);
	else
		web_queue(request, &web->waiting, false);
	if (!web->turning) {
		web_start(web);
		web_arm(web);
	}
	return request;
}

static void web_cancel(struct source *source, struct source_request *request)
{
	struct web *web = (struct web *)source;

	for (size_t i = 0; i < DEPTH; i++)
		if (web->slots[i].request == request)
			web_slot_empty(web, &web->slots[i]);
	web_queue(request, NULL, false);
	web_request_free(request);
	if (!web->turning) {
		web_start(web);
		web_arm(web);
	}
}

static void web_close(struct source *source)
{
	struct web *web = (struct web *)source;

	web->closed = true;
	if (!web->turning)
		web_free(web);
}

static const struct source_ops web_ops = {
		.read = web_read,
		.cancel = web_cancel,
		.close = web_close,
};

struct source *web_open(const struct web_settings *settings, GError **error)
{
	static GSourceFuncs turns = {.dispatch = web_turn_dispatch};
	struct web *web = g_new0(struct web, 1);

	if (!web_access_fill(&web->access, &web->name, settings, error))
		goto error;
	web->loop = web_loop_open(DEPTH, web_done, web);
	if (!web->loop) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "%s: no memory", web->name);
		goto error;
	}
	web->stall = (settings->stall ? settings->stall : STALL) * (int64_t)1000;
	web->retry = (settings->retry ? settings->retry : RETRY) * (int64_t)1000;
	web->source = (struct source){.ops = &web_ops, .name = web->name, .depth = DEPTH};
	web->turn = g_source_new(&turns, sizeof(GSource));
	g_source_set_callback(web->turn, web_turn, web, NULL);
	g_source_attach(web->turn, NULL);
	web->probe = (struct source_request){.web = web, .size = 1, .bytes = &web->scratch};
	web->probe.link.data = &web->probe;
	web_queue(&web->probe, &web->waiting, false);
	web_start(web);
	web_arm(web);
	return &web->source;

error:
	web_free(web);
	return NULL;
}
