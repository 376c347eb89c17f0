/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a BMC on the network does that no session of ours provokes. */
#include <glib.h>
#include <string.h>
#include "rack/session.h"
#include "sim/bmc_lan.h"

struct console {
	struct session *session;
	enum session_cause cause;
	unsigned int answers;
	uint8_t code, sent[RMCP_PACKET_MAX];
	size_t size; /* of what was sent last */
};

static size_t say_good(uint8_t netfn, uint8_t command, const uint8_t *bytes, size_t length,
		uint8_t *answer, void *data)
{
	unsigned int *asked = data;

	(void)netfn;
	(void)command;
	(void)bytes;
	(void)length;
	(*asked)++;
	answer[0] = 0;
	return 1;
}

static void prepare(struct bmc_lan *lan, unsigned int *asked)
{
	*lan = (struct bmc_lan){
			.name = "admin", .password = "secret", .answer = say_good, .data = asked};
	memset(lan->guid, 7, sizeof(lan->guid));
}

static void drive(struct console *console, struct bmc_lan *lan, int64_t now)
{
	struct session_event event;

	while (session_next(console->session, &event)) {
		uint8_t answer[RMCP_PACKET_MAX];
		size_t size;

		if (event.kind == SESSION_ANSWER) {
			console->answers++;
			console->code = event.code;
		}
		if (event.kind == SESSION_STATE)
			console->cause = event.cause;
		if (event.kind != SESSION_SEND)
			continue;
		memcpy(console->sent, event.bytes, event.size);
		console->size = event.size;
		size = bmc_lan_packet(lan, now, console->sent, console->size, answer);
		if (size)
			session_packet(console->session, now, answer, size);
	}
}

static void come(struct console *console, struct bmc_lan *lan, int64_t now, const char *password)
{
	struct session_settings settings = {.suite = RMCP_SUITE_17,
			.privilege = SESSION_ADMINISTRATOR,
			.name = "admin"};

	g_strlcpy(settings.password, password, sizeof(settings.password));
	memset(console, 0, sizeof(*console));
	console->session = session_new(&settings, NULL, NULL);
	session_start(console->session, now);
	drive(console, lan, now);
}

static void ask(struct console *console, struct bmc_lan *lan, int64_t now, uint8_t netfn,
		uint8_t command, const uint8_t *bytes, size_t length)
{
	const struct session_request request = {
			.netfn = netfn, .command = command, .data = bytes, .length = length};

	g_assert_true(session_ask(console->session, now, &request));
	drive(console, lan, now);
}

static size_t pass(struct bmc_lan *lan, const uint8_t *bytes, size_t size)
{
	uint8_t out[RMCP_PACKET_MAX];

	return bmc_lan_packet(lan, 0, bytes, size, out);
}

static void test_a_ping_has_its_pong(void)
{
	static const uint8_t ping[] = {6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x80, 0x42, 0, 0};
	static const uint8_t pong[] = {6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x40, 0x42, 0, 16, 0, 0,
			0x11, 0xbe, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0};
	struct bmc_lan lan = {.limit = 0};
	uint8_t out[RMCP_PACKET_MAX];
	size_t size = bmc_lan_packet(&lan, 0, ping, sizeof(ping), out);

	g_assert_cmpmem(out, size, pong, sizeof(pong));
	g_assert_cmpuint(pass(&lan, ping, sizeof(ping) - 1), ==, 0);
	g_assert_cmpuint(lan.pings, ==, 1);
	g_assert_cmpuint(lan.bad, ==, 1);
}

static void test_few_things_are_told_outside_a_session(void)
{
	static const uint8_t capable[] = {0x8e, 4};
	unsigned int asked = 0, told = 0;
	struct bmc_lan lan;

	prepare(&lan, &asked);
	for (int old = 0; old < 2; old++) {
		for (int command = 0; command < 256; command++) {
			struct rmcp_message message = {.to = RMCP_ADDRESS_BMC,
					.from = RMCP_ADDRESS_CONSOLE,
					.netfn = 6,
					.command = (uint8_t)command,
					.data = capable,
					.length = sizeof(capable)};
			uint8_t packet[RMCP_PACKET_MAX] = {6, 0, 0xff, 7};
			size_t head = old ? 14 : RMCP_HEAD;
			size_t length = rmcp_message_write(&message, packet + head);

			packet[13] = (uint8_t)length;
			if (!old)
				rmcp_head(packet, RMCP_MESSAGE, 0, 0, length);
			told += pass(&lan, packet, head + length) > 0;
		}
	}
	g_assert_cmpuint(told, ==, 6); /* GUID, capabilities, suites */
	g_assert_cmpuint(lan.bare, ==, 512 - 6);
	g_assert_cmpuint(asked, ==, 0);
}

static void test_sessions_are_few_and_are_forgotten(void)
{
	struct console consoles[4];
	unsigned int asked = 0;
	struct bmc_lan lan;

	prepare(&lan, &asked);
	lan.limit = 2;
	for (int i = 0; i < 3; i++)
		come(&consoles[i], &lan, 1000 * i, "secret");
	g_assert_cmpint(session_state(consoles[1].session), ==, SESSION_UP);
	g_assert_cmpint(consoles[2].cause, ==, SESSION_NO_ROOM);
	g_assert_cmpuint(bmc_lan_up(&lan), ==, 2);
	ask(&consoles[1], &lan, 40000, 6, 1, NULL, 0);
	/* The first has said nothing for more than a minute. */
	come(&consoles[3], &lan, 61001, "secret");
	g_assert_cmpint(session_state(consoles[3].session), ==, SESSION_UP);
	ask(&consoles[1], &lan, 61002, 6, 1, NULL, 0);
	g_assert_cmpuint(consoles[1].answers, ==, 2);
	ask(&consoles[0], &lan, 61003, 6, 1, NULL, 0);
	g_assert_cmpuint(consoles[0].answers, ==, 0);
	session_stop(consoles[3].session, 61004);
	drive(&consoles[3], &lan, 61004);
	g_assert_cmpint(session_state(consoles[3].session), ==, SESSION_STOPPED);
	g_assert_cmpuint(bmc_lan_up(&lan), ==, 1);
	for (int i = 0; i < 4; i++)
		session_free(consoles[i].session);
	bmc_lan_reset(&lan);
}

static void test_a_packet_is_taken_once(void)
{
	struct console console;
	unsigned int asked = 0;
	struct bmc_lan lan;

	prepare(&lan, &asked);
	come(&console, &lan, 0, "secret");
	ask(&console, &lan, 0, 4, 0x2d, NULL, 0);
	g_assert_cmpuint(asked, ==, 1);
	g_assert_cmpuint(pass(&lan, console.sent, console.size), ==, 0);
	g_assert_cmpuint(asked, ==, 1);
	g_assert_cmpuint(lan.repeated, ==, 1);
	/* Whatever bit is changed, it is not taken at all. */
	for (size_t bit = 8 * RMCP_COVERED; bit < 8 * console.size; bit++) {
		console.sent[bit / 8] ^= (uint8_t)(1 << bit % 8);
		g_assert_cmpuint(pass(&lan, console.sent, console.size), ==, 0);
		console.sent[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	g_assert_cmpuint(asked, ==, 1);
	session_free(console.session);
	bmc_lan_reset(&lan);
}

static void test_who_does_not_know_the_password_stays_out(void)
{
	uint8_t payload[RMCP_RAKP3_MAX] = {0}, code[RMCP_CODE_MAX] = {0}, packet[RMCP_PACKET_MAX],
		out[RMCP_PACKET_MAX];
	struct console console;
	struct rmcp_rakp4 rakp;
	unsigned int asked = 0;
	struct bmc_lan lan;
	size_t size;

	prepare(&lan, &asked);
	come(&console, &lan, 0, "Secret");
	g_assert_cmpint(console.cause, ==, SESSION_PASSWORD);
	/* One that would go on all the same. */
	size = rmcp_rakp3_write(1, lan.sessions[0].exchange.bmc, code, sizeof(code), payload);
	rmcp_head(packet, RMCP_RAKP3, 0, 0, size);
	memcpy(packet + RMCP_HEAD, payload, size);
	size = bmc_lan_packet(&lan, 0, packet, RMCP_HEAD + size, out);
	g_assert_true(rmcp_rakp4_read(out + RMCP_HEAD, size - RMCP_HEAD, &rakp));
	g_assert_cmphex(rakp.status, ==, RMCP_BAD_CODE);
	g_assert_cmpuint(bmc_lan_up(&lan), ==, 0);
	session_free(console.session);
	bmc_lan_reset(&lan);
}

static void test_a_reset_forgets_all(void)
{
	struct console console;
	unsigned int asked = 0;
	struct bmc_lan lan;

	prepare(&lan, &asked);
	come(&console, &lan, 0, "secret");
	bmc_lan_reset(&lan);
	ask(&console, &lan, 0, 4, 0x2d, NULL, 0);
	g_assert_cmpuint(console.answers, ==, 0);
	g_assert_cmpuint(asked, ==, 0);
	session_free(console.session);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bmc_lan/a ping has its pong", test_a_ping_has_its_pong);
	g_test_add_func("/bmc_lan/few things are told outside a session",
			test_few_things_are_told_outside_a_session);
	g_test_add_func("/bmc_lan/sessions are few and are forgotten",
			test_sessions_are_few_and_are_forgotten);
	g_test_add_func("/bmc_lan/a packet is taken once", test_a_packet_is_taken_once);
	g_test_add_func("/bmc_lan/who does not know the password stays out",
			test_who_does_not_know_the_password_stays_out);
	g_test_add_func("/bmc_lan/a reset forgets all", test_a_reset_forgets_all);
	return g_test_run();
}
