/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include "src/config.h"
#include "src/suggest.h"

/* A key that stands in the file. */
struct config_entry {
	const struct config_key *key;
	int line;
};

struct config_file {
	char *path;
	const struct config_key *table;
	GKeyFile *values;
	GArray *entries; /* of struct config_entry */
};

GQuark config_error_quark(void)
{
	return g_quark_from_static_string("config-error");
}

static void config_fail(const struct config_file *file, int line, enum config_error code,
		GError **error, const char *format, va_list args) G_GNUC_PRINTF(5, 0);

static void config_fail(const struct config_file *file, int line, enum config_error code,
		GError **error, const char *format, va_list args)
{
	g_autofree char *text = g_strdup_vprintf(format, args);

	if (line)
		g_set_error(error, CONFIG_ERROR, code, "config: %s:%d: %s", file->path, line, text);
	else
		g_set_error(error, CONFIG_ERROR, code, "config: %s: %s", file->path, text);
}

static bool config_refuse(const struct config_file *file, int line, GError **error,
		const char *format, ...) G_GNUC_PRINTF(4, 5);

static bool config_refuse(
		const struct config_file *file, int line, GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	config_fail(file, line, CONFIG_ERROR_SYNTAX, error, format, args);
	va_end(args);
	return false;
}

static const struct config_entry *config_entry(
		const struct config_file *file, const char *group, const char *key)
{
	for (guint i = 0; i < file->entries->len; i++) {
		const struct config_entry *entry = &g_array_index(
				file->entries, struct config_entry, i);

		if (strcmp(entry->key->group, group) == 0 && strcmp(entry->key->key, key) == 0)
			return entry;
	}
	return NULL;
}

bool config_has(const struct config_file *file, const char *group, const char *key)
{
	return config_entry(file, group, key) != NULL;
}

void config_complain(const struct config_file *file, const char *group, const char *key,
		GError **error, const char *format, ...)
{
	const struct config_entry *entry = config_entry(file, group, key);
	va_list args;

	va_start(args, format);
	config_fail(file, entry ? entry->line : 0, CONFIG_ERROR_VALUE, error, format, args);
	va_end(args);
}

/* Checks the name of a group; returns the table's own copy. */
static const char *config_scan_group(
		const struct config_file *file, int line, const char *name, GError **error)
{
	const char *near = NULL;

	for (const struct config_key *key = file->table; key->group; key++) {
		if (strcmp(key->group, name) == 0)
			return key->group;
		near = suggest_nearer(name, near, key->group);
	}
	if (near)
		config_refuse(file, line, error, "unknown group [%s]; did you mean [%s]?", name,
				near);
	else
		config_refuse(file, line, error, "unknown group [%s]", name);
	return NULL;
}

static bool config_unknown_key(const struct config_file *file, int line, const char *group,
		const char *name, GError **error)
{
	const char *near = NULL;
	const char *elsewhere = NULL;

	for (const struct config_key *key = file->table; key->group; key++) {
		if (strcmp(key->group, group) == 0)
			near = suggest_nearer(name, near, key->key);
		else if (strcmp(key->key, name) == 0)
			elsewhere = key->group;
	}
	if (near)
		return config_refuse(file, line, error,
				"unknown key \"%s\" in [%s]; did you mean \"%s\"?", name, group,
				near);
	if (elsewhere)
		return config_refuse(file, line, error,
				"unknown key \"%s\" in [%s]; it belongs in [%s]", name, group,
				elsewhere);
	return config_refuse(file, line, error, "unknown key \"%s\" in [%s]", name, group);
}

static bool config_scan_key(struct config_file *file, int line, const char *group, const char *name,
		GError **error)
{
	const struct config_entry *twin = config_entry(file, group, name);
	struct config_entry entry = {.key = file->table, .line = line};

	if (twin)
		return config_refuse(file, line, error, "\"%s\" stands in line %d already", name,
				twin->line);
	while (entry.key->group &&
			(strcmp(entry.key->group, group) != 0 || strcmp(entry.key->key, name) != 0))
		entry.key++;
	if (!entry.key->group)
		return config_unknown_key(file, line, group, name, error);
	g_array_append_val(file->entries, entry);
	return true;
}

static bool config_scan_line(
		struct config_file *file, int line, char *text, const char **group, GError **error)
{
	char *end;

	g_strstrip(text);
	if (!*text || *text == '#')
		return true;
	if (*text == '[') {
		end = text + strlen(text) - 1;
		if (*end != ']')
			return config_refuse(file, line, error, "a group is not closed with ]");
		*end = 0;
		*group = config_scan_group(file, line, text + 1, error);
		return *group != NULL;
	}
	end = strchr(text, '=');
	if (!end)
		return config_refuse(
				file, line, error, "no group, no comment and no \"key = value\"");
	*end = 0;
	if (!*group)
		return config_refuse(file, line, error, "a key before the first [group]");
	return config_scan_key(file, line, *group, g_strchomp(text), error);
}

/* GKeyFile knows no lines and takes what it does not know, so each line is looked at before. */
static bool config_scan(struct config_file *file, const char *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	const char *group = NULL;

	for (int i = 0; lines[i]; i++) {
		if (!g_utf8_validate(lines[i], -1, NULL))
			return config_refuse(file, i + 1, error, "not UTF-8");
		if (!config_scan_line(file, i + 1, lines[i], &group, error))
			return false;
	}
	return true;
}

static char *config_text(const char *path, gsize *size, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	FILE *stream = fopen(path, "re");
	char part[4096];
	size_t got = 0;

	while (stream && (got = fread(part, 1, sizeof(part), stream)) > 0)
		g_string_append_len(text, part, got);
	if (!stream || ferror(stream)) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_READ, "config: %s: %s", path,
				g_strerror(errno));
		if (stream)
			fclose(stream);
		return NULL;
	}
	fclose(stream);
	*size = text->len;
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool config_load(struct config_file *file, GError **error)
{
	gsize size = 0;
	g_autofree char *text = config_text(file->path, &size, error);
	g_autoptr(GError) cause = NULL;

	if (!text)
		return false;
	if (strlen(text) != size)
		return config_refuse(file, 0, error, "a zero byte, which no text has");
	if (!config_scan(file, text, error))
		return false;
	/* GKeyFile takes a file without any group for an error; here all is left at its default. */
	if (file->entries->len && !g_key_file_load_from_data(file->values, text, size,
						  G_KEY_FILE_NONE, &cause))
		return config_refuse(file, 0, error, "%s", cause->message);
	return true;
}

struct config_file *config_read(const char *path, const struct config_key *table, GError **error)
{
	struct config_file *file = g_new0(struct config_file, 1);

	file->path = g_strdup(path);
	file->table = table;
	file->values = g_key_file_new();
	file->entries = g_array_new(FALSE, FALSE, sizeof(struct config_entry));
	if (!config_load(file, error)) {
		config_file_free(file);
		return NULL;
	}
	return file;
}

void config_file_free(struct config_file *file)
{
	if (!file)
		return;
	g_key_file_unref(file->values);
	g_array_unref(file->entries);
	g_free(file->path);
	g_free(file);
}

static void *config_at(const struct config_key *key, void *values)
{
	return (char *)values + key->offset;
}

static char *config_choices(const struct config_key *key)
{
	GString *names = g_string_new(NULL);

	for (const struct config_choice *choice = key->choices; choice->name; choice++)
		g_string_append_printf(names, "%s%s", names->len ? ", " : "", choice->name);
	return g_string_free(names, FALSE);
}

/* What a value may be, in words. */
static char *config_allowed(const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_STRING:
		return g_strdup("a text");
	case CONFIG_PATH:
		return g_strdup("a path");
	case CONFIG_LIST:
		return g_strdup("one or more, with ; between");
	case CONFIG_BOOLEAN:
		return g_strdup("true, false");
	case CONFIG_INTEGER:
		return g_strdup_printf("%d..%d", key->min, key->max);
	case CONFIG_HEX:
		return g_strdup_printf("0x%04x..0x%04x", key->min, key->max);
	case CONFIG_CHOICE:
		return config_choices(key);
	}
	return NULL;
}

static bool config_choose(const struct config_key *key, const char *text, int *value)
{
	for (const struct config_choice *choice = key->choices; choice->name; choice++) {
		if (strcmp(choice->name, text) == 0) {
			*value = choice->value;
			return true;
		}
	}
	return false;
}

static char **config_split(const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, ";", -1);
	GPtrArray *list = g_ptr_array_new();

	for (int i = 0; parts[i]; i++) {
		if (*g_strstrip(parts[i]))
			g_ptr_array_add(list, g_strdup(parts[i]));
	}
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}

static bool config_set_text(char **value, char *text)
{
	g_free(*value);
	*value = text;
	return *text != 0;
}

static bool config_set_list(char ***value, const char *text)
{
	g_strfreev(*value);
	*value = config_split(text);
	return **value != NULL;
}

static bool config_set_hex(const struct config_key *key, const char *text, int *value)
{
	guint64 number;

	if (!g_str_has_prefix(text, "0x") || !g_ascii_string_to_unsigned(text + 2, 16, key->min,
							     key->max, &number, NULL))
		return false;
	*value = (int)number;
	return true;
}

/* Sets one value from its text; folder: what a path is relative to, or NULL. */
static bool config_set(
		const struct config_key *key, const char *text, const char *folder, void *values)
{
	void *at = config_at(key, values);
	gint64 number;

	switch (key->type) {
	case CONFIG_STRING:
		return config_set_text(at, g_strdup(text));
	case CONFIG_PATH:
		if (folder && *text && !g_path_is_absolute(text))
			return config_set_text(at, g_build_filename(folder, text, NULL));
		return config_set_text(at, g_strdup(text));
	case CONFIG_LIST:
		return config_set_list(at, text);
	case CONFIG_BOOLEAN:
		*(bool *)at = strcmp(text, "true") == 0;
		return *(bool *)at || strcmp(text, "false") == 0;
	case CONFIG_INTEGER:
		if (!g_ascii_string_to_signed(text, 10, key->min, key->max, &number, NULL))
			return false;
		*(int *)at = number;
		return true;
	case CONFIG_HEX:
		return config_set_hex(key, text, at);
	case CONFIG_CHOICE:
		return config_choose(key, text, at);
	}
	return false;
}

void config_defaults(const struct config_key *table, void *values)
{
	config_clear(table, values);
	for (const struct config_key *key = table; key->group; key++) {
		if (key->fallback && !config_set(key, key->fallback, NULL, values))
			g_assert_not_reached();
	}
}

static bool config_apply_entry(const struct config_file *file, const struct config_entry *entry,
		const char *folder, void *values, GError **error)
{
	const struct config_key *key = entry->key;
	g_autofree char *raw = g_key_file_get_value(file->values, key->group, key->key, NULL);
	g_autofree char *text = NULL;
	g_autofree char *allowed = NULL;

	/* A blank at the end of a line is never meant; GKeyFile keeps it (\s is one on purpose). */
	g_key_file_set_value(file->values, key->group, key->key, g_strchomp(raw));
	text = g_key_file_get_string(file->values, key->group, key->key, NULL);
	if (text && config_set(key, text, folder, values))
		return true;
	allowed = config_allowed(key);
	config_complain(file, key->group, key->key, error, "%s = \"%s\" in [%s]; allowed: %s",
			key->key, raw, key->group, allowed);
	return false;
}

bool config_apply(const struct config_file *file, void *values, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(file->path);

	for (guint i = 0; i < file->entries->len; i++) {
		const struct config_entry *entry = &g_array_index(
				file->entries, struct config_entry, i);

		if (!config_apply_entry(file, entry, folder, values, error))
			return false;
	}
	return true;
}

void config_clear(const struct config_key *table, void *values)
{
	for (const struct config_key *key = table; key->group; key++) {
		void *at = config_at(key, values);

		switch (key->type) {
		case CONFIG_STRING:
		case CONFIG_PATH:
			g_clear_pointer((char **)at, g_free);
			break;
		case CONFIG_LIST:
			g_clear_pointer((char ***)at, g_strfreev);
			break;
		case CONFIG_BOOLEAN:
			*(bool *)at = false;
			break;
		case CONFIG_INTEGER:
		case CONFIG_HEX:
		case CONFIG_CHOICE:
			*(int *)at = 0;
			break;
		}
	}
}

void config_print(const struct config_key *table, FILE *stream)
{
	const char *group = "";

	for (const struct config_key *key = table; key->group; key++) {
		g_autofree char *allowed = config_allowed(key);

		if (strcmp(key->group, group) != 0)
			fprintf(stream, "%s[%s]\n", *group ? "\n" : "", key->group);
		group = key->group;
		fprintf(stream, "# %s Allowed: %s.\n", key->help, allowed);
		fprintf(stream, "#%s = %s\n", key->key, key->fallback ? key->fallback : "");
	}
}
