/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's aspeed-video that fails, goes, or is somebody else's, as capture/v4l2 sees it. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/kernel/eye.h"

static void driver(const char *order)
{
	g_autofree char *path = g_strdup_printf("/sys/bus/platform/drivers/aspeed-video/%s", order);
	FILE *file = fopen(path, "w");

	g_assert_nonnull(file);
	fputs("aspeed-video", file);
	g_assert_cmpint(fclose(file), ==, 0);
}

static void check_unbinding(const struct v4l2_settings *settings)
{
	struct eye eye;

	if (!eye_look(&eye, settings, 800, 600))
		return;
	for (int i = 0; i < 2; i++) {
		eye_frames(&eye, 3);
		driver("unbind");
		eye_until(eye.state == CAPTURE_NO_DEVICE);
		g_assert_true(g_str_has_suffix(eye.reason, "is not there; waiting for it"));
		driver("bind");
		eye_frames(&eye, 3);
	}
	g_assert_cmpstr(eye.states->str, ==, "snsns");
	eye_close(&eye);
}

static void test_driver_that_goes_comes_back_in_ajpg(void)
{
	struct v4l2_settings settings = eye_ajpg;

	settings.device = g_getenv("LAB_ASPEED");
	check_unbinding(&settings);
}

static void test_driver_that_goes_comes_back_in_jpeg(void)
{
	struct v4l2_settings settings = eye_jpeg;

	settings.device = g_getenv("LAB_ASPEED");
	check_unbinding(&settings);
}

static void test_driver_that_is_late_is_found(void)
{
	struct v4l2_settings settings = eye_ajpg;
	struct eye eye;

	settings.device = g_getenv("LAB_ASPEED");
	if (!eye_open_engine(&eye, &settings, EYE_RATE))
		return;
	eye_mode(&eye, 800, 600);
	driver("unbind");
	eye_start(&eye);
	eye_until(eye.state == CAPTURE_NO_DEVICE);
	driver("bind");
	eye_frames(&eye, 3);
	g_assert_cmpstr(eye.states->str, ==, "ns");
	eye_close(&eye);
}

/* fault: of the engine, from now on; said: what becomes of it. */
static void check_fault(const struct v4l2_settings *settings, const char *fault, const char *said)
{
	struct eye eye;
	GError *error = NULL;

	if (!eye_look(&eye, settings, 640, 480))
		return;
	eye_frames(&eye, 3);
	feed_fault(eye.feed, fault, 0, &error);
	g_assert_no_error(error);
	eye_until(eye.state == CAPTURE_NO_DEVICE);
	g_assert_nonnull(strstr(eye.reason, said));
	g_assert_true(g_str_has_suffix(eye.reason, "; trying again"));
	feed_fault(eye.feed, "none", 0, &error);
	g_assert_no_error(error);
	eye_frames(&eye, 3);
	g_assert_cmpstr(eye.states->str, ==, "sns");
	eye_close(&eye);
}

static void test_queue_that_fails_is_a_state(void)
{
	check_fault(&eye_ajpg, "eio", "failed: Input/output error");
	check_fault(&eye_jpeg, "eio", "failed: Input/output error");
}

static void test_engine_that_hangs_is_a_state(void)
{
	check_fault(&eye_ajpg, "hang", "has a signal but sends no frames");
}

static void test_lost_interrupt_is_got_over(void)
{
	struct eye eye;

	if (!eye_look(&eye, &eye_ajpg, 640, 480))
		return;
	eye_frames(&eye, 3);
	feed_fault(eye.feed, "drop", 1, NULL);
	eye_frames(&eye, 20);
	g_assert_cmpstr(eye.states->str, ==, "s");
	eye_close(&eye);
}

static void test_busy_engine_is_tried_again(void)
{
	struct eye eye;

	if (!eye_open_engine(&eye, &eye_ajpg, EYE_RATE))
		return;
	eye_mode(&eye, 640, 480);
	feed_fault(eye.feed, "busy", 0, NULL);
	eye_start(&eye);
	eye_until(eye.state == CAPTURE_NO_DEVICE);
	feed_fault(eye.feed, "none", 0, NULL);
	eye_frames(&eye, 3);
	g_assert_cmpstr(eye.states->str, ==, "ns");
	eye_close(&eye);
}

static void test_device_of_another_program_is_told(void)
{
	struct v4l2_requestbuffers request = {
			.count = 4,
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
			.memory = V4L2_MEMORY_MMAP,
	};
	struct eye eye;
	int other;

	if (!eye_open_engine(&eye, &eye_ajpg, EYE_RATE))
		return;
	eye_mode(&eye, 640, 480);
	other = open(g_getenv("LAB_ASPEED"), O_RDWR | O_CLOEXEC);
	g_assert_cmpint(ioctl(other, VIDIOC_REQBUFS, &request), ==, 0);
	eye_start(&eye);
	eye_until(eye.state == CAPTURE_NO_DEVICE);
	g_assert_nonnull(strstr(eye.reason, " is in use by another program; stop that, or set "));
	close(other);
	eye_frames(&eye, 3);
	g_assert_cmpstr(eye.states->str, ==, "ns");
	eye_close(&eye);
}

static void test_device_that_others_have_open_serves_all_the_same(void)
{
	struct eye eye;
	int other;

	if (!eye_open_engine(&eye, &eye_ajpg, EYE_RATE))
		return;
	eye_mode(&eye, 640, 480);
	other = open(g_getenv("LAB_ASPEED"), O_RDWR | O_CLOEXEC);
	eye_start(&eye);
	eye_frames(&eye, 5);
	eye_adjust(&eye, 3, 420, -1);
	eye_until(eye.last.selector == 3);
	capture_key_frame(eye.capture);
	eye_frames(&eye, 10);
	capture_stop(eye.capture);
	eye_start(&eye);
	eye_frames(&eye, 3);
	eye_mode(&eye, 800, 600);
	eye_until_size(&eye, 800, 600);
	close(other);
	eye_close(&eye);
}

#define add(test) g_test_add_func("/v4l2-faults/" #test, test_##test)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add(driver_that_goes_comes_back_in_ajpg);
	add(driver_that_goes_comes_back_in_jpeg);
	add(driver_that_is_late_is_found);
	add(queue_that_fails_is_a_state);
	add(engine_that_hangs_is_a_state);
	add(lost_interrupt_is_got_over);
	add(busy_engine_is_tried_again);
	add(device_of_another_program_is_told);
	add(device_that_others_have_open_serves_all_the_same);
	return g_test_run();
}
