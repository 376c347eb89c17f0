/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>
#include "media/layer_private.h"

#define LAYER_BACKLOG (2u << 20) /* bytes on their way to a store; what exceeds them is not kept \
				  */

/* --- Requests --- */

static void layer_queue(struct source_request *request, GQueue *queue)
{
	if (request->queue)
		g_queue_unlink(request->queue, &request->link);
	request->queue = queue;
	if (queue)
		g_queue_push_tail_link(queue, &request->link);
}

struct source_request *layer_pop(GQueue *queue)
{
	GList *link = g_queue_pop_head_link(queue);
	struct source_request *request = link ? link->data : NULL;

	if (request)
		request->queue = NULL;
	return request;
}

void layer_request_free(struct source_request *request)
{
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

	layer_queue(request, request->cancelled ? NULL : &layer->ended);
	if (request->cancelled)
		layer_request_free(request);
	layer_kick(layer);
}

void layer_cancel_pieces(struct source_request *request)
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

void layer_start_all(struct layer *layer)
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

struct source_request *layer_read(struct source *source, uint64_t offset, size_t size, void *bytes,
		source_done_fn done, void *data)
{
	return layer_ask(source, LAYER_READ, offset, size, bytes, done, data);
}

struct source_request *layer_write(struct source *source, uint64_t offset, size_t size,
		const void *bytes, source_done_fn done, void *data)
{
	return layer_ask(source, LAYER_WRITE, offset, size, (void *)bytes, done, data);
}

struct source_request *layer_flush(struct source *source, source_done_fn done, void *data)
{
	return layer_ask(source, LAYER_FLUSH, 0, 0, NULL, done, data);
}

void layer_cancel(struct source *source, struct source_request *request)
{
	struct layer *layer = (struct layer *)source;

	if (request->queue == &layer->active && request->putting) {
		request->cancelled = true; /* what the file has, the map must know of */
		return;
	}
	layer_cancel_pieces(request);
	layer_queue(request, NULL);
	layer_request_free(request);
	layer_kick(layer); /* others may have waited for its end */
}
