/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What happens at a console, made into events: it is told how things are, and publishes what is
 * another way than before. spicerack-api(7) lists them. Main thread only.
 */
#include "src/status.h"

struct drives;
struct events;

struct news;

/* drives NULL: there are none. Both must outlive the news. */
struct news *news_new(struct events *events, struct drives *drives);

/* capture.started, .stopped; signal.lost, .returned; device.lost, .returned */
void news_capture(struct news *news, enum capture_state state, const char *reason);

/* mode.changed: another size or codec; to be called with each frame. */
void news_frame(struct news *news, const struct capture_frame *frame);

/* input.changed, when a device is there or listens that did not, or the other way. */
void news_input(struct news *news, const struct console_input *input);

/* viewer.joined, viewer.left */
struct news_viewer {
	unsigned int viewer;
	const char *peer;
	bool encrypted, websocket;
};
void news_joined(struct news *news, const struct news_viewer *viewer);
void news_left(struct news *news, unsigned int viewer, const char *peer);

/* password.changed, password.expired */
void news_password(struct news *news, const struct password_status *password);

/* quality.changed */
void news_quality(struct news *news, int selector, bool automatic);

/* configuration.applied; reason: configuration.refused, and why. */
void news_configuration(struct news *news, const char *reason);

/* fault.occurred */
void news_fault(struct news *news, const char *text);

void news_free(struct news *news); /* NULL is fine */
