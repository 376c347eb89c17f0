/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* v4l2_session.c has the signal, orders and time, v4l2_session_frames.c what is captured. */
#include "capture/v4l2_session.h"

#define MS INT64_C(1000)

#define SESSION_STALL (1000 * MS) /* without a frame, until the signal is asked for */

/* Tells the other thread of a state; format: why. */
void session_say(struct session *session, enum capture_state state, const char *format, ...)
		G_GNUC_PRINTF(3, 4);

/* Sets the error; always SESSION_FAILED. */
enum session_next session_failed(
		struct session *session, int code, const char *what, GError **error);

/* What became of the signal when frames came back empty, or did not come. */
enum session_next session_check_signal(struct session *session, GError **error);

/* --- v4l2_session_frames.c --- */

/* Asks the device for what the ladder says. */
void session_apply_quality(struct session *session);

/* The same while it streams. */
enum session_next session_change_quality(struct session *session);

/* Gives the device the buffers that the other thread is through with. */
enum session_next session_requeue_returned(struct session *session, GError **error);

/* Takes what the device has; events: what poll says of it. */
enum session_next session_frames(struct session *session, int events, GError **error);
