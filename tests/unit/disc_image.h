/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* ISO 9660 images for tests: one made by hand, with plain names in its root directory alone, and
 * real ones by xorriso. */
#include <glib.h>
#include <stdint.h>

struct disc_image_file {
	const char *name; /* as in the image: "README.TXT;1"; NULL ends a list */
	const void *bytes;
	gsize size;
};

/* Sectors of the one made by hand. */
#define DISC_IMAGE_PRIMARY   16
#define DISC_IMAGE_BOOT      17
#define DISC_IMAGE_END       18
#define DISC_IMAGE_CATALOGUE 19
#define DISC_IMAGE_ROOT      20
#define DISC_IMAGE_FILES     21

GByteArray *disc_image_new(const char *volume, const struct disc_image_file *files);

/* A line of a list of checksums. */
void disc_image_sum(
		GString *list, GChecksumType type, const char *name, const void *bytes, gsize size);

/*
 * What xorriso makes of a folder, as mkisofs with these arguments; NULL, and the test is skipped:
 * it is not installed.
 */
GByteArray *disc_image_xorriso(const char *folder, const char *const *arguments);

/* A new folder, and to delete it with all that is in it. */
char *disc_image_folder(void);
void disc_image_remove(const char *folder);
void disc_image_write(const char *folder, const char *name, const void *bytes, gsize size);
