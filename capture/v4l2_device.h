/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One open video device: the ioctls of V4L2's single-planar capture interface with mapped buffers,
 * and nothing that waits for anybody but the driver. Each call may block as long as the driver
s; one thread at a time.
 *
 * The order is open, signal, (timings,) setup, start, then dequeue and queue, stop, close. Errors
 * are G_FILE_ERROR with a message for the operator: "/dev/video0 ...", what failed, what to do.
 */
#include <glib.h>
#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>
#include "capture/v4l2.h"
#include "capture/v4l2_formats.h"

/* With two at the main thread, one shown and one waiting, two are with the driver. */
#define V4L2_DEVICE_BUFFERS 4

struct v4l2_device {
	char *path;
	int fd;
	bool engine;      /* aspeed-video */
	bool periodic;    /* AJPG: every eighth frame is complete, as aspeed-video makes them */
	bool shared;      /* somebody else has it open: it did not begin anew for us (a guess) */
	bool has_timings; /* DV timings: it knows whether there is a signal, and its size */
	/* Since setup. */
	const struct v4l2_format_entry *format;
	int width, height, stride;
	bool studio, bt709;
	size_t room; /* bytes in a buffer */
	/* Controls of the engine, 0: it has none. */
	uint32_t quality_control, chroma_control, hq_control, hq_quality_control;
	/* Since start. */
	int count, queued;
	bool streaming;
	struct {
		uint8_t *data;
		size_t size;
	} buffers[VIDEO_MAX_FRAME];
};

enum v4l2_signal {
	V4L2_SIGNAL_GOOD,
	V4L2_SIGNAL_BUSY, /* the driver is just finding out */
	V4L2_SIGNAL_NONE,
	V4L2_SIGNAL_UNSTABLE,
	V4L2_SIGNAL_RANGE,  /* larger than it can capture, or faster */
	V4L2_SIGNAL_FAILED, /* errno says why */
};

struct v4l2_dequeued {
	int buffer;
	size_t size;
	uint32_t sequence;
	bool error;   /* the data are void */
	int64_t time; /* CLOCK_MONOTONIC us */
};

enum v4l2_news {
	V4L2_NEWS_SOURCE = 1 << 0,  /* another signal */
	V4L2_NEWS_CONTROL = 1 << 1, /* somebody else changed a control */
};

/* engine: when no device is named, nothing but an engine will do. */
bool v4l2_device_open(struct v4l2_device *device, const struct v4l2_settings *settings, bool engine,
		GError **error);

/* What there is to see. timings: of a signal, also of one out of range; a width of 0 without. */
enum v4l2_signal v4l2_device_signal(struct v4l2_device *device, struct v4l2_dv_timings *timings);

/* Timings, format, rate. timings are ignored by a device without. */
bool v4l2_device_setup(struct v4l2_device *device, const struct v4l2_dv_timings *timings,
		const struct v4l2_settings *settings, GError **error);

/* Sets what the device has of it, and tells what is in force then. */
struct capture_quality v4l2_device_quality(
		struct v4l2_device *device, const struct capture_quality *quality);

bool v4l2_device_start(struct v4l2_device *device, GError **error);

/* 0; EAGAIN: no frame now; any other errno: the device fails. */
int v4l2_device_dequeue(struct v4l2_device *device, struct v4l2_dequeued *frame);
int v4l2_device_queue(struct v4l2_device *device, int buffer);

/* What happened since the last call, a set of enum v4l2_news. */
unsigned int v4l2_device_news(struct v4l2_device *device);

/* Void are all buffers then. */
void v4l2_device_stop(struct v4l2_device *device);

void v4l2_device_close(struct v4l2_device *device); /* stops it first; twice is fine */

/* A message for an errno that the device answered with. what: "reading a frame". */
void v4l2_device_error(
		const struct v4l2_device *device, int code, const char *what, GError **error);
