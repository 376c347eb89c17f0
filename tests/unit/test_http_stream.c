/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/http_stage.h"

#define STREAMS 200

/* What the handler below has begun. */
static struct {
	struct http_stream *stream; /* NULL: gone */
	char *last;
} begun[STREAMS];
static size_t count;
static int gone;

static void is_gone(void *data)
{
	gone++;
	begun[GPOINTER_TO_SIZE(data)].stream = NULL;
}

static bool begin(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const char *type = json_is_true(json_object_get(request->values, "plain"))
					   ? "text/plain"
					   : HTTP_EVENT_STREAM;

	g_assert_cmpuint(count, <, STREAMS);
	begun[count].last = g_strdup(request->last_event_id);
	begun[count].stream = http_answer_stream(request, type, is_gone, GSIZE_TO_POINTER(count));
	http_stream_write(begun[count].stream, "hello\n", 6);
	count++;
	return true;
}

static bool begin_and_fail(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	http_answer_stream(request, HTTP_EVENT_STREAM, is_gone, NULL);
	g_set_error_literal(error, HTTP_ERROR, 409, "not now");
	return false;
}

static const struct http_parameter parameters[] = {
		{.name = "plain", .place = HTTP_IN_QUERY, .type = HTTP_BOOLEAN, .help = "a"},
		{0},
};

static const struct http_route routes[] = {
		{.method = HTTP_GET, .path = "/stream", .parameters = parameters, .help = "a"},
		{.method = HTTP_GET, .path = "/fails", .help = "b"},
};

static const http_handler_fn handlers[] = {begin, begin_and_fail};

static void serve(struct http_stage *f)
{
	count = 0;
	gone = 0;
	http_stage_serve(f);
	http_server_add(f->server, routes, handlers, G_N_ELEMENTS(routes), f);
}

static void finish(struct http_stage *f, gconstpointer unused)
{
	http_stage_close(f, unused);
	for (size_t i = 0; i < count; i++)
		g_clear_pointer(&begun[i].last, g_free);
}

static gboolean tick(gpointer data)
{
	return G_SOURCE_CONTINUE;
}

/* Goes round until so many have gone. */
static void wait_for_gone(int wanted)
{
	guint timer = g_timeout_add(10, tick, NULL);

	while (gone < wanted)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	g_assert_cmpint(gone, ==, wanted);
}

static int open_stream(struct http_stage *f, const char *path)
{
	int fd = http_client_connect(f->socket);
	g_autofree char *request = g_strdup_printf(
			"GET %s HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 17\r\n\r\n", path);
	g_autofree char *heard = NULL;

	http_client_say(fd, request);
	heard = http_client_hear(fd, "hello\n");
	g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 200"));
	return fd;
}

static void test_what_is_written_comes_at_once(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *first = NULL, *second = NULL;
	int fd;

	serve(f);
	fd = open_stream(f, "/stream");
	g_assert_cmpstr(begun[0].last, ==, "17");
	http_stage_alive(f); /* others are served meanwhile */
	g_assert_true(http_stream_write(begun[0].stream, "first\n", 6));
	first = http_client_hear(fd, "first\n");
	g_assert_true(http_stream_write(begun[0].stream, "sec", 3));
	g_assert_true(http_stream_write(begun[0].stream, "ond\n", 4));
	second = http_client_hear(fd, "second\n");
	g_assert_cmpint(gone, ==, 0);
	close(fd);
}

/* Stops reading when it has as much as it wants. */
struct taken {
	GString *text;
	size_t most;
};

static size_t take(char *bytes, size_t size, size_t number, void *data)
{
	struct taken *taken = data;

	g_string_append_len(taken->text, bytes, (gssize)(size * number));
	return taken->text->len < taken->most ? size * number : 0;
}

static gpointer read_with_curl(gpointer data)
{
	struct http_stage *f = data;
	struct taken taken = {g_string_new(NULL), strlen("hello\n::") + 1};
	CURL *curl = curl_easy_init();
	CURLcode code;

	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, f->socket);
	curl_easy_setopt(curl, CURLOPT_URL, "http://localhost/stream");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &taken);
	code = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	g_assert_cmpint(code, ==, CURLE_WRITE_ERROR);
	return g_string_free(taken.text, FALSE);
}

static void test_silence_is_broken_by_comments(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *text = NULL;
	GThread *thread;

	f->settings.comments = 1;
	f->settings.timeout = 2;
	serve(f);
	thread = g_thread_new("client", read_with_curl, f);
	wait_for_gone(1); /* that it has left is found out by the next comment */
	text = g_thread_join(thread);
	g_assert_true(g_str_has_prefix(text, "hello\n:\n:"));
}

static void test_no_comments_in_other_types(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *heard = NULL;
	int events, other;

	f->settings.comments = 1;
	serve(f);
	other = open_stream(f, "/stream?plain=true");
	events = open_stream(f, "/stream");
	g_free(http_client_hear(events, ":\n"));
	http_stream_close(begun[0].stream);
	heard = http_client_hear(other, "0\r\n\r\n"); /* its first part was heard to the end */
	g_assert_cmpstr(heard, ==, "0\r\n\r\n");
	close(events);
	close(other);
}

static void test_closing_sends_what_was_written(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *heard = NULL;
	int fd;

	serve(f);
	fd = open_stream(f, "/stream");
	http_stream_write(begun[0].stream, "bye\n", 4);
	http_stream_close(begun[0].stream);
	heard = http_client_hear(fd, "\r\n0\r\n\r\n");
	g_assert_nonnull(strstr(heard, "bye\n"));
	/* The connection is good for more. */
	http_client_say(fd, "GET /things/x HTTP/1.1\r\nHost: x\r\n\r\n");
	g_free(http_client_hear(fd, "\"x\""));
	g_assert_cmpint(gone, ==, 0);
	close(fd);
}

static void test_who_does_not_read_is_cut_off(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *block = g_strnfill(16 * 1024, 'x');
	size_t written = 0;
	int stopped, reader;

	serve(f);
	stopped = open_stream(f, "/stream");
	reader = open_stream(f, "/stream");
	while (http_stream_write(begun[0].stream, block, 16 * 1024)) {
		written += 16 * 1024;
		g_assert_cmpuint(written, <, 16 << 20);
		for (int i = 0; i < 4; i++)
			g_main_context_iteration(NULL, FALSE);
	}
	g_assert_cmpint(gone, ==, 0); /* not from within */
	g_assert_false(http_stream_write(begun[0].stream, "x", 1));
	wait_for_gone(1);
	g_assert_null(begun[0].stream);
	g_assert_true(http_stream_write(begun[1].stream, "still\n", 6));
	g_free(http_client_hear(reader, "still\n"));
	close(stopped);
	close(reader);
}

static void test_a_burst_beyond_the_limit_cuts_off(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *block = g_strnfill(64 * 1024, 'x');
	int fd;

	serve(f);
	fd = open_stream(f, "/stream");
	g_assert_true(http_stream_write(begun[0].stream, block, 64 * 1024));
	g_assert_false(http_stream_write(begun[0].stream, "x", 1));
	wait_for_gone(1);
	close(fd);
}

static void test_many_hear_the_same(struct http_stage *f, gconstpointer unused)
{
	int fds[STREAMS];

	f->settings.comments = 1;
	serve(f);
	for (size_t i = 0; i < STREAMS; i++)
		fds[i] = open_stream(f, "/stream");
	for (int round = 0; round < 20; round++)
		for (size_t i = 0; i < STREAMS; i++)
			g_assert_true(http_stream_write(begun[i].stream, "data\n", 5));
	for (size_t i = 0; i < STREAMS; i++)
		http_stream_write(begun[i].stream, "last\n", 5);
	for (size_t i = 0; i < STREAMS; i++)
		g_free(http_client_hear(fds[i], "last\n"));
	g_assert_cmpint(gone, ==, 0);
	for (size_t i = 0; i < STREAMS; i++)
		close(fds[i]);
	wait_for_gone(STREAMS);
	http_stage_alive(f);
}

static void test_closing_the_server_ends_all(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *heard = NULL;
	int fds[2];

	serve(f);
	fds[0] = open_stream(f, "/stream");
	fds[1] = open_stream(f, "/stream");
	g_clear_pointer(&f->server, http_server_close);
	g_assert_cmpint(gone, ==, 2);
	heard = http_client_hear(fds[0], NULL);
	g_assert_cmpstr(heard, ==, "0\r\n\r\n");
	close(fds[0]);
	close(fds[1]);
}

static void test_a_handler_may_begin_and_fail(struct http_stage *f, gconstpointer unused)
{
	serve(f);
	http_stage_error(f, "GET", "/fails", NULL, 409, "not now");
	g_assert_cmpint(gone, ==, 0);
}

static void test_head_ends_at_once(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;

	serve(f);
	reply = http_stage_ask(f, "HEAD", "/stream", NULL);
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_nonnull(strstr(reply->headers, "Content-Type: text/event-stream\r\n"));
	g_assert_nonnull(strstr(reply->headers, "Cache-Control: no-store\r\n"));
	http_reply_free(reply);
	wait_for_gone(1);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name)                                                                               \
	g_test_add("/http-stream/" #name, struct http_stage, NULL, http_stage_open, test_##name, \
			finish)
	TEST(what_is_written_comes_at_once);
	TEST(silence_is_broken_by_comments);
	TEST(no_comments_in_other_types);
	TEST(closing_sends_what_was_written);
	TEST(who_does_not_read_is_cut_off);
	TEST(a_burst_beyond_the_limit_cuts_off);
	TEST(many_hear_the_same);
	TEST(closing_the_server_ends_all);
	TEST(a_handler_may_begin_and_fail);
	TEST(head_ends_at_once);
	return g_test_run();
}
