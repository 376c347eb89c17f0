/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "src/layout.h"
#include "src/typing.h"

/* The steps as words: "+e1 +04 -04. -e1", a dot where a character ends, "/50" for a wait. */
static char *words_of(const struct typing *typing)
{
	GString *words = g_string_new(NULL);

	for (size_t i = 0; i < typing->count; i++) {
		const struct typing_step *step = &typing->steps[i];

		g_string_append_printf(words, "%s%c%02x", i ? " " : "", step->down ? '+' : '-',
				step->usage);
		if (step->ends)
			g_string_append_c(words, '.');
		if (step->wait)
			g_string_append_printf(words, "/%u", step->wait);
	}
	return g_string_free(words, FALSE);
}

static void assert_text(const char *layout, const char *text, const char *expected)
{
	g_autoptr(GError) error = NULL;
	GArray *lacks = NULL;
	struct typing *typing = typing_text(layout_find(layout), text, &lacks, &error);
	g_autofree char *words = NULL;

	g_assert_no_error(error);
	g_assert_null(lacks);
	words = words_of(typing);
	g_assert_cmpstr(words, ==, expected);
	g_assert_true(typing->text);
	typing_free(typing);
}

static void assert_chords(const char *layout, const char *text, const char *expected)
{
	g_autoptr(GError) error = NULL;
	struct typing *typing = typing_chords(layout_find(layout), text, &error);
	g_autofree char *words = NULL;

	g_assert_no_error(error);
	words = words_of(typing);
	g_assert_cmpstr(words, ==, expected);
	g_assert_false(typing->text);
	typing_free(typing);
}

static void assert_refused(const char *text, const char *why)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(typing_chords(layout_find("us"), text, &error));
	g_assert_error(error, TYPING_ERROR, TYPING_ERROR_REQUEST);
	if (!strstr(error->message, why))
		g_error("\"%s\" is not told in \"%s\"", why, error->message);
}

static void text_becomes_keys(void)
{
	assert_text("us", "ab", "+04 -04. +05 -05.");
	assert_text("us", "a\n\t", "+04 -04. +28 -28. +2b -2b.");
	assert_text("us", "a\r\nb\rc", "+04 -04. +28 -28. +05 -05. +28 -28. +06 -06.");
}

static void shift_stays_down_over_capitals(void)
{
	assert_text("us", "ABa", "+e1 +04 -04. +05 -05. -e1 +04 -04.");
	assert_text("us", "A", "+e1 +04 -04. -e1");
}

static void dead_keys_come_first(void)
{
	assert_text("de", "é", "+2e -2e +08 -08.");
	/* The same from a decomposed text. */
	assert_text("de", "e\u0301", "+2e -2e +08 -08.");
	assert_text("es", "Ä", "+e1 +34 -34 +04 -04. -e1");
	assert_text("de", "€a", "+e6 +08 -08. -e6 +04 -04.");
}

static void what_lacks_is_told_whole_with_its_places(void)
{
	g_autoptr(GError) error = NULL;
	GArray *lacks = NULL;
	const struct typing_lack *lack;

	g_assert_null(typing_text(layout_find("us"), "aé\nb €é\033", &lacks, &error));
	g_assert_no_error(error);
	g_assert_nonnull(lacks);
	g_assert_cmpuint(lacks->len, ==, 3);
	lack = &g_array_index(lacks, struct typing_lack, 0);
	g_assert_cmphex(lack->character, ==, 0xe9);
	g_assert_cmpuint(lack->position, ==, 2);
	g_assert_cmpuint(lack->line, ==, 1);
	g_assert_cmpuint(lack->column, ==, 2);
	g_assert_cmpuint(lack->times, ==, 2);
	lack = &g_array_index(lacks, struct typing_lack, 1);
	g_assert_cmphex(lack->character, ==, 0x20ac);
	g_assert_cmpuint(lack->position, ==, 6);
	g_assert_cmpuint(lack->line, ==, 2);
	g_assert_cmpuint(lack->column, ==, 3);
	g_assert_cmphex(g_array_index(lacks, struct typing_lack, 2).character, ==, 0x1b);
	g_array_unref(lacks);
}

static void texts_have_a_limit(void)
{
	char *most = g_strnfill(TYPING_TEXT_MAX, 'a'), *more = g_strnfill(TYPING_TEXT_MAX + 1, 'a');
	g_autoptr(GError) error = NULL;
	GArray *lacks = NULL;
	struct typing *typing = typing_text(layout_find("us"), most, &lacks, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(typing->units, ==, TYPING_TEXT_MAX);
	typing_free(typing);
	g_assert_null(typing_text(layout_find("us"), more, &lacks, &error));
	g_assert_error(error, TYPING_ERROR, TYPING_ERROR_REQUEST);
	g_assert_null(lacks);
	g_clear_error(&error);
	g_assert_null(typing_text(layout_find("us"), "", &lacks, &error));
	g_assert_error(error, TYPING_ERROR, TYPING_ERROR_REQUEST);
	g_clear_error(&error);
	g_assert_null(typing_text(layout_find("us"), "a\xff", &lacks, &error));
	g_assert_error(error, TYPING_ERROR, TYPING_ERROR_REQUEST);
	g_free(most);
	g_free(more);
}

static void chords_go_down_in_order_and_up_backwards(void)
{
	assert_chords("us", "ctrl+alt+del", "+e0 +e2 +4c/50 -4c -e2 -e0./50");
	assert_chords("us", " F2\n", "+3b/50 -3b./50");
	assert_chords("us", "alt+sysrq+b", "+e2 +46 +05/50 -05 -46 -e2./50");
	assert_chords("us", "win+r f12:2000", "+e3 +15/50 -15 -e3./50 +45/2000 -45./50");
	assert_chords("us", "f2 wait:300 esc", "+3b/50 -3b./50 -00./300 +29/50 -29./50");
}

static void characters_are_keys_of_the_layout(void)
{
	assert_chords("us", "ctrl+Z", "+e0 +1d/50 -1d -e0./50");
	assert_chords("de", "ctrl+z", "+e0 +1c/50 -1c -e0./50");
	assert_chords("us", "ctrl+plus", "+e0 +e1 +2e/50 -2e -e1 -e0./50");
	assert_chords("de", "ctrl+plus", "+e0 +30/50 -30 -e0./50");
	assert_chords("us", ":", "+e1 +33/50 -33 -e1./50");
	assert_chords("us", "shift+a", "+e1 +04/50 -04 -e1./50");
	/* As the node's programs take it, though no such letter is printed there. */
	assert_chords("ru", "ctrl+c", "+e0 +06/50 -06 -e0./50");
	assert_chords("ru", "ctrl+с", "+e0 +06/50 -06 -e0./50");
}

static void every_name_is_a_key(void)
{
	const char *name;
	uint8_t usage;

	for (size_t i = 0; (name = typing_key_name(i, &usage)); i++) {
		g_autoptr(GError) error = NULL;
		struct typing *typing = typing_chords(layout_find("us"), name, &error);
		uint8_t other;

		g_assert_no_error(error);
		g_assert_cmpuint(typing->count, ==, 2);
		g_assert_cmphex(typing->steps[0].usage, ==, usage);
		g_assert_cmpint(usage, >=, 4);
		g_assert_cmpint(usage, <=, 0xe7);
		typing_free(typing);
		for (size_t j = 0; j < i; j++)
			g_assert_cmpstr(typing_key_name(j, &other), !=, name);
	}
}

static void mistakes_are_told(void)
{
	g_autoptr(GString) many = g_string_new(NULL);

	for (int i = 0; i < TYPING_CHORDS_MAX + 1; i++)
		g_string_append(many, "a ");
	assert_refused("", "ctrl+alt+del");
	assert_refused(" \n ", "ctrl+alt+del");
	assert_refused("ctrl+alt+dell", "did you mean \"del\"?");
	assert_refused("contrl", "did you mean \"control\"?");
	assert_refused("xyzzyxyzzy", "there is no key \"xyzzyxyzzy\"");
	assert_refused("ctrl++", "plus");
	assert_refused("+", "plus");
	assert_refused("ctrl+ctrl", "twice");
	assert_refused("a+b+c+d+e+f+g+h+i", "at most");
	assert_refused("f2:0", "milliseconds");
	assert_refused("f2:10001", "milliseconds");
	assert_refused("f2:1s", "milliseconds");
	assert_refused("wait", "there is no key");
	assert_refused("é", "no key for");
	assert_refused("a\xff", "UTF-8");
	assert_refused(many->str, "more than");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/typing/" #name, name)
	TEST(text_becomes_keys);
	TEST(shift_stays_down_over_capitals);
	TEST(dead_keys_come_first);
	TEST(what_lacks_is_told_whole_with_its_places);
	TEST(texts_have_a_limit);
	TEST(chords_go_down_in_order_and_up_backwards);
	TEST(characters_are_keys_of_the_layout);
	TEST(every_name_is_a_key);
	TEST(mistakes_are_told);
	return g_test_run();
}
