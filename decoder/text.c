/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decoder/text.h"

#define TEXT_REPLACEMENT 0xfffd

static const struct text_glyph *text_find(uint32_t code)
{
	int low = 0, high = text_font_count - 1;

	/* ASCII is dense at the front: no search for nearly everything that is drawn. */
	if (code >= ' ' && code <= '~')
		return &text_font[code - ' '];
	while (low <= high) {
		int middle = (low + high) / 2;

		if (text_font[middle].code == code)
			return &text_font[middle];
		if (text_font[middle].code < code)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return code == TEXT_REPLACEMENT ? &text_font['?' - ' '] : text_find(TEXT_REPLACEMENT);
}

uint32_t text_next(const char **text)
{
	static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
	const uint8_t *bytes = (const uint8_t *)*text;
	uint32_t code = bytes[0];
	int more = 0;

	if (code == 0)
		return 0;
	(*text)++;
	if (code < 0x80)
		return code;
	if ((code & 0xe0) == 0xc0)
		more = 1;
	else if ((code & 0xf0) == 0xe0)
		more = 2;
	else if ((code & 0xf8) == 0xf0)
		more = 3;
	if (more == 0)
		return TEXT_REPLACEMENT;
	code &= 0x3f >> more;
	for (int i = 1; i <= more; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return TEXT_REPLACEMENT;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < smallest[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return TEXT_REPLACEMENT;
	*text += more;
	return code;
}

int text_put(char bytes[4], uint32_t code)
{
	if (code < 0x80) {
		bytes[0] = code;
		return 1;
	}
	if (code < 0x800) {
		bytes[0] = 0xc0 | code >> 6;
		bytes[1] = 0x80 | (code & 0x3f);
		return 2;
	}
	if (code < 0x10000) {
		bytes[0] = 0xe0 | code >> 12;
		bytes[1] = 0x80 | (code >> 6 & 0x3f);
		bytes[2] = 0x80 | (code & 0x3f);
		return 3;
	}
	bytes[0] = 0xf0 | (code >> 18 & 7);
	bytes[1] = 0x80 | (code >> 12 & 0x3f);
	bytes[2] = 0x80 | (code >> 6 & 0x3f);
	bytes[3] = 0x80 | (code & 0x3f);
	return 4;
}

int text_columns(const char *text)
{
	int columns = 0, longest = 0;
	uint32_t code;

	while ((code = text_next(&text)) != 0) {
		columns = code == '\n' ? 0 : columns + 1;
		if (columns > longest)
			longest = columns;
	}
	return longest;
}

static int text_scale(const struct text_style *style)
{
	return style->scale > 1 ? style->scale : 1;
}

void text_draw_code(struct picture *picture, int x, int y, uint32_t code,
		const struct text_style *style)
{
	const struct text_glyph *glyph = text_find(code);
	int scale = text_scale(style);
	int right = TEXT_WIDTH * scale, bottom = TEXT_HEIGHT * scale;
	int left, top;

	if (x >= picture->width || y >= picture->height || x <= -right || y <= -bottom)
		return;
	left = x < 0 ? -x : 0;
	top = y < 0 ? -y : 0;
	if (right > picture->width - x)
		right = picture->width - x;
	if (bottom > picture->height - y)
		bottom = picture->height - y;
	for (int row = top; row < bottom; row++) {
		uint32_t *line = picture->pixels + (size_t)(y + row) * picture->stride + x;
		unsigned int dots = glyph->rows[row / scale];

		for (int column = left; column < right; column++) {
			if (dots >> (TEXT_WIDTH - 1 - column / scale) & 1)
				line[column] = style->ink;
			else if (style->opaque)
				line[column] = style->paper;
		}
	}
}

void text_draw(struct picture *picture, int x, int y, const char *text,
		const struct text_style *style)
{
	int scale = text_scale(style);
	int column = x;
	uint32_t code;

	while ((code = text_next(&text)) != 0) {
		if (code == '\n') {
			column = x;
			y += TEXT_HEIGHT * scale;
			continue;
		}
		text_draw_code(picture, column, y, code, style);
		column += TEXT_WIDTH * scale;
	}
}
