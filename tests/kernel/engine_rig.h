/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The engine's video device by plain ioctls, and a feed that draws for it. */
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

static inline void note(const struct feed_sent *sent, void *data)
{
	struct fixture *f = data;
	char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, sent->data, sent->size);

	g_mutex_lock(&f->lock);
	g_ptr_array_add(f->sums, sum);
	g_array_append_val(f->sent, *sent);
	g_mutex_unlock(&f->lock);
}

static inline int device_open(void)
{
	const char *path = g_getenv("LAB_ASPEED");
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		g_error("%s: %s", path, g_strerror(errno));
	return fd;
}

static inline void start(struct fixture *f, uint32_t format)
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

static inline void stop(struct fixture *f)
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

static inline bool wait_for(struct fixture *f, short events, int patience)
{
	struct pollfd fd = {.fd = f->fd, .events = events};

	return poll(&fd, 1, patience) == 1 && fd.revents & events;
}

/* Takes the next buffer; false when none comes in time or the call fails (errno). */
static inline bool take(struct fixture *f, int patience)
{
	f->buffer = (struct v4l2_buffer){
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	errno = ETIMEDOUT;
	return wait_for(f, POLLIN | POLLERR, patience) &&
	       ioctl(f->fd, VIDIOC_DQBUF, &f->buffer) == 0;
}

static inline void give_back(struct fixture *f)
{
	g_assert_cmpint(ioctl(f->fd, VIDIOC_QBUF, &f->buffer), ==, 0);
}

/* A frame's place among those that were sent; the newest that has its bytes. */
static inline struct feed_sent find(struct fixture *f)
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
static inline struct feed_sent expect_frame(struct fixture *f)
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

static inline bool decode(struct fixture *f, const struct feed_sent *sent, unsigned int *number)
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

static inline void control(struct fixture *f, uint32_t id, int value)
{
	struct v4l2_control control = {.id = id, .value = value};

	g_assert_cmpint(ioctl(f->fd, VIDIOC_S_CTRL, &control), ==, 0);
}

static inline void subscribe(struct fixture *f)
{
	struct v4l2_event_subscription event = {.type = V4L2_EVENT_SOURCE_CHANGE};

	g_assert_cmpint(ioctl(f->fd, VIDIOC_SUBSCRIBE_EVENT, &event), ==, 0);
}

static inline void expect_event(struct fixture *f)
{
	struct v4l2_event event;

	g_assert_true(wait_for(f, POLLPRI, PATIENCE));
	g_assert_cmpint(ioctl(f->fd, VIDIOC_DQEVENT, &event), ==, 0);
	g_assert_cmpint(event.type, ==, V4L2_EVENT_SOURCE_CHANGE);
}

/* What is detected; 0 or errno. */
static inline int query(struct fixture *f, struct v4l2_dv_timings *timings)
{
	memset(timings, 0, sizeof(*timings));
	while (ioctl(f->fd, VIDIOC_QUERY_DV_TIMINGS, timings) < 0) {
		if (errno != EAGAIN)
			return errno;
		g_usleep(1000);
	}
	return 0;
}

static inline void mode(struct fixture *f, int width, int height)
{
	g_autoptr(GError) error = NULL;

	feed_mode(f->feed, width, height, &error);
	g_assert_no_error(error);
}

static inline void fault(struct fixture *f, const char *name, unsigned int count)
{
	g_autoptr(GError) error = NULL;

	feed_fault(f->feed, name, count, &error);
	g_assert_no_error(error);
}

static inline void set_up(struct fixture *f, gconstpointer data)
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

static inline void tear_down(struct fixture *f, gconstpointer data)
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
