/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/http_stage.h"

#define BODY_LIMIT (64 * 1024)

/* --- Limits --- */

/* {"text": "xxx"}, so many bytes. */
static char *body_of(size_t size)
{
	g_autofree char *fill = g_strnfill(size - strlen("{\"text\":\"\"}"), 'x');

	return g_strdup_printf("{\"text\":\"%s\"}", fill);
}

static struct http_reply *post(struct http_stage *f, size_t size, bool chunked, bool expect)
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

static void test_a_body_up_to_the_limit_is_taken(struct http_stage *f, gconstpointer unused)
{
	http_stage_serve(f);
	for (int way = 0; way < 4; way++) {
		struct http_reply *reply = post(f, BODY_LIMIT, way & 1, way & 2);

		g_assert_cmpint(reply->status, ==, 201);
		http_reply_free(reply);
	}
	g_assert_cmpint(f->handled, ==, 4);
}

static void test_a_larger_body_is_refused(struct http_stage *f, gconstpointer unused)
{
	http_stage_serve(f);
	for (int way = 0; way < 4; way++) {
		struct http_reply *reply = post(f, BODY_LIMIT + 1, way & 1, way & 2);

		g_assert_cmpint(reply->status, ==, 413);
		g_assert_cmpstr(http_reply_message(reply), ==,
				"the body has 65537 bytes; 65536 are allowed");
		http_reply_free(reply);
	}
	g_assert_cmpint(f->handled, ==, 0);
}

static void test_an_absurd_body_is_not_read(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;

	http_stage_serve(f);
	reply = post(f, 64 << 20, false, true);
	g_assert_cmpint(reply->status, ==, 413);
	http_reply_free(reply);
	reply = post(f, 64 << 20, true, false); /* has no end that anybody could wait for */
	g_assert_cmpint(reply->code, !=, CURLE_OK);
	http_reply_free(reply);
	http_stage_alive(f);
}

static void test_headers_without_end_are_refused(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *fill = g_strnfill(32 << 10, 'x');
	g_autofree char *text = g_strdup_printf("GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", fill);
	g_autofree char *answer = NULL;
	int fd;

	http_stage_serve(f);
	fd = http_client_connect(f->socket);
	http_client_say(fd, text);
	answer = http_client_hear(fd, NULL);
	g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 4"));
	close(fd);
	http_stage_alive(f);
}

static void test_nonsense_does_no_harm(struct http_stage *f, gconstpointer unused)
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

	f->settings.timeout = 1;
	http_stage_serve(f);
	for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
		int fd = http_client_connect(f->socket);

		http_client_say(fd, nonsense[i]);
		shutdown(fd, SHUT_WR);
		g_free(http_client_hear(fd, NULL));
		close(fd);
	}
	http_stage_alive(f);
}

/* --- Many, slow, gone --- */

static void test_two_hundred_at_once_are_answered(struct http_stage *f, gconstpointer unused)
{
	http_stage_serve(f);
	g_assert_cmpint(http_client_crowd(f->socket, "/things/a", 200), ==, 200);
	g_assert_cmpint(f->handled, ==, 200);
}

static void test_who_comes_beyond_the_limit_waits(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *answer = NULL;
	int fds[3];

	f->settings.connections = 2;
	http_stage_serve(f);
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

static void test_a_slow_client_delays_nobody(struct http_stage *f, gconstpointer unused)
{
	static const char request[] = "POST /things/slow HTTP/1.1\r\nHost: x\r\n"
				      "Content-Length: 11\r\n\r\n{\"on\":true}";
	g_autofree char *answer = NULL;
	int fd;

	http_stage_serve(f);
	fd = http_client_connect(f->socket);
	for (const char *byte = request; *byte; byte++) {
		http_client_say(fd, (char[]){*byte, 0});
		g_main_context_iteration(NULL, FALSE);
		if ((byte - request) % 20 == 0)
			http_stage_alive(f);
	}
	answer = http_client_hear(fd, "}");
	g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 201"));
	close(fd);
}

static void test_half_a_request_is_cut_off(struct http_stage *f, gconstpointer unused)
{
	static const char *const halves[] = {"", "GET /thi", "GET /things/a HTTP/1.1\r\nHost:",
			"POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"};
	int fds[G_N_ELEMENTS(halves)];

	f->settings.timeout = 1;
	http_stage_serve(f);
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
	http_stage_alive(f);
}

static void test_a_client_may_vanish_at_any_time(struct http_stage *f, gconstpointer unused)
{
	static const char *const beginnings[] = {"", "GE", "GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
			"POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{\"on",
			"GET /things/a HTTP/1.1\r\nHost: x\r\n\r\nGET /large HTTP/1.1\r\n"};

	http_stage_serve(f);
	for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		for (int turns = 0; turns < 6; turns++) {
			int fd = http_client_connect(f->socket);

			http_client_say(fd, beginnings[i]);
			for (int j = 0; j < turns; j++)
				g_main_context_iteration(NULL, FALSE);
			close(fd);
		}
	}
	http_stage_alive(f);
}

static void test_a_reader_that_stops_delays_nobody(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *rest = NULL;
	int fd;

	http_stage_serve(f);
	fd = http_client_connect(f->socket);
	http_client_say(fd, "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 20; i++)
		http_stage_alive(f);
	rest = http_client_hear(fd, NULL);
	g_assert_cmpuint(strlen(rest), >, 4 << 20);
	close(fd);
}

static void test_nothing_wakes_while_nobody_asks(struct http_stage *f, gconstpointer unused)
{
	GMainContext *context = g_main_context_default();
	GPollFD fds[16];
	gint timeout = 0, priority;

	http_stage_serve(f);
	http_stage_alive(f);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_true(g_main_context_acquire(context));
	g_main_context_prepare(context, &priority);
	g_main_context_query(context, priority, &timeout, fds, G_N_ELEMENTS(fds));
	g_main_context_release(context);
	g_assert_cmpint(timeout, ==, -1);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name)                                                                               \
	g_test_add("/http-limits/" #name, struct http_stage, NULL, http_stage_open, test_##name, \
			http_stage_close)
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
	return g_test_run();
}
