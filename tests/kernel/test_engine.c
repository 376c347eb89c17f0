/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lab's own proof: the kernel's aspeed-video on the simulated engine behaves as the driver does
 * on a BMC, bytes arrive as they were sent, and each fault can be made.
 */
#include "tests/kernel/engine_rig.h"

static void test_jpegs_arrive_as_they_were_sent(struct fixture *f, gconstpointer data)
{
	start(f, V4L2_PIX_FMT_JPEG);
	for (int i = 0; i < 10; i++) {
		struct feed_sent sent = expect_frame(f);
		unsigned int number;

		g_assert_false(sent.ajpg);
		g_assert_true(decode(f, &sent, &number));
		g_assert_cmpuint(number, ==, sent.picture);
		give_back(f);
	}
}

static void test_every_ajpg_arrives_and_each_eighth_is_full(struct fixture *f, gconstpointer data)
{
	unsigned int before = 0;

	start(f, AJPG);
	for (unsigned int i = 0; i < 20; i++) {
		struct feed_sent sent = expect_frame(f);
		unsigned int number;

		g_assert_true(sent.ajpg);
		g_assert_cmpuint(f->buffer.sequence, ==, i);
		g_assert_true(sent.full == (i % 8 == 0));
		g_assert_true(decode(f, &sent, &number));
		g_assert_cmpuint(number, ==, sent.picture);
		g_assert_true(i == 0 || sent.number == before + 1);
		before = sent.number;
		give_back(f);
	}
}

static void test_controls_reach_the_engine(struct fixture *f, gconstpointer data)
{
	struct feed_sent sent;

	/* What others set stays until the driver is bound anew. */
	control(f, V4L2_CID_JPEG_COMPRESSION_QUALITY, 7);
	control(f, V4L2_CID_JPEG_CHROMA_SUBSAMPLING, V4L2_JPEG_CHROMA_SUBSAMPLING_444);
	control(f, V4L2_CID_USER_BASE + 0x11a0 + 1, 0);
	start(f, AJPG);
	sent = expect_frame(f);
	g_assert_cmpint(sent.selector, ==, 7);
	g_assert_cmpint(sent.chroma, ==, 444);
	g_assert_cmpint(sent.second_selector, ==, -1);
	give_back(f);
	control(f, V4L2_CID_USER_BASE + 0x11a0 + 1, 1);  /* V4L2_CID_ASPEED_HQ_MODE */
	control(f, V4L2_CID_USER_BASE + 0x11a0 + 2, 12); /* V4L2_CID_ASPEED_HQ_JPEG_QUALITY */
	do {
		sent = expect_frame(f);
		give_back(f);
	} while (sent.second_selector != 11);
	control(f, V4L2_CID_JPEG_CHROMA_SUBSAMPLING, V4L2_JPEG_CHROMA_SUBSAMPLING_420);
	do {
		sent = expect_frame(f);
		give_back(f);
	} while (sent.chroma != 420);
}

static void test_a_reopened_device_begins_with_a_full_frame(struct fixture *f, gconstpointer data)
{
	start(f, AJPG);
	g_assert_true(expect_frame(f).full);
	stop(f);
	start(f, AJPG);
	g_assert_false(expect_frame(f).full);
	stop(f);
	close(f->fd);
	f->fd = device_open();
	start(f, AJPG);
	g_assert_true(expect_frame(f).full);
}

static void test_a_new_mode_is_errors_then_an_event(struct fixture *f, gconstpointer data)
{
	struct v4l2_dv_timings timings;
	struct feed_sent sent;

	subscribe(f);
	start(f, AJPG);
	expect_frame(f);
	give_back(f);
	mode(f, 1366, 768);
	do
		g_assert_true(take(f, PATIENCE));
	while (!(f->buffer.flags & V4L2_BUF_FLAG_ERROR));
	expect_event(f);
	g_assert_cmpint(query(f, &timings), ==, 0);
	g_assert_cmpint(timings.bt.width, ==, 1366);
	g_assert_cmpint(timings.bt.height, ==, 768);
	stop(f);
	g_assert_cmpint(ioctl(f->fd, VIDIOC_S_DV_TIMINGS, &timings), ==, 0);
	start(f, AJPG);
	sent = expect_frame(f);
	g_assert_cmpint(sent.width, ==, 1366);
}

static void test_a_lost_signal_is_no_link_until_it_returns(struct fixture *f, gconstpointer data)
{
	struct v4l2_dv_timings timings;

	subscribe(f);
	start(f, V4L2_PIX_FMT_JPEG);
	expect_frame(f);
	mode(f, 0, 0);
	expect_event(f);
	g_assert_cmpint(query(f, &timings), ==, ENOLINK);
	mode(f, 800, 600);
	while (query(f, &timings) != 0)
		g_usleep(1000);
	g_assert_cmpint(timings.bt.width, ==, 800);
}

static void test_a_short_loss_is_errors_and_no_event(struct fixture *f, gconstpointer data)
{
	bool error = false;

	subscribe(f);
	start(f, AJPG);
	expect_frame(f);
	give_back(f);
	mode(f, 800, 600);
	while (!error) {
		g_assert_true(take(f, PATIENCE));
		error = f->buffer.flags & V4L2_BUF_FLAG_ERROR;
		give_back(f);
	}
	expect_frame(f);
	g_assert_false(wait_for(f, POLLPRI, SILENCE));
}

static void test_what_does_not_fit_is_cut_in_silence(struct fixture *f, gconstpointer data)
{
	struct feed_sent sent;
	unsigned int number;

	feed_scene(f->feed, FEED_NOISE);
	control(f, V4L2_CID_JPEG_COMPRESSION_QUALITY, 11);
	start(f, AJPG);
	sent = expect_frame(f);
	g_assert_true(sent.cut);
	g_assert_cmpuint(f->buffer.bytesused, ==, f->room);
	g_assert_false(decode(f, &sent, &number));
	give_back(f);
	feed_scene(f->feed, FEED_BLANK);
	feed_cut(f->feed, 1);
	while ((sent = expect_frame(f)).scene != FEED_BLANK)
		give_back(f);
	g_assert_true(sent.cut);
	g_assert_cmpuint(f->buffer.bytesused, ==, f->room);
	give_back(f);
	g_assert_false(expect_frame(f).cut);
}

static void test_a_lost_interrupt_ends_the_frames(struct fixture *f, gconstpointer data)
{
	fault(f, "drop", 1);
	start(f, AJPG);
	g_assert_false(take(f, SILENCE));
	stop(f);
	start(f, AJPG);
	expect_frame(f);
}

static void test_a_hanging_engine_can_be_started_again(struct fixture *f, gconstpointer data)
{
	fault(f, "hang", 1);
	start(f, V4L2_PIX_FMT_JPEG);
	g_assert_false(take(f, SILENCE));
	stop(f);
	start(f, V4L2_PIX_FMT_JPEG);
	expect_frame(f);
}

static void test_a_failed_queue_says_eio(struct fixture *f, gconstpointer data)
{
	fault(f, "eio", 0);
	start(f, AJPG);
	g_assert_false(take(f, PATIENCE));
	g_assert_cmpint(errno, ==, EIO);
	stop(f);
	fault(f, "none", 0);
	start(f, AJPG);
	expect_frame(f);
}

static void test_a_busy_engine_does_not_start(struct fixture *f, gconstpointer data)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	start(f, AJPG);
	expect_frame(f);
	give_back(f);
	g_assert_cmpint(ioctl(f->fd, VIDIOC_STREAMOFF, &type), ==, 0);
	for (unsigned int i = 0; i < BUFFERS; i++) {
		struct v4l2_buffer buffer = {.index = i,
				.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
				.memory = V4L2_MEMORY_MMAP};

		g_assert_cmpint(ioctl(f->fd, VIDIOC_QBUF, &buffer), ==, 0);
	}
	fault(f, "busy", 0);
	g_assert_cmpint(ioctl(f->fd, VIDIOC_STREAMON, &type), <, 0);
	g_assert_cmpint(errno, ==, EBUSY);
}

static void bus(const char *action)
{
	g_autofree char *path = g_strconcat(BUS, action, NULL);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	g_assert_cmpint(write(fd, "aspeed-video", 12), ==, 12);
	close(fd);
}

static void test_the_driver_may_go_while_frames_come(struct fixture *f, gconstpointer data)
{
	struct v4l2_capability capability;

	start(f, AJPG);
	expect_frame(f);
	bus("unbind");
	g_assert_true(wait_for(f, POLLERR | POLLHUP, PATIENCE));
	g_assert_cmpint(ioctl(f->fd, VIDIOC_QUERYCAP, &capability), <, 0);
	g_assert_cmpint(errno, ==, ENODEV);
	stop(f);
	close(f->fd);
	bus("bind");
	f->fd = device_open();
	start(f, AJPG);
	g_assert_true(expect_frame(f).full);
}

static void add(const char *name, void (*test)(struct fixture *, gconstpointer))
{
	g_test_add(name, struct fixture, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!g_getenv("LAB_ASPEED")) {
		const char *why = g_getenv("LAB_NO_ENGINE");

		g_print("1..0 # SKIP %s\n", why ? why : "runs in tests/kernel/run");
		return 0;
	}
	add("/engine/jpegs_arrive_as_they_were_sent", test_jpegs_arrive_as_they_were_sent);
	add("/engine/every_ajpg_arrives_and_each_eighth_is_full",
			test_every_ajpg_arrives_and_each_eighth_is_full);
	add("/engine/controls_reach_the_engine", test_controls_reach_the_engine);
	add("/engine/a_reopened_device_begins_with_a_full_frame",
			test_a_reopened_device_begins_with_a_full_frame);
	add("/engine/a_new_mode_is_errors_then_an_event", test_a_new_mode_is_errors_then_an_event);
	add("/engine/a_lost_signal_is_no_link_until_it_returns",
			test_a_lost_signal_is_no_link_until_it_returns);
	add("/engine/a_short_loss_is_errors_and_no_event",
			test_a_short_loss_is_errors_and_no_event);
	add("/engine/what_does_not_fit_is_cut_in_silence",
			test_what_does_not_fit_is_cut_in_silence);
	add("/engine/a_lost_interrupt_ends_the_frames", test_a_lost_interrupt_ends_the_frames);
	add("/engine/a_hanging_engine_can_be_started_again",
			test_a_hanging_engine_can_be_started_again);
	add("/engine/a_failed_queue_says_eio", test_a_failed_queue_says_eio);
	add("/engine/a_busy_engine_does_not_start", test_a_busy_engine_does_not_start);
	add("/engine/the_driver_may_go_while_frames_come",
			test_the_driver_may_go_while_frames_come);
	return g_test_run();
}
