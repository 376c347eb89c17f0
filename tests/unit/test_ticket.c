/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "src/ticket.h"

static void test_a_ticket_says_where_to_go(void)
{
	static const struct {
		const char *address, *host;
		int port;
	} rows[] = {
			{"127.0.0.1:5900", "127.0.0.1", 5900},
			{"192.0.2.7:65535", "192.0.2.7", 65535},
			{"[2001:db8::7]:5901", "2001:db8::7", 5901},
			{"0.0.0.0:5900", NULL, 5900},
			{"[::]:5900", NULL, 5900},
			{":5900", NULL, 5900},
	};
	const struct ticket_place place = {.name = (char *)"bmc7", .plain = true};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ticket ticket = {.text = g_strdup("text")};

		g_assert_true(ticket_address(&ticket, &place, rows[i].address));
		g_assert_cmpstr(ticket.host, ==, rows[i].host);
		g_assert_cmpint(ticket.port, ==, rows[i].port);
		g_assert_cmpint(ticket.tls_port, ==, 0);
		g_assert_cmpstr(ticket.name, ==, "bmc7");
		ticket_clear(&ticket);
		g_assert_null(ticket.text);
	}
}

static void test_a_unix_socket_is_nowhere_to_go(void)
{
	const struct ticket_place place = {.name = (char *)"bmc7", .plain = true};
	struct ticket ticket = {0};

	g_assert_false(ticket_address(&ticket, &place, "unix:/run/viewer:5900"));
	g_assert_null(ticket.name);
	g_assert_false(ticket_address(&ticket, &place, "unix:/run/viewer.sock"));
}

static void test_where_tls_is_demanded_there_is_no_other_port(void)
{
	struct ticket_place place = {.name = (char *)"bmc7", .certificate = (char *)"/nowhere.pem"};
	struct ticket ticket = {0};

	g_assert_true(ticket_address(&ticket, &place, "127.0.0.1:5900"));
	g_assert_cmpint(ticket.port, ==, 0);
	g_assert_cmpint(ticket.tls_port, ==, 5900);
	g_assert_null(ticket.ca);
	ticket_clear(&ticket);
	place.plain = true;
	g_assert_true(ticket_address(&ticket, &place, "127.0.0.1:5900"));
	g_assert_cmpint(ticket.port, ==, 5900);
	g_assert_cmpint(ticket.tls_port, ==, 5900);
	ticket_clear(&ticket);
}

#define TEST(name) g_test_add_func("/ticket/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	TEST(a_ticket_says_where_to_go);
	TEST(a_unix_socket_is_nowhere_to_go);
	TEST(where_tls_is_demanded_there_is_no_other_port);
	return g_test_run();
}
