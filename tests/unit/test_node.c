/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A simulated node under keys and pointers. */
#include "sim/hid.h"
#include "tests/unit/node_rig.h"

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
	g_test_add_func("/node/control-alt-delete-and-reboot-start-again",
			test_control_alt_delete_and_reboot_start_again);
	return g_test_run();
}
