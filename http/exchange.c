/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "http/guard.h"
#include "http/loop.h"
#include "http/reply.h"
#include "http/server_part.h"
#include "http/stream.h"
#include "http/tcp.h"

#define CONTENT_TOO_LARGE 413 /* RFC 9110, 15.5.14; the library's name for it changed */

/* A body that is too large is read to its end up to so many times the limit, to be told so. */
#define EXCHANGE_PATIENCE 16

/* A request while it comes in, is handled and is answered. */
struct exchange {
	const struct server_listener *listener;
	struct MHD_Connection *connection;
	char *uri;
	bool begun; /* its headers are here */
	size_t size;
	GByteArray *body; /* NULL: none so far; what is beyond the limit is not kept */
	struct http_answer answer;
	struct http_later *later;   /* who has promised the answer; NULL: nobody, or it is here */
	struct http_stream *stream; /* that is the answer; NULL: it has an end */
	bool suspended;             /* and in the server's list */
};

struct http_later {
	struct exchange *exchange; /* NULL: nobody waits any more */
};

/* --- From a request to its answer --- */

/* What the routes have for a target: the one with the method, and the methods of all. */
struct exchange_match {
	const struct server_table *table;
	size_t index;
	GString *allow; /* for the Allow header; empty: no such path */
};

static void exchange_match(const struct http_server *server, const struct http_target *target,
		const char *word, struct exchange_match *match)
{
	enum http_method method;
	bool known = http_method_parse(word, &method);

	for (guint i = 0; i < server->tables->len; i++) {
		const struct server_table *table = &g_array_index(
				server->tables, struct server_table, i);

		for (size_t j = 0; j < table->count; j++) {
			const struct http_route *route = &table->routes[j];

			if (!http_route_matches(route, target))
				continue;
			g_string_append_printf(match->allow, "%s%s%s",
					match->allow->len ? ", " : "",
					http_method_word(route->method),
					route->method == HTTP_GET ? ", HEAD" : "");
			if (known && route->method == method && !match->table) {
				match->table = table;
				match->index = j;
			}
		}
	}
}

/* The style of what is asked for; NULL: it has none. */
static const struct http_style *exchange_style(const struct exchange *exchange)
{
	const GPtrArray *styles = exchange->listener->server->styles;

	for (guint i = 0; i < styles->len; i++) {
		const struct http_style *style = g_ptr_array_index(styles, i);
		size_t length = strlen(style->prefix);

		if (strncmp(exchange->uri, style->prefix, length) == 0 &&
				strchr("/?", exchange->uri[length]))
			return style;
	}
	return NULL;
}

static const char *exchange_header(const struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static bool exchange_read_body(const struct exchange *exchange, json_t **body, GError **error)
{
	json_error_t cause;

	*body = NULL;
	if (!exchange->body)
		return true;
	*body = json_loadb((const char *)exchange->body->data, exchange->body->len,
			JSON_REJECT_DUPLICATES, &cause);
	if (!*body)
		g_set_error(error, HTTP_ERROR, MHD_HTTP_BAD_REQUEST,
				"the body is not JSON: line %d, column %d: %s", cause.line,
				cause.column, cause.text);
	return *body != NULL;
}

/* As far as it is ours: the parser has had copies. */
static void exchange_forget(const struct http_route *route, const json_t *values)
{
	const struct http_parameter *each = route->parameters;

	for (; each && each->name; each++) {
		const json_t *value = json_object_get(values, each->name);

		if (each->secret && json_is_string(value))
			explicit_bzero((char *)json_string_value(value), json_string_length(value));
	}
}

static bool exchange_handle(struct exchange *exchange, const struct exchange_match *match,
		const struct http_target *target, struct http_request *request, GError **error)
{
	const struct server_table *table = match->table;
	json_t *body, *values;
	bool good;

	request->route = &table->routes[match->index];
	request->exchange = exchange;
	request->if_match = exchange_header(exchange, MHD_HTTP_HEADER_IF_MATCH);
	request->if_none_match = exchange_header(exchange, MHD_HTTP_HEADER_IF_NONE_MATCH);
	request->last_event_id = exchange_header(exchange, "Last-Event-ID");
	if (!exchange_read_body(exchange, &body, error))
		return false;
	values = http_route_values(request->route, target, body, error);
	if (!values) {
		json_decref(body);
		return false;
	}
	request->values = values;
	request->body = request->route->free_form ? body : NULL;
	good = table->handlers[match->index](request, &exchange->answer, table->data, error);
	exchange_forget(request->route, values);
	json_decref(values);
	json_decref(body);
	return good;
}

static bool exchange_route(struct exchange *exchange, const struct http_target *target,
		const char *method, GString *allow, GError **error)
{
	g_autofree char *peer = http_tcp_peer(exchange->connection);
	struct exchange_match match = {.allow = allow};
	struct http_request request = {
			.peer = peer, .encrypted = exchange->listener->certificate != NULL};
	struct http_who who;
	bool good = false;

	exchange_match(exchange->listener->server, target, method, &match);
	if (!guard_admit(exchange->connection, exchange->listener->auth, peer,
			    match.table ? match.table->routes[match.index].role : HTTP_READ,
			    &exchange->answer, &who, error))
		return false;
	request.user = who.user;
	request.session = who.session;
	request.role = who.role;
	if (match.table) {
		good = exchange_handle(exchange, &match, target, &request, error);
	} else if (allow->len) {
		http_answer_header(&exchange->answer, MHD_HTTP_HEADER_ALLOW, allow->str);
		g_set_error(error, HTTP_ERROR, MHD_HTTP_METHOD_NOT_ALLOWED, "this takes %s, not %s",
				allow->str, method);
	} else {
		g_set_error_literal(error, HTTP_ERROR, MHD_HTTP_NOT_FOUND,
				"no such thing here; GET /api/v1 lists what there is");
	}
	return good;
}

static bool exchange_answer(struct exchange *exchange, const char *method, GError **error)
{
	const size_t limit = exchange->listener->server->limits.body;
	g_autoptr(GString) allow = g_string_new(NULL);
	struct http_target target;
	guint parts;
	bool good;

	if (exchange->size > limit) {
		g_set_error(error, HTTP_ERROR, CONTENT_TOO_LARGE,
				"the body has %zu bytes; %zu are allowed", exchange->size, limit);
		return false;
	}
	if (!http_target_parse(&target, exchange->uri, error))
		return false;
	parts = g_strv_length(target.parts);
	if (exchange_style(exchange) && parts > 1 && !*target.parts[parts - 1])
		g_clear_pointer(&target.parts[parts - 1], g_free);
	good = exchange_route(exchange, &target, method, allow, error);
	http_target_clear(&target);
	return good;
}

/* --- The answer's way out --- */

static void exchange_error(struct exchange *exchange, const GError *error)
{
	const struct http_style *style = exchange_style(exchange);
	g_autofree char *message = g_utf8_make_valid(error->message, -1);
	struct http_answer *answer = &exchange->answer;

	stream_drop(exchange->stream);
	exchange->stream = NULL;
	json_decref(answer->json);
	g_clear_pointer(&answer->text, g_free);
	g_bytes_unref(g_steal_pointer(&answer->bytes));
	answer->status = error->domain == HTTP_ERROR ? (unsigned int)error->code
						     : MHD_HTTP_INTERNAL_SERVER_ERROR;
	answer->json = style ? style->error(answer->status, message)
			     : json_pack("{s:{s:i, s:s}}", "error", "code", (int)answer->status,
					       "message", message);
}

static enum MHD_Result exchange_send(struct exchange *exchange)
{
	return http_reply_send(exchange->connection, &exchange->answer, exchange->stream,
			exchange_style(exchange));
}

static enum MHD_Result exchange_respond(struct exchange *exchange, const char *method)
{
	g_autoptr(GError) error = NULL;

	exchange->answer.status = MHD_HTTP_OK;
	if (!exchange_answer(exchange, method, &error))
		exchange_error(exchange, error);
	if (!exchange->later)
		return exchange_send(exchange);
	exchange->suspended = true;
	g_queue_push_tail(&exchange->listener->server->waiting, exchange);
	MHD_suspend_connection(exchange->connection);
	return MHD_YES;
}

/* --- Answers that come later --- */

struct http_later *http_answer_later(const struct http_request *request)
{
	struct http_later *later = g_new0(struct http_later, 1);

	later->exchange = request->exchange;
	request->exchange->later = later;
	return later;
}

/* The answer is complete: the library calls again for it, unless it is still in the first call. */
static void exchange_wake(struct exchange *exchange)
{
	exchange->later = NULL;
	if (!exchange->suspended)
		return;
	exchange->suspended = false;
	g_queue_remove(&exchange->listener->server->waiting, exchange);
	MHD_resume_connection(exchange->connection);
	http_loop_wake(exchange->listener->source);
}

/* Nobody waits any more for whoever had promised it. */
static struct exchange *later_take(struct http_later *later)
{
	struct exchange *exchange = later->exchange;

	g_free(later);
	return exchange;
}

void http_later_answer(struct http_later *later, struct http_answer *answer)
{
	struct exchange *exchange = later_take(later);

	if (!exchange) {
		http_answer_clear(answer);
		return;
	}
	http_answer_clear(&exchange->answer);
	exchange->answer = *answer;
	if (!exchange->answer.status)
		exchange->answer.status = MHD_HTTP_OK;
	*answer = (struct http_answer){0};
	exchange_wake(exchange);
}

void http_later_fail(struct http_later *later, const GError *error)
{
	struct exchange *exchange = later_take(later);

	if (!exchange)
		return;
	exchange_error(exchange, error);
	exchange_wake(exchange);
}

void exchange_abandon(struct exchange *exchange)
{
	g_autoptr(GError) error = g_error_new_literal(
			HTTP_ERROR, MHD_HTTP_SERVICE_UNAVAILABLE, "the program ends");

	exchange->later->exchange = NULL;
	exchange_error(exchange, error);
	exchange_wake(exchange);
}

/* --- Answers without end --- */

struct http_stream *http_answer_stream(const struct http_request *request, const char *type,
		http_stream_gone_fn gone, void *data)
{
	struct exchange *exchange = request->exchange;

	exchange->stream = stream_new(exchange->listener, exchange->connection, type, gone, data);
	return exchange->stream;
}

void http_answer_fill(const struct http_request *request, const char *type, http_fill_fn fill,
		http_stream_gone_fn ended, void *data)
{
	stream_fill(http_answer_stream(request, type, ended, data), fill);
}

/* --- The library's callbacks --- */

void *exchange_begins(void *data, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *exchange = g_new0(struct exchange, 1);

	exchange->listener = data;
	exchange->connection = connection;
	exchange->uri = g_strdup(uri);
	return exchange;
}

void exchange_ends(void *data, struct MHD_Connection *connection, void **context,
		enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *context;

	if (!exchange)
		return;
	if (exchange->later)
		exchange->later->exchange = NULL;
	if (exchange->suspended)
		g_queue_remove(&exchange->listener->server->waiting, exchange);
	stream_ended(exchange->stream);
	if (exchange->body) {
		explicit_bzero(exchange->body->data, exchange->body->len); /* may hold secrets */
		g_byte_array_unref(exchange->body);
	}
	http_answer_clear(&exchange->answer);
	g_free(exchange->uri);
	g_free(exchange);
	*context = NULL;
}

/* A length that is announced and beyond all patience is answered before the body is read. */
static bool exchange_is_hopeless(struct exchange *exchange)
{
	const size_t limit = exchange->listener->server->limits.body;
	const char *text = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);
	guint64 length;

	if (!text || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &length, NULL) ||
			length <= limit)
		return false;
	if (!exchange_header(exchange, MHD_HTTP_HEADER_EXPECT) &&
			length <= limit * EXCHANGE_PATIENCE)
		return false;
	exchange->size = length;
	return true;
}

static enum MHD_Result exchange_take(struct exchange *exchange, const char *bytes, size_t *size)
{
	const size_t limit = exchange->listener->server->limits.body;

	exchange->size += *size;
	if (exchange->size > limit * EXCHANGE_PATIENCE)
		return MHD_NO; /* hangs up */
	if (!exchange->body)
		exchange->body = g_byte_array_new();
	if (exchange->size <= limit)
		g_byte_array_append(exchange->body, (const guint8 *)bytes, *size);
	*size = 0;
	return MHD_YES;
}

/* Called with the headers, with each part of the body, at the end, and when the answer is late. */
enum MHD_Result exchange_request(void *data, struct MHD_Connection *connection, const char *path,
		const char *method, const char *version, const char *upload, size_t *upload_size,
		void **context)
{
	struct exchange *exchange = *context;

	if (!exchange->begun) {
		exchange->begun = true;
		if (!exchange_is_hopeless(exchange))
			return MHD_YES;
	} else if (*upload_size) {
		return exchange_take(exchange, upload, upload_size);
	}
	if (exchange->answer.status)
		return exchange_send(exchange);
	return exchange_respond(exchange, method);
}
