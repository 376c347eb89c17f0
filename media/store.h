/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What was read of an image, kept in a folder of this machine for the next time: a file for each
 * image, found by its identity, so that blocks of another are never passed on. Lies between a
 * source and its cache. An image without an identity is passed through.
 *
 * What is kept is never missed: a file that is spoilt (each block has a check sum), or a disk
 * that is full or fails, is done without, and everything read from the source.
 */
#include "media/source.h"

/*
 * most_bytes: of all files in the folder, which nothing else should use; the images that were
 * unused longest make room. Takes over the source, also its events: to be called before the next
 * turn of the main loop after that was opened, as for cache_new. Errors: G_FILE_ERROR_INVAL, the
 * source is writable; others, there is no such folder and it cannot be made; the source stays the
 * caller's.
 */
struct source *store_open(
		struct source *below, const char *folder, uint64_t most_bytes, GError **error);
