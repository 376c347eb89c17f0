/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "media/client_disc.h"

#define DISC_NAME "the viewer's disc"

/* Blocks of a cache in flight: two reads of the most that a client sends at once, so that the next
 * one can go out with the end of the one before. */
#define DISC_DEPTH 8

struct source_request {
	uint64_t offset, size;
	uint64_t asked; /* of size: in a read that is under way, or here */
	uint64_t at;    /* of size: here */
	uint8_t *bytes; /* the caller's */
	source_done_fn done;
	void *data;
	GError *error;
	GList link; // client_disc::waiting, ::finished
};

struct client_disc {
	struct source source;             /* first */
	struct client_disc_events events; /* zeroed when the client is gone */
	uint64_t sectors;
	uint32_t sector_size, most; /* most sectors in one read */
	GQueue waiting, finished;
	char *reason; /* of a state that is to be told; NULL: told */
	GSource *turn;
	bool asking;          /* events.asked is to be called */
	bool telling, closed; /* closed while telling: freed after it */
};

static void disc_kick(struct client_disc *disc)
{
	g_source_set_ready_time(disc->turn, 0);
}

/* Takes over the error. */
static void disc_finish(struct client_disc *disc, struct source_request *request, GError *error)
{
	g_queue_unlink(&disc->waiting, &request->link);
	request->error = error;
	g_queue_push_tail_link(&disc->finished, &request->link);
	disc_kick(disc);
}

static void disc_free_request(struct source_request *request)
{
	g_clear_error(&request->error);
	g_free(request);
}

/* --- What to read --- */

static uint64_t disc_end(const struct source_request *request)
{
	return request->offset + request->size;
}

/* Up to which byte a read has to go for this one too; what it had to before when it does not fit.
 */
static uint64_t disc_join(struct source_request *request, uint64_t start, uint64_t end,
		uint64_t limit, uint32_t sector)
{
	uint64_t next = request->offset + request->asked;
	uint64_t reach = MIN(disc_end(request), limit);

	if (next < start || next > (end + sector - 1) / sector * sector || next >= limit)
		return end;
	request->asked = reach - request->offset;
	return MAX(end, reach);
}

bool client_disc_next(struct client_disc *disc, struct client_disc_read *read)
{
	const uint32_t sector = disc->sector_size;
	uint64_t start = 0, end = 0, limit = 0;

	for (GList *link = disc->waiting.head; link; link = link->next) {
		struct source_request *request = link->data;

		if (request->asked == request->size)
			continue;
		if (limit == 0) {
			end = request->offset + request->asked;
			start = end / sector * sector;
			limit = start + (uint64_t)disc->most * sector;
		}
		end = disc_join(request, start, end, limit, sector);
	}
	if (limit == 0)
		return false;
	read->sector = (uint32_t)(start / sector);
	read->count = (uint32_t)((end - start + sector - 1) / sector);
	return true;
}

/* How many bytes of a read a request waits for next. */
static uint64_t disc_overlap(const struct client_disc *disc, const struct source_request *request,
		const struct client_disc_read *read)
{
	uint64_t start = (uint64_t)read->sector * disc->sector_size;
	uint64_t end = start + (uint64_t)read->count * disc->sector_size;
	uint64_t next = request->offset + request->at;
	uint64_t asked = request->offset + request->asked;

	return next >= start && next < end ? MIN(end, asked) - next : 0;
}

/* It has bytes of that read still to come, maybe after others. */
static bool disc_wants(const struct client_disc *disc, const struct source_request *request,
		const struct client_disc_read *read)
{
	uint64_t start = (uint64_t)read->sector * disc->sector_size;
	uint64_t end = start + (uint64_t)read->count * disc->sector_size;

	return request->at < request->asked && request->offset + request->at < end &&
	       request->offset + request->asked > start;
}

bool client_disc_is_wanted(const struct client_disc *disc, const struct client_disc_read *read)
{
	for (GList *link = disc->waiting.head; link; link = link->next) {
		if (disc_wants(disc, link->data, read))
			return true;
	}
	return false;
}

void client_disc_came(
		struct client_disc *disc, const struct client_disc_read *read, const uint8_t *bytes)
{
	uint64_t start = (uint64_t)read->sector * disc->sector_size;
	GList *next;

	for (GList *link = disc->waiting.head; link; link = next) {
		struct source_request *request = link->data;
		uint64_t size = disc_overlap(disc, request, read);

		next = link->next;
		if (size == 0)
			continue;
		memcpy(request->bytes + request->at, bytes + request->offset + request->at - start,
				size);
		request->at += size;
		if (request->at == request->size)
			disc_finish(disc, request, NULL);
	}
}

void client_disc_failed(
		struct client_disc *disc, const struct client_disc_read *read, const char *why)
{
	GList *next;

	for (GList *link = disc->waiting.head; link; link = next) {
		next = link->next;
		if (disc_wants(disc, link->data, read))
			disc_finish(disc, link->data,
					g_error_new(G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s",
							DISC_NAME, why));
	}
}

/* --- Telling and asking, in a turn of its own --- */

static void disc_free(struct client_disc *disc)
{
	g_source_destroy(disc->turn);
	g_source_unref(disc->turn);
	g_free(disc->reason);
	g_free(disc);
}

static void disc_tell_state(struct client_disc *disc)
{
	char *reason = g_steal_pointer(&disc->reason);

	if (reason && disc->source.events.state)
		disc->source.events.state(disc->source.state, reason, disc->source.events.data);
	g_free(reason);
}

static void disc_tell_ends(struct client_disc *disc)
{
	GList *link;

	/* No more than there were: the loop has others to serve. */
	for (guint left = disc->finished.length; left > 0 && !disc->closed; left--) {
		struct source_request *request;

		link = g_queue_pop_head_link(&disc->finished);
		if (!link)
			break;
		request = link->data;
		request->done(request->error, request->data);
		disc_free_request(request);
	}
}

static gboolean disc_tell(GSource *source, GSourceFunc callback, gpointer data)
{
	struct client_disc *disc = data;

	g_source_set_ready_time(source, -1);
	disc->telling = true;
	disc_tell_state(disc);
	if (!disc->closed)
		disc_tell_ends(disc);
	disc->telling = false;
	if (disc->closed) {
		disc_free(disc);
		return G_SOURCE_CONTINUE;
	}
	if (disc->finished.length > 0)
		disc_kick(disc);
	if (disc->asking && disc->events.asked) {
		disc->asking = false;
		disc->events.asked(disc->events.data);
	}
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs disc_turn = {.dispatch = disc_tell};

static gboolean disc_never(gpointer unused)
{
	return G_SOURCE_CONTINUE;
}

/* --- As a source --- */

/* Not at once: who asks often asks for more, and one read for all is one round trip for all. */
static void disc_ask(struct client_disc *disc)
{
	disc->asking = true;
	disc_kick(disc);
}

static struct source_request *disc_read(struct source *source, uint64_t offset, size_t size,
		void *bytes, source_done_fn done, void *data)
{
	struct client_disc *disc = (struct client_disc *)source;
	struct source_request *request = g_new0(struct source_request, 1);

	*request = (struct source_request){
			.offset = offset, .size = size, .bytes = bytes, .done = done, .data = data};
	request->link.data = request;
	g_queue_push_tail_link(&disc->waiting, &request->link);
	if (source->state == SOURCE_FAILED)
		disc_finish(disc, request,
				g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_IO,
						DISC_NAME ": it is no longer shared"));
	else if (size == 0 || offset > source->size || size > source->size - offset)
		disc_finish(disc, request,
				g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_INVAL,
						DISC_NAME ": a read beyond its end"));
	else
		disc_ask(disc);
	return request;
}

static void disc_cancel(struct source *source, struct source_request *request)
{
	struct client_disc *disc = (struct client_disc *)source;
	GQueue *queue = request->error || request->at == request->size ? &disc->finished
								       : &disc->waiting;

	g_queue_unlink(queue, &request->link);
	disc_free_request(request);
}

static void disc_free_all(GQueue *requests)
{
	GList *link;

	while ((link = g_queue_pop_head_link(requests)))
		disc_free_request(link->data);
}

static void disc_close(struct source *source)
{
	struct client_disc *disc = (struct client_disc *)source;

	disc_free_all(&disc->waiting);
	disc_free_all(&disc->finished);
	if (disc->events.closed)
		disc->events.closed(disc->events.data);
	disc->closed = true;
	if (!disc->telling)
		disc_free(disc);
}

static const struct source_ops disc_ops = {
		.read = disc_read,
		.cancel = disc_cancel,
		.close = disc_close,
};

struct client_disc *client_disc_new(uint64_t sectors, uint32_t sector_size, size_t most,
		const struct client_disc_events *events)
{
	struct client_disc *disc = g_new0(struct client_disc, 1);

	disc->events = *events;
	disc->sectors = sectors;
	disc->sector_size = sector_size;
	disc->most = (uint32_t)(most / sector_size);
	disc->source.ops = &disc_ops;
	disc->source.state = SOURCE_READY;
	disc->source.size = sectors * sector_size;
	disc->source.name = DISC_NAME;
	disc->source.depth = DISC_DEPTH;
	g_queue_init(&disc->waiting);
	g_queue_init(&disc->finished);
	disc->turn = g_source_new(&disc_turn, sizeof(GSource));
	g_source_set_callback(disc->turn, disc_never, disc, NULL);
	g_source_attach(disc->turn, NULL);
	return disc;
}

struct source *client_disc_source(struct client_disc *disc)
{
	return &disc->source;
}

uint64_t client_disc_sectors(const struct client_disc *disc)
{
	return disc->sectors;
}

uint32_t client_disc_sector_size(const struct client_disc *disc)
{
	return disc->sector_size;
}

void client_disc_state(struct client_disc *disc, enum source_state state, const char *reason)
{
	if (disc->source.state == state)
		return;
	disc->source.state = state;
	g_free(disc->reason);
	disc->reason = g_strdup(reason);
	disc_kick(disc);
}

void client_disc_end(struct client_disc *disc, const char *reason)
{
	struct source_request *request;

	disc->events = (struct client_disc_events){0};
	client_disc_state(disc, SOURCE_FAILED, reason);
	while ((request = g_queue_peek_head(&disc->waiting)))
		disc_finish(disc, request,
				g_error_new(G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s", DISC_NAME,
						reason));
}
