/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "http/reply.h"
#include "http/stream.h"

/* Ten digits: no measured value has more, and 4.2 stays 4.2. */
#define REPLY_FORM (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10))

void http_answer_header(struct http_answer *answer, const char *name, const char *value)
{
	guint count = answer->headers ? g_strv_length(answer->headers) : 0;

	answer->headers = g_renew(char *, answer->headers, count + 3);
	answer->headers[count] = g_strdup(name);
	answer->headers[count + 1] = g_strdup(value);
	answer->headers[count + 2] = NULL;
}

void http_answer_clear(struct http_answer *answer)
{
	json_decref(answer->json);
	g_free(answer->text);
	g_bytes_unref(answer->bytes);
	g_strfreev(answer->headers);
	*answer = (struct http_answer){0};
}

/* The answer as text that free() takes, with a line's end for those who read it in a terminal. */
static char *reply_text(json_t *json, size_t *length)
{
	size_t size = json_dumpb(json, NULL, 0, REPLY_FORM);
	char *text = malloc(size + 1);

	if (!text)
		return NULL;
	json_dumpb(json, text, size, REPLY_FORM);
	text[size] = '\n';
	*length = size + 1;
	return text;
}

static struct MHD_Response *reply_json(json_t *json)
{
	size_t length;
	char *text = reply_text(json, &length);
	struct MHD_Response *response;

	if (!text)
		return NULL;
	response = MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(text);
	else
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	return response;
}

static struct MHD_Response *reply_other(const struct http_answer *answer)
{
	const char *text = answer->text ? answer->text : "";
	struct MHD_Response *response = MHD_create_response_from_buffer(
			strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);

	if (response && answer->text)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	return response;
}

static struct MHD_Response *reply_bytes(const struct http_answer *answer)
{
	gsize size;
	const void *bytes = g_bytes_get_data(answer->bytes, &size);
	struct MHD_Response *response = MHD_create_response_from_buffer(
			size, (void *)bytes, MHD_RESPMEM_MUST_COPY);

	if (response)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	return response;
}

static struct MHD_Response *reply_stream(struct http_stream *stream)
{
	struct MHD_Response *response = stream_response(stream);

	if (response)
		MHD_add_response_header(
				response, MHD_HTTP_HEADER_CONTENT_TYPE, stream_type(stream));
	return response;
}

static struct MHD_Response *reply_response(
		const struct http_answer *answer, struct http_stream *stream)
{
	struct MHD_Response *response;
	json_t *json;

	if (stream)
		return reply_stream(stream);
	if (answer->bytes)
		return reply_bytes(answer);
	if (answer->text || answer->status == MHD_HTTP_NO_CONTENT ||
			answer->status == MHD_HTTP_NOT_MODIFIED)
		return reply_other(answer);
	json = answer->json ? json_incref(answer->json) : json_object();
	response = reply_json(json);
	json_decref(json);
	return response;
}

static bool reply_has(const struct http_answer *answer, const char *name)
{
	for (char **each = answer->headers; each && *each; each += 2)
		if (g_ascii_strcasecmp(each[0], name) == 0)
			return true;
	return false;
}

enum MHD_Result http_reply_send(struct MHD_Connection *connection, const struct http_answer *answer,
		struct http_stream *stream, const struct http_style *style)
{
	struct MHD_Response *response = reply_response(answer, stream);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	if (!reply_has(answer, MHD_HTTP_HEADER_CACHE_CONTROL))
		MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	for (size_t i = 0; style && style->headers[i][0]; i++)
		MHD_add_response_header(response, style->headers[i][0], style->headers[i][1]);
	for (char **each = answer->headers; each && *each; each += 2)
		MHD_add_response_header(response, each[0], each[1]);
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}
