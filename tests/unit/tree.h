/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A folder that pretends to be sysfs. Files are named by their paths below its root. */
#include <glib.h>
#include <stdint.h>

/* The root of a new one. Its name has characters that mean something in patterns. */
char *tree_new(void);
void tree_free(char *root); /* and all that is in it */

/* The whole path; the folders above it are made. */
char *tree_path(const char *root, const char *path);

/* In place and in one call, as an attribute's text changes: whoever has it open reads it too. */
void tree_say(const char *root, const char *path, const char *text);

/* The number that a file begins with, as what is written to an attribute goes over its beginning.
 */
int64_t tree_hear(const char *root, const char *path);

/* Removes a file, or a folder with all that is in it. */
void tree_gone(const char *root, const char *path);
