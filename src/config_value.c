/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/config_part.h"

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

char *config_value_allowed(const struct config_key *key)
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
		return g_strdup_printf("%d..%d", (int)key->min, (int)key->max);
	case CONFIG_REAL:
	case CONFIG_SCALED:
		return g_strdup_printf("%g..%g", key->min, key->max);
	case CONFIG_HEX:
		return g_strdup_printf(
				"0x%04x..0x%04x", (unsigned int)key->min, (unsigned int)key->max);
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

static bool config_set_integer(const struct config_key *key, const char *text, int *value)
{
	gint64 number;

	if (!g_ascii_string_to_signed(text, 10, (gint64)key->min, (gint64)key->max, &number, NULL))
		return false;
	*value = (int)number;
	return true;
}

static bool config_set_hex(const struct config_key *key, const char *text, int *value)
{
	guint64 number;

	if (!g_str_has_prefix(text, "0x") ||
			!g_ascii_string_to_unsigned(text + 2, 16, (guint64)key->min,
					(guint64)key->max, &number, NULL))
		return false;
	*value = (int)number;
	return true;
}

bool config_number(const char *text, double min, double max, double *value)
{
	/* No blanks, no "inf", no hexadecimal number: what strtod takes beside is never meant. */
	if (!*text || text[strspn(text, "+-.0123456789eE")])
		return false;
	*value = g_ascii_strtod(text, (char **)&text);
	return !*text && *value >= min && *value <= max;
}

static bool config_set_scaled(const struct config_key *key, const char *text, int *value)
{
	double number;

	if (!config_number(text, key->min, key->max, &number))
		return false;
	number *= key->scale;
	*value = (int)(number < 0 ? number - 0.5 : number + 0.5);
	return true;
}

bool config_value_set(
		const struct config_key *key, const char *text, const char *folder, void *values)
{
	void *at = config_at(key, values);

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
		return config_set_integer(key, text, at);
	case CONFIG_REAL:
		return config_number(text, key->min, key->max, at);
	case CONFIG_SCALED:
		return config_set_scaled(key, text, at);
	case CONFIG_HEX:
		return config_set_hex(key, text, at);
	case CONFIG_CHOICE:
		return config_choose(key, text, at);
	}
	return false;
}

static bool config_same_list(char *const *a, char *const *b)
{
	if (!a || !b)
		return a == b;
	return g_strv_equal((const char *const *)a, (const char *const *)b);
}

bool config_value_same(const struct config_key *key, const void *a, const void *b)
{
	const void *first = (const char *)a + key->offset, *second = (const char *)b + key->offset;

	switch (key->type) {
	case CONFIG_STRING:
	case CONFIG_PATH:
		return g_strcmp0(*(char *const *)first, *(char *const *)second) == 0;
	case CONFIG_LIST:
		return config_same_list(*(char **const *)first, *(char **const *)second);
	case CONFIG_BOOLEAN:
		return *(const bool *)first == *(const bool *)second;
	case CONFIG_REAL:
		return memcmp(first, second, sizeof(double)) == 0;
	case CONFIG_INTEGER:
	case CONFIG_SCALED:
	case CONFIG_HEX:
	case CONFIG_CHOICE:
		break;
	}
	return *(const int *)first == *(const int *)second;
}

static size_t config_value_size(const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_STRING:
	case CONFIG_PATH:
	case CONFIG_LIST:
		return sizeof(void *);
	case CONFIG_BOOLEAN:
		return sizeof(bool);
	case CONFIG_REAL:
		return sizeof(double);
	case CONFIG_INTEGER:
	case CONFIG_SCALED:
	case CONFIG_HEX:
	case CONFIG_CHOICE:
		break;
	}
	return sizeof(int);
}

void config_value_swap(const struct config_key *key, void *a, void *b)
{
	void *first = config_at(key, a), *second = config_at(key, b);
	size_t size = config_value_size(key);
	char former[sizeof(double) + sizeof(void *)];

	memcpy(former, first, size);
	memcpy(first, second, size);
	memcpy(second, former, size);
}

void config_value_clear(const struct config_key *key, void *values)
{
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
	case CONFIG_REAL:
		*(double *)at = 0;
		break;
	case CONFIG_INTEGER:
	case CONFIG_SCALED:
	case CONFIG_HEX:
	case CONFIG_CHOICE:
		*(int *)at = 0;
		break;
	}
}
