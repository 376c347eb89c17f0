/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a video device's capture can do without one: formats and cut frames, the ladder of
 * qualities, and what it says when there is no device. The rest is tests/kernel/test_v4l2.c.
 */
#include <glib/gstdio.h>
#include <linux/videodev2.h>
#include <string.h>
#include "capture/v4l2.h"
#include "capture/v4l2_formats.h"
#include "capture/v4l2_ladder.h"

#define SECOND INT64_C(1000000)

#define wait_until(condition)                                                 \
	do {                                                                  \
		int64_t until = g_get_monotonic_time() + 20 * G_USEC_PER_SEC; \
                                                                              \
		while (!(condition)) {                                        \
			g_assert_cmpint(g_get_monotonic_time(), <, until);    \
			if (!g_main_context_iteration(NULL, FALSE))           \
				g_usleep(500);                                \
		}                                                             \
	} while (0)

/* --- Formats --- */

static void test_automatic_format_is_ajpg_then_jpeg_then_mjpeg_then_raw(void)
{
	static const char *const names[] = {
			"AJPG", "JPEG", "MJPEG", "XBGR32", "BGR24", "UYVY", "YUYV"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		g_assert_cmpstr(v4l2_formats_candidate(V4L2_CHOICE_AUTO, i)->name, ==, names[i]);
	g_assert_null(v4l2_formats_candidate(V4L2_CHOICE_AUTO, G_N_ELEMENTS(names)));
}

static void test_fixed_format_has_no_second_choice(void)
{
	const struct v4l2_format_entry *entry = v4l2_formats_candidate(V4L2_CHOICE_MJPEG, 0);

	g_assert_cmphex(entry->fourcc, ==, V4L2_PIX_FMT_MJPEG);
	g_assert_cmpint(entry->codec, ==, CAPTURE_JPEG);
	g_assert_null(v4l2_formats_candidate(V4L2_CHOICE_MJPEG, 1));
}

static bool studio(enum v4l2_choice choice, uint32_t quantization)
{
	return v4l2_formats_studio(v4l2_formats_candidate(choice, 0), quantization);
}

static void test_unnamed_range_is_studio_for_yuv_only(void)
{
	g_assert_true(studio(V4L2_CHOICE_UYVY, V4L2_QUANTIZATION_DEFAULT));
	g_assert_true(studio(V4L2_CHOICE_YUYV, V4L2_QUANTIZATION_DEFAULT));
	g_assert_false(studio(V4L2_CHOICE_AJPG, V4L2_QUANTIZATION_DEFAULT));
	g_assert_false(studio(V4L2_CHOICE_BGR24, V4L2_QUANTIZATION_DEFAULT));
	g_assert_false(studio(V4L2_CHOICE_YUYV, V4L2_QUANTIZATION_FULL_RANGE));
	g_assert_true(studio(V4L2_CHOICE_AJPG, V4L2_QUANTIZATION_LIM_RANGE));
}

static void test_colours_are_those_of_the_colour_space_unless_said(void)
{
	g_assert_true(v4l2_formats_bt709(V4L2_COLORSPACE_REC709, V4L2_YCBCR_ENC_DEFAULT));
	g_assert_false(v4l2_formats_bt709(V4L2_COLORSPACE_REC709, V4L2_YCBCR_ENC_601));
	g_assert_false(v4l2_formats_bt709(V4L2_COLORSPACE_SRGB, V4L2_YCBCR_ENC_DEFAULT));
	g_assert_false(v4l2_formats_bt709(V4L2_COLORSPACE_SMPTE170M, V4L2_YCBCR_ENC_DEFAULT));
	g_assert_true(v4l2_formats_bt709(V4L2_COLORSPACE_SMPTE170M, V4L2_YCBCR_ENC_709));
}

static void test_frame_that_fills_its_buffer_is_cut(void)
{
	static uint8_t data[65536];
	const size_t room = sizeof(data);

	g_assert_true(v4l2_formats_cut(CAPTURE_AJPG, data, room, room));
	g_assert_true(v4l2_formats_cut(CAPTURE_AJPG, data, room - 1023, room));
	g_assert_false(v4l2_formats_cut(CAPTURE_AJPG, data, room - 1024, room));
	g_assert_false(v4l2_formats_cut(CAPTURE_AJPG, data, 0, room));
	g_assert_true(v4l2_formats_cut(CAPTURE_JPEG, data, room, room));
	g_assert_false(v4l2_formats_cut(CAPTURE_JPEG, data, room / 2, room));
}

static void test_jpeg_with_its_end_is_whole_however_large(void)
{
	static uint8_t data[65536];
	const size_t room = sizeof(data);

	data[room - 2] = 0xff;
	data[room - 1] = 0xd9;
	g_assert_false(v4l2_formats_cut(CAPTURE_JPEG, data, room, room));
	g_assert_true(v4l2_formats_cut(CAPTURE_JPEG, data, room - 1, room));
	data[room - 1] = 0;
	data[room - 200] = 0xff; /* engines may write more after the end */
	data[room - 199] = 0xd9;
	g_assert_false(v4l2_formats_cut(CAPTURE_JPEG, data, room, room));
}

static void test_raw_frame_is_never_cut(void)
{
	static const uint8_t data[4096];

	g_assert_false(v4l2_formats_cut(CAPTURE_YUYV, data, 4096, 4096));
	g_assert_false(v4l2_formats_cut(CAPTURE_XBGR32, data, 4096, 4096));
}

/* --- The ladder --- */

static void assert_quality(const struct v4l2_ladder *ladder, int selector, int chroma, int hq)
{
	const struct capture_quality quality = v4l2_ladder_quality(ladder);

	g_assert_cmpint(quality.selector, ==, selector);
	g_assert_cmpint(quality.chroma, ==, chroma);
	g_assert_cmpint(quality.hq_selector, ==, hq);
}

static void test_quality_goes_down_by_steps_then_to_420(void)
{
	const struct capture_quality wanted = {.selector = 7, .chroma = 444, .hq_selector = 11};
	struct v4l2_ladder ladder;

	v4l2_ladder_init(&ladder, &wanted);
	assert_quality(&ladder, 7, 444, 11);
	g_assert_true(v4l2_ladder_cut(&ladder, 1));
	assert_quality(&ladder, 4, 444, -1);
	g_assert_true(v4l2_ladder_cut(&ladder, 2));
	assert_quality(&ladder, 3, 444, -1);
	g_assert_true(v4l2_ladder_cut(&ladder, 3));
	assert_quality(&ladder, 3, 420, -1);
	for (int selector = 2; selector >= 0; selector--) {
		g_assert_true(v4l2_ladder_cut(&ladder, 4));
		assert_quality(&ladder, selector, 420, -1);
	}
	g_assert_false(v4l2_ladder_cut(&ladder, 5));
	assert_quality(&ladder, 0, 420, -1);
}

/* Small frames for so long, ten a second. */
static int frames_fit(struct v4l2_ladder *ladder, int64_t *now, int64_t duration)
{
	int raised = 0;

	for (int64_t end = *now + duration; *now < end; *now += SECOND / 10)
		raised += v4l2_ladder_fitted(ladder, 1000, 100000, *now);
	return raised;
}

static void test_quality_comes_back_after_small_frames(void)
{
	const struct capture_quality wanted = {.selector = 9, .chroma = 420, .hq_selector = -1};
	struct v4l2_ladder ladder;
	int64_t now = SECOND;

	v4l2_ladder_init(&ladder, &wanted);
	v4l2_ladder_cut(&ladder, now);
	v4l2_ladder_cut(&ladder, now);
	assert_quality(&ladder, 3, 420, -1);
	g_assert_cmpint(frames_fit(&ladder, &now, V4L2_LADDER_WAIT / 2), ==, 0);
	g_assert_false(v4l2_ladder_fitted(&ladder, 40000, 100000, now)); /* not that small */
	g_assert_cmpint(frames_fit(&ladder, &now, V4L2_LADDER_WAIT / 2 + SECOND), ==, 0);
	g_assert_cmpint(frames_fit(&ladder, &now, V4L2_LADDER_WAIT / 2), ==, 1);
	assert_quality(&ladder, 6, 420, -1);
	g_assert_cmpint(frames_fit(&ladder, &now, 10 * V4L2_LADDER_WAIT), ==, 1);
	assert_quality(&ladder, 9, 420, -1);
}

static void test_quality_that_fails_again_is_tried_less_often(void)
{
	const struct capture_quality wanted = {.selector = 6, .chroma = 444, .hq_selector = -1};
	struct v4l2_ladder ladder;
	int64_t now = SECOND;
	int64_t waits = 0;

	v4l2_ladder_init(&ladder, &wanted);
	v4l2_ladder_cut(&ladder, now);
	for (int try = 0; try < 10; try++) {
		int64_t before = now;

		while (!frames_fit(&ladder, &now, SECOND))
			;
		g_assert_cmpint(now - before, >=, waits);
		waits = now - before;
		v4l2_ladder_cut(&ladder, now + SECOND);
	}
	g_assert_cmpint(waits, >=, V4L2_LADDER_WAIT_MAX);
	g_assert_cmpint(waits, <=, V4L2_LADDER_WAIT_MAX + 2 * SECOND);
	/* One that held for long is no failure. */
	while (!frames_fit(&ladder, &now, SECOND))
		;
	now += 3 * V4L2_LADDER_WAIT_MAX;
	v4l2_ladder_cut(&ladder, now);
	g_assert_cmpint(frames_fit(&ladder, &now, V4L2_LADDER_WAIT + SECOND), ==, 1);
}

/* --- Without a device --- */

static const struct capture_quality any_quality = {.selector = 4, .chroma = 444, .hq_selector = -1};

struct fixture {
	char *folder, *path;
	struct capture *capture;
	int states, frames;
	enum capture_state state;
	char *reason;
};

static void fixture_frame(const struct capture_frame *frame, void *data)
{
	struct fixture *f = data;

	f->frames++;
}

static void fixture_state(enum capture_state state, const char *reason, void *data)
{
	struct fixture *f = data;

	f->states++;
	f->state = state;
	g_free(f->reason);
	f->reason = g_strdup(reason);
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->path = g_build_filename(f->folder, "video", NULL);
}

static void fixture_capture(struct fixture *f, const char *device)
{
	const struct v4l2_settings settings = {
			.device = device, .input = -1, .quality = any_quality};
	const struct capture_events events = {
			.frame = fixture_frame, .state = fixture_state, .data = f};

	f->capture = v4l2_open(&settings);
	capture_listen(f->capture, &events);
	capture_start(f->capture);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	capture_close(f->capture);
	g_assert_cmpint(f->frames, ==, 0);
	g_remove(f->path);
	g_assert_cmpint(g_rmdir(f->folder), ==, 0);
	g_free(f->folder);
	g_free(f->path);
	g_free(f->reason);
}

static void test_missing_device_is_a_state(struct fixture *f, gconstpointer unused)
{
	g_autofree char *expected = g_strdup_printf(
			"video: %s is not there; waiting for it", f->path);

	fixture_capture(f, f->path);
	wait_until(f->states == 1);
	g_assert_cmpint(f->state, ==, CAPTURE_NO_DEVICE);
	g_assert_cmpstr(f->reason, ==, expected);
}

static void test_what_is_not_a_capture_device_is_told(struct fixture *f, gconstpointer unused)
{
	fixture_capture(f, "/dev/null");
	wait_until(f->states == 1);
	g_assert_cmpint(f->state, ==, CAPTURE_NO_DEVICE);
	g_assert_cmpstr(f->reason, ==,
			"video: /dev/null is not a capture device; set device in [capture]; trying "
			"again");
}

static void test_node_that_appears_is_tried(struct fixture *f, gconstpointer unused)
{
	fixture_capture(f, f->path);
	wait_until(f->states == 1);
	g_assert_true(g_file_set_contents(f->path, "", 0, NULL));
	wait_until(f->states == 2);
	g_assert_nonnull(strstr(f->reason, "is not a capture device"));
}

static void test_state_is_said_again_after_a_start(struct fixture *f, gconstpointer unused)
{
	fixture_capture(f, f->path);
	wait_until(f->states == 1);
	capture_start(f->capture); /* it is */
	capture_stop(f->capture);
	capture_key_frame(f->capture);
	capture_adjust(f->capture, &any_quality);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpint(f->states, ==, 1);
	capture_start(f->capture);
	wait_until(f->states == 2);
	g_assert_cmpint(f->state, ==, CAPTURE_NO_DEVICE);
}

static void test_close_is_fine_before_a_start_and_at_once_after(
		struct fixture *f, gconstpointer unused)
{
	const struct v4l2_settings settings = {
			.device = f->path, .input = -1, .quality = any_quality};

	capture_close(v4l2_open(&settings));
	for (int i = 0; i < 50; i++) {
		struct capture *capture = v4l2_open(&settings);

		capture_start(capture);
		capture_close(capture);
	}
}

#define add_with_folder(name, test) \
	g_test_add("/v4l2/" name, struct fixture, NULL, fixture_open, test, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/v4l2/automatic_format_is_ajpg_then_jpeg_then_mjpeg_then_raw",
			test_automatic_format_is_ajpg_then_jpeg_then_mjpeg_then_raw);
	g_test_add_func("/v4l2/fixed_format_has_no_second_choice",
			test_fixed_format_has_no_second_choice);
	g_test_add_func("/v4l2/unnamed_range_is_studio_for_yuv_only",
			test_unnamed_range_is_studio_for_yuv_only);
	g_test_add_func("/v4l2/colours_are_those_of_the_colour_space_unless_said",
			test_colours_are_those_of_the_colour_space_unless_said);
	g_test_add_func("/v4l2/frame_that_fills_its_buffer_is_cut",
			test_frame_that_fills_its_buffer_is_cut);
	g_test_add_func("/v4l2/jpeg_with_its_end_is_whole_however_large",
			test_jpeg_with_its_end_is_whole_however_large);
	g_test_add_func("/v4l2/raw_frame_is_never_cut", test_raw_frame_is_never_cut);
	g_test_add_func("/v4l2/quality_goes_down_by_steps_then_to_420",
			test_quality_goes_down_by_steps_then_to_420);
	g_test_add_func("/v4l2/quality_comes_back_after_small_frames",
			test_quality_comes_back_after_small_frames);
	g_test_add_func("/v4l2/quality_that_fails_again_is_tried_less_often",
			test_quality_that_fails_again_is_tried_less_often);
	add_with_folder("missing_device_is_a_state", test_missing_device_is_a_state);
	add_with_folder("what_is_not_a_capture_device_is_told",
			test_what_is_not_a_capture_device_is_told);
	add_with_folder("node_that_appears_is_tried", test_node_that_appears_is_tried);
	add_with_folder("state_is_said_again_after_a_start",
			test_state_is_said_again_after_a_start);
	add_with_folder("close_is_fine_before_a_start_and_at_once_after",
			test_close_is_fine_before_a_start_and_at_once_after);
	return g_test_run();
}
