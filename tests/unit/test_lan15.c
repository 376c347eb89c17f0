/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "rack/lan15.h"

static const uint8_t message[] = {0x20, 0x18, 0xc8, 0x81, 0x04, 0x3b, 0x04, 0x3c};

/* MD5 of the 16 bytes of the password, session, message, number and password, by md5sum(1). */
static void test_a_code_is_the_specifications(void)
{
	static const uint8_t expected[] = {
			0x47,
			0x3b,
			0x31,
			0xa1,
			0x1b,
			0x3e,
			0x50,
			0xa0,
			0x86,
			0x40,
			0x74,
			0x61,
			0xeb,
			0xe0,
			0x42,
			0xab,
	};
	uint8_t packet[LAN15_PACKET_MAX];
	size_t size = lan15_seal(
			"secret", 0x04030201, 0x0a0b0c0d, message, sizeof(message), packet);

	g_assert_cmpuint(size, ==, 30 + sizeof(message));
	g_assert_cmpmem(packet, 13, "\x06\0\xff\x07\x02\x0d\x0c\x0b\x0a\x01\x02\x03\x04", 13);
	g_assert_cmpmem(packet + 13, 16, expected, sizeof(expected));
	g_assert_cmpuint(packet[29], ==, sizeof(message));
	g_assert_cmpmem(packet + 30, size - 30, message, sizeof(message));
}

static void test_any_change_of_a_signed_packet_is_seen(void)
{
	uint8_t packet[LAN15_PACKET_MAX];
	size_t size = lan15_seal("secret", 5, 6, message, sizeof(message), packet);
	struct lan15_packet read;

	for (size_t at = 4; at < size; at++) {
		packet[at] ^= 0x40;
		g_assert_false(lan15_read(packet, size, &read) && lan15_is_signed("secret", &read));
		packet[at] ^= 0x40;
	}
	g_assert_true(lan15_read(packet, size, &read));
	g_assert_true(lan15_is_signed("secret", &read));
	g_assert_false(lan15_is_signed("Secret", &read));
	g_assert_cmpuint(read.session, ==, 5);
	g_assert_cmpuint(read.sequence, ==, 6);
}

static void test_packets_of_any_length_are_read_within_it(void)
{
	uint8_t packet[LAN15_PACKET_MAX + 1];
	struct lan15_packet read;
	size_t sizes[2];

	for (int is_signed = 0; is_signed < 2; is_signed++) {
		sizes[is_signed] = is_signed ? lan15_seal("", 1, 1, message, sizeof(message),
							       packet)
					     : lan15_write(message, sizeof(message), packet);
		for (size_t size = 0; size < sizes[is_signed]; size++) {
			g_autofree uint8_t *part = g_memdup2(packet, size);

			g_assert_false(lan15_read(part, size, &read));
		}
		packet[sizes[is_signed]] = 0; /* a pad */
		g_assert_true(lan15_read(packet, sizes[is_signed] + 1, &read));
		g_assert_cmpmem(read.message, read.length, message, sizeof(message));
	}
}

static void test_too_long_a_message_is_none(void)
{
	uint8_t packet[LAN15_PACKET_MAX], bytes[LAN15_MESSAGE_MAX + 1] = {0};

	g_assert_cmpuint(lan15_write(bytes, sizeof(bytes), packet), ==, 0);
	g_assert_cmpuint(lan15_seal("", 1, 1, bytes, sizeof(bytes), packet), ==, 0);
	g_assert_cmpuint(lan15_seal("", 1, 1, bytes, LAN15_MESSAGE_MAX, packet), ==,
			LAN15_PACKET_MAX);
}

/* RMCP+, a presence ping, and kinds of authentication that are not worth having. */
static void test_other_packets_are_none(void)
{
	static const uint8_t kinds[] = {1, 3, 4, 5, 6, 0x82};
	uint8_t packet[LAN15_PACKET_MAX];
	size_t size = lan15_seal("secret", 5, 6, message, sizeof(message), packet);
	struct lan15_packet read;

	for (size_t i = 0; i < sizeof(kinds); i++) {
		packet[4] = kinds[i];
		g_assert_false(lan15_read(packet, size, &read));
	}
	packet[4] = 2;
	packet[3] = 6;
	g_assert_false(lan15_read(packet, size, &read));
}

static void test_capabilities_are_told_apart(void)
{
	static const struct {
		uint8_t bytes[9];
		size_t size;
		bool read, plus, md5, per_message;
	} cases[] = {
			{{0, 1, 0x84, 4, 2}, 9, true, true, true, true},
			{{0, 1, 0x84, 4, 1}, 9, true, false, true, true},
			{{0, 1, 0x04, 4, 2}, 9, true, false, true, true}, /* a reserved byte */
			{{0, 1, 0x10, 4}, 9, true, false, false, true},
			{{0, 1, 0x14, 0x14}, 4, true, false, true, false},
			{{0, 1, 0x84, 4}, 4, true, false, true, true},
			{{0, 1, 0x84}, 3, false, false, false, false},
			{{0xcc}, 1, true, false, false, false},
	};
	struct lan15_capabilities told;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_assert_true(lan15_capabilities_read(cases[i].bytes, cases[i].size, &told) ==
				cases[i].read);
		g_assert_true(told.plus == cases[i].plus && told.md5 == cases[i].md5);
		if (cases[i].read && !told.code)
			g_assert_true(told.per_message == cases[i].per_message);
	}
	g_assert_false(lan15_capabilities_read(cases[0].bytes, 0, &told));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lan15/a code is the specification's", test_a_code_is_the_specifications);
	g_test_add_func("/lan15/any change of a signed packet is seen",
			test_any_change_of_a_signed_packet_is_seen);
	g_test_add_func("/lan15/packets of any length are read within it",
			test_packets_of_any_length_are_read_within_it);
	g_test_add_func("/lan15/too long a message is none", test_too_long_a_message_is_none);
	g_test_add_func("/lan15/other packets are none", test_other_packets_are_none);
	g_test_add_func("/lan15/capabilities are told apart", test_capabilities_are_told_apart);
	return g_test_run();
}
