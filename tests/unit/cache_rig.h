/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A cache over a source that does as a test says. */
#include "media/cache.h"
#include "tests/unit/moves.h"

#define BLOCK 65536u

/* A source that ends its requests when the test says so, and in the order that it says. */
struct source_request {
	bool writes;
	uint64_t offset;
	size_t size;
	uint8_t *bytes;
	source_done_fn done;
	void *data;
};

struct script {
	struct source source;
	uint8_t *image;
	GPtrArray *requests; /* under way */
	unsigned int reads, most, cancelled, closed;
	size_t longest; /* read, until the test says otherwise */
};

static inline struct source_request *script_ask(struct source *source, bool writes, uint64_t offset,
		size_t size, void *bytes, source_done_fn done, void *data)
{
	struct script *script = (struct script *)source;
	struct source_request *request = g_new(struct source_request, 1);

	g_assert_cmpuint(offset + size, <=, source->size);
	*request = (struct source_request){writes, offset, size, bytes, done, data};
	g_ptr_array_add(script->requests, request);
	script->reads += !writes;
	if (!writes)
		script->longest = MAX(script->longest, size);
	script->most = MAX(script->most, script->requests->len);
	return request;
}

static inline struct source_request *script_read(struct source *source, uint64_t offset,
		size_t size, void *bytes, source_done_fn done, void *data)
{
	return script_ask(source, false, offset, size, bytes, done, data);
}

static inline struct source_request *script_write(struct source *source, uint64_t offset,
		size_t size, const void *bytes, source_done_fn done, void *data)
{
	return script_ask(source, true, offset, size, (void *)bytes, done, data);
}

static inline void script_cancel(struct source *source, struct source_request *request)
{
	struct script *script = (struct script *)source;

	g_assert_true(g_ptr_array_remove(script->requests, request));
	script->cancelled++;
	g_free(request);
}

static inline void script_close(struct source *source)
{
	struct script *script = (struct script *)source;

	g_assert_cmpuint(script->requests->len, ==, 0);
	script->closed++;
}

static const struct source_ops script_ops = {
		.read = script_read,
		.write = script_write,
		.cancel = script_cancel,
		.close = script_close,
};

static inline void script_end(struct script *script, guint index, bool good)
{
	struct source_request *request = g_ptr_array_steal_index(script->requests, index);
	GError *error = NULL;

	if (!good)
		error = g_error_new(G_FILE_ERROR, G_FILE_ERROR_IO, "no luck at %" G_GUINT64_FORMAT,
				(guint64)request->offset);
	else if (request->writes)
		memcpy(script->image + request->offset, request->bytes, request->size);
	else
		memcpy(request->bytes, script->image + request->offset, request->size);
	request->done(error, request->data);
	g_clear_error(&error);
	g_free(request);
}

static inline void script_end_all(struct script *script)
{
	move_settle();
	while (script->requests->len > 0) {
		script_end(script, 0, true);
		move_settle();
	}
}

struct fixture {
	struct script script;
	struct cache *cache;
	uint8_t *bytes; /* what was read */
};

#define IMAGE (400u * BLOCK + 2048)

static inline void fixture_with(struct fixture *f, size_t bytes, size_t window, unsigned int depth,
		enum source_state state)
{
	const struct cache_limits limits = {.bytes = bytes, .window = window};
	GError *error = NULL;

	*f = (struct fixture){0};
	f->script.source.ops = &script_ops;
	f->script.source.state = state;
	f->script.source.size = state == SOURCE_READY ? IMAGE : 0;
	f->script.source.name = "script";
	f->script.source.depth = depth;
	f->script.image = g_malloc(IMAGE);
	for (uint32_t i = 0; i < IMAGE; i++)
		f->script.image[i] = (uint8_t)(i * 7 + i / BLOCK);
	f->script.requests = g_ptr_array_new();
	f->bytes = g_malloc(IMAGE);
	f->cache = cache_new(&f->script.source, &limits, &error);
	g_assert_no_error(error);
}

static inline void fixture_open(struct fixture *f, gconstpointer unused)
{
	fixture_with(f, 64 * BLOCK, 16 * BLOCK, 8, SOURCE_READY);
}

static inline void fixture_close(struct fixture *f, gconstpointer unused)
{
	cache_close(f->cache);
	g_assert_cmpuint(f->script.closed, ==, 1);
	g_ptr_array_unref(f->script.requests);
	g_free(f->script.image);
	g_free(f->bytes);
}

static inline void fixture_reopen(struct fixture *f, size_t bytes, size_t window,
		unsigned int depth, enum source_state state)
{
	fixture_close(f, NULL);
	fixture_with(f, bytes, window, depth, state);
}

static inline struct cache_stats stats_of(const struct fixture *f)
{
	struct cache_stats stats;

	cache_stats(f->cache, &stats);
	return stats;
}

static inline void begin(struct fixture *f, struct move *move, uint64_t offset, size_t size)
{
	move_read(move, cache_source(f->cache), offset, size, f->bytes + offset);
}

static inline void assert_right(
		struct fixture *f, const struct move *move, uint64_t offset, size_t size)
{
	g_assert_true(move->ended);
	g_assert_cmpint(move->code, ==, -1);
	g_assert_true(memcmp(f->bytes + offset, f->script.image + offset, size) == 0);
	memset(f->bytes + offset, 0, size);
}

static inline void get(struct fixture *f, uint64_t offset, size_t size)
{
	struct move move;

	begin(f, &move, offset, size);
	script_end_all(&f->script);
	assert_right(f, &move, offset, size);
}
