/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The list of frames of a recording: text, one frame a line, seven fields with a tab between:
 *
 *	path width height codec selector second-selector range
 *
 * with the codec field one of 444, 420 (AJPG of that chroma) and jpeg; selector 0..11;
 *second-selector -1 (none) or 0..11; range full or studio. Size 1..4096 pixels, for 4:4:4 up to
 *2048. A path is relative to the list's folder, or to the current one when the list comes from
 *standard input. Empty lines and lines that begin with # are skipped. Nothing else is let pass.
 *
 * Lines are read one at a time, so a list may be a pipe that is still being written. May block on
 *that; any thread, one at a time.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include "capture/capture.h"

#define LIST_ERROR list_error_quark()

enum list_error {
	LIST_ERROR_SYNTAX, /* "FILE:LINE: what is wrong and what is allowed" */
	LIST_ERROR_READ,   /* "FILE: cause" or "FILE:LINE: cause" */
};

struct list_frame {
	const char *path; /* the list's, valid until the next call */
	int width, height;
	enum capture_codec codec;
	int chroma; /* 444 or 420; jpeg lines: 420, it means nothing */
	int selector, second_selector;
	bool studio;
};

enum list_result {
	LIST_FRAME,
	LIST_END,
	LIST_FAILED, /* error is set; after LIST_ERROR_SYNTAX the next line can be read all the same
		      */
};

struct list;

/* path: "-" is standard input. Returns NULL and sets error when it cannot be read. */
struct list *list_open(const char *path, GError **error);

/*
 * The same for a stream that is open, which list_close closes. name: for messages; folder: what
 * paths are relative to, NULL: the current one. Both are copied.
 */
struct list *list_open_stream(FILE *stream, const char *name, const char *folder);

enum list_result list_next(struct list *list, struct list_frame *frame, GError **error);

/* Of the line that list_next looked at last, from 1. */
int list_line(const struct list *list);

void list_close(struct list *list); /* NULL is fine */

GQuark list_error_quark(void);
