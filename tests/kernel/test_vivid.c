/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's vivid, a grabber and a webcam that send raw pixels, as capture/v4l2 sees it. */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/kernel/eye.h"

enum { INPUT_HDMI, INPUT_WEBCAM };

/* vivid's dv_timings_signal_mode. */
enum { SIGNAL_CURRENT, SIGNAL_NONE, SIGNAL_NO_LOCK, SIGNAL_OUT_OF_RANGE, SIGNAL_SELECTED };

static const char *device;

static bool look(struct eye *eye, enum v4l2_choice format, int input)
{
	const struct v4l2_settings settings = {
			.device = device,
			.input = input,
			.format = format,
			.quality = {.selector = 7, .chroma = 444, .hq_selector = -1},
	};

	if (!device) {
		g_test_skip("not in the lab, or it has no vivid");
		return false;
	}
	*eye = (struct eye){.feed = NULL};
	eye_open(eye, &settings);
	eye_set_control(device, "dv_timings_signal_mode", SIGNAL_CURRENT);
	eye_start(eye);
	return true;
}

/* --- Pixels --- */

struct bars {
	int seen;
	uint8_t middle[8][3]; /* red, green, blue of each bar; Y, Cb, Cr for YUV */
};

static void take_yuv(const uint8_t *row, int x, enum capture_codec codec, uint8_t out[3])
{
	const uint8_t *pair = row + x / 2 * 4;
	int luma = codec == CAPTURE_YUYV ? 0 : 1, chroma = codec == CAPTURE_YUYV ? 1 : 0;

	out[0] = pair[luma + x % 2 * 2];
	out[1] = pair[chroma];
	out[2] = pair[chroma + 2];
}

static void take_rgb(const uint8_t *row, int x, int bytes, uint8_t out[3])
{
	for (int i = 0; i < 3; i++)
		out[i] = row[x * bytes + 2 - i];
}

static void see_bars(const struct capture_frame *frame, void *data)
{
	const uint8_t *row = frame->data + (size_t)frame->stride * (size_t)(frame->height * 3 / 4);
	struct bars *bars = data;

	for (int i = 0; i < 8; i++) {
		int x = (2 * i + 1) * frame->width / 16;

		if (frame->codec == CAPTURE_XBGR32)
			take_rgb(row, x, 4, bars->middle[i]);
		else if (frame->codec == CAPTURE_BGR24)
			take_rgb(row, x, 3, bars->middle[i]);
		else
			take_yuv(row, x, frame->codec, bars->middle[i]);
	}
	bars->seen++;
}

/* The test picture: white, yellow, cyan, green, magenta, red, blue, black, at 75 or 100 %. */
static void assert_rgb_bars(const struct bars *bars)
{
	static const uint8_t order[8] = {7, 6, 3, 2, 5, 4, 1, 0}; /* bits red, green, blue */

	for (int i = 0; i < 8; i++)
		for (int channel = 0; channel < 3; channel++)
			g_assert_cmpint(bars->middle[i][channel] > 0x60, ==,
					order[i] >> (2 - channel) & 1);
}

static void assert_yuv_bars(const struct bars *bars)
{
	for (int i = 1; i < 8; i++)
		g_assert_cmpint(bars->middle[i][0], <, bars->middle[i - 1][0]);
	g_assert_cmpint(bars->middle[0][1], >, 0x78); /* white has no colour */
	g_assert_cmpint(bars->middle[0][1], <, 0x88);
	g_assert_cmpint(bars->middle[1][1], <, 0x60); /* yellow lacks blue */
	g_assert_cmpint(bars->middle[5][2], >, 0xa0); /* red */
	g_assert_cmpint(bars->middle[6][1], >, 0xa0); /* blue */
}

static void check_format(enum v4l2_choice format, enum capture_codec codec, int bytes)
{
	for (int input = INPUT_HDMI; input <= INPUT_WEBCAM; input++) {
		struct bars bars = {.seen = 0};
		struct eye eye;
		bool yuv = codec == CAPTURE_UYVY || codec == CAPTURE_YUYV;

		if (!look(&eye, format, input))
			return;
		eye.see = see_bars;
		eye.see_data = &bars;
		eye_frames(&eye, 5);
		g_assert_cmpint(eye.last.codec, ==, codec);
		g_assert_cmpint(eye.last.stride, >=, eye.last.width * bytes);
		g_assert_cmpuint(eye.last.size, >=,
				(size_t)eye.last.stride * (size_t)eye.last.height);
		g_assert_cmpstr(eye.states->str, ==, "s");
		if (yuv)
			assert_yuv_bars(&bars);
		else
			assert_rgb_bars(&bars);
		eye_close(&eye);
	}
}

static void test_raw_pixels_have_their_order(void)
{
	check_format(V4L2_CHOICE_XBGR32, CAPTURE_XBGR32, 4);
	check_format(V4L2_CHOICE_BGR24, CAPTURE_BGR24, 3);
	check_format(V4L2_CHOICE_UYVY, CAPTURE_UYVY, 2);
	check_format(V4L2_CHOICE_YUYV, CAPTURE_YUYV, 2);
}

static void test_first_raw_format_is_taken_by_itself(void)
{
	struct eye eye;

	if (!look(&eye, V4L2_CHOICE_AUTO, INPUT_WEBCAM))
		return;
	eye_frames(&eye, 2);
	g_assert_cmpint(eye.last.codec, ==, CAPTURE_XBGR32);
	eye_close(&eye);
}

static void test_format_that_it_has_not_is_told(void)
{
	struct eye eye;

	if (!look(&eye, V4L2_CHOICE_MJPEG, INPUT_WEBCAM))
		return;
	eye_until(eye.state == CAPTURE_NO_DEVICE);
	g_assert_nonnull(strstr(eye.reason, "has no format MJPEG; set format in [capture]"));
	eye_close(&eye);
}

static void test_input_that_it_has_not_is_told(void)
{
	struct eye eye;

	if (!look(&eye, V4L2_CHOICE_AUTO, 17))
		return;
	eye_until(eye.state == CAPTURE_NO_DEVICE);
	g_assert_nonnull(strstr(eye.reason, "has no input 17; set input in [capture]"));
	eye_close(&eye);
}

static void test_newest_raw_frame_wins(void)
{
	struct eye eye;
	int64_t before;

	if (!look(&eye, V4L2_CHOICE_YUYV, INPUT_WEBCAM))
		return;
	eye_frames(&eye, 3);
	g_usleep(1500000);
	before = g_get_monotonic_time();
	eye_frames(&eye, 1); /* the one that waited */
	g_assert_cmpint(eye.last.time, >, before - 1000000);
	eye_close(&eye);
}

/* --- Signal --- */

static void set_mode(int index)
{
	eye_set_control(device, "dv_timings", index);
	eye_set_control(device, "dv_timings_signal_mode", SIGNAL_SELECTED);
}

static void test_signal_that_is_bad_is_told(void)
{
	static const struct {
		int mode;
		const char *said;
	} bad[] = {
			{SIGNAL_NONE, "no signal at /dev/video"},
			{SIGNAL_NO_LOCK, "is not stable"},
			{SIGNAL_OUT_OF_RANGE, "beyond what /dev/video"},
	};
	struct eye eye;

	if (!look(&eye, V4L2_CHOICE_YUYV, INPUT_HDMI))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		eye_frames(&eye, 3);
		eye_set_control(device, "dv_timings_signal_mode", bad[i].mode);
		eye_until(eye.state == CAPTURE_NO_SIGNAL);
		g_assert_nonnull(strstr(eye.reason, bad[i].said));
		eye_set_control(device, "dv_timings_signal_mode", SIGNAL_CURRENT);
		eye_until(eye.state == CAPTURE_STREAMING);
	}
	eye_frames(&eye, 3);
	g_assert_cmpstr(eye.states->str, ==, "s-s-s-s");
	eye_close(&eye);
}

static void test_another_mode_is_followed(void)
{
	struct eye eye;
	int width = 0;

	if (!look(&eye, V4L2_CHOICE_UYVY, INPUT_HDMI))
		return;
	for (int index = 10; index < 30; index += 5) {
		eye_frames(&eye, 2);
		set_mode(index);
		eye_until(eye.last.width != width);
		width = eye.last.width;
		g_assert_cmpint(eye.last.stride, >=, 2 * width);
	}
	g_assert_null(strpbrk(eye.states->str, "-n"));
	eye_close(&eye);
}

/* --- A device that fails --- */

static void test_frame_with_an_error_is_passed_over(void)
{
	struct eye eye;

	if (!look(&eye, V4L2_CHOICE_YUYV, INPUT_WEBCAM))
		return;
	for (int i = 0; i < 5; i++) {
		eye_frames(&eye, 2);
		eye_set_control(device, "inject_v4l2_buf_flag_error", 1);
	}
	eye_frames(&eye, 5);
	g_assert_cmpstr(eye.states->str, ==, "s");
	eye_close(&eye);
}

static void check_injected(const char *control)
{
	struct eye eye;

	if (!look(&eye, V4L2_CHOICE_YUYV, INPUT_HDMI))
		return;
	eye_frames(&eye, 2);
	capture_stop(eye.capture);
	eye_set_control(device, control, 1);
	eye_start(&eye);
	eye_until(eye.state == CAPTURE_NO_DEVICE);
	eye_frames(&eye, 2);
	g_assert_cmpstr(eye.states->str, ==, "sns");
	eye_close(&eye);
}

static void test_failing_call_is_tried_again(void)
{
	check_injected("inject_vidioc_reqbufs_error");
	check_injected("inject_vidioc_streamon_error");
}

static void test_fatal_error_is_got_over(void)
{
	struct eye eye;

	if (!look(&eye, V4L2_CHOICE_YUYV, INPUT_HDMI))
		return;
	eye_frames(&eye, 2);
	eye_set_control(device, "inject_fatal_streaming_error", 1);
	eye_until(eye.state == CAPTURE_NO_DEVICE);
	eye_frames(&eye, 2);
	g_assert_cmpstr(eye.states->str, ==, "sns");
	eye_close(&eye);
}

#define add(test) g_test_add_func("/vivid/" #test, test_##test)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	device = g_getenv("LAB_VIVID");
	add(raw_pixels_have_their_order);
	add(first_raw_format_is_taken_by_itself);
	add(format_that_it_has_not_is_told);
	add(input_that_it_has_not_is_told);
	add(newest_raw_frame_wins);
	add(signal_that_is_bad_is_told);
	add(another_mode_is_followed);
	add(frame_with_an_error_is_passed_over);
	add(failing_call_is_tried_again);
	add(fatal_error_is_got_over);
	return g_test_run();
}
