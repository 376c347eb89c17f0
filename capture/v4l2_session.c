/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include "capture/v4l2_session.h"

#define MS INT64_C(1000)

#define SESSION_SIGNAL_WAIT (250 * MS) /* between two looks for a signal */
#define SESSION_BUSY_WAIT   (20 * MS)  /* while the driver finds out */
#define SESSION_UNSURE_WAIT (100 * MS)
#define SESSION_STALL       (1000 * MS) /* without a frame, until the signal is asked for */
#define SESSION_GIVE_UP     (5000 * MS) /* with a signal and without a frame */
#define SESSION_DRAIN       (400 * MS)

/*
 * Of the engine's AJPG frames those are complete whose number is a multiple of this: the driver
 * clears the engine's list of changes after every eighth (aspeed_video_swap_src_buf).
 */
#define SESSION_PERIOD      8
#define SESSION_PERIOD_WAIT (300 * MS) /* it takes that long at 27 frames per second */

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

static void session_say(struct session *session, enum capture_state state, const char *format, ...)
		G_GNUC_PRINTF(3, 4);

static void session_say(struct session *session, enum capture_state state, const char *format, ...)
{
	g_autofree char *reason = NULL;
	va_list arguments;

	va_start(arguments, format);
	reason = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	exchange_post_state(session->exchange, session->generation, state, reason);
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

/* --- Quality --- */

static void session_say_streaming(struct session *session)
{
	const struct v4l2_device *device = &session->device;
	const struct capture_quality *wanted = &session->ladder.wanted;
	const struct capture_quality *now = &session->quality;

	if (session->ladder.level == 0)
		session_say(session, CAPTURE_STREAMING, "video: %dx%d %s from %s", device->width,
				device->height, device->format->name, device->path);
	else
		session_say(session, CAPTURE_STREAMING,
				"video: %dx%d %s from %s; frames did not fit, so quality is %d (%d) "
				"instead of %d (%d) for now",
				device->width, device->height, device->format->name, device->path,
				now->selector, now->chroma, wanted->selector, wanted->chroma);
}

static void session_apply_quality(struct session *session)
{
	const struct capture_quality wanted = v4l2_ladder_quality(&session->ladder);

	session->quality = v4l2_device_quality(&session->device, &wanted);
	session->quality_adjusted = session->adjusted;
}

/*
 * The ladder says something else now. JPEG names its quality itself, but the frame under way may be
 * half of each.
 */
static enum session_next session_change_quality(struct session *session)
{
	if (session->device.format->codec == CAPTURE_AJPG)
		return SESSION_AGAIN;
	session_apply_quality(session);
	session->settled_at = g_get_monotonic_time();
	if (session->frames)
		session_say_streaming(session);
	return SESSION_ON;
}

/* --- Frames --- */

static enum session_next session_failed(
		struct session *session, int code, const char *what, GError **error)
{
	v4l2_device_error(&session->device, code, what, error);
	return SESSION_FAILED;
}

static enum session_next session_requeue(struct session *session, int buffer, GError **error)
{
	bool paused = session->device.queued == 0;
	int code = v4l2_device_queue(&session->device, buffer);

	if (code != 0)
		return session_failed(session, code, "returning a buffer", error);
	if (paused) {
		session->frame_at = g_get_monotonic_time();
		session->check_at = session->frame_at + SESSION_STALL;
	}
	return SESSION_ON;
}

static enum session_next session_requeue_returned(struct session *session, GError **error)
{
	enum session_next next = SESSION_ON;
	int buffer;

	while (next == SESSION_ON && (buffer = exchange_returned(session->exchange)) >= 0)
		next = session_requeue(session, buffer, error);
	return next;
}

/* AJPG frames make no sense any more until the next complete one. */
static void session_renew(struct session *session)
{
	session->broken = true;
	session->key_frame = true;
	session->key_frame_at = 0;
}

static void session_deliver(struct session *session, const struct v4l2_dequeued *got)
{
	const struct v4l2_device *device = &session->device;
	const struct capture_frame frame = {
			.data = device->buffers[got->buffer].data,
			.size = got->size,
			.width = device->width,
			.height = device->height,
			.stride = device->stride,
			.codec = device->format->codec,
			.chroma = session->quality.chroma,
			.selector = session->quality.selector,
			.second_selector = session->quality.hq_selector,
			.studio = device->studio,
			.bt709 = device->bt709,
			.time = got->time,
	};

	if (session->frames++ == 0)
		session_say_streaming(session);
	exchange_post_frame(session->exchange, session->generation, &frame, got->buffer,
			frame.codec != CAPTURE_AJPG);
}

/* What became of the signal when frames came back empty, or did not come. */
static enum session_next session_check_signal(struct session *session, GError **error)
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

/* A good frame after empty ones: of the old mode, or is the event for a new one on its way? */
static enum session_next session_resume(struct session *session, GError **error)
{
	enum session_next next = session_check_signal(session, error);

	if (next != SESSION_ON || session->undecided)
		return next;
	session->unsure = false;
	/* The engine may have looked at a picture that it never sent. */
	if (session->device.format->codec == CAPTURE_AJPG)
		session_renew(session);
	return SESSION_ON;
}

/* Counts an AJPG frame: whether it continues what was delivered. */
static bool session_continues(struct session *session, const struct v4l2_dequeued *got)
{
	bool next = got->sequence == session->sequence;

	session->sequence = got->sequence + 1;
	if (session->device.periodic && got->sequence > 0 && got->sequence % SESSION_PERIOD == 0) {
		session->broken = session->key_frame = false;
		return true;
	}
	if (!next)
		session_renew(session);
	if (session->frames == 0 && !session->broken)
		session->key_frame = false; /* this is it */
	return !session->broken;
}

static enum session_next session_cut(
		struct session *session, const struct v4l2_dequeued *got, GError **error)
{
	enum session_next next = session_requeue(session, got->buffer, error);

	return next == SESSION_ON ? session_change_quality(session) : next;
}

/*
 * JPEG after a change of quality: whether a frame is all old or all new. What was done before is
 * good as long as it is whole; the first that ends later began before.
 */
static bool session_settled(struct session *session, const struct v4l2_dequeued *got, bool cut)
{
	if (!session->settled_at)
		return true;
	if (got->time <= session->settled_at)
		return !cut;
	session->settled_at = 0;
	return false;
}

/* A frame with something in it, of the signal that we think there is. */
static enum session_next session_good_frame(
		struct session *session, const struct v4l2_dequeued *got, GError **error)
{
	const struct v4l2_device *device = &session->device;
	enum capture_codec codec = device->format->codec;
	bool cut = device->quality_control &&
		   v4l2_formats_cut(codec, device->buffers[got->buffer].data, got->size,
				   device->room);

	if (codec == CAPTURE_AJPG && !session_continues(session, got))
		return session_requeue(session, got->buffer, error);
	if (!session_settled(session, got, cut))
		return session_requeue(session, got->buffer, error);
	if (cut && v4l2_ladder_cut(&session->ladder, got->time))
		return session_cut(session, got, error);
	session_deliver(session, got);
	if (v4l2_ladder_fitted(&session->ladder, got->size, device->room, got->time))
		return session_change_quality(session);
	return SESSION_ON;
}

static enum session_next session_frame(
		struct session *session, const struct v4l2_dequeued *got, GError **error)
{
	int64_t now = g_get_monotonic_time();
	enum session_next next = SESSION_ON;

	if (got->error) {
		session->unsure = true;
		session->check_at = now;
		return session_requeue(session, got->buffer, error);
	}
	session->frame_at = now;
	if (session->unsure)
		next = session_resume(session, error);
	if (next != SESSION_ON)
		return next;
	if (session->unsure)
		return session_requeue(session, got->buffer, error);
	session->check_at = now + SESSION_STALL;
	return session_good_frame(session, got, error);
}

static enum session_next session_frames(struct session *session, int events, GError **error)
{
	enum session_next next = SESSION_ON;
	struct v4l2_dequeued got;
	int taken = 0;

	while (next == SESSION_ON && session->device.queued > 0) {
		int code = v4l2_device_dequeue(&session->device, &got);

		if (code == EAGAIN)
			break;
		if (code != 0)
			return session_failed(session, code, "reading a frame", error);
		next = session_frame(session, &got, error);
		if (++taken == session->device.count)
			break; /* orders are heard in between, also when frames come without pause
				*/
	}
	if (next == SESSION_ON && taken == 0 && events & (POLLERR | POLLHUP | POLLNVAL))
		return session_failed(session, events & POLLHUP ? ENODEV : EIO, "streaming", error);
	return next;
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
