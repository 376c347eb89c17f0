/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "decoder/decoder.h"
#include "decoder/text.h"
#include "src/coder.h"
#include "src/log.h"
#include "src/screen.h"

/* Before the first frame: what every screen is at least. */
#define SCREEN_WIDTH  640
#define SCREEN_HEIGHT 480

#define SCREEN_CARD_PAPER 0x202428
#define SCREEN_CARD_TITLE 0xf0f0f0
#define SCREEN_CARD_TEXT  0xa8b0b8

struct screen {
	struct screen_events events;
	struct decoder *decoder;
	struct picture card;
	bool coded;
	struct coder node_coder, card_coder; /* where coded */
	bool carded;                         /* the card is shown, or nothing yet */
	bool waiting;                        /* for a complete frame after a fault */
};

static void screen_show(
		struct screen *screen, const struct picture *picture, const struct coder *coder)
{
	const struct display_picture shown = {
			.width = picture->width,
			.height = picture->height,
			.stride = picture->stride,
			.pixels = picture->pixels,
			.coder = screen->coded ? &coder->display : NULL,
	};

	screen->events.show(&shown, screen->events.data);
}

static void screen_damage(struct screen *screen, const struct damage *damage)
{
	const struct display_damage changed = {
			.unit = damage->unit,
			.columns = damage->columns,
			.rows = damage->rows,
			.map = damage->map,
	};

	screen->events.damage(&changed, screen->events.data);
}

/* What is decoded already can be encoded for the viewer on another core. */
static void screen_progress(
		const struct damage *damage, const struct decoder_result *result, void *data)
{
	struct screen *screen = data;

	if (!screen->carded && !result->resized)
		screen_damage(screen, damage);
}

struct screen *screen_new(bool coded, const struct screen_events *events)
{
	struct screen *screen = g_new0(struct screen, 1);

	screen->events = *events;
	screen->carded = true;
	screen->coded = coded;
	screen->decoder = decoder_new();
	if (!screen->decoder) {
		g_free(screen);
		return NULL;
	}
	if (coded)
		decoder_keep_blocks(screen->decoder, true);
	else
		decoder_on_progress(screen->decoder, screen_progress, screen);
	coder_of_decoder(&screen->node_coder, screen->decoder);
	coder_of_drawn(&screen->card_coder, &screen->card);
	return screen;
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	decoder_free(screen->decoder);
	coder_release(&screen->node_coder);
	coder_release(&screen->card_coder);
	picture_release(&screen->card);
	g_free(screen);
}

static enum decoder_codec screen_codec(enum capture_codec codec)
{
	switch (codec) {
	case CAPTURE_AJPG:
		return DECODER_AJPG;
	case CAPTURE_XBGR32:
		return DECODER_XBGR32;
	case CAPTURE_BGR24:
		return DECODER_BGR24;
	case CAPTURE_UYVY:
		return DECODER_UYVY;
	case CAPTURE_YUYV:
		return DECODER_YUYV;
	case CAPTURE_JPEG:
		break;
	}
	return DECODER_JPEG;
}

static bool screen_decode(struct screen *screen, const struct capture_frame *frame,
		struct decoder_result *result)
{
	struct decoder_frame input = {
			.data = frame->data,
			.size = frame->size,
			.codec = screen_codec(frame->codec),
			.width = frame->width,
			.height = frame->height,
			.chroma = frame->chroma,
			.selector = frame->selector,
			.second_selector = frame->second_selector,
			.studio = frame->studio,
			.stride = frame->stride,
			.bt709 = frame->bt709,
	};

	return decoder_decode(screen->decoder, &input, result);
}

/* Told once for a run of bad frames, and said once when it is over. */
static void screen_fault(struct screen *screen, const struct decoder_result *result)
{
	if (!screen->waiting) {
		g_autofree char *text = g_strdup_printf(
				"bad frame: %s (word %zu, macroblock %d,%d); asking for a complete one",
				decoder_fault_text(result->fault), result->word, result->x,
				result->y);

		screen->events.fault(text, screen->events.data);
	}
	screen->waiting = true;
	screen->events.key_frame(screen->events.data);
}

static void screen_good(struct screen *screen, const struct decoder_result *result)
{
	if (!screen->waiting || !result->key_frame)
		return;
	screen->waiting = false;
	log_line(LOG_LINE_NOTICE, "console: frames are good again");
}

void screen_frame(struct screen *screen, const struct capture_frame *frame)
{
	const struct picture *picture = decoder_picture(screen->decoder);
	const struct damage *damage = decoder_damage(screen->decoder);
	struct decoder_result result;

	if (screen_decode(screen, frame, &result))
		screen_good(screen, &result);
	else
		screen_fault(screen, &result);
	if (!picture->width)
		return; /* nothing could be decoded yet */
	if (screen->carded && result.fault != DECODER_OK)
		return; /* words are better than half a picture */
	if (screen->carded || result.resized) {
		screen->carded = false;
		screen_show(screen, picture, &screen->node_coder);
	} else if (damage->count) {
		screen_damage(screen, damage);
	}
}

static void screen_line(struct picture *card, int y, const char *text, uint32_t ink, int scale)
{
	struct text_style style = {.ink = ink, .scale = scale};
	int width = text_columns(text) * TEXT_WIDTH * scale;

	text_draw(card, width < card->width ? (card->width - width) / 2 : 0, y, text, &style);
}

void screen_card(struct screen *screen, const char *title, const char *detail)
{
	const struct picture *last = decoder_picture(screen->decoder);
	struct picture *card = &screen->card;
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *since = g_date_time_format(now, "since %Y-%m-%d %H:%M:%S %Z");
	size_t pixels;

	if (!picture_resize(card, last->width ? last->width : SCREEN_WIDTH,
			    last->width ? last->height : SCREEN_HEIGHT))
		return;
	pixels = (size_t)card->stride * card->height;
	for (size_t i = 0; i < pixels; i++)
		card->pixels[i] = SCREEN_CARD_PAPER;
	screen_line(card, card->height / 2 - 4 * TEXT_HEIGHT, title, SCREEN_CARD_TITLE, 3);
	screen_line(card, card->height / 2, detail, SCREEN_CARD_TEXT, 1);
	screen_line(card, card->height / 2 + 2 * TEXT_HEIGHT, since, SCREEN_CARD_TEXT, 1);
	screen->carded = true;
	screen_show(screen, card, &screen->card_coder);
}
