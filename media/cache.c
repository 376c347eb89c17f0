/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>
#include "media/cache_private.h"

void cache_kick(struct cache *cache)
{
	cache->kicked = true;
	if (!g_main_context_is_owner(NULL)) /* the loop may be waiting */
		g_main_context_wakeup(NULL);
}

static void cache_spare(struct cache *cache, struct source_request *request)
{
	g_clear_error(&request->error);
	g_queue_push_head_link(&cache->spare, &request->link);
}

static void cache_leave(struct cache *cache, struct source_request *request)
{
	g_queue_unlink(&cache->active, &request->link);
	cache->writes -= request->kind == CACHE_WRITE;
}

void cache_finish(struct cache *cache, struct source_request *request, GError *error)
{
	cache_leave(cache, request);
	request->error = error;
	g_queue_push_tail_link(&cache->finished, &request->link);
	cache_kick(cache);
}

/* --- Reads --- */

/* Copies what there is, from where it is at. */
static void cache_copy(struct cache *cache, struct source_request *request)
{
	while (request->at < cache_end(request)) {
		struct block *block = blocks_find(&cache->blocks, request->at / BLOCK_SIZE);
		uint64_t skip = request->at % BLOCK_SIZE;
		uint64_t size = MIN(BLOCK_SIZE - skip, cache_end(request) - request->at);

		if (!block || block->state != BLOCK_HELD)
			return;
		memcpy(request->bytes + (request->at - request->offset), block->bytes + skip, size);
		blocks_use(&cache->blocks, block);
		request->at += size;
	}
	cache_finish(cache, request, NULL);
}

void cache_pump(struct cache *cache)
{
	GList *next;

	for (GList *link = cache->active.head; link; link = next) {
		struct source_request *request = link->data;

		next = link->next;
		if (request->kind == CACHE_READ && request->started)
			cache_copy(cache, request);
	}
	for (GList *link = cache->active.head; link; link = link->next) {
		struct source_request *request = link->data;

		if (request->kind == CACHE_READ && request->started &&
				!cache_fetch_for(cache, request))
			return;
	}
	cache_fetch_ahead(cache);
}

static void cache_start_read(struct cache *cache, struct source_request *request)
{
	uint64_t last = (cache_end(request) - 1) / BLOCK_SIZE;
	bool at_hand = true; /* or on its way: so is a read that a host tries again */

	for (uint64_t number = request->offset / BLOCK_SIZE; number <= last; number++) {
		const struct block *block = blocks_find(&cache->blocks, number);

		at_hand = at_hand && block;
		if (block && block->state == BLOCK_HELD)
			cache->stats.hits++;
		else
			cache->stats.misses++;
	}
	cache->stats.asked += request->size;
	if (!ahead_read(&cache->ahead, request->offset, request->size, at_hand))
		cache_drop_ahead(cache);
	cache_pump(cache);
}

/* --- Writes --- */

static void cache_wrote(const GError *error, void *data)
{
	struct source_request *request = data;
	struct cache *cache = request->cache;

	if (error)
		cache->stats.errors++;
	else
		cache->stats.written += request->size;
	cache_finish(cache, request, error ? g_error_copy(error) : NULL);
	cache_pump(cache);
}

static void cache_start_write(struct cache *cache, struct source_request *request)
{
	cache_drop_range(cache, request->offset, request->size);
	request->below = source_write(cache->below, request->offset, request->size, request->bytes,
			cache_wrote, request);
}

static void cache_start_flush(struct cache *cache, struct source_request *request)
{
	if (source_flushes(cache->below))
		request->below = source_flush(cache->below, cache_wrote, request);
	else
		cache_finish(cache, request, NULL);
}

/* --- All requests --- */

static GError *cache_refuse(const struct cache *cache, const struct source_request *request)
{
	const struct source *below = cache->below;

	/* One that failed before its size was known has nothing to ask it for. */
	if (below->state == SOURCE_FAILED && below->size == 0)
		return g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_IO,
				cache->reason ? cache->reason : "the image cannot be read");
	if (request->kind == CACHE_WRITE && !source_writable(below))
		return g_error_new(
				G_FILE_ERROR, G_FILE_ERROR_ROFS, "%s: is read-only", below->name);
	if (request->kind != CACHE_FLUSH &&
			(request->size == 0 || request->offset > below->size ||
					request->size > below->size - request->offset))
		return g_error_new(G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"%s: has %" PRIu64 " bytes; %" PRIu64 " at %" PRIu64 " are outside",
				below->name, below->size, request->size, request->offset);
	return NULL;
}

static void cache_start(struct cache *cache, struct source_request *request)
{
	GError *error;

	error = cache_refuse(cache, request);
	if (error) {
		cache_finish(cache, request, error);
		return;
	}
	request->started = true;
	switch (request->kind) {
	case CACHE_READ:
		cache_start_read(cache, request);
		break;
	case CACHE_WRITE:
		cache_start_write(cache, request);
		break;
	case CACHE_FLUSH:
		cache_start_flush(cache, request);
		break;
	}
}

static struct source_request *cache_ask(struct cache *cache, enum cache_kind kind, uint64_t offset,
		size_t size, void *bytes, source_done_fn done, void *data)
{
	GList *link = g_queue_pop_head_link(&cache->spare);
	struct source_request *request = link ? link->data : g_new(struct source_request, 1);

	*request = (struct source_request){
			.kind = kind,
			.offset = offset,
			.size = size,
			.at = offset,
			.bytes = bytes,
			.cache = cache,
			.done = done,
			.data = data,
			.link.data = request,
	};
	g_queue_push_tail_link(&cache->active, &request->link);
	cache->writes += kind == CACHE_WRITE;
	if (cache->below->state != SOURCE_OPENING)
		cache_start(cache, request);
	return request;
}

struct source_request *cache_read(struct cache *cache, uint64_t offset, size_t size, void *bytes,
		source_done_fn done, void *data)
{
	return cache_ask(cache, CACHE_READ, offset, size, bytes, done, data);
}

struct source_request *cache_write(struct cache *cache, uint64_t offset, size_t size,
		const void *bytes, source_done_fn done, void *data)
{
	return cache_ask(cache, CACHE_WRITE, offset, size, (void *)bytes, done, data);
}

struct source_request *cache_flush(struct cache *cache, source_done_fn done, void *data)
{
	return cache_ask(cache, CACHE_FLUSH, 0, 0, NULL, done, data);
}

void cache_cancel(struct cache *cache, struct source_request *request)
{
	if (g_queue_link_index(&cache->finished, &request->link) >= 0) {
		g_queue_unlink(&cache->finished, &request->link);
	} else {
		cache_leave(cache, request);
		if (request->below)
			source_cancel(cache->below, request->below);
		cache_kick(cache); /* others may have waited for its end */
	}
	cache_spare(cache, request);
}

/* --- The loop's turn --- */

static void cache_free(struct cache *cache)
{
	blocks_destroy(&cache->blocks);
	g_source_unref(cache->turn);
	g_free(cache->reason);
	g_free(cache);
}

static void cache_tell(struct cache *cache)
{
	/* No more than there are now: the loop has others to serve. */
	for (guint count = cache->finished.length; count > 0 && !cache->closed; count--) {
		GList *link = g_queue_pop_head_link(&cache->finished);
		struct source_request *request;
		source_done_fn done;
		GError *error;
		void *data;

		if (!link)
			return;
		request = link->data;
		done = request->done;
		data = request->data;
		error = g_steal_pointer(&request->error);
		cache_spare(cache, request);
		done(error, data);
		g_clear_error(&error);
	}
}

static struct source_request *cache_unstarted(const struct cache *cache)
{
	for (GList *link = cache->active.head; link; link = link->next) {
		struct source_request *request = link->data;

		if (!request->started)
			return request;
	}
	return NULL;
}

struct cache_turn {
	GSource source;
	struct cache *cache;
};

static gboolean cache_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
	struct cache *cache = ((struct cache_turn *)source)->cache;
	struct source_request *request;

	cache->kicked = false;
	if (cache->below->state != SOURCE_OPENING) {
		while ((request = cache_unstarted(cache)))
			cache_start(cache, request);
		cache_pump(cache);
	}
	cache->telling = true;
	cache_tell(cache);
	cache->telling = false;
	if (cache->closed)
		cache_free(cache);
	else if (cache->finished.length > 0)
		cache_kick(cache);
	return G_SOURCE_CONTINUE;
}

/* Unlike a ready time this costs no system call where the loop's own thread asks. */
static gboolean cache_prepare(GSource *source, gint *timeout)
{
	const struct cache *cache = ((struct cache_turn *)source)->cache;

	*timeout = -1;
	return cache->kicked;
}

static gboolean cache_check(GSource *source)
{
	return ((struct cache_turn *)source)->cache->kicked;
}

static GSourceFuncs cache_turn = {
		.prepare = cache_prepare, .check = cache_check, .dispatch = cache_dispatch};

/* --- As a source --- */

static struct source_request *cache_source_read(struct source *source, uint64_t offset, size_t size,
		void *bytes, source_done_fn done, void *data)
{
	return cache_read((struct cache *)source, offset, size, bytes, done, data);
}

static struct source_request *cache_source_write(struct source *source, uint64_t offset,
		size_t size, const void *bytes, source_done_fn done, void *data)
{
	return cache_write((struct cache *)source, offset, size, bytes, done, data);
}

static struct source_request *cache_source_flush(
		struct source *source, source_done_fn done, void *data)
{
	return cache_flush((struct cache *)source, done, data);
}

static void cache_source_cancel(struct source *source, struct source_request *request)
{
	cache_cancel((struct cache *)source, request);
}

static void cache_source_close(struct source *source)
{
	cache_close((struct cache *)source);
}

struct source *cache_source(struct cache *cache)
{
	return &cache->source;
}

static void cache_resemble(struct cache *cache)
{
	cache->source.state = cache->below->state;
	cache->source.size = cache->below->size;
	cache->source.name = cache->below->name;
	cache->source.depth = cache->below->depth;
	cache->source.identity = cache->below->identity;
}

static void cache_state(enum source_state state, const char *reason, void *data)
{
	struct cache *cache = data;

	cache_resemble(cache);
	if (state == SOURCE_FAILED) {
		g_free(cache->reason);
		cache->reason = g_strdup(reason);
	}
	/* Not here: the source may be in the midst of something. */
	cache_kick(cache);
	if (cache->source.events.state)
		cache->source.events.state(state, reason, cache->source.events.data);
}

struct cache *cache_new(struct source *source, const struct cache_limits *limits, GError **error)
{
	const size_t bytes = limits ? limits->bytes : CACHE_BYTES;
	const size_t window = limits ? limits->window : CACHE_WINDOW;
	struct cache *cache = g_new0(struct cache, 1);
	const struct source_events events = {.state = cache_state, .data = cache};

	if (!blocks_init(&cache->blocks, MAX(bytes, 2 * BLOCK_SIZE))) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
				"%s: no memory for a cache of %zu bytes; configure a smaller one",
				source->name, bytes);
		g_free(cache);
		return NULL;
	}
	cache->ahead.largest = MIN(window, (size_t)cache->blocks.count / 2 * BLOCK_SIZE);
	cache->below = source;
	cache_fetch_init(cache);
	cache->ops.read = cache_source_read;
	cache->ops.write = source_writable(source) ? cache_source_write : NULL;
	cache->ops.flush = source_flushes(source) ? cache_source_flush : NULL;
	cache->ops.cancel = cache_source_cancel;
	cache->ops.close = cache_source_close;
	cache->source.ops = &cache->ops;
	g_queue_init(&cache->active);
	g_queue_init(&cache->finished);
	g_queue_init(&cache->spare);
	cache->turn = g_source_new(&cache_turn, sizeof(struct cache_turn));
	((struct cache_turn *)cache->turn)->cache = cache;
	g_source_attach(cache->turn, NULL);
	cache_resemble(cache);
	source_listen(source, &events);
	return cache;
}

static void cache_free_requests(GQueue *requests)
{
	GList *link;

	while ((link = g_queue_pop_head_link(requests))) {
		struct source_request *request = link->data;

		g_clear_error(&request->error);
		g_free(request);
	}
}

void cache_close(struct cache *cache)
{
	if (!cache)
		return;
	g_source_destroy(cache->turn);
	fetch_stop(&cache->fetch);
	for (GList *link = cache->active.head; link; link = link->next) {
		struct source_request *request = link->data;

		if (request->below)
			source_cancel(cache->below, request->below);
	}
	cache_free_requests(&cache->active);
	cache_free_requests(&cache->finished);
	cache_free_requests(&cache->spare);
	source_close(cache->below);
	cache->closed = true;
	if (!cache->telling)
		cache_free(cache);
}

uint64_t cache_fetched(const struct cache *cache)
{
	return cache->fetch.bytes;
}

void cache_stats(const struct cache *cache, struct cache_stats *stats)
{
	*stats = cache->stats;
	stats->wasted = cache->blocks.wasted * BLOCK_SIZE;
	stats->held = (uint64_t)cache->blocks.held.length * BLOCK_SIZE;
	stats->fetched = cache->fetch.bytes;
	stats->errors += cache->fetch.errors;
	stats->in_flight = cache->fetch.runs.length;
}
