/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lab's own proof: the kernel's aspeed-video on the simulated engine behaves as the driver does
 * on a BMC, bytes arrive as they were sent, and each fault can be made.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "decoder/decoder.h"
#include "tests/kernel/feed.h"

#define BUFFERS  4
#define PATIENCE 10000 /* ms: for what must come, on a busy machine */
#define SILENCE  300   /* ms: without what must not */
#define AJPG     v4l2_fourcc('A', 'J', 'P', 'G')
#define BUS      "/sys/bus/platform/drivers/aspeed-video/"

struct fixture {
	struct feed *feed;
	GMutex lock;
	GPtrArray *sums; /* of what was sent, the engine's number is in front */
	GArray *sent;    /* of struct feed_sent, without its pointers */
	int fd;
	void *maps[BUFFERS];
	size_t room;               /* bytes of a buffer */
	int count;                 /* buffers */
	struct v4l2_buffer buffer; /* the last one */
	struct decoder *decoder;
};

static void note(const struct feed_sent *sent, void *data)
{
	struct fixture *f = data;
	char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, sent->data, sent->size);

	g_mutex_lock(&f->lock);
	g_ptr_array_add(f->sums, sum);
	g_array_append_val(f->sent, *sent);
	g_mutex_unlock(&f->lock);
}

static int device_open(void)
{
	const char *path = g_getenv("LAB_ASPEED");
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		g_error("%s: %s", path, g_strerror(errno));
	return fd;
}

static void start(struct fixture *f, uint32_t format)
{
	struct v4l2_format wanted = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	struct v4l2_requestbuffers request = {.count = BUFFERS,
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
			.memory = V4L2_MEMORY_MMAP};
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	wanted.fmt.pix.pixelformat = format;
	g_assert_cmpint(ioctl(f->fd, VIDIOC_S_FMT, &wanted), ==, 0);
	g_assert_cmpint(ioctl(f->fd, VIDIOC_REQBUFS, &request), ==, 0);
	g_assert_cmpint(request.count, ==, BUFFERS);
	for (unsigned int i = 0; i < BUFFERS; i++) {
		struct v4l2_buffer buffer = {.index = i,
				.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
				.memory = V4L2_MEMORY_MMAP};

		g_assert_cmpint(ioctl(f->fd, VIDIOC_QUERYBUF, &buffer), ==, 0);
		f->room = buffer.length;
		f->maps[i] = mmap(NULL, f->room, PROT_READ, MAP_SHARED, f->fd, buffer.m.offset);
		g_assert_true(f->maps[i] != MAP_FAILED);
		g_assert_cmpint(ioctl(f->fd, VIDIOC_QBUF, &buffer), ==, 0);
	}
	f->count = BUFFERS;
	g_assert_cmpint(ioctl(f->fd, VIDIOC_STREAMON, &type), ==, 0);
}

static void stop(struct fixture *f)
{
	struct v4l2_requestbuffers request = {
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	ioctl(f->fd, VIDIOC_STREAMOFF, &type);
	for (int i = 0; i < f->count; i++)
		munmap(f->maps[i], f->room);
	f->count = 0;
	ioctl(f->fd, VIDIOC_REQBUFS, &request);
}

static bool wait_for(struct fixture *f, short events, int patience)
{
	struct pollfd fd = {.fd = f->fd, .events = events};

	return poll(&fd, 1, patience) == 1 && fd.revents & events;
}

/* Takes the next buffer; false when none comes in time or the call fails (errno). */
static bool take(struct fixture *f, int patience)
{
	f->buffer = (struct v4l2_buffer){
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	errno = ETIMEDOUT;
	return wait_for(f, POLLIN | POLLERR, patience) &&
	       ioctl(f->fd, VIDIOC_DQBUF, &f->buffer) == 0;
}

static void give_back(struct fixture *f)
{
	g_assert_cmpint(ioctl(f->fd, VIDIOC_QBUF, &f->buffer), ==, 0);
}

/* A frame's place among those that were sent; the newest that has its bytes. */
static struct feed_sent find(struct fixture *f)
{
	g_autofree char *sum = g_compute_checksum_for_data(
			G_CHECKSUM_SHA256, f->maps[f->buffer.index], f->buffer.bytesused);
	struct feed_sent found = {0};

	/* The driver may be done with a frame before the feed has noted it. */
	for (int patience = PATIENCE; !found.number && patience > 0; patience--) {
		g_mutex_lock(&f->lock);
		for (guint i = f->sums->len; i-- > 0 && !found.number;) {
			if (strcmp(g_ptr_array_index(f->sums, i), sum) == 0)
				found = g_array_index(f->sent, struct feed_sent, i);
		}
		g_mutex_unlock(&f->lock);
		if (!found.number)
			g_usleep(1000);
	}
	g_assert_cmpuint(found.number, !=, 0);
	g_assert_cmpuint(found.size, ==, f->buffer.bytesused);
	return found;
}

/* Frames come: a whole one, as it was sent. */
static struct feed_sent expect_frame(struct fixture *f)
{
	struct feed_sent sent;

	g_assert_true(take(f, PATIENCE));
	while (f->buffer.flags & V4L2_BUF_FLAG_ERROR) {
		give_back(f);
		g_assert_true(take(f, PATIENCE));
	}
	sent = find(f);
	return sent;
}

static bool decode(struct fixture *f, const struct feed_sent *sent, unsigned int *number)
{
	struct decoder_frame frame = {
			.data = f->maps[f->buffer.index],
			.size = f->buffer.bytesused,
			.codec = sent->ajpg ? DECODER_AJPG : DECODER_JPEG,
			.width = sent->width,
			.height = sent->height,
			.chroma = sent->chroma,
			.selector = sent->selector,
			.second_selector = sent->second_selector,
	};
	struct decoder_result result;
	const struct picture *picture;

	if (!decoder_decode(f->decoder, &frame, &result))
		return false;
	picture = decoder_picture(f->decoder);
	return feed_picture_number(picture->pixels, picture->stride, number);
}

static void control(struct fixture *f, uint32_t id, int value)
{
	struct v4l2_control control = {.id = id, .value = value};

	g_assert_cmpint(ioctl(f->fd, VIDIOC_S_CTRL, &control), ==, 0);
}

static void subscribe(struct fixture *f)
{
	struct v4l2_event_subscription event = {.type = V4L2_EVENT_SOURCE_CHANGE};

	g_assert_cmpint(ioctl(f->fd, VIDIOC_SUBSCRIBE_EVENT, &event), ==, 0);
}

static void expect_event(struct fixture *f)
{
	struct v4l2_event event;

	g_assert_true(wait_for(f, POLLPRI, PATIENCE));
	g_assert_cmpint(ioctl(f->fd, VIDIOC_DQEVENT, &event), ==, 0);
	g_assert_cmpint(event.type, ==, V4L2_EVENT_SOURCE_CHANGE);
}

/* What is detected; 0 or errno. */
static int query(struct fixture *f, struct v4l2_dv_timings *timings)
{
	memset(timings, 0, sizeof(*timings));
	while (ioctl(f->fd, VIDIOC_QUERY_DV_TIMINGS, timings) < 0) {
		if (errno != EAGAIN)
			return errno;
		g_usleep(1000);
	}
	return 0;
}

static void mode(struct fixture *f, int width, int height)
{
	g_autoptr(GError) error = NULL;

	feed_mode(f->feed, width, height, &error);
	g_assert_no_error(error);
}

static void fault(struct fixture *f, const char *name, unsigned int count)
{
	g_autoptr(GError) error = NULL;

	feed_fault(f->feed, name, count, &error);
	g_assert_no_error(error);
}

static void set_up(struct fixture *f, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	*f = (struct fixture){
			.decoder = decoder_new(), .sums = g_ptr_array_new_with_free_func(g_free)};
	f->sent = g_array_new(FALSE, FALSE, sizeof(struct feed_sent));
	g_mutex_init(&f->lock);
	f->feed = feed_open(note, f, &error);
	g_assert_no_error(error);
	mode(f, 800, 600);
	f->fd = device_open();
}

static void tear_down(struct fixture *f, gconstpointer data)
{
	fault(f, "none", 0);
	stop(f);
	close(f->fd);
	feed_close(f->feed);
	g_ptr_array_unref(f->sums);
	g_array_unref(f->sent);
	decoder_free(f->decoder);
	g_mutex_clear(&f->lock);
}

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
