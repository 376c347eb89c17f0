/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "spice/link.h"
#include "spice/password.h"

#define NOW 1000000

static void test_one_without_an_end_never_expires(void)
{
	struct password password = {0};

	g_assert_true(password_set(&password, "right", 0, NOW));
	g_assert_cmpstr(password.text, ==, "right");
	g_assert_cmpint(password.status.state, ==, PASSWORD_SET);
	g_assert_cmpint(password.status.until, ==, 0);
	g_assert_false(password_expire(&password, G_MAXINT64));
	g_assert_cmpstr(password.text, ==, "right");
	password_clear(&password);
}

static void test_none_has_no_end(void)
{
	struct password password = {0};

	g_assert_true(password_set(&password, NULL, 5, NOW));
	g_assert_null(password.text);
	g_assert_cmpint(password.status.state, ==, PASSWORD_NONE);
	g_assert_false(password_expire(&password, G_MAXINT64));
	g_assert_null(password.text);
	password_clear(&password);
}

static void test_it_holds_to_its_last_moment(void)
{
	struct password password = {0};

	g_assert_true(password_set(&password, "brief", 5, NOW));
	g_assert_cmpint(password.status.until, ==, NOW + 5 * G_USEC_PER_SEC);
	g_assert_false(password_expire(&password, NOW + 5 * G_USEC_PER_SEC - 1));
	g_assert_cmpstr(password.text, ==, "brief");
	g_assert_true(password_expire(&password, NOW + 5 * G_USEC_PER_SEC));
	g_assert_cmpint(password.status.state, ==, PASSWORD_EXPIRED);
	g_assert_cmpint(password.status.until, ==, NOW + 5 * G_USEC_PER_SEC);
	g_assert_false(password_expire(&password, G_MAXINT64));
	password_clear(&password);
}

static void test_then_one_is_asked_for_that_nobody_knows(void)
{
	struct password one = {0}, other = {0};

	g_assert_true(password_set(&one, "brief", 1, 0));
	g_assert_true(password_set(&other, "brief", 1, 0));
	g_assert_true(password_expire(&one, G_USEC_PER_SEC));
	g_assert_true(password_expire(&other, G_USEC_PER_SEC));
	g_assert_cmpuint(strlen(one.text), ==, 48);
	g_assert_cmpuint(strlen(one.text), <=, LINK_PASSWORD_MAX);
	g_assert_cmpstr(one.text, !=, other.text);
	password_clear(&one);
	password_clear(&other);
}

static void test_another_begins_anew(void)
{
	struct password password = {0};

	g_assert_true(password_set(&password, "brief", 1, 0));
	g_assert_true(password_set(&password, password.text, 0, 0));
	g_assert_cmpstr(password.text, ==, "brief");
	g_assert_false(password_expire(&password, G_USEC_PER_SEC));
	g_assert_true(password_set(&password, "other", PASSWORD_SECONDS_MAX, 0));
	g_assert_false(password_expire(&password, G_USEC_PER_SEC));
	g_assert_true(password_expire(&password, PASSWORD_SECONDS_MAX * (int64_t)G_USEC_PER_SEC));
	g_assert_true(password_set(&password, "next", 0, 0));
	g_assert_cmpstr(password.text, ==, "next");
	g_assert_cmpint(password.status.state, ==, PASSWORD_SET);
	password_clear(&password);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/password/one-without-an-end-never-expires",
			test_one_without_an_end_never_expires);
	g_test_add_func("/password/none-has-no-end", test_none_has_no_end);
	g_test_add_func("/password/it-holds-to-its-last-moment", test_it_holds_to_its_last_moment);
	g_test_add_func("/password/then-one-is-asked-for-that-nobody-knows",
			test_then_one_is_asked_for_that_nobody_knows);
	g_test_add_func("/password/another-begins-anew", test_another_begins_anew);
	return g_test_run();
}
