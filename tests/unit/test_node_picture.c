/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a simulated node shows, and when it shows nothing. */
#include <time.h>
#include "tests/unit/node_rig.h"

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
	g_test_add_func("/node/switched-off-it-hears-nothing", test_switched_off_it_hears_nothing);
	g_test_add_func("/node/nobody-watching-costs-nothing", test_nobody_watching_costs_nothing);
	return g_test_run();
}
