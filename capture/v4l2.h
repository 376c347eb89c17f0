/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A video device of the kernel as a capture source: the BMC's own engine (aspeed-video: AJPG and
 * JPEG), HDMI grabbers and webcams (MJPEG and raw pixels).
 *
 * A thread of its own opens the device when the capture is started and closes it when nobody looks,
 * since the engine's driver takes 0.55 s to open without a signal and 1 s to stop
 * (drivers/media/platform/aspeed/aspeed-video.c, MODE_DETECT_TIMEOUT and STOP_TIMEOUT). Frames are
 * not copied: the event's data are the driver's buffer, which it gets back when the event returns.
 * Of JPEG and raw frames that the main thread has no time for only the newest is kept; of AJPG each
 * is delivered, and the driver pauses meanwhile.
 *
 * States and what leads to them:
 * - no device: missing, gone, in use, not a capture device, or failing. Tried again after
 *   V4L2_RETRY_MIN_MS, doubling up to V4L2_RETRY_MAX_MS, and at once when its node appears.
 * - no signal: as the driver says; or a mode that it cannot capture.
 * - streaming: said again when the reason changes (size, format, a quality that was lowered).
 *
 * The device is opened anew for a change of mode, after a gap in the AJPG stream, for a key frame
 * (AJPG, at most every V4L2_KEY_FRAME_MS; a request while one is under way is the same request),
 * and for a change of quality in AJPG, so that no frame is made with other settings than it says.
 *
 * A compressed frame that fills its buffer was cut by the engine, in silence. It is not delivered;
 * the quality goes down (v4l2_ladder.h), which the reason tells, and comes back when frames have
 * been small for a while. At the lowest quality frames are delivered as they are.
 *
 * For the manual, section [capture]:
 * - device=PATH: the video device, such as /dev/video0. Default auto: the node's video engine, or
 *   else the first device that captures.
 * - input=NUMBER: the device's input, as v4l2-ctl --list-inputs numbers them. Default: the one that
 *   is set.
 * - format=auto|ajpg|jpeg|mjpeg|xbgr32|bgr24|uyvy|yuyv: what the device is to send. auto takes the
 *   first of these that it can. ajpg sends only what changed, and needs Linux 6.2 or newer.
 * - size=WIDTHxHEIGHT: for devices that offer several sizes of the same picture, such as webcams.
 *   Default: the device's choice.
 * - rate=1..60: frames per second at most. Default: the device's choice, 30 for the video engine.
 * - quality=0..11: of the video engine's compression; 11 is the finest. While frames do not fit
 *   into the engine's buffers it is lower by itself.
 * - chroma=444|420: 444 keeps coloured text sharp, 420 makes smaller frames.
 * - second-quality=off|0..11: what stands still is sent once more in this quality (ajpg with 444
 *   only).
 */
#include "capture/capture.h"

#define V4L2_RETRY_MIN_MS 250
#define V4L2_RETRY_MAX_MS 5000
#define V4L2_KEY_FRAME_MS 500

enum v4l2_choice {
	V4L2_CHOICE_AUTO, /* the first of the following that the device can do */
	V4L2_CHOICE_AJPG,
	V4L2_CHOICE_JPEG,
	V4L2_CHOICE_MJPEG,
	V4L2_CHOICE_XBGR32,
	V4L2_CHOICE_BGR24,
	V4L2_CHOICE_UYVY,
	V4L2_CHOICE_YUYV,
};

struct v4l2_settings {
	const char *device; /* path; NULL or "auto": aspeed-video, else the first capture device */
	int input;          /* -1: the one that is set */
	enum v4l2_choice format;
	int width, height; /* pixels, of devices without DV timings; 0: as the device has it */
	int rate;          /* frames per second at most, 1..60; 0: as the device has it */
	struct capture_quality quality;
};

/*
 * Never fails for the device's sake; NULL when the process can have no more descriptors or threads.
 * settings are copied. Main thread only, like all of the interface.
 *
 * capture_stop returns at once and the thread closes the device behind it; a start meanwhile opens
 * it again. capture_close waits for the thread, 1 to 2 s when the driver is slow to stop. When a
 * driver keeps it longer than 5 s, thread and device are left to themselves. Not to be called from
 * within an event.
 */
struct capture *v4l2_open(const struct v4l2_settings *settings);
