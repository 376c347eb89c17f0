/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "spice/greeting.h"

/* As spice-gtk begins its second channel: version 2.2, 34 bytes follow. */
static const uint8_t display[GREETING_BYTES] = {'R', 'E', 'D', 'Q', 2, 0, 0, 0, 2, 0, 0, 0, 34, 0,
		0, 0, 0x78, 0x56, 0x34, 0xf2, 2, 7};

/* The record that openssl s_client begins with. */
static const uint8_t hello[] = {0x16, 3, 1, 1, 0x37, 1, 0, 1, 0x33, 3, 3};

static enum greeting_kind kind(const void *bytes, size_t size)
{
	struct greeting greeting;

	greeting_read(bytes, size, &greeting);
	return greeting.kind;
}

/* Every shorter beginning wants more, up to whole bytes. */
static void assert_needs(const void *bytes, size_t size, size_t whole, enum greeting_kind expected)
{
	for (size_t i = 0; i <= size; i++)
		g_assert_cmpint(kind(bytes, i), ==, i < whole ? GREETING_MORE : expected);
}

/* What it becomes with one byte changed. */
static enum greeting_kind changed(const uint8_t *bytes, size_t size, size_t at, uint8_t value)
{
	g_autofree uint8_t *copy = g_memdup2(bytes, size);

	copy[at] = value;
	return kind(copy, size);
}

static void test_a_link_message_says_whose_channel_it_is(void)
{
	struct greeting greeting;

	greeting_read(display, sizeof(display), &greeting);
	g_assert_cmpint(greeting.kind, ==, GREETING_SPICE);
	g_assert_cmphex(greeting.connection, ==, 0xf2345678);
	g_assert_cmpint(greeting.channel_type, ==, 2);
	g_assert_cmpint(greeting.channel_id, ==, 7);
}

static void test_beginnings_want_more(void)
{
	g_assert_cmpint(kind(NULL, 0), ==, GREETING_MORE);
	assert_needs(display, sizeof(display), GREETING_BYTES, GREETING_SPICE);
	assert_needs("GET / HTTP/1.1\r\n", 16, 4, GREETING_HTTP);
	assert_needs(hello, sizeof(hello), 6, GREETING_TLS);
}

static void test_a_link_message_of_no_possible_size_is_refused(void)
{
	g_assert_cmpint(changed(display, sizeof(display), 12, 17), ==, GREETING_BAD);
	g_assert_cmpint(changed(display, sizeof(display), 12, 18), ==, GREETING_SPICE);
	g_assert_cmpint(changed(display, sizeof(display), 13, 0x0f), ==, GREETING_SPICE);
	g_assert_cmpint(changed(display, sizeof(display), 13, 0x10), ==, GREETING_BAD);
	g_assert_cmpint(changed(display, sizeof(display), 15, 0x80), ==, GREETING_BAD);
}

static void test_a_record_that_no_client_begins_with_is_refused(void)
{
	g_assert_cmpint(changed(hello, sizeof(hello), 0, 0x15), ==, GREETING_BAD);
	g_assert_cmpint(changed(hello, sizeof(hello), 1, 2), ==, GREETING_BAD);
	g_assert_cmpint(changed(hello, sizeof(hello), 2, 5), ==, GREETING_BAD);
	g_assert_cmpint(changed(hello, sizeof(hello), 3, 0x41), ==, GREETING_BAD);
	g_assert_cmpint(changed(hello, sizeof(hello), 5, 2), ==, GREETING_BAD);
	g_assert_cmpint(kind("\x16\x02", 2), ==, GREETING_BAD);
}

static void test_other_protocols_are_refused_at_the_first_wrong_byte(void)
{
	static const char *const wrong[] = {"S", "SSH-2.0-", "POST / HTTP/1.1", "RFB 003.008\n",
			"REDX", "GETX", "get ", "redq", "\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
		g_assert_cmpint(kind(wrong[i], strlen(wrong[i])), ==, GREETING_BAD);
	g_assert_cmpint(kind("", 1), ==, GREETING_BAD);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/greeting/" #name, test_##name)
	TEST(a_link_message_says_whose_channel_it_is);
	TEST(beginnings_want_more);
	TEST(a_link_message_of_no_possible_size_is_refused);
	TEST(a_record_that_no_client_begins_with_is_refused);
	TEST(other_protocols_are_refused_at_the_first_wrong_byte);
	return g_test_run();
}
