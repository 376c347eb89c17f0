/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A video device from being opened to being closed, as the capture thread lives it: waits for a
 * signal, streams, obeys the orders that come through the exchange, and ends when the device has to
 * be opened anew.
 */
#include <glib.h>
#include "capture/exchange.h"
#include "capture/v4l2.h"
#include "capture/v4l2_device.h"
#include "capture/v4l2_ladder.h"

enum session_next {
	SESSION_ON,      /* it is not over */
	SESSION_STOPPED, /* nobody looks */
	SESSION_AGAIN,   /* open the device anew, at once */
	SESSION_FAILED,  /* an error is set */
};

struct session {
	/* For the thread's life. */
	const struct v4l2_settings *settings;
	struct exchange *exchange;
	struct exchange_orders orders; /* when they were looked at last */
	struct v4l2_ladder ladder;
	unsigned int adjusted; /* the change of quality that the ladder began with */
	bool engine;           /* one was found before: a camera is no substitute for it */
	int64_t opened;        /* us; when the device was, last */
	/* From open to close. */
	struct v4l2_device device;
	unsigned int generation; /* of the start that it serves */
	bool key_frame;          /* asked for and not come yet */
	int64_t key_frame_at;    /* when to open the device anew for it */
	/* While it streams. */
	struct v4l2_dv_timings timings;
	struct capture_quality quality; /* in force */
	unsigned int quality_adjusted;  /* the change of quality that it comes from */
	int frames;                     /* delivered */
	uint32_t sequence;              /* of the next frame */
	bool broken;                    /* AJPG: what comes does not continue what was delivered */
	bool unsure;                    /* whether the signal is what it was */
	bool undecided;                 /* the driver did not know either when it was asked last */
	int64_t frame_at;               /* when the last frame came, or could have come first */
	int64_t check_at;               /* when to ask for the signal */
	int64_t settled_at; /* JPEG: frames from before are not shown, 0: they all are */
};

/* Looks at the orders: false when nobody looks at the frames. */
bool session_look(struct session *session);

/* Blocks until the device is closed again; never returns SESSION_ON. */
enum session_next session_run(struct session *session, GError **error);
