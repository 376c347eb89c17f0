/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "http/loop.h"
#include "http/server.h"
#include "http/socket.h"

#define SERVER_CONNECTIONS 256
#define SERVER_TIMEOUT     15 /* s */
#define SERVER_BODY        (64 * 1024)
#define SERVER_MEMORY      (16 * 1024) /* bytes for a connection: its headers, and buffers */

#define CONTENT_TOO_LARGE 413 /* RFC 9110, 15.5.14; the library's name for it changed */

/* A body that is too large is read to its end up to so many times the limit, to be told so. */
#define SERVER_PATIENCE 16

struct server_table {
	const struct http_route *routes;
	const http_handler_fn *handlers;
	size_t count;
	void *data;
};

struct http_server {
	struct http_about about;
	size_t body_limit;
	struct http_socket socket;
	struct MHD_Daemon *daemon;
	GSource *source;
	GArray *tables; /* of struct server_table */
	GArray *words;  /* of struct http_table: the same without handlers */
};

/* A request while it comes in. */
struct exchange {
	char *uri;
	bool begun; /* its headers are here */
	size_t size;
	GByteArray *body; /* NULL: none so far; what is beyond the limit is not kept */
};

/* --- Routes of its own --- */

static const struct http_route server_routes[] = {
		{
				.method = HTTP_GET,
				.path = "/api/v1",
				.role = HTTP_READ,
				.help = "Lists what can be asked.",
		},
		{
				.method = HTTP_GET,
				.path = "/api/v1/openapi.json",
				.role = HTTP_READ,
				.help = "Describes the same as an OpenAPI document.",
		},
};

static bool server_list(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const struct http_server *server = data;

	answer->json = http_describe_list(
			&server->about, (void *)server->words->data, server->words->len);
	return true;
}

static bool server_openapi(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	const struct http_server *server = data;

	answer->json = http_describe_openapi(
			&server->about, (void *)server->words->data, server->words->len);
	return true;
}

static const http_handler_fn server_handlers[] = {server_list, server_openapi};

G_STATIC_ASSERT(G_N_ELEMENTS(server_routes) == G_N_ELEMENTS(server_handlers));

/* --- From a request to its answer --- */

/* What the routes have for a target: the one with the method, and the methods of all. */
struct server_match {
	const struct server_table *table;
	size_t index;
	GString *allow; /* for the Allow header; empty: no such path */
};

static void server_match(struct http_server *server, const struct http_target *target,
		const char *word, struct server_match *match)
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

static bool server_read_body(const struct exchange *exchange, json_t **body, GError **error)
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

static bool server_handle(const struct server_match *match, const struct http_target *target,
		const struct exchange *exchange, struct http_answer *answer, GError **error)
{
	const struct server_table *table = match->table;
	struct http_request request = {.route = &table->routes[match->index]};
	json_t *body, *values;
	bool good;

	if (!server_read_body(exchange, &body, error))
		return false;
	values = http_route_values(request.route, target, body, error);
	json_decref(body);
	if (!values)
		return false;
	request.values = values;
	good = table->handlers[match->index](&request, answer, table->data, error);
	json_decref(values);
	return good;
}

static bool server_answer(struct http_server *server, const struct exchange *exchange,
		const char *method, struct http_answer *answer, GString *allow, GError **error)
{
	struct server_match match = {.allow = allow};
	struct http_target target;
	bool good = false;

	if (exchange->size > server->body_limit) {
		g_set_error(error, HTTP_ERROR, CONTENT_TOO_LARGE,
				"the body has %zu bytes; %zu are allowed", exchange->size,
				server->body_limit);
		return false;
	}
	if (!http_target_parse(&target, exchange->uri, error))
		return false;
	server_match(server, &target, method, &match);
	if (match.table)
		good = server_handle(&match, &target, exchange, answer, error);
	else if (allow->len)
		g_set_error(error, HTTP_ERROR, MHD_HTTP_METHOD_NOT_ALLOWED, "this takes %s, not %s",
				allow->str, method);
	else
		g_set_error_literal(error, HTTP_ERROR, MHD_HTTP_NOT_FOUND,
				"no such thing here; GET /api/v1 lists what there is");
	http_target_clear(&target);
	return good;
}

/* --- The answer's way out --- */

static void server_error_answer(struct http_answer *answer, const GError *error)
{
	g_autofree char *message = g_utf8_make_valid(error->message, -1);

	json_decref(answer->json);
	answer->status = error->domain == HTTP_ERROR ? (unsigned int)error->code
						     : MHD_HTTP_INTERNAL_SERVER_ERROR;
	answer->json = json_pack(
			"{s:{s:i, s:s}}", "error", "code", (int)answer->status, "message", message);
}

/* Ten digits: no measured value has more, and 4.2 stays 4.2. */
#define SERVER_FORM (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10))

/* The answer as text that free() takes, with a line's end for those who read it in a terminal. */
static char *server_text(json_t *json, size_t *length)
{
	size_t size = json_dumpb(json, NULL, 0, SERVER_FORM);
	char *text = malloc(size + 1);

	if (!text)
		return NULL;
	json_dumpb(json, text, size, SERVER_FORM);
	text[size] = '\n';
	*length = size + 1;
	return text;
}

static enum MHD_Result server_send(struct MHD_Connection *connection,
		const struct http_answer *answer, const char *allow)
{
	size_t length;
	char *text = server_text(answer->json, &length);
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!text)
		return MHD_NO;
	response = MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result server_respond(struct http_server *server, const struct exchange *exchange,
		struct MHD_Connection *connection, const char *method)
{
	struct http_answer answer = {.status = MHD_HTTP_OK};
	g_autoptr(GString) allow = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	enum MHD_Result result;

	if (!server_answer(server, exchange, method, &answer, allow, &error))
		server_error_answer(&answer, error);
	else if (!answer.json)
		answer.json = json_object();
	result = server_send(connection, &answer, allow->str);
	json_decref(answer.json);
	return result;
}

/* --- The library's callbacks --- */

static void *server_begins(void *data, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *exchange = g_new0(struct exchange, 1);

	exchange->uri = g_strdup(uri);
	return exchange;
}

static void server_ends(void *data, struct MHD_Connection *connection, void **context,
		enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *context;

	if (!exchange)
		return;
	if (exchange->body)
		g_byte_array_unref(exchange->body);
	g_free(exchange->uri);
	g_free(exchange);
	*context = NULL;
}

/* A length that is announced and beyond all patience is answered before the body is read. */
static bool server_is_hopeless(const struct http_server *server, struct MHD_Connection *connection,
		struct exchange *exchange)
{
	const char *text = MHD_lookup_connection_value(
			connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
	const char *expect = MHD_lookup_connection_value(
			connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_EXPECT);
	guint64 length;

	if (!text || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &length, NULL) ||
			length <= server->body_limit)
		return false;
	if (!expect && length <= server->body_limit * SERVER_PATIENCE)
		return false;
	exchange->size = length;
	return true;
}

static enum MHD_Result server_take(const struct http_server *server, struct exchange *exchange,
		const char *bytes, size_t *size)
{
	exchange->size += *size;
	if (exchange->size > server->body_limit * SERVER_PATIENCE)
		return MHD_NO; /* hangs up */
	if (!exchange->body)
		exchange->body = g_byte_array_new();
	if (exchange->size <= server->body_limit)
		g_byte_array_append(exchange->body, (const guint8 *)bytes, *size);
	*size = 0;
	return MHD_YES;
}

/* Called with the headers, with each part of the body, and at the end. */
static enum MHD_Result server_request(void *data, struct MHD_Connection *connection,
		const char *path, const char *method, const char *version, const char *upload,
		size_t *upload_size, void **context)
{
	struct http_server *server = data;
	struct exchange *exchange = *context;

	if (!exchange->begun) {
		exchange->begun = true;
		if (!server_is_hopeless(server, connection, exchange))
			return MHD_YES;
	} else if (*upload_size) {
		return server_take(server, exchange, upload, upload_size);
	}
	return server_respond(server, exchange, connection, method);
}

/* Escapes are decoded by http_target_parse, which tells a wrong one. */
static size_t server_leave_escapes(void *data, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

/* --- Coming and going --- */

static bool server_start(
		struct http_server *server, const struct http_settings *settings, GError **error)
{
	const unsigned int connections = settings->connections ? settings->connections
							       : SERVER_CONNECTIONS;
	const unsigned int timeout = settings->timeout ? settings->timeout : SERVER_TIMEOUT;

	server->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, server_request, server,
			MHD_OPTION_LISTEN_SOCKET, server->socket.fd, MHD_OPTION_CONNECTION_LIMIT,
			connections, MHD_OPTION_CONNECTION_TIMEOUT, timeout,
			MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_MEMORY,
			MHD_OPTION_URI_LOG_CALLBACK, server_begins, server,
			MHD_OPTION_NOTIFY_COMPLETED, server_ends, server,
			MHD_OPTION_UNESCAPE_CALLBACK, server_leave_escapes, NULL, MHD_OPTION_END);
	if (server->daemon)
		server->source = http_loop_attach(server->daemon);
	if (!server->source)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
				"no API on %s: libmicrohttpd does not start", settings->socket);
	return server->source != NULL;
}

struct http_server *http_server_open(const struct http_settings *settings, GError **error)
{
	struct http_server *server = g_new0(struct http_server, 1);

	server->about = settings->about;
	server->body_limit = settings->body ? settings->body : SERVER_BODY;
	server->tables = g_array_new(FALSE, FALSE, sizeof(struct server_table));
	server->words = g_array_new(FALSE, FALSE, sizeof(struct http_table));
	http_server_add(server, server_routes, server_handlers, G_N_ELEMENTS(server_routes),
			server);
	if (!http_socket_open(&server->socket, settings->socket, settings->mode, error) ||
			!server_start(server, settings, error)) {
		http_server_close(server);
		return NULL;
	}
	return server;
}

void http_server_add(struct http_server *server, const struct http_route *routes,
		const http_handler_fn *handlers, size_t count, void *data)
{
	const struct server_table table = {routes, handlers, count, data};
	const struct http_table words = {routes, count};

	g_array_append_val(server->tables, table);
	g_array_append_val(server->words, words);
}

void http_server_close(struct http_server *server)
{
	if (!server)
		return;
	http_socket_remove(&server->socket);
	if (server->source) {
		g_source_destroy(server->source);
		g_source_unref(server->source);
	}
	if (server->daemon)
		MHD_stop_daemon(server->daemon); /* closes the socket */
	else if (server->socket.fd >= 0)
		close(server->socket.fd);
	g_array_unref(server->tables);
	g_array_unref(server->words);
	g_free(server);
}
