/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Answers without end, between the exchange that they answer and the library. */
#include "http/server_part.h"

/* In the server's list from now on. type: copied. */
struct http_stream *stream_new(const struct server_listener *listener,
		struct MHD_Connection *connection, const char *type, http_stream_gone_fn gone,
		void *data);

/* From now on it asks for its bytes, and nobody writes. */
void stream_fill(struct http_stream *stream, http_fill_fn fill);

const char *stream_type(const struct http_stream *stream);

/* The response that takes what is written; NULL: memory is short. */
struct MHD_Response *stream_response(struct http_stream *stream);

/* The connection has finished with it: tells whoever writes, and frees. NULL is fine. */
void stream_ended(struct http_stream *stream);

/* Its handler has failed, and writes no more. NULL is fine. */
void stream_drop(struct http_stream *stream);

/* The server closes: whoever writes is told at once, the client sees an end. */
void stream_abandon(struct http_stream *stream);
