/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the parts of config.h share: what was found in the files, and the values of one key. */
#include <stdarg.h>
#include "src/config.h"

/* One of the files that are read. */
struct config_source {
	char *path;
	GKeyFile *values;
};

struct config_group {
	const struct config_source *source;
	int line;
	const char *kind; /* the table's */
	char *label;      /* what stands between the brackets */
	const char *name; /* of a kind, within label; NULL: the group is none */
};

/* A key that stands in a file. */
struct config_entry {
	const struct config_key *key;
	const struct config_group *group;
	int line;
};

struct config_file {
	const struct config_key *table;
	GPtrArray *sources; /* of struct config_source */
	GPtrArray *groups;  /* of struct config_group; one that is opened again is there again */
	GArray *entries;    /* of struct config_entry */
};

/* Takes a file's groups and keys in; false and error when something has no place there. */
bool config_scan(struct config_file *file, struct config_source *source, const char *text,
		GError **error);

void config_group_free(void *group);

/* In any file; name NULL: the group has none. */
const struct config_entry *config_entry(const struct config_file *file, const char *kind,
		const char *name, const char *key);

/* Sets an error about a line of a file; 0: about the file. */
void config_fail(const struct config_source *source, int line, enum config_error code,
		GError **error, const char *format, va_list args) G_GNUC_PRINTF(5, 0);

/* Sets one value from its text; folder: what a path is relative to, or NULL. False: it may not be.
 */
bool config_value_set(
		const struct config_key *key, const char *text, const char *folder, void *values);

/* Frees it, and makes it zero. */
void config_value_clear(const struct config_key *key, void *values);

/* What a value may be, in words. */
char *config_value_allowed(const struct config_key *key);
