/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Which video device to take when none is named. */
#include <linux/videodev2.h>
#include <stdbool.h>

/*
 * The path of the node's video engine (driver aspeed-video), else, unless it must be an engine, of
 * the first device that captures; to be freed. NULL when there is none. Opens devices that are no
 * engine for a moment.
 */
char *v4l2_find(bool engine);

/* Whether an open device captures into mapped buffers of a single plane. */
bool v4l2_find_captures(int fd, struct v4l2_capability *capability);
