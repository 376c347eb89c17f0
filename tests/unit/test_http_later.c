/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/http_stage.h"

/* What the handler below has promised. */
static struct http_later *promised[8];
static size_t promises;

static bool promise(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	g_assert_cmpuint(promises, <, G_N_ELEMENTS(promised));
	promised[promises++] = http_answer_later(request);
	http_answer_header(answer, "X-Early", "1");
	return true;
}

static bool at_once(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	struct http_later *later = http_answer_later(request);
	struct http_answer now = {.status = 202, .json = json_string("at once")};

	http_later_answer(later, &now);
	return true;
}

static const struct http_route routes[] = {
		{.method = HTTP_GET, .path = "/later", .help = "a"},
		{.method = HTTP_GET, .path = "/at-once", .help = "b"},
};

static const http_handler_fn handlers[] = {promise, at_once};

static void serve(struct http_stage *f)
{
	promises = 0;
	http_stage_serve(f);
	http_server_add(f->server, routes, handlers, G_N_ELEMENTS(routes), f);
}

static int ask_and_wait(struct http_stage *f)
{
	size_t before = promises;
	int fd = http_client_connect(f->socket);

	http_client_say(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	while (promises == before)
		g_main_context_iteration(NULL, TRUE);
	return fd;
}

static void test_an_answer_may_come_later(struct http_stage *f, gconstpointer unused)
{
	struct http_answer answer = {.status = 201, .json = json_string("here")};
	g_autofree char *heard = NULL;
	int fd;

	serve(f);
	fd = ask_and_wait(f);
	http_stage_alive(f); /* others are served meanwhile */
	http_later_answer(promised[0], &answer);
	heard = http_client_hear(fd, "\"here\"");
	g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 201"));
	close(fd);
}

static void test_a_failure_may_come_later(struct http_stage *f, gconstpointer unused)
{
	g_autoptr(GError) error = g_error_new_literal(HTTP_ERROR, 409, "not now");
	g_autofree char *heard = NULL;
	int fd;

	serve(f);
	fd = ask_and_wait(f);
	http_later_fail(promised[0], error);
	heard = http_client_hear(fd, "not now");
	g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 409"));
	close(fd);
}

static void test_a_promise_may_be_kept_at_once(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;

	serve(f);
	reply = http_client_get(f->socket, "/at-once");
	g_assert_cmpint(reply->status, ==, 202);
	g_assert_cmpstr(reply->body, ==, "\"at once\"\n");
	http_reply_free(reply);
}

static void test_many_wait_and_are_answered_in_any_order(struct http_stage *f, gconstpointer unused)
{
	int fds[4];

	serve(f);
	for (int i = 0; i < 4; i++)
		fds[i] = ask_and_wait(f);
	for (int i = 3; i >= 0; i--) {
		struct http_answer answer = {.json = json_integer(1000 + i)};
		g_autofree char *last = g_strdup_printf("%d\n", 1000 + i);
		g_autofree char *heard = NULL;

		http_later_answer(promised[i], &answer);
		heard = http_client_hear(fds[i], last);
		g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 200"));
		close(fds[i]);
	}
}

static void test_who_waits_may_vanish(struct http_stage *f, gconstpointer unused)
{
	struct http_answer answer = {.json = json_string("nobody")};

	serve(f);
	close(ask_and_wait(f));
	http_stage_alive(f);
	http_later_answer(promised[0], &answer);
	http_stage_alive(f);
}

static void test_a_connection_is_good_for_more_afterwards(
		struct http_stage *f, gconstpointer unused)
{
	int fd;

	serve(f);
	fd = ask_and_wait(f);
	for (size_t i = 0; i < 2; i++) {
		struct http_answer answer = {.json = json_string("done")};

		http_later_answer(promised[i], &answer);
		g_free(http_client_hear(fd, "done"));
		if (i)
			break;
		http_client_say(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
		while (promises == 1)
			g_main_context_iteration(NULL, TRUE);
	}
	close(fd);
}

static void test_silence_does_not_cut_off_who_waits(struct http_stage *f, gconstpointer unused)
{
	struct http_answer answer = {.json = json_string("still here")};
	g_autofree char *cut = NULL;
	g_autofree char *heard = NULL;
	int silent, fd;

	f->settings.timeout = 1;
	serve(f);
	fd = ask_and_wait(f);
	silent = http_client_connect(f->socket);
	cut = http_client_hear(silent, NULL);
	http_later_answer(promised[0], &answer);
	heard = http_client_hear(fd, "still here");
	g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 200"));
	close(silent);
	close(fd);
}

static void test_closing_tells_those_who_wait(struct http_stage *f, gconstpointer unused)
{
	struct http_answer answer = {.json = json_string("too late")};
	g_autofree char *heard = NULL;
	int fds[2];

	serve(f);
	fds[0] = ask_and_wait(f);
	fds[1] = ask_and_wait(f);
	http_server_close(f->server);
	f->server = NULL;
	heard = http_client_hear(fds[0], NULL);
	g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 503"));
	http_later_answer(promised[0], &answer);
	http_later_fail(promised[1], &(GError){HTTP_ERROR, 500, (char *)"too late"});
	close(fds[0]);
	close(fds[1]);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name)                                                                              \
	g_test_add("/http-later/" #name, struct http_stage, NULL, http_stage_open, test_##name, \
			http_stage_close)
	TEST(an_answer_may_come_later);
	TEST(a_failure_may_come_later);
	TEST(a_promise_may_be_kept_at_once);
	TEST(many_wait_and_are_answered_in_any_order);
	TEST(who_waits_may_vanish);
	TEST(a_connection_is_good_for_more_afterwards);
	TEST(silence_does_not_cut_off_who_waits);
	TEST(closing_tells_those_who_wait);
	return g_test_run();
}
