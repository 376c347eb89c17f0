/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "decoder/decoder.h"
#include "src/card.h"
#include "src/coder.h"
#include "src/log.h"
#include "src/screen.h"

/* Before the first frame: what every screen is at least. */
#define SCREEN_WIDTH  640
#define SCREEN_HEIGHT 480

struct screen {
	struct screen_events events;
	struct decoder *decoder;
	struct picture card;
	bool coded;
	struct coder node_coder, card_coder; /* where coded */
	bool carded;                         /* the card is shown, or nothing yet */
	bool waiting;                        /* for a complete frame after a fault */
	struct decoder_result last;          /* of decoding */
	uint64_t serial;                     /* another one when it looks different */
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

	screen->serial++;
	screen->events.show(&shown, screen->events.data);
}

static void screen_damage(struct screen *screen, const struct damage *damage,
		const struct decoder_scroll *scroll)
{
	struct display_move move;
	struct display_damage changed = {
			.unit = damage->unit,
			.columns = damage->columns,
			.rows = damage->rows,
			.map = damage->map,
	};

	if (scroll) {
		move = (struct display_move){
				.to = {scroll->x, scroll->y, scroll->width, scroll->height},
				.from = scroll->y + scroll->below,
				.rest = scroll->rest,
		};
		changed.move = &move;
	}
	screen->serial++;
	screen->events.damage(&changed, screen->events.data);
}

/* What is decoded already can be encoded for the viewer on another core. */
static void screen_progress(
		const struct damage *damage, const struct decoder_result *result, void *data)
{
	struct screen *screen = data;

	if (!screen->carded && !result->resized)
		screen_damage(screen, damage, NULL);
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

void screen_input(const struct capture_frame *frame, struct decoder_frame *input)
{
	*input = (struct decoder_frame){
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
}

const char *screen_card_title(enum capture_state state)
{
	return state == CAPTURE_NO_SIGNAL ? "No signal" : "No video device";
}

static bool screen_decode(struct screen *screen, const struct capture_frame *frame,
		struct decoder_result *result)
{
	struct decoder_frame input;

	screen_input(frame, &input);
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
	const struct decoder_result *result = &screen->last;

	if (screen_decode(screen, frame, &screen->last))
		screen_good(screen, result);
	else
		screen_fault(screen, result);
	if (!picture->width)
		return; /* nothing could be decoded yet */
	if (screen->carded && result->fault != DECODER_OK)
		return; /* words are better than half a picture */
	if (screen->carded || result->resized) {
		screen->carded = false;
		screen_show(screen, picture, &screen->node_coder);
		picture_release(&screen->card);
	} else if (damage->count) {
		screen_damage(screen, damage, decoder_scroll(screen->decoder));
	}
}

bool screen_is_good(const struct screen *screen)
{
	return !screen->carded && !screen->waiting;
}

struct decoder *screen_decoder(struct screen *screen)
{
	return screen->decoder;
}

const struct decoder_result *screen_result(const struct screen *screen)
{
	return &screen->last;
}

uint64_t screen_serial(const struct screen *screen)
{
	return screen->serial;
}

void screen_card(struct screen *screen, const char *title, const char *detail)
{
	const struct picture *last = decoder_picture(screen->decoder);
	struct picture *card = &screen->card;
	g_autoptr(GDateTime) now = g_date_time_new_now_local();

	if (!card_draw(card, last->width ? last->width : SCREEN_WIDTH,
			    last->width ? last->height : SCREEN_HEIGHT, title, detail, now))
		return;
	screen->carded = true;
	screen_show(screen, card, &screen->card_coder);
}
