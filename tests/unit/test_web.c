/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "media/web.h"
#include "tests/unit/web_host.h"

#define SIZE  (3 * 1024 * 1024 + 777)
#define BLOCK (64 * 1024)

struct fixture {
	char *folder, *file, *certificate;
	uint8_t *content;
	struct web_host host;
	struct web_settings settings;
	struct source *source;
	unsigned int waited;    /* times that it said so */
	enum source_state told; /* the last */
	char *reason;           /* its */
	bool close_at_state;
};

struct reading {
	bool ended;
	GError *error;
	uint8_t bytes[BLOCK];
	struct fixture *close; /* closes its source when it ends */
};

static bool python = true, slow_names; /* what the machine has; getaddrinfo's habit */

/* Takes the library's place, to be as slow as a name server that does not answer. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **result)
{
	static const struct sockaddr_in loopback = {.sin_family = AF_INET};
	struct addrinfo *found;

	(void)service;
	if (slow_names)
		g_usleep(G_USEC_PER_SEC * 5);
	if (slow_names || g_strcmp0(node, "nowhere.invalid") == 0)
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
	struct fixture *f = data;

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
	struct reading *reading = data;

	g_assert_false(reading->ended);
	reading->ended = true;
	reading->error = error ? g_error_copy(error) : NULL;
	if (reading->close)
		source_close(g_steal_pointer(&reading->close->source));
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->file = g_build_filename(f->folder, "image.iso", NULL);
	f->certificate = g_build_filename(f->folder, "server.pem", NULL);
	f->content = g_malloc(SIZE);
	for (size_t i = 0; i < SIZE; i++)
		f->content[i] = (uint8_t)((i * 2654435761U) >> 13);
	g_assert_true(g_file_set_contents(f->file, (const char *)f->content, SIZE, NULL));
	python = web_host_open(&f->host, f->file, 0, NULL);
	f->settings.retry = 20;
}

static void fixture_close(struct fixture *f, gconstpointer unused)
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

static void open_url(struct fixture *f, const char *url)
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

static void begin(struct fixture *f, const char *path)
{
	g_autofree char *url = g_strdup_printf("http://127.0.0.1:%u/%s", f->host.port, path);

	open_url(f, url);
}

static void await_state(struct fixture *f, enum source_state state)
{
	while (f->told != state)
		g_main_context_iteration(NULL, TRUE);
}

static void open_ready(struct fixture *f, const char *path)
{
	begin(f, path);
	await_state(f, SOURCE_READY);
	g_assert_cmpuint(f->source->size, ==, SIZE);
}

static struct source_request *ask(
		struct fixture *f, struct reading *reading, uint64_t offset, size_t size)
{
	return source_read(f->source, offset, size, reading->bytes, on_done, reading);
}

static void await(struct reading *reading)
{
	while (!reading->ended)
		g_main_context_iteration(NULL, TRUE);
}

static void assert_reads(struct fixture *f, uint64_t offset, size_t size)
{
	g_autofree struct reading *reading = g_new0(struct reading, 1);

	ask(f, reading, offset, size);
	await(reading);
	g_assert_no_error(reading->error);
	g_assert_cmpmem(reading->bytes, size, f->content + offset, size);
}

static void assert_read_fails(
		struct fixture *f, uint64_t offset, size_t size, GFileError code, const char *words)
{
	g_autofree struct reading *reading = g_new0(struct reading, 1);

	ask(f, reading, offset, size);
	g_assert_false(reading->ended);
	await(reading);
	g_assert_error(reading->error, G_FILE_ERROR, (gint)code);
	g_assert_nonnull(strstr(reading->error->message, words));
	g_clear_error(&reading->error);
}

static void assert_fails_to_open(struct fixture *f, const char *path, const char *words)
{
	begin(f, path);
	await_state(f, SOURCE_FAILED);
	g_assert_nonnull(strstr(f->reason, words));
	g_assert_cmpuint(f->waited, ==, 0);
	assert_read_fails(f, 0, 512, G_FILE_ERROR_IO, words);
}

/* Every block of the file, in the order of a sequential reader with eight reads at once. */
static void assert_whole(struct fixture *f)
{
	size_t count = (SIZE + BLOCK - 1) / BLOCK;
	g_autofree struct reading *readings = g_new0(struct reading, count);
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree char *wanted = g_compute_checksum_for_data(G_CHECKSUM_SHA256, f->content, SIZE);

	for (size_t i = 0; i < count; i++)
		ask(f, &readings[i], i * BLOCK, MIN(BLOCK, SIZE - i * BLOCK));
	for (size_t i = 0; i < count; i++) {
		await(&readings[i]);
		g_assert_no_error(readings[i].error);
		g_checksum_update(sum, readings[i].bytes, (gssize)MIN(BLOCK, SIZE - i * BLOCK));
	}
	g_assert_cmpstr(g_checksum_get_string(sum), ==, wanted);
}

/* --- A server that behaves --- */

static void test_whole_file_is_equal(struct fixture *f, gconstpointer unused)
{
	open_ready(f, "plain/a");
	assert_whole(f);
	g_assert_cmpint(web_host_count(&f->host, "connections"), <=, 4 + 1); /* and our question */
}

static void test_four_requests_are_in_flight(struct fixture *f, gconstpointer unused)
{
	g_autofree struct reading *readings = g_new0(struct reading, 4);

	open_ready(f, "together/a");
	g_assert_cmpuint(f->source->depth, ==, 4);
	for (size_t i = 0; i < 4; i++)
		ask(f, &readings[i], i * 4096, 4096);
	for (size_t i = 0; i < 4; i++) {
		await(&readings[i]);
		g_assert_no_error(readings[i].error);
	}
	g_assert_cmpint(web_host_count(&f->host, "most"), ==, 4);
}

static void test_reads_before_it_is_open_wait(struct fixture *f, gconstpointer unused)
{
	begin(f, "plain/a");
	assert_reads(f, 5, 700);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
}

static void test_read_outside_the_image_is_refused(struct fixture *f, gconstpointer unused)
{
	begin(f, "plain/a");
	assert_read_fails(f, SIZE - 10, 11, G_FILE_ERROR_INVAL, "outside");
	assert_read_fails(f, SIZE, 1, G_FILE_ERROR_INVAL, "outside");
	assert_read_fails(f, UINT64_MAX, 2, G_FILE_ERROR_INVAL, "outside");
	assert_reads(f, SIZE - 10, 10);
}

static void test_cannot_be_written(struct fixture *f, gconstpointer unused)
{
	begin(f, "plain/a");
	g_assert_false(source_writable(f->source));
}

/* --- Refused --- */

static void test_server_without_ranges_is_refused(struct fixture *f, gconstpointer unused)
{
	assert_fails_to_open(f, "whole/a", "byte ranges");
}

static void test_empty_file_is_refused(struct fixture *f, gconstpointer unused)
{
	assert_fails_to_open(f, "nothing/a", "empty");
}

static void test_missing_file_is_final(struct fixture *f, gconstpointer unused)
{
	assert_fails_to_open(f, "missing/a", "404");
}

static void test_forbidden_file_is_final(struct fixture *f, gconstpointer unused)
{
	assert_fails_to_open(f, "forbidden/a", "403");
}

static void test_file_without_password_is_final(struct fixture *f, gconstpointer unused)
{
	assert_fails_to_open(f, "private/a", "401");
}

static void test_endless_redirect_is_final(struct fixture *f, gconstpointer unused)
{
	assert_fails_to_open(f, "circle/a", "redirects too many times");
}

static void test_redirect_away_from_http_is_final(struct fixture *f, gconstpointer unused)
{
	assert_fails_to_open(f, "away/a", "away from http");
}

static void test_vanished_file_is_final(struct fixture *f, gconstpointer unused)
{
	open_ready(f, "vanishing/a");
	assert_read_fails(f, 0, 512, G_FILE_ERROR_IO, "404");
	g_assert_cmpint(f->source->state, ==, SOURCE_FAILED);
}

static void test_nonsense_is_refused_at_once(void)
{
	static const struct web_settings nonsense[] = {
			{.url = "ftp://127.0.0.1/a.iso"},
			{.url = "http://"},
			{.url = "http://127.0.0.1/", .user = "ann", .token = "x"},
			{.url = "http://127.0.0.1/", .token = "x\r\nHost: y"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(web_open(&nonsense[i], &error));
		g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	}
}

/* --- Another file than it was --- */

static void assert_change_is_final(struct fixture *f, const char *path)
{
	g_autofree struct reading *later = g_new0(struct reading, 1);

	open_ready(f, path);
	assert_reads(f, 0, 1);
	memset(later->bytes, 0x5a, sizeof(later->bytes));
	ask(f, later, 0, 1);
	await(later);
	g_assert_error(later->error, G_FILE_ERROR, G_FILE_ERROR_IO);
	g_assert_cmpuint(later->bytes[0], ==, 0x5a);
	g_clear_error(&later->error);
	await_state(f, SOURCE_FAILED);
	g_assert_nonnull(strstr(f->reason, "insert it anew"));
}

static void test_changed_tag_is_final(struct fixture *f, gconstpointer unused)
{
	assert_change_is_final(f, "change/a");
}

static void test_changed_length_is_final(struct fixture *f, gconstpointer unused)
{
	assert_change_is_final(f, "shrink/a");
}

static void test_changed_date_is_final_beside_a_weak_tag(struct fixture *f, gconstpointer unused)
{
	assert_change_is_final(f, "weak/a");
}

/* --- Wrong answers --- */

static void test_one_short_answer_is_mended(struct fixture *f, gconstpointer unused)
{
	open_ready(f, "short/a");
	assert_reads(f, 100, 4096);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
}

static void assert_wrong_fails_the_read_alone(struct fixture *f, const char *path)
{
	open_ready(f, path);
	assert_read_fails(f, 100, 4096, G_FILE_ERROR_IO, "the server sends");
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
	g_assert_cmpint(web_host_count(&f->host, "requests"), ==, 1 + 3);
}

static void test_long_answer_fails_the_read_alone(struct fixture *f, gconstpointer unused)
{
	assert_wrong_fails_the_read_alone(f, "long/a");
}

static void test_shifted_answer_fails_the_read_alone(struct fixture *f, gconstpointer unused)
{
	assert_wrong_fails_the_read_alone(f, "shifted/a");
}

static void test_compressed_answer_fails_the_read_alone(struct fixture *f, gconstpointer unused)
{
	assert_wrong_fails_the_read_alone(f, "compressed/a");
}

/* --- Servers that go and come back --- */

static void test_lost_connection_is_mended(struct fixture *f, gconstpointer unused)
{
	open_ready(f, "reset/a");
	assert_reads(f, 100, BLOCK);
	g_assert_cmpuint(f->waited, ==, 1);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
}

static void test_stalled_transfer_is_mended(struct fixture *f, gconstpointer unused)
{
	f->settings.stall = 300;
	open_ready(f, "stall/a");
	assert_reads(f, 100, BLOCK);
	g_assert_cmpuint(f->waited, ==, 1);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
}

static void test_busy_server_is_asked_again(struct fixture *f, gconstpointer unused)
{
	open_ready(f, "busy/a");
	g_assert_cmpuint(f->waited, ==, 1); /* said once */
	assert_reads(f, 100, 512);
	g_assert_cmpuint(f->waited, ==, 2);
}

static void test_server_decides_when_to_come_again(struct fixture *f, gconstpointer unused)
{
	int64_t start = g_get_monotonic_time();

	open_ready(f, "patience/a");
	g_assert_cmpint(g_get_monotonic_time() - start, >=, G_USEC_PER_SEC);
	g_assert_cmpuint(f->waited, ==, 1);
}

static void test_restarted_server_is_found_again(struct fixture *f, gconstpointer unused)
{
	g_autofree struct reading *reading = g_new0(struct reading, 1);
	unsigned int port = f->host.port;

	open_ready(f, "plain/a");
	web_host_close(&f->host);
	ask(f, reading, 100, 512);
	await_state(f, SOURCE_WAITING);
	g_assert_nonnull(strstr(f->reason, "trying again"));
	g_assert_true(web_host_open(&f->host, f->file, port, NULL));
	await(reading);
	g_assert_no_error(reading->error);
	g_assert_cmpmem(reading->bytes, 512, f->content + 100, 512);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
	assert_whole(f);
}

static void test_unknown_name_is_waited_for(struct fixture *f, gconstpointer unused)
{
	open_url(f, "http://nowhere.invalid/a.iso");
	await_state(f, SOURCE_WAITING);
	g_assert_nonnull(strstr(f->reason, "name cannot be resolved"));
}

/* --- Redirects and secrets --- */

static void test_redirect_is_followed_once(struct fixture *f, gconstpointer unused)
{
	open_ready(f, "moved/a");
	assert_reads(f, 0, 512);
	assert_reads(f, 512, 512);
	g_assert_cmpint(web_host_count(&f->host, "requests"), ==, 2 + 1 + 1);
}

static void test_redirect_that_ends_is_asked_for_anew(struct fixture *f, gconstpointer unused)
{
	open_ready(f, "fleeting/a");
	for (int i = 0; i < 5; i++)
		assert_reads(f, 512, 512);
	g_assert_cmpuint(f->waited, ==, 0);
}

static void test_credentials_stay_with_the_first_host(struct fixture *f, gconstpointer bearer)
{
	if (bearer) {
		f->settings.token = "t0ken";
	} else {
		f->settings.user = "ann";
		f->settings.password = "s3cret";
	}
	open_ready(f, "elsewhere/a");
	assert_reads(f, 0, 512);
	g_assert_cmpint(web_host_count(&f->host, "elsewhere"), ==, 2);
	g_assert_cmpint(web_host_count(&f->host, "leaked"), ==, 0);
}

static void test_user_and_password_open_the_file(struct fixture *f, gconstpointer unused)
{
	f->settings.user = "ann";
	f->settings.password = "s3cret";
	open_ready(f, "private/a");
	assert_reads(f, 0, 512);
}

static void test_token_opens_the_file(struct fixture *f, gconstpointer unused)
{
	f->settings.token = "t0ken";
	open_ready(f, "private/a");
}

static void test_secrets_in_the_address_work_and_stay_hidden(
		struct fixture *f, gconstpointer unused)
{
	g_autofree char *url = g_strdup_printf(
			"http://ann:s3cret@127.0.0.1:%u/private/a?sign=s3cret", f->host.port);
	g_autofree char *shown = g_strdup_printf("http://127.0.0.1:%u/private/a?...", f->host.port);

	open_url(f, url);
	g_assert_cmpstr(f->source->name, ==, shown);
	await_state(f, SOURCE_READY);
}

/* --- TLS --- */

static bool secure(struct fixture *f, bool lighttpd)
{
	web_host_close(&f->host);
	if (!web_host_certificate(f->folder, f->certificate)) {
		g_test_skip("no openssl to make a certificate with");
		return false;
	}
	if (lighttpd && !web_host_open_lighttpd(&f->host, f->folder, f->certificate)) {
		g_test_skip("no lighttpd with TLS");
		return false;
	}
	if (!lighttpd)
		web_host_open(&f->host, f->file, 0, f->certificate);
	return true;
}

static void begin_secure(struct fixture *f, const char *path)
{
	g_autofree char *url = g_strdup_printf("https://127.0.0.1:%u/%s", f->host.port, path);

	open_url(f, url);
}

static void test_known_certificate_is_taken(struct fixture *f, gconstpointer unused)
{
	if (!secure(f, false))
		return;
	f->settings.ca_file = f->certificate;
	begin_secure(f, "plain/a");
	assert_whole(f);
}

static void test_unknown_certificate_is_final(struct fixture *f, gconstpointer unused)
{
	if (!secure(f, false))
		return;
	begin_secure(f, "plain/a");
	await_state(f, SOURCE_FAILED);
	g_assert_nonnull(strstr(f->reason, "certificate is not valid"));
}

static void test_any_certificate_is_taken_if_asked_to(struct fixture *f, gconstpointer unused)
{
	if (!secure(f, false))
		return;
	f->settings.insecure = true;
	begin_secure(f, "plain/a");
	assert_reads(f, 0, 512);
}

static void test_whole_file_from_lighttpd_is_equal(struct fixture *f, gconstpointer unused)
{
	if (!secure(f, true))
		return;
	f->settings.ca_file = f->certificate;
	begin_secure(f, "image.iso");
	assert_whole(f);
}

/* --- Cancel and close --- */

static void test_cancelled_read_never_ends(struct fixture *f, gconstpointer unused)
{
	g_autofree struct reading *readings = g_new0(struct reading, 6);
	struct source_request *requests[6];

	open_ready(f, "silent/a");
	for (size_t i = 0; i < 6; i++) /* two of them wait for a place */
		requests[i] = ask(f, &readings[i], i * 512, 512);
	while (web_host_count(&f->host, "requests") < 1 + 4)
		g_main_context_iteration(NULL, FALSE);
	for (size_t i = 6; i-- > 0;)
		source_cancel(f->source, requests[i]);
	while (web_host_count(&f->host, "cut") < 4)
		g_main_context_iteration(NULL, FALSE);
	for (size_t i = 0; i < 6; i++)
		g_assert_false(readings[i].ended);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
}

static void test_close_does_not_wait_for_a_silent_server(struct fixture *f, gconstpointer unused)
{
	g_autofree struct reading *reading = g_new0(struct reading, 1);

	open_ready(f, "silent/a");
	ask(f, reading, 0, 512);
	while (web_host_count(&f->host, "requests") < 2)
		g_main_context_iteration(NULL, FALSE);
	source_close(g_steal_pointer(&f->source));
	while (web_host_count(&f->host, "cut") < 1)
		g_main_context_iteration(NULL, FALSE);
	g_assert_false(reading->ended);
}

static void test_close_does_not_wait_for_a_name(struct fixture *f, gconstpointer unused)
{
	int64_t start = g_get_monotonic_time();

	slow_names = true;
	open_url(f, "http://slow.invalid/a.iso");
	for (int i = 0; i < 10; i++) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(10000);
	}
	source_close(g_steal_pointer(&f->source));
	g_assert_cmpint(g_get_monotonic_time() - start, <, 4 * G_USEC_PER_SEC);
	g_usleep(G_USEC_PER_SEC * 5); /* the resolver's thread owns memory until it ends */
	slow_names = false;
}

static void test_may_be_closed_from_its_own_calls(struct fixture *f, gconstpointer unused)
{
	g_autofree struct reading *readings = g_new0(struct reading, 2);

	open_ready(f, "plain/a");
	readings[0].close = f;
	ask(f, &readings[0], 0, 512);
	ask(f, &readings[1], 512, 512);
	readings[1].close = f;
	while (f->source)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpint(readings[0].ended + readings[1].ended, ==, 1);
	f->close_at_state = true;
	begin(f, "plain/b");
	while (f->source)
		g_main_context_iteration(NULL, TRUE);
}

static unsigned int open_files(void)
{
	g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
	unsigned int count = 0;

	while (g_dir_read_name(folder))
		count++;
	return count;
}

static void test_hundred_sources_leave_no_file_open(struct fixture *f, gconstpointer unused)
{
	unsigned int before = 0;

	for (int i = 0; i <= 100; i++) {
		g_autofree char *path = g_strdup_printf("plain/%d", i);

		begin(f, path);
		if (i % 2 == 0)
			assert_reads(f, 0, 512);
		source_close(g_steal_pointer(&f->source));
		if (i == 0)
			before = open_files();
	}
	g_assert_cmpuint(open_files(), ==, before);
}

struct named {
	const char *name;
	void (*test)(struct fixture *f, gconstpointer data);
	gconstpointer data;
};

static void run(struct fixture *f, gconstpointer data)
{
	const struct named *named = data;

	if (python)
		named->test(f, named->data);
	else
		g_test_skip("no python3 to serve with");
}

int main(int argc, char **argv)
{
#define TEST(name)                               \
	{                                        \
		"/web/" #name, test_##name, NULL \
	}
	static const struct named tests[] = {
			TEST(whole_file_is_equal),
			TEST(four_requests_are_in_flight),
			TEST(reads_before_it_is_open_wait),
			TEST(read_outside_the_image_is_refused),
			TEST(cannot_be_written),
			TEST(server_without_ranges_is_refused),
			TEST(empty_file_is_refused),
			TEST(missing_file_is_final),
			TEST(forbidden_file_is_final),
			TEST(file_without_password_is_final),
			TEST(endless_redirect_is_final),
			TEST(redirect_away_from_http_is_final),
			TEST(vanished_file_is_final),
			TEST(changed_tag_is_final),
			TEST(changed_length_is_final),
			TEST(changed_date_is_final_beside_a_weak_tag),
			TEST(one_short_answer_is_mended),
			TEST(long_answer_fails_the_read_alone),
			TEST(shifted_answer_fails_the_read_alone),
			TEST(compressed_answer_fails_the_read_alone),
			TEST(lost_connection_is_mended),
			TEST(stalled_transfer_is_mended),
			TEST(busy_server_is_asked_again),
			TEST(server_decides_when_to_come_again),
			TEST(restarted_server_is_found_again),
			TEST(unknown_name_is_waited_for),
			TEST(redirect_is_followed_once),
			TEST(redirect_that_ends_is_asked_for_anew),
			TEST(credentials_stay_with_the_first_host),
			{"/web/token_stays_with_the_first_host",
					test_credentials_stay_with_the_first_host, "bearer"},
			TEST(user_and_password_open_the_file),
			TEST(token_opens_the_file),
			TEST(secrets_in_the_address_work_and_stay_hidden),
			TEST(known_certificate_is_taken),
			TEST(unknown_certificate_is_final),
			TEST(any_certificate_is_taken_if_asked_to),
			TEST(whole_file_from_lighttpd_is_equal),
			TEST(cancelled_read_never_ends),
			TEST(close_does_not_wait_for_a_silent_server),
			TEST(close_does_not_wait_for_a_name),
			TEST(may_be_closed_from_its_own_calls),
			TEST(hundred_sources_leave_no_file_open),
	};

	g_unsetenv("http_proxy");
	g_unsetenv("https_proxy");
	g_unsetenv("all_proxy");
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/web/nonsense_is_refused_at_once", test_nonsense_is_refused_at_once);
	for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add(tests[i].name, struct fixture, &tests[i], fixture_open, run,
				fixture_close);
	return g_test_run();
}
