/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A session's frames, which of them are good, and the quality that lets them fit. */
#include <errno.h>
#include <poll.h>
#include "capture/v4l2_session_private.h"

/*
 * Of the engine's AJPG frames those are complete whose number is a multiple of this: the driver
 * clears the engine's list of changes after every eighth (aspeed_video_swap_src_buf).
 */
#define SESSION_PERIOD 8

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

void session_apply_quality(struct session *session)
{
	const struct capture_quality wanted = v4l2_ladder_quality(&session->ladder);

	session->quality = v4l2_device_quality(&session->device, &wanted);
	session->quality_adjusted = session->adjusted;
}

/*
 * The ladder says something else now. JPEG names its quality itself, but the frame under way may be
 * half of each.
 */
enum session_next session_change_quality(struct session *session)
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

enum session_next session_requeue_returned(struct session *session, GError **error)
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

enum session_next session_frames(struct session *session, int events, GError **error)
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
