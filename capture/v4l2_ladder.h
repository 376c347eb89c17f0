/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Which quality an engine can be given so that its frames fit into its buffers: a ladder from the
 * quality that the operator wants down to the coarsest. Pure; times are CLOCK_MONOTONIC
 * microseconds.
 *
 * A cut frame is a step down. A step up is tried when every frame of some time was smaller than
 * 1/V4L2_LADDER_SMALL of the buffer: three selectors finer make a frame about 2.2 times larger.
 * That time doubles when a step up was followed by a cut soon, and is short again once a step up
 * has held.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "capture/capture.h"

#define V4L2_LADDER_STEP     3 /* selectors, while they are above V4L2_LADDER_COARSE */
#define V4L2_LADDER_COARSE   3 /* before that is undercut, 4:2:0 is tried */
#define V4L2_LADDER_SMALL    3
#define V4L2_LADDER_WAIT     INT64_C(10000000)  /* us of small frames for a step up, at first */
#define V4L2_LADDER_WAIT_MAX INT64_C(300000000) /* us, at most */

struct v4l2_ladder {
	struct capture_quality wanted;
	int level;           /* 0: as wanted */
	int64_t small_since; /* 0: the last frame was not */
	int64_t raised;      /* when the last step up was, 0: none that matters */
	int64_t wait;
};

/* Starts at the top. */
void v4l2_ladder_init(struct v4l2_ladder *ladder, const struct capture_quality *wanted);

/* What to give the engine now. The second pass is for the top only. */
struct capture_quality v4l2_ladder_quality(const struct v4l2_ladder *ladder);

/* A frame was cut: a step down; false when there is none left. */
bool v4l2_ladder_cut(struct v4l2_ladder *ladder, int64_t now);

/* A frame that fitted, of size bytes: true when a step up was taken. */
bool v4l2_ladder_fitted(struct v4l2_ladder *ladder, size_t size, size_t room, int64_t now);
