/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/event_stream.h"
#include <string.h>

static void stream_set(char **member, const char *value)
{
	g_free(*member);
	*member = g_strdup(value);
}

static void stream_field(struct event_stream *stream, const char *line)
{
	const struct {
		const char *name;
		char **member;
	} fields[] = {{"id", &stream->id}, {"event", &stream->type}, {"data", &stream->data}};
	size_t length = strcspn(line, ":");
	const char *value = line[length] ? line + length + 1 : "";

	if (*value == ' ')
		value++;
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strlen(fields[i].name) == length && strncmp(line, fields[i].name, length) == 0)
			stream_set(fields[i].member, value);
}

static void stream_line(struct event_stream *stream, event_stream_fn fn, void *user_data)
{
	if (stream->line->len && stream->line->str[stream->line->len - 1] == '\r')
		g_string_truncate(stream->line, stream->line->len - 1);
	if (stream->line->len) {
		stream_field(stream, stream->line->str);
	} else {
		if (stream->data)
			fn(stream->id, stream->type, stream->data, user_data);
		g_clear_pointer(&stream->type, g_free);
		g_clear_pointer(&stream->data, g_free);
	}
	g_string_truncate(stream->line, 0);
}

void event_stream_take(struct event_stream *stream, const char *bytes, size_t size,
		event_stream_fn fn, void *user_data)
{
	if (!stream->line)
		stream->line = g_string_new(NULL);
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n')
			stream_line(stream, fn, user_data);
		else if (bytes[i] && stream->line->len < EVENT_STREAM_LINE)
			g_string_append_c(stream->line, bytes[i]);
	}
}

void event_stream_begin(struct event_stream *stream)
{
	if (stream->line)
		g_string_truncate(stream->line, 0);
	g_clear_pointer(&stream->type, g_free);
	g_clear_pointer(&stream->data, g_free);
}

void event_stream_clear(struct event_stream *stream)
{
	if (stream->line)
		g_string_free(stream->line, TRUE);
	g_free(stream->id);
	g_free(stream->type);
	g_free(stream->data);
	*stream = (struct event_stream){0};
}
