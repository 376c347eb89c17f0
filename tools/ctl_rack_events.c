/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_rack_events.h"
#include <stdio.h>
#include <string.h>
#include "src/rack_api.h"
#include "tools/ctl_rack_text.h"

/* A stream of Server-Sent Events (WHATWG HTML, 9.2.6) that is being taken apart. */
struct hearing {
	GString *line;
	char *id, *type, *data; /* of the event that comes in; NULL: not so far */
	bool json;
};

static void hearing_event(struct hearing *hearing)
{
	json_t *data = hearing->data ? json_loads(hearing->data, 0, NULL) : NULL;
	const char *type = hearing->type ? hearing->type : "message";

	if (json_is_object(data) && hearing->json) {
		json_object_set_new(data, "event", json_string(type));
		if (hearing->id)
			json_object_set_new(data, "id", json_string(hearing->id));
		json_dumpf(data, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (json_is_object(data)) {
		ctl_print_event(type, data, stdout);
	}
	json_decref(data);
	fflush(stdout);
	g_clear_pointer(&hearing->type, g_free);
	g_clear_pointer(&hearing->data, g_free);
}

static void hearing_line(struct hearing *hearing)
{
	const struct {
		const char *field;
		char **value;
	} fields[] = {{"id: ", &hearing->id}, {"event: ", &hearing->type},
			{"data: ", &hearing->data}};

	if (!hearing->line->len)
		hearing_event(hearing);
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		if (!g_str_has_prefix(hearing->line->str, fields[i].field))
			continue;
		g_free(*fields[i].value);
		*fields[i].value = g_strdup(hearing->line->str + strlen(fields[i].field));
	}
	g_string_truncate(hearing->line, 0);
}

static void hearing_hear(const char *bytes, size_t size, void *data)
{
	struct hearing *hearing = data;

	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n')
			hearing_line(hearing);
		else
			g_string_append_c(hearing->line, bytes[i]);
	}
}

enum ctl_exit ctl_rack_events(const struct ctl_client *client, bool follow)
{
	struct hearing hearing = {.line = g_string_new(NULL), .json = client->json};
	json_t *values = json_pack("{s:i, s:b}", "since", 0, "follow", follow);
	enum ctl_exit code = ctl_listen(
			client, &rack_api[RACK_API_EVENTS], values, hearing_hear, &hearing);

	json_decref(values);
	if (code == CTL_FINE && follow) {
		fputs("spicerackctl: events: the rack has ended\n", stderr);
		code = CTL_UNREACHABLE;
	}
	g_string_free(hearing.line, TRUE);
	g_free(hearing.id);
	g_free(hearing.type);
	g_free(hearing.data);
	return code;
}
