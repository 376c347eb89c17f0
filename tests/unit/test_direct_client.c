/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Clients of a display channel of our own: how they come in, go, and what they may not say. */
#include <spice/enums.h>
#include <string.h>
#include "spice/wire.h"
#include "tests/unit/direct_stand.h"

static void test_a_wrong_password_is_refused(void)
{
	struct stand *stand = stand_open("other");
	struct raw_display raw;

	for (int drops = 0; drops < 2; drops++) {
		stand->drops = drops;
		display_direct_client(stand->display, raw_display_open(&raw, RAW_USUAL, false));
		if (!drops) {
			g_assert_cmpuint(raw_display_link(&raw, "secret"), ==,
					SPICE_LINK_ERR_PERMISSION_DENIED);
		} else {
			GByteArray *message = raw_display_link_message(0);
			uint8_t ticket[LINK_TICKET] = {0}, reply[16 + 178 + 8];

			raw_display_send(&raw, message->data, message->len);
			g_assert_true(raw_display_receive(&raw, reply, sizeof(reply)));
			raw_display_send(&raw, ticket, sizeof(ticket));
			g_byte_array_unref(message);
		}
		g_assert_true(raw_display_ended(&raw));
		raw_display_close(&raw);
	}
	g_assert_cmpint(stand->refused, ==, 2);
	g_assert_cmpint(stand->opened, ==, 0);
	g_assert_cmpint(stand->closed, ==, 0);
	stand_close(stand);
}

static void test_without_a_password_any_ticket_will_do(void)
{
	struct stand *stand = stand_open(NULL);
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_a_newcomer_takes_over_when_its_ticket_is_right(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display first, stranger, second;

	stand_join(stand, &first, RAW_USUAL);
	raw_display_settle(&first);
	display_direct_client(stand->display, raw_display_open(&stranger, RAW_USUAL, false));
	g_assert_cmpuint(
			raw_display_link(&stranger, "guess"), ==, SPICE_LINK_ERR_PERMISSION_DENIED);
	stand_change(stand, 1, 1, 0xffff00, NULL);
	g_assert_cmpint(raw_display_settle(&first), ==, 1);
	g_assert_cmpint(stand->closed, ==, 0);
	stand_join(stand, &second, RAW_USUAL);
	g_assert_true(raw_display_ended(&first));
	g_assert_cmpint(stand->opened, ==, 2);
	g_assert_cmpint(stand->closed, ==, 1);
	raw_display_settle(&second);
	stand_assert_shows(&second, stand);
	raw_display_close(&first);
	raw_display_close(&stranger);
	raw_display_close(&second);
	g_assert_cmpint(stand->closed, ==, 2);
	stand_close(stand);
}

static void test_a_dropped_client_is_told_once(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	display_direct_drop(stand->display);
	display_direct_drop(stand->display);
	g_assert_true(raw_display_ended(&raw));
	g_assert_cmpint(stand->closed, ==, 1);
	raw_display_close(&raw);
	stand->drops = true; /* while it opens */
	stand_join(stand, &raw, RAW_USUAL);
	g_assert_true(raw_display_ended(&raw));
	g_assert_cmpint(stand->closed, ==, 2);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_another_channel_is_not_available(void)
{
	struct stand *stand = stand_open("secret");

	for (int i = 0; i < 2; i++) {
		GByteArray *message = raw_display_link_message(RAW_USUAL);
		uint8_t reply[16 + 178];
		struct raw_display raw;

		message->data[16 + 4 + i] = SPICE_CHANNEL_INPUTS; /* type, and number */
		display_direct_client(stand->display, raw_display_open(&raw, RAW_USUAL, false));
		raw_display_send(&raw, message->data, message->len);
		g_assert_true(raw_display_receive(&raw, reply, sizeof(reply)));
		g_assert_cmpuint(wire_get32(reply + 16), ==, SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE);
		g_assert_true(raw_display_ended(&raw));
		raw_display_close(&raw);
		g_byte_array_unref(message);
	}
	stand_close(stand);
}

static void test_a_mechanism_that_is_none_is_refused(void)
{
	struct stand *stand = stand_open("secret");
	GByteArray *message = raw_display_link_message(RAW_USUAL);
	const uint8_t sasl[4] = {2};
	uint8_t reply[16 + 178 + 8], result[4];
	struct raw_display raw;

	display_direct_client(stand->display, raw_display_open(&raw, RAW_USUAL, false));
	raw_display_send(&raw, message->data, message->len);
	g_assert_true(raw_display_receive(&raw, reply, sizeof(reply)));
	raw_display_send(&raw, sasl, sizeof(sasl));
	g_assert_true(raw_display_receive(&raw, result, sizeof(result)));
	g_assert_cmpuint(wire_get32(result), ==, SPICE_LINK_ERR_INVALID_DATA);
	g_assert_true(raw_display_ended(&raw));
	raw_display_close(&raw);
	g_byte_array_unref(message);
	stand_close(stand);
}

static void test_garbage_ends_a_client(void)
{
	static const struct {
		uint16_t type;
		uint32_t size;
	} bad[] = {{0, 0}, {99, 0}, {SPICE_MSGC_PONG, 0}, {SPICE_MSGC_MIGRATE_DATA, 4},
			{SPICE_MSGC_DISPLAY_INIT, 200}};
	struct stand *stand = stand_open("secret");
	struct raw_display raw;
	uint8_t body[256] = {0};
	int ends = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(bad) * 2; i++) {
		stand_join(stand, &raw, i % 2 ? RAW_USUAL : 0);
		raw_display_settle(&raw);
		raw_display_say(&raw, bad[i / 2].type, body, bad[i / 2].size);
		g_assert_true(raw_display_ended(&raw));
		g_assert_cmpint(stand->closed, ==, ++ends);
		raw_display_close(&raw);
	}
	/* Answers to what was never asked. */
	for (uint32_t id = 0; id < 4; id++) {
		stand_join(stand, &raw, RAW_USUAL);
		raw_display_settle(&raw); /* 1 is answered */
		raw_display_pong(&raw, id);
		g_assert_true(raw_display_ended(&raw));
		raw_display_close(&raw);
	}
	stand_close(stand);
}

static void test_what_clients_say_beside_is_heard(void)
{
	static const struct {
		uint16_t type;
		uint32_t size;
	} good[] = {{SPICE_MSGC_DISPLAY_INIT, 14}, {SPICE_MSGC_ACK_SYNC, 4}, {SPICE_MSGC_ACK, 0},
			{SPICE_MSGC_DISPLAY_PREFERRED_COMPRESSION, 1},
			{SPICE_MSGC_DISPLAY_STREAM_REPORT, 32}};
	struct stand *stand = stand_open("secret");
	const uint8_t body[32] = {0};
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
		raw_display_say(&raw, good[i].type, body, good[i].size);
	g_assert_true(raw_display_quiet(&raw));
	stand_change(stand, 0, 0, 0x123456, NULL);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_messages_may_come_byte_by_byte(void)
{
	struct stand *stand = stand_open("secret");
	GByteArray *message = raw_display_link_message(RAW_USUAL);
	const uint8_t mechanism[4] = {1};
	const uint8_t init[20] = {SPICE_MSGC_DISPLAY_INIT, 0, 14};
	uint8_t reply[16 + 178 + 8], ticket[LINK_TICKET], result[4];
	struct raw_display raw;

	display_direct_client(stand->display, raw_display_open(&raw, RAW_USUAL, false));
	for (guint i = 0; i < message->len; i++) {
		g_assert_true(raw_display_quiet(&raw));
		raw_display_send(&raw, message->data + i, 1);
	}
	g_assert_true(raw_display_receive(&raw, reply, sizeof(reply)));
	memcpy(raw.key, reply + 20, sizeof(raw.key));
	raw_display_ticket(&raw, "secret", ticket);
	for (guint i = 0; i < sizeof(mechanism); i++)
		raw_display_send(&raw, mechanism + i, 1);
	for (guint i = 0; i < sizeof(ticket); i++)
		raw_display_send(&raw, ticket + i, 1);
	g_assert_true(raw_display_receive(&raw, result, sizeof(result)));
	g_assert_cmpuint(wire_get32(result), ==, SPICE_LINK_ERR_OK);
	for (guint i = 0; i < sizeof(init); i++)
		raw_display_send(&raw, init + i, 1);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	raw_display_close(&raw);
	g_byte_array_unref(message);
	stand_close(stand);
}

static void test_a_silent_client_has_5_s_to_link(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;
	int timeout;

	display_direct_client(stand->display, raw_display_open(&raw, RAW_USUAL, false));
	g_assert_true(raw_display_quiet(&raw));
	timeout = stand_next_timer();
	g_assert_cmpint(timeout, >, 0);
	g_assert_cmpint(timeout, <=, 5000);
	g_main_context_iteration(NULL, TRUE);
	g_assert_true(raw_display_ended(&raw));
	g_assert_cmpint(stand->closed, ==, 0);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_a_client_may_leave_at_any_byte(void)
{
	struct stand *stand = stand_open("secret");
	g_autoptr(GByteArray) said = raw_display_link_message(RAW_USUAL);
	struct raw_display raw;

	g_byte_array_set_size(said, said->len + 4 + LINK_TICKET + 20);
	memset(said->data + said->len - 152, 0, 152);
	said->data[said->len - 152] = 1;
	for (guint cut = 0; cut < said->len; cut++) {
		display_direct_client(stand->display, raw_display_open(&raw, RAW_USUAL, false));
		raw_display_send(&raw, said->data, cut);
		raw_display_close(&raw);
	}
	g_assert_cmpint(stand->opened, ==, 0);
	stand_join(stand, &raw, RAW_USUAL);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	/* With an update half sent. */
	stand_change(stand, 1, 1, 0x00ffff, NULL);
	raw_display_close(&raw);
	stand_close(stand);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/display/client/" #name, test_##name)
	TEST(a_wrong_password_is_refused);
	TEST(without_a_password_any_ticket_will_do);
	TEST(a_newcomer_takes_over_when_its_ticket_is_right);
	TEST(a_dropped_client_is_told_once);
	TEST(another_channel_is_not_available);
	TEST(a_mechanism_that_is_none_is_refused);
	TEST(garbage_ends_a_client);
	TEST(what_clients_say_beside_is_heard);
	TEST(messages_may_come_byte_by_byte);
	TEST(a_silent_client_has_5_s_to_link);
	TEST(a_client_may_leave_at_any_byte);
	return g_test_run();
}
