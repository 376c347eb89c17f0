/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>
#include "media/nbd.h"
#include "media/nbd_private.h"

#define STALL   10000       /* ms */
#define RETRY   500         /* ms */
#define LARGEST (32u << 20) /* of a request: what every server takes (doc/proto.md, block size) */

/* --- States and ends, told in the next turn --- */

void nbd_become(struct nbd *nbd, enum source_state state, char *reason)
{
	if (nbd->source.state == state && g_strcmp0(nbd->reason, reason) == 0) {
		g_free(reason);
		return;
	}
	g_free(nbd->reason);
	nbd->reason = reason;
	nbd->source.state = state;
	nbd->untold = true;
}

void nbd_queue(struct source_request *request, GQueue *queue)
{
	if (request->queue)
		g_queue_unlink(request->queue, &request->link);
	request->queue = queue;
	if (queue)
		g_queue_push_tail_link(queue, &request->link);
}

struct source_request *nbd_pop(GQueue *queue)
{
	GList *link = g_queue_pop_head_link(queue);
	struct source_request *request = link ? link->data : NULL;

	if (request)
		request->queue = NULL;
	return request;
}

void nbd_request_free(struct source_request *request)
{
	g_clear_error(&request->error);
	g_free(request->bounce);
	g_free(request);
}

void nbd_end(struct source_request *request, GFileError code, const char *reason)
{
	if (reason)
		g_set_error(&request->error, G_FILE_ERROR, (gint)code, "%s: %s",
				request->nbd->access.name, reason);
	nbd_queue(request, &request->nbd->ended);
}

void nbd_end_or_free(struct source_request *request, const char *reason)
{
	nbd_queue(request, NULL);
	if (request->cancelled)
		nbd_request_free(request);
	else
		nbd_end(request, G_FILE_ERROR_IO, reason);
}

void nbd_fail(struct nbd *nbd, char *reason)
{
	struct source_request *request;

	nbd_link_close(g_steal_pointer(&nbd->link));
	while ((request = nbd_pop(&nbd->flying)) || (request = nbd_pop(&nbd->waiting)))
		nbd_end_or_free(request, reason);
	nbd_become(nbd, SOURCE_FAILED, reason);
}

/* --- Asking --- */

bool nbd_inside(const struct nbd *nbd, const struct source_request *request)
{
	if (request->kind == NBD_FLUSH)
		return true;
	return request->size > 0 && request->size <= LARGEST &&
	       request->offset <= UINT64_MAX - request->size &&
	       (!nbd->opened || request->offset + request->size <= nbd->source.size);
}

/* A server may do what is under way in any order. */
static bool nbd_conflict(const struct source_request *one, const struct source_request *other)
{
	if (one->kind == NBD_READ && other->kind == NBD_READ)
		return false;
	if (one->kind == NBD_FLUSH || other->kind == NBD_FLUSH)
		return one->kind != NBD_READ && other->kind != NBD_READ;
	return one->offset < other->offset + other->size && other->offset < one->offset + one->size;
}

static bool nbd_may_start(const struct nbd *nbd, const struct source_request *request)
{
	for (GList *link = nbd->flying.head; link; link = link->next)
		if (nbd_conflict(link->data, request))
			return false;
	for (GList *link = nbd->waiting.head; link->data != request; link = link->next)
		if (nbd_conflict(link->data, request))
			return false;
	return true;
}

static int nbd_answered(void *data, int *fault)
{
	struct source_request *request = data;

	request->answered = true;
	request->fault = *fault;
	return 1; /* libnbd forgets it */
}

static bool nbd_issue(struct nbd *nbd, struct source_request *request)
{
	struct nbd_handle *handle = nbd_link_handle(nbd->link);
	const nbd_completion_callback answered = {.callback = nbd_answered, .user_data = request};

	request->answered = false;
	if (request->kind == NBD_FLUSH)
		return nbd->access.call.aio_flush(handle, answered, 0) >= 0;
	if (!request->bounce)
		request->bounce = g_try_malloc(request->size);
	if (!request->bounce)
		return false;
	if (request->kind == NBD_WRITE)
		return nbd->access.call.aio_pwrite(handle, request->bounce, request->size,
				       request->offset, answered, 0) >= 0;
	return nbd->access.call.aio_pread(handle, request->bounce, request->size, request->offset,
			       answered, 0) >= 0;
}

/* A server that cannot flush keeps nothing back, as far as it says. */
static bool nbd_needs_no_server(const struct nbd *nbd, const struct source_request *request)
{
	return request->kind == NBD_FLUSH &&
	       nbd->access.call.can_flush(nbd_link_handle(nbd->link)) == 0;
}

void nbd_start(struct nbd *nbd)
{
	GList *next;

	if (!nbd_link_handle(nbd->link) || !nbd->opened)
		return;
	if (nbd->flying.length == 0)
		nbd_link_rested(nbd->link);
	for (GList *link = nbd->waiting.head; link && nbd->flying.length < NBD_DEPTH; link = next) {
		struct source_request *request = link->data;

		next = link->next;
		if (!nbd_may_start(nbd, request))
			continue;
		if (nbd_needs_no_server(nbd, request)) {
			nbd_end(request, G_FILE_ERROR_FAILED, NULL);
		} else if (nbd_issue(nbd, request)) {
			nbd_queue(request, &nbd->flying);
		} else if (!nbd->access.call.aio_is_ready(nbd_link_handle(nbd->link)) &&
				!nbd->access.call.aio_is_processing(nbd_link_handle(nbd->link))) {
			break; /* the link is about to end */
		} else {
			nbd_end(request, G_FILE_ERROR_IO,
					request->bounce || request->kind == NBD_FLUSH
							? nbd->access.call.get_error()
							: "no memory left for it");
		}
	}
	if (nbd->link)
		nbd_link_watch(nbd->link);
}

void nbd_arm(struct nbd *nbd)
{
	int64_t when = G_MAXINT64;

	if (nbd->untold || nbd->ended.length > 0)
		when = 0;
	else if (nbd->source.state == SOURCE_FAILED)
		when = G_MAXINT64;
	else if (!nbd->link)
		when = nbd->due;
	else if (nbd->flying.length > 0 || !nbd_link_handle(nbd->link))
		when = nbd_link_heard(nbd->link) + (nbd->stall << nbd->stalls);
	g_source_set_ready_time(nbd->turn, when == G_MAXINT64 ? -1 : when);
}

/* --- Turns --- */

static void nbd_free(struct nbd *nbd)
{
	struct source_request *request;

	nbd_link_close(nbd->link); /* before the memory that it moves */
	while ((request = nbd_pop(&nbd->flying)) || (request = nbd_pop(&nbd->waiting)) ||
			(request = nbd_pop(&nbd->ended)))
		nbd_request_free(request);
	if (nbd->turn) {
		g_source_destroy(nbd->turn);
		g_source_unref(nbd->turn);
	}
	nbd_access_clear(&nbd->access);
	g_free(nbd->reason);
	g_free(nbd);
}

static void nbd_tell(struct nbd *nbd)
{
	g_autofree char *reason = g_strdup(nbd->reason);

	nbd->untold = false;
	if (nbd->source.events.state)
		nbd->source.events.state(nbd->source.state, reason, nbd->source.events.data);
}

static void nbd_deliver(struct nbd *nbd)
{
	/* Those that come meanwhile are for the next turn. */
	for (guint left = nbd->ended.length; left > 0; left--) {
		struct source_request *request = nbd_pop(&nbd->ended);

		if (!request)
			return;
		if (!request->error && request->kind == NBD_READ)
			memcpy(request->bytes, request->bounce, request->size);
		request->done(request->error, request->data);
		nbd_request_free(request);
		if (nbd->closed)
			return;
	}
}

static gboolean nbd_turn(GSource *turn, GSourceFunc callback, gpointer data)
{
	struct nbd *nbd = data;

	nbd_look_at_the_clock(nbd);
	nbd->turning = true;
	if (nbd->untold)
		nbd_tell(nbd);
	if (!nbd->closed)
		nbd_deliver(nbd);
	nbd->turning = false;
	if (nbd->closed) {
		nbd_free(nbd);
		return G_SOURCE_REMOVE;
	}
	nbd_start(nbd);
	nbd_arm(nbd);
	return G_SOURCE_CONTINUE;
}

static gboolean nbd_never(gpointer unused)
{
	return G_SOURCE_CONTINUE;
}

/* --- The source --- */

static struct source_request *nbd_ask(struct source *source, enum nbd_kind kind, uint64_t offset,
		size_t size, void *bytes, source_done_fn done, void *data)
{
	struct nbd *nbd = (struct nbd *)source;
	struct source_request *request = g_new0(struct source_request, 1);

	*request = (struct source_request){
			.nbd = nbd,
			.link.data = request,
			.order = nbd->asked++,
			.kind = kind,
			.offset = offset,
			.size = size,
			.bytes = bytes,
			.done = done,
			.data = data,
	};
	if (source->state == SOURCE_FAILED) {
		nbd_end(request, G_FILE_ERROR_IO, nbd->reason);
	} else if (!nbd_inside(nbd, request)) {
		nbd_end(request, G_FILE_ERROR_INVAL, "outside the image");
	} else {
		if (kind == NBD_WRITE) /* before a cancel takes them away */
			request->bounce = g_memdup2(bytes, size);
		nbd_queue(request, &nbd->waiting);
	}
	if (!nbd->turning) {
		nbd_start(nbd);
		nbd_arm(nbd);
	}
	return request;
}

static struct source_request *nbd_ask_read(struct source *source, uint64_t offset, size_t size,
		void *bytes, source_done_fn done, void *data)
{
	return nbd_ask(source, NBD_READ, offset, size, bytes, done, data);
}

static struct source_request *nbd_ask_write(struct source *source, uint64_t offset, size_t size,
		const void *bytes, source_done_fn done, void *data)
{
	return nbd_ask(source, NBD_WRITE, offset, size, (void *)bytes, done, data);
}

static struct source_request *nbd_ask_flush(struct source *source, source_done_fn done, void *data)
{
	return nbd_ask(source, NBD_FLUSH, 0, 0, NULL, done, data);
}

static void nbd_cancel(struct source *source, struct source_request *request)
{
	struct nbd *nbd = (struct nbd *)source;

	if (request->queue == &nbd->flying) {
		request->cancelled = true;
	} else {
		nbd_queue(request, NULL);
		nbd_request_free(request);
	}
	if (!nbd->turning) {
		nbd_start(nbd);
		nbd_arm(nbd);
	}
}

static void nbd_leave(struct source *source)
{
	struct nbd *nbd = (struct nbd *)source;

	nbd->closed = true;
	if (!nbd->turning)
		nbd_free(nbd);
}

struct source *nbd_open(const struct nbd_settings *settings, GError **error)
{
	static GSourceFuncs turns = {.dispatch = nbd_turn};
	struct nbd *nbd = g_new0(struct nbd, 1);

	if (!nbd_access_fill(&nbd->access, settings->uri, settings->ca_file, settings->certificates,
			    settings->insecure, error)) {
		nbd_free(nbd);
		return NULL;
	}
	nbd->writable = settings->writable;
	nbd->stall = (settings->stall ? settings->stall : STALL) * (int64_t)1000;
	nbd->retry = (settings->retry ? settings->retry : RETRY) * (int64_t)1000;
	nbd->ops.read = nbd_ask_read;
	nbd->ops.write = nbd->writable ? nbd_ask_write : NULL;
	nbd->ops.flush = nbd->writable ? nbd_ask_flush : NULL;
	nbd->ops.cancel = nbd_cancel;
	nbd->ops.close = nbd_leave;
	nbd->source.ops = &nbd->ops;
	nbd->source.name = nbd->access.name;
	nbd->source.depth = NBD_DEPTH;
	nbd->turn = g_source_new(&turns, sizeof(GSource));
	g_source_set_callback(nbd->turn, nbd_never, nbd, NULL);
	g_source_attach(nbd->turn, NULL);
	nbd_connect_now(nbd);
	nbd_arm(nbd);
	return &nbd->source;
}
