/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/kernel/feed.h"
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include "sim/encoder.h"
#include "tests/kernel/engine/aspeed_engine.h"

#define FEED_ATTRIBUTES "/sys/class/misc/aspeed-engine/"

struct feed {
	int fd;   /* of the engine */
	int wake; /* eventfd: look at what is below */
	GThread *thread;
	feed_sent_fn sent;
	void *data;

	GMutex lock; /* all up to the blank line */
	bool quit, paused, staying;
	enum feed_scene scene;
	unsigned int number; /* of the next picture */
	unsigned int cuts, count, cancelled;

	/* The thread's own. */
	struct encoder *encoder;
	uint32_t *pixels;
	int width, height; /* of the screen */
	int stride, rows;  /* of the memory */
	int drawn;         /* number of the picture in it, -1: none */
	enum feed_scene drawn_scene;
	GByteArray *room; /* for a frame that is cut */
};

static bool feed_write(const char *attribute, const char *text, GError **error)
{
	g_autofree char *path = g_strconcat(FEED_ATTRIBUTES, attribute, NULL);
	int fd = g_open(path, O_WRONLY | O_CLOEXEC, 0);
	bool written = fd >= 0 && write(fd, text, strlen(text)) >= 0;

	if (!written) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", path,
				g_strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return written;
}

/* Memory for the screen and for the window that the driver looks at, whichever is larger. */
static bool feed_resize(struct feed *feed, const struct aspeed_engine_frame *frame)
{
	int stride = (int)MAX(frame->width, frame->signal_width);
	int rows = (int)MAX(frame->height, frame->signal_height);

	if (feed->width == (int)frame->signal_width && feed->height == (int)frame->signal_height &&
			feed->stride == stride && feed->rows == rows)
		return true;
	g_free(feed->pixels);
	feed->pixels = g_try_new0(uint32_t, (size_t)stride * (size_t)rows);
	feed->drawn = -1;
	feed->width = (int)frame->signal_width;
	feed->height = (int)frame->signal_height;
	feed->stride = stride;
	feed->rows = feed->pixels ? rows : 0;
	return feed->pixels;
}

static void feed_draw(struct feed *feed, struct feed_sent *sent)
{
	g_mutex_lock(&feed->lock);
	sent->scene = feed->scene;
	sent->picture = feed->number & FEED_NUMBER_MAX;
	feed->number += !feed->staying;
	sent->cut = feed->cuts > 0;
	feed->cuts -= sent->cut;
	g_mutex_unlock(&feed->lock);

	if (sent->scene != feed->drawn_scene)
		feed->drawn = -1;
	if (feed->drawn != (int)sent->picture) {
		feed_picture(feed->pixels, feed->width, feed->height, feed->stride, sent->scene,
				sent->picture, feed->drawn);
	}
	feed->drawn = (int)sent->picture;
	feed->drawn_scene = sent->scene;
}

static bool feed_compress(struct feed *feed, struct feed_sent *sent)
{
	struct encoder_settings settings = {
			.chroma = sent->chroma,
			.selector = sent->selector,
			.second_selector = sent->second_selector,
	};

	if (sent->ajpg) {
		sent->data = encoder_ajpg(feed->encoder, feed->pixels, sent->width, sent->height,
				feed->stride, &settings, sent->full, &sent->size);
	} else {
		sent->data = encoder_jpeg(feed->encoder, feed->pixels, sent->width, sent->height,
				feed->stride, &settings, &sent->size);
	}
	return sent->data;
}

/* Half of the frame, and nothing more up to the end of a buffer that is too small for it. */
static void feed_halve(struct feed *feed, struct feed_sent *sent, size_t size)
{
	g_byte_array_set_size(feed->room, (guint)size);
	memset(feed->room->data, 0, size);
	memcpy(feed->room->data, sent->data, MIN(sent->size / 2, size));
	sent->data = feed->room->data;
	sent->size = size;
}

static void feed_frame(struct feed *feed, const struct aspeed_engine_frame *frame)
{
	struct feed_sent sent = {
			.number = frame->number,
			.width = (int)frame->width,
			.height = (int)frame->height,
			.ajpg = frame->codec == ASPEED_ENGINE_AJPG,
			.chroma = (int)frame->chroma,
			.selector = (int)frame->luma_selector,
			.second_selector = frame->hq && frame->chroma == 444
							   ? (int)frame->hq_luma_selector
							   : -1,
			.full = frame->full,
	};
	bool delivered;

	if (!feed_resize(feed, frame)) {
		g_warning("feed: no memory for %ux%u", frame->signal_width, frame->signal_height);
		return;
	}
	feed_draw(feed, &sent);
	if (!feed_compress(feed, &sent)) {
		g_warning("feed: frame %u of %dx%d: %s", sent.number, sent.width, sent.height,
				g_strerror(errno));
		return;
	}
	if (sent.cut)
		feed_halve(feed, &sent, frame->size);
	sent.cut = sent.cut || sent.size > frame->size;

	delivered = write(feed->fd, sent.data, sent.size) >= 0;
	if (!delivered && errno != ECANCELED)
		g_warning("feed: frame %u: %s", sent.number, g_strerror(errno));
	g_mutex_lock(&feed->lock);
	feed->count += delivered;
	feed->cancelled += !delivered;
	g_mutex_unlock(&feed->lock);
	sent.size = MIN(sent.size, frame->size);
	sent.pixels = feed->pixels;
	sent.stride = feed->stride;
	if (delivered && feed->sent)
		feed->sent(&sent, feed->data);
}

static gpointer feed_run(gpointer data)
{
	struct feed *feed = data;
	struct pollfd fds[2] = {{.fd = feed->wake, .events = POLLIN}, {.fd = feed->fd}};
	struct aspeed_engine_frame frame;
	uint64_t woken;
	bool quit = false;

	/* A real engine takes none of the processor's time; this one gives way to all else. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), 19);
	while (!quit) {
		g_mutex_lock(&feed->lock);
		quit = feed->quit;
		fds[1].events = feed->paused ? 0 : POLLIN;
		g_mutex_unlock(&feed->lock);
		if (quit || poll(fds, G_N_ELEMENTS(fds), -1) < 0)
			continue;
		if (fds[0].revents && read(feed->wake, &woken, sizeof(woken)) < 0)
			g_warning("feed: %s", g_strerror(errno));
		if (fds[1].revents & POLLIN &&
				read(feed->fd, &frame, sizeof(frame)) == sizeof(frame))
			feed_frame(feed, &frame);
	}
	return NULL;
}

struct feed *feed_open(feed_sent_fn sent, void *data, GError **error)
{
	struct feed *feed;
	int fd = open(FEED_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s",
				FEED_DEVICE, g_strerror(errno));
		return NULL;
	}
	feed = g_new0(struct feed, 1);
	feed->fd = fd;
	feed->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	feed->sent = sent;
	feed->data = data;
	feed->drawn = -1;
	feed->encoder = encoder_new();
	feed->room = g_byte_array_new();
	g_mutex_init(&feed->lock);
	g_assert(feed->wake >= 0 && feed->encoder);
	feed->thread = g_thread_new("feed", feed_run, feed);
	return feed;
}

static void feed_wake(struct feed *feed)
{
	if (eventfd_write(feed->wake, 1) < 0)
		g_warning("feed: %s", g_strerror(errno));
}

bool feed_mode(struct feed *feed, int width, int height, GError **error)
{
	g_autofree char *text = width ? g_strdup_printf("%dx%d", width, height) : g_strdup("none");

	return feed_write("mode", text, error);
}

bool feed_rate(struct feed *feed, unsigned int rate, GError **error)
{
	g_autofree char *text = g_strdup_printf("%u", rate);

	return feed_write("fps", text, error);
}

bool feed_fault(struct feed *feed, const char *name, unsigned int count, GError **error)
{
	g_autofree char *text = g_strdup_printf("%s %u", name, count);

	return feed_write("fault", text, error);
}

void feed_scene(struct feed *feed, enum feed_scene scene)
{
	g_mutex_lock(&feed->lock);
	feed->scene = scene;
	feed->number = 0;
	g_mutex_unlock(&feed->lock);
}

void feed_stay(struct feed *feed, int number)
{
	g_mutex_lock(&feed->lock);
	feed->staying = number >= 0;
	if (number >= 0)
		feed->number = (unsigned int)number;
	g_mutex_unlock(&feed->lock);
}

void feed_cut(struct feed *feed, unsigned int count)
{
	g_mutex_lock(&feed->lock);
	feed->cuts = count;
	g_mutex_unlock(&feed->lock);
}

void feed_pause(struct feed *feed, bool on)
{
	g_mutex_lock(&feed->lock);
	feed->paused = on;
	g_mutex_unlock(&feed->lock);
	feed_wake(feed);
}

unsigned int feed_count(struct feed *feed)
{
	unsigned int count;

	g_mutex_lock(&feed->lock);
	count = feed->count;
	g_mutex_unlock(&feed->lock);
	return count;
}

unsigned int feed_cancelled(struct feed *feed)
{
	unsigned int cancelled;

	g_mutex_lock(&feed->lock);
	cancelled = feed->cancelled;
	g_mutex_unlock(&feed->lock);
	return cancelled;
}

void feed_close(struct feed *feed)
{
	if (!feed)
		return;
	g_mutex_lock(&feed->lock);
	feed->quit = true;
	g_mutex_unlock(&feed->lock);
	feed_wake(feed);
	g_thread_join(feed->thread);
	close(feed->fd);
	close(feed->wake);
	g_byte_array_unref(feed->room);
	encoder_free(feed->encoder);
	g_free(feed->pixels);
	g_mutex_clear(&feed->lock);
	g_free(feed);
}
