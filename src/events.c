/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/events.h"

struct listener {
	events_fn fn; /* NULL: it has ended, and goes when nobody is told any more */
	void *data;
	uint64_t told; /* the last id that it has heard of */
};

struct events {
	size_t keep;
	int64_t run;
	GQueue kept; /* of struct event, the oldest first; more than keep while listeners are told
		      */
	uint64_t last;
	GPtrArray *listeners; /* of struct listener */
	unsigned int depth;   /* of calls to listeners */
};

static void event_free(gpointer data)
{
	struct event *event = data;

	json_decref((json_t *)event->data);
	g_free(event);
}

struct events *events_new(size_t keep)
{
	struct events *events = g_new0(struct events, 1);

	events->keep = keep;
	events->run = ((int64_t)g_random_int_range(1, G_MAXINT32) << 32) | g_random_int();
	g_queue_init(&events->kept);
	events->listeners = g_ptr_array_new_with_free_func(g_free);
	return events;
}

uint64_t events_last(const struct events *events)
{
	return events->last;
}

uint64_t events_first(const struct events *events)
{
	const struct event *first = g_queue_peek_head((GQueue *)&events->kept);

	return first ? first->id : 0;
}

int64_t events_run(const struct events *events)
{
	return events->run;
}

/* --- Telling --- */

/* Nobody is in the middle of them: what is too old goes, and so do listeners that have ended. */
static void events_tidy(struct events *events)
{
	if (events->depth)
		return;
	while (g_queue_get_length(&events->kept) > events->keep)
		event_free(g_queue_pop_head(&events->kept));
	for (guint i = events->listeners->len; i-- > 0;) {
		struct listener *listener = g_ptr_array_index(events->listeners, i);

		if (!listener->fn)
			g_ptr_array_remove_index(events->listeners, i);
	}
}

static GList *events_after(struct events *events, uint64_t id)
{
	GList *each = events->kept.tail;

	if (id >= events->last)
		return NULL;
	while (each->prev && ((struct event *)each->data)->id > id + 1)
		each = each->prev;
	return each;
}

/* Each hears of each once and in order, whoever publishes meanwhile. */
static void listener_catch_up(struct events *events, struct listener *listener)
{
	GList *next;

	while (listener->fn && (next = events_after(events, listener->told))) {
		const struct event *event = next->data;

		listener->told = event->id;
		listener->fn(event, listener->data);
	}
}

static json_t *events_now(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
	g_autofree char *whole = g_strdup_printf(
			"%s.%03dZ", text, g_date_time_get_microsecond(now) / 1000);

	return json_string(whole);
}

void events_publish(struct events *events, const char *type, json_t *data)
{
	struct event *event = g_new(struct event, 1);

	if (!data)
		data = json_object();
	json_object_set_new(data, "time", events_now());
	*event = (struct event){++events->last, type, data};
	g_queue_push_tail(&events->kept, event);

	events->depth++;
	for (guint i = 0; i < events->listeners->len; i++)
		listener_catch_up(events, g_ptr_array_index(events->listeners, i));
	events->depth--;
	events_tidy(events);
}

/* --- Listening --- */

static bool events_has_all_after(const struct events *events, uint64_t id)
{
	uint64_t first = events_first(events);

	return id == events->last || (id < events->last && first && first <= id + 1);
}

bool events_listen(struct events *events, uint64_t since, events_fn fn, void *data)
{
	struct listener *listener;

	if (since == UINT64_MAX)
		since = events->last;
	if (!events_has_all_after(events, since))
		return false;
	listener = g_new0(struct listener, 1);
	*listener = (struct listener){fn, data, since};
	g_ptr_array_add(events->listeners, listener);
	events->depth++;
	listener_catch_up(events, listener);
	events->depth--;
	events_tidy(events);
	return true;
}

void events_unlisten(struct events *events, events_fn fn, void *data)
{
	for (guint i = 0; i < events->listeners->len; i++) {
		struct listener *listener = g_ptr_array_index(events->listeners, i);

		if (listener->fn == fn && listener->data == data) {
			listener->fn = NULL;
			break;
		}
	}
	events_tidy(events);
}

void events_free(struct events *events)
{
	if (!events)
		return;
	g_queue_clear_full(&events->kept, event_free);
	g_ptr_array_unref(events->listeners);
	g_free(events);
}
