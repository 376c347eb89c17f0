/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a well-behaved, a refusing and a wrong server make of a source. */
#include <string.h>
#include "tests/unit/web_rig.h"

/* --- A server that behaves --- */

static void test_whole_file_is_equal(struct web_rig *f, gconstpointer unused)
{
	web_rig_open_ready(f, "plain/a");
	web_rig_assert_whole(f);
	g_assert_cmpint(web_host_count(&f->host, "connections"), <=, 4 + 1); /* and our question */
}

static void test_four_requests_are_in_flight(struct web_rig *f, gconstpointer unused)
{
	g_autofree struct web_reading *readings = g_new0(struct web_reading, 4);

	web_rig_open_ready(f, "together/a");
	g_assert_cmpuint(f->source->depth, ==, 4);
	for (size_t i = 0; i < 4; i++)
		web_rig_ask(f, &readings[i], i * 4096, 4096);
	for (size_t i = 0; i < 4; i++) {
		web_rig_await(&readings[i]);
		g_assert_no_error(readings[i].error);
	}
	g_assert_cmpint(web_host_count(&f->host, "most"), ==, 4);
}

static void test_reads_before_it_is_open_wait(struct web_rig *f, gconstpointer unused)
{
	web_rig_begin(f, "plain/a");
	web_rig_assert_reads(f, 5, 700);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
}

static void test_read_outside_the_image_is_refused(struct web_rig *f, gconstpointer unused)
{
	web_rig_begin(f, "plain/a");
	web_rig_assert_read_fails(f, WEB_RIG_SIZE - 10, 11, G_FILE_ERROR_INVAL, "outside");
	web_rig_assert_read_fails(f, WEB_RIG_SIZE, 1, G_FILE_ERROR_INVAL, "outside");
	web_rig_assert_read_fails(f, UINT64_MAX, 2, G_FILE_ERROR_INVAL, "outside");
	web_rig_assert_reads(f, WEB_RIG_SIZE - 10, 10);
}

static void test_cannot_be_written(struct web_rig *f, gconstpointer unused)
{
	web_rig_begin(f, "plain/a");
	g_assert_false(source_writable(f->source));
}

/* --- Refused --- */

static void test_server_without_ranges_is_refused(struct web_rig *f, gconstpointer unused)
{
	web_rig_assert_fails_to_open(f, "whole/a", "byte ranges");
}

static void test_empty_file_is_refused(struct web_rig *f, gconstpointer unused)
{
	web_rig_assert_fails_to_open(f, "nothing/a", "empty");
}

static void test_missing_file_is_final(struct web_rig *f, gconstpointer unused)
{
	web_rig_assert_fails_to_open(f, "missing/a", "404");
}

static void test_forbidden_file_is_final(struct web_rig *f, gconstpointer unused)
{
	web_rig_assert_fails_to_open(f, "forbidden/a", "403");
}

static void test_file_without_password_is_final(struct web_rig *f, gconstpointer unused)
{
	web_rig_assert_fails_to_open(f, "private/a", "401");
}

static void test_endless_redirect_is_final(struct web_rig *f, gconstpointer unused)
{
	web_rig_assert_fails_to_open(f, "circle/a", "redirects too many times");
}

static void test_redirect_away_from_http_is_final(struct web_rig *f, gconstpointer unused)
{
	web_rig_assert_fails_to_open(f, "away/a", "away from http");
}

static void test_vanished_file_is_final(struct web_rig *f, gconstpointer unused)
{
	web_rig_open_ready(f, "vanishing/a");
	web_rig_assert_read_fails(f, 0, 512, G_FILE_ERROR_IO, "404");
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

static void assert_change_is_final(struct web_rig *f, const char *path)
{
	g_autofree struct web_reading *later = g_new0(struct web_reading, 1);

	web_rig_open_ready(f, path);
	web_rig_assert_reads(f, 0, 1);
	memset(later->bytes, 0x5a, sizeof(later->bytes));
	web_rig_ask(f, later, 0, 1);
	web_rig_await(later);
	g_assert_error(later->error, G_FILE_ERROR, G_FILE_ERROR_IO);
	g_assert_cmpuint(later->bytes[0], ==, 0x5a);
	g_clear_error(&later->error);
	web_rig_await_state(f, SOURCE_FAILED);
	g_assert_nonnull(strstr(f->reason, "insert it anew"));
}

static void test_changed_tag_is_final(struct web_rig *f, gconstpointer unused)
{
	assert_change_is_final(f, "change/a");
}

static void test_changed_length_is_final(struct web_rig *f, gconstpointer unused)
{
	assert_change_is_final(f, "shrink/a");
}

static void test_changed_date_is_final_beside_a_weak_tag(struct web_rig *f, gconstpointer unused)
{
	assert_change_is_final(f, "weak/a");
}

/* --- Wrong answers --- */

static void test_one_short_answer_is_mended(struct web_rig *f, gconstpointer unused)
{
	web_rig_open_ready(f, "short/a");
	web_rig_assert_reads(f, 100, 4096);
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
}

static void assert_wrong_fails_the_read_alone(struct web_rig *f, const char *path)
{
	web_rig_open_ready(f, path);
	web_rig_assert_read_fails(f, 100, 4096, G_FILE_ERROR_IO, "the server sends");
	g_assert_cmpint(f->source->state, ==, SOURCE_READY);
	g_assert_cmpint(web_host_count(&f->host, "requests"), ==, 1 + 3);
}

static void test_long_answer_fails_the_read_alone(struct web_rig *f, gconstpointer unused)
{
	assert_wrong_fails_the_read_alone(f, "long/a");
}

static void test_shifted_answer_fails_the_read_alone(struct web_rig *f, gconstpointer unused)
{
	assert_wrong_fails_the_read_alone(f, "shifted/a");
}

static void test_compressed_answer_fails_the_read_alone(struct web_rig *f, gconstpointer unused)
{
	assert_wrong_fails_the_read_alone(f, "compressed/a");
}

int main(int argc, char **argv)
{
	static const struct web_test tests[] = {
			WEB_TEST(whole_file_is_equal),
			WEB_TEST(four_requests_are_in_flight),
			WEB_TEST(reads_before_it_is_open_wait),
			WEB_TEST(read_outside_the_image_is_refused),
			WEB_TEST(cannot_be_written),
			WEB_TEST(server_without_ranges_is_refused),
			WEB_TEST(empty_file_is_refused),
			WEB_TEST(missing_file_is_final),
			WEB_TEST(forbidden_file_is_final),
			WEB_TEST(file_without_password_is_final),
			WEB_TEST(endless_redirect_is_final),
			WEB_TEST(redirect_away_from_http_is_final),
			WEB_TEST(vanished_file_is_final),
			WEB_TEST(changed_tag_is_final),
			WEB_TEST(changed_length_is_final),
			WEB_TEST(changed_date_is_final_beside_a_weak_tag),
			WEB_TEST(one_short_answer_is_mended),
			WEB_TEST(long_answer_fails_the_read_alone),
			WEB_TEST(shifted_answer_fails_the_read_alone),
			WEB_TEST(compressed_answer_fails_the_read_alone),
	};

	web_rig_init(&argc, &argv);
	g_test_add_func("/web/nonsense_is_refused_at_once", test_nonsense_is_refused_at_once);
	return web_rig_run(tests, G_N_ELEMENTS(tests));
}
