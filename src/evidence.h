/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What is kept of a node's picture besides showing it: screenshots, a recording in memory, a
 * recording in a file. Frames pass by here after the screen has them; without a recording and with
 * nobody who waits for a screenshot that costs nothing. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "capture/capture.h"
#include "src/recording.h"
#include "src/recording_file.h"
#include "src/screenshot.h"

struct evidence;
struct events;
struct screen;

/* [recording] of console.conf. */
struct evidence_config {
	int memory;  /* MiB; 0: none */
	bool always; /* also while nobody looks */
	char *file;  /* NULL: none */
	int limit;   /* MiB of it and the one before */
	int rate;    /* of its frames, a second at most */
};

struct evidence_events {
	void (*want)(bool wanted, void *data); /* frames, or not any more */
	void *data;
};

struct evidence_status {
	bool recording; /* there is memory for one */
	bool always;
	struct recording_status memory;
	bool filing; /* there is a file */
	struct recording_file_status file;
};

/*
 * screen and events must outlive it; name: the console's. NULL and error (G_FILE_ERROR): memory is
 * short. It wants frames from evidence_begin on at the earliest.
 */
struct evidence *evidence_new(const struct evidence_config *config, const char *name,
		struct screen *screen, struct events *events, const struct evidence_events *called,
		GError **error);
void evidence_begin(struct evidence *evidence);

/* A frame that the screen has taken; the source's state. */
void evidence_frame(struct evidence *evidence, const struct capture_frame *frame);
void evidence_state(struct evidence *evidence, enum capture_state state, const char *reason);

/* Something is done to the node that is worth to be kept; why: a few words. */
void evidence_incident(struct evidence *evidence, const char *why);

/* Whether frames are wanted for a screenshot only: that is nothing to speak of. */
bool evidence_only_shoots(const struct evidence *evidence);

struct screenshots *evidence_screenshots(struct evidence *evidence);
struct recording *evidence_recording(
		struct evidence *evidence); /* NULL: there is no memory for one */
const char *evidence_name(const struct evidence *evidence);
void evidence_status(struct evidence *evidence, struct evidence_status *status);

void evidence_free(struct evidence *evidence); /* NULL is fine; want is not called any more */
