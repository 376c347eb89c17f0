/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/rack_config_rig.h"

/* The lines "#key = value" and "#[group]" of an example, without the #. */
static char *uncommented(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *result = g_string_new(NULL);

	for (int i = 0; lines[i]; i++) {
		bool hidden = lines[i][0] == '#' &&
			      (g_ascii_isalpha(lines[i][1]) || lines[i][1] == '[');

		g_string_append_printf(result, "%s\n", lines[i] + hidden);
	}
	return g_string_free(result, FALSE);
}

static char *source_text(const char *path)
{
	g_autofree char *full = g_test_build_filename(G_TEST_DIST, path, NULL);
	char *text = NULL;

	g_assert_true(g_file_get_contents(full, &text, NULL, NULL));
	return text;
}

/* Whether a file has a key, with its default where it is a group of which there is one. */
static bool shows(GKeyFile *file, const struct config_key *key)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	g_autofree char *kind = g_strconcat(key->group, " ", NULL);
	g_autofree char *value = NULL;

	for (char **group = groups; key->named && *group; group++)
		if (g_str_has_prefix(*group, kind) &&
				g_key_file_has_key(file, *group, key->key, NULL))
			return true;
	if (key->named)
		return false;
	value = g_key_file_get_value(file, key->group, key->key, NULL);
	return value && (!key->fallback || strcmp(value, key->fallback) == 0);
}

static void test_example_shows_every_key(struct fixture *f, gconstpointer unused)
{
	g_autofree char *example = source_text("packaging/rack.conf.example");
	g_autofree char *text = uncommented(example);
	g_autofree char *password = g_build_filename(f->folder, "rack.password", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();

	assert_loads(f, example);
	g_assert_cmpuint(f->config.node_count, ==, 0);
	g_assert_true(g_file_set_contents(password, "secret\n", -1, NULL));
	g_assert_cmpint(g_chmod(password, 0600), ==, 0);
	assert_loads(f, text);
	g_assert_cmpuint(f->config.node_count, ==, 3);
	g_assert_true(g_key_file_load_from_data(file, text, -1, G_KEY_FILE_NONE, NULL));
	for (const struct config_key *key = rack_config_table; key->group; key++) {
		if (!shows(file, key))
			g_test_message("%s in [%s] is missing", key->key, key->group);
		g_assert_true(shows(file, key));
	}
}

/* What the page says about a group's keys. */
static char *manual_part(const char *page, const struct config_key *key)
{
	g_autofree char *title = g_strdup_printf(
			"\n.SS [%s%s]\n", key->group, key->named ? " NAME" : "");
	const char *begin = strstr(page, title);
	const char *end = begin ? strstr(begin + 1, "\n.S") : NULL;

	g_assert_nonnull(end);
	return g_strndup(begin, (gsize)(end - begin));
}

static void test_manual_names_every_key(void)
{
	g_autofree char *page = source_text("man/rack.conf.5");
	g_auto(GStrv) parts = g_strsplit(page, "\\-", -1);
	g_autofree char *text = g_strjoinv("-", parts);

	for (const struct config_key *key = rack_config_table; key->group; key++) {
		g_autofree char *part = manual_part(text, key);
		g_autofree char *alone = g_strdup_printf("\n.B %s\n", key->key);
		g_autofree char *with = g_strdup_printf(
				"\n.BR %s \" = %s\"\n", key->key, key->fallback);

		if (!strstr(part, key->fallback ? with : alone))
			g_test_message("%s of [%s] is missing", key->key, key->group);
		g_assert_nonnull(strstr(part, key->fallback ? with : alone));
	}
}

static void test_example_of_the_manual_is_right(struct fixture *f, gconstpointer unused)
{
	g_autofree char *page = source_text("man/rack.conf.5");
	g_auto(GStrv) parts = g_strsplit(page, "\\-", -1);
	g_autofree char *text = g_strjoinv("-", parts);
	char *begin = strstr(text, "\n.nf\n"), *end = strstr(text, "\n.fi\n");
	g_autofree char *password = g_build_filename(f->folder, "rack.password", NULL);

	g_assert_true(g_file_set_contents(password, "secret\n", -1, NULL));
	g_assert_cmpint(g_chmod(password, 0600), ==, 0);
	g_assert_true(begin && end && end > begin);
	*end = '\0';
	assert_loads(f, begin + strlen("\n.nf\n"));
	g_assert_cmpuint(f->config.node_count, ==, 2);
}

static void test_printed_help_can_be_read_back(struct fixture *f, gconstpointer unused)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	config_print(rack_config_table, stream);
	fclose(stream);
	for (const struct config_key *key = rack_config_table; key->group; key++)
		g_assert_nonnull(strstr(text, key->help));
	assert_loads(f, text);
	g_assert_nonnull(strstr(text, "\n#[node NAME]\n"));
	free(text);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	TEST(example_shows_every_key);
	TEST(example_of_the_manual_is_right);
	TEST(printed_help_can_be_read_back);
	g_test_add_func("/rack_config/manual_names_every_key", test_manual_names_every_key);
	return g_test_run();
}
