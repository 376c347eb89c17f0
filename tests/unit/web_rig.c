/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include "tests/unit/web_rig.h"

bool web_rig_slow_names;

static bool python = true; /* what the machine has */

/* Takes the library's place, to be as slow as a name server that does not answer. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **result)
{
	static const struct sockaddr_in loopback = {.sin_family = AF_INET};
	struct addrinfo *found;

	(void)service;
	if (web_rig_slow_names)
		g_usleep(G_USEC_PER_SEC * 5);
	if (web_rig_slow_names || g_strcmp0(node, "nowhere.invalid") == 0)
		return EAI_NONAME;
	found = g_malloc0(sizeof(*found) + sizeof(loopback));
	found->ai_family = AF_INET;
	found->ai_socktype = hints ? hints->ai_socktype : SOCK_STREAM;
	found->ai_addrlen = sizeof(loopback);
	found->ai_addr = (struct sockaddr *)(found + 1);
	memcpy(found->ai_addr, &loopback, sizeof(loopback));
	((struct sockaddr_in *)found->ai_addr)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	((struct sockaddr_in *)found->ai_addr)
			->sin_port = service ? htons((uint16_t)g_ascii_strtoull(service, NULL, 10))
					     : 0;
	*result = found;
	return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
	g_free(found);
}

static void on_state(enum source_state state, const char *reason, void *data)
{
	struct web_rig *f = data;

	g_assert_nonnull(reason);
	f->told = state;
	f->waited += state == SOURCE_WAITING;
	g_free(f->reason);
	f->reason = g_strdup(reason);
	if (f->close_at_state)
		source_close(g_steal_pointer(&f->source));
}

static void on_done(const GError *error, void *data)
{
	struct web_reading *reading = data;

	g_assert_false(reading->ended);
	reading->ended = true;
	reading->error = error ? g_error_copy(error) : NULL;
	if (reading->close)
		source_close(g_steal_pointer(&reading->close->source));
}

static void web_rig_fixture_open(struct web_rig *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->file = g_build_filename(f->folder, "image.iso", NULL);
	f->certificate = g_build_filename(f->folder, "server.pem", NULL);
	f->content = g_malloc(WEB_RIG_SIZE);
	for (size_t i = 0; i < WEB_RIG_SIZE; i++)
		f->content[i] = (uint8_t)((i * 2654435761U) >> 13);
	g_assert_true(g_file_set_contents(f->file, (const char *)f->content, WEB_RIG_SIZE, NULL));
	python = web_host_open(&f->host, f->file, 0, NULL);
	f->settings.retry = 20;
}

static void web_rig_fixture_close(struct web_rig *f, gconstpointer unused)
{
	static const char *const names[] = {"image.iso", "server.pem", "lighttpd.conf"};

	source_close(f->source);
	web_host_close(&f->host);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(f->folder, names[i], NULL);

		g_remove(path);
	}
	g_assert_cmpint(g_rmdir(f->folder), ==, 0);
	g_free(f->folder);
	g_free(f->file);
	g_free(f->certificate);
	g_free(f->content);
	g_free(f->reason);
}

void web_rig_open_url(struct web_rig *f, const char *url)
{
	struct source_events events = {.state = on_state, .data = f};
	g_autoptr(GError) error = NULL;

	f->settings.url = url;
	f->source = web_open(&f->settings, &error);
	g_assert_no_error(error);
	f->settings.url = NULL;
	g_assert_cmpint(f->source->state, ==, SOURCE_OPENING);
	f->told = SOURCE_OPENING;
	source_listen(f->source, &events);
}

void web_rig_begin(struct web_rig *f, const char *path)
{
	g_autofree char *url = g_strdup_printf("http://127.0.0.1:%u/%s", f->host.port, path);

	web_rig_open_url(f, url);
}

void web_rig_await_state(struct web_rig *f, enum source_state state)
{
	while (f->told != state)
		g_main_context_iteration(NULL, TRUE);
}

void web_rig_open_ready(struct web_rig *f, const char *path)
{
	web_rig_begin(f, path);
	web_rig_await_state(f, SOURCE_READY);
	g_assert_cmpuint(f->source->size, ==, WEB_RIG_SIZE);
}

struct source_request *web_rig_ask(
		struct web_rig *f, struct web_reading *reading, uint64_t offset, size_t size)
{
	return source_read(f->source, offset, size, reading->bytes, on_done, reading);
}

void web_rig_await(struct web_reading *reading)
{
	while (!reading->ended)
		g_main_context_iteration(NULL, TRUE);
}

void web_rig_assert_reads(struct web_rig *f, uint64_t offset, size_t size)
{
	g_autofree struct web_reading *reading = g_new0(struct web_reading, 1);

	web_rig_ask(f, reading, offset, size);
	web_rig_await(reading);
	g_assert_no_error(reading->error);
	g_assert_cmpmem(reading->bytes, size, f->content + offset, size);
}

void web_rig_assert_read_fails(
		struct web_rig *f, uint64_t offset, size_t size, GFileError code, const char *words)
{
	g_autofree struct web_reading *reading = g_new0(struct web_reading, 1);

	web_rig_ask(f, reading, offset, size);
	g_assert_false(reading->ended);
	web_rig_await(reading);
	g_assert_error(reading->error, G_FILE_ERROR, (gint)code);
	g_assert_nonnull(strstr(reading->error->message, words));
	g_clear_error(&reading->error);
}

void web_rig_assert_fails_to_open(struct web_rig *f, const char *path, const char *words)
{
	web_rig_begin(f, path);
	web_rig_await_state(f, SOURCE_FAILED);
	g_assert_nonnull(strstr(f->reason, words));
	g_assert_cmpuint(f->waited, ==, 0);
	web_rig_assert_read_fails(f, 0, 512, G_FILE_ERROR_IO, words);
}

void web_rig_assert_whole(struct web_rig *f)
{
	size_t count = (WEB_RIG_SIZE + WEB_RIG_BLOCK - 1) / WEB_RIG_BLOCK;
	g_autofree struct web_reading *readings = g_new0(struct web_reading, count);
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree char *wanted = g_compute_checksum_for_data(
			G_CHECKSUM_SHA256, f->content, WEB_RIG_SIZE);

	for (size_t i = 0; i < count; i++)
		web_rig_ask(f, &readings[i], i * WEB_RIG_BLOCK,
				MIN(WEB_RIG_BLOCK, WEB_RIG_SIZE - i * WEB_RIG_BLOCK));
	for (size_t i = 0; i < count; i++) {
		web_rig_await(&readings[i]);
		g_assert_no_error(readings[i].error);
		g_checksum_update(sum, readings[i].bytes,
				(gssize)MIN(WEB_RIG_BLOCK, WEB_RIG_SIZE - i * WEB_RIG_BLOCK));
	}
	g_assert_cmpstr(g_checksum_get_string(sum), ==, wanted);
}

static void web_rig_test(struct web_rig *f, gconstpointer data)
{
	const struct web_test *test = data;

	if (python)
		test->test(f, test->data);
	else
		g_test_skip("no python3 to serve with");
}

void web_rig_init(int *argc, char ***argv)
{
	g_unsetenv("http_proxy");
	g_unsetenv("https_proxy");
	g_unsetenv("all_proxy");
	signal(SIGPIPE, SIG_IGN);
	g_test_init(argc, argv, NULL);
}

int web_rig_run(const struct web_test *tests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		g_test_add(tests[i].name, struct web_rig, &tests[i], web_rig_fixture_open,
				web_rig_test, web_rig_fixture_close);
	return g_test_run();
}
