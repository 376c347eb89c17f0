/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "capture/v4l2_ladder.h"

void v4l2_ladder_init(struct v4l2_ladder *ladder, const struct capture_quality *wanted)
{
	*ladder = (struct v4l2_ladder){.wanted = *wanted, .wait = V4L2_LADDER_WAIT};
}

/* One rung down; false at the bottom. */
static bool v4l2_ladder_lower(struct capture_quality *quality)
{
	quality->hq_selector = -1;
	if (quality->selector > V4L2_LADDER_COARSE) {
		quality->selector -= V4L2_LADDER_STEP;
		if (quality->selector < V4L2_LADDER_COARSE)
			quality->selector = V4L2_LADDER_COARSE;
		return true;
	}
	if (quality->chroma != 420) {
		quality->chroma = 420;
		return true;
	}
	if (quality->selector == 0)
		return false;
	quality->selector--;
	return true;
}

struct capture_quality v4l2_ladder_quality(const struct v4l2_ladder *ladder)
{
	struct capture_quality quality = ladder->wanted;

	for (int level = 0; level < ladder->level; level++)
		v4l2_ladder_lower(&quality);
	return quality;
}

bool v4l2_ladder_cut(struct v4l2_ladder *ladder, int64_t now)
{
	struct capture_quality quality = v4l2_ladder_quality(ladder);

	ladder->small_since = 0;
	if (!v4l2_ladder_lower(&quality))
		return false;
	ladder->level++;
	if (ladder->raised && now - ladder->raised < 2 * ladder->wait) {
		ladder->wait *= 2;
		if (ladder->wait > V4L2_LADDER_WAIT_MAX)
			ladder->wait = V4L2_LADDER_WAIT_MAX;
	} else {
		ladder->wait = V4L2_LADDER_WAIT;
	}
	ladder->raised = 0;
	return true;
}

bool v4l2_ladder_fitted(struct v4l2_ladder *ladder, size_t size, size_t room, int64_t now)
{
	if (ladder->level == 0)
		return false;
	if (size >= room / V4L2_LADDER_SMALL) {
		ladder->small_since = 0;
		return false;
	}
	if (!ladder->small_since)
		ladder->small_since = now;
	if (now - ladder->small_since < ladder->wait)
		return false;
	ladder->level--;
	ladder->small_since = 0;
	ladder->raised = now;
	return true;
}
