/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts and chords in any layout, the first byte: whatever is taken comes to an end with all keys
 * up, and whatever is not is told.
 */
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include "src/layout.h"
#include "src/typing.h"
#include "tests/fuzz/targets.h"

/* Each step turns a key round, and none stays down. */
static void check_typing(struct typing *typing)
{
	bool down[256] = {false};
	unsigned int units = 0;

	g_assert_cmpuint(typing->count, >, 0);
	for (size_t i = 0; i < typing->count; i++) {
		const struct typing_step *step = &typing->steps[i];

		units += step->ends;
		g_assert_cmpuint(step->wait, <=, TYPING_HOLD_MAX);
		if (!step->usage)
			continue;
		g_assert_cmpint(step->usage, >=, 4);
		g_assert_cmpint(step->usage, <=, 0xe7);
		g_assert_true(down[step->usage] != step->down);
		down[step->usage] = step->down;
	}
	g_assert_cmpuint(units, ==, typing->units);
	g_assert_null(memchr(down, true, sizeof(down)));
	typing_free(typing);
}

static void check_lacks(GArray *lacks)
{
	g_assert_cmpuint(lacks->len, >, 0);
	for (guint i = 0; i < lacks->len; i++) {
		const struct typing_lack *lack = &g_array_index(lacks, struct typing_lack, i);

		g_assert_cmpuint(lack->position, >, 0);
		g_assert_cmpuint(lack->line, >, 0);
		g_assert_cmpuint(lack->column, >, 0);
		g_assert_cmpuint(lack->times, >, 0);
	}
	g_array_unref(lacks);
}

int target_typing(const uint8_t *data, size_t size)
{
	const struct layout *layout = layout_at(size ? data[0] % 16 : 0);
	g_autofree char *text = g_strndup((const char *)data + 1, size ? size - 1 : 0);
	g_autoptr(GError) error = NULL;
	struct typing *typing;
	GArray *lacks = NULL;

	if (!layout)
		layout = layout_find("us");
	typing = typing_text(layout, text, &lacks, &error);
	g_assert_cmpint((typing != NULL) + (lacks != NULL) + (error != NULL), ==, 1);
	if (typing)
		check_typing(typing);
	if (lacks)
		check_lacks(lacks);
	g_clear_error(&error);
	typing = typing_chords(layout, text, &error);
	g_assert_true(!typing == !!error);
	if (typing)
		check_typing(typing);
	else
		g_assert_true(g_utf8_validate(error->message, -1, NULL));
	return 0;
}
