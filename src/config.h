/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Configuration files: GKeyFile's syntax, one table that says what may stand in them, and nothing
 * let pass: a group or key that is not in the table, a key given twice and a value out of range are
 * errors that name file and line. The same table prints the help. Any thread.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CONFIG_ERROR config_error_quark()

enum config_error {
	CONFIG_ERROR_READ,   /* the file cannot be read */
	CONFIG_ERROR_SYNTAX, /* a line, group or key that has no place in it */
	CONFIG_ERROR_VALUE,
};

enum config_type {
	CONFIG_STRING,  /* char *; not empty when given */
	CONFIG_PATH,    /* char *; relative to the file's folder */
	CONFIG_LIST,    /* char **, NULL-terminated: what stands between semicolons, at least one */
	CONFIG_BOOLEAN, /* bool */
	CONFIG_INTEGER, /* int */
	CONFIG_HEX,     /* int, written with 0x, as USB numbers are */
	CONFIG_CHOICE,  /* int or an enum: the value of a name */
};

struct config_choice {
	const char *name;
	int value;
};

struct config_key {
	const char *group, *key;
	enum config_type type;
	size_t offset;                       /* of the value in the caller's structure */
	int min, max;                        /* integers, both kinds */
	const struct config_choice *choices; /* up to one without a name */
	const char *fallback; /* as it would stand in a file; NULL: NULL, false or 0 */
	const char *help;     /* a sentence */
};

struct config_file;

/*
 * Reads a file and holds its groups and keys against a table, which ends with a key without a group
 * and must outlive the file.
 */
struct config_file *config_read(const char *path, const struct config_key *table, GError **error);

/* What the table falls back to; the values are the caller's, from config_clear or zero before. */
void config_defaults(const struct config_key *table, void *values);

/* Sets the values that the file gives. After an error some are set and others are not. */
bool config_apply(const struct config_file *file, void *values, GError **error);

/* Whether the file itself sets a key. */
bool config_has(const struct config_file *file, const char *group, const char *key);

/* Sets an error about a value: "config: FILE:LINE: ...", without a line when the key is not there.
 */
void config_complain(const struct config_file *file, const char *group, const char *key,
		GError **error, const char *format, ...) G_GNUC_PRINTF(5, 6);

void config_file_free(struct config_file *file); /* NULL is fine */

/* Frees strings and lists and leaves zeros. */
void config_clear(const struct config_key *table, void *values);

/* Every key with its meaning, its default and what is allowed, as a file that could be read back.
 */
void config_print(const struct config_key *table, FILE *stream);

GQuark config_error_quark(void);
