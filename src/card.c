/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/card.h"
#include "decoder/text.h"

#define CARD_PAPER 0x202428
#define CARD_TITLE 0xf0f0f0
#define CARD_TEXT  0xa8b0b8

static void card_line(struct picture *card, int y, const char *text, uint32_t ink, int scale)
{
	struct text_style style = {.ink = ink, .scale = scale};
	int width = text_columns(text) * TEXT_WIDTH * scale;

	text_draw(card, width < card->width ? (card->width - width) / 2 : 0, y, text, &style);
}

bool card_draw(struct picture *picture, int width, int height, const char *title,
		const char *detail, GDateTime *since)
{
	g_autofree char *when = g_date_time_format(since, "since %Y-%m-%d %H:%M:%S %Z");
	size_t pixels;

	if (!picture_resize(picture, width, height))
		return false;
	pixels = (size_t)picture->stride * picture->height;
	for (size_t i = 0; i < pixels; i++)
		picture->pixels[i] = CARD_PAPER;
	card_line(picture, height / 2 - 4 * TEXT_HEIGHT, title, CARD_TITLE, 3);
	card_line(picture, height / 2, detail, CARD_TEXT, 1);
	card_line(picture, height / 2 + 2 * TEXT_HEIGHT, when, CARD_TEXT, 1);
	return true;
}
