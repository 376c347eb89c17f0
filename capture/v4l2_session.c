/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include "capture/v4l2_session_private.h"

#define SESSION_SIGNAL_WAIT (250 * MS) /* between two looks for a signal */
#define SESSION_BUSY_WAIT   (20 * MS)  /* while the driver finds out */
#define SESSION_UNSURE_WAIT (100 * MS)
#define SESSION_GIVE_UP     (5000 * MS) /* with a signal and without a frame */
#define SESSION_DRAIN       (400 * MS)
#define SESSION_PERIOD_WAIT (300 * MS) /* the engine's eight frames, at 27 per second */

bool session_look(struct session *session)
{
	exchange_look(session->exchange, &session->orders);
	if (session->orders.key_frame && !session->key_frame) {
		session->key_frame = true;
		session->key_frame_at = g_get_monotonic_time() +
					(session->device.periodic ? SESSION_PERIOD_WAIT : 0);
	}
	if (session->orders.adjusted != session->adjusted) {
		session->adjusted = session->orders.adjusted;
		v4l2_ladder_init(&session->ladder, &session->orders.quality);
	}
	return session->orders.wanted && !session->orders.quit;
}

/* Waits for the device, for orders, or until a time; returns what poll says of the device. */
static int session_wait(struct session *session, short events, int64_t until)
{
	struct pollfd fds[] = {
			{.fd = exchange_thread_fd(session->exchange), .events = POLLIN},
			{.fd = session->device.fd, .events = events},
	};
	int64_t wait = until - g_get_monotonic_time();

	if (poll(fds, events ? 2 : 1, wait <= 0 ? 0 : (wait + MS - 1) / MS) <= 0)
		return 0;
	return events ? fds[1].revents : 0;
}

void session_say(struct session *session, enum capture_state state, const char *format, ...)
{
	g_autofree char *reason = NULL;
	va_list arguments;

	va_start(arguments, format);
	reason = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	exchange_post_state(session->exchange, session->generation, state, reason);
}

enum session_next session_failed(
		struct session *session, int code, const char *what, GError **error)
{
	v4l2_device_error(&session->device, code, what, error);
	return SESSION_FAILED;
}

/* --- The signal --- */

static void session_say_signal(struct session *session, enum v4l2_signal found,
		const struct v4l2_dv_timings *timings)
{
	const char *path = session->device.path;

	if (found == V4L2_SIGNAL_NONE)
		session_say(session, CAPTURE_NO_SIGNAL,
				"video: no signal at %s; waiting for the node to send a picture",
				path);
	else if (found == V4L2_SIGNAL_UNSTABLE)
		session_say(session, CAPTURE_NO_SIGNAL,
				"video: the signal at %s is not stable; waiting", path);
	else if (timings->bt.width)
		session_say(session, CAPTURE_NO_SIGNAL,
				"video: the node's mode %ux%u is beyond what %s can capture; choose another on "
				"the node",
				timings->bt.width, timings->bt.height, path);
	else
		session_say(session, CAPTURE_NO_SIGNAL,
				"video: the node's mode is beyond what %s can capture; choose another on the "
				"node",
				path);
}

static enum session_next session_await_signal(struct session *session, GError **error)
{
	while (true) {
		enum v4l2_signal found = v4l2_device_signal(&session->device, &session->timings);
		int64_t wait = SESSION_SIGNAL_WAIT;
		int events;

		if (found == V4L2_SIGNAL_GOOD)
			return SESSION_ON;
		if (found == V4L2_SIGNAL_FAILED) {
			v4l2_device_error(&session->device, errno, "asking for its signal", error);
			return SESSION_FAILED;
		}
		if (found == V4L2_SIGNAL_BUSY)
			wait = SESSION_BUSY_WAIT;
		else
			session_say_signal(session, found, &session->timings);
		events = session_wait(session, POLLPRI, g_get_monotonic_time() + wait);
		if (!session_look(session))
			return SESSION_STOPPED;
		if (session->orders.generation != session->generation)
			return SESSION_AGAIN;
		if (events & (POLLERR | POLLHUP | POLLNVAL)) {
			v4l2_device_error(&session->device, ENODEV, "waiting for it", error);
			return SESSION_FAILED;
		}
		v4l2_device_news(&session->device);
	}
}

enum session_next session_check_signal(struct session *session, GError **error)
{
	struct v4l2_dv_timings timings;
	enum v4l2_signal found = v4l2_device_signal(&session->device, &timings);
	int64_t now = g_get_monotonic_time();

	if (found == V4L2_SIGNAL_FAILED)
		return session_failed(session, errno, "asking for its signal", error);
	session->undecided = found == V4L2_SIGNAL_BUSY;
	if (session->undecided) {
		session->check_at = now + SESSION_BUSY_WAIT;
		return SESSION_ON;
	}
	if (found != V4L2_SIGNAL_GOOD) {
		session_say_signal(session, found, &timings);
		return SESSION_AGAIN;
	}
	if (timings.bt.width != session->timings.bt.width ||
			timings.bt.height != session->timings.bt.height)
		return SESSION_AGAIN;
	if (session->device.queued > 0 && now - session->frame_at > SESSION_GIVE_UP) {
		if (session->frames > 0)
			return SESSION_AGAIN; /* perhaps an interrupt was lost */
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO,
				"%s has a signal but sends no frames", session->device.path);
		return SESSION_FAILED;
	}
	session->check_at = now + (session->unsure ? SESSION_UNSURE_WAIT : SESSION_STALL);
	return SESSION_ON;
}

/* --- Orders and events while it streams --- */

static enum session_next session_obey(struct session *session)
{
	bool differences = session->device.format->codec == CAPTURE_AJPG;

	if (!session_look(session))
		return SESSION_STOPPED;
	if (session->orders.generation != session->generation) {
		if (differences && session->frames)
			return SESSION_AGAIN;
		session->generation = session->orders.generation;
		session->frames = 0;
	}
	if (session->quality_adjusted != session->adjusted)
		return session_change_quality(session);
	if (!differences)
		session->key_frame = false; /* they all are */
	return SESSION_ON;
}

static enum session_next session_hear(struct session *session, GError **error)
{
	unsigned int news = v4l2_device_news(&session->device);

	if (news & V4L2_NEWS_CONTROL && session->device.format->codec == CAPTURE_AJPG)
		return SESSION_AGAIN;
	if (!(news & V4L2_NEWS_SOURCE))
		return SESSION_ON;
	/* Say so at once when there is none: to open it anew takes a while then. */
	session->unsure = true;
	session->check_at = 0;
	return session_check_signal(session, error);
}

/* When something is due without a frame, an event or an order. */
static int64_t session_due(const struct session *session)
{
	int64_t due = session->device.queued > 0 ? session->check_at : INT64_MAX;

	if (session->key_frame)
		due = MIN(due, MAX(session->key_frame_at,
					       session->opened + V4L2_KEY_FRAME_MS * MS));
	return due == INT64_MAX ? g_get_monotonic_time() + SESSION_STALL : due;
}

static enum session_next session_keep_time(struct session *session, GError **error)
{
	int64_t now = g_get_monotonic_time();

	if (session->key_frame && now >= session->key_frame_at &&
			now >= session->opened + V4L2_KEY_FRAME_MS * MS)
		return SESSION_AGAIN;
	if (session->device.queued > 0 && now >= session->check_at)
		return session_check_signal(session, error);
	return SESSION_ON;
}

static enum session_next session_turn(struct session *session, GError **error)
{
	short wanted = session->device.queued > 0 ? POLLIN | POLLPRI : POLLPRI;
	int events = session_wait(session, wanted, session_due(session));
	enum session_next next = session_obey(session);

	if (next == SESSION_ON)
		next = session_requeue_returned(session, error);
	/* Before frames: the next one may already be of another mode. */
	if (next == SESSION_ON && events & POLLPRI)
		next = session_hear(session, error);
	if (next == SESSION_ON)
		next = session_frames(session, events, error);
	if (next == SESSION_ON)
		next = session_keep_time(session, error);
	return next;
}

static enum session_next session_stream(struct session *session, GError **error)
{
	enum session_next next = SESSION_ON;

	if (!v4l2_device_setup(&session->device, &session->timings, session->settings, error))
		return SESSION_FAILED;
	session_apply_quality(session);
	if (!v4l2_device_start(&session->device, error))
		return SESSION_FAILED;
	session->frames = 0;
	session->sequence = 0;
	session->unsure = false;
	/* The engine goes on from what somebody else saw; the eighth frame is the first complete
	 * one. */
	session->broken = session->device.periodic && session->device.shared &&
			  session->device.format->codec == CAPTURE_AJPG;
	session->settled_at = 0;
	session->frame_at = g_get_monotonic_time();
	session->check_at = session->frame_at + SESSION_STALL;
	while (next == SESSION_ON)
		next = session_turn(session, error);
	return next;
}

/* --- Open and close --- */

/*
 * Lets the AJPG engine fill what it has and come to rest, which takes a few frames: stopped in the
 * middle of a frame the driver waits a whole second for nothing.
 */
static void session_drain(struct session *session)
{
	int64_t until = g_get_monotonic_time() + SESSION_DRAIN;
	struct v4l2_dequeued got;

	while (session->device.queued > 0 && g_get_monotonic_time() < until) {
		struct pollfd fd = {.fd = session->device.fd, .events = POLLIN};
		int code;

		if (poll(&fd, 1, SESSION_UNSURE_WAIT / MS) <= 0)
			continue;
		while ((code = v4l2_device_dequeue(&session->device, &got)) == 0)
			;
		if (code != EAGAIN)
			return;
	}
}

/* Whether the engine is at work: when its signal goes, the driver stops it. */
static bool session_flows(const struct session *session)
{
	return session->device.streaming && !session->unsure &&
	       g_get_monotonic_time() - session->frame_at < SESSION_DRAIN;
}

static void session_close(struct session *session, enum session_next end)
{
	if (end != SESSION_FAILED && session_flows(session) &&
			session->device.format->codec == CAPTURE_AJPG)
		session_drain(session);
	/* The main thread may be looking at a frame. */
	while (exchange_recall(session->exchange) > 0) {
		session_wait(session, 0, g_get_monotonic_time() + SESSION_STALL);
		session_look(session);
	}
	while (exchange_returned(session->exchange) >= 0)
		;
	v4l2_device_close(&session->device);
}

enum session_next session_run(struct session *session, GError **error)
{
	enum session_next next = SESSION_ON;

	session->opened = g_get_monotonic_time();
	session->generation = session->orders.generation;
	session->key_frame = false; /* the first one is */
	if (!v4l2_device_open(&session->device, session->settings, session->engine, error))
		next = SESSION_FAILED;
	session->engine |= session->device.engine;
	if (next == SESSION_ON)
		next = session_await_signal(session, error);
	if (next == SESSION_ON)
		next = session_stream(session, error);
	session_close(session, next);
	return next;
}
