/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/bridge_rig.h"
#include "tests/unit/spice_words.h"

#define MAIN    1 /* channels */
#define DISPLAY 2
#define INIT    101
#define DRAW    304
#define MARK    102

static struct bridge_files files;

/* --- Steps that many take ---------------------------------------------------------------- */

static void say_link(struct bridge_rig *rig, uint8_t channel, uint32_t caps)
{
	g_autoptr(GByteArray) link = g_byte_array_new();

	words_client_link(link, 0x12345678, channel, caps);
	bridge_rig_say(rig, link->data, link->len);
	bridge_rig_until_routed(rig);
	g_assert_cmphex(rig->greeting.connection, ==, 0x12345678);
	g_assert_cmpint(rig->greeting.channel_type, ==, channel);
}

/* Both sides' part of a link, up to the server's yes. */
static void link_up(struct bridge_rig *rig, uint8_t channel, uint32_t caps)
{
	g_autoptr(GByteArray) server = g_byte_array_new(), client = g_byte_array_new();
	g_autoptr(GByteArray) heard = g_byte_array_new();

	say_link(rig, channel, caps);
	bridge_rig_hear_inner(rig, heard, 16 + 22);
	words_server_link(server, WORDS_CAPS);
	bridge_rig_say_inner(rig, server->data, server->len);
	bridge_rig_hear(rig, heard, server->len);
	words_ticket(client);
	bridge_rig_say(rig, client->data, client->len);
	bridge_rig_hear_inner(rig, heard, client->len);
	bridge_rig_say_inner(rig, "\0\0\0", 4);
	bridge_rig_hear(rig, heard, 4);
}

static void open_tls(struct bridge_rig *rig)
{
	bridge_rig_open(rig, &files);
	bridge_rig_connect(rig, GREETING_TLS);
	bridge_rig_start_tls(rig, TLS1_3_VERSION);
	g_assert_true(bridge_encrypted(rig->bridge));
}

static void open_bare(struct bridge_rig *rig, bool display_init)
{
	bridge_rig_open(rig, NULL);
	rig->settings.display_init = display_init;
	bridge_rig_connect(rig, GREETING_SPICE);
}

static sa_family_t inner_family(const struct bridge_rig *rig)
{
	struct sockaddr_storage address = {0};
	socklen_t size = sizeof(address);

	g_assert_cmpint(getsockname(rig->inner, (struct sockaddr *)&address, &size), ==, 0);
	return address.ss_family;
}

/* spice-server's channels by TCP, always: it does not compress for a unix socket's peer. */
static void test_only_displays_of_our_own_come_by_unix_sockets(void)
{
	const struct {
		bool own;
		uint8_t channel;
		sa_family_t family;
	} rows[] = {{true, DISPLAY, AF_UNIX}, {true, MAIN, AF_INET}, {false, DISPLAY, AF_INET}};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GByteArray) server = g_byte_array_new(), heard = g_byte_array_new();
		struct bridge_rig rig;

		bridge_rig_open(&rig, &files);
		rig.settings.own_display = rows[i].own;
		bridge_rig_connect(&rig, GREETING_TLS);
		bridge_rig_start_tls(&rig, TLS1_3_VERSION);
		link_up(&rig, rows[i].channel, WORDS_CAPS);
		g_assert_cmpint(inner_family(&rig), ==, rows[i].family);
		words_mini(server, DRAW, 100000);
		bridge_rig_say_inner(&rig, server->data, server->len);
		bridge_rig_hear(&rig, heard, server->len);
		g_assert_cmpmem(heard->data, heard->len, server->data, server->len);
		bridge_rig_close(&rig);
	}
}

/* --- TLS --------------------------------------------------------------------------------- */

static void test_a_record_ends_with_a_message(void)
{
	const uint32_t sizes[] = {0, 1, 40, 20000, 5, 16384, 0, 50000, 9};
	g_autoptr(GByteArray) server = g_byte_array_new(), heard = g_byte_array_new();
	struct bridge_rig rig;
	size_t ends[G_N_ELEMENTS(sizes)], next = 0;

	open_tls(&rig);
	link_up(&rig, MAIN, WORDS_CAPS);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		words_mini(server, DRAW, sizes[i]);
		ends[i] = server->len;
	}
	/* All at once: it is the bridge that cuts. */
	for (size_t done = 0; next < G_N_ELEMENTS(ends);) {
		ssize_t count = send(
				rig.inner, server->data + done, server->len - done, MSG_NOSIGNAL);

		done += count > 0 ? count : 0;
		bridge_rig_hear_record(&rig, heard);
		g_assert_cmpint(heard->len, <=, ends[next]);
		if (heard->len == ends[next])
			next++;
	}
	g_assert_cmpmem(heard->data, heard->len, server->data, server->len);
	bridge_rig_close(&rig);
}

static void test_old_clients_get_full_headers_in_records_of_their_own(void)
{
	g_autoptr(GByteArray) server = g_byte_array_new(), heard = g_byte_array_new();
	struct bridge_rig rig;

	open_tls(&rig);
	link_up(&rig, MAIN, WORDS_NOMINI);
	words_full(server, DRAW, 100);
	words_full(server, MARK, 0);
	bridge_rig_say_inner(&rig, server->data, server->len);
	g_assert_cmpint(bridge_rig_hear_record(&rig, heard), ==, 118);
	g_assert_cmpint(bridge_rig_hear_record(&rig, heard), ==, 18);
	g_assert_cmpmem(heard->data, heard->len, server->data, server->len);
	bridge_rig_close(&rig);
}

static void test_megabytes_go_both_ways_unchanged(gconstpointer version)
{
	g_autoptr(GByteArray) message = g_byte_array_new(), heard = g_byte_array_new();
	struct bridge_rig rig;

	bridge_rig_open(&rig, &files);
	bridge_rig_connect(&rig, GREETING_TLS);
	bridge_rig_start_tls(&rig, GPOINTER_TO_INT(version));
	link_up(&rig, MAIN, WORDS_CAPS);
	words_number(message, DRAW, 2);
	words_number(message, 300000, 4);
	for (unsigned int i = 0; i < 300000; i++)
		words_number(message, i * 2654435761u >> 24, 1);
	for (int i = 0; i < 10; i++) {
		bridge_rig_say(&rig, message->data, 100000);
		bridge_rig_hear_inner(&rig, heard, 100000);
		g_assert_cmpmem(heard->data, heard->len, message->data, 100000);
		g_byte_array_set_size(heard, 0);
		for (unsigned int done = 0; done < message->len; done += 100002) {
			bridge_rig_say_inner(&rig, message->data + done, 100002);
			bridge_rig_hear(&rig, heard, 100002);
		}
		g_assert_cmpmem(heard->data, heard->len, message->data, message->len);
		g_byte_array_set_size(heard, 0);
	}
	bridge_rig_close(&rig);
}

static void test_bytes_one_by_one_are_enough(void)
{
	g_autoptr(GByteArray) client = g_byte_array_new(), heard = g_byte_array_new();
	struct bridge_rig rig;

	open_tls(&rig);
	words_client_link(client, 0, MAIN, WORDS_CAPS);
	for (unsigned int i = 0; i < client->len; i++) {
		bridge_rig_say(&rig, client->data + i, 1);
		bridge_rig_rest(&rig, 1);
		if (i < GREETING_BYTES - 1)
			g_assert_cmpint(rig.routed, ==, 0);
		else
			bridge_rig_until_routed(&rig);
	}
	bridge_rig_hear_inner(&rig, heard, client->len);
	g_assert_cmpmem(heard->data, heard->len, client->data, client->len);
	bridge_rig_close(&rig);
}

static void test_a_slow_reader_holds_the_writer_up(void)
{
	g_autoptr(GByteArray) message = g_byte_array_new(), heard = g_byte_array_new();
	struct bridge_rig rig;
	size_t taken = 0;
	int quiet = 0;

	open_tls(&rig);
	link_up(&rig, MAIN, WORDS_CAPS);
	words_mini(message, DRAW, 8 << 20);
	while (quiet < 50) {
		ssize_t count = send(rig.inner, message->data + taken, message->len - taken,
				MSG_NOSIGNAL);

		quiet = count > 0 ? 0 : quiet + 1;
		taken += count > 0 ? count : 0;
		bridge_rig_step(&rig);
	}
	/* Both sockets' buffers of the outer connection, the inner one's and the bridge's. */
	g_test_message("%zu bytes are under way", taken);
	g_assert_cmpint(taken, <, 512 * 1024);
	while (taken < message->len) {
		ssize_t count = send(rig.inner, message->data + taken, message->len - taken,
				MSG_NOSIGNAL);

		taken += count > 0 ? count : 0;
		bridge_rig_hear_record(&rig, heard);
	}
	bridge_rig_hear(&rig, heard, message->len - heard->len);
	g_assert_true(memcmp(heard->data, message->data, message->len) == 0);
	bridge_rig_close(&rig);
}

static void test_what_the_server_said_last_arrives_before_the_end(void)
{
	g_autoptr(GByteArray) message = g_byte_array_new(), heard = g_byte_array_new();
	struct bridge_rig rig;

	open_tls(&rig);
	link_up(&rig, MAIN, WORDS_CAPS);
	bridge_rig_say(&rig, "unread", 6);
	words_mini(message, DRAW, 10000);
	bridge_rig_say_inner(&rig, message->data, message->len);
	shutdown(rig.inner, SHUT_WR);
	bridge_rig_hear(&rig, heard, message->len);
	bridge_rig_hear_end(&rig);
	g_assert_cmpint(SSL_get_shutdown(rig.ssl), ==, SSL_RECEIVED_SHUTDOWN);
	bridge_rig_hang_up(&rig, false);
	bridge_rig_until_ended(&rig);
	g_assert_null(rig.reason);
	bridge_rig_close(&rig);
}

static void test_what_the_client_said_last_arrives_before_the_end(void)
{
	g_autoptr(GByteArray) message = g_byte_array_new(), heard = g_byte_array_new();
	struct bridge_rig rig;

	open_tls(&rig);
	link_up(&rig, MAIN, WORDS_CAPS);
	words_mini(message, DRAW, 10000);
	bridge_rig_say(&rig, message->data, message->len);
	SSL_shutdown(rig.ssl);
	bridge_rig_hear_inner(&rig, heard, message->len);
	bridge_rig_hear_inner_end(&rig);
	/* It may still listen. */
	bridge_rig_say_inner(&rig, message->data, message->len);
	bridge_rig_hear(&rig, heard, message->len);
	g_assert_cmpint(rig.ended, ==, 0);
	bridge_rig_close(&rig);
}

static void test_a_server_that_goes_is_not_held_by_a_client_that_stopped(void)
{
	g_autoptr(GByteArray) message = g_byte_array_new();
	struct bridge_rig rig;

	open_tls(&rig);
	link_up(&rig, MAIN, WORDS_CAPS);
	words_mini(message, DRAW, 4 << 20);
	for (int quiet = 0; quiet < 50; quiet++) {
		if (send(rig.inner, message->data, message->len, MSG_NOSIGNAL) > 0)
			quiet = 0;
		bridge_rig_step(&rig);
	}
	close(rig.inner);
	rig.inner = -1;
	bridge_rig_until_ended(&rig);
	bridge_rig_close(&rig);
}

static void test_other_than_tls_is_refused_in_words(void)
{
	static const char words[] = "\x16\x03\x01\x00\x05\x01garbage and more of it";
	struct bridge_rig rig;

	bridge_rig_open(&rig, &files);
	bridge_rig_connect(&rig, GREETING_TLS);
	bridge_rig_say(&rig, words, sizeof(words));
	bridge_rig_until_ended(&rig);
	g_assert_nonnull(rig.reason);
	g_assert_true(g_str_has_prefix(rig.reason, "TLS: "));
	bridge_rig_close(&rig);
}

static void test_garbage_within_tls_is_refused_in_words(void)
{
	static const char words[] = "HELO me and a lot of other words";
	struct bridge_rig rig;

	open_tls(&rig);
	bridge_rig_say(&rig, words, sizeof(words));
	bridge_rig_hear_end(&rig);
	bridge_rig_hang_up(&rig, false);
	bridge_rig_until_ended(&rig);
	g_assert_cmpstr(rig.reason, ==, "it speaks neither SPICE nor websocket");
	g_assert_cmpint(rig.routed, ==, 0);
	bridge_rig_close(&rig);
}

/* --- Abrupt ends ------------------------------------------------------------------------- */

/* stage 0..5: after connecting, within the handshake, after it, within the link message, after it,
 * when linked. */
static void end_at(int stage, bool tls, bool reset)
{
	g_autoptr(GByteArray) link = g_byte_array_new();
	struct bridge_rig rig;

	bridge_rig_open(&rig, &files);
	bridge_rig_connect(&rig, tls ? GREETING_TLS : GREETING_SPICE);
	words_client_link(link, 0x12345678, DISPLAY, WORDS_CAPS);
	if (stage == 1)
		bridge_rig_say(&rig, "\x16\x03\x01\x01\x00\x01", tls ? 6 : 3);
	if (stage >= 2 && tls)
		bridge_rig_start_tls(&rig, TLS1_3_VERSION);
	if (stage == 3)
		bridge_rig_say(&rig, link->data, 10);
	if (stage == 4)
		bridge_rig_say(&rig, link->data, 30);
	if (stage == 5)
		link_up(&rig, DISPLAY, WORDS_CAPS);
	if (stage >= 4)
		bridge_rig_until_routed(&rig);
	bridge_rig_rest(&rig, 2);
	bridge_rig_hang_up(&rig, reset);
	if (stage >= 4) {
		bridge_rig_hear_inner_end(&rig);
		close(rig.inner);
		rig.inner = -1;
	}
	bridge_rig_until_ended(&rig);
	g_assert_cmpint(rig.routed, ==, stage >= 4);
	bridge_rig_close(&rig);
}

static void test_clients_may_vanish_at_every_stage(void)
{
	for (int stage = 0; stage <= 5; stage++)
		for (int way = 0; way < 4; way++)
			end_at(stage, way & 1, way & 2);
}

static void test_the_owner_may_close_at_every_stage(void)
{
	for (int stage = 0; stage < 4; stage++) {
		g_autoptr(GByteArray) heard = g_byte_array_new();
		struct bridge_rig rig;

		bridge_rig_open(&rig, &files);
		rig.close_when_routed = stage == 2;
		bridge_rig_connect(&rig, GREETING_TLS);
		if (stage > 0)
			bridge_rig_start_tls(&rig, TLS1_2_VERSION);
		if (stage > 1)
			say_link(&rig, MAIN, WORDS_CAPS);
		if (stage > 2)
			bridge_rig_hear_inner(&rig, heard, 38);
		bridge_close(rig.bridge);
		rig.bridge = NULL;
		if (stage == 3)
			bridge_rig_hear_inner_end(&rig);
		if (stage > 0)
			bridge_rig_hear_end(&rig);
		bridge_rig_rest(&rig, 5);
		g_assert_cmpint(rig.ended, ==, 0);
		bridge_rig_close(&rig);
	}
}

/* --- DISPLAY_INIT ------------------------------------------------------------------------ */

/* The first message that the inner end hears is whole. */
static void assert_init(struct bridge_rig *rig)
{
	g_autoptr(GByteArray) heard = g_byte_array_new();

	bridge_rig_hear_inner(rig, heard, 20);
	g_assert_cmpint(heard->data[0] | heard->data[1] << 8, ==, INIT);
	g_assert_cmpint(heard->data[2], ==, 14);
}

static void test_a_display_that_ends_too_early_gets_an_init_and_time(gconstpointer way)
{
	struct bridge_rig rig;
	gint64 since;

	open_bare(&rig, true);
	link_up(&rig, DISPLAY, WORDS_CAPS);
	since = g_get_monotonic_time();
	if (GPOINTER_TO_INT(way) == 2) {
		bridge_close(rig.bridge);
		rig.bridge = NULL;
	} else {
		bridge_rig_hang_up(&rig, GPOINTER_TO_INT(way));
	}
	assert_init(&rig);
	g_assert_true(bridge_rig_inner_silent(&rig));
	bridge_rig_hear_inner_end(&rig);
	g_assert_cmpint(g_get_monotonic_time() - since, >, G_USEC_PER_SEC / 2);
	bridge_rig_close(&rig);
}

static void test_a_silent_display_gets_an_init_and_its_own_is_dropped(void)
{
	g_autoptr(GByteArray) client = g_byte_array_new(), heard = g_byte_array_new();
	struct bridge_rig rig;

	open_bare(&rig, true);
	link_up(&rig, DISPLAY, WORDS_CAPS);
	assert_init(&rig);
	words_mini(client, MARK, 0);
	bridge_rig_say_inner(&rig, client->data, client->len); /* it has been taken */
	bridge_rig_hear(&rig, heard, client->len);
	g_byte_array_set_size(client, 0);
	words_mini(client, INIT, 14);
	words_mini(client, 3, 8);
	bridge_rig_say(&rig, client->data, client->len);
	g_byte_array_set_size(heard, 0);
	bridge_rig_hear_inner(&rig, heard, 14);
	g_assert_cmpmem(heard->data, heard->len, client->data + 20, 14);
	bridge_rig_close(&rig);
}

static void test_the_clients_init_is_followed_by_nothing_until_it_is_taken(void)
{
	g_autoptr(GByteArray) client = g_byte_array_new(), server = g_byte_array_new();
	g_autoptr(GByteArray) heard = g_byte_array_new();
	struct bridge_rig rig;

	open_bare(&rig, true);
	link_up(&rig, DISPLAY, WORDS_CAPS);
	words_mini(client, INIT, 14);
	words_mini(client, 3, 8);
	bridge_rig_say(&rig, client->data, client->len);
	bridge_rig_hear_inner(&rig, heard, 20);
	g_assert_cmpmem(heard->data, heard->len, client->data, 20);
	bridge_rig_rest(&rig, 20);
	g_assert_true(bridge_rig_inner_silent(&rig));
	words_mini(server, MARK, 0);
	bridge_rig_say_inner(&rig, server->data, server->len);
	bridge_rig_hear_inner(&rig, heard, 14);
	g_assert_cmpmem(heard->data, heard->len, client->data, client->len);
	bridge_rig_close(&rig);
}

static void test_a_display_without_a_ticket_gets_no_init(void)
{
	struct bridge_rig rig;

	open_bare(&rig, true);
	say_link(&rig, DISPLAY, WORDS_CAPS);
	bridge_rig_hang_up(&rig, false);
	{
		g_autoptr(GByteArray) heard = g_byte_array_new();

		bridge_rig_hear_inner(&rig, heard, 38);
	}
	bridge_rig_hear_inner_end(&rig);
	bridge_rig_close(&rig);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	bridge_files_make(&files);
	g_test_add_func("/bridge/a record ends with a message", test_a_record_ends_with_a_message);
	g_test_add_func("/bridge/old clients get full headers in records of their own",
			test_old_clients_get_full_headers_in_records_of_their_own);
	g_test_add_data_func("/bridge/megabytes go both ways unchanged, TLS 1.3",
			GINT_TO_POINTER(TLS1_3_VERSION), test_megabytes_go_both_ways_unchanged);
	g_test_add_data_func("/bridge/megabytes go both ways unchanged, TLS 1.2",
			GINT_TO_POINTER(TLS1_2_VERSION), test_megabytes_go_both_ways_unchanged);
	g_test_add_func("/bridge/only displays of our own come by unix sockets",
			test_only_displays_of_our_own_come_by_unix_sockets);
	g_test_add_func("/bridge/bytes one by one are enough", test_bytes_one_by_one_are_enough);
	g_test_add_func("/bridge/a slow reader holds the writer up",
			test_a_slow_reader_holds_the_writer_up);
	g_test_add_func("/bridge/what the server said last arrives before the end",
			test_what_the_server_said_last_arrives_before_the_end);
	g_test_add_func("/bridge/what the client said last arrives before the end",
			test_what_the_client_said_last_arrives_before_the_end);
	g_test_add_func("/bridge/a server that goes is not held by a client that stopped",
			test_a_server_that_goes_is_not_held_by_a_client_that_stopped);
	g_test_add_func("/bridge/other than TLS is refused in words",
			test_other_than_tls_is_refused_in_words);
	g_test_add_func("/bridge/clients may vanish at every stage",
			test_clients_may_vanish_at_every_stage);
	g_test_add_func("/bridge/the owner may close at every stage",
			test_the_owner_may_close_at_every_stage);
	g_test_add_data_func("/bridge/a display that ends too early gets an init and time",
			GINT_TO_POINTER(0),
			test_a_display_that_ends_too_early_gets_an_init_and_time);
	g_test_add_data_func("/bridge/a display that is reset too early gets an init and time",
			GINT_TO_POINTER(1),
			test_a_display_that_ends_too_early_gets_an_init_and_time);
	g_test_add_data_func("/bridge/a display whose bridge is closed gets an init and time",
			GINT_TO_POINTER(2),
			test_a_display_that_ends_too_early_gets_an_init_and_time);
	g_test_add_func("/bridge/a silent display gets an init and its own is dropped",
			test_a_silent_display_gets_an_init_and_its_own_is_dropped);
	g_test_add_func("/bridge/the client's init is followed by nothing until it is taken",
			test_the_clients_init_is_followed_by_nothing_until_it_is_taken);
	g_test_add_func("/bridge/a display without a ticket gets no init",
			test_a_display_without_a_ticket_gets_no_init);
	g_test_add_func("/bridge/garbage within TLS is refused in words",
			test_garbage_within_tls_is_refused_in_words);
	status = g_test_run();
	bridge_files_remove(&files);
	return status;
}
