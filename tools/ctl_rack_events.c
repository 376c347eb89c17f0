/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_rack_events.h"
#include <stdio.h>
#include "src/rack_api.h"
#include "tools/ctl_rack_text.h"
#include "tools/event_stream.h"

struct hearing {
	struct event_stream stream;
	bool json;
};

static void hearing_event(const char *id, const char *type, const char *text, void *data)
{
	const struct hearing *hearing = data;
	json_t *event = json_loads(text, 0, NULL);

	if (!type)
		type = "message";
	if (json_is_object(event) && hearing->json) {
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

	event_stream_take(&hearing->stream, bytes, size, hearing_event, hearing);
}

enum ctl_exit ctl_rack_events(const struct ctl_client *client, bool follow)
{
	struct hearing hearing = {.json = client->json};
	json_t *values = json_pack("{s:i, s:b}", "since", 0, "follow", follow);
	enum ctl_exit code = ctl_listen(
			client, &rack_api[RACK_API_EVENTS], values, hearing_hear, &hearing);

	json_decref(values);
	if (code == CTL_FINE && follow) {
		fputs("spicerackctl: events: the rack has ended\n", stderr);
		code = CTL_UNREACHABLE;
	}
	event_stream_clear(&hearing.stream);
	return code;
}
