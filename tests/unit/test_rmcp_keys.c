/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "rack/rmcp_crypt.h"
#include "rack/rmcp_keys.h"

static const enum rmcp_suite suites[] = {RMCP_SUITE_3, RMCP_SUITE_17};

static struct rmcp_exchange exchange_of(enum rmcp_suite suite)
{
	struct rmcp_exchange exchange = {.suite = suite,
			.console = 0x04030201,
			.bmc = 0x14131211,
			.role = 0x14,
			.name = "admin"};

	memset(exchange.console_random, 0xc0, RMCP_RANDOM);
	memset(exchange.bmc_random, 0xb0, RMCP_RANDOM);
	memset(exchange.guid, 0x9d, RMCP_GUID);
	return exchange;
}

static size_t sum(enum rmcp_suite suite, const void *key, size_t size, const GByteArray *text,
		uint8_t *out)
{
	struct rmcp_hmac *hmac = rmcp_hmac_new(
			suite == RMCP_SUITE_17 ? RMCP_SHA256 : RMCP_SHA1, key, size);
	size_t length = rmcp_hmac_sum(hmac, text->data, text->len, out);

	rmcp_hmac_free(hmac);
	return length;
}

static void add(GByteArray *text, const char *bytes, guint size)
{
	g_byte_array_append(text, (const guint8 *)bytes, size);
}

static void add_times(GByteArray *text, guint8 byte, int times)
{
	while (times--)
		g_byte_array_append(text, &byte, 1);
}

/* Texts put together as in 13.31, here once more by hand, with the password's zeros. */
static void test_codes_are_of_the_texts_of_the_standard(void)
{
	const char key[20] = "secret";

	for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
		struct rmcp_exchange exchange = exchange_of(suites[i]);
		GByteArray *text = g_byte_array_new();
		uint8_t code[RMCP_CODE_MAX], wanted[RMCP_CODE_MAX], session[RMCP_CODE_MAX];
		struct rmcp_keys *keys = rmcp_keys_new(&exchange, "secret");
		size_t length;

		add(text, "\1\2\3\4\x11\x12\x13\x14", 8);
		add_times(text, 0xc0, 16);
		add_times(text, 0xb0, 16);
		add_times(text, 0x9d, 16);
		add(text, "\x14\5admin", 7);
		length = sum(suites[i], key, sizeof(key), text, wanted);
		g_assert_cmpuint(length, ==, rmcp_suite_exchange_code(suites[i]));
		g_assert_true(rmcp_rakp2_code(&exchange, "secret", code));
		g_assert_cmpmem(code, length, wanted, length);

		g_byte_array_set_size(text, 0);
		add_times(text, 0xb0, 16);
		add(text, "\1\2\3\4\x14\5admin", 11);
		sum(suites[i], key, sizeof(key), text, wanted);
		g_assert_true(rmcp_rakp3_code(&exchange, "secret", code));
		g_assert_cmpmem(code, length, wanted, length);

		g_byte_array_set_size(text, 0);
		add_times(text, 0xc0, 16);
		add_times(text, 0xb0, 16);
		add(text, "\x14\5admin", 7);
		sum(suites[i], key, sizeof(key), text, session);
		g_byte_array_set_size(text, 0);
		add_times(text, 0xc0, 16);
		add(text, "\x11\x12\x13\x14", 4);
		add_times(text, 0x9d, 16);
		sum(suites[i], session, length, text, wanted);
		g_assert_true(rmcp_rakp4_code(keys, &exchange, code));
		length = rmcp_suite_packet_code(suites[i]);
		g_assert_cmpmem(code, length, wanted, length);
		rmcp_keys_free(keys);
		g_byte_array_unref(text);
	}
}

static void test_a_message_of_any_length_comes_back(void)
{
	uint8_t message[7 + RMCP_DATA_MAX + 1] = {1, 2, 3}, packet[RMCP_PACKET_MAX];
	uint8_t plain[RMCP_PLAIN_MAX];
	const uint8_t vector[RMCP_BLOCK] = {9};

	for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
		struct rmcp_exchange exchange = exchange_of(suites[i]);
		struct rmcp_keys *keys = rmcp_keys_new(&exchange, "secret");
		size_t code = rmcp_suite_packet_code(suites[i]);
		struct rmcp_packet read;

		for (size_t length = 7; length <= 7 + RMCP_DATA_MAX; length++) {
			size_t size = rmcp_seal(keys, 5, 6, vector, message, length, packet);

			g_assert_cmpuint(size, >, length + RMCP_HEAD + RMCP_BLOCK);
			g_assert_cmpuint(size, <=, RMCP_PACKET_MAX);
			g_assert_true(rmcp_read(packet, size, code, &read));
			g_assert_cmpuint(rmcp_unseal(keys, &read, plain), ==, length);
			g_assert_cmpmem(plain, length, message, length);
		}
		g_assert_cmpuint(rmcp_seal(keys, 5, 6, vector, message, sizeof(message), packet),
				==, 0);
		rmcp_keys_free(keys);
	}
}

static void test_a_packet_with_any_bit_changed_is_refused(void)
{
	const uint8_t message[20] = {1, 2, 3}, vector[RMCP_BLOCK] = {9};
	uint8_t packet[RMCP_PACKET_MAX], plain[RMCP_PLAIN_MAX];

	for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
		struct rmcp_exchange exchange = exchange_of(suites[i]);
		struct rmcp_keys *keys = rmcp_keys_new(&exchange, "secret");
		size_t code = rmcp_suite_packet_code(suites[i]);
		size_t size = rmcp_seal(keys, 5, 6, vector, message, sizeof(message), packet);
		struct rmcp_packet read;

		for (size_t bit = 8 * RMCP_COVERED; bit < 8 * size; bit++) {
			packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
			g_assert_true(!rmcp_read(packet, size, code, &read) ||
					rmcp_unseal(keys, &read, plain) == 0);
			packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		rmcp_keys_free(keys);
	}
}

static void test_another_password_makes_other_keys(void)
{
	const uint8_t message[20] = {1, 2, 3}, vector[RMCP_BLOCK] = {9};
	uint8_t packet[RMCP_PACKET_MAX], plain[RMCP_PLAIN_MAX];
	struct rmcp_exchange exchange = exchange_of(RMCP_SUITE_3);
	struct rmcp_keys *keys = rmcp_keys_new(&exchange, "secret");
	struct rmcp_keys *others = rmcp_keys_new(&exchange, "Secret");
	size_t size = rmcp_seal(keys, 5, 6, vector, message, sizeof(message), packet);
	struct rmcp_packet read;

	g_assert_true(rmcp_read(packet, size, 12, &read));
	g_assert_cmpuint(rmcp_unseal(others, &read, plain), ==, 0);
	rmcp_keys_free(keys);
	rmcp_keys_free(others);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rmcp_keys/codes are of the texts of the standard",
			test_codes_are_of_the_texts_of_the_standard);
	g_test_add_func("/rmcp_keys/a message of any length comes back",
			test_a_message_of_any_length_comes_back);
	g_test_add_func("/rmcp_keys/a packet with any bit changed is refused",
			test_a_packet_with_any_bit_changed_is_refused);
	g_test_add_func("/rmcp_keys/another password makes other keys",
			test_another_password_makes_other_keys);
	return g_test_run();
}
