/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "rack/rmcp.h"

/* An Open Session Request for suite 3, byte by byte as in table 13-9. */
static const uint8_t open_request[] = {0x06, 0x00, 0xff, 0x07, 0x06, 0x10, 0, 0, 0, 0, 0, 0, 0, 0,
		0x20, 0x00,                                      /* 32 bytes */
		0x05, 0x00, 0x00, 0x00,                          /* tag */
		0xa4, 0xa3, 0xa2, 0xa0,                          /* console's id */
		0x00, 0x00, 0x00, 0x08, 0x01, 0x00, 0x00, 0x00,  /* RAKP-HMAC-SHA1 */
		0x01, 0x00, 0x00, 0x08, 0x01, 0x00, 0x00, 0x00,  /* HMAC-SHA1-96 */
		0x02, 0x00, 0x00, 0x08, 0x01, 0x00, 0x00, 0x00}; /* AES-CBC-128 */

/* Its answer's payload (table 13-10). */
static const uint8_t open_answer[] = {0x05, 0x00, 0x04, 0x00, 0xa4, 0xa3, 0xa2, 0xa0, 0x00, 0x02,
		0x00, 0x82, 0x00, 0x00, 0x00, 0x08, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x08,
		0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x08, 0x01, 0x00, 0x00, 0x00};

/* Get Channel Authentication Capabilities, channel 14, administrator. */
static const uint8_t capabilities[] = {0x20, 0x18, 0xc8, 0x81, 0x04, 0x38, 0x0e, 0x04, 0x31};

static void test_an_open_request_has_its_bytes(void)
{
	const struct rmcp_open open = {.tag = 5,
			.console = 0xa0a2a3a4,
			.authentication = 1,
			.integrity = 1,
			.confidentiality = 1};
	uint8_t packet[RMCP_PACKET_MAX];
	size_t size = rmcp_head(packet, RMCP_OPEN_REQUEST, 0, 0, RMCP_OPEN_SIZE);

	rmcp_open_write(&open, packet + size);
	g_assert_cmpmem(packet, size + RMCP_OPEN_SIZE, open_request, sizeof(open_request));
}

static void test_an_open_answer_is_read_and_no_shorter_one(void)
{
	struct rmcp_open_answer out;
	uint8_t other[sizeof(open_answer)];

	g_assert_true(rmcp_open_answer_read(open_answer, sizeof(open_answer), &out));
	g_assert_cmpuint(out.tag, ==, 5);
	g_assert_cmphex(out.console, ==, 0xa0a2a3a4);
	g_assert_cmphex(out.bmc, ==, 0x82000200);
	g_assert_cmpuint(out.authentication, ==, 1);
	g_assert_cmpuint(out.integrity, ==, 1);
	g_assert_cmpuint(out.confidentiality, ==, 1);
	for (size_t size = 0; size < sizeof(open_answer); size++)
		g_assert_false(rmcp_open_answer_read(open_answer, size, &out));
	memcpy(other, open_answer, sizeof(other));
	other[20] = 2; /* the kind of the second algorithm */
	g_assert_false(rmcp_open_answer_read(other, sizeof(other), &out));
}

static void test_a_refusal_needs_no_more_than_its_status(void)
{
	const uint8_t bytes[] = {7, RMCP_NO_ROOM, 0, 0, 4, 3, 2, 1};
	struct rmcp_open_answer open;
	struct rmcp_rakp2 rakp2;
	struct rmcp_rakp4 rakp4;

	g_assert_false(rmcp_open_answer_read(bytes, 1, &open));
	g_assert_true(rmcp_open_answer_read(bytes, 2, &open));
	g_assert_cmpuint(open.status, ==, RMCP_NO_ROOM);
	g_assert_true(rmcp_rakp2_read(bytes, sizeof(bytes), &rakp2));
	g_assert_cmphex(rakp2.console, ==, 0x01020304);
	g_assert_true(rmcp_rakp4_read(bytes, sizeof(bytes), &rakp4));
	g_assert_cmpuint(rakp4.tag, ==, 7);
}

static void test_rakp_messages_have_their_places(void)
{
	struct rmcp_rakp1 rakp1 = {.tag = 9, .bmc = 0x04030201, .role = 0x14, .name = "admin"};
	uint8_t bytes[64] = {0}, code[20];
	struct rmcp_rakp2 rakp2;
	struct rmcp_rakp4 rakp4;

	memset(rakp1.random, 0xaa, sizeof(rakp1.random));
	g_assert_cmpuint(rmcp_rakp1_write(&rakp1, bytes), ==, 33);
	g_assert_cmphex(bytes[0], ==, 9);
	g_assert_cmphex(rmcp_get32(bytes + 4), ==, 0x04030201);
	g_assert_cmphex(bytes[8], ==, 0xaa);
	g_assert_cmphex(bytes[23], ==, 0xaa);
	g_assert_cmphex(bytes[24], ==, 0x14);
	g_assert_cmphex(bytes[27], ==, 5);
	g_assert_cmpmem(bytes + 28, 5, "admin", 5);
	memset(code, 0xcc, sizeof(code));
	g_assert_cmpuint(rmcp_rakp3_write(3, 0x04030201, code, sizeof(code), bytes), ==, 28);
	g_assert_cmphex(bytes[1], ==, 0);
	g_assert_cmphex(bytes[27], ==, 0xcc);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i == 1 ? 0 : (uint8_t)i;
	g_assert_true(rmcp_rakp2_read(bytes, 60, &rakp2));
	g_assert_cmphex(rakp2.random[0], ==, 8);
	g_assert_cmphex(rakp2.guid[15], ==, 39);
	g_assert_cmphex(rakp2.code[0], ==, 40);
	g_assert_cmpuint(rakp2.length, ==, 20);
	g_assert_false(rmcp_rakp2_read(bytes, 39, &rakp2));
	g_assert_true(rmcp_rakp4_read(bytes, 20, &rakp4));
	g_assert_cmphex(rakp4.code[0], ==, 8);
	g_assert_cmpuint(rakp4.length, ==, 12);
	g_assert_false(rmcp_rakp4_read(bytes, 7, &rakp4));
}

static void test_a_message_has_its_checksums(void)
{
	const uint8_t data[] = {0x0e, 0x04};
	const struct rmcp_message message = {.to = RMCP_ADDRESS_BMC,
			.from = RMCP_ADDRESS_CONSOLE,
			.netfn = 6,
			.sequence = 1,
			.command = 0x38,
			.data = data,
			.length = sizeof(data)};
	uint8_t bytes[RMCP_PLAIN_MAX];
	struct rmcp_message out;

	g_assert_cmpmem(bytes, rmcp_message_write(&message, bytes), capabilities,
			sizeof(capabilities));
	g_assert_true(rmcp_message_read(bytes, sizeof(capabilities), &out));
	g_assert_cmpuint(out.netfn, ==, 6);
	g_assert_cmpuint(out.sequence, ==, 1);
	g_assert_cmpmem(out.data, out.length, data, sizeof(data));
	for (size_t bit = 0; bit < 8 * sizeof(capabilities); bit++) {
		memcpy(bytes, capabilities, sizeof(capabilities));
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		g_assert_false(rmcp_message_read(bytes, sizeof(capabilities), &out));
	}
	for (size_t size = 0; size < sizeof(capabilities); size++)
		g_assert_false(rmcp_message_read(capabilities, size, &out));
}

static void test_too_much_data_is_no_message(void)
{
	uint8_t data[RMCP_DATA_MAX + 1] = {0}, bytes[RMCP_PLAIN_MAX];
	struct rmcp_message message = {.data = data, .length = sizeof(data)};

	g_assert_cmpuint(rmcp_message_write(&message, bytes), ==, 0);
	message.length--;
	g_assert_cmpuint(rmcp_message_write(&message, bytes), ==, 7 + RMCP_DATA_MAX);
	g_assert_cmpuint(rmcp_pad(bytes, 7 + RMCP_DATA_MAX), <=, RMCP_PLAIN_MAX);
}

static void test_padding_comes_off_again(void)
{
	uint8_t plain[80] = {0};
	size_t length;

	for (size_t size = 0; size < 64; size++) {
		size_t padded = rmcp_pad(plain, size);

		g_assert_cmpuint(padded % RMCP_BLOCK, ==, 0);
		g_assert_cmpuint(padded, >, size);
		g_assert_cmpuint(padded, <=, size + RMCP_BLOCK);
		g_assert_true(rmcp_unpad(plain, padded, &length));
		g_assert_cmpuint(length, ==, size);
	}
	g_assert_false(rmcp_unpad(plain, 0, &length));
	g_assert_false(rmcp_unpad(plain, 15, &length));
	rmcp_pad(plain, 10);
	plain[12] ^= 1;
	g_assert_false(rmcp_unpad(plain, 16, &length));
	plain[15] = 16;
	g_assert_false(rmcp_unpad(plain, 16, &length));
}

static void test_a_signed_packet_comes_apart_only_whole(void)
{
	for (size_t code = 12; code <= 16; code += 4) {
		for (size_t payload = 0; payload < 9; payload++) {
			uint8_t bytes[RMCP_PACKET_MAX] = {0};
			size_t size = rmcp_head(bytes, RMCP_MESSAGE, 0x01020304, 77, payload);
			struct rmcp_packet out;

			size = rmcp_trailer(bytes, size + payload);
			g_assert_cmpuint((size - RMCP_COVERED) % 4, ==, 0);
			bytes[size] = 0xdd;
			g_assert_true(rmcp_read(bytes, size + code, code, &out));
			g_assert_true(out.encrypted && out.authenticated);
			g_assert_cmphex(out.session, ==, 0x01020304);
			g_assert_cmpuint(out.sequence, ==, 77);
			g_assert_cmpuint(out.length, ==, payload);
			g_assert_cmpuint(RMCP_COVERED + out.covered, ==, size);
			g_assert_true(out.code == bytes + size);
			for (size_t cut = 0; cut < size + code; cut++)
				g_assert_false(rmcp_read(bytes, cut, code, &out));
			g_assert_false(rmcp_read(bytes, size + code + 1, code, &out));
		}
	}
}

static void test_other_protocols_are_no_packets(void)
{
	static const uint8_t others[] = {0, 3, 4};
	uint8_t bytes[sizeof(open_request)];
	struct rmcp_packet out;

	g_assert_true(rmcp_read(open_request, sizeof(open_request), 12, &out));
	g_assert_cmpuint(out.type, ==, RMCP_OPEN_REQUEST);
	g_assert_false(out.encrypted || out.authenticated);
	for (size_t i = 0; i < sizeof(others); i++) {
		memcpy(bytes, open_request, sizeof(bytes));
		bytes[others[i]] ^= 1;
		g_assert_false(rmcp_read(bytes, sizeof(bytes), 12, &out));
	}
	memcpy(bytes, open_request, sizeof(bytes));
	bytes[15] = 0xff; /* longer than it is */
	g_assert_false(rmcp_read(bytes, sizeof(bytes), 12, &out));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rmcp/an open request has its bytes", test_an_open_request_has_its_bytes);
	g_test_add_func("/rmcp/an open answer is read and no shorter one",
			test_an_open_answer_is_read_and_no_shorter_one);
	g_test_add_func("/rmcp/a refusal needs no more than its status",
			test_a_refusal_needs_no_more_than_its_status);
	g_test_add_func("/rmcp/rakp messages have their places",
			test_rakp_messages_have_their_places);
	g_test_add_func("/rmcp/a message has its checksums", test_a_message_has_its_checksums);
	g_test_add_func("/rmcp/too much data is no message", test_too_much_data_is_no_message);
	g_test_add_func("/rmcp/padding comes off again", test_padding_comes_off_again);
	g_test_add_func("/rmcp/a signed packet comes apart only whole",
			test_a_signed_packet_comes_apart_only_whole);
	g_test_add_func("/rmcp/other protocols are no packets",
			test_other_protocols_are_no_packets);
	return g_test_run();
}
