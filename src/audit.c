/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "http/server.h"
#include "src/audit.h"
#include "src/events.h"
#include "src/log.h"
#include "src/routes_part.h"

#define UNIX_SOCKET "unix socket" /* where somebody comes from */

/* A text may have these, letters and digits, and no quotes. */
#define MARKS "._:/@+,%[]-"

struct audit {
	struct events *events; /* not ours */
};

const char *audit_event_word(enum audit_event event)
{
	static const char *const words[AUDIT_EVENTS] = {
			[AUDIT_VIEWER_JOINED] = "viewer.joined",
			[AUDIT_VIEWER_LEFT] = "viewer.left",
			[AUDIT_VIEWER_DISMISSED] = "viewer.dismissed",
			[AUDIT_CONTROL_TAKEN] = "control.taken",
			[AUDIT_CONTROL_ASKED] = "control.asked",
			[AUDIT_CONTROL_WITHDRAWN] = "control.withdrawn",
			[AUDIT_CONTROL_RELEASED] = "control.released",
			[AUDIT_PASSWORD_REFUSED] = "password.refused",
			[AUDIT_PASSWORD_CHANGED] = "password.changed",
			[AUDIT_TICKET_MADE] = "ticket.made",
			[AUDIT_TICKET_USED] = "ticket.used",
			[AUDIT_MEDIUM_INSERTED] = "medium.inserted",
			[AUDIT_MEDIUM_EJECTED] = "medium.ejected",
			[AUDIT_POWER_ORDERED] = "power.ordered",
			[AUDIT_NODE_WOKEN] = "node.woken",
			[AUDIT_TEXT_TYPED] = "text.typed",
	};

	return words[event];
}

/* --- The line --- */

static bool audit_is_plain(const char *text)
{
	for (const char *each = text; *each; each++)
		if (!g_ascii_isalnum(*each) && !strchr(MARKS, *each))
			return false;
	return *text != '\0';
}

static void audit_add_text(GString *line, const char *text)
{
	const size_t length = strlen(text);

	if (length <= AUDIT_VALUE_MAX && audit_is_plain(text)) {
		g_string_append(line, text);
		return;
	}
	g_string_append_c(line, '"');
	for (size_t i = 0; i < MIN(length, AUDIT_VALUE_MAX); i++) {
		if (!g_ascii_isprint(text[i]))
			g_string_append_printf(line, "\\x%02x", (guchar)text[i]);
		else if (text[i] == '"' || text[i] == '\\')
			g_string_append_printf(line, "\\%c", text[i]);
		else
			g_string_append_c(line, text[i]);
	}
	g_string_append(line, length > AUDIT_VALUE_MAX ? "...\"" : "\"");
}

static void audit_add_value(GString *line, const json_t *value)
{
	if (json_is_string(value))
		audit_add_text(line, json_string_value(value));
	else if (json_is_integer(value))
		g_string_append_printf(line, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		g_string_append(line, json_is_true(value) ? "yes" : "no");
}

char *audit_line(const json_t *record)
{
	GString *line = g_string_new(NULL);
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)record, name, value)
	{
		if (json_is_null(value))
			continue;
		g_string_append_printf(line, "%s%s=", line->len ? " " : "", name);
		audit_add_value(line, value);
	}
	return g_string_free(line, FALSE);
}

/* --- What is told --- */

static void audit_add_who(json_t *record, const struct audit_who *who)
{
	if (who->user)
		json_object_set_new(record, "user", routes_text(who->user));
	if (who->viewer)
		json_object_set_new(record, "viewer", json_integer(who->viewer));
	if (who->from) {
		json_object_set_new(record, "from", routes_text(who->from));
		json_object_set_new(record, "encrypted", json_boolean(who->encrypted));
	}
}

static void audit_add_details(json_t *record, const json_t *details)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)details, name, value)
	{
		if (!json_is_null(value))
			json_object_set(record, name, value);
	}
}

void audit_tell(struct audit *audit, enum audit_event event, const struct audit_who *who,
		json_t *details)
{
	json_t *record;
	g_autofree char *line = NULL;

	if (audit) {
		record = json_pack("{s:s}", "event", audit_event_word(event));
		if (who)
			audit_add_who(record, who);
		audit_add_details(record, details);
		line = audit_line(record);
		log_line(LOG_LINE_NOTICE, "audit: %s", line);
		events_publish(audit->events, "audit.written", record);
	}
	json_decref(details);
}

struct audit_who audit_who_asks(const struct http_request *request)
{
	return (struct audit_who){
			.user = request->user,
			.from = request->peer ? request->peer : UNIX_SOCKET,
			.encrypted = request->encrypted,
	};
}

struct audit_who audit_who_looks(unsigned int viewer, const char *peer, bool encrypted)
{
	return (struct audit_who){
			.viewer = viewer,
			.from = strcmp(peer, "local") == 0 ? UNIX_SOCKET : peer,
			.encrypted = encrypted,
	};
}

struct audit *audit_new(struct events *events)
{
	struct audit *audit = g_new0(struct audit, 1);

	audit->events = events;
	return audit;
}

void audit_free(struct audit *audit)
{
	g_free(audit);
}
