/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream of events, in parts as the first byte says: however it is cut, the same events come out.
 */
#include <glib.h>
#include <stdint.h>
#include "tests/fuzz/targets.h"
#include "tools/event_stream.h"

static void note(const char *id, const char *type, const char *data, void *user_data)
{
	g_assert_nonnull(data);
	g_string_append_printf(user_data, "%s|%s|%s\n", id ? id : "-", type ? type : "-", data);
}

static GString *events_of(const uint8_t *data, size_t size, size_t part)
{
	GString *heard = g_string_new(NULL);
	struct event_stream stream = {0};

	for (size_t at = 0; at < size; at += part)
		event_stream_take(&stream, (const char *)data + at, MIN(part, size - at), note,
				heard);
	event_stream_clear(&stream);
	return heard;
}

int target_events(const uint8_t *data, size_t size)
{
	GString *whole, *parts;

	if (size < 2)
		return 0;
	whole = events_of(data + 1, size - 1, size);
	parts = events_of(data + 1, size - 1, data[0] + 1u);
	g_assert_cmpstr(whole->str, ==, parts->str);
	g_string_free(whole, TRUE);
	g_string_free(parts, TRUE);
	return 0;
}
