/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "http/auth.h"
#include "tests/unit/http_stage.h"

#define OPERATE "operate-0123456789"
#define READ    "read-0123456789abc"

struct fixture {
	struct http_stage stage;
	char *access, *certificate, *key;
	struct http_auth *auth;
	char *base;
};

static bool change(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	g_assert_cmpint(request->role, ==, HTTP_OPERATE);
	answer->json = json_string(request->user ? request->user : "by the socket");
	return true;
}

static bool hello(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	answer->text = g_strdup("<hello/>");
	answer->type = "application/xml";
	answer->json = NULL;
	return true;
}

static bool empty(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	answer->status = 204;
	http_answer_header(answer, "ETag", request->if_match ? request->if_match : "none");
	return true;
}

static bool free_form(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	answer->json = json_deep_copy(request->body);
	return true;
}

/* Tells of itself ten times, with silence and bursts between, and ends. */
struct ticks {
	struct http_stream *stream;
	int told;
};

static gboolean ticks_tell(gpointer data)
{
	struct ticks *ticks = data;
	g_autofree char *burst = g_strnfill(5000, (char)('0' + ticks->told));

	g_assert_true(http_stream_write(ticks->stream, burst, 5000));
	g_assert_true(http_stream_write(ticks->stream, "\n", 1));
	if (++ticks->told < 10)
		return G_SOURCE_CONTINUE;
	http_stream_close(ticks->stream);
	g_free(ticks);
	return G_SOURCE_REMOVE;
}

static void ticks_gone(void *data)
{
	g_assert_not_reached();
}

static bool tick(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	struct ticks *ticks = g_new0(struct ticks, 1);

	ticks->stream = http_answer_stream(request, HTTP_EVENT_STREAM, ticks_gone, ticks);
	g_timeout_add(30, ticks_tell, ticks);
	return true;
}

static const struct http_route routes[] = {
		{.method = HTTP_POST, .path = "/change", .role = HTTP_OPERATE, .help = "a"},
		{.method = HTTP_GET, .path = "/style/hello", .role = HTTP_PUBLIC, .help = "b"},
		{.method = HTTP_GET, .path = "/style/empty", .role = HTTP_READ, .help = "c"},
		{.method = HTTP_POST,
				.path = "/style/free",
				.role = HTTP_OPERATE,
				.free_form = true,
				.help = "d"},
		{.method = HTTP_GET, .path = "/ticks", .role = HTTP_READ, .help = "e"},
};

static const http_handler_fn handlers[] = {change, hello, empty, free_form, tick};

static json_t *style_error(unsigned int status, const char *message)
{
	return json_pack("{s:s, s:i}", "wrong", message, "status", (int)status);
}

static const char *const style_headers[][2] = {{"X-Style", "4.0"}, {NULL, NULL}};

static const struct http_style style = {"/style", style_error, style_headers};

/* --- The stage --- */

static bool make_certificate(const struct fixture *f)
{
	const char *const argv[] = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
			"ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
			"-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f->key, "-out",
			f->certificate, NULL};
	gint status = -1;

	return g_spawn_sync(NULL, (char **)argv, NULL,
			       G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
					       G_SPAWN_STDERR_TO_DEV_NULL,
			       NULL, NULL, NULL, NULL, &status, NULL) &&
	       status == 0;
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	http_stage_open(&f->stage, NULL);
	f->access = g_build_filename(f->stage.folder, "access", NULL);
	f->certificate = g_build_filename(f->stage.folder, "certificate.pem", NULL);
	f->key = g_build_filename(f->stage.folder, "key.pem", NULL);
	g_assert_true(g_file_set_contents(f->access,
			"operate token " OPERATE "\nread token " READ
			"\noperate user admin secret\n",
			-1, NULL));
	g_chmod(f->access, 0600);
	f->auth = http_auth_open(f->access, &error);
	g_assert_no_error(error);
	http_stage_serve(&f->stage);
	http_server_add(f->stage.server, routes, handlers, G_N_ELEMENTS(routes), f);
	http_server_style(f->stage.server, &style);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	g_unlink(f->access);
	g_unlink(f->certificate);
	g_unlink(f->key);
	http_stage_close(&f->stage, NULL);
	http_auth_close(f->auth);
	g_free(f->base);
	g_free(f->access);
	g_free(f->certificate);
	g_free(f->key);
}

static void listen_on(struct fixture *f, const char *address, bool tls)
{
	const struct http_tcp tcp = {
			.address = address,
			.certificate = tls ? f->certificate : NULL,
			.key = tls ? f->key : NULL,
			.auth = f->auth,
	};
	g_autoptr(GError) error = NULL;

	http_server_listen_tcp(f->stage.server, &tcp, &error);
	g_assert_no_error(error);
	g_free(f->base);
	f->base = g_strconcat(
			tls ? "https://" : "http://", http_server_address(f->stage.server), NULL);
}

/* Whether there is a listener with TLS now; else the test is skipped. */
static bool listen_tls(struct fixture *f)
{
	if (!make_certificate(f)) {
		g_test_skip("no openssl to make a certificate with");
		return false;
	}
	listen_on(f, "127.0.0.1:0", true);
	return true;
}

static struct http_reply *ask(struct fixture *f, struct http_ask asked)
{
	asked.base = f->base;
	asked.ca = f->certificate;
	if (!asked.method)
		asked.method = "GET";
	return http_client_ask(&asked);
}

static void assert_status(struct fixture *f, struct http_ask asked, int status)
{
	struct http_reply *reply = ask(f, asked);

	g_assert_cmpint(reply->code, ==, CURLE_OK);
	g_assert_cmpint(reply->status, ==, status);
	http_reply_free(reply);
}

#define ASK(...) ((struct http_ask){__VA_ARGS__})

/* --- Who may do what --- */

static void assert_roles(struct fixture *f)
{
	assert_status(f, ASK(.path = "/things/a"), 401);
	assert_status(f, ASK(.path = "/no/such"), 401);
	assert_status(f, ASK(.path = "/things/a", .bearer = READ), 200);
	assert_status(f, ASK(.path = "/no/such", .bearer = READ), 404);
	assert_status(f, ASK(.path = "/change", .method = "POST", .bearer = READ), 403);
	assert_status(f, ASK(.path = "/change", .method = "POST", .bearer = OPERATE), 200);
	assert_status(f, ASK(.path = "/change", .method = "POST", .user = "admin:secret"), 200);
	assert_status(f, ASK(.path = "/change", .method = "POST", .user = "admin:Secret"), 401);
	assert_status(f, ASK(.path = "/style/hello"), 200);
}

static void test_roles_hold_over_tls(struct fixture *f, gconstpointer unused)
{
	if (listen_tls(f))
		assert_roles(f);
}

static void test_roles_hold_on_the_loopback_interface(struct fixture *f, gconstpointer unused)
{
	listen_on(f, "127.0.0.1:0", false);
	assert_roles(f);
}

static void test_all_listeners_have_the_same_routes(struct fixture *f, gconstpointer unused)
{
	listen_on(f, "127.0.0.1:0", false);
	assert_status(f, ASK(.path = "/things/a", .bearer = READ), 200);
	listen_on(f, "127.0.0.1:0", false);
	assert_status(f, ASK(.path = "/things/a", .bearer = READ), 200);
	http_stage_alive(&f->stage);
	g_assert_cmpint(f->stage.handled, ==, 3);
}

static void test_who_guesses_must_wait(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	listen_on(f, "127.0.0.1:0", false);
	for (int i = 0; i < 4; i++)
		assert_status(f, ASK(.path = "/things/a", .bearer = "wrong"), 401);
	reply = ask(f, ASK(.path = "/things/a", .bearer = "wrong"));
	g_assert_cmpint(reply->status, ==, 429);
	g_assert_nonnull(strstr(reply->headers, "Retry-After: 1\r\n"));
	http_reply_free(reply);
	http_stage_alive(&f->stage); /* the unix socket is no matter of passwords */
}

static void test_a_refusal_says_how_to_come_in(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	listen_on(f, "127.0.0.1:0", false);
	reply = ask(f, ASK(.path = "/things/a"));
	g_assert_nonnull(strstr(reply->headers, "WWW-Authenticate: Basic realm=\"spicerack\""));
	http_reply_free(reply);
}

static void test_another_sites_page_is_refused(struct fixture *f, gconstpointer unused)
{
	g_autofree char *own = NULL;
	const char *const foreign[] = {"Origin: https://example.com", NULL};
	const char *const opaque[] = {"Origin: null", NULL};
	const char *const ours[] = {NULL, NULL};

	listen_on(f, "127.0.0.1:0", false);
	own = g_strconcat("Origin: ", f->base, NULL);
	((const char **)ours)[0] = own;
	assert_status(f, ASK(.path = "/things/a", .bearer = READ, .headers = foreign), 403);
	assert_status(f, ASK(.path = "/things/a", .bearer = READ, .headers = opaque), 403);
	assert_status(f, ASK(.path = "/things/a", .bearer = READ, .headers = ours), 200);
}

/* --- Answers --- */

static void test_a_style_shapes_what_is_below_it(struct fixture *f, gconstpointer unused)
{
	const char *const match[] = {"If-Match: \"7\"", NULL};
	struct http_reply *reply;

	listen_on(f, "127.0.0.1:0", false);
	reply = ask(f, ASK(.path = "/style/no", .bearer = READ));
	g_assert_cmpint(reply->status, ==, 404);
	g_assert_cmpint(json_integer_value(json_object_get(reply->json, "status")), ==, 404);
	g_assert_nonnull(strstr(reply->headers, "X-Style: 4.0\r\n"));
	http_reply_free(reply);
	reply = ask(f, ASK(.path = "/style/hello/"));
	g_assert_cmpstr(reply->body, ==, "<hello/>");
	g_assert_nonnull(strstr(reply->headers, "Content-Type: application/xml\r\n"));
	http_reply_free(reply);
	reply = ask(f, ASK(.path = "/style/empty", .bearer = READ, .headers = match));
	g_assert_cmpint(reply->status, ==, 204);
	g_assert_cmpstr(reply->body, ==, "");
	g_assert_nonnull(strstr(reply->headers, "ETag: \"7\"\r\n"));
	http_reply_free(reply);
	reply = ask(f, ASK(.path = "/styles", .bearer = READ));
	g_assert_null(strstr(reply->headers, "X-Style"));
	http_reply_free(reply);
}

static void test_a_free_form_takes_any_object(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	listen_on(f, "127.0.0.1:0", false);
	reply = ask(f, ASK(.path = "/style/free?x=1", .method = "POST", .bearer = OPERATE,
				       .body = "{\"a\": {\"b\": null}}"));
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpstr(reply->body, ==, "{\"a\":{\"b\":null}}\n");
	http_reply_free(reply);
	assert_status(f,
			ASK(.path = "/style/free", .method = "POST", .bearer = OPERATE,
					.body = "[1]"),
			400);
	assert_status(f, ASK(.path = "/style/free", .method = "POST", .bearer = OPERATE), 200);
}

/* --- Listening --- */

static void assert_refused(struct fixture *f, struct http_tcp tcp, int code, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(http_server_listen_tcp(f->stage.server, &tcp, &error));
	g_assert_error(error, G_FILE_ERROR, code);
	if (!strstr(error->message, words) || !g_str_has_prefix(error->message, "no API on "))
		g_error("\"%s\" does not say \"%s\"", error->message, words);
}

#define TCP(...) ((struct http_tcp){__VA_ARGS__})

static void test_what_is_not_safe_is_refused(struct fixture *f, gconstpointer unused)
{
	assert_refused(f, TCP(.address = "127.0.0.1:0"), G_FILE_ERROR_PERM, "who may come in");
	assert_refused(f, TCP(.address = "0.0.0.0:0", .auth = f->auth), G_FILE_ERROR_PERM,
			"in clear");
	assert_refused(f, TCP(.address = ":0", .auth = f->auth), G_FILE_ERROR_PERM, "in clear");
	listen_on(f, "127.0.0.2:0", false);
	g_assert_true(http_server_listen_tcp(f->stage.server,
			&TCP(.address = "0.0.0.0:0", .auth = f->auth, .allow_plain = true), NULL));
}

static void test_mistakes_in_an_address_are_told(struct fixture *f, gconstpointer unused)
{
	static const char *const wrong[] = {"", "localhost", "127.0.0.1", "127.0.0.1:", "::1:80",
			"127.0.0.1:65536", "127.0.0.1:http", "[::1]", "[::1]80", "[::1:80"};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
		assert_refused(f, TCP(.address = wrong[i], .auth = f->auth), G_FILE_ERROR_INVAL,
				"HOST:PORT");
	listen_on(f, "127.0.0.1:0", false);
	assert_refused(f, TCP(.address = http_server_address(f->stage.server), .auth = f->auth),
			G_FILE_ERROR_FAILED, "already in use");
}

static void test_mistakes_in_pem_files_are_told(struct fixture *f, gconstpointer unused)
{
	struct http_tcp tcp = {"127.0.0.1:0", f->certificate, f->key, false, f->auth};

	assert_refused(f, tcp, G_FILE_ERROR_NOENT, "No such file");
	g_assert_true(g_file_set_contents(f->certificate, "certificate", -1, NULL));
	g_assert_true(g_file_set_contents(f->key, "key", -1, NULL));
	assert_refused(f, tcp, G_FILE_ERROR_FAILED, "PEM files that belong together?");
}

static void test_an_unknown_certificate_keeps_the_client_out(
		struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	if (!listen_tls(f))
		return;
	reply = http_client_ask(&ASK(.base = f->base, .path = "/things/a", .method = "GET",
			.bearer = READ));
	g_assert_cmpint(reply->code, ==, CURLE_PEER_FAILED_VERIFICATION);
	http_reply_free(reply);
	assert_status(f, ASK(.path = "/things/a", .bearer = READ), 200);
}

static void test_who_speaks_no_tls_is_let_go(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;
	g_autofree char *plain = NULL;

	if (!listen_tls(f))
		return;
	plain = g_strconcat("http://", http_server_address(f->stage.server), NULL);
	reply = http_client_ask(&ASK(.base = plain, .path = "/things/a", .method = "GET"));
	g_assert_cmpint(reply->code, !=, CURLE_OK);
	http_reply_free(reply);
	assert_status(f, ASK(.path = "/things/a", .bearer = READ), 200);
}

static void test_a_large_answer_goes_through_tls(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	if (!listen_tls(f))
		return;
	reply = ask(f, ASK(.path = "/large", .bearer = READ));
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpuint(strlen(reply->body), ==, (4 << 20) + 3);
	http_reply_free(reply);
}

static void test_a_stream_goes_through_tls(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	if (!listen_tls(f))
		return;
	reply = ask(f, ASK(.path = "/ticks", .bearer = READ));
	g_assert_cmpint(reply->code, ==, CURLE_OK);
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpuint(strlen(reply->body), ==, 10 * 5001);
	for (int i = 0; i < 10; i++)
		g_assert_cmpint(reply->body[i * 5001 + 4999], ==, '0' + i);
	http_reply_free(reply);
	assert_status(f, ASK(.path = "/ticks"), 401);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name)                                                                      \
	g_test_add("/http-tcp/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)
	TEST(roles_hold_over_tls);
	TEST(roles_hold_on_the_loopback_interface);
	TEST(all_listeners_have_the_same_routes);
	TEST(who_guesses_must_wait);
	TEST(a_refusal_says_how_to_come_in);
	TEST(another_sites_page_is_refused);
	TEST(a_style_shapes_what_is_below_it);
	TEST(a_free_form_takes_any_object);
	TEST(what_is_not_safe_is_refused);
	TEST(mistakes_in_an_address_are_told);
	TEST(mistakes_in_pem_files_are_told);
	TEST(an_unknown_certificate_keeps_the_client_out);
	TEST(who_speaks_no_tls_is_let_go);
	TEST(a_large_answer_goes_through_tls);
	TEST(a_stream_goes_through_tls);
	return g_test_run();
}
