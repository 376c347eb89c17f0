/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A recording that goes on and on into a file, which plays at any time, also after a crash. A
 * thread of its own writes: frames that it cannot take yet are dropped and counted. When the file
 * has half of what is allowed it becomes PATH.1, in place of a former one, and another one begins;
 * so does what a former run has left. Main thread only, as seen from here.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Strings belong to the file. */
struct recording_file_status {
	const char *path;
	uint64_t bytes;  /* of PATH as it is */
	uint64_t frames; /* written since the start */
	uint64_t dropped;
	const char *fault; /* why nothing is written at the moment; NULL: nothing is wrong */
};

struct recording_file;

/* limit: bytes of PATH and PATH.1 together. title: in the file. It is opened with the first frame;
 * what goes wrong is said in the log, and tried again. */
struct recording_file *recording_file_new(const char *path, uint64_t limit, const char *title);

/* Whether there is room for another frame; false: it is counted as dropped. */
bool recording_file_ready(struct recording_file *file);

/* A frame as JPEG, which is given away; time: CLOCK_MONOTONIC, microseconds. */
void recording_file_frame(
		struct recording_file *file, int64_t time, int width, int height, GBytes *jpeg);

void recording_file_status(struct recording_file *file, struct recording_file_status *status);

/* What was given to it is written first. NULL is fine. */
void recording_file_free(struct recording_file *file);
