/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "sim/hid.h"
#include "sim/keymap.h"
#include "sim/node.h"
#include "tests/unit/sim_devices.h"

#define NODE_SIDE 0
#define OUR_SIDE  1

struct fixture {
	struct sim_node *node;
	struct capture *capture;
	int keyboard[2], tablet[2], mouse[2];
	int frames, width, height; /* heard from the engine */
	gsize bytes;
	enum capture_state state;
	char *reason;
};

static void heard_frame(const struct capture_frame *frame, void *data)
{
	struct fixture *f = data;

	f->frames++;
	f->bytes += frame->size;
	f->width = frame->width;
	f->height = frame->height;
}

static void heard_state(enum capture_state state, const char *reason, void *data)
{
	struct fixture *f = data;

	f->state = state;
	g_free(f->reason);
	f->reason = g_strdup(reason);
}

static gboolean time_is_up(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

static void run_for(int milliseconds)
{
	bool up = false;

	g_timeout_add(milliseconds, time_is_up, &up);
	while (!up)
		g_main_context_iteration(NULL, TRUE);
}

static void pair(int fds[2])
{
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			==, 0);
}

static void open_with(struct fixture *f, enum capture_codec codec)
{
	struct sim_engine engine = {codec, 444, 7, -1, false, 60};
	struct capture_events events = {heard_frame, heard_state, f};

	*f = (struct fixture){.node = sim_node_new(&engine)};
	pair(f->keyboard);
	pair(f->tablet);
	pair(f->mouse);
	g_assert_true(sim_node_plug(
			f->node, f->keyboard[NODE_SIDE], boot_keyboard, sizeof(boot_keyboard)));
	g_assert_true(sim_node_plug(f->node, f->tablet[NODE_SIDE], tablet, sizeof(tablet)));
	g_assert_true(sim_node_plug(f->node, f->mouse[NODE_SIDE], boot_mouse, sizeof(boot_mouse)));
	f->capture = sim_node_capture(f->node);
	capture_listen(f->capture, &events);
}

static void close_fixture(struct fixture *f)
{
	sim_node_free(f->node);
	for (int side = 0; side < 2; side++) {
		close(f->keyboard[side]);
		close(f->tablet[side]);
		close(f->mouse[side]);
	}
	g_free(f->reason);
}

static void send_report(int fd, const void *report, gsize size)
{
	g_assert_cmpint(send(fd, report, size, 0), ==, size);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static void press(struct fixture *f, uint8_t modifiers, uint8_t usage)
{
	const uint8_t down[8] = {modifiers, 0, usage}, up[8] = {0};

	send_report(f->keyboard[OUR_SIDE], down, sizeof(down));
	send_report(f->keyboard[OUR_SIDE], up, sizeof(up));
}

static void type(struct fixture *f, const char *text)
{
	for (; *text; text++) {
		bool typed = false;

		for (int i = 0; !typed && i < 2 * KEYMAP_CAPS_LOCK; i++) {
			typed = keymap_code(i / 2, i % 2, false, false) == (uint8_t)*text;
			if (typed)
				press(f, i % 2 ? 2 : 0, i / 2);
		}
		g_assert_true(typed);
	}
}

static void point(struct fixture *f, uint8_t buttons, int x, int y, int wheel)
{
	const uint8_t report[] = {buttons, x, x >> 8, y, y >> 8, wheel};

	send_report(f->tablet[OUR_SIDE], report, sizeof(report));
}

static bool shows(struct fixture *f, const char *text)
{
	return strstr(sim_node_text(f->node), text) != NULL;
}

static void wait_to_show(struct fixture *f, const char *text, int milliseconds)
{
	for (int i = 0; i < milliseconds / 20 && !shows(f, text); i++)
		run_for(20);
	if (!shows(f, text))
		g_error("not on the screen: \"%s\" but:\n%s", text, sim_node_text(f->node));
}

/* On, and at the prompt as fast as keys get it there. */
static void boot(struct fixture *f)
{
	sim_node_power(f->node, true);
	wait_to_show(f, "Boot menu", 4000);
	press(f, 0, KEYMAP_ENTER);
	wait_to_show(f, "node:~ $", 2000);
}

static void assert_size(struct fixture *f, int width, int height)
{
	int seen_width = 0, seen_height = 0, stride;

	g_assert_nonnull(sim_node_screen(f->node, &seen_width, &seen_height, &stride));
	g_assert_cmpint(seen_width, ==, width);
	g_assert_cmpint(seen_height, ==, height);
}

static void test_untouched_it_boots_to_the_prompt_in_six_seconds(void)
{
	struct fixture f;

	open_with(&f, CAPTURE_AJPG);
	sim_node_power(f.node, true);
	run_for(100);
	g_assert_true(shows(&f, "Press F2 for setup"));
	assert_size(&f, 720, 400);
	wait_to_show(&f, "node:~ $", 5900);
	assert_size(&f, 1024, 768);
	close_fixture(&f);
}

static void test_setup_and_the_boot_menu_wait_for_keys(void)
{
	struct fixture f;

	open_with(&f, CAPTURE_AJPG);
	sim_node_power(f.node, true);
	run_for(50);
	press(&f, 0, KEYMAP_F2);
	wait_to_show(&f, "After power loss", 3500);
	press(&f, 0, KEYMAP_ESCAPE);
	g_assert_true(shows(&f, "Boot menu"));
	run_for(2500);
	g_assert_true(shows(&f, "Boot menu"));
	press(&f, 0, KEYMAP_DOWN);
	press(&f, 0, KEYMAP_ENTER);
	assert_size(&f, 1920, 1080);
	press(&f, 0, KEYMAP_ESCAPE);
	wait_to_show(&f, "node:~ $", 2000);
	close_fixture(&f);
}

static void test_typing_shows_at_the_prompt(void)
{
	struct fixture f;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	type(&f, "echo Hello, World! ~{}|\"x");
	press(&f, 0, KEYMAP_BACKSPACE);
	g_assert_cmpstr(sim_node_typed(f.node), ==, "echo Hello, World! ~{}|\"");
	g_assert_true(shows(&f, "node:~ $ echo Hello, World! ~{}|\"\n"));
	press(&f, 0, KEYMAP_ENTER);
	g_assert_true(shows(&f, "\nHello, World! ~{}|\"\nnode:~ $"));
	g_assert_cmpstr(sim_node_typed(f.node), ==, "");
	press(&f, 0, KEYMAP_UP);
	press(&f, 0, KEYMAP_HOME);
	press(&f, 0, KEYMAP_DELETE);
	g_assert_cmpstr(sim_node_typed(f.node), ==, "cho Hello, World! ~{}|\"");
	close_fixture(&f);
}

static void test_long_output_scrolls_and_long_lines_wrap(void)
{
	struct fixture f;
	char line[200] = {0};

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	type(&f, "seq 1000\n");
	g_assert_true(shows(&f, "\n999\n1000\nnode:~ $\n"));
	g_assert_false(shows(&f, "\n900\n"));
	memset(line, 'x', sizeof(line) - 1);
	type(&f, line);
	g_assert_cmpstr(sim_node_typed(f.node), ==, line);
	for (gsize i = 0; i < sizeof(line); i++)
		press(&f, 0, KEYMAP_BACKSPACE);
	g_assert_true(shows(&f, "\nnode:~ $\n"));
	g_assert_false(shows(&f, "x"));
	close_fixture(&f);
}

static void test_a_held_key_repeats_until_released(void)
{
	const uint8_t down[8] = {0, 0, 0x04}, up[8] = {0};
	struct fixture f;
	gsize typed;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	send_report(f.keyboard[OUR_SIDE], down, sizeof(down));
	run_for(300);
	g_assert_cmpstr(sim_node_typed(f.node), ==, "a");
	run_for(500);
	send_report(f.keyboard[OUR_SIDE], up, sizeof(up));
	typed = strlen(sim_node_typed(f.node));
	g_assert_cmpuint(typed, >, 3);
	run_for(200);
	g_assert_cmpuint(strlen(sim_node_typed(f.node)), ==, typed);
	close_fixture(&f);
}

static void test_caps_lock_lights_every_keyboard(void)
{
	struct fixture f;
	int second[2];
	uint8_t lights[8];

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	while (recv(f.keyboard[OUR_SIDE], lights, sizeof(lights), 0) > 0)
		;
	press(&f, 0, KEYMAP_CAPS_LOCK);
	g_assert_cmpint(recv(f.keyboard[OUR_SIDE], lights, sizeof(lights), 0), ==, 1);
	g_assert_cmphex(lights[0], ==, HID_CAPS_LOCK);
	pair(second);
	g_assert_true(sim_node_plug(
			f.node, second[NODE_SIDE], boot_keyboard, sizeof(boot_keyboard)));
	g_assert_cmpint(recv(second[OUR_SIDE], lights, sizeof(lights), 0), ==, 1);
	g_assert_cmphex(lights[0], ==, HID_CAPS_LOCK);
	press(&f, 0, 0x04);
	press(&f, 2, 0x05);
	g_assert_cmpstr(sim_node_typed(f.node), ==, "Ab");
	press(&f, 0, KEYMAP_CAPS_LOCK);
	g_assert_cmpint(recv(second[OUR_SIDE], lights, sizeof(lights), 0), ==, 1);
	g_assert_cmphex(lights[0], ==, 0);
	/* A mouse has no lights. */
	g_assert_cmpint(recv(f.mouse[OUR_SIDE], lights, sizeof(lights), 0), ==, -1);
	sim_node_unplug(f.node, second[NODE_SIDE]);
	close(second[0]);
	close(second[1]);
	close_fixture(&f);
}

static void test_pulling_a_keyboard_releases_its_keys(void)
{
	const uint8_t down[8] = {0x02, 0, 0x04};
	struct fixture f;
	struct sim_input input;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	send_report(f.keyboard[OUR_SIDE], down, sizeof(down));
	sim_node_input(f.node, &input);
	g_assert_cmphex(input.keys[0], ==, 1 << 4);
	g_assert_cmphex(input.keys[0xe1 >> 3], ==, 1 << 1);
	close(f.keyboard[OUR_SIDE]);
	f.keyboard[OUR_SIDE] = -1;
	run_for(20);
	sim_node_input(f.node, &input);
	g_assert_cmphex(input.keys[0], ==, 0);
	g_assert_cmphex(input.keys[0xe1 >> 3], ==, 0);
	close_fixture(&f);
}

static void test_garbage_is_not_taken(void)
{
	struct fixture f;
	struct sim_input before, after;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	sim_node_input(f.node, &before);
	send_report(f.keyboard[OUR_SIDE], "", 0);
	send_report(f.keyboard[OUR_SIDE], "\377\377\377", 3);
	send_report(f.tablet[OUR_SIDE], "x", 1);
	sim_node_input(f.node, &after);
	g_assert_cmpmem(&before, sizeof(before), &after, sizeof(after));
	g_assert_false(sim_node_plug(f.node, f.mouse[NODE_SIDE], (const uint8_t *)"nonsense", 8));
	type(&f, "ok");
	g_assert_cmpstr(sim_node_typed(f.node), ==, "ok");
	close_fixture(&f);
}

static void test_both_kinds_of_pointer_move_it(void)
{
	const uint8_t by[] = {0, 10, 0xfb};
	struct fixture f;
	struct sim_input input;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	type(&f, "desktop\n");
	assert_size(&f, 1920, 1080);
	point(&f, 0, 32767, 32767, 0);
	sim_node_input(f.node, &input);
	g_assert_cmpint(input.x, ==, 1919);
	g_assert_cmpint(input.y, ==, 1079);
	point(&f, 3, 0, 0, -2);
	point(&f, 1, 0, 16384, 0);
	sim_node_input(f.node, &input);
	g_assert_cmpint(input.x, ==, 0);
	g_assert_cmpint(input.y, ==, 540);
	g_assert_cmpint(input.wheel, ==, -2);
	g_assert_cmphex(input.buttons, ==, 1);
	send_report(f.mouse[OUR_SIDE], by, sizeof(by));
	sim_node_input(f.node, &input);
	g_assert_cmpint(input.x, ==, 10);
	g_assert_cmpint(input.y, ==, 535);
	type(&f, "notes");
	g_assert_cmpstr(sim_node_typed(f.node), ==, "notes");
	close_fixture(&f);
}

/* All but the panel, whose clock may go on in between. */
static uint32_t *copy_screen(struct fixture *f, gsize *size)
{
	const int panel = 40;
	int width, height, stride;
	const uint32_t *screen = sim_node_screen(f->node, &width, &height, &stride);

	g_assert_nonnull(screen);
	*size = (gsize)stride * (height - panel) * sizeof(*screen);
	return g_memdup2(screen + (gsize)stride * panel, *size);
}

static void test_partial_drawing_equals_full_drawing(void)
{
	struct fixture f;
	uint32_t *partial, *whole;
	gsize size, whole_size;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	type(&f, "desktop 801x603\n");
	g_free(copy_screen(&f, &size));
	for (int i = 0; i < 60; i++) {
		int x = g_test_rand_int_range(0, 32768), y = g_test_rand_int_range(0, 32768);

		/* The window is dragged for a while, by its title. */
		if (i == 10)
			point(&f, 1, 32768 / 12 + 4000, 32768 / 8 + 700, 0);
		else
			point(&f, i > 10 && i < 40 ? 1 : i % 5 * 2, x, y, i % 3 - 1);
		if (i % 4 == 0)
			type(&f, "typing\n");
		g_free(copy_screen(&f, &size));
	}
	point(&f, 0, 20000, 20000, 0);
	partial = copy_screen(&f, &size);
	press(&f, 0, KEYMAP_ESCAPE);
	assert_size(&f, 1024, 768);
	type(&f, "desktop 801x603\n");
	whole = copy_screen(&f, &whole_size);
	g_assert_cmpmem(partial, size, whole, whole_size);
	g_free(partial);
	g_free(whole);
	close_fixture(&f);
}

static void test_a_mode_change_makes_frames_of_the_new_size(void)
{
	struct fixture f;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	capture_start(f.capture);
	run_for(50);
	g_assert_cmpint(f.state, ==, CAPTURE_STREAMING);
	g_assert_cmpint(f.width, ==, 1024);
	type(&f, "mode 1366x768\n");
	run_for(100);
	g_assert_cmpint(f.width, ==, 1366);
	g_assert_cmpint(f.height, ==, 768);
	type(&f, "mode 640x480\n");
	run_for(100);
	g_assert_cmpint(f.width, ==, 640);
	g_assert_true(shows(&f, "node:~ $\n"));
	type(&f, "mode 9x9\n");
	g_assert_true(shows(&f, "usage: mode WxH"));
	close_fixture(&f);
}

static void test_a_static_screen_sends_nothing(void)
{
	struct fixture f;
	int frames;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	type(&f, "desktop\n");
	capture_start(f.capture);
	run_for(300);
	frames = f.frames;
	g_assert_cmpint(frames, >=, 1);
	run_for(500);
	/* The clock may have gone to the next minute. */
	g_assert_cmpint(f.frames, <=, frames + 1);
	point(&f, 0, 5000, 5000, 0);
	run_for(100);
	g_assert_cmpint(f.frames, >, frames);
	close_fixture(&f);
}

static void test_frames_keep_the_rate_and_stop_when_told(void)
{
	struct sim_engine engine = {CAPTURE_JPEG, 420, 4, -1, false, 10};
	struct capture_events events;
	struct fixture f;
	int frames;

	open_with(&f, CAPTURE_AJPG);
	sim_node_free(f.node);
	f.node = sim_node_new(&engine);
	events = (struct capture_events){heard_frame, heard_state, &f};
	g_assert_true(sim_node_plug(
			f.node, f.keyboard[NODE_SIDE], boot_keyboard, sizeof(boot_keyboard)));
	f.capture = sim_node_capture(f.node);
	capture_listen(f.capture, &events);
	boot(&f);
	type(&f, "desktop 640x480\n");
	press(&f, 0, KEYMAP_F6);
	capture_start(f.capture);
	run_for(1000);
	g_assert_cmpint(f.frames, >=, 4);
	g_assert_cmpint(f.frames, <=, 11);
	capture_stop(f.capture);
	frames = f.frames;
	run_for(250);
	g_assert_cmpint(f.frames, ==, frames);
	capture_start(f.capture);
	capture_key_frame(f.capture);
	run_for(250);
	g_assert_cmpint(f.frames, >, frames);
	close_fixture(&f);
}

static void test_loss_of_signal_is_told_and_ends(void)
{
	struct fixture f;
	int frames;

	open_with(&f, CAPTURE_JPEG);
	capture_start(f.capture);
	run_for(20);
	g_assert_cmpint(f.state, ==, CAPTURE_NO_SIGNAL);
	g_assert_nonnull(strstr(f.reason, "switched off"));
	boot(&f);
	g_assert_cmpint(f.state, ==, CAPTURE_STREAMING);
	sim_node_signal(f.node, false);
	run_for(20);
	g_assert_cmpint(f.state, ==, CAPTURE_NO_SIGNAL);
	sim_node_signal(f.node, true);
	run_for(20);
	g_assert_cmpint(f.state, ==, CAPTURE_STREAMING);
	type(&f, "nosignal 1\n");
	run_for(50);
	g_assert_cmpint(f.state, ==, CAPTURE_NO_SIGNAL);
	frames = f.frames;
	run_for(500);
	g_assert_cmpint(f.frames, ==, frames);
	run_for(700);
	g_assert_cmpint(f.state, ==, CAPTURE_STREAMING);
	g_assert_cmpint(f.frames, >, frames);
	close_fixture(&f);
}

static void test_sleep_ends_with_a_key(void)
{
	struct fixture f;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	capture_start(f.capture);
	type(&f, "sleep\n");
	run_for(50);
	g_assert_cmpint(f.state, ==, CAPTURE_NO_SIGNAL);
	g_assert_cmpstr(sim_node_text(f.node), ==, "");
	point(&f, 0, 100, 100, 0);
	run_for(50);
	g_assert_cmpint(f.state, ==, CAPTURE_NO_SIGNAL);
	press(&f, 2, 0);
	run_for(50);
	g_assert_cmpint(f.state, ==, CAPTURE_STREAMING);
	g_assert_true(shows(&f, "node:~ $\n"));
	close_fixture(&f);
}

static void test_control_alt_delete_and_reboot_start_again(void)
{
	struct fixture f;
	struct sim_input input;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	press(&f, 0, KEYMAP_CAPS_LOCK);
	press(&f, 0x05, KEYMAP_DELETE);
	g_assert_true(shows(&f, "Memory test"));
	sim_node_input(f.node, &input);
	g_assert_cmphex(input.lights, ==, 0);
	wait_to_show(&f, "Boot menu", 4000);
	press(&f, 0, KEYMAP_ENTER);
	wait_to_show(&f, "node:~ $", 2000);
	type(&f, "reboot\n");
	g_assert_true(shows(&f, "Memory test"));
	close_fixture(&f);
}

static void test_switched_off_it_hears_nothing(void)
{
	struct fixture f;
	struct sim_input input;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	capture_start(f.capture);
	type(&f, "poweroff\n");
	run_for(50);
	g_assert_cmpint(f.state, ==, CAPTURE_NO_SIGNAL);
	press(&f, 0, KEYMAP_CAPS_LOCK);
	point(&f, 1, 5, 5, 1);
	sim_node_input(f.node, &input);
	g_assert_cmphex(input.lights, ==, 0);
	g_assert_cmphex(input.buttons, ==, 0);
	g_assert_cmpint(input.wheel, ==, 0);
	sim_node_power(f.node, true);
	run_for(50);
	g_assert_cmpint(f.state, ==, CAPTURE_STREAMING);
	g_assert_true(shows(&f, "Memory test"));
	close_fixture(&f);
}

static void test_nobody_watching_costs_nothing(void)
{
	struct fixture f;
	clock_t before;

	open_with(&f, CAPTURE_AJPG);
	boot(&f);
	capture_start(f.capture);
	run_for(50);
	capture_stop(f.capture);
	while (g_main_context_iteration(NULL, FALSE))
		;
	before = clock();
	run_for(600);
	g_assert_cmpint((clock() - before) * 1000 / CLOCKS_PER_SEC, <=, 5);
	close_fixture(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/node/untouched-it-boots-to-the-prompt-in-six-seconds",
			test_untouched_it_boots_to_the_prompt_in_six_seconds);
	g_test_add_func("/node/setup-and-the-boot-menu-wait-for-keys",
			test_setup_and_the_boot_menu_wait_for_keys);
	g_test_add_func("/node/typing-shows-at-the-prompt", test_typing_shows_at_the_prompt);
	g_test_add_func("/node/long-output-scrolls-and-long-lines-wrap",
			test_long_output_scrolls_and_long_lines_wrap);
	g_test_add_func("/node/a-held-key-repeats-until-released",
			test_a_held_key_repeats_until_released);
	g_test_add_func("/node/caps-lock-lights-every-keyboard",
			test_caps_lock_lights_every_keyboard);
	g_test_add_func("/node/pulling-a-keyboard-releases-its-keys",
			test_pulling_a_keyboard_releases_its_keys);
	g_test_add_func("/node/garbage-is-not-taken", test_garbage_is_not_taken);
	g_test_add_func("/node/both-kinds-of-pointer-move-it", test_both_kinds_of_pointer_move_it);
	g_test_add_func("/node/partial-drawing-equals-full-drawing",
			test_partial_drawing_equals_full_drawing);
	g_test_add_func("/node/a-mode-change-makes-frames-of-the-new-size",
			test_a_mode_change_makes_frames_of_the_new_size);
	g_test_add_func("/node/a-static-screen-sends-nothing", test_a_static_screen_sends_nothing);
	g_test_add_func("/node/frames-keep-the-rate-and-stop-when-told",
			test_frames_keep_the_rate_and_stop_when_told);
	g_test_add_func("/node/loss-of-signal-is-told-and-ends",
			test_loss_of_signal_is_told_and_ends);
	g_test_add_func("/node/sleep-ends-with-a-key", test_sleep_ends_with_a_key);
	g_test_add_func("/node/control-alt-delete-and-reboot-start-again",
			test_control_alt_delete_and_reboot_start_again);
	g_test_add_func("/node/switched-off-it-hears-nothing", test_switched_off_it_hears_nothing);
	g_test_add_func("/node/nobody-watching-costs-nothing", test_nobody_watching_costs_nothing);
	return g_test_run();
}
