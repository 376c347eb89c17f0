/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Where frames come from: one interface for the video engine, a recording and a simulated node. Everything is
 * called, and calls back, on the thread that runs the default main context; a source may work on a thread of
 * its own behind that.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum capture_codec {
	CAPTURE_JPEG, /* V4L2_PIX_FMT_JPEG, _MJPEG: each frame is complete */
	CAPTURE_AJPG, /* V4L2_PIX_FMT_AJPG: differences; every frame counts */
	/* Raw pixels, complete; by their order in memory, as videodev2.h names them. */
	CAPTURE_XBGR32, /* V4L2_PIX_FMT_XBGR32, "XR24": blue, green, red, nothing */
	CAPTURE_BGR24,  /* V4L2_PIX_FMT_BGR24, "BGR3": blue, green, red */
	CAPTURE_UYVY,   /* V4L2_PIX_FMT_UYVY: Cb, Y, Cr, Y for two pixels */
	CAPTURE_YUYV,   /* V4L2_PIX_FMT_YUYV: Y, Cb, Y, Cr */
};

enum capture_state {
	CAPTURE_STOPPED,   /* nobody looks */
	CAPTURE_NO_DEVICE, /* missing or failed; tried again by itself */
	CAPTURE_NO_SIGNAL, /* the node sends no picture */
	CAPTURE_STREAMING,
};

struct capture_frame {
	const uint8_t *data; /* the source's, valid during the callback only */
	size_t size;         /* bytes */
	int width, height;   /* pixels */
	int stride;          /* raw codecs: bytes from one row to the next */
	enum capture_codec codec;
	/* What AJPG data do not say themselves; not meaningful for other codecs. */
	int chroma;          /* 444 or 420 */
	int selector;        /* quantiser 0..11 */
	int second_selector; /* -1 when there is no second pass */
	bool studio;         /* samples 16..235; YUV codecs: limited range */
	bool bt709;          /* YUV codecs: V4L2_YCBCR_ENC_709 rather than _601 */
	int64_t time;        /* CLOCK_MONOTONIC microseconds, end of compression */
};

/* How a video engine compresses, as its driver names it; a source without one ignores this. */
struct capture_quality {
	int selector;    /* quantiser, 0 coarsest .. 11 */
	int chroma;      /* 444 or 420 */
	int hq_selector; /* of the second pass over what stands still (AJPG 4:4:4), 0..11; -1: none */
};

struct capture_events {
	/* A frame. For AJPG each must be decoded in order, or a key frame asked for. */
	void (*frame)(const struct capture_frame *frame, void *data);
	/* A change of state; reason: what and what happens next, in words, never NULL. */
	void (*state)(enum capture_state state, const char *reason, void *data);
	void *data;
};

struct capture;

/* What a source supplies; it embeds struct capture as its first member. */
struct capture_ops {
	void (*start)(struct capture *capture);
	void (*stop)(struct capture *capture);
	void (*key_frame)(struct capture *capture);
	void (*adjust)(struct capture *capture, const struct capture_quality *quality); /* NULL: no engine */
	void (*close)(struct capture *capture);
};

struct capture {
	const struct capture_ops *ops;
	struct capture_events events;
};

/* Who gets the events; set before the first start. */
static inline void capture_listen(struct capture *capture, const struct capture_events *events)
{
	capture->events = *events;
}

/* Frames are wanted: the first one delivered is complete. Starting twice is fine. */
static inline void capture_start(struct capture *capture)
{
	capture->ops->start(capture);
}

/* Nobody looks: no event comes after this returns, until the next start. */
static inline void capture_stop(struct capture *capture)
{
	capture->ops->stop(capture);
}

/* Asks for a complete frame; it comes when the source can make one. */
static inline void capture_key_frame(struct capture *capture)
{
	capture->ops->key_frame(capture);
}

/*
 * Changes the quality from now on, whether started or not. The first frame made with it is
 * complete, and each frame tells what it was made with.
 */
static inline void capture_adjust(struct capture *capture, const struct capture_quality *quality)
{
	if (capture->ops->adjust)
		capture->ops->adjust(capture, quality);
}

static inline void capture_close(struct capture *capture) /* NULL is fine */
{
	if (capture)
		capture->ops->close(capture);
}
