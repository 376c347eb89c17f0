/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <signal.h>
#include <string.h>
#include "tests/unit/http_stage.h"

/* --- Requests and answers --- */

static void test_parts_query_and_body_arrive(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;

	http_stage_serve(f);
	reply = http_stage_ask(f, "POST", "/things/a%2Fb?count=9",
			"{\"on\": true, \"text\": \"\\u00e4\"}");
	g_assert_cmpint(reply->status, ==, 201);
	g_assert_cmpstr(reply->body, ==,
			"{\"name\":\"a/b\",\"count\":9,\"on\":true,\"text\":\"\xc3\xa4\"}\n");
	g_assert_nonnull(strstr(reply->headers, "Content-Type: application/json\r\n"));
	http_reply_free(reply);
}

static void test_an_answer_without_words_is_an_object(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;

	http_stage_serve(f);
	reply = http_stage_ask(f, "DELETE", "/nothing", NULL);
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpstr(reply->body, ==, "{}\n");
	http_reply_free(reply);
}

static void test_mistakes_are_told_in_json(struct http_stage *f, gconstpointer unused)
{
	static const char missing[] = "no such thing here; GET /api/v1 lists what there is";

	http_stage_serve(f);
	http_stage_error(f, "GET", "/thing", NULL, 404, missing);
	http_stage_error(f, "POST", "/things/a/b", NULL, 404, missing);
	http_stage_error(f, "GET", "/../etc/passwd", NULL, 404, missing);
	http_stage_error(f, "GET", "/things/%zz", NULL, 400,
			"the address has a wrong %-escape, or is not UTF-8");
	http_stage_error(f, "GET", "/things/a?cuont=1", NULL, 400,
			"unknown query parameter \"cuont\"; GET /things/{name} takes count");
	http_stage_error(f, "GET", "/refuse?x", NULL, 400,
			"unknown query parameter \"x\"; GET /refuse takes none");
	http_stage_error(f, "GET", "/things/a?count=10", NULL, 400,
			"count must be a whole number from 0 to 9");
	http_stage_error(f, "POST", "/things/a", "{\"on\": true", 400,
			"the body is not JSON: line 1, column 11: '}' expected near end of file");
	http_stage_error(f, "POST", "/things/a", "on=true", 400,
			"the body is not JSON: line 1, column 2: '[' or '{' expected near 'on'");
	http_stage_error(f, "POST", "/things/a", "{\"on\":true,\"on\":false}", 400,
			"the body is not JSON: line 1, column 15: duplicate object key near '\"on\"'");
	http_stage_error(f, "POST", "/things/a", "[1]", 400, "the body must be a JSON object");
	http_stage_error(f, "GET", "/refuse", NULL, 409, "the node is off");
	http_stage_error(f, "GET", "/fail", NULL, 500, "disk on \xef\xbf\xbd fire");
	g_assert_cmpint(f->handled, ==, 0);
}

static void test_another_method_is_told_which_there_are(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;

	http_stage_serve(f);
	http_stage_error(f, "PUT", "/things/a", "{}", 405, "this takes GET, HEAD, POST, not PUT");
	http_stage_error(f, "BREW", "/refuse", NULL, 405, "this takes GET, HEAD, not BREW");
	reply = http_stage_ask(f, "DELETE", "/things/a", NULL);
	g_assert_nonnull(strstr(reply->headers, "Allow: GET, HEAD, POST\r\n"));
	http_reply_free(reply);
	reply = http_stage_ask(f, "HEAD", "/nothing", NULL);
	g_assert_cmpint(reply->status, ==, 405);
	g_assert_nonnull(strstr(reply->headers, "Allow: DELETE\r\n"));
	http_reply_free(reply);
}

static void test_head_is_get_without_the_body(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;

	http_stage_serve(f);
	reply = http_stage_ask(f, "HEAD", "/things/a?count=1", NULL);
	g_assert_cmpint(reply->code, ==, CURLE_OK);
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpstr(reply->body, ==, "");
	g_assert_nonnull(strstr(reply->headers, "Content-Length: 23\r\n"));
	http_reply_free(reply);
}

static void test_a_connection_is_kept(struct http_stage *f, gconstpointer unused)
{
	http_stage_serve(f);
	g_assert_cmpint(http_client_twice(f->socket, "/things/a"), ==, 1);
	g_assert_cmpint(f->handled, ==, 2);
}

static void test_the_server_lists_itself(struct http_stage *f, gconstpointer unused)
{
	struct http_reply *reply;
	json_t *list;

	http_stage_serve(f);
	reply = http_client_get(f->socket, "/api/v1");
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpint(json_unpack(reply->json, "{s:o}", "routes", &list), ==, 0);
	g_assert_cmpuint(json_array_size(list), ==, HTTP_STAGE_ROUTES + 2);
	http_reply_free(reply);
	reply = http_client_get(f->socket, "/api/v1/openapi.json");
	g_assert_cmpint(json_unpack(reply->json, "{s:o}", "paths", &list), ==, 0);
	g_assert_nonnull(json_object_get(list, "/things/{name}"));
	http_reply_free(reply);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name)                                                                        \
	g_test_add("/http/" #name, struct http_stage, NULL, http_stage_open, test_##name, \
			http_stage_close)
	TEST(parts_query_and_body_arrive);
	TEST(an_answer_without_words_is_an_object);
	TEST(mistakes_are_told_in_json);
	TEST(another_method_is_told_which_there_are);
	TEST(head_is_get_without_the_body);
	TEST(a_connection_is_kept);
	TEST(the_server_lists_itself);
	return g_test_run();
}
