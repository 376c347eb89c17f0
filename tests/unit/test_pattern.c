/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "rack/pattern.h"

#define ROUNDS 200000
#define MOST   8

static void draw(const char *letters, int count, char text[MOST + 1])
{
	int length = g_test_rand_int_range(0, MOST + 1);

	for (int i = 0; i < length; i++)
		text[i] = letters[g_test_rand_int_range(0, count)];
	text[length] = '\0';
}

static void test_patterns_match_what_glibs_match(void)
{
	char pattern[MOST + 1], name[MOST + 1];
	int matches = 0;

	for (int i = 0; i < ROUNDS; i++) {
		draw("ab*?", 4, pattern);
		draw("ab", 2, name);
		g_assert_cmpint(pattern_match(pattern, name), ==,
				g_pattern_match_simple(pattern, name));
		matches += pattern_match(pattern, name);
	}
	g_assert_cmpint(matches, >, ROUNDS / 100);
}

static void test_no_pattern_takes_for_ever(void)
{
	g_autofree char *pattern = g_strnfill(2000, '*'), *name = g_strnfill(2000, 'a');

	for (int i = 1; i < 2000; i += 2)
		pattern[i] = 'a';
	pattern[1999] = 'b';
	g_assert_false(pattern_match(pattern, name));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pattern/patterns_match_what_glibs_match",
			test_patterns_match_what_glibs_match);
	g_test_add_func("/pattern/no_pattern_takes_for_ever", test_no_pattern_takes_for_ever);
	return g_test_run();
}
