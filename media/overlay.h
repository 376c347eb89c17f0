/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A disk that can be written to over an image that stays as it is: what is written is kept in a
 * sparse file of this machine. The file is removed when the source is closed; one that a killed
 * process has left, or that was kept, is gone on with by whoever names it for the same image.
 *
 * A full disk fails the write (G_FILE_ERROR_IO) and nothing else. After a crash of the machine, as
 * against one of the process, the file is as good as its last flush.
 */
#include "media/source.h"

/*
 * Takes over the source below, which is only read, also its events: to be called before the next
 * turn of the main loop after that was opened, as for cache_new. SOURCE_OPENING until the file is
 * open too, and SOURCE_FAILED when it cannot be, or is of another image: by identity or, where the
 * image has none, by name and size. Errors: G_FILE_ERROR_INVAL, no path; the source stays the
 * caller's.
 */
struct source *overlay_open(struct source *below, const char *path, GError **error);

/* Whether the file is still there after the source was closed. */
void overlay_keep(struct source *overlay, bool keep);
