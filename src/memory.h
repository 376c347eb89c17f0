/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A few named records in memory that can outlive the process (a memfd that somebody keeps, see
 * keep.h): what was asked for with its secrets, say, which must not lie on a disk. Of each record a
 * whole one is there at any moment, the former or the new one, whenever the process dies. One
 * thread at a time.
 */
#include <stdbool.h>
#include <stddef.h>

#define MEMORY_RECORDS 8
#define MEMORY_NAME    31   /* bytes of a name at most, without its end */
#define MEMORY_MOST    4000 /* bytes of a record */

struct memory;

/*
 * Maps the memory behind a descriptor (memfd_create), which stays the caller's. What is in it and
 * is not of this program, or damaged, counts as empty. NULL: it cannot be had (errno).
 */
struct memory *memory_open(int fd);

/* False: too long, or no room for one more name. */
bool memory_write(struct memory *memory, const char *name, const void *bytes, size_t size);

/* A copy with a zero behind it that size does not count, g_free; NULL: there is no such record. */
char *memory_read(const struct memory *memory, const char *name, size_t *size);

/* Overwrites it too. */
void memory_remove(struct memory *memory, const char *name);

void memory_close(struct memory *memory); /* NULL is fine; the records stay */
