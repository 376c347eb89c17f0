/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers that are made while the client takes them, and answers of bytes. */
#include <curl/curl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/http_stage.h"

#define LARGE (3 << 20)

struct making {
	size_t made, size;
	gboolean breaks; /* at the end */
};

static int ended, asked_after;

static char byte_at(size_t i)
{
	return (char)('a' + (i * 7 + i / 1000) % 26);
}

static ssize_t fill(void *room, size_t most, void *data)
{
	struct making *making = data;
	size_t size = MIN(most, making->size - making->made);
	char *to = room;

	asked_after += ended > 0;
	g_assert_cmpuint(most, >, 0);
	if (size == 0)
		return making->breaks ? -1 : 0;
	size = MIN(size, 1 + making->made % 5000); /* as much as there is */
	for (size_t i = 0; i < size; i++)
		to[i] = byte_at(making->made + i);
	making->made += size;
	return (ssize_t)size;
}

static void has_ended(void *data)
{
	ended++;
	g_free(data);
}

static bool make(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	struct making *making = g_new0(struct making, 1);

	making->size = (size_t)json_integer_value(json_object_get(request->values, "size"));
	making->breaks = json_is_true(json_object_get(request->values, "breaks"));
	http_answer_fill(request, "video/x-matroska", fill, has_ended, making);
	return true;
}

static bool give(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	answer->bytes = g_bytes_new("with\0zero", 9);
	answer->type = "image/jpeg";
	return true;
}

static const struct http_parameter parameters[] = {
		{.name = "size",
				.place = HTTP_IN_QUERY,
				.type = HTTP_INTEGER,
				.min = 0,
				.max = 1 << 30,
				.help = "a"},
		{.name = "breaks", .place = HTTP_IN_QUERY, .type = HTTP_BOOLEAN, .help = "b"},
		{0},
};

static const struct http_route routes[] = {
		{.method = HTTP_GET, .path = "/made", .parameters = parameters, .help = "a"},
		{.method = HTTP_GET, .path = "/given", .help = "b"},
};

static const http_handler_fn handlers[] = {make, give};

static void serve(struct http_stage *f)
{
	ended = asked_after = 0;
	http_stage_serve(f);
	http_server_add(f->server, routes, handlers, G_N_ELEMENTS(routes), f);
}

static gboolean tick(gpointer data)
{
	return G_SOURCE_CONTINUE;
}

static void wait_for_end(void)
{
	guint timer = g_timeout_add(10, tick, NULL);

	while (!ended)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	g_assert_cmpint(ended, ==, 1);
	g_assert_cmpint(asked_after, ==, 0);
}

static void check(struct http_stage *f, size_t size)
{
	g_autofree char *path = g_strdup_printf("/made?size=%zu", size);
	struct http_reply *reply = http_stage_ask(f, "GET", path, NULL);

	g_assert_cmpint(reply->code, ==, CURLE_OK);
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_nonnull(strstr(reply->headers, "Content-Type: video/x-matroska\r\n"));
	g_assert_cmpuint(strlen(reply->body), ==, size);
	for (size_t i = 0; i < size; i++)
		if (reply->body[i] != byte_at(i))
			g_error("byte %zu is wrong", i);
	http_reply_free(reply);
	wait_for_end();
	ended = 0;
}

static void test_all_of_it_comes(struct http_stage *f, gconstpointer unused)
{
	serve(f);
	check(f, 0);
	check(f, 1);
	check(f, LARGE);
}

static void test_an_answer_that_breaks_is_seen_as_broken(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;

	serve(f);
	reply = http_stage_ask(f, "GET", "/made?size=1000&breaks=true", NULL);
	g_assert_cmpint(reply->code, !=, CURLE_OK);
	http_reply_free(reply);
	wait_for_end();
	http_stage_alive(f);
}

/* A connection whose answer has begun, and is more than anybody takes. */
static int begin(struct http_stage *f)
{
	g_autofree char *head = NULL;
	int fd;

	serve(f);
	fd = http_client_connect(f->socket);
	http_client_say(fd, "GET /made?size=1000000000 HTTP/1.1\r\nHost: x\r\n\r\n");
	head = http_client_hear(fd, "\r\n\r\n");
	return fd;
}

/* No more is made than somebody takes. */
static void test_who_leaves_ends_it(struct http_stage *f, gconstpointer unused)
{
	int fd = begin(f);

	g_assert_cmpint(ended, ==, 0);
	http_stage_alive(f);
	close(fd);
	wait_for_end();
	http_stage_alive(f);
}

static void test_closing_the_server_breaks_it(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *heard = NULL;
	int fd = begin(f);

	g_clear_pointer(&f->server, http_server_close);
	g_assert_cmpint(ended, ==, 1);
	g_assert_cmpint(asked_after, ==, 0);
	heard = http_client_hear(fd, NULL);
	g_assert_false(g_str_has_suffix(heard, "\r\n0\r\n\r\n"));
	close(fd);
}

static void test_bytes_may_be_any(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;

	serve(f);
	reply = http_stage_ask(f, "GET", "/given", NULL);
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_nonnull(strstr(reply->headers, "Content-Type: image/jpeg\r\n"));
	g_assert_nonnull(strstr(reply->headers, "Content-Length: 9\r\n"));
	g_assert_cmpstr(reply->body, ==, "with");
	http_reply_free(reply);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name)                                                                             \
	g_test_add("/http-fill/" #name, struct http_stage, NULL, http_stage_open, test_##name, \
			http_stage_close)
	TEST(all_of_it_comes);
	TEST(an_answer_that_breaks_is_seen_as_broken);
	TEST(who_leaves_ends_it);
	TEST(closing_the_server_breaks_it);
	TEST(bytes_may_be_any);
	return g_test_run();
}
