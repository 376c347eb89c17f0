/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A source over another one, some of whose blocks are in a file of this machine: an overlay, which
 * holds what was written, or a store, which holds what was read. Nothing of it blocks the main
 * thread. Requests that touch the same blocks go in the order of asking.
 */
#include "media/local.h"
#include "media/source.h"

struct layer_kind {
	struct local_kind local;
	bool store; /* holds what was read, as well as it can; else what is written, or it fails */
};

struct layer_settings {
	const struct layer_kind *kind;
	/* The file; called when the source below is ready. NULL: none is used. The result is freed.
	 */
	char *(*path)(const struct source *below, void *data);
	/*
	 * On a thread, before so many bytes are put: false, there shall be no more. May be NULL, as
	 * may free_data, called when nothing needs data any more, on any thread.
	 */
	bool (*room)(const char *path, size_t size, void *data);
	GDestroyNotify free_data;
	void *data;
};

/* Takes over the source, also its events, and data. */
struct source *layer_open(struct source *below, const struct layer_settings *settings);

/* Whether the file is removed at the end. */
void layer_drop(struct source *source, bool drop);
