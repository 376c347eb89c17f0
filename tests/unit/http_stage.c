/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <glib/gstdio.h>
#include <string.h>
#include "tests/unit/http_stage.h"

/* --- A small API --- */

static bool echo(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	((struct http_stage *)data)->handled++;
	answer->json = json_deep_copy(request->values);
	answer->status = request->route->method == HTTP_POST ? 201 : 200;
	return true;
}

static bool refuse(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	g_set_error_literal(error, HTTP_ERROR, 409, "the node is off");
	return false;
}

static bool fail(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_IO, "disk on \xff fire");
	return false;
}

static bool large(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	g_autofree char *text = g_strnfill(4 << 20, 'x');

	answer->json = json_string(text);
	return true;
}

static bool nothing(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	return true;
}

static const struct http_parameter thing_parameters[] = {
		{.name = "name", .place = HTTP_IN_PATH, .help = "which"},
		{.name = "count",
				.place = HTTP_IN_QUERY,
				.type = HTTP_INTEGER,
				.max = 9,
				.help = "how many"},
		{.name = "on", .place = HTTP_IN_BODY, .type = HTTP_BOOLEAN, .help = "lit"},
		{.name = "text", .place = HTTP_IN_BODY, .help = "words"},
		{0},
};

static const struct http_route routes[] = {
		{.method = HTTP_GET,
				.path = "/things/{name}",
				.parameters = thing_parameters,
				.help = "a"},
		{.method = HTTP_POST,
				.path = "/things/{name}",
				.parameters = thing_parameters,
				.help = "b"},
		{.method = HTTP_GET, .path = "/refuse", .help = "c"},
		{.method = HTTP_GET, .path = "/fail", .help = "d"},
		{.method = HTTP_GET, .path = "/large", .help = "e"},
		{.method = HTTP_DELETE, .path = "/nothing", .help = "f"},
};

static const http_handler_fn handlers[] = {echo, echo, refuse, fail, large, nothing};

void http_stage_serve(struct http_stage *f)
{
	g_autoptr(GError) error = NULL;

	f->settings.about = (struct http_about){"test", "1"};
	f->server = http_server_new(&f->settings);
	http_server_add(f->server, routes, handlers, G_N_ELEMENTS(routes), f);
	http_server_listen(f->server, f->socket, 0660, &error);
	g_assert_no_error(error);
}

void http_stage_open(struct http_stage *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->socket = g_build_filename(f->folder, "deep", "er", "api.sock", NULL);
}

void http_stage_close(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *inner = g_path_get_dirname(f->socket);
	g_autofree char *outer = g_path_get_dirname(inner);

	http_server_close(f->server);
	g_assert_false(g_file_test(f->socket, G_FILE_TEST_EXISTS));
	g_rmdir(inner);
	g_rmdir(outer);
	g_assert_cmpint(g_rmdir(f->folder), ==, 0);
	g_free(f->socket);
	g_free(f->folder);
}

struct http_reply *http_stage_ask(
		struct http_stage *f, const char *method, const char *path, const char *body)
{
	const struct http_ask asked = {
			.socket = f->socket, .method = method, .path = path, .body = body};

	return http_client_ask(&asked);
}

void http_stage_error(struct http_stage *f, const char *method, const char *path, const char *body,
		int status, const char *message)
{
	struct http_reply *reply = http_stage_ask(f, method, path, body);
	int code = 0;

	g_assert_cmpint(reply->code, ==, CURLE_OK);
	g_assert_cmpint(reply->status, ==, status);
	g_assert_cmpint(json_unpack(reply->json, "{s:{s:i}}", "error", "code", &code), ==, 0);
	g_assert_cmpint(code, ==, status);
	g_assert_cmpstr(http_reply_message(reply), ==, message);
	g_assert_nonnull(strstr(reply->headers, "Content-Type: application/json\r\n"));
	http_reply_free(reply);
}

/* The server still answers. */
void http_stage_alive(struct http_stage *f)
{
	struct http_reply *reply = http_client_get(f->socket, "/things/alive");

	g_assert_cmpint(reply->status, ==, 200);
	http_reply_free(reply);
}
