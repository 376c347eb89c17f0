/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers that go, come back or say nothing; cancelling and closing meanwhile. */
#include <string.h>
#include "tests/unit/web_rig.h"

/* --- Servers that go and come back --- */

static void test_lost_connection_is_mended(struct web_rig *f, gconstpointer unused)
{
	web_rig_open_ready(f, "reset/a");
	web_rig_assert_reads(f, 100, WEB_RIG_BLOCK);
	g_assert_cmpuint(f->waited, ==, 1);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
}

static void test_stalled_transfer_is_mended(struct web_rig *f, gconstpointer unused)
{
	f->settings.stall = 300;
	web_rig_open_ready(f, "stall/a");
	web_rig_assert_reads(f, 100, WEB_RIG_BLOCK);
	g_assert_cmpuint(f->waited, ==, 1);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
}

static void test_busy_server_is_asked_again(struct web_rig *f, gconstpointer unused)
{
	web_rig_open_ready(f, "busy/a");
	g_assert_cmpuint(f->waited, ==, 1); /* said once */
	web_rig_assert_reads(f, 100, 512);
	g_assert_cmpuint(f->waited, ==, 2);
}

static void test_server_decides_when_to_come_again(struct web_rig *f, gconstpointer unused)
{
	int64_t start = g_get_monotonic_time();

	web_rig_open_ready(f, "patience/a");
	g_assert_cmpint(g_get_monotonic_time() - start, >=, G_USEC_PER_SEC);
	g_assert_cmpuint(f->waited, ==, 1);
}

static void test_restarted_server_is_found_again(struct web_rig *f, gconstpointer unused)
{
	g_autofree struct web_reading *reading = g_new0(struct web_reading, 1);
	unsigned int port = f->host.port;

	web_rig_open_ready(f, "plain/a");
	web_host_close(&f->host);
	web_rig_ask(f, reading, 100, 512);
	web_rig_await_state(f, SOURCE_WAITING);
	g_assert_nonnull(strstr(f->reason, "trying again"));
	g_assert_true(web_host_open(&f->host, f->file, port, NULL));
	web_rig_await(reading);
	g_assert_no_error(reading->error);
	g_assert_cmpmem(reading->bytes, 512, f->content + 100, 512);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
	web_rig_assert_whole(f);
}

static void test_unknown_name_is_waited_for(struct web_rig *f, gconstpointer unused)
{
	web_rig_open_url(f, "http://nowhere.invalid/a.iso");
	web_rig_await_state(f, SOURCE_WAITING);
	g_assert_nonnull(strstr(f->reason, "name cannot be resolved"));
}

/* --- Cancel and close --- */

static void test_cancelled_read_never_ends(struct web_rig *f, gconstpointer unused)
{
	g_autofree struct web_reading *readings = g_new0(struct web_reading, 6);
	struct source_request *requests[6];

	web_rig_open_ready(f, "silent/a");
	for (size_t i = 0; i < 6; i++) /* two of them wait for a place */
		requests[i] = web_rig_ask(f, &readings[i], i * 512, 512);
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

static void test_close_does_not_wait_for_a_silent_server(struct web_rig *f, gconstpointer unused)
{
	g_autofree struct web_reading *reading = g_new0(struct web_reading, 1);

	web_rig_open_ready(f, "silent/a");
	web_rig_ask(f, reading, 0, 512);
	while (web_host_count(&f->host, "requests") < 2)
		g_main_context_iteration(NULL, FALSE);
	source_close(g_steal_pointer(&f->source));
	while (web_host_count(&f->host, "cut") < 1)
		g_main_context_iteration(NULL, FALSE);
	g_assert_false(reading->ended);
}

static void test_close_does_not_wait_for_a_name(struct web_rig *f, gconstpointer unused)
{
	int64_t start = g_get_monotonic_time();

	web_rig_slow_names = true;
	web_rig_open_url(f, "http://slow.invalid/a.iso");
	for (int i = 0; i < 10; i++) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(10000);
	}
	source_close(g_steal_pointer(&f->source));
	g_assert_cmpint(g_get_monotonic_time() - start, <, 4 * G_USEC_PER_SEC);
	g_usleep(G_USEC_PER_SEC * 5); /* the resolver's thread owns memory until it ends */
	web_rig_slow_names = false;
}

static void test_may_be_closed_from_its_own_calls(struct web_rig *f, gconstpointer unused)
{
	g_autofree struct web_reading *readings = g_new0(struct web_reading, 2);

	web_rig_open_ready(f, "plain/a");
	readings[0].close = f;
	web_rig_ask(f, &readings[0], 0, 512);
	web_rig_ask(f, &readings[1], 512, 512);
	readings[1].close = f;
	while (f->source)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpint(readings[0].ended + readings[1].ended, ==, 1);
	f->close_at_state = true;
	web_rig_begin(f, "plain/b");
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

static void test_hundred_sources_leave_no_file_open(struct web_rig *f, gconstpointer unused)
{
	unsigned int before = 0;

	for (int i = 0; i <= 100; i++) {
		g_autofree char *path = g_strdup_printf("plain/%d", i);

		web_rig_begin(f, path);
		if (i % 2 == 0)
			web_rig_assert_reads(f, 0, 512);
		source_close(g_steal_pointer(&f->source));
		if (i == 0)
			before = open_files();
	}
	g_assert_cmpuint(open_files(), ==, before);
}

int main(int argc, char **argv)
{
	static const struct web_test tests[] = {
			WEB_TEST(lost_connection_is_mended),
			WEB_TEST(stalled_transfer_is_mended),
			WEB_TEST(busy_server_is_asked_again),
			WEB_TEST(server_decides_when_to_come_again),
			WEB_TEST(restarted_server_is_found_again),
			WEB_TEST(unknown_name_is_waited_for),
			WEB_TEST(cancelled_read_never_ends),
			WEB_TEST(close_does_not_wait_for_a_silent_server),
			WEB_TEST(close_does_not_wait_for_a_name),
			WEB_TEST(may_be_closed_from_its_own_calls),
			WEB_TEST(hundred_sources_leave_no_file_open),
	};

	web_rig_init(&argc, &argv);
	return web_rig_run(tests, G_N_ELEMENTS(tests));
}
