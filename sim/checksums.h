/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A list of checksums as md5sum(1), sha256sum(1) and the like write it: a line for each file with
 * its hexadecimal sum, a blank, a blank or "*", and its name. Any bytes are safe; lines that make
 * no sense are counted and left out.
 */
#include <glib.h>
#include <stddef.h>

#define CHECKSUMS_MOST (16u << 20) /* bytes of a list */

/* Names that lists have in the root directory of installation discs, best first; NULL ends them. */
extern const char *const checksums_names[];

struct checksums_line {
	const char *name; /* as written, without a leading "./" */
	const char *sum;  /* lower case */
	GChecksumType type;
};

struct checksums {
	GArray *lines;    /* of struct checksums_line */
	unsigned int bad; /* lines that are not blank and no checksum */
	char *text;
};

/* Takes over text, which was allocated with GLib and ends with a NUL. */
struct checksums *checksums_new(char *text);
void checksums_free(struct checksums *sums); /* NULL is fine */
