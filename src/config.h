/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Configuration files: GKeyFile's syntax, one table that says what may stand in them, and nothing
 * let pass: a group or key that is not in the table, a key given twice and a value out of range are
 * errors that name file and line. The same table prints the help. Any thread.
 *
 * A group of the table may be a kind of which there are several, each with a name and a structure
 * of its own: the table has "node", files have [node r1n01] and [node r1n02].
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
	CONFIG_REAL,    /* double */
	CONFIG_SCALED,  /* int: what is written, which may have a fraction, times the key's scale */
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
	double min, max;                     /* numbers of all kinds, as they are written */
	const struct config_choice *choices; /* up to one without a name */
	const char *fallback; /* as it would stand in a file; NULL: NULL, false or 0 */
	const char *help;     /* a sentence */
	bool named; /* the group is a kind; alike for all of its keys, which stand together */
	int scale;  /* of CONFIG_SCALED: 1000 for ms of seconds */
};

struct config_file;
struct config_group; /* one of a kind, as it stands in a file; the file's */

/*
 * Reads a file and holds its groups and keys against a table, which ends with a key without a group
 * and must outlive the file.
 */
struct config_file *config_read(const char *path, const struct config_key *table, GError **error);

/*
 * Reads several files as one configuration: this one, and conf.d/NAME.conf in the same folder by
 * the order of their names. What may be given once may be given once in all of them. needed: false
 * when the file at path may be missing.
 */
struct config_file *config_read_folder(
		const char *path, bool needed, const struct config_key *table, GError **error);

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

/*
 * The same for the groups of a kind, where kind is the group's name in the table. The functions
 * above have nothing to do with these.
 */

/* In the order of the files; NULL: there are no more. */
const struct config_group *config_group(
		const struct config_file *file, const char *kind, size_t index);
const char *config_group_name(const struct config_group *group);

void config_group_defaults(const struct config_key *table, const char *kind, void *values);
bool config_group_apply(const struct config_file *file, const struct config_group *group,
		void *values, GError **error);
bool config_group_has(
		const struct config_file *file, const struct config_group *group, const char *key);

/* key NULL, or not there: the line is the group's. */
void config_group_complain(const struct config_file *file, const struct config_group *group,
		const char *key, GError **error, const char *format, ...) G_GNUC_PRINTF(5, 6);

void config_group_clear(const struct config_key *table, const char *kind, void *values);

void config_file_free(struct config_file *file); /* NULL is fine */

/* Frees strings and lists and leaves zeros. */
void config_clear(const struct config_key *table, void *values);

/* Whether two structures have the same value of a key; a swap exchanges what is owned too. */
bool config_value_same(const struct config_key *key, const void *a, const void *b);
void config_value_swap(const struct config_key *key, void *a, void *b);

/* Every key with its meaning, its default and what is allowed, as a file that could be read back.
 */
void config_print(const struct config_key *table, FILE *stream);

/* A number with or without a fraction, within limits; for parts of a value. */
bool config_number(const char *text, double min, double max, double *value);

GQuark config_error_quark(void);
