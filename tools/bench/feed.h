/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A frame on its way through a pipe to a video device that is none (fake_video.c). */
#include <stdint.h>

struct feed_frame {
	uint64_t offset, size; /* in the film's memory, at a page */
};

/* What tells the device of it: numbers of descriptors, and the path that stands for the device. */
#define FEED_PATH "BENCH_VIDEO_PATH"
#define FEED_FILM "BENCH_VIDEO_FILM"
#define FEED_PIPE "BENCH_VIDEO_PIPE"
#define FEED_SIZE "BENCH_VIDEO_SIZE" /* WIDTHxHEIGHT */
