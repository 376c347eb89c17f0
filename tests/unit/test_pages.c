/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <signal.h>
#include <string.h>
#include "src/pages.h"
#include "tests/unit/http_stage.h"

static struct http_reply *get(struct http_stage *f, const char *path, const char *header)
{
	const char *const headers[] = {header, NULL};
	struct http_ask ask = {.socket = f->socket,
			.method = "GET",
			.path = path,
			.headers = header ? headers : NULL};

	return http_client_ask(&ask);
}

static char *header_of(const struct http_reply *reply, const char *name)
{
	g_autofree char *begin = g_strdup_printf("\r\n%s: ", name);
	const char *found = strstr(reply->headers, begin);

	g_assert_nonnull(found);
	found += strlen(begin);
	return g_strndup(found, strcspn(found, "\r"));
}

static void test_files_are_served_as_they_are(struct http_stage *f, gconstpointer unused)
{
	static const struct {
		const char *path, *file, *type;
	} pages[] = {
			{"/", "web/rack.html", "text/html; charset=utf-8"},
			{"/rack.html", "web/rack.html", "text/html; charset=utf-8"},
			{"/rack.css", "web/rack.css", "text/css; charset=utf-8"},
			{"/rack.js", "web/rack.js", "text/javascript; charset=utf-8"},
			{"/rack_events.js", "web/rack_events.js", "text/javascript; charset=utf-8"},
			{"/rack_words.js", "web/rack_words.js", "text/javascript; charset=utf-8"},
	};

	http_stage_serve(f);
	pages_add(f->server);
	for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
		g_autofree char *file = g_test_build_filename(G_TEST_DIST, pages[i].file, NULL);
		struct http_reply *reply = get(f, pages[i].path, NULL);
		g_autofree char *text = NULL;
		g_autofree char *type = header_of(reply, "Content-Type");
		g_autofree char *policy = header_of(reply, "Content-Security-Policy");

		g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
		g_assert_cmpint(reply->status, ==, 200);
		g_assert_cmpstr(reply->body, ==, text);
		g_assert_cmpstr(type, ==, pages[i].type);
		g_assert_true(g_str_has_prefix(policy, "default-src 'none'; "));
		http_reply_free(reply);
	}
}

static void test_what_the_browser_has_is_not_sent_again(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *tag = NULL, *known = NULL;
	struct http_reply *reply;

	http_stage_serve(f);
	pages_add(f->server);
	reply = get(f, "/rack.js", NULL);
	tag = header_of(reply, "ETag");
	known = g_strdup_printf("If-None-Match: W/\"other\", %s", tag);
	http_reply_free(reply);

	reply = get(f, "/rack.js", known);
	g_assert_cmpint(reply->status, ==, 304);
	g_assert_cmpstr(reply->body, ==, "");
	http_reply_free(reply);

	reply = get(f, "/rack.css", known);
	g_assert_cmpint(reply->status, ==, 200);
	http_reply_free(reply);
}

int main(int argc, char **argv)
{
	int result;

	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	g_test_add("/pages/files_are_served_as_they_are", struct http_stage, NULL, http_stage_open,
			test_files_are_served_as_they_are, http_stage_close);
	g_test_add("/pages/what_the_browser_has_is_not_sent_again", struct http_stage, NULL,
			http_stage_open, test_what_the_browser_has_is_not_sent_again,
			http_stage_close);
	result = g_test_run();
	curl_global_cleanup();
	return result;
}
