/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The video engine's quality: what is configured, what an operator sets, or what the slowest link
 * of those who look can follow (quality.h). Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "capture/capture.h"
#include "src/quality.h"
#include "src/status.h"

struct steering_events {
	/* How those who look do, at most so many; how many there are. */
	size_t (*links)(struct quality_link *links, size_t most, void *data);
	/* The engine is told to use another quantiser, or somebody else decides. */
	void (*changed)(const struct console_quality *quality, void *data);
	void *data;
};

struct steering_settings {
	struct capture *capture;        /* must outlive the steering */
	struct capture_quality quality; /* as it is configured, and told to the capture already */
	bool adaptive;                  /* links are followed from the start */
	bool links;                     /* they can be: displays are direct */
};

struct steering;

struct steering *steering_new(
		const struct steering_settings *settings, const struct steering_events *events);

/* Somebody looks, or nobody does any more: whoever comes next begins with the best. */
void steering_watched(struct steering *steering, bool watched);

/* The codec of the last frame: links are followed while it is AJPG. */
void steering_codec(struct steering *steering, enum capture_codec codec);

/* See console_set_quality and console_follow_links in console.h. */
bool steering_set(struct steering *steering, int selector, GError **error);
bool steering_follow(struct steering *steering, GError **error);

/* Another configuration: as if it began with it. */
void steering_configure(
		struct steering *steering, const struct capture_quality *quality, bool adaptive);

void steering_read(const struct steering *steering, struct console_quality *out);

void steering_free(struct steering *steering); /* NULL is fine */
