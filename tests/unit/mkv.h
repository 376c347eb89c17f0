/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A reader of Matroska for tests: what makes no sense ends the test. */
#include <glib.h>

#define MKV_SEGMENT      0x18538067u
#define MKV_CHAPTERS     0x1043a770u
#define MKV_CLUSTER      0x1f43b675u
#define MKV_SIMPLE_BLOCK 0xa3u
#define MKV_BLOCK        0xa1u

struct mkv_reader {
	const guint8 *at, *end;
};

struct mkv_element {
	guint32 id;
	guint64 size;
	gboolean endless; /* size is what is left */
	const guint8 *data;
};

struct mkv_reader mkv_all(const GByteArray *bytes);
struct mkv_reader mkv_within(const struct mkv_element *element);
gboolean mkv_next(struct mkv_reader *reader, struct mkv_element *element);

/* The first of that kind, at the end of a path of identifiers up to 0. */
struct mkv_element mkv_find(struct mkv_reader reader, const guint32 *path);
#define MKV_FIND(bytes, ...) mkv_find(mkv_all(bytes), (const guint32[]){__VA_ARGS__, 0})

guint64 mkv_big(const guint8 *bytes, gsize count);
guint64 mkv_number(struct mkv_element element);
char *mkv_words(struct mkv_element element);

/* The next frame of a segment's inside; FALSE: there are no more. */
struct mkv_frame {
	guint64 time; /* ms */
	gint64 lasts; /* ms, -1: it is not told */
	const guint8 *data;
	gsize size;
};

gboolean mkv_next_frame(struct mkv_reader *segment, struct mkv_frame *frame);
