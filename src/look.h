/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What is made of an image that was looked at (media/image.h). Pure. */
#include <glib.h>
#include "media/image.h"
#include "src/drives.h"

/* What the node shall see. as: what was asked for; own: what the drive is, _CD or _DISK. */
enum drives_as look_choose(const struct image *image, enum drives_as as, enum drives_write write,
		enum drives_as own);

/* What the operator should know of it, size bytes that there are; "": nothing. New string. */
char *look_warning(const struct image *image, uint64_t size);

/* "3.7 GiB". New string. */
char *look_size(uint64_t size);
