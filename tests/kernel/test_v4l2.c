/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's aspeed-video, over the lab's engine, as capture/v4l2 sees it. */
#include <glib.h>
#include <string.h>
#include <unistd.h>
#include "tests/kernel/eye.h"

static const struct {
	int width, height;
} modes[] = {{640, 480}, {800, 600}, {1024, 768}, {1366, 768}, {1920, 1080}, {1920, 1200}};

/* --- Modes --- */

static void check_every_mode(const struct v4l2_settings *settings)
{
	struct eye eye;

	for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
		if (!eye_look(&eye, settings, modes[i].width, modes[i].height))
			return;
		eye_frames(&eye, 5);
		eye_until_size(&eye, modes[i].width, modes[i].height);
		g_assert_cmpstr(eye.states->str, ==, "s");
		eye_close(&eye);
	}
}

static void test_ajpg_444_shows_every_mode(void)
{
	check_every_mode(&eye_ajpg);
}

static void test_ajpg_420_shows_every_mode(void)
{
	struct v4l2_settings settings = eye_ajpg;

	settings.quality.chroma = 420;
	check_every_mode(&settings);
}

static void test_second_pass_is_shown(void)
{
	struct v4l2_settings settings = eye_ajpg;
	struct eye eye;

	settings.quality = (struct capture_quality){.selector = 2, .chroma = 444, .hq_selector = 9};
	if (!eye_look(&eye, &settings, 640, 480))
		return;
	eye_frames(&eye, 10);
	g_assert_cmpint(eye.last.second_selector, ==, 9);
	eye_close(&eye);
}

static void test_jpeg_shows_every_mode(void)
{
	check_every_mode(&eye_jpeg);
}

static void check_mode_changes(const struct v4l2_settings *settings)
{
	struct eye eye;
	int64_t before;

	if (!eye_look(&eye, settings, 640, 480))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
		/* Up and down. */
		size_t at = i * 5 % G_N_ELEMENTS(modes);
		int width = modes[at].width, height = modes[at].height;

		before = g_get_monotonic_time();
		eye_mode(&eye, width, height);
		eye_until_size(&eye, width, height);
		g_test_message("# %dx%d after %.0f ms", width, height,
				(g_get_monotonic_time() - before) / 1e3);
		eye_frames(&eye, 3);
		g_assert_cmpint(eye.last.width, ==, width);
	}
	/* No gap without a signal in between that a viewer would notice. */
	g_assert_null(strpbrk(eye.states->str, "-n"));
	eye_close(&eye);
}

static void test_another_mode_is_followed_in_ajpg(void)
{
	check_mode_changes(&eye_ajpg);
}

static void test_another_mode_is_followed_in_jpeg(void)
{
	check_mode_changes(&eye_jpeg);
}

static void test_mode_beyond_the_engine_is_told(void)
{
	struct eye eye;

	if (!eye_look(&eye, &eye_ajpg, 2048, 1536))
		return;
	eye_until(eye.state == CAPTURE_NO_SIGNAL);
	g_assert_nonnull(strstr(eye.reason, "mode 2048x1536 is beyond what "));
	eye_mode(&eye, 800, 600);
	eye_frames(&eye, 3);
	g_assert_cmpstr(eye.states->str, ==, "-s");
	eye_mode(&eye, 2560, 1440);
	eye_until(eye.state == CAPTURE_NO_SIGNAL);
	eye_close(&eye);
}

/* --- Signal --- */

static void check_signal(const struct v4l2_settings *settings)
{
	struct eye eye;

	if (!eye_look(&eye, settings, 0, 0))
		return;
	eye_until(eye.state == CAPTURE_NO_SIGNAL);
	g_assert_nonnull(strstr(eye.reason, "no signal at /dev/video"));
	eye_mode(&eye, 1024, 768);
	eye_frames(&eye, 3);
	eye_mode(&eye, 0, 0);
	eye_until(eye.state == CAPTURE_NO_SIGNAL);
	eye_mode(&eye, 1024, 768); /* the same */
	eye_frames(&eye, 3);
	eye_mode(&eye, 0, 0);
	eye_until(eye.state == CAPTURE_NO_SIGNAL);
	eye_mode(&eye, 800, 600); /* another */
	eye_frames(&eye, 3);
	eye_mode(&eye, 0, 0);
	eye_until(eye.state == CAPTURE_NO_SIGNAL);
	eye_mode(&eye, 640, 480); /* which the driver takes no signal for */
	eye_frames(&eye, 3);
	g_assert_cmpstr(eye.states->str, ==, "-s-s-s-s");
	eye_close(&eye);
}

static void test_signal_that_goes_comes_back_in_ajpg(void)
{
	check_signal(&eye_ajpg);
}

static void test_signal_that_goes_comes_back_in_jpeg(void)
{
	check_signal(&eye_jpeg);
}

/* The driver tells of no event then. */
static void check_short_losses(const struct v4l2_settings *settings)
{
	struct eye eye;

	if (!eye_look(&eye, settings, 1024, 768))
		return;
	for (int i = 0; i < 5; i++) {
		eye_frames(&eye, 5 + i);
		eye_mode(&eye, 1024, 768);
	}
	eye_frames(&eye, 20);
	g_assert_cmpstr(eye.states->str, ==, "s");
	eye_close(&eye);
}

static void test_short_loss_of_a_signal_goes_unnoticed_in_ajpg(void)
{
	check_short_losses(&eye_ajpg);
}

static void test_short_loss_of_a_signal_goes_unnoticed_in_jpeg(void)
{
	check_short_losses(&eye_jpeg);
}

/* --- Start and stop --- */

static int open_videos(void)
{
	GDir *folder = g_dir_open("/proc/self/fd", 0, NULL);
	const char *name;
	int count = 0;

	while ((name = g_dir_read_name(folder))) {
		g_autofree char *link = g_build_filename("/proc/self/fd", name, NULL);
		g_autofree char *target = g_file_read_link(link, NULL);

		count += target && g_str_has_prefix(target, "/dev/video");
	}
	g_dir_close(folder);
	return count;
}

static void check_stop_and_start(const struct v4l2_settings *settings)
{
	struct eye eye;
	int frames;

	if (!eye_look(&eye, settings, 800, 600))
		return;
	for (int i = 0; i < 4; i++) {
		eye_frames(&eye, 3 + i);
		capture_stop(eye.capture);
		frames = eye.frames;
		/* Sooner than the driver can stop, and later. */
		if (i % 2)
			eye_until(open_videos() == 0);
		g_assert_cmpint(eye.frames, ==, frames);
		eye_start(&eye);
	}
	eye_frames(&eye, 3);
	g_assert_cmpstr(eye.states->str, ==, "sssss");
	eye_close(&eye);
}

static void test_start_after_a_stop_begins_with_a_complete_frame(void)
{
	check_stop_and_start(&eye_ajpg);
}

static void test_jpeg_starts_again_after_a_stop(void)
{
	check_stop_and_start(&eye_jpeg);
}

static void test_device_is_closed_while_nobody_looks(void)
{
	struct eye eye;
	guint count;

	if (!eye_look(&eye, &eye_ajpg, 800, 600))
		return;
	eye_frames(&eye, 3);
	g_assert_cmpint(open_videos(), >, 0);
	capture_stop(eye.capture);
	eye_until(open_videos() == 0);
	g_usleep(200000); /* one frame may be on its way to the engine still */
	count = feed_count(eye.feed);
	g_usleep(300000);
	g_assert_cmpuint(feed_count(eye.feed), ==, count);
	eye_close(&eye);
}

/* --- Every frame --- */

static void test_every_one_of_many_differences_arrives(void)
{
	struct eye eye;
	int64_t before;

	if (!eye_open_engine(&eye, &eye_ajpg, 1000))
		return;
	eye_scene(&eye, FEED_BLANK);
	eye_mode(&eye, 256, 64);
	eye_start(&eye);
	eye_frames(&eye, 1);
	before = g_get_monotonic_time();
	while (eye.frames < (g_test_slow() ? 10000 : 2000))
		eye_frames(&eye, 100);
	g_test_message("# %d frames in %.1f s", eye.frames,
			(g_get_monotonic_time() - before) / 1e6);
	g_assert_cmpint(eye.skipped, ==, 0);
	g_assert_cmpstr(eye.states->str, ==, "s");
	eye_close(&eye);
}

static void test_every_difference_arrives_at_a_slow_main_thread(void)
{
	struct eye eye;

	if (!eye_look(&eye, &eye_ajpg, 640, 480))
		return;
	eye.delay = 150000;
	eye_frames(&eye, 12);
	eye.delay = 1500000; /* longer than it may take to miss frames */
	eye_frames(&eye, 3);
	eye.delay = 0;
	eye_frames(&eye, 12);
	g_assert_cmpint(eye.skipped, ==, 0);
	g_assert_cmpstr(eye.states->str, ==, "s");
	eye_close(&eye);
}

static void test_slow_main_thread_gets_the_newest_jpeg(void)
{
	struct eye eye;
	unsigned int shown;

	if (!eye_look(&eye, &eye_jpeg, 640, 480))
		return;
	eye_frames(&eye, 5);
	g_usleep(1000000);
	shown = eye.picture;
	eye_frames(&eye, 1); /* may have waited */
	eye_frames(&eye, 1);
	g_assert_cmpuint(eye.picture, >, shown + 4);
	eye_close(&eye);
}

/* --- Key frames --- */

static void test_key_frame_comes_when_asked_for(void)
{
	struct eye eye;
	int complete;

	if (!eye_look(&eye, &eye_ajpg, 640, 480))
		return;
	feed_rate(eye.feed, 4, NULL); /* the eighth frame is far */
	for (int i = 0; i < 3; i++) {
		eye_frames(&eye, 2);
		complete = eye.complete;
		for (int again = 0; again < 20; again++) /* one will do */
			capture_key_frame(eye.capture);
		eye_until(eye.complete > complete);
	}
	g_assert_cmpstr(eye.states->str, ==, "s");
	eye_close(&eye);
}

static void test_eighth_frame_serves_as_key_frame(void)
{
	struct eye eye;

	if (!eye_look(&eye, &eye_ajpg, 320, 240))
		return;
	feed_rate(eye.feed, 60, NULL);
	for (int i = 0; i < 10; i++) {
		int complete = eye.complete;

		capture_key_frame(eye.capture);
		eye_until(eye.complete > complete);
		eye_frames(&eye, 3);
	}
	g_assert_cmpint(eye.skipped, ==, 0); /* so it was not opened anew */
	eye_close(&eye);
}

/* --- Quality --- */

static void test_ajpg_quality_changes_with_a_complete_frame(void)
{
	struct eye eye;

	if (!eye_look(&eye, &eye_ajpg, 640, 480))
		return;
	eye_frames(&eye, 3);
	eye_adjust(&eye, 2, 420, -1);
	eye_until(eye.last.selector == 2 && eye.last.chroma == 420);
	g_assert_true(eye.last_complete);
	eye_frames(&eye, 3);
	eye_adjust(&eye, 4, 444, 11);
	eye_until(eye.last.second_selector == 11);
	g_assert_true(eye.last_complete);
	g_assert_cmpint(eye.last.selector, ==, 4);
	eye_frames(&eye, 3);
	eye_adjust(&eye, 11, 444, -1);
	eye_until(eye.last.selector == 11);
	g_assert_cmpint(eye.last.second_selector, ==, -1);
	capture_stop(eye.capture);
	eye_adjust(&eye, 5, 444, -1);
	eye_start(&eye);
	eye_frames(&eye, 1);
	g_assert_cmpint(eye.last.selector, ==, 5);
	eye_close(&eye);
}

static void test_jpeg_quality_changes(void)
{
	struct eye eye;
	size_t fine;

	if (!eye_look(&eye, &eye_jpeg, 640, 480))
		return;
	for (int i = 0; i < 6; i++) {
		eye_adjust(&eye, 11, i % 2 ? 420 : 444, -1);
		eye_frames(&eye, 8);
		fine = eye.last.size;
		eye_adjust(&eye, 0, i % 2 ? 444 : 420, -1);
		eye_frames(&eye, 8);
		g_assert_cmpuint(eye.last.size, <, fine);
	}
	eye_close(&eye);
}

static void test_control_that_somebody_else_changes_is_noticed(void)
{
	struct eye eye;

	if (!eye_look(&eye, &eye_ajpg, 640, 480))
		return;
	eye_frames(&eye, 3);
	/* No frame may be taken for what it is not, which the eye would see. */
	eye_set_control(g_getenv("LAB_ASPEED"), "chroma_subsampling", 2);
	eye_frames(&eye, 20);
	g_assert_cmpint(eye.last.chroma, ==, 444); /* ours */
	eye_close(&eye);
}

static void check_cut_frames(const struct v4l2_settings *settings)
{
	struct eye eye;

	if (!eye_look(&eye, settings, 640, 480))
		return;
	eye_frames(&eye, 3);
	feed_cut(eye.feed, 1);
	eye_until(strstr(eye.reason, "frames did not fit, so quality is 4 "));
	eye_frames(&eye, 10);
	/* Said once each. */
	eye_until(!strstr(eye.reason, "did not fit"));
	eye_frames(&eye, 10);
	g_assert_cmpstr(eye.states->str, ==, "sss");
	eye_close(&eye);
}

static void test_cut_ajpg_lowers_the_quality_for_a_while(void)
{
	check_cut_frames(&eye_ajpg);
}

static void test_cut_jpeg_lowers_the_quality_for_a_while(void)
{
	check_cut_frames(&eye_jpeg);
}

static void check_noise(const struct v4l2_settings *settings)
{
	struct v4l2_settings fine = *settings;
	struct eye eye;

	fine.quality.selector = 11;
	fine.quality.chroma = 444;
	if (!eye_open_engine(&eye, &fine, EYE_RATE))
		return;
	eye_scene(&eye, FEED_NOISE);
	eye_mode(&eye, 640, 480);
	eye_start(&eye);
	eye_frames(&eye, 10);
	g_assert_nonnull(strstr(eye.reason, "did not fit"));
	eye_close(&eye);
}

static void test_noise_is_shown_in_ajpg_as_well_as_it_fits(void)
{
	check_noise(&eye_ajpg);
}

static void test_noise_is_shown_in_jpeg_as_well_as_it_fits(void)
{
	check_noise(&eye_jpeg);
}

#define add(test) g_test_add_func("/v4l2/" #test, test_##test)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add(ajpg_444_shows_every_mode);
	add(ajpg_420_shows_every_mode);
	add(second_pass_is_shown);
	add(jpeg_shows_every_mode);
	add(another_mode_is_followed_in_ajpg);
	add(another_mode_is_followed_in_jpeg);
	add(mode_beyond_the_engine_is_told);
	add(signal_that_goes_comes_back_in_ajpg);
	add(signal_that_goes_comes_back_in_jpeg);
	add(short_loss_of_a_signal_goes_unnoticed_in_ajpg);
	add(short_loss_of_a_signal_goes_unnoticed_in_jpeg);
	add(start_after_a_stop_begins_with_a_complete_frame);
	add(jpeg_starts_again_after_a_stop);
	add(device_is_closed_while_nobody_looks);
	add(every_one_of_many_differences_arrives);
	add(every_difference_arrives_at_a_slow_main_thread);
	add(slow_main_thread_gets_the_newest_jpeg);
	add(key_frame_comes_when_asked_for);
	add(eighth_frame_serves_as_key_frame);
	add(ajpg_quality_changes_with_a_complete_frame);
	add(jpeg_quality_changes);
	add(control_that_somebody_else_changes_is_noticed);
	add(cut_ajpg_lowers_the_quality_for_a_while);
	add(cut_jpeg_lowers_the_quality_for_a_while);
	add(noise_is_shown_in_ajpg_as_well_as_it_fits);
	add(noise_is_shown_in_jpeg_as_well_as_it_fits);
	return g_test_run();
}
