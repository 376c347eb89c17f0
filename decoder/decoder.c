/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "decoder/ajpg_tables.h"
#include "decoder/decoder.h"
#include "decoder/decoder_private.h"
#include "decoder/raw.h"

/* Positions have 8 bits. */
#define DECODER_MACROBLOCKS 256

struct decoder *decoder_new(void)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return NULL;
	coded_draw_init(&decoder->draw, kernels_best());
	decoder->ajpg = ajpg_new(kernels_best());
	decoder->jpeg = jpeg_new();
	if (!decoder->ajpg || !decoder->jpeg) {
		decoder_free(decoder);
		return NULL;
	}
	return decoder;
}

void decoder_free(struct decoder *decoder)
{
	if (!decoder)
		return;
	ajpg_free(decoder->ajpg);
	jpeg_free(decoder->jpeg);
	picture_release(&decoder->picture);
	damage_release(&decoder->damage);
	free(decoder->last);
	coded_release(&decoder->blocks);
	planes_release(&decoder->ajpg_blocks.planes);
	jpeg_blocks_release(&decoder->jpeg_blocks);
	damage_release(&decoder->ignored);
	scroll_release(&decoder->scroll);
	recode_release(&decoder->recode);
	free(decoder);
}

void decoder_on_progress(struct decoder *decoder, decoder_progress_fn fn, void *data)
{
	ajpg_on_progress(decoder->ajpg, fn, data);
}

const struct picture *decoder_picture(const struct decoder *decoder)
{
	return &decoder->picture;
}

const struct damage *decoder_damage(const struct decoder *decoder)
{
	return &decoder->damage;
}

const struct decoder_scroll *decoder_scroll(const struct decoder *decoder)
{
	return decoder->scrolled.width ? &decoder->scrolled : NULL;
}

bool decoder_fail(struct decoder_result *result, enum decoder_fault fault)
{
	result->fault = fault;
	return false;
}

void decoder_forget(struct decoder *decoder)
{
	ajpg_forget(decoder->ajpg);
	ajpg_blocks_forget(&decoder->ajpg_blocks);
}

bool decoder_resize(struct decoder *decoder, int width, int height, int unit,
		struct decoder_result *result)
{
	struct picture *picture = &decoder->picture;

	if (picture->width != width || picture->height != height) {
		if (!picture_resize(picture, width, height))
			return decoder_fail(result,
					errno == EINVAL ? DECODER_BAD_FRAME : DECODER_NO_MEMORY);
		decoder_forget(decoder);
		coded_drop(&decoder->blocks);
		decoder->behind = decoder->passed = false;
		decoder->motion = (struct decoder_motion){0};
		result->resized = true;
	}
	if (!damage_reset(&decoder->damage, picture, unit))
		return decoder_fail(result, DECODER_NO_MEMORY);
	decoder->unit = unit;
	if (result->resized)
		decoder->last_size = 0;
	return true;
}

/* --- Blocks --- */

/* Draws the last JPEG. It was read before, or is as its engine made it: faults are not told. */
static void decoder_draw_last(struct decoder *decoder)
{
	struct decoder_result result;
	int width, height;

	if (damage_reset(&decoder->ignored, &decoder->picture, JPEG_UNIT) &&
			jpeg_begin(decoder->jpeg, decoder->last, decoder->last_size, &width,
					&height, &result) &&
			width == decoder->picture.width && height == decoder->picture.height)
		jpeg_decode(decoder->jpeg, &decoder->picture, &decoder->ignored, &result);
	decoder->behind = false;
	coded_drawn(&decoder->blocks);
}

void decoder_refresh(struct decoder *decoder)
{
	if (decoder->behind && decoder->last_size)
		decoder_draw_last(decoder);
	else
		coded_draw_stale(&decoder->draw, &decoder->blocks, &decoder->picture);
}

void decoder_give_up_blocks(struct decoder *decoder)
{
	decoder_refresh(decoder);
	coded_drop(&decoder->blocks);
	decoder->passed = false;
}

void decoder_keep_blocks(struct decoder *decoder, bool keep)
{
	decoder_give_up_blocks(decoder);
	decoder_forget(decoder);
	decoder->motion = (struct decoder_motion){0};
	decoder->keep = keep;
}

bool decoder_blocks(struct decoder *decoder, struct decoder_result *result)
{
	const struct damage *damage = &decoder->damage;

	if (decoder->blocks.unit == damage->unit)
		return true;
	decoder_give_up_blocks(decoder);
	if (coded_begin(&decoder->blocks, damage->unit, damage->columns, damage->rows))
		return true;
	return decoder_fail(result, DECODER_NO_MEMORY);
}

static bool decoder_ajpg_blocks(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	if (!decoder_blocks(decoder, result))
		return false;
	return ajpg_blocks_decode(&decoder->ajpg_blocks, frame, &decoder->blocks, &decoder->draw,
			&decoder->picture, &decoder->damage, result);
}

/* --- Codecs --- */

static bool decoder_ajpg(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	int unit = frame->chroma == DECODER_420 ? 16 : 8;

	if ((frame->chroma != DECODER_420 && frame->chroma != DECODER_444) || frame->width < 1 ||
			frame->height < 1 || frame->width > unit * DECODER_MACROBLOCKS ||
			frame->height > unit * DECODER_MACROBLOCKS || frame->selector < 0 ||
			frame->selector >= AJPG_SELECTORS || frame->second_selector < -1 ||
			frame->second_selector >= AJPG_SELECTORS)
		return decoder_fail(result, DECODER_BAD_FRAME);
	if (decoder->last_size)
		decoder_give_up_blocks(decoder);
	decoder->last_size = 0;
	if (!decoder_resize(decoder, frame->width, frame->height, unit, result))
		return false;
	if (decoder->keep)
		return decoder_ajpg_blocks(decoder, frame, result);
	return ajpg_decode(decoder->ajpg, frame, &decoder->picture, &decoder->damage, result);
}

bool decoder_complete(const struct decoder *decoder, struct decoder_result *result)
{
	result->named = decoder->damage.columns * decoder->damage.rows;
	result->key_frame = true;
	return true;
}

static bool decoder_raw(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	decoder_give_up_blocks(decoder);
	decoder->last_size = 0;
	if (!decoder_resize(decoder, frame->width, frame->height, RAW_UNIT, result))
		return false;
	decoder_forget(decoder);
	if (!raw_decode(kernels_best(), frame, &decoder->picture, &decoder->damage, result))
		return false;
	return decoder_complete(decoder, result);
}

/* What was not looked into cannot be followed, and nothing of it was before it. */
static void decoder_follow_scroll(struct decoder *decoder)
{
	int unit = decoder->blocks.unit;

	decoder->scrolled.width = 0;
	if (decoder->keep && unit && unit == decoder->damage.unit && !decoder->passed)
		scroll_follow(&decoder->scroll, &decoder->blocks, &decoder->damage,
				&decoder->picture, &decoder->scrolled);
}

static bool decoder_frame(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	switch (frame->codec) {
	case DECODER_AJPG:
		return decoder_ajpg(decoder, frame, result);
	case DECODER_JPEG:
		return decoder_jpeg(decoder, frame, result);
	case DECODER_XBGR32:
	case DECODER_BGR24:
	case DECODER_UYVY:
	case DECODER_YUYV:
		return decoder_raw(decoder, frame, result);
	}
	return decoder_fail(result, DECODER_BAD_FRAME);
}

bool decoder_decode(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	bool good;

	*result = (struct decoder_result){.fault = DECODER_OK};
	decoder->damage.columns = decoder->damage.rows = decoder->damage.count = 0;
	good = decoder_frame(decoder, frame, result);
	decoder_follow_scroll(decoder);
	return good;
}

const char *decoder_fault_text(enum decoder_fault fault)
{
	switch (fault) {
	case DECODER_OK:
		return "no fault";
	case DECODER_TRUNCATED:
		return "data end before the end of the frame";
	case DECODER_BAD_CODE:
		return "no such record";
	case DECODER_BAD_POSITION:
		return "position outside the picture";
	case DECODER_BAD_HUFFMAN:
		return "no such Huffman code";
	case DECODER_BAD_COEFFICIENT:
		return "run past the last coefficient";
	case DECODER_BAD_MODE:
		return "record that this mode does not have";
	case DECODER_TOO_MANY_BLOCKS:
		return "more than twice as many records as macroblocks";
	case DECODER_BAD_FRAME:
		return "not a frame of this kind, or its size or parameters are out of range";
	case DECODER_NO_MEMORY:
		return "out of memory";
	}
	return "unknown fault";
}
