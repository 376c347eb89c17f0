/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "capture/exchange.h"
#include "capture/v4l2.h"
#include "capture/v4l2_session.h"

#define V4L2_CLOSE_MS  5000 /* to wait for a driver, at the end */
#define V4L2_STEADY_MS 5000 /* a device that went for this long is tried again quickly */
#define V4L2_PAUSE_MS  50   /* between two openings, whatever happens */

struct v4l2 {
	struct capture capture;
	struct v4l2_settings settings;
	char *device; /* of the settings */
	struct exchange *exchange;
	guint watch; /* of the exchange, on the main thread */
	GThread *thread;
	GMutex lock; /* for what follows */
	GCond ended_changed;
	bool ended;     /* the thread touches nothing any more, but to free it when abandoned */
	bool abandoned; /* nobody waits for it */
};

static void v4l2_free(struct v4l2 *v4l2)
{
	exchange_free(v4l2->exchange);
	g_mutex_clear(&v4l2->lock);
	g_cond_clear(&v4l2->ended_changed);
	g_free(v4l2->device);
	g_free(v4l2);
}

/* --- The capture thread --- */

/* Where nodes come and go; -1 when that cannot be watched: then time has to do. */
static int v4l2_watch_nodes(const struct v4l2 *v4l2)
{
	g_autofree char *folder = v4l2->device && strcmp(v4l2->device, "auto") != 0
						  ? g_path_get_dirname(v4l2->device)
						  : g_strdup("/dev");
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd >= 0 && inotify_add_watch(fd, folder, IN_CREATE | IN_ATTRIB | IN_MOVED_TO) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Whether one of the events at hand is about a node that may be ours. */
static bool v4l2_node_came(const struct v4l2 *v4l2, int fd)
{
	_Alignas(struct inotify_event) char buffer[4096];
	g_autofree char *name = v4l2->device ? g_path_get_basename(v4l2->device) : NULL;
	bool came = false;
	ssize_t size;

	while ((size = read(fd, buffer, sizeof(buffer))) > 0) {
		const struct inotify_event *event;

		for (ssize_t at = 0; at < size; at += sizeof(*event) + event->len) {
			event = (const struct inotify_event *)(buffer + at);
			came |= event->len && (g_str_has_prefix(event->name, "video") ||
							      g_strcmp0(event->name, name) == 0);
		}
	}
	return came;
}

/* Waits that long, or until the device's node appears, or for other orders. nodes: -1: not watched.
 */
static void v4l2_pause(struct v4l2 *v4l2, struct session *session, int nodes, int ms)
{
	unsigned int generation = session->orders.generation;
	int64_t until = g_get_monotonic_time() + ms * INT64_C(1000);
	int64_t now;

	while ((now = g_get_monotonic_time()) < until) {
		struct pollfd fds[] = {
				{.fd = exchange_thread_fd(v4l2->exchange), .events = POLLIN},
				{.fd = nodes, .events = POLLIN},
		};

		if (poll(fds, 2, (until - now + 999) / 1000) <= 0)
			continue;
		if (!session_look(session) || session->orders.generation != generation)
			return;
		if (fds[1].revents && v4l2_node_came(v4l2, nodes))
			return;
	}
}

static void v4l2_say_failed(struct v4l2 *v4l2, struct session *session, const GError *error)
{
	bool missing = g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
		       g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NODEV) ||
		       g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NXIO);
	g_autofree char *reason = g_strdup_printf("video: %s; %s", error->message,
			missing ? "waiting for it" : "trying again");

	exchange_post_state(v4l2->exchange, session->generation, CAPTURE_NO_DEVICE, reason);
}

/* Blocks while nobody looks; false at the end. */
static bool v4l2_wanted(struct v4l2 *v4l2, struct session *session)
{
	while (!session_look(session)) {
		struct pollfd fd = {.fd = exchange_thread_fd(v4l2->exchange), .events = POLLIN};

		if (session->orders.quit)
			return false;
		poll(&fd, 1, -1);
	}
	return true;
}

static void v4l2_capture(struct v4l2 *v4l2, int nodes)
{
	struct session session = {
			.settings = &v4l2->settings,
			.exchange = v4l2->exchange,
			.device = {.fd = -1},
	};
	int delay = V4L2_RETRY_MIN_MS;

	v4l2_ladder_init(&session.ladder, &v4l2->settings.quality);
	while (v4l2_wanted(v4l2, &session)) {
		g_autoptr(GError) error = NULL;
		enum session_next end = session_run(&session, &error);
		int64_t lasted = g_get_monotonic_time() - session.opened;

		if (lasted > V4L2_STEADY_MS * INT64_C(1000))
			delay = V4L2_RETRY_MIN_MS;
		if (end == SESSION_FAILED) {
			v4l2_say_failed(v4l2, &session, error);
			v4l2_pause(v4l2, &session, nodes, delay);
			delay = MIN(2 * delay, V4L2_RETRY_MAX_MS);
		} else if (lasted < V4L2_PAUSE_MS * INT64_C(1000)) {
			v4l2_pause(v4l2, &session, -1, V4L2_PAUSE_MS);
		}
	}
}

static gpointer v4l2_thread(gpointer data)
{
	struct v4l2 *v4l2 = data;
	int nodes = v4l2_watch_nodes(v4l2);
	bool abandoned;

	v4l2_capture(v4l2, nodes);
	if (nodes >= 0)
		close(nodes);
	g_mutex_lock(&v4l2->lock);
	v4l2->ended = true;
	abandoned = v4l2->abandoned;
	g_cond_signal(&v4l2->ended_changed);
	g_mutex_unlock(&v4l2->lock);
	if (abandoned)
		v4l2_free(v4l2);
	return NULL;
}

/* --- The main thread --- */

/* One event at a time: others wait for the main loop too. */
static gboolean v4l2_deliver(gint fd, GIOCondition condition, gpointer data)
{
	struct v4l2 *v4l2 = data;
	const struct capture_events *events = &v4l2->capture.events;
	struct exchange_event event;

	if (!exchange_take(v4l2->exchange, &event))
		return G_SOURCE_CONTINUE;
	if (event.is_frame && events->frame)
		events->frame(&event.frame, events->data);
	else if (!event.is_frame && events->state)
		events->state(event.state, event.reason, events->data);
	exchange_give_back(v4l2->exchange, &event);
	return G_SOURCE_CONTINUE;
}

static void v4l2_start(struct capture *capture)
{
	exchange_start(((struct v4l2 *)capture)->exchange);
}

static void v4l2_stop(struct capture *capture)
{
	exchange_stop(((struct v4l2 *)capture)->exchange);
}

static void v4l2_key_frame(struct capture *capture)
{
	exchange_key_frame(((struct v4l2 *)capture)->exchange);
}

static void v4l2_adjust(struct capture *capture, const struct capture_quality *quality)
{
	exchange_adjust(((struct v4l2 *)capture)->exchange, quality);
}

static void v4l2_close(struct capture *capture)
{
	struct v4l2 *v4l2 = (struct v4l2 *)capture;
	int64_t until = g_get_monotonic_time() + V4L2_CLOSE_MS * INT64_C(1000);
	bool ended;

	g_source_remove(v4l2->watch);
	exchange_quit(v4l2->exchange);
	g_mutex_lock(&v4l2->lock);
	while (!v4l2->ended && g_cond_wait_until(&v4l2->ended_changed, &v4l2->lock, until))
		;
	ended = v4l2->ended;
	v4l2->abandoned = !ended;
	g_mutex_unlock(&v4l2->lock);
	if (ended) {
		g_thread_join(v4l2->thread);
		v4l2_free(v4l2);
	}
}

static const struct capture_ops v4l2_ops = {
		.start = v4l2_start,
		.stop = v4l2_stop,
		.key_frame = v4l2_key_frame,
		.adjust = v4l2_adjust,
		.close = v4l2_close,
};

struct capture *v4l2_open(const struct v4l2_settings *settings)
{
	struct v4l2 *v4l2 = g_new0(struct v4l2, 1);

	v4l2->capture.ops = &v4l2_ops;
	v4l2->settings = *settings;
	v4l2->settings.device = v4l2->device = g_strdup(settings->device);
	g_mutex_init(&v4l2->lock);
	g_cond_init(&v4l2->ended_changed);
	v4l2->exchange = exchange_new(&settings->quality);
	if (v4l2->exchange)
		v4l2->thread = g_thread_try_new("video", v4l2_thread, v4l2, NULL);
	if (!v4l2->thread) {
		v4l2_free(v4l2);
		return NULL;
	}
	v4l2->watch = g_unix_fd_add(exchange_main_fd(v4l2->exchange), G_IO_IN, v4l2_deliver, v4l2);
	return &v4l2->capture;
}
