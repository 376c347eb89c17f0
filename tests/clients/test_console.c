/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stock client at the console of a simulated node: all rooms together, nothing in between that is
 * not shipped. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "gadget/usage.h"
#include "tests/clients/desk.h"
#include "tests/clients/stage.h"

#define LOSSY                                                                                    \
	35.0 /* dB between the node's screen and a client's picture, all compressions on the way \
	      */

static const char ajpg_lossless[] = "[spice]\nimage = lossless\n"
				    "[capture]\nsource = simulate\n"
				    "[simulate]\ncodec = ajpg\nchroma = 444\nselector = 11\n";
static const char ajpg_default[] =
		"[capture]\nsource = simulate\n[simulate]\nselector = 9\nchroma = 444\n";
static const char ajpg_two[] = "[spice]\nviewers = 2\n[capture]\nsource = simulate\n"
			       "[simulate]\nselector = 9\nchroma = 444\n";
static const char jpeg_default[] = "[capture]\nsource = simulate\n"
				   "[simulate]\ncodec = jpeg\nselector = 9\nchroma = 444\n";

struct fixture {
	struct desk *desk;
	struct client *client;
};

static struct client *connect_client(struct desk *desk, const char *password)
{
	return client_open(&(struct client_settings){
			.address = desk_address(desk),
			.password = password,
	});
}

static void fixture_open(struct fixture *f, gconstpointer configuration)
{
	f->desk = desk_open(configuration);
	f->client = connect_client(f->desk, NULL);
	g_assert_true(client_wait(f->client, client_has_pointer, NULL, 10000));
}

static void fixture_close(struct fixture *f, gconstpointer configuration)
{
	client_close(f->client);
	desk_close(f->desk);
}

/* --- Conditions --- */

static bool at_prompt(struct client *client, void *data)
{
	struct fixture *f = data;
	struct client_picture picture = client_picture(client);

	return picture.width == 1024 && strchr(desk_state(f->desk)->text, '$');
}

static bool shows_node(struct client *client, void *data)
{
	struct fixture *f = data;

	return desk_psnr(f->desk, client) >= LOSSY;
}

static bool typed_nothing(struct client *client, void *data)
{
	struct fixture *f = data;

	return desk_state(f->desk)->typed[0] == '\0';
}

struct size {
	int width, height;
};

static bool has_size(struct client *client, void *data)
{
	const struct size *size = data;
	struct client_picture picture = client_picture(client);

	return picture.width == size->width && picture.height == size->height;
}

struct answer {
	struct desk *desk;
	const char *text;
};

struct held {
	struct desk *desk;
	int usage; /* 0: nothing is down */
};

static bool node_holds(struct client *client, void *data)
{
	const struct held *held = data;
	const struct desk_state *state = desk_state(held->desk);
	uint8_t expected[32] = {0};

	if (held->usage)
		expected[held->usage / 8] = 1 << held->usage % 8;
	return memcmp(state->input.keys, expected, sizeof(expected)) == 0;
}

struct spot {
	struct desk *desk;
	int x, y;
	unsigned int buttons;
};

static bool points_at(struct client *client, void *data)
{
	const struct spot *spot = data;
	const struct desk_state *state = desk_state(spot->desk);

	return state->input.x == spot->x && state->input.y == spot->y &&
	       state->input.buttons == spot->buttons;
}

/* --- Doing things --- */

static void tap(struct client *client, unsigned int code)
{
	client_key(client, code, true);
	client_key(client, code, false);
}

/* Lower-case letters, digits, blank and newline, as a US keyboard has them. */
static void type(struct client *client, const char *text)
{
	static const char row[] = "..1234567890....qwertyuiop..\n.asdfghjkl.....zxcvbnm";

	for (; *text; text++) {
		const char *at = memchr(row, *text, sizeof(row) - 1);

		g_assert_true(at || *text == ' ');
		tap(client, at ? at - row : 0x39);
	}
}

static void wait_prompt(struct fixture *f)
{
	g_assert_true(client_wait(f->client, at_prompt, f, 10000));
	g_assert_true(client_wait(f->client, shows_node, f, 20000));
}

/* --- Tests --- */

static void node_is_at_its_prompt_soon_after_power_on(struct fixture *f, gconstpointer data)
{
	wait_prompt(f);
}

static void picture_equals_the_screen_but_for_compression(struct fixture *f, gconstpointer data)
{
	struct size desktop = {1920, 1080};

	wait_prompt(f);
	type(f->client, "desktop\n");
	g_assert_true(client_wait(f->client, has_size, &desktop, 20000));
	g_assert_true(client_wait(f->client, shows_node, f, 20000));
	g_test_message("%.1f dB", desk_psnr(f->desk, f->client));
}

static void typed_text_reaches_the_node(struct fixture *f, gconstpointer data)
{
	wait_prompt(f);
	type(f->client, "echo hello 42\n");
	g_assert_true(client_wait(f->client, typed_nothing, f, 2000));
	client_run(f->client, 100);
	g_assert_nonnull(strstr(desk_state(f->desk)->text, "\nhello 42"));
	g_assert_true(client_wait(f->client, shows_node, f, 20000));
}

/* The keys of a 105-key keyboard, in the client's notation, that send one code. */
static const unsigned int keys[] = {0x01, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42, 0x43,
		0x44, 0x57, 0x58, 0x46, 0x29, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
		0x0b, 0x0c, 0x0d, 0x0e, 0x152, 0x147, 0x149, 0x45, 0x135, 0x37, 0x4a, 0x0f, 0x10,
		0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x153,
		0x14f, 0x151, 0x47, 0x48, 0x49, 0x4e, 0x3a, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23,
		0x24, 0x25, 0x26, 0x27, 0x28, 0x2b, 0x4b, 0x4c, 0x4d, 0x2a, 0x56, 0x2c, 0x2d, 0x2e,
		0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x148, 0x4f, 0x50, 0x51, 0x11c,
		0x1d, 0x15b, 0x38, 0x39, 0x138, 0x15c, 0x15d, 0x11d, 0x14b, 0x150, 0x14d, 0x52,
		0x53, 0x137};

/* What HID 1.11's usage tables call the key of a code: worked out here from the position on the
 * keyboard. */
static int usage_of(unsigned int code)
{
	static const char row[] = "!!1234567890-=!!qwertyuiop[]\n!asdfghjkl;'`!\\zxcvbnm,./";
	static const char order[] = "abcdefghijklmnopqrstuvwxyz1234567890\n!!!!-=[]\\!;'`,./";
	static const struct {
		unsigned int code;
		int usage;
	} named[] = {{0x01, 41}, {0x0e, 42}, {0x0f, 43}, {0x39, 44}, {0x3a, 57}, {0x57, 68},
			{0x58, 69}, {0x137, 70}, {0x46, 71}, {0x152, 73}, {0x147, 74}, {0x149, 75},
			{0x153, 76}, {0x14f, 77}, {0x151, 78}, {0x14d, 79}, {0x14b, 80},
			{0x150, 81}, {0x148, 82}, {0x45, 83}, {0x135, 84}, {0x37, 85}, {0x4a, 86},
			{0x4e, 87}, {0x11c, 88}, {0x4f, 89}, {0x50, 90}, {0x51, 91}, {0x4b, 92},
			{0x4c, 93}, {0x4d, 94}, {0x47, 95}, {0x48, 96}, {0x49, 97}, {0x52, 98},
			{0x53, 99}, {0x56, 100}, {0x15d, 101}, {0x1d, 224}, {0x2a, 225},
			{0x38, 226}, {0x15b, 227}, {0x11d, 228}, {0x36, 229}, {0x138, 230},
			{0x15c, 231}};

	for (size_t i = 0; i < G_N_ELEMENTS(named); i++)
		if (named[i].code == code)
			return named[i].usage;
	if (code >= 0x3b && code <= 0x44)
		return 58 + code - 0x3b;
	g_assert_cmpint(code, <, sizeof(row) - 1);
	return 4 + (int)((const char *)memchr(order, row[code], sizeof(order)) - order);
}

static void every_key_arrives_as_its_usage(struct fixture *f, gconstpointer data)
{
	wait_prompt(f);
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		struct held held = {f->desk, usage_of(keys[i])}, none = {f->desk, 0};

		client_key(f->client, keys[i], true);
		if (!client_wait(f->client, node_holds, &held, 2000))
			g_error("code 0x%x is not usage %d", keys[i], held.usage);
		client_key(f->client, keys[i], false);
		g_assert_true(client_wait(f->client, node_holds, &none, 2000));
	}
}

static void pointer_reaches_every_corner(struct fixture *f, gconstpointer data)
{
	struct size size = {1920, 1080};
	const struct {
		int x, y;
	} corners[] = {{0, 0}, {1919, 0}, {0, 1079}, {1919, 1079}, {960, 540}};

	wait_prompt(f);
	type(f->client, "desktop\n");
	g_assert_true(client_wait(f->client, has_size, &size, 20000));
	for (size_t i = 0; i < G_N_ELEMENTS(corners); i++) {
		struct spot spot = {f->desk, corners[i].x, corners[i].y, 0};

		client_point(f->client, spot.x, spot.y, 0);
		g_assert_true(client_wait(f->client, points_at, &spot, 2000));
	}
}

static bool lit(struct client *client, void *data)
{
	return client_locks(client) == *(const int *)data;
}

static void caps_lock_lights_up_at_the_client(struct fixture *f, gconstpointer data)
{
	int caps = 4 /* SPICE_KEYBOARD_MODIFIER_FLAGS_CAPS_LOCK */, none = 0;

	wait_prompt(f);
	tap(f->client, 0x3a);
	g_assert_true(client_wait(f->client, lit, &caps, 2000));
	tap(f->client, 0x3a);
	g_assert_true(client_wait(f->client, lit, &none, 2000));
}

static void mode_changes_while_connected(struct fixture *f, gconstpointer data)
{
	struct size sizes[] = {{1280, 1024}, {640, 480}, {1366, 768}, {1920, 1200}};
	const char *const commands[] = {"mode 1280x1024\n", "mode 640x480\n", "mode 1366x768\n",
			"mode 1920x1200\n"};

	wait_prompt(f);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		type(f->client, commands[i]);
		g_assert_true(client_wait(f->client, has_size, &sizes[i], 20000));
		g_assert_true(client_wait(f->client, shows_node, f, 20000));
	}
}

/* The card is nearly all of one colour, which no screen of the node is. */
static bool shows_card(struct client *client, void *data)
{
	struct client_picture picture = client_picture(client);
	int same = 0, all = picture.width * picture.height;

	for (int i = 0; i < all; i++) {
		uint32_t pixel = picture.pixels[(size_t)(i / picture.width) * picture.stride +
						i % picture.width];

		same += (pixel >> 16 & 255) / 8 == 4 && (pixel >> 8 & 255) / 8 == 4 &&
			(pixel & 255) / 8 == 5;
	}
	return all && same > all * 9 / 10;
}

static void lost_signal_is_said_and_comes_back(struct fixture *f, gconstpointer data)
{
	struct size size = {1024, 768};

	wait_prompt(f);
	desk_do(f->desk, "signal off");
	g_assert_true(client_wait(f->client, shows_card, NULL, 20000));
	g_assert_true(has_size(f->client, &size));
	desk_do(f->desk, "signal on");
	g_assert_true(client_wait(f->client, shows_node, f, 20000));
	g_assert_false(client_is_gone(f->client, NULL));
}

static void node_switched_off_and_on_is_seen(struct fixture *f, gconstpointer data)
{
	wait_prompt(f);
	desk_do(f->desk, "power off");
	g_assert_true(client_wait(f->client, shows_card, NULL, 20000));
	desk_do(f->desk, "power on");
	g_assert_true(client_wait(f->client, shows_node, f, 20000));
	wait_prompt(f);
}

static void sleeping_node_wakes_by_a_key(struct fixture *f, gconstpointer data)
{
	wait_prompt(f);
	desk_do(f->desk, "sleep on");
	g_assert_true(client_wait(f->client, shows_card, NULL, 20000));
	tap(f->client, 0x2a);
	g_assert_true(client_wait(f->client, shows_node, f, 20000));
}

static void held_key_goes_up_when_the_viewer_leaves(struct fixture *f, gconstpointer data)
{
	struct held shift = {f->desk, USAGE_LEFT_SHIFT}, none = {f->desk, 0};
	struct client *other;

	wait_prompt(f);
	client_key(f->client, 0x2a, true);
	g_assert_true(client_wait(f->client, node_holds, &shift, 2000));
	client_close(f->client);
	f->client = NULL;
	other = connect_client(f->desk, NULL);
	g_assert_true(client_wait(other, node_holds, &none, 20000));
	client_close(other);
}

/* --- More than one viewer --- */

static void viewers_see_the_same(struct fixture *f, gconstpointer data)
{
	struct size desktop = {1920, 1080};
	struct client *other;

	wait_prompt(f);
	other = connect_client(f->desk, NULL);
	g_assert_true(client_wait(other, shows_node, f, 20000));
	type(f->client, "desktop\n");
	g_assert_true(client_wait(other, has_size, &desktop, 20000));
	g_assert_true(client_wait(other, shows_node, f, 20000));
	g_assert_true(client_wait(f->client, shows_node, f, 20000));
	client_close(other);
	g_assert_true(client_wait(f->client, shows_node, f, 20000));
	g_assert_false(client_is_gone(f->client, NULL));
}

static void key_that_two_hold_goes_up_with_the_second(struct fixture *f, gconstpointer data)
{
	struct held shift = {f->desk, USAGE_LEFT_SHIFT}, none = {f->desk, 0};
	struct client *other;

	wait_prompt(f);
	other = connect_client(f->desk, NULL);
	g_assert_true(client_wait(other, client_has_inputs, NULL, 20000));
	client_key(f->client, 0x2a, true);
	g_assert_true(client_wait(f->client, node_holds, &shift, 2000));
	client_key(other, 0x2a, true);
	client_run(other, 200);
	client_key(other, 0x2a, false);
	client_run(other, 200);
	g_assert_true(node_holds(other, &shift));
	client_key(f->client, 0x2a, false);
	g_assert_true(client_wait(f->client, node_holds, &none, 2000));
	client_close(other);
}

static void leaving_viewer_lets_go_of_its_own_keys_only(struct fixture *f, gconstpointer data)
{
	struct held shift = {f->desk, USAGE_LEFT_SHIFT}, control = {f->desk, USAGE_LEFT_CONTROL};
	struct client *other;

	wait_prompt(f);
	other = connect_client(f->desk, NULL);
	g_assert_true(client_wait(other, client_has_inputs, NULL, 20000));
	client_key(other, 0x1d, true);
	g_assert_true(client_wait(other, node_holds, &control, 2000));
	client_key(f->client, 0x2a, true);
	client_run(f->client, 200);
	client_close(other);
	g_assert_true(client_wait(f->client, node_holds, &shift, 20000));
	client_run(f->client, 200);
	g_assert_true(node_holds(f->client, &shift));
}

static void no_more_viewers_than_configured_come_in(struct fixture *f, gconstpointer data)
{
	struct client *second, *third;

	wait_prompt(f);
	second = connect_client(f->desk, NULL);
	g_assert_true(client_wait(second, shows_node, f, 20000));
	third = connect_client(f->desk, NULL);
	g_assert_true(client_wait(third, client_is_gone, NULL, 20000));
	client_close(third);
	g_assert_false(client_is_gone(f->client, NULL));
	g_assert_false(client_is_gone(second, NULL));
	client_close(second);
	client_run(f->client, 300);
	third = connect_client(f->desk, NULL);
	g_assert_true(client_wait(third, shows_node, f, 20000));
	client_close(third);
}

static void nobody_watching_costs_nothing(struct fixture *f, gconstpointer data)
{
	long before, after;
	int files, threads;

	wait_prompt(f);
	client_close(f->client);
	f->client = NULL;
	g_usleep(G_USEC_PER_SEC / 2);
	sscanf(desk_do(f->desk, "usage"), "%d %d %ld", &files, &threads, &before);
	g_usleep(2 * G_USEC_PER_SEC);
	sscanf(desk_do(f->desk, "usage"), "%d %d %ld", &files, &threads, &after);
	g_test_message("%ld ms of CPU in 2 s", after - before);
	g_assert_cmpint(after - before, <=, 20);
}

static void hundred_viewers_come_and_go(struct fixture *f, gconstpointer data)
{
	int files, threads, files_after, threads_after;
	long cpu;

	wait_prompt(f);
	sscanf(desk_do(f->desk, "usage"), "%d %d %ld", &files, &threads, &cpu);
	for (int i = 0; i < 100; i++) {
		client_close(f->client);
		f->client = connect_client(f->desk, NULL);
		g_assert_true(client_wait(f->client, client_has_picture, NULL, 10000));
	}
	g_assert_true(client_wait(f->client, shows_node, f, 20000));
	sscanf(desk_do(f->desk, "usage"), "%d %d %ld", &files_after, &threads_after, &cpu);
	g_assert_cmpint(files_after, <=, files);
	g_assert_cmpint(threads_after, <=, threads);
}

static void wrong_password_is_refused_and_the_right_one_taken(void)
{
	g_autofree char *file = NULL, *configuration = NULL;
	int fd = g_file_open_tmp("password-XXXXXX", &file, NULL);
	struct client *wrong, *right;
	struct desk *desk;

	g_assert_cmpint(write(fd, "open sesame\n", 12), ==, 12);
	close(fd);
	configuration = g_strdup_printf("[spice]\npassword-file = %s\n%s", file, ajpg_default);
	desk = desk_open(configuration);
	wrong = connect_client(desk, "sesame");
	g_assert_true(client_wait(wrong, client_is_gone, NULL, 20000));
	client_close(wrong);
	right = connect_client(desk, "open sesame");
	g_assert_true(client_wait(right, client_has_picture, NULL, 20000));
	client_close(right);
	desk_close(desk);
	unlink(file);
}

#define ADD(configuration, test)                                                        \
	g_test_add("/console/" #configuration "/" #test, struct fixture, configuration, \
			fixture_open, test, fixture_close)

/* --- A disc from the viewer's folder --- */

static bool drive_says(struct client *client, void *data)
{
	const struct answer *answer = data;

	return g_str_has_prefix(desk_do(answer->desk, "drive"), answer->text);
}

static void shared_disc_lies_in_the_drive(struct fixture *f, gconstpointer configuration)
{
	g_autofree char *bytes = g_malloc0(1 << 20);
	g_autofree char *path = NULL;
	struct answer there = {f->desk, "ready 1048576 127.0.0.1:"};
	struct answer empty = {f->desk, "empty 0 nobody"};

	close(g_file_open_tmp("disc-XXXXXX.iso", &path, NULL));
	g_assert_true(g_file_set_contents(path, bytes, 1 << 20, NULL));
	client_share(f->client, path);
	g_assert_true(client_wait(f->client, drive_says, &there, 3000));
	client_unshare(f->client);
	g_assert_true(client_wait(f->client, drive_says, &empty, 1000));
	client_share(f->client, path);
	g_assert_true(client_wait(f->client, drive_says, &there, 3000));
	client_close(f->client);
	f->client = connect_client(f->desk, NULL);
	g_assert_true(client_wait(f->client, drive_says, &empty, 1000));
	unlink(path);
}

int main(int argc, char **argv)
{
	desk_begin(argc, argv);
	stage_test_init(&argc, &argv);
	ADD(ajpg_default, node_is_at_its_prompt_soon_after_power_on);
	ADD(ajpg_lossless, picture_equals_the_screen_but_for_compression);
	ADD(ajpg_default, picture_equals_the_screen_but_for_compression);
	ADD(jpeg_default, picture_equals_the_screen_but_for_compression);
	ADD(ajpg_default, typed_text_reaches_the_node);
	ADD(ajpg_default, every_key_arrives_as_its_usage);
	ADD(ajpg_default, pointer_reaches_every_corner);
	ADD(ajpg_default, caps_lock_lights_up_at_the_client);
	ADD(ajpg_default, mode_changes_while_connected);
	ADD(jpeg_default, mode_changes_while_connected);
	ADD(ajpg_default, lost_signal_is_said_and_comes_back);
	ADD(jpeg_default, lost_signal_is_said_and_comes_back);
	ADD(ajpg_default, node_switched_off_and_on_is_seen);
	ADD(ajpg_default, sleeping_node_wakes_by_a_key);
	ADD(ajpg_default, held_key_goes_up_when_the_viewer_leaves);
	ADD(ajpg_default, viewers_see_the_same);
	ADD(jpeg_default, viewers_see_the_same);
	ADD(ajpg_two, no_more_viewers_than_configured_come_in);
	ADD(ajpg_default, key_that_two_hold_goes_up_with_the_second);
	ADD(ajpg_default, leaving_viewer_lets_go_of_its_own_keys_only);
	ADD(ajpg_default, nobody_watching_costs_nothing);
	ADD(ajpg_default, hundred_viewers_come_and_go);
	ADD(ajpg_default, shared_disc_lies_in_the_drive);
	g_test_add_func("/console/wrong_password_is_refused_and_the_right_one_taken",
			wrong_password_is_refused_and_the_right_one_taken);
	return g_test_run();
}
