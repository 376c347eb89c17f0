/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A display channel of our own, with a client that does as it is told. */
#include <spice/enums.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/display_direct.h"
#include "spice/link.h"
#include "spice/wire.h"
#include "tests/unit/jpeg_coder.h"
#include "tests/unit/raw_display.h"

#define WIDTH  320
#define HEIGHT 200
#define UNITS  (20 * 13)

static struct link_key *key;

struct stand {
	struct jpeg_coder coder;
	struct direct_updates *updates;
	struct direct_settings settings;
	struct display *display;
	int opened, closed, refused;
	bool drops; /* the client, as soon as it is open or refused */
	uint8_t map[UNITS];
};

static void stand_opened(void *data)
{
	struct stand *stand = data;

	stand->opened++;
	if (stand->drops)
		display_direct_drop(stand->display);
}

static void stand_closed(void *data)
{
	((struct stand *)data)->closed++;
}

static void stand_refused(void *data)
{
	struct stand *stand = data;

	stand->refused++;
	if (stand->drops)
		display_direct_drop(stand->display);
}

static struct display *stand_display(struct stand *stand)
{
	const struct direct_events events = {
			.opened = stand_opened,
			.closed = stand_closed,
			.refused = stand_refused,
			.data = stand,
	};

	return display_direct_new(&stand->settings, &events);
}

static struct stand *stand_open(const char *password)
{
	struct stand *stand = g_new0(struct stand, 1);

	jpeg_coder_init(&stand->coder, WIDTH, HEIGHT);
	stand->updates = direct_updates_new();
	stand->settings = (struct direct_settings){
			.password = password, .key = key, .updates = stand->updates};
	stand->display = stand_display(stand);
	display_show(stand->display, &stand->coder.picture);
	return stand;
}

static void stand_close(struct stand *stand)
{
	display_close(stand->display);
	direct_updates_free(stand->updates);
	jpeg_coder_release(&stand->coder);
	g_free(stand);
}

/* Changes a unit of the picture and tells it to one display, or two. */
static void stand_change(
		struct stand *stand, int column, int row, uint32_t colour, struct display *other)
{
	struct display_damage damage = jpeg_coder_damage(&stand->coder, stand->map);

	memset(stand->map, 0, sizeof(stand->map));
	jpeg_coder_fill(&stand->coder, column, row, colour, stand->map);
	display_damage(stand->display, &damage);
	if (other)
		display_damage(other, &damage);
}

static void stand_join(struct stand *stand, struct raw_display *raw, unsigned int caps)
{
	display_direct_client(stand->display, raw_display_open(raw, caps, false));
	g_assert_cmpuint(raw_display_link(raw, "secret"), ==, SPICE_LINK_ERR_OK);
}

static void assert_next(struct raw_display *raw, uint16_t type)
{
	g_assert_true(raw_display_read(raw));
	g_assert_cmpuint(raw->type, ==, type);
}

static void assert_shows(const struct raw_display *raw, const struct stand *stand)
{
	g_assert_cmpfloat(raw_display_psnr(raw, &stand->coder.picture), >=, 40);
}

static void test_a_client_is_told_of_the_surface_then_drawn_to(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	g_assert_cmpint(stand->opened, ==, 1);
	assert_next(&raw, SPICE_MSG_DISPLAY_SURFACE_CREATE);
	assert_next(&raw, SPICE_MSG_DISPLAY_MONITORS_CONFIG);
	assert_next(&raw, SPICE_MSG_DISPLAY_MARK);
	for (int row = 0; row < 13; row++)
		assert_next(&raw, SPICE_MSG_DISPLAY_DRAW_COPY);
	assert_next(&raw, SPICE_MSG_PING);
	assert_shows(&raw, stand);
	raw_display_pong(&raw, raw.ping);
	g_assert_true(raw_display_quiet(&raw));
	raw_display_close(&raw);
	g_assert_cmpint(stand->closed, ==, 1);
	stand_close(stand);
}

static void test_clients_with_less_are_served_too(void)
{
	static const unsigned int caps[] = {0, RAW_MINI, RAW_SELECTS, RAW_MONITORS};

	for (size_t i = 0; i < G_N_ELEMENTS(caps); i++) {
		struct stand *stand = stand_open("secret");
		struct raw_display raw;

		stand_join(stand, &raw, caps[i]);
		raw_display_settle(&raw);
		assert_shows(&raw, stand);
		stand_change(stand, 3, 3, 0xff0000, NULL);
		g_assert_cmpint(raw_display_settle(&raw), ==, 1);
		assert_shows(&raw, stand);
		raw_display_close(&raw);
		stand_close(stand);
	}
}

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

static void test_a_password_is_wrong_when_its_time_is_over(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	display_close(stand->display);
	stand->settings.password_until = g_get_monotonic_time();
	stand->display = stand_display(stand);
	display_direct_client(stand->display, raw_display_open(&raw, RAW_USUAL, false));
	g_assert_cmpuint(raw_display_link(&raw, "secret"), ==, SPICE_LINK_ERR_PERMISSION_DENIED);
	g_assert_cmpint(stand->refused, ==, 1);
	raw_display_close(&raw);
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

/* ms until something is due, -1: never. */
static int next_timer(void)
{
	GMainContext *context = g_main_context_default();
	gint timeout = 0, priority;
	GPollFD fds[16];

	g_assert_true(g_main_context_acquire(context));
	g_main_context_prepare(context, &priority);
	g_main_context_query(context, priority, &timeout, fds, G_N_ELEMENTS(fds));
	g_main_context_release(context);
	return timeout;
}

static void test_a_static_picture_costs_nothing(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	for (int i = 0; i < 20; i++)
		g_assert_true(raw_display_quiet(&raw));
	g_assert_cmpint(next_timer(), ==, -1);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_two_updates_go_and_then_the_newest(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;
	struct direct_pace pace;
	uint32_t first;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_update(&raw);
	first = raw.ping;
	stand_change(stand, 1, 1, 0x00ff00, NULL);
	g_assert_cmpint(raw_display_update(&raw), ==, 1);
	display_direct_pace(stand->display, &pace);
	g_assert_false(pace.behind);
	for (int i = 0; i < 50; i++)
		stand_change(stand, 2, 2 + i % 3, (uint32_t)i * 0x050301, NULL);
	g_assert_true(raw_display_quiet(&raw));
	display_direct_pace(stand->display, &pace);
	g_assert_true(pace.behind);
	g_assert_cmpuint(pace.round_trip, ==, 0);
	raw_display_pong(&raw, first);
	/* Fifty changes in three units: one update, of the last state. */
	g_assert_cmpint(raw_display_update(&raw), ==, 3);
	assert_shows(&raw, stand);
	g_assert_true(raw_display_quiet(&raw));
	raw_display_pong(&raw, raw.ping);
	display_direct_pace(stand->display, &pace);
	g_assert_false(pace.behind);
	g_assert_cmpuint(pace.round_trip, >, 0);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_a_client_that_does_not_read_holds_one_update(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;
	unsigned int plans;

	display_direct_client(stand->display, raw_display_open(&raw, RAW_USUAL, true));
	g_assert_cmpuint(raw_display_link(&raw, "secret"), ==, SPICE_LINK_ERR_OK);
	plans = stand->coder.plans;
	for (int i = 0; i < 200; i++) {
		stand_change(stand, i % 20, i % 13, 0x7f0000 + (uint32_t)i, NULL);
		while (g_main_context_iteration(NULL, FALSE))
			;
	}
	g_assert_cmpuint(stand->coder.plans, ==, plans);
	g_assert_cmpint(raw_display_settle(&raw), ==, 2);
	assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_another_size_is_another_surface(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	for (int width = 200; width <= 230; width += 15) {
		jpeg_coder_resize(&stand->coder, width, 111);
		display_show(stand->display, &stand->coder.picture);
	}
	/* The first and the second are under way. */
	assert_next(&raw, SPICE_MSG_DISPLAY_SURFACE_DESTROY);
	assert_next(&raw, SPICE_MSG_DISPLAY_SURFACE_CREATE);
	assert_next(&raw, SPICE_MSG_DISPLAY_MONITORS_CONFIG);
	assert_next(&raw, SPICE_MSG_DISPLAY_MARK);
	g_assert_cmpint(raw.width, ==, 200);
	raw_display_settle(&raw);
	assert_shows(&raw, stand);
	/* Other memory of the same size needs none. */
	jpeg_coder_resize(&stand->coder, 230, 111);
	display_show(stand->display, &stand->coder.picture);
	assert_next(&raw, SPICE_MSG_DISPLAY_DRAW_COPY);
	raw_display_settle(&raw);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_sizes_that_nobody_took_are_skipped(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;
	int surfaces = 0;

	stand_join(stand, &raw, RAW_USUAL);
	for (int width = 100; width < 200; width++) {
		jpeg_coder_resize(&stand->coder, width, 50);
		display_show(stand->display, &stand->coder.picture);
	}
	while (!raw_display_quiet(&raw)) {
		g_assert_true(raw_display_read(&raw));
		surfaces += raw.type == SPICE_MSG_DISPLAY_SURFACE_CREATE;
		if (raw.type == SPICE_MSG_PING)
			raw_display_pong(&raw, raw.ping);
	}
	g_assert_cmpint(surfaces, ==, 3); /* the first, one more under way, the last */
	assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_nothing_is_sent_before_there_is_a_picture(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	display_close(stand->display);
	stand->display = stand_display(stand);
	stand_join(stand, &raw, RAW_USUAL);
	g_assert_true(raw_display_quiet(&raw));
	stand_change(stand, 1, 1, 0xffffff, NULL);
	g_assert_true(raw_display_quiet(&raw));
	display_show(stand->display, &stand->coder.picture);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_short_memory_loses_nothing(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	stand->coder.fails = true;
	stand_change(stand, 4, 4, 0x0000ff, NULL);
	g_assert_true(raw_display_quiet(&raw));
	stand->coder.fails = false;
	stand_change(stand, 9, 9, 0xff00ff, NULL);
	g_assert_cmpint(raw_display_update(&raw), ==, 2);
	assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_the_coder_gets_the_unit_of_the_damage(void)
{
	struct stand *stand = stand_open("secret");
	uint8_t map[40 * 25] = {[40 * 25 - 1] = 1};
	const struct display_damage fine = {8, 40, 25, map};
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	g_assert_cmpint(stand->coder.last_unit, ==, 16);
	display_damage(stand->display, &fine);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	g_assert_cmpint(stand->coder.last_unit, ==, 8);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_viewers_share_updates(void)
{
	struct stand *stand = stand_open("secret");
	struct display *other = stand_display(stand);
	struct raw_display one, two;
	unsigned int writes;

	display_show(other, &stand->coder.picture);
	stand_join(stand, &one, RAW_USUAL);
	display_direct_client(other, raw_display_open(&two, RAW_SELECTS, false));
	g_assert_cmpuint(raw_display_link(&two, "secret"), ==, SPICE_LINK_ERR_OK);
	raw_display_settle(&one);
	raw_display_settle(&two);
	writes = stand->coder.writes;
	for (int i = 0; i < 10; i++) {
		stand_change(stand, i, i, 0x80 + (uint32_t)i, other);
		g_assert_cmpint(raw_display_settle(&one), ==, 1);
		g_assert_cmpint(raw_display_settle(&two), ==, 1);
		assert_shows(&one, stand);
		assert_shows(&two, stand);
	}
	g_assert_cmpuint(stand->coder.writes - writes, ==, 10);
	/* One falls behind, and shares again when it has caught up. */
	for (int i = 0; i < 4; i++) {
		stand_change(stand, 1, i, 0xff0080, other);
		g_assert_cmpint(raw_display_settle(&two), ==, 1);
		assert_shows(&two, stand);
	}
	raw_display_settle(&one);
	assert_shows(&one, stand);
	writes = stand->coder.writes;
	stand_change(stand, 2, 2, 0xff8080, other);
	raw_display_settle(&one);
	raw_display_settle(&two);
	g_assert_cmpuint(stand->coder.writes - writes, ==, 1);
	raw_display_close(&one);
	raw_display_close(&two);
	display_close(other);
	stand_close(stand);
}

static void test_an_old_update_is_not_shared(void)
{
	struct stand *stand = stand_open("secret");
	struct display *other = stand_display(stand);
	struct raw_display one, two;

	display_show(other, &stand->coder.picture);
	stand_join(stand, &one, RAW_USUAL);
	display_direct_client(other, raw_display_open(&two, RAW_USUAL, false));
	g_assert_cmpuint(raw_display_link(&two, "secret"), ==, SPICE_LINK_ERR_OK);
	raw_display_settle(&one);
	raw_display_update(&two);
	/* The same unit each time, so that the marks are alike and only the state is not. */
	for (uint32_t i = 0; i < 5; i++) {
		stand_change(stand, 5, 5, 0x300000 * i + 0x40, other);
		raw_display_settle(&one);
	}
	raw_display_pong(&two, two.ping);
	raw_display_settle(&two);
	assert_shows(&one, stand);
	assert_shows(&two, stand);
	raw_display_close(&one);
	raw_display_close(&two);
	display_close(other);
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
	assert_shows(&second, stand);
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
	timeout = next_timer();
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

static void test_full_headers_hold_tables_once(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	display_close(stand->display);
	stand->settings.full_header = true;
	stand->display = stand_display(stand);
	display_show(stand->display, &stand->coder.picture);
	stand_join(stand, &raw, RAW_USUAL);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

int main(int argc, char **argv)
{
	GError *error = NULL;
	int status;

	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/display/direct/" #name, test_##name)
	TEST(a_client_is_told_of_the_surface_then_drawn_to);
	TEST(clients_with_less_are_served_too);
	TEST(a_wrong_password_is_refused);
	TEST(a_password_is_wrong_when_its_time_is_over);
	TEST(without_a_password_any_ticket_will_do);
	TEST(a_static_picture_costs_nothing);
	TEST(two_updates_go_and_then_the_newest);
	TEST(a_client_that_does_not_read_holds_one_update);
	TEST(another_size_is_another_surface);
	TEST(sizes_that_nobody_took_are_skipped);
	TEST(nothing_is_sent_before_there_is_a_picture);
	TEST(short_memory_loses_nothing);
	TEST(the_coder_gets_the_unit_of_the_damage);
	TEST(viewers_share_updates);
	TEST(an_old_update_is_not_shared);
	TEST(a_newcomer_takes_over_when_its_ticket_is_right);
	TEST(a_dropped_client_is_told_once);
	TEST(another_channel_is_not_available);
	TEST(a_mechanism_that_is_none_is_refused);
	TEST(garbage_ends_a_client);
	TEST(what_clients_say_beside_is_heard);
	TEST(messages_may_come_byte_by_byte);
	TEST(a_silent_client_has_5_s_to_link);
	TEST(a_client_may_leave_at_any_byte);
	TEST(full_headers_hold_tables_once);
	key = link_key_new(&error);
	g_assert_no_error(error);
	status = g_test_run();
	link_key_free(key);
	return status;
}
