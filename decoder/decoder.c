/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "decoder/ajpg.h"
#include "decoder/ajpg_tables.h"
#include "decoder/decoder.h"
#include "decoder/jpeg.h"
#include "decoder/raw.h"

/* Positions have 8 bits. */
#define DECODER_MACROBLOCKS 256

struct decoder {
	struct picture picture;
	struct damage damage;
	struct ajpg *ajpg;
	struct jpeg *jpeg;
	/* The last JPEG, while the picture is exactly that: engines send a still screen again and
	 * again. */
	uint8_t *last;
	size_t last_size, last_room;
};

struct decoder *decoder_new(void)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return NULL;
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

static bool decoder_fail(struct decoder_result *result, enum decoder_fault fault)
{
	result->fault = fault;
	return false;
}

/* Gives picture and damage the frame's geometry. */
static bool decoder_resize(struct decoder *decoder, int width, int height, int unit,
		struct decoder_result *result)
{
	struct picture *picture = &decoder->picture;

	if (picture->width != width || picture->height != height) {
		if (!picture_resize(picture, width, height))
			return decoder_fail(result,
					errno == EINVAL ? DECODER_BAD_FRAME : DECODER_NO_MEMORY);
		ajpg_forget(decoder->ajpg);
		result->resized = true;
	}
	if (!damage_reset(&decoder->damage, picture, unit))
		return decoder_fail(result, DECODER_NO_MEMORY);
	if (result->resized)
		decoder->last_size = 0;
	return true;
}

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
	if (!decoder_resize(decoder, frame->width, frame->height, unit, result))
		return false;
	decoder->last_size = 0;
	return ajpg_decode(decoder->ajpg, frame, &decoder->picture, &decoder->damage, result);
}

static void decoder_remember(struct decoder *decoder, const struct decoder_frame *frame)
{
	decoder->last_size = 0;
	if (frame->size > decoder->last_room) {
		free(decoder->last);
		decoder->last = malloc(frame->size);
		decoder->last_room = decoder->last ? frame->size : 0;
	}
	if (!decoder->last)
		return;
	memcpy(decoder->last, frame->data, frame->size);
	decoder->last_size = frame->size;
}

static bool decoder_repeats(const struct decoder *decoder, const struct decoder_frame *frame)
{
	return frame->size && frame->size == decoder->last_size &&
	       memcmp(frame->data, decoder->last, frame->size) == 0;
}

/* All but AJPG hold the whole picture. */
static bool decoder_complete(const struct decoder *decoder, struct decoder_result *result)
{
	result->named = decoder->damage.columns * decoder->damage.rows;
	result->key_frame = true;
	return true;
}

static bool decoder_jpeg(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	int width, height;

	if (!decoder_resize(decoder, frame->width, frame->height, JPEG_UNIT, result))
		return false;
	if (!result->resized && decoder_repeats(decoder, frame))
		return decoder_complete(decoder, result);
	decoder->last_size = 0;
	ajpg_forget(decoder->ajpg);
	if (!jpeg_begin(decoder->jpeg, frame->data, frame->size, &width, &height, result))
		return false;
	if (width != frame->width || height != frame->height)
		return decoder_fail(result, DECODER_BAD_FRAME);
	if (!jpeg_decode(decoder->jpeg, &decoder->picture, &decoder->damage, result))
		return false;
	decoder_remember(decoder, frame);
	return decoder_complete(decoder, result);
}

static bool decoder_raw(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	if (!decoder_resize(decoder, frame->width, frame->height, RAW_UNIT, result))
		return false;
	decoder->last_size = 0;
	ajpg_forget(decoder->ajpg);
	if (!raw_decode(kernels_best(), frame, &decoder->picture, &decoder->damage, result))
		return false;
	return decoder_complete(decoder, result);
}

bool decoder_decode(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	*result = (struct decoder_result){.fault = DECODER_OK};
	decoder->damage.columns = decoder->damage.rows = decoder->damage.count = 0;
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
