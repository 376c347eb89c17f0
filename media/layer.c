/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>
#include "media/jobs.h"
#include "media/layer.h"

#define LAYER_THREADS 2
#define LAYER_BACKLOG (2u << 20) /* bytes on their way to a store; what exceeds them is not kept \
				  */

enum layer_request_kind { LAYER_READ, LAYER_WRITE, LAYER_FLUSH };

/* A part of a request, of this machine's file or of the source below. */
struct layer_piece {
	struct source_request *request;
	bool here;
	uint64_t offset;
	size_t size;
	uint8_t *bytes;
	struct source_request *under; /* NULL: ended */
	struct layer_piece *next;
};

struct source_request {
	struct layer *layer;
	GList link;
	GQueue *queue; // layer::waiting, ::active or ::ended
	enum layer_request_kind kind;
	uint64_t offset;
	size_t size;
	uint8_t *bytes;
	/* Of a write: whole blocks, and whether the file has to take them now come what may. */
	uint8_t *staged;
	uint64_t staged_at;
	size_t staged_size;
	bool putting, cancelled;
	struct layer_piece *pieces;
	unsigned int left; /* pieces under way */
	GError *error;
	source_done_fn done;
	void *data;
};

/* What a store keeps of a read. */
struct layer_keeping {
	struct layer *layer;
	uint64_t offset;
	size_t size;
	GList link; // layer::keeping
};

/* What the threads need. */
struct layer_shared {
	struct layer_settings settings;
	struct local *local;
	char *identity;
	uint64_t size;
};

struct layer {
	struct source source;
	struct source_ops ops;
	struct source *below;
	const struct layer_kind *kind;
	struct layer_shared *shared; /* of the jobs */
	struct jobs *jobs;
	bool opening, opened; /* the file */
	bool plain;           /* without a file: none is wanted, or it cannot be used */
	bool full;            /* a store that takes no more */
	bool drop;
	size_t backlog;
	GQueue waiting, active, ended, keeping;
	GSource *turn;
	char *reason; /* of a failure of ours */
	bool untold, turning, closed;
};

/* --- On the threads --- */

static bool layer_run(enum job_kind kind, uint64_t offset, size_t size, void *bytes, void *data,
		GError **error)
{
	struct layer_shared *shared = data;
	const struct layer_settings *settings = &shared->settings;

	switch (kind) {
	case JOB_OPEN:
		return local_load(shared->local, shared->identity, shared->size,
				settings->kind->store, error);
	case JOB_READ:
		return local_get(shared->local, offset, size, bytes, error);
	case JOB_WRITE:
		if (settings->room && !settings->room(shared->local->path, size, settings->data)) {
			g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "full");
			return false;
		}
		return local_put(shared->local, offset, size, bytes, error);
	default:
		return local_sync(shared->local, error);
	}
}

static void layer_free_shared(void *data)
{
	struct layer_shared *shared = data;

	if (shared->local)
		local_free(shared->local);
	if (shared->settings.free_data)
		shared->settings.free_data(shared->settings.data);
	g_free(shared->identity);
	g_free(shared);
}

static const struct jobs_ops layer_jobs = {.run = layer_run, .free_data = layer_free_shared};

/* --- Requests --- */

static void layer_kick(struct layer *layer)
{
	g_source_set_ready_time(layer->turn, 0);
}

static void layer_queue(struct source_request *request, GQueue *queue)
{
	if (request->queue)
		g_queue_unlink(request->queue, &request->link);
	request->queue = queue;
	if (queue)
		g_queue_push_tail_link(queue, &request->link);
}

static void layer_request_free(struct source_request *request)
{
	layer_queue(request, NULL);
	while (request->pieces) {
		struct layer_piece *piece = request->pieces;

		request->pieces = piece->next;
		g_free(piece);
	}
	g_clear_error(&request->error);
	g_free(request->staged);
	g_free(request);
}

/* With what its error says. Told in the next turn. */
static void layer_end(struct source_request *request)
{
	struct layer *layer = request->layer;

	if (request->cancelled)
		layer_request_free(request);
	else
		layer_queue(request, &layer->ended);
	layer_kick(layer);
}

static void layer_cancel_pieces(struct source_request *request)
{
	struct layer *layer = request->layer;

	for (struct layer_piece *piece = request->pieces; piece; piece = piece->next) {
		if (piece->under && piece->here)
			jobs_cancel(layer->jobs, piece->under);
		else if (piece->under)
			source_cancel(layer->below, piece->under);
		piece->under = NULL;
	}
}

/* The blocks of a request; the end is not one of them. */
static void layer_range(const struct source_request *request, uint64_t *from, uint64_t *to)
{
	const uint32_t block = request->layer->kind->local.block;

	*from = request->offset / block;
	*to = (request->offset + request->size + block - 1) / block;
}

static bool layer_conflict(const struct source_request *one, const struct source_request *other)
{
	uint64_t from, to, other_from, other_to;

	if (one->kind == LAYER_READ && other->kind == LAYER_READ)
		return false;
	if (one->kind == LAYER_FLUSH || other->kind == LAYER_FLUSH)
		return one->kind != LAYER_READ && other->kind != LAYER_READ;
	layer_range(one, &from, &to);
	layer_range(other, &other_from, &other_to);
	return from < other_to && other_from < to;
}

static bool layer_may_start(const struct layer *layer, const struct source_request *request)
{
	for (GList *link = layer->active.head; link; link = link->next)
		if (layer_conflict(link->data, request))
			return false;
	for (GList *link = layer->waiting.head; link->data != request; link = link->next)
		if (layer_conflict(link->data, request))
			return false;
	return true;
}

/* --- Reads --- */

static void layer_piece_done(const GError *error, void *data);

static void layer_piece_start(struct layer_piece *piece)
{
	struct layer *layer = piece->request->layer;

	if (piece->here)
		piece->under = jobs_add(layer->jobs, JOB_READ, piece->offset, piece->size,
				piece->bytes, layer_piece_done, piece);
	else
		piece->under = source_read(layer->below, piece->offset, piece->size, piece->bytes,
				layer_piece_done, piece);
}

static bool layer_has(const struct layer *layer, uint64_t block)
{
	return !layer->plain && local_has(layer->shared->local, block);
}

/* What a store reads of its file it reads in whole blocks, to see whether they are right. */
static bool layer_may_read_here(
		const struct layer *layer, const struct source_request *request, uint64_t block)
{
	const uint32_t size = layer->kind->local.block;
	const uint64_t end = MIN((block + 1) * size, layer->below->size);

	if (!layer_has(layer, block))
		return false;
	return !layer->kind->store ||
	       (request->offset <= block * size && request->offset + request->size >= end);
}

/* Cuts offset..end, that lies within the request, into pieces, from the file and from below. */
static void layer_cut(struct source_request *request, uint64_t offset, uint64_t end, uint8_t *bytes)
{
	struct layer *layer = request->layer;
	const uint32_t size = layer->kind->local.block;

	while (offset < end) {
		struct layer_piece *piece = g_new0(struct layer_piece, 1);
		uint64_t to = offset;

		piece->request = request;
		piece->here = layer_may_read_here(layer, request, offset / size);
		piece->offset = offset;
		piece->bytes = bytes;
		while (to < end && layer_may_read_here(layer, request, to / size) == piece->here)
			to = MIN((to / size + 1) * size, end);
		piece->size = to - offset;
		bytes += piece->size;
		offset = to;
		piece->next = request->pieces;
		request->pieces = piece;
		request->left++;
	}
}

static void layer_pieces_start(struct source_request *request)
{
	for (struct layer_piece *piece = request->pieces; piece; piece = piece->next)
		layer_piece_start(piece);
}

/* --- What a store keeps --- */

/* A file that is spoilt, or whose disk fails, is no loss: what was in it is below. */
static void layer_do_without(struct layer *layer)
{
	layer->plain = true;
	layer->shared->local->dropped = true;
}

static void layer_kept(const GError *error, void *data)
{
	struct layer_keeping *keeping = data;
	struct layer *layer = keeping->layer;

	if (!error)
		local_note(layer->shared->local, keeping->offset, keeping->size);
	else
		layer->full = true;
	layer->backlog -= keeping->size;
	g_queue_unlink(&layer->keeping, &keeping->link);
	g_free(keeping);
}

static void layer_keep(struct layer *layer, const struct layer_piece *piece)
{
	const uint32_t block = layer->kind->local.block;
	const uint64_t end = piece->offset + piece->size;
	uint64_t from = (piece->offset + block - 1) / block * block;
	uint64_t to = end == layer->below->size ? end : end / block * block;
	struct layer_keeping *keeping;

	if (layer->plain || layer->full || from >= to || layer_has(layer, from / block) ||
			layer->backlog + (to - from) > LAYER_BACKLOG)
		return;
	keeping = g_new0(struct layer_keeping, 1);
	keeping->layer = layer;
	keeping->offset = from;
	keeping->size = to - from;
	keeping->link.data = keeping;
	g_queue_push_tail_link(&layer->keeping, &keeping->link);
	layer->backlog += keeping->size;
	jobs_add(layer->jobs, JOB_WRITE, from, keeping->size, piece->bytes + (from - piece->offset),
			layer_kept, keeping);
}

/* --- Writes --- */

static void layer_put_done(const GError *error, void *data)
{
	struct source_request *request = data;

	if (error)
		request->error = g_error_copy(error);
	else if (request->kind == LAYER_WRITE)
		local_note(request->layer->shared->local, request->staged_at, request->staged_size);
	layer_end(request);
}

static void layer_put(struct source_request *request)
{
	memcpy(request->staged + (request->offset - request->staged_at), request->bytes,
			request->size);
	request->putting = true;
	jobs_add(request->layer->jobs, JOB_WRITE, request->staged_at, request->staged_size,
			request->staged, layer_put_done, request);
	g_clear_pointer(&request->staged, g_free); /* the job has its own */
}

/* Blocks that are written in part are fetched first. */
static void layer_start_write(struct source_request *request)
{
	struct layer *layer = request->layer;
	const uint32_t block = layer->kind->local.block;
	const uint64_t end = request->offset + request->size;
	uint64_t from, to, tail;

	layer_range(request, &from, &to);
	from *= block;
	to = MIN(to * block, layer->below->size);
	request->staged_at = from;
	request->staged_size = to - from;
	request->staged = g_try_malloc(request->staged_size);
	if (!request->staged) {
		g_set_error(&request->error, G_FILE_ERROR, G_FILE_ERROR_IO,
				"%s: no memory left for a write", layer->source.name);
		layer_end(request);
		return;
	}
	if (from < request->offset)
		layer_cut(request, from, MIN(from + block, to), request->staged);
	tail = (to - 1) / block * block;
	if (end < to && (from == request->offset || tail > from))
		layer_cut(request, tail, to, request->staged + (tail - from));
	if (request->left == 0)
		layer_put(request);
	else
		layer_pieces_start(request);
}

/* --- Pieces that end --- */

static void layer_piece_failed(struct layer_piece *piece, const GError *error)
{
	struct source_request *request = piece->request;
	struct layer *layer = request->layer;

	if (piece->here && layer->kind->store) {
		layer_do_without(layer);
		piece->here = false;
		layer_piece_start(piece);
		return;
	}
	request->left--;
	if (!request->error)
		request->error = g_error_copy(error);
}

static void layer_piece_done(const GError *error, void *data)
{
	struct layer_piece *piece = data;
	struct source_request *request = piece->request;

	piece->under = NULL;
	if (error) {
		layer_piece_failed(piece, error);
	} else {
		request->left--;
		if (!piece->here && request->layer->kind->store)
			layer_keep(request->layer, piece);
	}
	if (request->left > 0)
		return;
	if (request->kind == LAYER_WRITE && !request->error)
		layer_put(request);
	else
		layer_end(request);
}

/* --- All requests --- */

static GError *layer_refuse(const struct layer *layer, const struct source_request *request)
{
	const uint64_t size = layer->below->size;

	if (layer->source.state == SOURCE_FAILED && !layer->opened && !layer->plain)
		return g_error_new(G_FILE_ERROR, G_FILE_ERROR_IO, "%s",
				layer->reason ? layer->reason : "the image cannot be read");
	if (request->kind != LAYER_FLUSH && (request->size == 0 || request->offset > size ||
							    request->size > size - request->offset))
		return g_error_new(G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"%s: has %" PRIu64 " bytes; %zu at %" PRIu64 " are outside",
				layer->source.name, size, request->size, request->offset);
	return NULL;
}

static void layer_start(struct layer *layer, struct source_request *request)
{
	layer_queue(request, &layer->active);
	request->error = layer_refuse(layer, request);
	if (request->error) {
		layer_end(request);
	} else if (request->kind == LAYER_READ) {
		layer_cut(request, request->offset, request->offset + request->size,
				request->bytes);
		layer_pieces_start(request);
	} else if (request->kind == LAYER_WRITE) {
		layer_start_write(request);
	} else {
		request->putting = true;
		jobs_add(layer->jobs, JOB_FLUSH, 0, 0, NULL, layer_put_done, request);
	}
}

static void layer_start_all(struct layer *layer)
{
	GList *next;

	if (!layer->opened && !layer->plain && layer->source.state != SOURCE_FAILED)
		return;
	for (GList *link = layer->waiting.head; link; link = next) {
		next = link->next;
		if (layer_may_start(layer, link->data))
			layer_start(layer, link->data);
	}
}

static struct source_request *layer_ask(struct source *source, enum layer_request_kind kind,
		uint64_t offset, size_t size, void *bytes, source_done_fn done, void *data)
{
	struct layer *layer = (struct layer *)source;
	struct source_request *request = g_new(struct source_request, 1);

	*request = (struct source_request){
			.layer = layer,
			.link.data = request,
			.kind = kind,
			.offset = offset,
			.size = size,
			.bytes = bytes,
			.done = done,
			.data = data,
	};
	layer_queue(request, &layer->waiting);
	layer_start_all(layer);
	return request;
}

static struct source_request *layer_read(struct source *source, uint64_t offset, size_t size,
		void *bytes, source_done_fn done, void *data)
{
	return layer_ask(source, LAYER_READ, offset, size, bytes, done, data);
}

static struct source_request *layer_write(struct source *source, uint64_t offset, size_t size,
		const void *bytes, source_done_fn done, void *data)
{
	return layer_ask(source, LAYER_WRITE, offset, size, (void *)bytes, done, data);
}

static struct source_request *layer_flush(struct source *source, source_done_fn done, void *data)
{
	return layer_ask(source, LAYER_FLUSH, 0, 0, NULL, done, data);
}

static void layer_cancel(struct source *source, struct source_request *request)
{
	struct layer *layer = (struct layer *)source;

	if (request->queue == &layer->active && request->putting) {
		request->cancelled = true; /* what the file has, the map must know of */
		return;
	}
	layer_cancel_pieces(request);
	layer_request_free(request);
	layer_kick(layer); /* others may have waited for its end */
}

/* --- States --- */

static void layer_resemble(struct layer *layer)
{
	layer->source.size = layer->below->size;
	layer->source.name = layer->below->name;
	layer->source.depth = layer->below->depth;
	if (layer->kind->store)
		layer->source.identity = layer->below->identity;
}

static void layer_become(struct layer *layer, enum source_state state, const char *reason)
{
	char *words = g_strdup(reason ? reason : ""); /* it may be the one that is replaced */

	layer->source.state = state;
	g_free(layer->reason);
	layer->reason = words;
	layer->untold = true;
	layer_kick(layer);
}

static void layer_loaded(const GError *error, void *data)
{
	struct layer *layer = data;

	layer->opening = false;
	if (!error) {
		layer->opened = true;
	} else if (layer->kind->store) {
		layer->plain = true;
	} else {
		layer_become(layer, SOURCE_FAILED, error->message);
		return;
	}
	if (layer->below->state != SOURCE_FAILED)
		layer_become(layer, layer->below->state, layer->reason);
	layer_kick(layer);
}

/* The size is known, so the file can be opened. */
static void layer_prepare(struct layer *layer)
{
	struct layer_shared *shared = layer->shared;
	g_autofree char *path = shared->settings.path(layer->below, shared->settings.data);

	layer_resemble(layer);
	if (!path) {
		layer->plain = true;
		layer_become(layer, layer->below->state, layer->reason);
		return;
	}
	shared->local = local_new(&layer->kind->local, path);
	/* Without one, the name and the size have to do. */
	shared->identity = g_strdup(
			layer->below->identity ? layer->below->identity : layer->below->name);
	shared->size = layer->below->size;
	layer->opening = true;
	jobs_add(layer->jobs, JOB_OPEN, 0, 0, NULL, layer_loaded, layer);
}

static void layer_state(enum source_state state, const char *reason, void *data)
{
	struct layer *layer = data;

	layer_resemble(layer);
	if (layer->source.state == SOURCE_FAILED)
		return;
	if (state == SOURCE_READY && !layer->opened && !layer->plain) {
		g_free(layer->reason);
		layer->reason = g_strdup(reason);
		if (!layer->opening)
			layer_prepare(layer);
		return;
	}
	if (layer->opened || layer->plain || state == SOURCE_FAILED || state == SOURCE_WAITING)
		layer_become(layer, state, reason);
}

/* --- Turns --- */

static void layer_free(struct layer *layer)
{
	g_source_unref(layer->turn);
	g_free(layer->reason);
	g_free(layer);
}

static void layer_tell(struct layer *layer)
{
	g_autofree char *reason = g_strdup(layer->reason ? layer->reason : "");

	layer->untold = false;
	if (layer->source.events.state)
		layer->source.events.state(layer->source.state, reason, layer->source.events.data);
}

static gboolean layer_turn(GSource *source, GSourceFunc callback, gpointer data)
{
	struct layer *layer = data;

	g_source_set_ready_time(source, -1);
	if (layer->source.state == SOURCE_OPENING && layer->below->state == SOURCE_READY &&
			!layer->opening && !layer->opened && !layer->plain)
		layer_prepare(layer);
	layer->turning = true;
	if (layer->untold)
		layer_tell(layer);
	if (!layer->closed)
		layer_start_all(layer);
	for (guint count = layer->ended.length; count > 0 && !layer->closed; count--) {
		struct source_request *request;

		if (layer->ended.length == 0)
			break;
		request = layer->ended.head->data;
		layer_queue(request, NULL);
		request->done(request->error, request->data);
		layer_request_free(request);
	}
	layer->turning = false;
	if (layer->closed)
		layer_free(layer);
	else if (layer->ended.length > 0)
		layer_kick(layer);
	return G_SOURCE_CONTINUE;
}

static gboolean layer_never(gpointer unused)
{
	return G_SOURCE_CONTINUE;
}

static void layer_close(struct source *source)
{
	struct layer *layer = (struct layer *)source;
	GList *link;

	g_source_destroy(layer->turn);
	while ((link = layer->waiting.head) || (link = layer->active.head) ||
			(link = layer->ended.head)) {
		layer_cancel_pieces(link->data);
		layer_request_free(link->data);
	}
	while ((link = g_queue_pop_head_link(&layer->keeping)))
		g_free(link->data);
	if (layer->shared->local)
		layer->shared->local->dropped |= layer->drop;
	jobs_close(layer->jobs);
	source_close(layer->below);
	layer->closed = true;
	if (!layer->turning)
		layer_free(layer);
}

void layer_drop(struct source *source, bool drop)
{
	((struct layer *)source)->drop = drop;
}

struct source *layer_open(struct source *below, const struct layer_settings *settings)
{
	static GSourceFuncs turns = {.dispatch = layer_turn};
	struct layer *layer = g_new0(struct layer, 1);
	const struct source_events events = {.state = layer_state, .data = layer};

	layer->below = below;
	layer->kind = settings->kind;
	layer->shared = g_new0(struct layer_shared, 1);
	layer->shared->settings = *settings;
	layer->jobs = jobs_new(&layer_jobs, LAYER_THREADS, layer->shared);
	layer->ops.read = layer_read;
	layer->ops.write = settings->kind->store ? NULL : layer_write;
	layer->ops.flush = settings->kind->store ? NULL : layer_flush;
	layer->ops.cancel = layer_cancel;
	layer->ops.close = layer_close;
	layer->source.ops = &layer->ops;
	layer->source.state = SOURCE_OPENING;
	layer->source.name = below->name;
	layer->source.depth = below->depth;
	layer->turn = g_source_new(&turns, sizeof(GSource));
	g_source_set_callback(layer->turn, layer_never, layer, NULL);
	g_source_attach(layer->turn, NULL);
	source_listen(below, &events);
	layer_kick(layer);
	return &layer->source;
}
