/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "src/config_part.h"

#define CONFIG_PARTS "conf.d"

GQuark config_error_quark(void)
{
	return g_quark_from_static_string("config-error");
}

/* --- Errors --- */

void config_fail(const struct config_source *source, int line, enum config_error code,
		GError **error, const char *format, va_list args)
{
	g_autofree char *text = g_strdup_vprintf(format, args);

	if (line)
		g_set_error(error, CONFIG_ERROR, code, "config: %s:%d: %s", source->path, line,
				text);
	else
		g_set_error(error, CONFIG_ERROR, code, "config: %s: %s", source->path, text);
}

void config_complain(const struct config_file *file, const char *group, const char *key,
		GError **error, const char *format, ...)
{
	const struct config_entry *entry = config_entry(file, group, NULL, key);
	va_list args;

	va_start(args, format);
	config_fail(entry ? entry->group->source : file->sources->pdata[0], entry ? entry->line : 0,
			CONFIG_ERROR_VALUE, error, format, args);
	va_end(args);
}

void config_group_complain(const struct config_file *file, const struct config_group *group,
		const char *key, GError **error, const char *format, ...)
{
	const struct config_entry *entry = key ? config_entry(file, group->kind, group->name, key)
					       : NULL;
	va_list args;

	va_start(args, format);
	config_fail(group->source, entry ? entry->line : group->line, CONFIG_ERROR_VALUE, error,
			format, args);
	va_end(args);
}

/* --- Reading --- */

static bool config_spoilt(const struct config_source *source, GError **error, const char *text)
{
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX, "config: %s: %s", source->path, text);
	return false;
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

static struct config_source *config_source_new(struct config_file *file, const char *path)
{
	struct config_source *source = g_new0(struct config_source, 1);

	source->path = g_strdup(path);
	source->values = g_key_file_new();
	g_ptr_array_add(file->sources, source);
	return source;
}

static bool config_load(struct config_file *file, const char *path, GError **error)
{
	struct config_source *source = config_source_new(file, path);
	guint former = file->entries->len;
	gsize size = 0;
	g_autofree char *text = config_text(path, &size, error);
	g_autoptr(GError) cause = NULL;

	if (!text)
		return false;
	if (strlen(text) != size)
		return config_spoilt(source, error, "a zero byte, which no text has");
	if (!config_scan(file, source, text, error))
		return false;
	/* GKeyFile takes a file without any group for an error; here all is left at its default. */
	if (file->entries->len > former && !g_key_file_load_from_data(source->values, text, size,
							   G_KEY_FILE_NONE, &cause))
		return config_spoilt(source, error, cause->message);
	return true;
}

static int config_by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* NULL and error when the folder is there and cannot be read. */
static GPtrArray *config_parts(const char *folder, GError **error)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) cause = NULL;
	GDir *open = g_dir_open(folder, 0, &cause);
	const char *name;

	while (open && (name = g_dir_read_name(open)))
		if (*name != '.' && g_str_has_suffix(name, ".conf"))
			g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
	if (open)
		g_dir_close(open);
	g_ptr_array_sort(paths, config_by_name);
	if (open || g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return paths;
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_READ, "config: %s", cause->message);
	g_ptr_array_unref(paths);
	return NULL;
}

static bool config_load_folder(
		struct config_file *file, const char *path, bool needed, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *below = g_build_filename(folder, CONFIG_PARTS, NULL);
	g_autoptr(GPtrArray) parts = NULL;

	if (!needed && access(path, F_OK) < 0 && errno == ENOENT)
		config_source_new(file, path);
	else if (!config_load(file, path, error))
		return false;
	parts = config_parts(below, error);
	for (guint i = 0; parts && i < parts->len; i++)
		if (!config_load(file, parts->pdata[i], error))
			return false;
	return parts != NULL;
}

static void config_source_free(void *data)
{
	struct config_source *source = data;

	g_key_file_unref(source->values);
	g_free(source->path);
	g_free(source);
}

static struct config_file *config_file_new(const struct config_key *table)
{
	struct config_file *file = g_new0(struct config_file, 1);

	file->table = table;
	file->sources = g_ptr_array_new_with_free_func(config_source_free);
	file->groups = g_ptr_array_new_with_free_func(config_group_free);
	file->entries = g_array_new(FALSE, FALSE, sizeof(struct config_entry));
	return file;
}

struct config_file *config_read(const char *path, const struct config_key *table, GError **error)
{
	struct config_file *file = config_file_new(table);

	if (config_load(file, path, error))
		return file;
	config_file_free(file);
	return NULL;
}

struct config_file *config_read_folder(
		const char *path, bool needed, const struct config_key *table, GError **error)
{
	struct config_file *file = config_file_new(table);

	if (config_load_folder(file, path, needed, error))
		return file;
	config_file_free(file);
	return NULL;
}

void config_file_free(struct config_file *file)
{
	if (!file)
		return;
	g_array_unref(file->entries);
	g_ptr_array_unref(file->groups);
	g_ptr_array_unref(file->sources);
	g_free(file);
}

/* --- What was found --- */

bool config_has(const struct config_file *file, const char *group, const char *key)
{
	return config_entry(file, group, NULL, key) != NULL;
}

const struct config_group *config_group(
		const struct config_file *file, const char *kind, size_t index)
{
	for (guint i = 0; i < file->groups->len; i++) {
		const struct config_group *group = file->groups->pdata[i];

		if (strcmp(group->kind, kind) == 0 && index-- == 0)
			return group;
	}
	return NULL;
}

const char *config_group_name(const struct config_group *group)
{
	return group->name;
}

bool config_group_has(
		const struct config_file *file, const struct config_group *group, const char *key)
{
	return config_entry(file, group->kind, group->name, key) != NULL;
}

/* --- Values --- */

/* Whether a key is for a structure: of a kind, or the one of all groups that are none (NULL). */
static bool config_is_of(const struct config_key *key, const char *kind)
{
	return kind ? key->named && strcmp(key->group, kind) == 0 : !key->named;
}

void config_group_clear(const struct config_key *table, const char *kind, void *values)
{
	for (const struct config_key *key = table; key->group; key++)
		if (config_is_of(key, kind))
			config_value_clear(key, values);
}

void config_clear(const struct config_key *table, void *values)
{
	config_group_clear(table, NULL, values);
}

void config_group_defaults(const struct config_key *table, const char *kind, void *values)
{
	config_group_clear(table, kind, values);
	for (const struct config_key *key = table; key->group; key++)
		if (config_is_of(key, kind) && key->fallback &&
				!config_value_set(key, key->fallback, NULL, values))
			g_assert_not_reached();
}

void config_defaults(const struct config_key *table, void *values)
{
	config_group_defaults(table, NULL, values);
}

static bool config_apply_entry(const struct config_file *file, const struct config_entry *entry,
		void *values, GError **error)
{
	const struct config_group *group = entry->group;
	const struct config_key *key = entry->key;
	GKeyFile *all = group->source->values;
	g_autofree char *folder = g_path_get_dirname(group->source->path);
	g_autofree char *raw = g_key_file_get_value(all, group->label, key->key, NULL);
	g_autofree char *text = NULL;
	g_autofree char *allowed = NULL;

	/* A blank at the end of a line is never meant; GKeyFile keeps it (\s is one on purpose). */
	g_key_file_set_value(all, group->label, key->key, g_strchomp(raw));
	text = g_key_file_get_string(all, group->label, key->key, NULL);
	if (text && config_value_set(key, text, folder, values))
		return true;
	allowed = config_value_allowed(key);
	config_group_complain(file, group, key->key, error, "%s = \"%s\" in [%s]; allowed: %s",
			key->key, raw, group->label, allowed);
	return false;
}

static bool config_apply_of(const struct config_file *file, const struct config_group *group,
		void *values, GError **error)
{
	for (guint i = 0; i < file->entries->len; i++) {
		const struct config_entry *entry = &g_array_index(
				file->entries, struct config_entry, i);

		if ((group ? entry->group == group : !entry->group->name) &&
				!config_apply_entry(file, entry, values, error))
			return false;
	}
	return true;
}

bool config_apply(const struct config_file *file, void *values, GError **error)
{
	return config_apply_of(file, NULL, values, error);
}

bool config_group_apply(const struct config_file *file, const struct config_group *group,
		void *values, GError **error)
{
	return config_apply_of(file, group, values, error);
}

/* --- Help --- */

void config_print(const struct config_key *table, FILE *stream)
{
	const char *group = "";

	for (const struct config_key *key = table; key->group; key++) {
		g_autofree char *allowed = config_value_allowed(key);

		if (strcmp(key->group, group) != 0)
			fprintf(stream, key->named ? "%s#[%s NAME]\n" : "%s[%s]\n",
					*group ? "\n" : "", key->group);
		group = key->group;
		fprintf(stream, "# %s Allowed: %s.\n", key->help, allowed);
		fprintf(stream, "#%s = %s\n", key->key, key->fallback ? key->fallback : "");
	}
}
