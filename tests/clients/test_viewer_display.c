/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a real client shows. */
#include <signal.h>
#include <spice/enums.h>
#include <stdio.h>
#include <string.h>
#include "tests/clients/client.h"
#include "tests/clients/stage.h"

static struct client *join(struct stage *stage)
{
	struct client *client = client_open(
			&(struct client_settings){.address = stage_address(stage)});

	g_assert_true(client_wait(client, client_has_picture, NULL, 10000));
	g_assert_true(client_wait(client, client_has_inputs, NULL, 10000));
	return client;
}

static bool is_same(struct client *client, void *data)
{
	return stage_same(data, client);
}

static bool is_alike(struct client *client, void *data)
{
	return stage_psnr(data, client) >= 35;
}

static void test_a_lossless_picture_is_byte_equal_after_many_changes(void)
{
	struct stage *stage = stage_open(NULL, true);
	struct client *client;

	stage_do(stage, "show 1024 768");
	client = join(stage);
	g_assert_true(client_wait(client, is_same, stage, 5000));
	for (int round = 0; round < 40; round++) {
		stage_do(stage, "damage %d", 1 + round * 2);
		client_run(client, round % 4);
	}
	g_assert_true(client_wait(client, is_same, stage, 5000));
	stage_do(stage, "run 3");
	client_run(client, 1500);
	stage_do(stage, "run 0");
	g_assert_true(client_wait(client, is_same, stage, 5000));
	client_close(client);
	stage_close(stage);
}

static void test_a_lossy_picture_is_within_35_dB(void)
{
	struct stage *stage = stage_open(NULL, false);
	struct client *client;

	stage_do(stage, "show 1280 1024");
	client = join(stage);
	g_assert_true(client_wait(client, is_alike, stage, 5000));
	stage_do(stage, "damage 30");
	client_run(client, 500);
	g_test_message("%.1f dB, %lu bytes", stage_psnr(stage, client),
			client_read_bytes(client, CLIENT_DISPLAY));
	g_assert_cmpfloat(stage_psnr(stage, client), >=, 35);
	client_close(client);
	stage_close(stage);
}

static void test_the_screen_is_black_before_the_first_picture(void)
{
	struct stage *stage = stage_open(NULL, true);
	struct client *client = join(stage);

	g_assert_cmpint(client_picture(client).width, ==, 640);
	g_assert_cmpint(client_picture(client).height, ==, 480);
	stage_do(stage, "show 800 600");
	g_assert_true(client_wait(client, is_same, stage, 5000));
	client_close(client);
	stage_close(stage);
}

static void test_a_static_screen_costs_nothing(void)
{
	struct stage *stage = stage_open(NULL, true);
	struct client *client;
	unsigned long bytes;

	stage_do(stage, "show 800 600");
	client = join(stage);
	g_assert_true(client_wait(client, is_same, stage, 5000));
	client_run(client, 300);
	bytes = client_read_bytes(client, CLIENT_DISPLAY);
	client_run(client, 1500);
	g_assert_cmpuint(client_read_bytes(client, CLIENT_DISPLAY), ==, bytes);
	client_close(client);
	stage_close(stage);
}

static void test_every_size_is_followed(void)
{
	static const struct {
		int width, height;
	} sizes[] = {{640, 480}, {1366, 768}, {721, 401}, {1, 1}, {17, 33}, {1920, 1200},
			{800, 600}, {799, 599}};
	struct stage *stage = stage_open(NULL, true);
	struct client *client = join(stage);

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		stage_do(stage, "show %d %d", sizes[i].width, sizes[i].height);
		stage_do(stage, "damage 3");
		g_assert_true(client_wait(client, is_same, stage, 10000));
	}
	client_close(client);
	stage_close(stage);
}

static void test_a_fast_sequence_of_sizes_ends_with_the_last(void)
{
	struct stage *stage = stage_open(NULL, true);
	struct client *client;

	stage_do(stage, "show 800 600");
	client = join(stage);
	stage_do(stage, "run 2");
	for (int round = 0; round < 60; round++) {
		stage_do(stage, "show %d %d", 320 + round * 13 % 700, 200 + round * 29 % 500);
		if (round % 3 == 0)
			client_run(client, round % 40);
	}
	stage_do(stage, "run 0");
	g_assert_true(client_wait(client, is_same, stage, 10000));
	client_close(client);
	stage_close(stage);
}

static void test_a_client_that_comes_back_sees_what_changed_meanwhile(void)
{
	struct stage *stage = stage_open(NULL, true);

	stage_do(stage, "show 1024 768");
	for (int round = 0; round < 3; round++) {
		struct client *client = join(stage);

		g_assert_true(client_wait(client, is_same, stage, 5000));
		stage_do(stage, "damage 5");
		client_close(client);
		stage_do(stage, "damage 20");
	}
	stage_do(stage, "show 640 400");
	stage_do(stage, "damage 5");
	{
		struct client *client = join(stage);

		g_assert_true(client_wait(client, is_same, stage, 5000));
		client_close(client);
	}
	stage_close(stage);
}

static void test_a_newcomer_takes_the_place_over(void)
{
	struct stage *stage = stage_open(NULL, true);
	struct client *first, *second;
	g_autofree char *events = NULL;

	stage_do(stage, "show 800 600");
	first = join(stage);
	second = client_open(&(struct client_settings){.address = stage_address(stage)});
	g_assert_true(client_wait(second, client_has_picture, NULL, 5000));
	g_assert_true(client_wait(first, client_is_gone, NULL, 5000));
	stage_do(stage, "damage 10");
	g_assert_true(client_wait(second, is_same, stage, 5000));
	client_run(second, 300);
	events = stage_events(stage);
	g_test_message("%s", events);
	g_assert_true(g_str_has_suffix(events, " watched") ||
			g_str_equal(events, "watched release release"));
	g_assert_cmpstr(stage_do(stage, "peer"), !=, "nobody");
	client_close(first);
	stage_do(stage, "damage 10");
	g_assert_true(client_wait(second, is_same, stage, 5000));
	client_close(second);
	stage_close(stage);
}

static void test_glz_asked_for_by_the_client_does_not_stop_the_display(void)
{
	struct stage *stage = stage_open(NULL, true);
	struct client *client;

	stage_do(stage, "show 1024 768");
	client = client_open(&(struct client_settings){.address = stage_address(stage),
			.compression = SPICE_IMAGE_COMPRESSION_GLZ});
	g_assert_true(client_wait(client, client_has_picture, NULL, 5000));
	client_run(client, 300);
	for (int round = 0; round < 10; round++) {
		stage_do(stage, "damage 10");
		g_assert_true(client_wait(client, is_same, stage, 3000));
	}
	stage_do(stage, "show 800 600");
	g_assert_true(client_wait(client, is_same, stage, 5000));
	client_close(client);
	stage_close(stage);
}

static void test_a_stopped_client_stops_nobody_and_then_sees_the_newest(void)
{
	struct stage *stage = stage_open(NULL, true);
	struct extra *extra;
	int gap = -1;

	stage_do(stage, "show 1920 1080");
	extra = stage_extra(stage);
	g_assert_true(extra_wait_same(extra, 10000));
	stage_do(stage, "run 10");
	g_usleep(300000);
	stage_do(stage, "stats");
	kill(extra_pid(extra), SIGSTOP);
	g_usleep(1500000);
	stage_do(stage, "show 1600 900");
	g_usleep(1500000);
	sscanf(stage_do(stage, "stats"), "%d", &gap);
	g_test_message("longest pause of the server's loop: %d ms", gap);
	g_assert_cmpint(gap, >=, 0);
	g_assert_cmpint(gap, <, 100);
	kill(extra_pid(extra), SIGCONT);
	g_usleep(500000);
	stage_do(stage, "run 0");
	g_assert_true(extra_wait_same(extra, 5000));
	extra_kill(extra);
	stage_close(stage);
}

static void test_a_newcomer_takes_over_from_a_stopped_client(void)
{
	struct stage *stage = stage_open(NULL, true);
	struct extra *extra;
	struct client *client;
	int gap = -1;

	stage_do(stage, "show 1920 1080");
	extra = stage_extra(stage);
	g_assert_true(extra_wait_same(extra, 10000));
	kill(extra_pid(extra), SIGSTOP);
	stage_do(stage, "run 5");
	g_usleep(1000000);
	stage_do(stage, "show 1280 720");
	stage_do(stage, "stats");
	client = join(stage);
	stage_do(stage, "run 0");
	g_assert_true(client_wait(client, is_same, stage, 5000));
	sscanf(stage_do(stage, "stats"), "%d", &gap);
	g_test_message("longest pause of the server's loop: %d ms", gap);
	g_assert_cmpint(gap, >=, 0);
	g_assert_cmpint(gap, <, 100);
	extra_kill(extra);
	client_close(client);
	stage_close(stage);
}

static void test_killed_clients_leave_nothing_behind(void)
{
	struct stage *stage = stage_open(NULL, false);
	int gap, fds[2], threads[2];

	stage_do(stage, "show 640 480");
	stage_do(stage, "run 20");
	for (int round = 0; round < 100; round++) {
		struct extra *extra = stage_extra(stage);

		g_assert_true(extra_wait_picture(extra, 10000));
		extra_kill(extra);
		if (round == 4 || round == 99) {
			int i = round == 99;

			g_usleep(300000);
			sscanf(stage_do(stage, "stats"), "%d %d %d", &gap, &fds[i], &threads[i]);
			g_test_message("after %d: %d fds, %d threads, longest pause %d ms",
					round + 1, fds[i], threads[i], gap);
		}
		g_free(stage_events(stage));
	}
	g_assert_cmpint(fds[1], ==, fds[0]);
	g_assert_cmpint(threads[1], ==, threads[0]);
	stage_close(stage);
}

int main(int argc, char **argv)
{
	stage_begin(argc, argv);
	stage_test_init(&argc, &argv);
#define TEST(name) g_test_add_func("/viewer/display/" #name, test_##name)
	TEST(a_lossless_picture_is_byte_equal_after_many_changes);
	TEST(a_lossy_picture_is_within_35_dB);
	TEST(the_screen_is_black_before_the_first_picture);
	TEST(a_static_screen_costs_nothing);
	TEST(every_size_is_followed);
	TEST(a_fast_sequence_of_sizes_ends_with_the_last);
	TEST(a_client_that_comes_back_sees_what_changed_meanwhile);
	TEST(a_newcomer_takes_the_place_over);
	TEST(glz_asked_for_by_the_client_does_not_stop_the_display);
	TEST(a_stopped_client_stops_nobody_and_then_sees_the_newest);
	TEST(a_newcomer_takes_over_from_a_stopped_client);
	TEST(killed_clients_leave_nothing_behind);
	return g_test_run();
}
