/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "spice/origin.h"

static void test_pages_of_the_same_host_may_come_by_default(void)
{
	g_assert_true(origin_allowed(NULL, "https://bmc.example.org", "bmc.example.org:5900"));
	g_assert_true(origin_allowed(NULL, "http://BMC.example.org:8080", "bmc.example.org"));
	g_assert_true(origin_allowed(NULL, "https://[2001:db8::1]:443", "[2001:db8::1]:5900"));
	g_assert_true(origin_allowed(NULL, "http://192.0.2.7", "192.0.2.7:5900"));
}

static void test_pages_of_other_hosts_may_not(void)
{
	static const char *const others[] = {"https://evil.example.org",
			"https://bmc.example.org.evil", "https://bmc.example",
			"https://evil@bmc.example.org", "null", "", "://", "https://",
			"bmc.example.org"};

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		g_assert_false(origin_allowed(NULL, others[i], "bmc.example.org:5900"));
	g_assert_false(origin_allowed(NULL, "https://[2001:db8::1]", "[2001:db8::2]:5900"));
	g_assert_false(origin_allowed(NULL, "https://[2001:db8::1", "[2001:db8::1]:5900"));
	g_assert_false(origin_allowed(NULL, "https://bmc.example.org", NULL));
	g_assert_false(origin_allowed(NULL, "https://", ""));
}

static void test_a_client_that_is_no_browser_may_come(void)
{
	static const char *const listed[] = {"https://a.example", NULL};

	g_assert_true(origin_allowed(NULL, NULL, "bmc:5900"));
	g_assert_true(origin_allowed(listed, NULL, NULL));
}

static void test_a_list_replaces_the_default(void)
{
	static const char *const listed[] = {"https://a.example", "https://b.example:8443/", NULL};

	g_assert_true(origin_allowed(listed, "https://A.example", "bmc:5900"));
	g_assert_true(origin_allowed(listed, "https://b.example:8443", "bmc:5900"));
	g_assert_false(origin_allowed(listed, "http://a.example", "bmc:5900"));
	g_assert_false(origin_allowed(listed, "https://a.example:444", "bmc:5900"));
	g_assert_false(origin_allowed(listed, "https://b.example", "bmc:5900"));
	g_assert_false(origin_allowed(listed, "https://bmc", "bmc:5900"));
	g_assert_false(origin_allowed(listed, "", "bmc:5900"));
}

static void test_a_star_lets_every_page_in(void)
{
	static const char *const listed[] = {"*", NULL};

	g_assert_true(origin_allowed(listed, "https://evil.example.org", "bmc:5900"));
	g_assert_true(origin_allowed(listed, "null", NULL));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/origin/" #name, test_##name)
	TEST(pages_of_the_same_host_may_come_by_default);
	TEST(pages_of_other_hosts_may_not);
	TEST(a_client_that_is_no_browser_may_come);
	TEST(a_list_replaces_the_default);
	TEST(a_star_lets_every_page_in);
	return g_test_run();
}
