/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_events.h"
#include <stdio.h>
#include "src/event_api.h"
#include "tools/ctl_options.h"
#include "tools/ctl_rack_text.h"
#include "tools/event_stream.h"

#define AGAIN_US 1000000 /* between two tries to reach a daemon that has ended */

/* The same of every daemon. */
static const struct http_route events_route = EVENT_API_ROUTE;

struct hearing {
	struct ctl_client client;
	struct event_stream stream;
	bool follow;
	bool heard; /* something since it was asked */
};

static void hearing_event(const char *id, const char *type, const char *text, void *data)
{
	const struct hearing *hearing = data;
	json_t *event = json_loads(text, 0, NULL);

	if (!type)
		type = "message";
	if (json_is_object(event) && hearing->client.json) {
		json_object_set_new(event, "event", json_string(type));
		if (id)
			json_object_set_new(event, "id", json_string(id));
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (json_is_object(event)) {
		ctl_print_event(type, event, stdout);
	}
	json_decref(event);
	fflush(stdout);
}

static void hearing_hear(const char *bytes, size_t size, void *data)
{
	struct hearing *hearing = data;

	hearing->heard = true;
	hearing->client.quiet = hearing->follow; /* it is there, and may come back */
	event_stream_take(&hearing->stream, bytes, size, hearing_event, hearing);
}

static enum ctl_exit hearing_listen(struct hearing *hearing)
{
	json_t *values = json_pack("{s:b}", "follow", hearing->follow);
	g_autofree char *last = g_strdup(hearing->stream.id);
	enum ctl_exit code;

	if (!last)
		json_object_set_new(values, "since", json_integer(0));
	hearing->client.last_event = last;
	hearing->heard = false;
	event_stream_begin(&hearing->stream);
	code = ctl_listen(&hearing->client, &events_route, values, hearing_hear, hearing);
	hearing->client.last_event = NULL;
	json_decref(values);
	return code;
}

enum ctl_exit ctl_events(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	struct hearing hearing = {.client = *client, .follow = options->follow};
	enum ctl_exit code = hearing_listen(&hearing);

	while (hearing.client.quiet && code != CTL_FAILED) {
		if (hearing.heard)
			fputs("spicerackctl: events: who told them is gone; waiting for it to "
			      "come back\n",
					stderr);
		g_usleep(AGAIN_US);
		code = hearing_listen(&hearing);
	}
	event_stream_clear(&hearing.stream);
	return code;
}
