/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the node showed of late, in memory that is set aside for it, as it came compressed; and what
 * is kept of it when something happens. Main thread only.
 *
 * When the signal is lost or the node's power is acted on, what is there is frozen: kept in up to
 * half of the memory, while recording goes on in the rest. It stays until it is saved and something
 * else happens, or until somebody resumes, which drops it. What happens while one is kept that
 * nobody has saved is only counted: what came first is mostly what matters.
 */
#include <glib.h>
#include <stdbool.h>
#include "capture/capture.h"
#include "decoder/decoder.h"
#include "src/reel.h"

#define RECORDING_ERROR recording_error_quark()
GQuark recording_error_quark(void);

enum recording_error {
	RECORDING_ERROR_STATE, /* not as things are */
};

struct recording_events {
	/* Something was frozen; why: words. */
	void (*frozen)(const char *why, void *data);
	void *data;
};

/* Strings belong to the recording. */
struct recording_status {
	size_t memory; /* bytes */
	struct reel_stats live;
	bool has_frozen, saved; /* something is kept; and somebody has all of it */
	struct reel_stats frozen;
	const char *why;
	int64_t frozen_time;  /* CLOCK_MONOTONIC, microseconds */
	unsigned int skipped; /* times that it was not replaced, though something happened */
};

struct recording;

/* memory: bytes. decoder: what the frames were decoded by; must outlive it. NULL and error
 * (G_FILE_ERROR): memory is short. */
struct recording *recording_new(size_t memory, struct decoder *decoder,
		const struct recording_events *events, GError **error);

/* A frame that was decoded, and how that went. */
void recording_frame(struct recording *recording, const struct capture_frame *frame,
		const struct decoder_result *result);

/* The source's state, whether it is another one or not. */
void recording_state(struct recording *recording, enum capture_state state, const char *reason);

/* Something happened that is worth to be kept; why: a few words. */
void recording_incident(struct recording *recording, const char *why);

/* The same because somebody wants it. False and error: what is kept was not saved yet, or nothing
 * is there. */
bool recording_freeze(struct recording *recording, const char *why, GError **error);

/* Drops what is kept. False and error: nothing is. */
bool recording_resume(struct recording *recording, GError **error);

/*
 * What there is to save: what is kept, or else what is there now, which is kept until it is
 * released. NULL and error: there is nothing. whole: all of it was saved. until: to when the last
 * frame was seen, CLOCK_MONOTONIC microseconds.
 */
struct reel *recording_take(struct recording *recording, int64_t *until, GError **error);
void recording_release(struct recording *recording, struct reel *reel, bool whole);

void recording_status(const struct recording *recording, struct recording_status *status);

void recording_free(
		struct recording *recording); /* NULL is fine; who took a reel has released it */
