/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <spice/enums.h>
#include <spice/protocol.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/wire.h"
#include "tests/unit/door_library.h"
#include "tests/unit/raw_display.h"

static struct link_key *key, *other;

struct way {
	struct raw_display raw;
	struct door_library library;
};

static void way_open(struct way *way, unsigned int caps)
{
	way->library.key = other;
	door_library_open(&way->library, raw_display_open(&way->raw, caps, false), key);
}

static void way_close(struct way *way)
{
	door_library_close(&way->library);
	raw_display_close(&way->raw);
}

static void way_turn(const struct way *way)
{
	for (int i = 0; i < 50; i++)
		g_main_context_iteration(NULL, FALSE);
}

static void assert_joined(struct way *way)
{
	uint8_t bytes[5];

	g_assert_cmpint(way->library.passed, ==, 1);
	g_assert_true(way->library.empty);
	raw_display_send(&way->raw, "hello", 5);
	g_assert_cmpint(recv(way->library.fd, bytes, sizeof(bytes), 0), ==, 5);
	g_assert_cmpmem(bytes, 5, "hello", 5);
	g_assert_cmpint(send(way->library.fd, "there", 5, MSG_NOSIGNAL), ==, 5);
	g_assert_true(raw_display_receive(&way->raw, bytes, 5));
	g_assert_cmpmem(bytes, 5, "there", 5);
}

static void test_who_is_let_in_talks_to_the_library(void)
{
	struct way way = {0};

	way_open(&way, RAW_USUAL);
	g_assert_cmpuint(raw_display_link(&way.raw, "secret"), ==, SPICE_LINK_ERR_OK);
	g_assert_cmpstr(way.library.said, ==, "secret");
	g_assert_cmpint(way.library.judged, ==, 1);
	assert_joined(&way);
	g_assert_cmpint(way.library.ended, ==, 0);
	way_close(&way);
}

static void test_so_does_one_without_a_choice_of_mechanisms(void)
{
	struct way way = {0};

	way_open(&way, RAW_MINI);
	g_assert_cmpuint(raw_display_link(&way.raw, "secret"), ==, SPICE_LINK_ERR_OK);
	assert_joined(&way);
	way_close(&way);
}

static void test_who_is_refused_is_told_and_the_library_hears_an_end(void)
{
	struct way way = {.library.refuses = true};

	way_open(&way, RAW_USUAL);
	g_assert_cmpuint(raw_display_link(&way.raw, "guess"), ==, SPICE_LINK_ERR_PERMISSION_DENIED);
	g_assert_true(raw_display_ended(&way.raw));
	way_turn(&way);
	g_assert_cmpint(way.library.ended, ==, 1);
	g_assert_cmpint(way.library.passed, ==, 0);
	g_assert_cmpint(way.library.fd, ==, -1);
	way_close(&way);
}

static void test_what_the_library_says_no_with_is_passed_on(void)
{
	struct way way = {.library.error = SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE};

	way_open(&way, RAW_USUAL);
	g_assert_cmpuint(raw_display_link(&way.raw, "secret"), ==,
			SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE);
	g_assert_cmpint(way.library.judged, ==, 0);
	way_turn(&way);
	g_assert_cmpint(way.library.ended, ==, 1);
	way_close(&way);
	way = (struct way){.library.result = SPICE_LINK_ERR_BAD_CONNECTION_ID};
	way_open(&way, RAW_USUAL);
	g_assert_cmpuint(
			raw_display_link(&way.raw, "secret"), ==, SPICE_LINK_ERR_BAD_CONNECTION_ID);
	way_turn(&way);
	g_assert_cmpint(way.library.ended, ==, 1);
	way_close(&way);
}

/* Up to the ticket, which goes with what comes behind it. */
static void way_link(struct way *way, GByteArray *rest)
{
	GByteArray *message = raw_display_link_message(way->raw.caps);
	const uint8_t mechanism[LINK_MECHANISM] = {SPICE_COMMON_CAP_AUTH_SPICE};
	uint8_t reply[LINK_HEADER + 178 + 8], ticket[LINK_TICKET];

	for (guint i = 0; i < message->len; i++)
		raw_display_send(&way->raw, message->data + i, 1);
	g_byte_array_unref(message);
	g_assert_true(raw_display_receive(&way->raw, reply, sizeof(reply)));
	memcpy(way->raw.key, reply + 20, sizeof(way->raw.key));
	raw_display_ticket(&way->raw, "secret", ticket);
	g_byte_array_append(rest, mechanism, sizeof(mechanism));
	g_byte_array_append(rest, ticket, sizeof(ticket));
}

static void test_nothing_behind_the_ticket_is_lost(void)
{
	g_autoptr(GByteArray) rest = g_byte_array_new();
	struct way way = {0};
	uint8_t bytes[8] = "";

	way_open(&way, RAW_USUAL);
	way_link(&way, rest);
	g_byte_array_append(rest, (const guint8 *)"at once", 7);
	raw_display_send(&way.raw, rest->data, rest->len);
	way_turn(&way);
	g_assert_cmpint(way.library.passed, ==, 1);
	g_assert_cmpint(recv(way.library.fd, bytes, sizeof(bytes), MSG_DONTWAIT), ==, 7);
	g_assert_cmpstr((char *)bytes, ==, "at once");
	way_close(&way);
}

static void test_a_ticket_may_come_in_pieces(void)
{
	g_autoptr(GByteArray) rest = g_byte_array_new();
	struct way way = {0};

	way_open(&way, RAW_USUAL);
	way_link(&way, rest);
	for (guint i = 0; i < rest->len; i++) {
		g_assert_cmpint(way.library.judged, ==, 0);
		raw_display_send(&way.raw, rest->data + i, 1);
	}
	way_turn(&way);
	g_assert_cmpint(way.library.passed, ==, 1);
	way_close(&way);
}

static void test_another_mechanism_is_refused(void)
{
	g_autoptr(GByteArray) rest = g_byte_array_new();
	struct way way = {0};
	uint8_t result[LINK_RESULT];

	way_open(&way, RAW_USUAL);
	way_link(&way, rest);
	rest->data[0] = SPICE_COMMON_CAP_AUTH_SASL;
	raw_display_send(&way.raw, rest->data, rest->len);
	g_assert_true(raw_display_receive(&way.raw, result, sizeof(result)));
	g_assert_cmpuint(wire_get32(result), ==, SPICE_LINK_ERR_INVALID_DATA);
	g_assert_cmpint(way.library.judged, ==, 0);
	way_turn(&way);
	g_assert_cmpint(way.library.fd, ==, -1);
	way_close(&way);
}

static void test_garbage_never_gets_to_the_library(void)
{
	static const char *const garbage[] = {"RADQ", "GET / HTTP/1.1\r\n\r\n",
			"REDQ\2\0\0\0\2\0\0\0\377\377\377\377" /* and 16 bytes */};

	for (size_t i = 0; i < G_N_ELEMENTS(garbage); i++) {
		struct way way = {0};

		way_open(&way, RAW_USUAL);
		raw_display_send(&way.raw, garbage[i], i == 2 ? 16 : strlen(garbage[i]));
		way_turn(&way);
		g_assert_cmpint(way.library.ended, ==, 1);
		g_assert_cmpint(way.library.fd, ==, -1);
		way_close(&way);
	}
}

static int descriptors(void)
{
	DIR *entries = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(entries))
		count++;
	closedir(entries);
	return count;
}

/* What refuses lingers until it is heard. */
static gboolean is_over(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

static void test_nothing_is_left_wherever_a_client_ends(void)
{
	const int before = descriptors();
	bool over = false;

	for (int bytes = 0; bytes < LINK_MECHANISM + LINK_TICKET; bytes += 33) {
		g_autoptr(GByteArray) rest = g_byte_array_new();
		struct way way = {0};

		way_open(&way, RAW_USUAL);
		if (bytes > 0) {
			way_link(&way, rest);
			raw_display_send(&way.raw, rest->data, (size_t)bytes);
		}
		raw_display_hang_up(&way.raw);
		way_turn(&way);
		g_assert_cmpint(way.library.ended, ==, 1);
		g_assert_cmpint(way.library.fd, ==, -1);
		way_close(&way);
	}
	g_timeout_add(5000, is_over, &over);
	while (descriptors() > before && !over)
		g_main_context_iteration(NULL, FALSE);
	g_assert_cmpint(descriptors(), ==, before);
}

#define TEST(name) g_test_add_func("/door/" #name, test_##name)

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	key = link_key_new(NULL);
	other = link_key_new(NULL);
	TEST(who_is_let_in_talks_to_the_library);
	TEST(so_does_one_without_a_choice_of_mechanisms);
	TEST(who_is_refused_is_told_and_the_library_hears_an_end);
	TEST(what_the_library_says_no_with_is_passed_on);
	TEST(nothing_behind_the_ticket_is_lost);
	TEST(a_ticket_may_come_in_pieces);
	TEST(another_mechanism_is_refused);
	TEST(garbage_never_gets_to_the_library);
	TEST(nothing_is_left_wherever_a_client_ends);
	status = g_test_run();
	link_key_free(key);
	link_key_free(other);
	return status;
}
