/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/feed.h"
#include "src/rate.h"

struct feed {
	struct cache *cache;
	struct source *source;       /* the cache's */
	const struct source *origin; /* the cache's */
	struct feed_events events;
	GQueue requests;
	struct rate rate;
	uint64_t rated; /* bytes fetched that the rate knows of */
};

/* What a drive asked for. */
struct feed_request {
	struct feed *feed;
	struct source_request *below;
	enum scsi_fault fault; /* if it fails */
	drive_done_fn done;
	void *data;
	GList link; // feed::requests
};

/* --- How fast --- */

static void feed_rate(struct feed *feed)
{
	uint64_t fetched = cache_fetched(feed->cache);

	if (fetched == feed->rated)
		return;
	rate_add(&feed->rate, g_get_monotonic_time(), fetched - feed->rated);
	feed->rated = fetched;
}

void feed_stats(struct feed *feed, struct feed_stats *stats)
{
	feed_rate(feed);
	cache_stats(feed->cache, &stats->cache);
	stats->rate = rate_per_second(&feed->rate, g_get_monotonic_time());
}

/* --- Requests --- */

static void feed_done(const GError *error, void *data)
{
	struct feed_request *request = data;
	struct feed *feed = request->feed;
	enum scsi_fault fault = error ? request->fault : SCSI_NO_FAULT;
	drive_done_fn done = request->done;

	data = request->data;
	g_queue_unlink(&feed->requests, &request->link);
	g_free(request);
	feed_rate(feed);
	if (error)
		feed->events.failed(error->message, feed->events.data);
	done(fault, data);
}

static struct feed_request *feed_ask(
		struct feed *feed, enum scsi_fault fault, drive_done_fn done, void *data)
{
	struct feed_request *request = g_new0(struct feed_request, 1);

	request->feed = feed;
	request->fault = fault;
	request->done = done;
	request->data = data;
	request->link.data = request;
	g_queue_push_tail_link(&feed->requests, &request->link);
	return request;
}

static void *feed_read(void *owner, uint64_t offset, size_t size, void *bytes, drive_done_fn done,
		void *data)
{
	struct feed *feed = owner;
	struct feed_request *request;

	if (cache_take(feed->cache, offset, size, bytes)) {
		feed_rate(feed);
		return NULL;
	}
	request = feed_ask(feed, SCSI_FAULT_READ, done, data);
	request->below = source_read(feed->source, offset, size, bytes, feed_done, request);
	return request;
}

static const void *feed_lend(void *owner, uint64_t offset, size_t size)
{
	struct feed *feed = owner;
	const void *bytes = cache_lend(feed->cache, offset, size);

	if (bytes)
		feed_rate(feed);
	return bytes;
}

static void feed_give_back(void *owner, const void *bytes)
{
	cache_give_back(((struct feed *)owner)->cache, bytes);
}

static void *feed_write(void *owner, uint64_t offset, size_t size, const void *bytes,
		drive_done_fn done, void *data)
{
	struct feed *feed = owner;
	struct feed_request *request = feed_ask(feed, SCSI_FAULT_WRITE, done, data);

	request->below = source_write(feed->source, offset, size, bytes, feed_done, request);
	return request;
}

static void *feed_flush(void *owner, drive_done_fn done, void *data)
{
	struct feed *feed = owner;
	struct feed_request *request = feed_ask(feed, SCSI_FAULT_WRITE, done, data);

	/* Not as a source: a cache ends it when there is nothing to it. */
	request->below = cache_flush(feed->cache, feed_done, request);
	return request;
}

static void feed_cancel(void *owner, void *cancelled)
{
	struct feed *feed = owner;
	struct feed_request *request = cancelled;

	source_cancel(feed->source, request->below);
	g_queue_unlink(&feed->requests, &request->link);
	g_free(request);
}

/* --- The feed --- */

struct feed *feed_new(struct source *source, const struct cache_limits *limits,
		const struct feed_events *events, GError **error)
{
	struct feed *feed;
	struct cache *cache = cache_new(source, limits, error);
	struct source_events heard = {.state = events->state, .data = events->data};

	if (!cache)
		return NULL;
	feed = g_new0(struct feed, 1);
	feed->cache = cache;
	feed->source = cache_source(cache);
	feed->origin = source;
	feed->events = *events;
	g_queue_init(&feed->requests);
	source_listen(feed->source, &heard);
	return feed;
}

const struct source *feed_origin(const struct feed *feed)
{
	return feed->origin;
}

struct source *feed_source(struct feed *feed)
{
	return feed->source;
}

void feed_medium(struct feed *feed, struct drive_medium *medium)
{
	bool writable = source_writable(feed->source);

	*medium = (struct drive_medium){
			.size = feed->source->size,
			.writable = writable,
			.read = feed_read,
			.lend = feed_lend,
			.give_back = feed_give_back,
			.write = writable ? feed_write : NULL,
			.flush = writable ? feed_flush : NULL,
			.cancel = feed_cancel,
			.owner = feed,
	};
}

void feed_close(struct feed *feed)
{
	GList *link;

	if (!feed)
		return;
	cache_close(feed->cache);
	while ((link = g_queue_pop_head_link(&feed->requests)))
		g_free(link->data);
	g_free(feed);
}
