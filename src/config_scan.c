/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/config_part.h"
#include "src/suggest.h"

/* The file that is looked at, and where. */
struct config_scanner {
	struct config_file *file;
	const struct config_source *source;
	int line;
	const struct config_group *group; /* that was opened; NULL: none yet */
	GError **error;
};

static bool config_refuse(const struct config_scanner *at, const char *format, ...)
		G_GNUC_PRINTF(2, 3);

static bool config_refuse(const struct config_scanner *at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	config_fail(at->source, at->line, CONFIG_ERROR_SYNTAX, at->error, format, args);
	va_end(args);
	return false;
}

/* "stands in line 2 already", or in another file. */
static bool config_twice(const struct config_scanner *at, const char *what,
		const struct config_source *source, int line)
{
	if (source == at->source)
		return config_refuse(at, "%s stands in line %d already", what, line);
	return config_refuse(at, "%s stands in %s:%d already", what, source->path, line);
}

/* --- Groups --- */

void config_group_free(void *data)
{
	struct config_group *group = data;

	g_free(group->label);
	g_free(group);
}

static bool config_unknown_group(const struct config_scanner *at, const char *label)
{
	g_autofree char *kind = g_strndup(label, strcspn(label, " \t"));
	const char *near = NULL;
	bool named = false;

	for (const struct config_key *key = at->file->table; key->group; key++) {
		const char *better = suggest_nearer(key->named ? kind : label, near, key->group);

		named = better == near ? named : key->named;
		near = better;
	}
	if (!near)
		return config_refuse(at, "unknown group [%s]", label);
	return config_refuse(at, "unknown group [%s]; did you mean [%s%s]?", label, near,
			named ? " NAME" : "");
}

/* Finds the group's kind in the table, and its name. */
static bool config_scan_label(const struct config_scanner *at, struct config_group *group)
{
	size_t size = strcspn(group->label, " \t");
	const char *name = group->label + size + strspn(group->label + size, " \t");

	for (const struct config_key *key = at->file->table; key->group; key++) {
		if (!key->named && strcmp(key->group, group->label) == 0) {
			group->kind = key->group;
			return true;
		}
		if (strncmp(key->group, group->label, size) != 0 || key->group[size])
			continue;
		if (!key->named)
			return config_refuse(at, "[%s] has no name", key->group);
		group->kind = key->group;
		group->name = name;
		return *name ||
		       config_refuse(at, "[%s] needs a name: [%s NAME]", key->group, key->group);
	}
	return config_unknown_group(at, group->label);
}

static bool config_scan_twin(const struct config_scanner *at, const struct config_group *group)
{
	g_autofree char *what = g_strdup_printf("[%s %s]", group->kind, group->name);

	for (guint i = 0; group->name && i < at->file->groups->len; i++) {
		const struct config_group *twin = at->file->groups->pdata[i];

		if (twin->kind == group->kind && strcmp(twin->name, group->name) == 0)
			return config_twice(at, what, twin->source, twin->line);
	}
	return true;
}

static bool config_scan_group(struct config_scanner *at, const char *label)
{
	struct config_group *group = g_new0(struct config_group, 1);

	group->source = at->source;
	group->line = at->line;
	group->label = g_strdup(label);
	for (const char *c = label; *c; c++)
		if (*c == '[' || *c == ']' || g_ascii_iscntrl(*c)) {
			config_group_free(group);
			return config_refuse(at, "a group's name with [, ] or a control character");
		}
	if (!config_scan_label(at, group) || !config_scan_twin(at, group)) {
		config_group_free(group);
		return false;
	}
	g_ptr_array_add(at->file->groups, group);
	at->group = group;
	return true;
}

/* --- Keys --- */

static bool config_unknown_key(const struct config_scanner *at, const char *name)
{
	const char *kind = at->group->kind, *label = at->group->label;
	const struct config_key *elsewhere = NULL;
	const char *near = NULL;

	for (const struct config_key *key = at->file->table; key->group; key++) {
		if (strcmp(key->group, kind) == 0)
			near = suggest_nearer(name, near, key->key);
		else if (strcmp(key->key, name) == 0)
			elsewhere = key;
	}
	if (near)
		return config_refuse(at, "unknown key \"%s\" in [%s]; did you mean \"%s\"?", name,
				label, near);
	if (elsewhere)
		return config_refuse(at, "unknown key \"%s\" in [%s]; it belongs in [%s%s]", name,
				label, elsewhere->group, elsewhere->named ? " NAME" : "");
	return config_refuse(at, "unknown key \"%s\" in [%s]", name, label);
}

const struct config_entry *config_entry(
		const struct config_file *file, const char *kind, const char *name, const char *key)
{
	for (guint i = 0; i < file->entries->len; i++) {
		const struct config_entry *entry = &g_array_index(
				file->entries, struct config_entry, i);

		if (strcmp(entry->group->kind, kind) == 0 &&
				g_strcmp0(entry->group->name, name) == 0 &&
				strcmp(entry->key->key, key) == 0)
			return entry;
	}
	return NULL;
}

static bool config_scan_key(struct config_scanner *at, const char *name)
{
	const struct config_group *group = at->group;
	const struct config_entry *twin = config_entry(at->file, group->kind, group->name, name);
	struct config_entry entry = {.key = at->file->table, .group = group, .line = at->line};
	g_autofree char *what = g_strdup_printf("\"%s\"", name);

	if (twin)
		return config_twice(at, what, twin->group->source, twin->line);
	while (entry.key->group && (strcmp(entry.key->group, group->kind) != 0 ||
						   strcmp(entry.key->key, name) != 0))
		entry.key++;
	if (!entry.key->group)
		return config_unknown_key(at, name);
	g_array_append_val(at->file->entries, entry);
	return true;
}

/* --- Lines --- */

static bool config_scan_line(struct config_scanner *at, char *text)
{
	char *end;

	g_strstrip(text);
	if (!*text || *text == '#')
		return true;
	if (*text == '[') {
		end = text + strlen(text) - 1;
		if (*end != ']')
			return config_refuse(at, "a group is not closed with ]");
		*end = 0;
		return config_scan_group(at, text + 1);
	}
	end = strchr(text, '=');
	if (!end)
		return config_refuse(at, "no group, no comment and no \"key = value\"");
	*end = 0;
	if (!at->group)
		return config_refuse(at, "a key before the first [group]");
	return config_scan_key(at, g_strchomp(text));
}

/* GKeyFile knows no lines and takes what it does not know, so each line is looked at before. */
bool config_scan(struct config_file *file, struct config_source *source, const char *text,
		GError **error)
{
	struct config_scanner at = {.file = file, .source = source, .error = error};
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (int i = 0; lines[i]; i++) {
		at.line = i + 1;
		if (!g_utf8_validate(lines[i], -1, NULL))
			return config_refuse(&at, "not UTF-8");
		if (!config_scan_line(&at, lines[i]))
			return false;
	}
	return true;
}
