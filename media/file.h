/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * An image in a regular file or on a block device of this machine, as a source. Its reads and
 * writes are done by threads, so that a slow disk or a file server that is away holds up nobody.
 *
 * The image is what it was when it was opened. A file that somebody shortens, extends or rewrites
 * meanwhile is a failed source (SOURCE_FAILED, and _IO for each read from then on): no mixture of
 * an old and a new image is ever passed on. Removing or replacing it by name does no harm.
 */
#include "media/source.h"

/* What an opened file is known by. */
struct file_identity {
	uint64_t device, inode; /* st_dev, st_ino */
	uint64_t size;          /* bytes */
	int64_t modified;       /* ns since 1970; 0: a block device, or open for writing */
};

/*
 * A source that is ready. Opening and looking at it happen here and now: name no file here whose
 * server may be away. A file that is writable for one source is refused to all others.
 * NULL and error (G_FILE_ERROR) in words for the operator when it cannot be used.
 */
struct source *file_open(const char *path, bool writable, GError **error);

const struct file_identity *file_identity(const struct source *file);
