/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a channel begins. */
#include <spice/enums.h>
#include <spice/protocol.h>
#include <string.h>
#include "spice/link.h"
#include "spice/wire.h"
#include "tests/unit/raw_display.h"

static struct link_key *key;

static enum link_verdict read_exactly(const GByteArray *message, struct link_message *out)
{
	/* In memory of its own, for the sanitizers. */
	uint8_t *bytes = g_memdup2(message->data, message->len);
	enum link_verdict verdict = link_read(bytes, message->len, out);

	g_free(bytes);
	return verdict;
}

static void put_at(GByteArray *message, guint at, uint32_t value)
{
	value = GUINT32_TO_LE(value);
	memcpy(message->data + at, &value, sizeof(value));
}

static void test_a_message_is_understood(void)
{
	g_autoptr(GByteArray) message = raw_display_link_message(RAW_USUAL);
	struct link_message link;

	g_assert_cmpint(read_exactly(message, &link), ==, LINK_WHOLE);
	g_assert_cmpuint(link.whole, ==, message->len);
	g_assert_cmpuint(link.connection, ==, 4711);
	g_assert_cmpuint(link.channel_type, ==, SPICE_CHANNEL_DISPLAY);
	g_assert_cmpuint(link.channel_id, ==, 0);
	g_assert_true(link_selects(&link));
	g_assert_true(link_mini_header(&link));
	g_assert_cmphex(link.channel_caps, ==, 1u << SPICE_DISPLAY_CAP_MONITORS_CONFIG);
	/* What comes behind it is not its own. */
	g_byte_array_append(message, (const guint8 *)"more", 4);
	g_assert_cmpint(read_exactly(message, &link), ==, LINK_WHOLE);
	g_assert_cmpuint(link.whole, ==, message->len - 4);
}

static void test_a_message_without_capabilities_is_one(void)
{
	g_autoptr(GByteArray) message = raw_display_link_message(RAW_USUAL);
	struct link_message link;

	g_byte_array_set_size(message, LINK_HEADER + LINK_MESSAGE);
	put_at(message, 12, LINK_MESSAGE);
	put_at(message, LINK_HEADER + 6, 0);
	put_at(message, LINK_HEADER + 10, 0);
	g_assert_cmpint(read_exactly(message, &link), ==, LINK_WHOLE);
	g_assert_false(link_selects(&link));
	g_assert_false(link_mini_header(&link));
}

static void test_any_beginning_waits_for_more(void)
{
	g_autoptr(GByteArray) message = raw_display_link_message(RAW_USUAL);
	struct link_message link;
	guint size = message->len;

	for (guint cut = 0; cut < size; cut++) {
		g_byte_array_set_size(message, cut);
		g_assert_cmpint(read_exactly(message, &link), ==, LINK_MORE);
	}
}

static void test_what_is_wrong_is_named(void)
{
	static const struct {
		guint at;
		uint32_t value, error;
	} cases[] = {
			{0, 0x20544547, SPICE_LINK_ERR_INVALID_MAGIC},
			{4, 1, SPICE_LINK_ERR_VERSION_MISMATCH},
			{4, 3, SPICE_LINK_ERR_VERSION_MISMATCH},
			{8, 99, 0}, /* a minor version is nobody's business */
			{12, 0, SPICE_LINK_ERR_INVALID_DATA},
			{12, LINK_MESSAGE - 1, SPICE_LINK_ERR_INVALID_DATA},
			{12, LINK_MESSAGE + 7, SPICE_LINK_ERR_INVALID_DATA},
			{12, LINK_MESSAGE_MAX + 1, SPICE_LINK_ERR_INVALID_DATA},
			{12, UINT32_MAX, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 6, 2, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 6, 0x40000001, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 6, UINT32_MAX, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 10, 2, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 10, 0x40000000, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 10, UINT32_MAX, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 14, 0, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 14, 17, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 14, 19, SPICE_LINK_ERR_INVALID_DATA},
			{LINK_HEADER + 14, UINT32_MAX - 7, SPICE_LINK_ERR_INVALID_DATA},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) message = raw_display_link_message(RAW_USUAL);
		struct link_message link;

		put_at(message, cases[i].at, cases[i].value);
		g_assert_cmpint(read_exactly(message, &link), ==,
				cases[i].error ? LINK_BAD : LINK_WHOLE);
		g_assert_cmpuint(link.error, ==, cases[i].error);
	}
}

static void test_garbage_is_told_at_its_first_byte(void)
{
	struct link_message link;

	g_assert_cmpint(link_read((const uint8_t *)"G", 1, &link), ==, LINK_BAD);
	g_assert_cmpint(link_read((const uint8_t *)"REDX", 4, &link), ==, LINK_BAD);
	g_assert_cmpint(link_read((const uint8_t *)"RED", 3, &link), ==, LINK_MORE);
}

static void test_a_reply_is_as_large_as_it_says(void)
{
	g_autoptr(GByteArray) reply = g_byte_array_new();

	link_reply(reply, key, 1u << SPICE_DISPLAY_CAP_MONITORS_CONFIG);
	g_assert_cmpuint(reply->len, ==, LINK_HEADER + wire_get32(reply->data + 12));
	g_assert_cmpuint(wire_get32(reply->data + 16), ==, SPICE_LINK_ERR_OK);
	g_byte_array_set_size(reply, 0);
	link_refuse(reply, SPICE_LINK_ERR_INVALID_DATA);
	g_assert_cmpuint(reply->len, ==, LINK_HEADER + wire_get32(reply->data + 12));
	g_assert_cmpuint(wire_get32(reply->data + 16), ==, SPICE_LINK_ERR_INVALID_DATA);
	g_assert_cmpuint(wire_get32(reply->data + 16 + 4 + 162), ==, 0);
}

static void fill_key(struct raw_display *raw)
{
	g_autoptr(GByteArray) reply = g_byte_array_new();

	link_reply(reply, key, 0);
	memcpy(raw->key, reply->data + LINK_HEADER + 4, sizeof(raw->key));
}

static bool ticket_fits(const struct link_key *with, const uint8_t ticket[LINK_TICKET],
		const char *password)
{
	struct link_secret said;

	link_ticket_open(with, ticket, &said);
	return link_secret_is(&said, password);
}

static void test_a_ticket_with_the_password_is_right(void)
{
	const char *longest = "123456789012345678901234567890123456789012345678901234567890";
	struct raw_display raw;
	uint8_t ticket[LINK_TICKET];

	fill_key(&raw);
	raw_display_ticket(&raw, "secret", ticket);
	g_assert_true(ticket_fits(key, ticket, "secret"));
	raw_display_ticket(&raw, longest, ticket);
	g_assert_true(ticket_fits(key, ticket, longest));
}

static void test_any_other_ticket_is_wrong(void)
{
	static const char *const wrong[] = {"", "s", "secre", "secret ", "Secret", "secrets",
			"12345678901234567890123456789012345678901234567890123456789012345678901234"
			"56"};
	struct raw_display raw;
	uint8_t ticket[LINK_TICKET];

	fill_key(&raw);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		raw_display_ticket(&raw, wrong[i], ticket);
		g_assert_false(ticket_fits(key, ticket, "secret"));
	}
	raw_display_ticket(&raw, "secret", ticket);
	ticket[77] ^= 1;
	g_assert_false(ticket_fits(key, ticket, "secret"));
	for (int byte = 0; byte < 256; byte++) {
		memset(ticket, byte, sizeof(ticket));
		g_assert_false(ticket_fits(key, ticket, "secret"));
		g_assert_false(ticket_fits(key, ticket, ""));
	}
}

static void test_a_ticket_for_another_key_is_wrong(void)
{
	struct link_key *other = link_key_new(NULL);
	struct raw_display raw;
	uint8_t ticket[LINK_TICKET];

	fill_key(&raw);
	raw_display_ticket(&raw, "secret", ticket);
	g_assert_false(ticket_fits(other, ticket, "secret"));
	link_key_free(other);
}

/* As the one between a client and a server that asks for nothing. */
static void test_a_reply_gets_another_key(void)
{
	struct link_key *server = link_key_new(NULL);
	g_autoptr(GByteArray) reply = g_byte_array_new(), same = g_byte_array_new();
	uint8_t ticket[LINK_TICKET];
	struct link_answer answer;

	link_reply(reply, server, 0x5a);
	link_reply(same, key, 0x5a);
	for (size_t size = 0; size < reply->len; size++)
		g_assert_cmpint(link_answer_read(reply->data, size, &answer), ==, LINK_MORE);
	g_assert_cmpint(link_answer_read(reply->data, reply->len, &answer), ==, LINK_WHOLE);
	g_assert_cmpuint(answer.whole, ==, reply->len);
	g_assert_cmpuint(answer.error, ==, SPICE_LINK_ERR_OK);
	g_assert_true(link_answer_rekey(reply->data, key, ticket));
	g_assert_cmpmem(reply->data, reply->len, same->data, same->len);
	g_assert_true(ticket_fits(server, ticket, ""));
	link_key_free(server);
}

static void test_a_reply_without_a_key_gets_none(void)
{
	g_autoptr(GByteArray) reply = g_byte_array_new();
	uint8_t ticket[LINK_TICKET];
	struct link_answer answer;

	link_refuse(reply, SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE);
	g_assert_cmpint(link_answer_read(reply->data, reply->len, &answer), ==, LINK_WHOLE);
	g_assert_cmpuint(answer.error, ==, SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE);
	g_assert_false(link_answer_rekey(reply->data, key, ticket));
	reply->data[0] ^= 1;
	g_assert_cmpint(link_answer_read(reply->data, reply->len, &answer), ==, LINK_BAD);
}

static void test_only_the_password_is_a_mechanism(void)
{
	for (int byte = 0; byte < 256; byte++) {
		const uint8_t low[LINK_MECHANISM] = {byte}, high[LINK_MECHANISM] = {1, 0, 0, byte};

		g_assert_cmpint(link_mechanism_fits(low), ==, byte == SPICE_COMMON_CAP_AUTH_SPICE);
		g_assert_cmpint(link_mechanism_fits(high), ==, byte == 0);
	}
}

int main(int argc, char **argv)
{
	GError *error = NULL;
	int status;

	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/link/" #name, test_##name)
	TEST(a_message_is_understood);
	TEST(a_message_without_capabilities_is_one);
	TEST(any_beginning_waits_for_more);
	TEST(what_is_wrong_is_named);
	TEST(garbage_is_told_at_its_first_byte);
	TEST(a_reply_is_as_large_as_it_says);
	TEST(a_ticket_with_the_password_is_right);
	TEST(any_other_ticket_is_wrong);
	TEST(a_ticket_for_another_key_is_wrong);
	TEST(a_reply_gets_another_key);
	TEST(a_reply_without_a_key_gets_none);
	TEST(only_the_password_is_a_mechanism);
	key = link_key_new(&error);
	g_assert_no_error(error);
	status = g_test_run();
	link_key_free(key);
	return status;
}
