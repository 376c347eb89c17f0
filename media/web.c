/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/web.h"
#include "media/web_address.h"
#include "media/web_private.h"
#include <string.h>

#define STALL 10000 /* ms */
#define RETRY 500   /* ms */

/* --- States and ends, told in the next turn --- */

void web_become(struct web *web, enum source_state state, char *reason)
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

void web_queue(struct source_request *request, GQueue *queue, bool front)
{
	if (request->queue)
		g_queue_unlink(request->queue, &request->link);
	request->queue = queue;
	if (queue && front)
		g_queue_push_head_link(queue, &request->link);
	else if (queue)
		g_queue_push_tail_link(queue, &request->link);
}

void web_end(struct source_request *request, GFileError code, const char *reason)
{
	struct web *web = request->web;

	if (reason)
		g_set_error(&request->error, G_FILE_ERROR, (gint)code, "%s: %s", web->name, reason);
	web_queue(request, &web->ended, false);
}

void web_slot_empty(struct web *web, struct web_slot *slot)
{
	web_loop_remove(web->loop, slot->transfer.easy);
	slot->request = NULL;
}

void web_fail(struct web *web, char *reason)
{
	GList *link;

	web_queue(&web->probe, NULL, false);
	while ((link = web->waiting.head))
		web_end(link->data, G_FILE_ERROR_IO, reason);
	for (size_t i = 0; i < WEB_DEPTH; i++) {
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

bool web_inside(const struct web *web, const struct source_request *request)
{
	return request->size > 0 && request->offset <= UINT64_MAX - request->size &&
	       (!web->opened || request->offset + request->size <= web->source.size);
}

/* While it is not known that the server is back, one request asks for all. */
static unsigned int web_depth(const struct web *web)
{
	return web->opened && web->failures == 0 ? WEB_DEPTH : 1;
}

static unsigned int web_busy(const struct web *web)
{
	unsigned int busy = 0;

	for (size_t i = 0; i < WEB_DEPTH; i++)
		busy += web->slots[i].request != NULL;
	return busy;
}

static struct web_slot *web_free_slot(struct web *web)
{
	if (web_busy(web) >= web_depth(web))
		return NULL;
	for (size_t i = 0; i < WEB_DEPTH; i++)
		if (!web->slots[i].request)
			return &web->slots[i];
	return NULL;
}

/* The first whose time has come, else the one whose comes next; the probe alone at first. */
static struct source_request *web_next(const struct web *web)
{
	int64_t now = g_get_monotonic_time();
	struct source_request *next = NULL;

	for (GList *link = web->waiting.head; link; link = link->next) {
		struct source_request *request = link->data;

		if (!web->opened && request != &web->probe)
			continue;
		if (request->due <= now)
			return request;
		if (!next || request->due < next->due)
			next = request;
	}
	return next;
}

void web_start(struct web *web)
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

/* --- Turns --- */

void web_arm(struct web *web)
{
	int64_t when = G_MAXINT64;
	struct source_request *next;

	if (web->untold || web->ended.length > 0)
		when = 0;
	for (size_t i = 0; i < WEB_DEPTH; i++)
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
	for (size_t i = 0; i < WEB_DEPTH; i++) {
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
	g_free(web->known);
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
		struct source_request *request = g_queue_pop_head_link(&web->ended)->data;

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

	for (size_t i = 0; i < WEB_DEPTH; i++)
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
		web_end(request, G_FILE_ERROR_INVAL, WEB_OUTSIDE);
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

	for (size_t i = 0; i < WEB_DEPTH; i++)
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
	web->loop = web_loop_open(WEB_DEPTH, web_done, web);
	if (!web->loop) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "%s: no memory", web->name);
		goto error;
	}
	web->stall = (settings->stall ? settings->stall : STALL) * (int64_t)1000;
	web->retry = (settings->retry ? settings->retry : RETRY) * (int64_t)1000;
	web->source = (struct source){.ops = &web_ops, .name = web->name, .depth = WEB_DEPTH};
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
