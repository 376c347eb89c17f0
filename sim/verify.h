/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Reads every file that a list of checksums on a disc names, and compares. A turn of the main loop
 * for each read, so that nothing else waits.
 */
#include <glib.h>
#include "sim/checksums.h"
#include "sim/disc.h"

#define VERIFY_NAMED 4 /* bad files that are kept by name */

struct verify_status {
	unsigned int files, right, wrong, missing; /* of the list; those looked at */
	uint64_t bytes;                            /* read */
	double rate;                               /* of them per second, since the start */
	const char *name;                          /* under way; NULL: none */
	unsigned int named;
	char *bad[VERIFY_NAMED]; /* name and what is wrong with it */
};

struct verify;

/*
 * Both stay the caller's, and nobody else uses them meanwhile. changed: the status did. done:
 * reason NULL when all files were looked at; not from within a call.
 */
struct verify *verify_new(struct iso *iso, struct disc *disc, const char *list,
		void (*changed)(void *data), iso_done_fn done, void *data);
const struct verify_status *verify_status(const struct verify *verify);
void verify_free(struct verify *verify); /* cancels; NULL is fine */
