/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Single attributes of configfs and sysfs, for those that libusbgx does not know (no_out_endpoint,
 * wakeup_on_write, forced_eject ...) and for reading back exactly what the kernel holds. Kernels
 * differ in the attributes that they have, so a missing one is a case of its own and not a failure.
 *
 * Any thread. Reading does not block; writing may, as long as the kernel takes for what it does
 * then.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define ATTRIBUTE_MAX 4096 /* bytes: a page, as configfs and sysfs have it */

enum attribute_result {
	ATTRIBUTE_WRITTEN,
	ATTRIBUTE_ABSENT, /* this kernel has no such attribute; no error is set */
	ATTRIBUTE_FAILED, /* error is set (G_FILE_ERROR) */
};

/* Whether the kernel has that attribute. folder: a path. */
bool attribute_exists(const char *folder, const char *name);

/* The bytes of an attribute, followed by a zero that size does not count; NULL: missing or
 * unreadable. g_free. size may be NULL. */
char *attribute_bytes(const char *folder, const char *name, size_t *size);

/* The same as text without the line's end. */
char *attribute_text(const char *folder, const char *name);

/* Writes text in one piece, as the kernel wants it. Never creates a file. */
enum attribute_result attribute_write(
		const char *folder, const char *name, const char *text, GError **error);

/* The same for bytes that are no text. */
enum attribute_result attribute_write_bytes(const char *folder, const char *name, const void *bytes,
		size_t size, GError **error);
