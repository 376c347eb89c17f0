/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event_routes.h"
#include <inttypes.h>
#include <string.h>
#include "src/events.h"

/* Bytes of former events at most; a client that has not read yet may not be 64 KiB behind. */
#define EVENTS_BEHIND (48 * 1024)

#define EVENTS_LOST \
	"event: events.lost\ndata: {\"why\":\"some before these are not kept any more\"}\n\n"

/* A client that listens. */
struct listener {
	struct events *events; /* not ours */
	struct http_stream *stream;
	GString *former; /* those that it missed, while they are collected; NULL: it listens */
};

static void listener_hear(const struct event *event, void *data)
{
	struct listener *listener = data;
	char *json = json_dumps(event->data, JSON_COMPACT | JSON_REAL_PRECISION(10));
	g_autofree char *text = g_strdup_printf("id: %" PRIx64 "-%" PRIu64
						"\nevent: %s\ndata: %s\n\n",
			(uint64_t)events_run(listener->events), event->id, event->type,
			json ? json : "{}");

	free(json);
	if (listener->former)
		g_string_append(listener->former, text);
	else if (!http_stream_write(listener->stream, text, strlen(text)))
		events_unlisten(listener->events, listener_hear, listener);
}

static void listener_gone(void *data)
{
	struct listener *listener = data;

	events_unlisten(listener->events, listener_hear, listener);
	g_free(listener);
}

/* The number that a client has seen last. False: it is one of another run, or none at all. */
static bool events_seen(const struct events *events, const char *id, uint64_t *number)
{
	g_autofree char *run = g_strdup_printf("%" PRIx64 "-", (uint64_t)events_run(events));

	return g_str_has_prefix(id, run) && g_ascii_string_to_unsigned(id + strlen(run), 10, 0,
							    INT64_MAX, (guint64 *)number, NULL);
}

/* Where the client goes on; false: it has missed what nobody knows any more. */
static bool events_resume(
		const struct http_request *request, const struct events *events, uint64_t *since)
{
	const json_t *given = json_object_get(request->values, "since");

	*since = UINT64_MAX;
	if (request->last_event_id && *request->last_event_id)
		return events_seen(events, request->last_event_id, since);
	if (json_is_integer(given))
		*since = (uint64_t)json_integer_value(given);
	if (*since == 0 && events_first(events))
		*since = events_first(events) - 1;
	return true;
}

/* What is too much goes from the front, whole events. */
static bool events_shorten(GString *former)
{
	const char *end;

	if (former->len <= EVENTS_BEHIND)
		return false;
	end = strstr(former->str + former->len - EVENTS_BEHIND, "\n\n");
	g_string_erase(former, 0, end ? end + 2 - former->str : -1);
	return true;
}

static void listener_begin(struct listener *listener, uint64_t since, bool lost)
{
	struct events *events = listener->events;
	GString *former = g_string_new(NULL);

	listener->former = former;
	if (lost || !events_listen(events, since, listener_hear, listener)) {
		lost = true;
		since = events_first(events) ? events_first(events) - 1 : events_last(events);
		events_listen(events, since, listener_hear, listener);
	}
	listener->former = NULL;
	if (events_shorten(former))
		lost = true;
	if (lost)
		g_string_prepend(former, EVENTS_LOST);
	g_string_prepend(former, "retry: 2000\n\n");
	http_stream_write(listener->stream, former->str, former->len);
	g_string_free(former, TRUE);
}

bool event_routes_get(const struct http_request *request, struct events *events)
{
	struct listener *listener = g_new0(struct listener, 1);
	uint64_t since;
	bool lost;

	listener->events = events;
	lost = !events_resume(request, events, &since);
	listener->stream = http_answer_stream(request, HTTP_EVENT_STREAM, listener_gone, listener);
	listener_begin(listener, since, lost);
	if (json_is_false(json_object_get(request->values, "follow"))) {
		http_stream_close(listener->stream);
		listener_gone(listener);
	}
	return true;
}
