/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What was asked for to be in a drive, secrets and all, written down in memory (memory.h) for the
 * process after this one. Main thread.
 */
#include <stdbool.h>
#include "src/drives.h"

struct memory;
struct slot_record;

/* In the place of what was there. False: it is too long, or there is no room. */
bool slot_record_write(
		struct memory *memory, const char *drive, const struct drives_request *request);

/* Which bytes they turned out to be: the identity of the source (media/source.h); may be NULL. */
void slot_record_identify(struct memory *memory, const char *drive, const char *identity);

/* NULL: there is none, or it makes no sense. */
struct slot_record *slot_record_read(const struct memory *memory, const char *drive);

/* Its strings are the record's. */
void slot_record_request(const struct slot_record *record, struct drives_request *request);

/* Whether it can be these bytes: true also where one of the two cannot tell. */
bool slot_record_is(const struct slot_record *record, const char *identity);

void slot_record_free(struct slot_record *record); /* NULL is fine; overwrites it */
