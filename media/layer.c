/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/layer_private.h"

#define LAYER_THREADS 2

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
	char *copy = g_strdup(reason); /* it may be the old one */

	layer->source.state = state;
	g_free(layer->reason);
	layer->reason = copy;
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
		struct source_request *request = layer_pop(&layer->ended);

		if (!request)
			break;
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
	struct source_request *request;
	GList *link;

	g_source_destroy(layer->turn);
	while ((request = layer_pop(&layer->waiting)) || (request = layer_pop(&layer->active)) ||
			(request = layer_pop(&layer->ended))) {
		layer_cancel_pieces(request);
		layer_request_free(request);
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
