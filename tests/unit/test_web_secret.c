/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Redirects, passwords and certificates. */
#include <string.h>
#include "tests/unit/web_rig.h"

/* --- Redirects and secrets --- */

static void test_redirect_is_followed_once(struct web_rig *f, gconstpointer unused)
{
	web_rig_open_ready(f, "moved/a");
	web_rig_assert_reads(f, 0, 512);
	web_rig_assert_reads(f, 512, 512);
	g_assert_cmpint(web_host_count(&f->host, "requests"), ==, 2 + 1 + 1);
}

static void test_redirect_that_ends_is_asked_for_anew(struct web_rig *f, gconstpointer unused)
{
	web_rig_open_ready(f, "fleeting/a");
	for (int i = 0; i < 5; i++)
		web_rig_assert_reads(f, 512, 512);
	g_assert_cmpuint(f->waited, ==, 0);
}

static void test_credentials_stay_with_the_first_host(struct web_rig *f, gconstpointer bearer)
{
	if (bearer) {
		f->settings.token = "t0ken";
	} else {
		f->settings.user = "ann";
		f->settings.password = "s3cret";
	}
	web_rig_open_ready(f, "elsewhere/a");
	web_rig_assert_reads(f, 0, 512);
	g_assert_cmpint(web_host_count(&f->host, "elsewhere"), ==, 2);
	g_assert_cmpint(web_host_count(&f->host, "leaked"), ==, 0);
}

static void test_user_and_password_open_the_file(struct web_rig *f, gconstpointer unused)
{
	f->settings.user = "ann";
	f->settings.password = "s3cret";
	web_rig_open_ready(f, "private/a");
	web_rig_assert_reads(f, 0, 512);
}

static void test_token_opens_the_file(struct web_rig *f, gconstpointer unused)
{
	f->settings.token = "t0ken";
	web_rig_open_ready(f, "private/a");
}

static void test_secrets_in_the_address_work_and_stay_hidden(
		struct web_rig *f, gconstpointer unused)
{
	g_autofree char *url = g_strdup_printf(
			"http://ann:s3cret@127.0.0.1:%u/private/a?sign=s3cret", f->host.port);
	g_autofree char *shown = g_strdup_printf("http://127.0.0.1:%u/private/a?...", f->host.port);

	web_rig_open_url(f, url);
	g_assert_cmpstr(f->source->name, ==, shown);
	web_rig_await_state(f, SOURCE_READY);
}

/* --- TLS --- */

static bool secure(struct web_rig *f, bool lighttpd)
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

static void begin_secure(struct web_rig *f, const char *path)
{
	g_autofree char *url = g_strdup_printf("https://127.0.0.1:%u/%s", f->host.port, path);

	web_rig_open_url(f, url);
}

static void test_known_certificate_is_taken(struct web_rig *f, gconstpointer unused)
{
	if (!secure(f, false))
		return;
	f->settings.ca_file = f->certificate;
	begin_secure(f, "plain/a");
	web_rig_assert_whole(f);
}

static void test_unknown_certificate_is_final(struct web_rig *f, gconstpointer unused)
{
	if (!secure(f, false))
		return;
	begin_secure(f, "plain/a");
	web_rig_await_state(f, SOURCE_FAILED);
	g_assert_nonnull(strstr(f->reason, "certificate is not valid"));
}

static void test_any_certificate_is_taken_if_asked_to(struct web_rig *f, gconstpointer unused)
{
	if (!secure(f, false))
		return;
	f->settings.insecure = true;
	begin_secure(f, "plain/a");
	web_rig_assert_reads(f, 0, 512);
}

static void test_whole_file_from_lighttpd_is_equal(struct web_rig *f, gconstpointer unused)
{
	if (!secure(f, true))
		return;
	f->settings.ca_file = f->certificate;
	begin_secure(f, "image.iso");
	web_rig_assert_whole(f);
}

int main(int argc, char **argv)
{
	static const struct web_test tests[] = {
			WEB_TEST(redirect_is_followed_once),
			WEB_TEST(redirect_that_ends_is_asked_for_anew),
			WEB_TEST(credentials_stay_with_the_first_host),
			WEB_TEST(user_and_password_open_the_file),
			WEB_TEST(token_opens_the_file),
			WEB_TEST(secrets_in_the_address_work_and_stay_hidden),
			WEB_TEST(known_certificate_is_taken),
			WEB_TEST(unknown_certificate_is_final),
			WEB_TEST(any_certificate_is_taken_if_asked_to),
			WEB_TEST(whole_file_from_lighttpd_is_equal),
			{"/web/token_stays_with_the_first_host",
					test_credentials_stay_with_the_first_host, "bearer"},
	};

	web_rig_init(&argc, &argv);
	return web_rig_run(tests, G_N_ELEMENTS(tests));
}
