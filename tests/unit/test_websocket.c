/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "spice/websocket.h"

#define FIRST    "GET /console HTTP/1.1\r\n"
#define HOST     "Host: bmc.example:5900\r\n"
#define UPGRADE  "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
#define KEY      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" /* RFC 6455, 1.3 */
#define THIRTEEN "Sec-WebSocket-Version: 13\r\n"
#define END      "\r\n"
#define ORDINARY FIRST HOST UPGRADE KEY THIRTEEN

static enum websocket_verdict read_request(const char *words, struct websocket_request *out)
{
	return websocket_request_read((const uint8_t *)words, strlen(words), out);
}

static void assert_verdict(const char *words, enum websocket_verdict verdict)
{
	struct websocket_request request;

	if (read_request(words, &request) != verdict)
		g_error("not verdict %d: %s", verdict, words);
}

static void test_a_request_is_granted_as_the_standard_shows(void)
{
	static const char words[] = ORDINARY "Origin: https://bmc.example\r\n"
					     "Sec-WebSocket-Protocol: base64, binary\r\n" END;
	struct websocket_request request;
	char answer[WEBSOCKET_ANSWER_MOST];

	g_assert_cmpint(read_request(words, &request), ==, WEBSOCKET_GOOD);
	g_assert_cmpint(request.size, ==, strlen(words));
	g_assert_cmpstr(request.host, ==, "bmc.example:5900");
	g_assert_cmpstr(request.origin, ==, "https://bmc.example");
	g_assert_cmpint(websocket_grant(&request, answer), ==, strlen(answer));
	g_assert_cmpstr(answer, ==,
			"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
			"Connection: Upgrade\r\n"
			"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
			"Sec-WebSocket-Protocol: binary\r\n\r\n");
}

static void test_no_protocol_is_granted_that_was_not_offered(void)
{
	struct websocket_request request;
	char answer[WEBSOCKET_ANSWER_MOST];

	g_assert_cmpint(read_request(ORDINARY END, &request), ==, WEBSOCKET_GOOD);
	websocket_grant(&request, answer);
	g_assert_null(strstr(answer, "Protocol:"));
	g_assert_cmpstr(request.origin, ==, "");
}

static void test_a_part_of_a_request_is_not_judged(void)
{
	static const char words[] = ORDINARY END "frames";
	size_t whole = strlen(ORDINARY END);
	struct websocket_request request;

	for (size_t size = 0; size < whole; size++)
		g_assert_cmpint(websocket_request_read((const uint8_t *)words, size, &request), ==,
				WEBSOCKET_MORE);
	g_assert_cmpint(read_request(words, &request), ==, WEBSOCKET_GOOD);
	g_assert_cmpint(request.size, ==, whole);
}

static void test_requests_for_something_else_are_told_apart(void)
{
	assert_verdict(FIRST HOST END, WEBSOCKET_PLAIN);
	assert_verdict(FIRST HOST "Connection: Upgrade\r\nUpgrade: h2c\r\n" KEY THIRTEEN END,
			WEBSOCKET_PLAIN);
	assert_verdict(FIRST HOST UPGRADE KEY "Sec-WebSocket-Version: 8\r\n" END, WEBSOCKET_PLAIN);
	assert_verdict(FIRST HOST "Connection: close\r\nUpgrade: websocket\r\n" KEY THIRTEEN END,
			WEBSOCKET_PLAIN);
}

static void test_malformed_requests_are_refused(void)
{
	assert_verdict(END END, WEBSOCKET_MALFORMED);
	assert_verdict("GET / HTTP/1.0\r\n" HOST UPGRADE KEY THIRTEEN END, WEBSOCKET_MALFORMED);
	assert_verdict("POST / HTTP/1.1\r\n" HOST UPGRADE KEY THIRTEEN END, WEBSOCKET_MALFORMED);
	assert_verdict("GET /a b HTTP/1.1\r\n" HOST UPGRADE KEY THIRTEEN END, WEBSOCKET_MALFORMED);
	assert_verdict(FIRST UPGRADE KEY THIRTEEN END, WEBSOCKET_MALFORMED);
	assert_verdict(ORDINARY HOST END, WEBSOCKET_MALFORMED);
	assert_verdict(ORDINARY KEY END, WEBSOCKET_MALFORMED);
	assert_verdict(ORDINARY "Origin: a\r\nOrigin: b\r\n" END, WEBSOCKET_MALFORMED);
	assert_verdict(ORDINARY "no colon\r\n" END, WEBSOCKET_MALFORMED);
	assert_verdict(ORDINARY " folded: x\r\n" END, WEBSOCKET_MALFORMED);
	assert_verdict(ORDINARY "X: a\nb\r\n" END, WEBSOCKET_MALFORMED);
	assert_verdict(FIRST HOST UPGRADE THIRTEEN "Sec-WebSocket-Key: short==\r\n" END,
			WEBSOCKET_MALFORMED);
	assert_verdict(FIRST HOST UPGRADE THIRTEEN
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!==\r\n" END,
			WEBSOCKET_MALFORMED);
}

static void test_a_request_without_end_is_refused(void)
{
	g_autofree uint8_t *words = g_malloc(WEBSOCKET_REQUEST_MOST);
	struct websocket_request request;

	memset(words, 'x', WEBSOCKET_REQUEST_MOST);
	g_assert_cmpint(websocket_request_read(words, WEBSOCKET_REQUEST_MOST - 1, &request), ==,
			WEBSOCKET_MORE);
	g_assert_cmpint(websocket_request_read(words, WEBSOCKET_REQUEST_MOST, &request), ==,
			WEBSOCKET_MALFORMED);
}

static void test_an_origin_too_long_is_refused(void)
{
	g_autofree char *origin = g_strnfill(WEBSOCKET_NAME_MOST + 1, 'x');
	g_autofree char *words = g_strconcat(ORDINARY "Origin: ", origin, "\r\n\r\n", NULL);

	assert_verdict(words, WEBSOCKET_MALFORMED);
}

static void test_refusals_fit(void)
{
	for (int verdict = WEBSOCKET_PLAIN; verdict <= WEBSOCKET_FORBIDDEN; verdict++) {
		char answer[WEBSOCKET_ANSWER_MOST];
		size_t size = websocket_refusal(verdict, answer);

		g_assert_cmpint(size, <, WEBSOCKET_ANSWER_MOST);
		g_assert_cmpint(size, ==, strlen(answer));
	}
}

/* --- Frames ------------------------------------------------------------------------------ */

static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};

/* Appends a masked frame whose length is written in 0, 2 or 8 bytes. */
static void put_frame(GByteArray *out, uint8_t first, const void *payload, size_t size, int bytes)
{
	uint8_t head[2] = {first, 0x80 | (bytes == 8 ? 127 : bytes == 2 ? 126 : size)};

	g_byte_array_append(out, head, 2);
	for (int i = bytes - 1; i >= 0; i--) {
		uint8_t byte = (uint8_t)((uint64_t)size >> 8 * i);

		g_byte_array_append(out, &byte, 1);
	}
	g_byte_array_append(out, mask, 4);
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = ((const uint8_t *)payload)[i] ^ mask[i & 3];

		g_byte_array_append(out, &byte, 1);
	}
}

/* Reads all of it in pieces, up to the first event that ends it; payload is appended. */
static enum websocket_event read_all(struct websocket_reader *reader, const GByteArray *frames,
		size_t piece, GByteArray *out, int *pings)
{
	g_autofree uint8_t *bytes = g_memdup2(frames->data, frames->len);

	for (size_t done = 0; done < frames->len;) {
		size_t size = MIN(piece, frames->len - done), used, count;
		uint8_t *data;
		enum websocket_event event;

		do {
			event = websocket_read(reader, bytes + done, size, &used, &data, &count);
			g_assert_cmpint(used, <=, size);
			done += used;
			size -= used;
			if (event == WEBSOCKET_DATA)
				g_byte_array_append(out, data, count);
			if (event == WEBSOCKET_PINGED)
				(*pings)++;
			if (event == WEBSOCKET_CLOSED || event == WEBSOCKET_FAULT)
				return event;
		} while (event != WEBSOCKET_NOTHING);
		g_assert_cmpint(size, ==, 0);
	}
	return WEBSOCKET_NOTHING;
}

static void assert_fault(const GByteArray *frames, enum websocket_status status)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct websocket_reader reader = {0};
	int pings = 0;

	g_assert_cmpint(read_all(&reader, frames, SIZE_MAX, out, &pings), ==, WEBSOCKET_FAULT);
	g_assert_cmpint(reader.status, ==, status);
}

static void test_payload_is_the_same_however_it_comes(void)
{
	static const size_t pieces[] = {1, 2, 3, 7, 64, 1000, SIZE_MAX};
	g_autoptr(GByteArray) frames = g_byte_array_new(), wanted = g_byte_array_new();
	uint8_t payload[70000];

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 31 >> 3);
	put_frame(frames, 0x82, payload, 125, 0);
	put_frame(frames, 0x82, payload, 126, 2);
	put_frame(frames, 0x82, payload, 0, 0);
	put_frame(frames, 0x02, payload, 1000, 2);
	put_frame(frames, 0x89, "ping", 4, 0);
	put_frame(frames, 0x00, payload, 0, 0);
	put_frame(frames, 0x80, payload, sizeof(payload), 8);
	put_frame(frames, 0x8a, "pong", 4, 0);
	g_byte_array_append(wanted, payload, 125);
	g_byte_array_append(wanted, payload, 126);
	g_byte_array_append(wanted, payload, 1000);
	g_byte_array_append(wanted, payload, sizeof(payload));
	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		struct websocket_reader reader = {0};
		int pings = 0;

		g_assert_cmpint(read_all(&reader, frames, pieces[i], out, &pings), ==,
				WEBSOCKET_NOTHING);
		g_assert_cmpmem(out->data, out->len, wanted->data, wanted->len);
		g_assert_cmpint(pings, ==, 1);
	}
}

static void test_a_pings_words_are_kept_for_the_answer(void)
{
	g_autoptr(GByteArray) frames = g_byte_array_new();
	struct websocket_reader reader = {0};
	size_t used, count;
	uint8_t *data;

	put_frame(frames, 0x89, "hello", 5, 0);
	g_assert_cmpint(websocket_read(&reader, frames->data, frames->len, &used, &data, &count),
			==, WEBSOCKET_PINGED);
	g_assert_cmpmem(reader.control, reader.control_size, "hello", 5);
}

static void test_a_close_says_why(void)
{
	g_autoptr(GByteArray) frames = g_byte_array_new(), out = g_byte_array_new();
	struct websocket_reader reader = {0};
	int pings = 0;

	put_frame(frames, 0x88, "\x03\xe9gone", 6, 0);
	put_frame(frames, 0x82, "late", 4, 0);
	g_assert_cmpint(read_all(&reader, frames, SIZE_MAX, out, &pings), ==, WEBSOCKET_CLOSED);
	g_assert_cmpmem(reader.control, reader.control_size, "\x03\xe9gone", 6);
	g_assert_cmpint(out->len, ==, 0);
}

static void test_frames_that_break_the_rules_are_faults(void)
{
	static const struct {
		uint8_t first;
		size_t size;
		int bytes;
		enum websocket_status status;
	} bad[] = {
			{0x80, 1, 0, WEBSOCKET_PROTOCOL_ERROR},   /* continues nothing */
			{0xc2, 1, 0, WEBSOCKET_PROTOCOL_ERROR},   /* compressed */
			{0x81, 1, 0, WEBSOCKET_UNSUPPORTED},      /* text */
			{0x83, 1, 0, WEBSOCKET_PROTOCOL_ERROR},   /* unknown */
			{0x09, 1, 0, WEBSOCKET_PROTOCOL_ERROR},   /* a ping in fragments */
			{0x89, 126, 2, WEBSOCKET_PROTOCOL_ERROR}, /* a long one */
			{0x82, 125, 2, WEBSOCKET_PROTOCOL_ERROR}, /* not the shortest form */
			{0x82, 65535, 8, WEBSOCKET_PROTOCOL_ERROR},
			{0x88, 1, 0, WEBSOCKET_PROTOCOL_ERROR}, /* half a status */
			{0x82, WEBSOCKET_FRAME_MOST + 1, 8, WEBSOCKET_TOO_BIG},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GByteArray) frames = g_byte_array_new();
		g_autofree uint8_t *payload = g_malloc0(bad[i].size);

		put_frame(frames, bad[i].first, payload, bad[i].size, bad[i].bytes);
		assert_fault(frames, bad[i].status);
	}
}

static void test_a_client_must_mask(void)
{
	g_autoptr(GByteArray) frames = g_byte_array_new();

	g_byte_array_append(frames, (const guint8 *)"\x82\x01x", 3);
	assert_fault(frames, WEBSOCKET_PROTOCOL_ERROR);
}

static void test_a_message_cannot_begin_within_another(void)
{
	g_autoptr(GByteArray) frames = g_byte_array_new();

	put_frame(frames, 0x02, "a", 1, 0);
	put_frame(frames, 0x82, "b", 1, 0);
	assert_fault(frames, WEBSOCKET_PROTOCOL_ERROR);
}

static void test_heads_to_the_client_have_the_shortest_form(void)
{
	static const size_t sizes[] = {0, 125, 126, 65535, 65536};
	static const size_t heads[] = {2, 2, 4, 4, 10};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		uint8_t head[WEBSOCKET_HEAD_MOST];
		size_t size = websocket_head(WEBSOCKET_BINARY, sizes[i], head), value = 0;

		g_assert_cmpint(size, ==, heads[i]);
		g_assert_cmphex(head[0], ==, 0x82);
		for (size_t k = size == 2 ? 1 : 2; k < size; k++)
			value = value << 8 | head[k];
		g_assert_cmpint(value, ==, sizes[i]);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/websocket/a request is granted as the standard shows",
			test_a_request_is_granted_as_the_standard_shows);
	g_test_add_func("/websocket/no protocol is granted that was not offered",
			test_no_protocol_is_granted_that_was_not_offered);
	g_test_add_func("/websocket/a part of a request is not judged",
			test_a_part_of_a_request_is_not_judged);
	g_test_add_func("/websocket/requests for something else are told apart",
			test_requests_for_something_else_are_told_apart);
	g_test_add_func("/websocket/malformed requests are refused",
			test_malformed_requests_are_refused);
	g_test_add_func("/websocket/a request without end is refused",
			test_a_request_without_end_is_refused);
	g_test_add_func("/websocket/an origin too long is refused",
			test_an_origin_too_long_is_refused);
	g_test_add_func("/websocket/refusals fit", test_refusals_fit);
	g_test_add_func("/websocket/payload is the same however it comes",
			test_payload_is_the_same_however_it_comes);
	g_test_add_func("/websocket/a ping's words are kept for the answer",
			test_a_pings_words_are_kept_for_the_answer);
	g_test_add_func("/websocket/a close says why", test_a_close_says_why);
	g_test_add_func("/websocket/frames that break the rules are faults",
			test_frames_that_break_the_rules_are_faults);
	g_test_add_func("/websocket/a client must mask", test_a_client_must_mask);
	g_test_add_func("/websocket/a message cannot begin within another",
			test_a_message_cannot_begin_within_another);
	g_test_add_func("/websocket/heads to the client have the shortest form",
			test_heads_to_the_client_have_the_shortest_form);
	return g_test_run();
}
