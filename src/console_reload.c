/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/console_reload.h"
#include <string.h>
#include "src/console_config.h"

/* What can change; key NULL: every key of the group. */
static const struct {
	const char *group, *key;
} reload_live[] = {
		{"api", NULL},
		{"capture", "adaptive-quality"},
		{"capture", "chroma"},
		{"capture", "hq-quality"},
		{"capture", "quality"},
		{"input", "key-limit-s"},
		{"power", NULL},
		{"simulate", "selector"},
		{"spice", "allow-no-password"},
		{"spice", "allow-plain"},
		{"spice", "certificate"},
		{"spice", "image"},
		{"spice", "key"},
		{"spice", "name"},
		{"spice", "origins"},
		{"spice", "password-file"},
		{"spice", "view-password-file"},
		{"spice", "viewers"},
};

static bool reload_is_live(const struct config_key *key)
{
	for (size_t i = 0; i < G_N_ELEMENTS(reload_live); i++)
		if (strcmp(reload_live[i].group, key->group) == 0 &&
				(!reload_live[i].key || strcmp(reload_live[i].key, key->key) == 0))
			return true;
	return false;
}

bool console_reload_judge(
		const struct console_config *now, const struct console_config *next, GError **error)
{
	g_autoptr(GString) fixed = g_string_new(NULL);

	for (const struct config_key *key = console_config_table; key->group; key++)
		if (!reload_is_live(key) && !config_value_same(key, now, next))
			g_string_append_printf(fixed, "%s%s in [%s]", fixed->len ? ", " : "",
					key->key, key->group);
	if (!fixed->len)
		return true;
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "config: another %s needs a restart",
			fixed->str);
	return false;
}

bool console_reload_touches(const struct console_config *now, const struct console_config *next,
		const char *group, const char *name)
{
	for (const struct config_key *key = console_config_table; key->group; key++)
		if (strcmp(key->group, group) == 0 && (!name || strcmp(key->key, name) == 0) &&
				!config_value_same(key, now, next))
			return true;
	return false;
}

void console_reload_swap(struct console_config *now, struct console_config *next)
{
	char *password = now->password, *view_password = now->view_password;

	for (const struct config_key *key = console_config_table; key->group; key++)
		if (!config_value_same(key, now, next))
			config_value_swap(key, now, next);
	now->password = next->password;
	next->password = password;
	now->view_password = next->view_password;
	next->view_password = view_password;
}
