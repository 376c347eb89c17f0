/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a real client sends, and who is let in. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <spice/enums.h>
#include <spice/protocol.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/clients/client.h"
#include "tests/clients/stage.h"

/* A server with a picture and a client with its absolute pointer on. */
struct fixture {
	struct stage *stage;
	struct client *client;
};

static void fixture_open(struct fixture *f)
{
	f->stage = stage_open(NULL, false);
	stage_do(f->stage, "show 1024 768");
	f->client = client_open(&(struct client_settings){.address = stage_address(f->stage)});
	g_assert_true(client_wait(f->client, client_has_picture, NULL, 10000));
	g_assert_true(client_wait(f->client, client_has_pointer, NULL, 10000));
	client_run(f->client, 50);
	g_free(stage_events(f->stage));
}

static void fixture_close(struct fixture *f)
{
	client_close(f->client);
	stage_close(f->stage);
}

struct expected {
	struct stage *stage;
	const char *events;
};

static bool has_events(struct client *client, void *data)
{
	const struct expected *expected = data;

	return strlen(stage_peek(expected->stage)) >= strlen(expected->events);
}

static void assert_events(struct fixture *f, const char *events)
{
	struct expected expected = {f->stage, events};
	g_autofree char *seen = NULL;

	client_wait(f->client, has_events, &expected, 3000);
	seen = stage_events(f->stage);
	g_assert_cmpstr(seen, ==, events);
}

static bool ends_with(struct client *client, void *data)
{
	const struct expected *expected = data;

	return g_str_has_suffix(stage_peek(expected->stage), expected->events);
}

static void press(struct fixture *f, unsigned int code)
{
	client_key(f->client, code, true);
	client_key(f->client, code, false);
}

static void assert_key(struct fixture *f, unsigned int code, int usage)
{
	g_autofree char *events = g_strdup_printf("+%02x -%02x", usage, usage);

	press(f, code);
	assert_events(f, events);
}

static void test_every_scan_code_arrives_as_its_usage(void)
{
	/* One of each kind; the table itself is tested in tests/unit. Locks would be synchronised.
	 */
	static const struct {
		unsigned int code;
		int usage;
	} keys[] = {{0x01, 0x29}, {0x1e, 0x04}, {0x02, 0x1e}, {0x0b, 0x27}, {0x1c, 0x28},
			{0x39, 0x2c}, {0x2a, 0xe1}, {0x36, 0xe5}, {0x1d, 0xe0}, {0x38, 0xe2},
			{0x3b, 0x3a}, {0x58, 0x45}, {0x56, 0x64}, {0x4c, 0x5d}, {0x70, 0x88},
			{0x73, 0x87}, {0x7d, 0x89}, {0x5d, 0x68}, {0x11d, 0xe4}, {0x138, 0xe6},
			{0x15b, 0xe3}, {0x15d, 0x65}, {0x148, 0x52}, {0x14b, 0x50}, {0x153, 0x4c},
			{0x135, 0x54}, {0x11c, 0x58}, {0x137, 0x46}, {0x120, 0x7f}};
	struct fixture f;

	fixture_open(&f);
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		assert_key(&f, keys[i].code, keys[i].usage);
	fixture_close(&f);
}

static void test_all_plain_and_extended_codes_come_in_pairs(void)
{
	struct fixture f;

	fixture_open(&f);
	for (unsigned int code = 1; code < 0x80; code++) {
		g_autofree char *events = NULL;

		if (code == 0x3a || code == 0x45 || code == 0x46 || code == 0x60 || code == 0x61)
			continue; /* the locks, and what would be a prefix when released */
		press(&f, code);
		press(&f, 0x100 + code);
		press(&f, 0x02); /* the key 1 comes after all of them */
		g_assert_true(client_wait(
				f.client, ends_with, &(struct expected){f.stage, "+1e -1e"}, 3000));
		events = stage_events(f.stage);
		if (strcmp(events, "+1e -1e") != 0) {
			g_assert_cmpint(events[0], ==, '+');
			g_assert_cmpint(events[4], ==, '-');
			g_assert_cmpint(strncmp(events + 1, events + 5, 2), ==, 0);
		}
	}
	fixture_close(&f);
}

static void test_pause_is_one_key(void)
{
	struct fixture f;

	fixture_open(&f);
	/* The way spice-gtk's widget sends it. */
	client_key(f.client, 0x21d, true);
	client_key(f.client, 0x45, true);
	assert_events(&f, "+48");
	client_key(f.client, 0x21d, false);
	client_key(f.client, 0x45, false);
	assert_events(&f, "-48");
	fixture_close(&f);
}

static void test_a_held_key_is_released_when_the_client_goes(void)
{
	struct fixture f;
	g_autofree char *events = NULL;

	fixture_open(&f);
	client_key(f.client, 0x1e, true);
	client_key(f.client, 0x138, true);
	assert_events(&f, "+04 +e6");
	client_close(f.client);
	f.client = NULL;
	g_usleep(300000);
	stage_do(f.stage, "peer");
	events = stage_events(f.stage);
	g_assert_nonnull(strstr(events, "-04 -e6"));
	g_assert_nonnull(strstr(events, "release"));
	g_assert_nonnull(strstr(events, "unwatched"));
	g_assert_cmpstr(stage_do(f.stage, "peer"), ==, "nobody");
	fixture_close(&f);
}

static void test_the_pointer_reaches_every_corner(void)
{
	struct fixture f;

	fixture_open(&f);
	client_point(f.client, 0, 0, 0);
	assert_events(&f, "p:0,0,0,0");
	client_point(f.client, 1023, 0, 0);
	assert_events(&f, "p:32767,0,0,0");
	client_point(f.client, 1023, 767, 0);
	assert_events(&f, "p:32767,32767,0,0");
	client_point(f.client, 0, 767, 0);
	assert_events(&f, "p:0,32767,0,0");
	client_point(f.client, 5000, 5000, 0);
	assert_events(&f, "p:32767,32767,0,0");
	fixture_close(&f);
}

static bool has_width(struct client *client, void *data)
{
	return client_picture(client).width == *(int *)data;
}

static void test_the_pointer_follows_the_size_of_the_screen(void)
{
	struct fixture f;
	int width = 641;

	fixture_open(&f);
	stage_do(f.stage, "show %d 481", width);
	g_assert_true(client_wait(f.client, has_width, &width, 5000));
	client_point(f.client, 640, 480, 0);
	assert_events(&f, "p:32767,32767,0,0");
	client_point(f.client, 320, 240, 0);
	assert_events(&f, "p:16384,16384,0,0");
	fixture_close(&f);
}

static void test_buttons_and_wheel_come_in_hid_order(void)
{
	static const struct {
		int button, mask;
		const char *down, *up;
	} buttons[] = {
			{SPICE_MOUSE_BUTTON_LEFT, SPICE_MOUSE_BUTTON_MASK_LEFT, "p:0,0,0,1",
					"p:0,0,0,0"},
			{SPICE_MOUSE_BUTTON_RIGHT, SPICE_MOUSE_BUTTON_MASK_RIGHT, "p:0,0,0,2",
					"p:0,0,0,0"},
			{SPICE_MOUSE_BUTTON_MIDDLE, SPICE_MOUSE_BUTTON_MASK_MIDDLE, "p:0,0,0,4",
					"p:0,0,0,0"},
			{SPICE_MOUSE_BUTTON_SIDE, SPICE_MOUSE_BUTTON_MASK_SIDE, "p:0,0,0,8",
					"p:0,0,0,0"},
			{SPICE_MOUSE_BUTTON_EXTRA, SPICE_MOUSE_BUTTON_MASK_EXTRA, "p:0,0,0,16",
					"p:0,0,0,0"},
			{SPICE_MOUSE_BUTTON_UP, 0, "p:0,0,1,0", "p:0,0,0,0"},
			{SPICE_MOUSE_BUTTON_DOWN, 0, "p:0,0,-1,0", "p:0,0,0,0"},
	};
	struct fixture f;

	fixture_open(&f);
	client_point(f.client, 0, 0, 0);
	assert_events(&f, "p:0,0,0,0");
	for (size_t i = 0; i < G_N_ELEMENTS(buttons); i++) {
		client_button(f.client, buttons[i].button, true, buttons[i].mask);
		assert_events(&f, buttons[i].down);
		client_button(f.client, buttons[i].button, false, 0);
		assert_events(&f, buttons[i].up);
	}
	fixture_close(&f);
}

static bool has_mode(struct client *client, void *data)
{
	return client_mouse_mode(client) == *(enum client_mouse_mode *)data;
}

static void test_the_relative_mouse_moves_in_full(void)
{
	enum client_mouse_mode mode = CLIENT_MOUSE_SERVER;
	struct fixture f;

	fixture_open(&f);
	client_set_mouse_mode(f.client, mode);
	g_assert_true(client_wait(f.client, has_mode, &mode, 5000));
	client_move(f.client, 5, -7, 0);
	assert_events(&f, "m:5,-7,0,0");
	client_move(f.client, 700, -900, SPICE_MOUSE_BUTTON_MASK_RIGHT);
	assert_events(&f, "m:700,-900,0,2");
	client_button(f.client, SPICE_MOUSE_BUTTON_UP, true, 0);
	assert_events(&f, "m:0,0,1,0");
	mode = CLIENT_MOUSE_CLIENT;
	client_set_mouse_mode(f.client, mode);
	g_assert_true(client_wait(f.client, has_mode, &mode, 5000));
	client_point(f.client, 0, 0, 0);
	assert_events(&f, "p:0,0,0,0");
	fixture_close(&f);
}

static bool has_locks(struct client *client, void *data)
{
	return client_locks(client) == *(int *)data;
}

static void test_lock_lights_come_back(void)
{
	struct fixture f;
	int locks = SPICE_KEYBOARD_MODIFIER_FLAGS_NUM_LOCK;

	fixture_open(&f);
	/* 1 num, 2 caps, 4 scroll */
	stage_do(f.stage, "leds 1");
	g_assert_true(client_wait(f.client, has_locks, &locks, 3000));
	stage_do(f.stage, "leds 6");
	locks = SPICE_KEYBOARD_MODIFIER_FLAGS_CAPS_LOCK | SPICE_KEYBOARD_MODIFIER_FLAGS_SCROLL_LOCK;
	g_assert_true(client_wait(f.client, has_locks, &locks, 3000));
	client_close(f.client);
	f.client = client_open(&(struct client_settings){.address = stage_address(f.stage)});
	g_assert_true(client_wait(f.client, client_has_inputs, NULL, 5000));
	g_assert_true(client_wait(f.client, has_locks, &locks, 3000));
	fixture_close(&f);
}

static void test_only_the_right_password_is_let_in(void)
{
	struct stage *stage = stage_open("open sesame", false);
	const char *wrong[] = {NULL, "open", "open sesame ", ""};
	struct client *client;

	stage_do(stage, "show 640 480");
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		client = client_open(&(struct client_settings){
				.address = stage_address(stage), .password = wrong[i]});
		g_assert_true(client_wait(client, client_is_gone, NULL, 5000));
		g_assert_nonnull(client_error(client));
		g_assert_false(client_has_picture(client, NULL));
		client_close(client);
	}
	client = client_open(&(struct client_settings){
			.address = stage_address(stage), .password = "open sesame"});
	g_assert_true(client_wait(client, client_has_picture, NULL, 5000));
	g_assert_true(g_str_has_prefix(stage_do(stage, "peer"), "127.0.0.1:"));
	client_close(client);
	stage_close(stage);
}

static void send_and_reset(const struct stage *stage, const void *bytes, size_t count)
{
	struct sockaddr_in address = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct linger reset = {.l_onoff = 1};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_port = htons(atoi(strrchr(stage_address(stage), ':') + 1));
	g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(send(fd, bytes, count, MSG_NOSIGNAL), ==, count);
	g_usleep(3000);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static void test_a_reset_after_any_byte_of_the_greeting_is_survived(void)
{
	static const uint8_t types[] = {
			SPICE_CHANNEL_MAIN, SPICE_CHANNEL_DISPLAY, SPICE_CHANNEL_INPUTS};
	struct stage *stage = stage_open("secret", false);
	struct client *client;

	stage_do(stage, "show 640 480");
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		struct __attribute__((packed)) {
			SpiceLinkHeader header;
			SpiceLinkMess link;
			uint32_t capabilities;
			uint32_t mechanism;
			uint8_t ticket[128];
		} greeting = {
				.header = {.magic = SPICE_MAGIC,
						.major_version = SPICE_VERSION_MAJOR,
						.minor_version = SPICE_VERSION_MINOR,
						.size = sizeof(SpiceLinkMess) + 4},
				.link = {.channel_type = types[i],
						.num_common_caps = 1,
						.caps_offset = sizeof(SpiceLinkMess)},
				.capabilities = 1 << SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION |
						1 << SPICE_COMMON_CAP_AUTH_SPICE |
						1 << SPICE_COMMON_CAP_MINI_HEADER,
				.mechanism = SPICE_COMMON_CAP_AUTH_SPICE,
		};

		for (size_t count = 0; count <= sizeof(greeting); count++)
			send_and_reset(stage, &greeting, count);
	}
	client = client_open(&(struct client_settings){
			.address = stage_address(stage), .password = "secret"});
	g_assert_true(client_wait(client, client_has_picture, NULL, 5000));
	client_close(client);
	stage_close(stage);
}

int main(int argc, char **argv)
{
	stage_begin(argc, argv);
	stage_test_init(&argc, &argv);
#define TEST(name) g_test_add_func("/viewer/inputs/" #name, test_##name)
	TEST(every_scan_code_arrives_as_its_usage);
	TEST(all_plain_and_extended_codes_come_in_pairs);
	TEST(pause_is_one_key);
	TEST(a_held_key_is_released_when_the_client_goes);
	TEST(the_pointer_reaches_every_corner);
	TEST(the_pointer_follows_the_size_of_the_screen);
	TEST(buttons_and_wheel_come_in_hid_order);
	TEST(the_relative_mouse_moves_in_full);
	TEST(lock_lights_come_back);
	TEST(only_the_right_password_is_let_in);
	TEST(a_reset_after_any_byte_of_the_greeting_is_survived);
	return g_test_run();
}
