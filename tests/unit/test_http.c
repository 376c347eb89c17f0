/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "http/server.h"
#include "tests/unit/http_client.h"

#define BODY_LIMIT (64 * 1024)

struct fixture {
	char *folder, *socket;
	struct http_settings settings;
	struct http_server *server;
	int handled; /* requests that came to a handler */
};

/* --- A small API --- */

static bool echo(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	((struct fixture *)data)->handled++;
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

static void serve(struct fixture *f)
{
	g_autoptr(GError) error = NULL;

	f->settings.socket = f->socket;
	f->settings.mode = 0660;
	f->settings.about = (struct http_about){"test", "1"};
	f->server = http_server_open(&f->settings, &error);
	g_assert_no_error(error);
	http_server_add(f->server, routes, handlers, G_N_ELEMENTS(routes), f);
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->socket = g_build_filename(f->folder, "deep", "er", "api.sock", NULL);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
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

static struct http_reply *ask(
		struct fixture *f, const char *method, const char *path, const char *body)
{
	const struct http_ask asked = {
			.socket = f->socket, .method = method, .path = path, .body = body};

	return http_client_ask(&asked);
}

static void assert_error(struct fixture *f, const char *method, const char *path, const char *body,
		int status, const char *message)
{
	struct http_reply *reply = ask(f, method, path, body);
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
static void assert_alive(struct fixture *f)
{
	struct http_reply *reply = http_client_get(f->socket, "/things/alive");

	g_assert_cmpint(reply->status, ==, 200);
	http_reply_free(reply);
}

/* --- Requests and answers --- */

static void test_parts_query_and_body_arrive(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	serve(f);
	reply = ask(f, "POST", "/things/a%2Fb?count=9", "{\"on\": true, \"text\": \"\\u00e4\"}");
	g_assert_cmpint(reply->status, ==, 201);
	g_assert_cmpstr(reply->body, ==,
			"{\"name\":\"a/b\",\"count\":9,\"on\":true,\"text\":\"\xc3\xa4\"}\n");
	g_assert_nonnull(strstr(reply->headers, "Content-Type: application/json\r\n"));
	http_reply_free(reply);
}

static void test_an_answer_without_words_is_an_object(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	serve(f);
	reply = ask(f, "DELETE", "/nothing", NULL);
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpstr(reply->body, ==, "{}\n");
	http_reply_free(reply);
}

static void test_mistakes_are_told_in_json(struct fixture *f, gconstpointer unused)
{
	static const char missing[] = "no such thing here; GET /api/v1 lists what there is";

	serve(f);
	assert_error(f, "GET", "/thing", NULL, 404, missing);
	assert_error(f, "POST", "/things/a/b", NULL, 404, missing);
	assert_error(f, "GET", "/../etc/passwd", NULL, 404, missing);
	assert_error(f, "GET", "/things/%zz", NULL, 400,
			"the address has a wrong %-escape, or is not UTF-8");
	assert_error(f, "GET", "/things/a?cuont=1", NULL, 400,
			"unknown query parameter \"cuont\"; GET /things/{name} takes count");
	assert_error(f, "GET", "/refuse?x", NULL, 400,
			"unknown query parameter \"x\"; GET /refuse takes none");
	assert_error(f, "GET", "/things/a?count=10", NULL, 400,
			"count must be a whole number from 0 to 9");
	assert_error(f, "POST", "/things/a", "{\"on\": true", 400,
			"the body is not JSON: line 1, column 11: '}' expected near end of file");
	assert_error(f, "POST", "/things/a", "on=true", 400,
			"the body is not JSON: line 1, column 2: '[' or '{' expected near 'on'");
	assert_error(f, "POST", "/things/a", "{\"on\":true,\"on\":false}", 400,
			"the body is not JSON: line 1, column 15: duplicate object key near '\"on\"'");
	assert_error(f, "POST", "/things/a", "[1]", 400, "the body must be a JSON object");
	assert_error(f, "GET", "/refuse", NULL, 409, "the node is off");
	assert_error(f, "GET", "/fail", NULL, 500, "disk on \xef\xbf\xbd fire");
	g_assert_cmpint(f->handled, ==, 0);
}

static void test_another_method_is_told_which_there_are(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	serve(f);
	assert_error(f, "PUT", "/things/a", "{}", 405, "this takes GET, HEAD, POST, not PUT");
	assert_error(f, "BREW", "/refuse", NULL, 405, "this takes GET, HEAD, not BREW");
	reply = ask(f, "DELETE", "/things/a", NULL);
	g_assert_nonnull(strstr(reply->headers, "Allow: GET, HEAD, POST\r\n"));
	http_reply_free(reply);
	reply = ask(f, "HEAD", "/nothing", NULL);
	g_assert_cmpint(reply->status, ==, 405);
	g_assert_nonnull(strstr(reply->headers, "Allow: DELETE\r\n"));
	http_reply_free(reply);
}

static void test_head_is_get_without_the_body(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	serve(f);
	reply = ask(f, "HEAD", "/things/a?count=1", NULL);
	g_assert_cmpint(reply->code, ==, CURLE_OK);
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpstr(reply->body, ==, "");
	g_assert_nonnull(strstr(reply->headers, "Content-Length: 23\r\n"));
	http_reply_free(reply);
}

static void test_a_connection_is_kept(struct fixture *f, gconstpointer unused)
{
	serve(f);
	g_assert_cmpint(http_client_twice(f->socket, "/things/a"), ==, 1);
	g_assert_cmpint(f->handled, ==, 2);
}

static void test_the_server_lists_itself(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;
	json_t *list;

	serve(f);
	reply = http_client_get(f->socket, "/api/v1");
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpint(json_unpack(reply->json, "{s:o}", "routes", &list), ==, 0);
	g_assert_cmpuint(json_array_size(list), ==, G_N_ELEMENTS(routes) + 2);
	http_reply_free(reply);
	reply = http_client_get(f->socket, "/api/v1/openapi.json");
	g_assert_cmpint(json_unpack(reply->json, "{s:o}", "paths", &list), ==, 0);
	g_assert_nonnull(json_object_get(list, "/things/{name}"));
	http_reply_free(reply);
}

/* --- Limits --- */

/* {"text": "xxx"}, so many bytes. */
static char *body_of(size_t size)
{
	g_autofree char *fill = g_strnfill(size - strlen("{\"text\":\"\"}"), 'x');

	return g_strdup_printf("{\"text\":\"%s\"}", fill);
}

static struct http_reply *post(struct fixture *f, size_t size, bool chunked, bool expect)
{
	g_autofree char *body = body_of(size);
	const struct http_ask asked = {
			.socket = f->socket,
			.method = "POST",
			.path = "/things/a",
			.body = body,
			.size = size,
			.chunked = chunked,
			.expect = expect,
	};

	return http_client_ask(&asked);
}

static void test_a_body_up_to_the_limit_is_taken(struct fixture *f, gconstpointer unused)
{
	serve(f);
	for (int way = 0; way < 4; way++) {
		struct http_reply *reply = post(f, BODY_LIMIT, way & 1, way & 2);

		g_assert_cmpint(reply->status, ==, 201);
		http_reply_free(reply);
	}
	g_assert_cmpint(f->handled, ==, 4);
}

static void test_a_larger_body_is_refused(struct fixture *f, gconstpointer unused)
{
	serve(f);
	for (int way = 0; way < 4; way++) {
		struct http_reply *reply = post(f, BODY_LIMIT + 1, way & 1, way & 2);

		g_assert_cmpint(reply->status, ==, 413);
		g_assert_cmpstr(http_reply_message(reply), ==,
				"the body has 65537 bytes; 65536 are allowed");
		http_reply_free(reply);
	}
	g_assert_cmpint(f->handled, ==, 0);
}

static void test_an_absurd_body_is_not_read(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	serve(f);
	reply = post(f, 64 << 20, false, true);
	g_assert_cmpint(reply->status, ==, 413);
	http_reply_free(reply);
	reply = post(f, 64 << 20, true, false); /* has no end that anybody could wait for */
	g_assert_cmpint(reply->code, !=, CURLE_OK);
	http_reply_free(reply);
	assert_alive(f);
}

static void test_headers_without_end_are_refused(struct fixture *f, gconstpointer unused)
{
	g_autofree char *fill = g_strnfill(32 << 10, 'x');
	g_autofree char *text = g_strdup_printf("GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", fill);
	g_autofree char *answer = NULL;
	int fd;

	serve(f);
	fd = http_client_connect(f->socket);
	http_client_say(fd, text);
	answer = http_client_hear(fd, NULL);
	g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 4"));
	close(fd);
	assert_alive(f);
}

static void test_nonsense_does_no_harm(struct fixture *f, gconstpointer unused)
{
	static const char *const nonsense[] = {
			"\x16\x03\x01\x02",
			"REDQ\x02",
			"\r\n\r\n\r\n",
			"GET\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
			"GET /?%=&=%&&& HTTP/1.1\r\nHost: x\r\n\r\n",
	};

	serve(f);
	for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
		int fd = http_client_connect(f->socket);

		http_client_say(fd, nonsense[i]);
		shutdown(fd, SHUT_WR);
		g_free(http_client_hear(fd, NULL));
		close(fd);
	}
	assert_alive(f);
}

/* --- Many, slow, gone --- */

static void test_two_hundred_at_once_are_answered(struct fixture *f, gconstpointer unused)
{
	serve(f);
	g_assert_cmpint(http_client_crowd(f->socket, "/things/a", 200), ==, 200);
	g_assert_cmpint(f->handled, ==, 200);
}

static void test_who_comes_beyond_the_limit_waits(struct fixture *f, gconstpointer unused)
{
	g_autofree char *answer = NULL;
	int fds[3];

	f->settings.connections = 2;
	serve(f);
	for (int i = 0; i < 3; i++) {
		fds[i] = http_client_connect(f->socket);
		http_client_say(fds[i], "GET /things/a HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	for (int i = 0; i < 2; i++)
		g_free(http_client_hear(fds[i], "}"));
	g_assert_cmpint(f->handled, ==, 2);
	close(fds[0]);
	answer = http_client_hear(fds[2], "}");
	g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 200"));
	close(fds[1]);
	close(fds[2]);
}

static void test_a_slow_client_delays_nobody(struct fixture *f, gconstpointer unused)
{
	static const char request[] = "POST /things/slow HTTP/1.1\r\nHost: x\r\n"
				      "Content-Length: 11\r\n\r\n{\"on\":true}";
	g_autofree char *answer = NULL;
	int fd;

	serve(f);
	fd = http_client_connect(f->socket);
	for (const char *byte = request; *byte; byte++) {
		http_client_say(fd, (char[]){*byte, 0});
		g_main_context_iteration(NULL, FALSE);
		if ((byte - request) % 20 == 0)
			assert_alive(f);
	}
	answer = http_client_hear(fd, "}");
	g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 201"));
	close(fd);
}

static void test_half_a_request_is_cut_off(struct fixture *f, gconstpointer unused)
{
	static const char *const halves[] = {"", "GET /thi", "GET /things/a HTTP/1.1\r\nHost:",
			"POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"};
	int fds[G_N_ELEMENTS(halves)];

	f->settings.timeout = 1;
	serve(f);
	for (size_t i = 0; i < G_N_ELEMENTS(halves); i++) {
		fds[i] = http_client_connect(f->socket);
		http_client_say(fds[i], halves[i]);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(halves); i++) {
		g_autofree char *answer = http_client_hear(fds[i], NULL);

		g_assert_null(strstr(answer, "200"));
		close(fds[i]);
	}
	g_assert_cmpint(f->handled, ==, 0);
	assert_alive(f);
}

static void test_a_client_may_vanish_at_any_time(struct fixture *f, gconstpointer unused)
{
	static const char *const beginnings[] = {"", "GE", "GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
			"POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{\"on",
			"GET /things/a HTTP/1.1\r\nHost: x\r\n\r\nGET /large HTTP/1.1\r\n"};

	serve(f);
	for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		for (int turns = 0; turns < 6; turns++) {
			int fd = http_client_connect(f->socket);

			http_client_say(fd, beginnings[i]);
			for (int j = 0; j < turns; j++)
				g_main_context_iteration(NULL, FALSE);
			close(fd);
		}
	}
	assert_alive(f);
}

static void test_a_reader_that_stops_delays_nobody(struct fixture *f, gconstpointer unused)
{
	g_autofree char *rest = NULL;
	int fd;

	serve(f);
	fd = http_client_connect(f->socket);
	http_client_say(fd, "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 20; i++)
		assert_alive(f);
	rest = http_client_hear(fd, NULL);
	g_assert_cmpuint(strlen(rest), >, 4 << 20);
	close(fd);
}

static void test_nothing_wakes_while_nobody_asks(struct fixture *f, gconstpointer unused)
{
	GMainContext *context = g_main_context_default();
	GPollFD fds[16];
	gint timeout = 0, priority;

	serve(f);
	assert_alive(f);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_true(g_main_context_acquire(context));
	g_main_context_prepare(context, &priority);
	g_main_context_query(context, priority, &timeout, fds, G_N_ELEMENTS(fds));
	g_main_context_release(context);
	g_assert_cmpint(timeout, ==, -1);
}

/* --- The socket --- */

static void assert_no_server(struct fixture *f, int code, const char *words)
{
	g_autoptr(GError) error = NULL;

	f->settings.socket = f->socket;
	g_assert_null(http_server_open(&f->settings, &error));
	g_assert_error(error, G_FILE_ERROR, code);
	if (!strstr(error->message, words) || !strstr(error->message, f->socket))
		g_error("\"%s\" does not say \"%s\"", error->message, words);
}

/* A socket on which nobody listens any more, as kill -9 leaves one. */
static void leave_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	close(fd);
}

static void make_folder(struct fixture *f)
{
	g_autofree char *folder = g_path_get_dirname(f->socket);

	g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
}

static void test_the_socket_has_the_mode_whatever_the_umask_is(
		struct fixture *f, gconstpointer unused)
{
	static const mode_t masks[] = {0, 022, 077, 0777};
	struct stat status;

	make_folder(f);
	for (size_t i = 0; i < G_N_ELEMENTS(masks); i++) {
		mode_t before = umask(masks[i]);

		serve(f);
		umask(before);
		g_assert_cmpint(stat(f->socket, &status), ==, 0);
		g_assert_cmpint(status.st_mode, ==, S_IFSOCK | 0660);
		http_server_close(f->server);
		f->server = NULL;
	}
}

static void test_a_dead_ones_socket_is_replaced(struct fixture *f, gconstpointer unused)
{
	make_folder(f);
	leave_socket(f->socket);
	serve(f);
	assert_alive(f);
}

static void test_a_living_ones_socket_stays(struct fixture *f, gconstpointer unused)
{
	serve(f);
	assert_no_server(f, G_FILE_ERROR_EXIST, "another console that is running has it");
	assert_alive(f);
}

static void test_a_file_in_the_way_stays(struct fixture *f, gconstpointer unused)
{
	make_folder(f);
	g_assert_true(g_file_set_contents(f->socket, "mine", -1, NULL));
	assert_no_server(f, G_FILE_ERROR_EXIST, "is not a socket");
	g_assert_cmpint(g_unlink(f->socket), ==, 0);
}

static void test_another_ones_socket_is_not_removed(struct fixture *f, gconstpointer unused)
{
	serve(f);
	g_assert_cmpint(g_unlink(f->socket), ==, 0);
	leave_socket(f->socket);
	http_server_close(f->server);
	f->server = NULL;
	g_assert_true(g_file_test(f->socket, G_FILE_TEST_EXISTS));
	g_assert_cmpint(g_unlink(f->socket), ==, 0);
}

static void test_a_path_that_is_impossible_is_told(struct fixture *f, gconstpointer unused)
{
	g_autofree char *mine = f->socket;
	g_autofree char *fill = g_strnfill(120, 'x');

	f->socket = g_build_filename(f->folder, fill, NULL);
	assert_no_server(f, G_FILE_ERROR_NAMETOOLONG, "1 to 107 characters");
	g_free(f->socket);
	f->socket = g_strdup("/proc/no/api.sock");
	assert_no_server(f, G_FILE_ERROR_NOENT, "No such file");
	g_free(f->socket);
	f->socket = g_strdup("/dev/null/api.sock");
	assert_no_server(f, G_FILE_ERROR_NOTDIR, "Not a directory");
	g_free(f->socket);
	f->socket = g_steal_pointer(&mine);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name) \
	g_test_add("/http/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)
	TEST(parts_query_and_body_arrive);
	TEST(an_answer_without_words_is_an_object);
	TEST(mistakes_are_told_in_json);
	TEST(another_method_is_told_which_there_are);
	TEST(head_is_get_without_the_body);
	TEST(a_connection_is_kept);
	TEST(the_server_lists_itself);
	TEST(a_body_up_to_the_limit_is_taken);
	TEST(a_larger_body_is_refused);
	TEST(an_absurd_body_is_not_read);
	TEST(headers_without_end_are_refused);
	TEST(nonsense_does_no_harm);
	TEST(two_hundred_at_once_are_answered);
	TEST(who_comes_beyond_the_limit_waits);
	TEST(a_slow_client_delays_nobody);
	TEST(half_a_request_is_cut_off);
	TEST(a_client_may_vanish_at_any_time);
	TEST(a_reader_that_stops_delays_nobody);
	TEST(nothing_wakes_while_nobody_asks);
	TEST(the_socket_has_the_mode_whatever_the_umask_is);
	TEST(a_dead_ones_socket_is_replaced);
	TEST(a_living_ones_socket_stays);
	TEST(a_file_in_the_way_stays);
	TEST(another_ones_socket_is_not_removed);
	TEST(a_path_that_is_impossible_is_told);
	return g_test_run();
}
