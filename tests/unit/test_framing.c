/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "spice/framing.h"
#include "tests/unit/spice_words.h"

#define DISPLAY 2
#define INIT    101
#define ACK     3
#define SET_ACK 3
#define MARK    102
#define DRAW    304

/* A connection's two streams, and what framing made of them. */
struct talk {
	struct framing framing;
	GByteArray *client; /* not passed yet */
	GByteArray *passed;
	GByteArray *server;
};

static void talk_open(struct talk *talk, bool display)
{
	framing_init(&talk->framing, display);
	talk->client = g_byte_array_new();
	talk->passed = g_byte_array_new();
	talk->server = g_byte_array_new();
}

static void talk_close(struct talk *talk)
{
	g_byte_array_unref(talk->client);
	g_byte_array_unref(talk->passed);
	g_byte_array_unref(talk->server);
}

/* Goes on until it would wait or stop; says why. */
static enum framing_order talk_client(struct talk *talk)
{
	for (;;) {
		uint8_t made[FRAMING_MAKE_MOST];
		size_t count;
		enum framing_order order = framing_from_client(
				&talk->framing, talk->client->data, talk->client->len, &count);

		if (order == FRAMING_MAKE) {
			count = framing_make(&talk->framing, made);
			g_byte_array_append(talk->passed, made, count);
			continue;
		}
		if (order != FRAMING_PASS && order != FRAMING_DROP)
			return order;
		g_assert_cmpint(count, >, 0);
		g_assert_cmpint(count, <=, talk->client->len);
		if (order == FRAMING_PASS)
			g_byte_array_append(talk->passed, talk->client->data, count);
		g_byte_array_remove_range(talk->client, 0, count);
	}
}

/* Passes all of the server's bytes; the cuts' places, from the first byte on, are compared. */
static void assert_cuts(struct talk *talk, const size_t *cuts, size_t count)
{
	size_t done = 0, cut = 0;

	while (done < talk->server->len) {
		done += framing_from_server(&talk->framing, talk->server->data + done,
				talk->server->len - done);
		g_assert_cmpint(cut, <, count);
		g_assert_cmpint(done, ==, cuts[cut++]);
	}
	g_assert_cmpint(cut, ==, count);
	g_byte_array_set_size(talk->server, 0);
}

static void link_up(struct talk *talk, uint32_t client, uint32_t server)
{
	const size_t cuts[] = {16 + 182, 16 + 182 + 4};

	words_client_link(talk->client, 1, DISPLAY, client);
	talk_client(talk);
	words_server_link(talk->server, server);
	words_number(talk->server, 0, 4);
	assert_cuts(talk, cuts, G_N_ELEMENTS(cuts));
	if (client & 1)
		words_number(talk->client, 1, 4);
	words_fill(talk->client, 0x77, 128);
	g_assert_cmpint(talk_client(talk), ==, FRAMING_MORE);
	g_assert_cmpint(talk->client->len, ==, 0);
	g_assert_true(framing_linked(&talk->framing));
	g_byte_array_set_size(talk->passed, 0);
}

static void test_the_servers_cuts_are_its_messages_ends(void)
{
	const size_t cuts[] = {6, 6 + 106, 6 + 106 + 6};
	struct talk talk;

	talk_open(&talk, false);
	link_up(&talk, WORDS_CAPS, WORDS_CAPS);
	words_mini(talk.server, MARK, 0);
	words_mini(talk.server, DRAW, 100);
	words_mini(talk.server, MARK, 0);
	assert_cuts(&talk, cuts, G_N_ELEMENTS(cuts));
	talk_close(&talk);
}

static void test_headers_are_full_unless_both_sides_can_do_without(void)
{
	const uint32_t caps[][2] = {{WORDS_CAPS, WORDS_NOMINI}, {WORDS_NOMINI, WORDS_CAPS}};

	for (size_t i = 0; i < G_N_ELEMENTS(caps); i++) {
		const size_t cuts[] = {18, 18 + 118};
		struct talk talk;

		talk_open(&talk, false);
		link_up(&talk, caps[i][0], caps[i][1]);
		words_full(talk.server, MARK, 0);
		words_full(talk.server, DRAW, 100);
		assert_cuts(&talk, cuts, G_N_ELEMENTS(cuts));
		talk_close(&talk);
	}
}

static void test_pieces_of_any_size_are_followed(void)
{
	for (size_t piece = 1; piece < 40; piece++) {
		g_autoptr(GByteArray) server = g_byte_array_new();
		struct talk talk;
		size_t ends = 0;

		talk_open(&talk, false);
		words_client_link(talk.client, 1, DISPLAY, WORDS_CAPS);
		talk_client(&talk);
		words_server_link(server, WORDS_CAPS);
		words_number(server, 0, 4);
		for (uint32_t i = 0; i < 10; i++)
			words_mini(server, DRAW, i * 7);
		for (size_t done = 0; done < server->len;) {
			size_t size = MIN(piece, server->len - done);

			done += framing_from_server(&talk.framing, server->data + done, size);
			ends += talk.framing.server == FRAMING_HEADER && talk.framing.have == 0;
		}
		g_assert_cmpint(ends, ==, 11);
		talk_close(&talk);
	}
}

static void test_a_refusal_passes_whole(void)
{
	struct talk talk;
	const size_t cuts[] = {198, 248};

	talk_open(&talk, true);
	words_client_link(talk.client, 1, DISPLAY, WORDS_CAPS);
	talk_client(&talk);
	words_server_link(talk.server, WORDS_CAPS);
	talk.server->data[16] = 7;
	words_fill(talk.server, 1, 50);
	assert_cuts(&talk, cuts, 2);
	g_assert_false(framing_linked(&talk.framing));
	g_assert_false(framing_wants_init(&talk.framing));
	talk_close(&talk);
}

static void test_a_wrong_password_is_not_a_link(void)
{
	struct talk talk;
	const size_t cuts[] = {198, 202};

	talk_open(&talk, true);
	words_client_link(talk.client, 1, DISPLAY, WORDS_CAPS);
	talk_client(&talk);
	words_server_link(talk.server, WORDS_CAPS);
	words_number(talk.server, 7, 4);
	assert_cuts(&talk, cuts, 2);
	g_assert_false(framing_linked(&talk.framing));
	talk_close(&talk);
}

static void test_the_ticket_waits_for_the_servers_answer(void)
{
	struct talk talk;

	talk_open(&talk, true);
	words_client_link(talk.client, 1, DISPLAY, WORDS_CAPS);
	words_ticket(talk.client);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_HOLD);
	g_assert_cmpint(talk.passed->len, ==, 38);
	talk_close(&talk);
}

static void test_a_ticket_needs_no_choice_where_there_is_none(void)
{
	struct talk talk;

	talk_open(&talk, true);
	link_up(&talk, 1 << 3, WORDS_CAPS);
	g_assert_true(framing_wants_init(&talk.framing));
	talk_close(&talk);
}

static void test_the_init_passes_whole_or_not_at_all(void)
{
	struct talk talk;

	talk_open(&talk, true);
	link_up(&talk, WORDS_CAPS, WORDS_CAPS);
	words_mini(talk.client, INIT, 14);
	g_byte_array_set_size(talk.client, 19);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_MORE);
	g_assert_cmpint(talk.passed->len, ==, 0);
	g_assert_true(framing_wants_init(&talk.framing));
	words_number(talk.client, INIT, 1);
	words_mini(talk.client, ACK, 4);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_HOLD);
	g_assert_cmpint(talk.passed->len, ==, 20);
	g_assert_true(framing_settling(&talk.framing));
	talk_close(&talk);
}

static void test_the_servers_next_message_of_a_display_settles_it(void)
{
	const size_t cuts[] = {6 + 8}, more[] = {6};
	struct talk talk;

	talk_open(&talk, true);
	link_up(&talk, WORDS_CAPS, WORDS_CAPS);
	words_mini(talk.client, INIT, 14);
	words_mini(talk.client, ACK, 4);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_HOLD);
	words_mini(talk.server, SET_ACK, 8); /* it says that before it waits */
	assert_cuts(&talk, cuts, 1);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_HOLD);
	words_mini(talk.server, MARK, 0);
	assert_cuts(&talk, more, 1);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_MORE);
	g_assert_cmpint(talk.passed->len, ==, 30);
	talk_close(&talk);
}

static void test_another_first_message_comes_after_an_init(gconstpointer caps)
{
	uint32_t both = GPOINTER_TO_UINT(caps);
	unsigned int header = both == WORDS_CAPS ? 6 : 18;
	struct talk talk;

	talk_open(&talk, true);
	link_up(&talk, both, both);
	(both == WORDS_CAPS ? words_mini : words_full)(talk.client, ACK, 4);
	(both == WORDS_CAPS ? words_mini : words_full)(talk.client, INIT, 14);
	(both == WORDS_CAPS ? words_mini : words_full)(talk.client, ACK, 4);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_HOLD);
	g_assert_cmpint(talk.passed->len, ==, header + 14);
	g_assert_cmpint(talk.passed->data[header == 6 ? 0 : 8], ==, INIT);
	framing_settle(&talk.framing);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_MORE);
	/* Its own one is gone. */
	g_assert_cmpint(talk.passed->len, ==, header + 14 + 2 * (header + 4));
	talk_close(&talk);
}

static void test_a_second_or_malformed_init_is_bad(void)
{
	struct talk talk;

	talk_open(&talk, true);
	link_up(&talk, WORDS_CAPS, WORDS_CAPS);
	words_mini(talk.client, INIT, 13);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_BAD);
	talk_close(&talk);

	talk_open(&talk, true);
	link_up(&talk, WORDS_CAPS, WORDS_CAPS);
	words_mini(talk.client, INIT, 14);
	words_mini(talk.client, INIT, 14);
	talk_client(&talk);
	framing_settle(&talk.framing);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_BAD);
	talk_close(&talk);
}

static void test_link_messages_too_long_or_short_are_bad(void)
{
	const uint32_t sizes[] = {0, 17, FRAMING_LINK_MOST + 1, UINT32_MAX};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		struct talk talk;

		talk_open(&talk, false);
		words_link_head(talk.client, sizes[i]);
		g_assert_cmpint(talk_client(&talk), ==, FRAMING_BAD);
		talk_close(&talk);
	}
}

static void test_capabilities_outside_the_message_are_none(void)
{
	const size_t cuts[] = {198, 202, 202 + 18};
	struct talk talk;

	talk_open(&talk, false);
	words_client_link(talk.client, 1, DISPLAY, WORDS_CAPS);
	talk.client->data[16 + 14] = 19; /* one byte too far */
	talk_client(&talk);
	words_server_link(talk.server, WORDS_CAPS);
	words_number(talk.server, 0, 4);
	words_full(talk.server, MARK, 0);
	assert_cuts(&talk, cuts, G_N_ELEMENTS(cuts));
	talk_close(&talk);
}

static void test_other_authentication_is_bad_where_an_init_is_due(void)
{
	const size_t cuts[] = {198};
	struct talk talk;

	talk_open(&talk, true);
	words_client_link(talk.client, 1, DISPLAY, WORDS_CAPS);
	talk_client(&talk);
	words_server_link(talk.server, WORDS_CAPS);
	assert_cuts(&talk, cuts, 1);
	words_number(talk.client, 2, 4);
	g_assert_cmpint(talk_client(&talk), ==, FRAMING_BAD);
	talk_close(&talk);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/framing/the server's cuts are its messages' ends",
			test_the_servers_cuts_are_its_messages_ends);
	g_test_add_func("/framing/headers are full unless both sides can do without",
			test_headers_are_full_unless_both_sides_can_do_without);
	g_test_add_func("/framing/pieces of any size are followed",
			test_pieces_of_any_size_are_followed);
	g_test_add_func("/framing/a refusal passes whole", test_a_refusal_passes_whole);
	g_test_add_func("/framing/a wrong password is not a link",
			test_a_wrong_password_is_not_a_link);
	g_test_add_func("/framing/the ticket waits for the server's answer",
			test_the_ticket_waits_for_the_servers_answer);
	g_test_add_func("/framing/a ticket needs no choice where there is none",
			test_a_ticket_needs_no_choice_where_there_is_none);
	g_test_add_func("/framing/the init passes whole or not at all",
			test_the_init_passes_whole_or_not_at_all);
	g_test_add_func("/framing/the server's next message of a display settles it",
			test_the_servers_next_message_of_a_display_settles_it);
	g_test_add_data_func("/framing/another first message comes after an init",
			GUINT_TO_POINTER(WORDS_CAPS),
			test_another_first_message_comes_after_an_init);
	g_test_add_data_func("/framing/another first message comes after an init, full headers",
			GUINT_TO_POINTER(WORDS_NOMINI),
			test_another_first_message_comes_after_an_init);
	g_test_add_func("/framing/a second or malformed init is bad",
			test_a_second_or_malformed_init_is_bad);
	g_test_add_func("/framing/link messages too long or short are bad",
			test_link_messages_too_long_or_short_are_bad);
	g_test_add_func("/framing/capabilities outside the message are none",
			test_capabilities_outside_the_message_are_none);
	g_test_add_func("/framing/other authentication is bad where an init is due",
			test_other_authentication_is_bad_where_an_init_is_due);
	return g_test_run();
}
