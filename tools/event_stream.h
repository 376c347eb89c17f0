/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Takes a stream of Server-Sent Events apart (WHATWG HTML, 9.2.6), as much of it as the API uses.
 */
#include <glib.h>

#define EVENT_STREAM_LINE (1 << 20) /* bytes; what is longer is cut */

/* id, type: NULL: none. data: not NULL. */
typedef void (*event_stream_fn)(
		const char *id, const char *type, const char *data, void *user_data);

/* All zeros to begin with. */
struct event_stream {
	GString *line;
	char *id;          /* of the last event that had one */
	char *type, *data; /* of the one that comes in */
};

void event_stream_take(struct event_stream *stream, const char *bytes, size_t size,
		event_stream_fn fn, void *user_data);

/* Another stream begins: what was not whole is forgotten, the last id is not. */
void event_stream_begin(struct event_stream *stream);
void event_stream_clear(struct event_stream *stream);
