/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/stream.h"
#include <string.h>
#include <sys/socket.h>
#include "http/loop.h"

#define STREAM_BEHIND (64 * 1024) /* bytes that a client may be behind */
#define STREAM_BLOCK  1024        /* bytes that the library sets aside; its buffers are others */

/* A line that readers of Server-Sent Events skip (WHATWG HTML, 9.2.6). */
static const char stream_comment[] = ":\n";

struct http_stream {
	const struct server_listener *listener;
	struct MHD_Connection *connection;
	char *type;
	GByteArray *pending;      /* written, and not yet taken by the library */
	bool suspended;           /* the library waits until there is something to send */
	bool closed;              /* the end comes after what is pending */
	bool cut;                 /* the client was too far behind */
	http_fill_fn fill;        /* who is asked for bytes; NULL: they are written */
	http_stream_gone_fn gone; /* NULL: nobody is to be told */
	void *data;
};

/* --- For the library --- */

static void stream_wake(struct http_stream *stream)
{
	if (!stream->suspended)
		return;
	stream->suspended = false;
	MHD_resume_connection(stream->connection);
	http_loop_wake(stream->listener->source);
}

static ssize_t stream_ask(struct http_stream *stream, char *room, size_t most)
{
	ssize_t made = stream->fill(room, most, stream->data);

	if (made > 0)
		return made;
	return made == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

/* Gives what is pending; with nothing, the connection sleeps until there is. */
static ssize_t stream_read(void *data, uint64_t position, char *room, size_t most)
{
	struct http_stream *stream = data;
	size_t size = MIN(most, stream->pending->len);

	if (stream->cut || (stream->fill && stream->closed))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (stream->fill)
		return stream_ask(stream, room, most);
	if (size) {
		memcpy(room, stream->pending->data, size);
		g_byte_array_remove_range(stream->pending, 0, (guint)size);
		return (ssize_t)size;
	}
	if (stream->closed)
		return MHD_CONTENT_READER_END_OF_STREAM;
	stream->suspended = true;
	MHD_suspend_connection(stream->connection);
	return 0;
}

struct MHD_Response *stream_response(struct http_stream *stream)
{
	return MHD_create_response_from_callback(
			MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, stream, NULL);
}

/* --- For who writes --- */

/* A client that does not read would hold the connection until it times out. */
static void stream_cut(struct http_stream *stream)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
			stream->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	stream->cut = true;
	g_byte_array_set_size(stream->pending, 0);
	if (info)
		shutdown(info->connect_fd, SHUT_RDWR);
	stream_wake(stream);
}

bool http_stream_write(struct http_stream *stream, const void *bytes, size_t size)
{
	if (stream->cut || stream->closed)
		return false;
	if (size > STREAM_BEHIND - stream->pending->len) {
		stream_cut(stream);
		return false;
	}
	g_byte_array_append(stream->pending, bytes, (guint)size);
	stream_wake(stream);
	return true;
}

void http_stream_close(struct http_stream *stream)
{
	stream->gone = NULL;
	stream->closed = true;
	stream_wake(stream);
}

/* --- The server's list --- */

static gboolean stream_comment_all(gpointer data)
{
	struct http_server *server = data;

	for (GList *each = server->streams.head; each; each = each->next) {
		struct http_stream *stream = each->data;

		if (strcmp(stream->type, HTTP_EVENT_STREAM) == 0)
			http_stream_write(stream, stream_comment, strlen(stream_comment));
	}
	return G_SOURCE_CONTINUE;
}

static void stream_join(struct http_stream *stream)
{
	struct http_server *server = stream->listener->server;

	g_queue_push_tail(&server->streams, stream);
	if (!server->comments)
		server->comments = g_timeout_add_seconds(
				server->limits.comments, stream_comment_all, server);
}

static void stream_leave(struct http_stream *stream)
{
	struct http_server *server = stream->listener->server;

	g_queue_remove(&server->streams, stream);
	if (!g_queue_is_empty(&server->streams) || !server->comments)
		return;
	g_source_remove(server->comments);
	server->comments = 0;
}

/* --- From its begin to its end --- */

struct http_stream *stream_new(const struct server_listener *listener,
		struct MHD_Connection *connection, const char *type, http_stream_gone_fn gone,
		void *data)
{
	struct http_stream *stream = g_new0(struct http_stream, 1);

	stream->listener = listener;
	stream->connection = connection;
	stream->type = g_strdup(type);
	stream->pending = g_byte_array_new();
	stream->gone = gone;
	stream->data = data;
	stream_join(stream);
	return stream;
}

void stream_fill(struct http_stream *stream, http_fill_fn fill)
{
	stream->fill = fill;
}

const char *stream_type(const struct http_stream *stream)
{
	return stream->type;
}

static void stream_tell(struct http_stream *stream)
{
	http_stream_gone_fn gone = stream->gone;

	stream->gone = NULL;
	if (gone)
		gone(stream->data);
}

void stream_ended(struct http_stream *stream)
{
	if (!stream)
		return;
	stream_tell(stream);
	stream_leave(stream);
	g_byte_array_unref(stream->pending);
	g_free(stream->type);
	g_free(stream);
}

void stream_drop(struct http_stream *stream)
{
	if (stream)
		stream->gone = NULL;
	stream_ended(stream);
}

void stream_abandon(struct http_stream *stream)
{
	stream_tell(stream);
	http_stream_close(stream);
}
