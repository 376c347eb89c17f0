/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A recording as a capture source: the frames of a list (list.h) at an even pace.
 *
 * Complete by themselves are: every JPEG line, the first line, and an AJPG line whose size, chroma
 * or codec differs from the line before, since the video engine begins anew there. A start begins
 * with the first line; a request for a key frame goes back to the last complete line and on from
 * there.
 *
 * A file is read when its turn comes. One that is missing, unreadable, empty or larger than
 * REPLAY_FILE_MAX is told once, as CAPTURE_NO_DEVICE, and passed over up to the next complete line,
 * so that no picture is built on a gap; it is tried again when its turn comes after a delay that
 * grows from REPLAY_RETRY_MIN_MS to REPLAY_RETRY_MAX_MS. When no other line can be shown the
 * recording waits for it there. Files are taken to be local: reading them blocks.
 *
 * At the end of a recording that does not loop the last picture stays and the source is streaming.
 */
#include <glib.h>
#include <stdbool.h>
#include "capture/capture.h"

#define REPLAY_FILE_MAX     (64 << 20) /* bytes */
#define REPLAY_RATE_MIN     0.01       /* frames per second */
#define REPLAY_RATE_MAX     1000.0
#define REPLAY_RETRY_MIN_MS 500
#define REPLAY_RETRY_MAX_MS 8000

/*
 * Reads the whole list, so a mistake in any line is found at once. Returns NULL and sets error
 * (LIST_ERROR) for that, for a list without frames and for a rate out of range.
 */
struct capture *replay_open(const char *path, double rate, bool loop, GError **error);
