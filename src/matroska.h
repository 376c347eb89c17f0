/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Writes Matroska (RFC 9559, on EBML, RFC 8794) with one track of Motion JPEG, as it goes: nothing
 * that was written is changed later, so that it can be streamed, and what is cut off anywhere plays
 * up to there. Each frame is a cluster. Frames may differ in size: players take each as its JPEG
 * says. Pure but for GLib's arrays; any thread.
 */
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* A place to go to. */
struct matroska_chapter {
	int64_t time;     /* ms since the first frame */
	const char *name; /* UTF-8 */
};

struct matroska_about {
	const char *title, *program; /* UTF-8 */
	int64_t wall;                /* of the first frame: microseconds since 1970, UTC */
	/* Pixels, of the first frame: one of less than 3/4 of that height is half of a picture to
	 * ffmpeg. */
	int width, height;
	int64_t duration; /* ms; -1: nobody knows yet */
	const struct matroska_chapter *chapters;
	size_t chapter_count;
};

/* Appends what comes before the first frame. */
void matroska_begin(GByteArray *out, const struct matroska_about *about);

/*
 * Appends a frame. time: ms since the first one, rising; lasts: ms, -1: until the next one comes.
 */
void matroska_frame(GByteArray *out, int64_t time, int64_t lasts, const void *jpeg, size_t size);

/* Bytes that a frame takes at most besides its JPEG. */
#define MATROSKA_FRAME_MOST 64
