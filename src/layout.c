/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/layout.h"
#include <string.h>
#include "src/layout_part.h"

/*
 * The keys of each row from left to right, as usages. E13 and B11 are on Japanese keyboards alone.
 * C12 is what keyboards with an Enter of two rows have beside it; those with a flat one have D13
 * above theirs, and no B00.
 */
static const uint8_t row_e[] = {
		0x35, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2d, 0x2e, 0x89};
static const uint8_t row_d[] = {
		0x14, 0x1a, 0x08, 0x15, 0x17, 0x1c, 0x18, 0x0c, 0x12, 0x13, 0x2f, 0x30, 0x31};
static const uint8_t row_c[] = {
		0x04, 0x16, 0x07, 0x09, 0x0a, 0x0b, 0x0d, 0x0e, 0x0f, 0x33, 0x34, 0x32};
static const uint8_t row_b[] = {
		0x64, 0x1d, 0x1b, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38, 0x87};

static const struct {
	const uint8_t *usages;
	size_t count;
} layout_rows[LAYOUT_ROWS] = {
		{row_e, G_N_ELEMENTS(row_e)},
		{row_d, G_N_ELEMENTS(row_d)},
		{row_c, G_N_ELEMENTS(row_c)},
		{row_b, G_N_ELEMENTS(row_b)},
};

static const uint8_t layout_levels[LAYOUT_LEVELS] = {
		0, LAYOUT_SHIFT, LAYOUT_ALT_GR, LAYOUT_SHIFT | LAYOUT_ALT_GR};

#define SPACE_BAR 0x2c

const struct layout *layout_find(const char *name)
{
	const struct layout *layout;

	for (size_t i = 0; (layout = layout_at(i)); i++)
		if (g_ascii_strcasecmp(name, layout->name) == 0)
			return layout;
	return NULL;
}

const char *layout_name(const struct layout *layout)
{
	return layout->name;
}

const char *layout_title(const struct layout *layout)
{
	return layout->title;
}

bool layout_caps_with_shift(const struct layout *layout)
{
	return layout->caps_with_shift;
}

/* The key that bears a character or, by its combining mark, a dead accent; on the lowest level. */
static bool layout_key(
		const struct layout *layout, gunichar character, struct layout_stroke *stroke)
{
	for (int level = 0; level < LAYOUT_LEVELS; level++) {
		for (int row = 0; row < LAYOUT_ROWS; row++) {
			const char *at = layout->levels[level][row];

			for (size_t i = 0; at && *at && i < layout_rows[row].count; i++) {
				if (g_utf8_get_char(at) == character) {
					*stroke = (struct layout_stroke){layout_rows[row].usages[i],
							layout_levels[level]};
					return true;
				}
				at = g_utf8_next_char(at);
			}
		}
	}
	return false;
}

/* The accent that a dead key leaves before the space bar; 0: not the same one everywhere. */
static gunichar layout_accent(gunichar mark)
{
	return mark == LAYOUT_GRAVE        ? '`'
	       : mark == LAYOUT_CIRCUMFLEX ? '^'
	       : mark == LAYOUT_TILDE      ? '~'
					   : 0;
}

/* What a dead key and another make. */
static int layout_compose(const struct layout *layout, gunichar character,
		struct layout_stroke strokes[LAYOUT_STROKES])
{
	const struct layout_dead *dead = layout->dead;
	gunichar base, mark;

	for (; dead < layout->dead + LAYOUT_DEAD && dead->mark; dead++) {
		if (layout_accent(dead->mark) == character) {
			strokes[1] = (struct layout_stroke){SPACE_BAR, 0};
			return layout_key(layout, dead->mark, &strokes[0]) ? 2 : 0;
		}
		if (!g_utf8_strchr(dead->makes, -1, character))
			continue;
		return g_unichar_decompose(character, &base,
				       &mark) && layout_key(layout, dead->mark, &strokes[0]) &&
						       layout_key(layout, base, &strokes[1])
				       ? 2
				       : 0;
	}
	return 0;
}

int layout_strokes(const struct layout *layout, gunichar character,
		struct layout_stroke strokes[LAYOUT_STROKES])
{
	if (character == ' ') {
		strokes[0] = (struct layout_stroke){SPACE_BAR, 0};
		return 1;
	}
	if (!g_unichar_isgraph(character) || g_unichar_ismark(character))
		return 0;
	if (layout_key(layout, character, &strokes[0]))
		return 1;
	return layout_compose(layout, character, strokes);
}
