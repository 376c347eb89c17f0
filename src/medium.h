/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Makes a source (media/source.h) of what an operator asks for: the one place that knows which
 * kinds there are. Main thread; a file is opened on a thread, because its server may be away.
 */
#include <glib.h>
#include <stdbool.h>
#include "src/drives.h"

struct source;

/* Where what belongs to a medium is kept. */
struct medium_folders {
	const char *drive;   /* name, for what is one drive's alone */
	const char *overlay; /* what hosts write; NULL: the usual */
	const char *cache;   /* blocks for the next time; NULL: nowhere */
	uint64_t cache_limit;
};

/*
 * The source, which is the callee's and wants its listener before the loop's next turn; or NULL and
 * why not, the callee's too.
 */
typedef void (*medium_opened_fn)(struct source *source, GError *error, void *data);

struct medium;

/*
 * Takes a request apart. What makes no sense is refused here: DRIVES_ERROR_REQUEST. The folders
 * must outlive it.
 */
struct medium *medium_new(const struct drives_request *request,
		const struct medium_folders *folders, GError **error);

/* What is shown of the place: no secrets. */
const char *medium_name(const struct medium *medium);

/* To be called in the turn of medium_new. Calls opened once, may be from within. */
void medium_open(struct medium *medium, medium_opened_fn opened, void *data);

/* opened is not called any more. At once. NULL is fine. */
void medium_close(struct medium *medium);
