/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "src/layout.h"

#define CHARACTERS 0x3000

/* The characters that a layout has. */
static unsigned int count_of(const struct layout *layout)
{
	struct layout_stroke strokes[LAYOUT_STROKES];
	unsigned int count = 0;

	for (gunichar character = 0; character < CHARACTERS; character++)
		count += layout_strokes(layout, character, strokes) > 0;
	return count;
}

static void assert_stroke(const char *layout, gunichar character, int usage, int modifiers)
{
	struct layout_stroke strokes[LAYOUT_STROKES];

	g_assert_cmpint(layout_strokes(layout_find(layout), character, strokes), ==, 1);
	g_assert_cmphex(strokes[0].usage, ==, usage);
	g_assert_cmphex(strokes[0].modifiers, ==, modifiers);
}

static void layouts_are_found_by_name_in_order(void)
{
	const struct layout *layout;
	const char *before = "";

	for (size_t i = 0; (layout = layout_at(i)); i++) {
		g_autofree char *upper = g_ascii_strup(layout_name(layout), -1);

		g_assert_cmpstr(before, <, layout_name(layout));
		g_assert_true(layout_find(layout_name(layout)) == layout);
		g_assert_true(layout_find(upper) == layout);
		g_assert_cmpuint(strlen(layout_title(layout)), >, 0);
		before = layout_name(layout);
	}
	g_assert_null(layout_find(""));
	g_assert_null(layout_find("xx"));
}

static void all_that_is_promised_is_there(void)
{
	static const char *const names[] = {"us", "gb", "de", "fr", "es", "ru", "jp"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		g_assert_nonnull(layout_find(names[i]));
}

/* A shell cannot do without; ru has what stands on its keys. */
static void latin_layouts_have_all_of_ascii(void)
{
	struct layout_stroke strokes[LAYOUT_STROKES];
	const struct layout *layout;

	for (size_t i = 0; (layout = layout_at(i)); i++)
		for (gunichar c = ' '; c < 0x7f && layout != layout_find("ru"); c++)
			if (layout_strokes(layout, c, strokes) == 0)
				g_error("%s lacks %c", layout_name(layout), (char)c);
}

/* Each stroke is a key that a keyboard has, and no two characters are on the same one. */
static void no_two_characters_are_typed_alike(void)
{
	const struct layout *layout;

	for (size_t i = 0; (layout = layout_at(i)); i++) {
		g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

		for (gunichar c = 0; c < CHARACTERS; c++) {
			struct layout_stroke s[LAYOUT_STROKES] = {{0}};
			int count = layout_strokes(layout, c, s);
			guint key = s[0].usage | s[0].modifiers << 8 |
				    (count > 1 ? (guint)s[1].usage << 16 | (guint)s[1].modifiers << 24
					       : 0);

			if (count == 0)
				continue;
			g_assert_cmpint(count, <=, LAYOUT_STROKES);
			for (int each = 0; each < count; each++) {
				g_assert_cmpint(s[each].usage, >=, 4);
				g_assert_cmpint(s[each].usage, <, 0xe0);
				g_assert_cmpint(s[each].modifiers & ~(LAYOUT_SHIFT | LAYOUT_ALT_GR),
						==, 0);
			}
			if (g_hash_table_contains(seen, GUINT_TO_POINTER(key)))
				g_error("%s: U+%04X is typed like another", layout_name(layout), c);
			g_hash_table_add(seen, GUINT_TO_POINTER(key));
		}
	}
}

static void characters_are_where_keyboards_have_them(void)
{
	assert_stroke("us", 'a', 0x04, 0);
	assert_stroke("us", '|', 0x31, LAYOUT_SHIFT);
	assert_stroke("gb", '@', 0x34, LAYOUT_SHIFT);
	assert_stroke("gb", '#', 0x32, 0);
	assert_stroke("gb", '\\', 0x64, 0);
	assert_stroke("de", 'z', 0x1c, 0);
	assert_stroke("de", 0x20ac, 0x08, LAYOUT_ALT_GR);
	assert_stroke("de", '@', 0x14, LAYOUT_ALT_GR);
	assert_stroke("fr", 'a', 0x14, 0);
	assert_stroke("fr", '1', 0x1e, LAYOUT_SHIFT);
	assert_stroke("fr", 'm', 0x33, 0);
	assert_stroke("es", 0xf1, 0x33, 0);
	assert_stroke("ru", 0x451, 0x35, 0);
	assert_stroke("ru", '.', 0x38, 0);
	assert_stroke("ru", ',', 0x38, LAYOUT_SHIFT);
	assert_stroke("jp", '\\', 0x87, 0);
	assert_stroke("jp", '|', 0x89, LAYOUT_SHIFT);
	assert_stroke("jp", '@', 0x2f, 0);
}

static void accents_come_before_their_letters(void)
{
	struct layout_stroke s[LAYOUT_STROKES];

	g_assert_cmpint(layout_strokes(layout_find("de"), 0xe9, s), ==, 2);
	g_assert_cmphex(s[0].usage, ==, 0x2e);
	g_assert_cmphex(s[1].usage, ==, 0x08);
	g_assert_cmphex(s[0].modifiers | s[1].modifiers, ==, 0);
	g_assert_cmpint(layout_strokes(layout_find("es"), 0xc4, s), ==, 2);
	g_assert_cmphex(s[0].usage, ==, 0x34);
	g_assert_cmphex(s[0].modifiers, ==, LAYOUT_SHIFT);
	g_assert_cmphex(s[1].modifiers, ==, LAYOUT_SHIFT);
	g_assert_cmpint(layout_strokes(layout_find("de"), '^', s), ==, 2);
	g_assert_cmphex(s[1].usage, ==, 0x2c);
	/* Those of X end by themselves, those of Windows wait for the space bar. */
	g_assert_cmpint(layout_strokes(layout_find("fr"), '~', s), ==, 1);
	g_assert_cmpint(layout_strokes(layout_find("fr-win"), '~', s), ==, 2);
}

static void what_no_key_has_is_lacking(void)
{
	static const gunichar odd[] = {
			0, 7, 0x1b, 0x7f, 0xa0, 0x301, 0x303, 0x308, 0x200b, 0x65e5, 0x1f600};
	struct layout_stroke strokes[LAYOUT_STROKES];
	const struct layout *layout;

	for (size_t i = 0; (layout = layout_at(i)); i++) {
		for (size_t c = 0; c < G_N_ELEMENTS(odd); c++)
			g_assert_cmpint(layout_strokes(layout, odd[c], strokes), ==, 0);
		g_assert_cmpuint(count_of(layout), >=, 95);
	}
	g_assert_cmpint(layout_strokes(layout_find("us"), 0xe9, strokes), ==, 0);
	g_assert_cmpint(layout_strokes(layout_find("ru"), 'a', strokes), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/layout/" #name, name)
	TEST(layouts_are_found_by_name_in_order);
	TEST(all_that_is_promised_is_there);
	TEST(latin_layouts_have_all_of_ascii);
	TEST(no_two_characters_are_typed_alike);
	TEST(characters_are_where_keyboards_have_them);
	TEST(accents_come_before_their_letters);
	TEST(what_no_key_has_is_lacking);
	return g_test_run();
}
