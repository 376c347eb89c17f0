/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>
#include "tests/unit/bridge_rig.h"
#include "tests/unit/spice_words.h"

#define MAIN 1 /* channels */
#define DRAW 304

static struct bridge_files files;

#define REQUEST(more)                                                                       \
	"GET / HTTP/1.1\r\nHost: bmc:5900\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" more "\r\n"

#define PAGE "Origin: https://bmc\r\nSec-WebSocket-Protocol: binary\r\n"

static void say_frame(struct bridge_rig *rig, uint8_t first, const void *payload, size_t size)
{
	static const uint8_t mask[4] = {0x12, 0x34, 0x56, 0x78};
	g_autoptr(GByteArray) frame = g_byte_array_new();

	words_number(frame, first, 1);
	if (size > 125) {
		words_number(frame, 0x80 | 126, 1);
		words_number(frame, size >> 8, 1);
		words_number(frame, size, 1);
	} else {
		words_number(frame, 0x80 | size, 1);
	}
	g_byte_array_append(frame, mask, 4);
	for (size_t i = 0; i < size; i++)
		words_number(frame, ((const uint8_t *)payload)[i] ^ mask[i & 3], 1);
	bridge_rig_say(rig, frame->data, frame->len);
}

/* Reads one frame's payload, appended; returns its first byte. */
static uint8_t hear_frame(struct bridge_rig *rig, GByteArray *out)
{
	g_autoptr(GByteArray) head = g_byte_array_new();
	size_t size;

	bridge_rig_hear(rig, head, 2);
	g_assert_cmpint(head->data[1] & 0x80, ==, 0);
	size = head->data[1];
	if (size == 126) {
		bridge_rig_hear(rig, head, 2);
		size = head->data[2] << 8 | head->data[3];
	}
	bridge_rig_hear(rig, out, size);
	return head->data[0];
}

static void hear_answer(struct bridge_rig *rig, const char *begins, const char *has)
{
	g_autoptr(GByteArray) answer = g_byte_array_new();

	while (!answer->len || !memmem(answer->data, answer->len, "\r\n\r\n", 4))
		bridge_rig_hear(rig, answer, 1);
	g_byte_array_append(answer, (const guint8 *)"", 1);
	g_assert_true(g_str_has_prefix((char *)answer->data, begins));
	g_assert_nonnull(strstr((char *)answer->data, has));
}

static void open_websocket(struct bridge_rig *rig, bool tls)
{
	bridge_rig_open(rig, &files);
	bridge_rig_connect(rig, tls ? GREETING_TLS : GREETING_HTTP);
	if (tls)
		bridge_rig_start_tls(rig, TLS1_3_VERSION);
	bridge_rig_say(rig, REQUEST(PAGE), strlen(REQUEST(PAGE)));
	hear_answer(rig, "HTTP/1.1 101 ", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
	g_assert_true(bridge_websocket(rig->bridge));
	g_assert_cmpstr(rig->origin, ==, "https://bmc");
	g_assert_cmpstr(rig->host, ==, "bmc:5900");
}

static void test_a_page_gets_through(gconstpointer tls)
{
	g_autoptr(GByteArray) client = g_byte_array_new(), server = g_byte_array_new();
	g_autoptr(GByteArray) heard = g_byte_array_new();
	struct bridge_rig rig;

	open_websocket(&rig, GPOINTER_TO_INT(tls));
	words_client_link(client, 0, MAIN, WORDS_CAPS);
	say_frame(&rig, 0x02, client->data, 5); /* in fragments, with a ping between them */
	say_frame(&rig, 0x89, "echo", 4);
	say_frame(&rig, 0x80, client->data + 5, client->len - 5);
	bridge_rig_until_routed(&rig);
	g_assert_cmpint(hear_frame(&rig, heard), ==, 0x8a);
	g_assert_cmpmem(heard->data, heard->len, "echo", 4);
	g_byte_array_set_size(heard, 0);
	bridge_rig_hear_inner(&rig, heard, client->len);
	g_assert_cmpmem(heard->data, heard->len, client->data, client->len);

	words_server_link(server, WORDS_CAPS);
	words_number(server, 0, 4);
	words_mini(server, DRAW, 40000);
	g_byte_array_set_size(heard, 0);
	bridge_rig_say_inner(&rig, server->data, server->len);
	while (heard->len < server->len)
		g_assert_cmpint(hear_frame(&rig, heard), ==, 0x82);
	g_assert_cmpmem(heard->data, heard->len, server->data, server->len);

	say_frame(&rig, 0x88, "\x03\xe8", 2);
	g_byte_array_set_size(heard, 0);
	g_assert_cmpint(hear_frame(&rig, heard), ==, 0x88);
	g_assert_cmpmem(heard->data, heard->len, "\x03\xe8", 2);
	bridge_rig_hear_inner_end(&rig);
	close(rig.inner);
	rig.inner = -1;
	bridge_rig_hear_end(&rig);
	bridge_rig_close(&rig);
}

static void test_a_page_is_told_of_the_end(void)
{
	g_autoptr(GByteArray) client = g_byte_array_new(), heard = g_byte_array_new();
	struct bridge_rig rig;

	open_websocket(&rig, false);
	words_client_link(client, 0, MAIN, WORDS_CAPS);
	say_frame(&rig, 0x82, client->data, client->len);
	bridge_rig_until_routed(&rig);
	bridge_rig_hear_inner(&rig, heard, client->len);
	close(rig.inner);
	rig.inner = -1;
	g_byte_array_set_size(heard, 0);
	g_assert_cmpint(hear_frame(&rig, heard), ==, 0x88);
	g_assert_cmpmem(heard->data, heard->len, "\x03\xe8", 2);
	bridge_rig_hear_end(&rig);
	bridge_rig_close(&rig);
}

static void test_a_foreign_page_is_refused(void)
{
	struct bridge_rig rig;

	bridge_rig_open(&rig, NULL);
	rig.refuse_origin = true;
	bridge_rig_connect(&rig, GREETING_HTTP);
	bridge_rig_say(&rig, REQUEST(PAGE), strlen(REQUEST(PAGE)));
	hear_answer(&rig, "HTTP/1.1 403 ", "Connection: close\r\n");
	bridge_rig_hang_up(&rig, false);
	bridge_rig_until_ended(&rig);
	g_assert_null(rig.reason); /* said by who refused it */
	bridge_rig_close(&rig);
}

static void test_a_browser_that_wants_a_page_is_told(void)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: bmc\r\n\r\n";
	struct bridge_rig rig;

	bridge_rig_open(&rig, NULL);
	bridge_rig_connect(&rig, GREETING_HTTP);
	bridge_rig_say(&rig, request, strlen(request));
	hear_answer(&rig, "HTTP/1.1 426 ", "Sec-WebSocket-Version: 13\r\n");
	bridge_rig_hang_up(&rig, false);
	bridge_rig_until_ended(&rig);
	bridge_rig_close(&rig);
}

static void test_frames_that_break_the_rules_end_it(void)
{
	static const char *const bad[] = {"\x82\x01x", "\x81\x81mask", "\xf2\x81mask",
			"\x80\x81mask", "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xffmask"};
	static const uint8_t sizes[] = {3, 6, 6, 6, 14};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GByteArray) heard = g_byte_array_new();
		struct bridge_rig rig;

		open_websocket(&rig, i & 1);
		bridge_rig_say(&rig, bad[i], sizes[i]);
		g_assert_cmpint(hear_frame(&rig, heard), ==, 0x88);
		g_assert_cmpint(heard->data[0], ==, 0x03);
		bridge_rig_hear_end(&rig);
		bridge_rig_hang_up(&rig, false);
		bridge_rig_until_ended(&rig);
		g_assert_cmpstr(rig.reason, ==, "it breaks the rules of websockets");
		bridge_rig_close(&rig);
	}
}

static void test_garbage_never_gets_through(void)
{
	for (int i = 0; i < 300; i++) {
		static const enum greeting_kind kinds[] = {
				GREETING_TLS, GREETING_HTTP, GREETING_SPICE};
		uint8_t bytes[600];
		struct bridge_rig rig;

		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)g_test_rand_int();
		bridge_rig_open(&rig, &files);
		bridge_rig_connect(&rig, kinds[i % 3]);
		if (i & 1)
			memcpy(bytes,
					(const char *[]){"\x16\x03\x01\x02\x00\x01", "GET / ",
							"REDQ\2\0"}[i % 3],
					6);
		bridge_rig_say(&rig, bytes, sizeof(bytes));
		bridge_rig_hang_up(&rig, i & 2);
		bridge_rig_until_ended(&rig);
		bridge_rig_close(&rig);
	}
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	bridge_files_make(&files);
	g_test_add_data_func("/bridge/a page gets through", GINT_TO_POINTER(0),
			test_a_page_gets_through);
	g_test_add_data_func("/bridge/a page gets through over TLS", GINT_TO_POINTER(1),
			test_a_page_gets_through);
	g_test_add_func("/bridge/a page is told of the end", test_a_page_is_told_of_the_end);
	g_test_add_func("/bridge/a foreign page is refused", test_a_foreign_page_is_refused);
	g_test_add_func("/bridge/a browser that wants a page is told",
			test_a_browser_that_wants_a_page_is_told);
	g_test_add_func("/bridge/frames that break the rules end it",
			test_frames_that_break_the_rules_end_it);
	g_test_add_func("/bridge/garbage never gets through", test_garbage_never_gets_through);
	status = g_test_run();
	bridge_files_remove(&files);
	return status;
}
