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

/* What is most of the screen, for how many frames in a row, and how many are passed on then. */
#define DECODER_MOTION_PART   3 / 4
#define DECODER_MOTION_FRAMES 2
#define DECODER_PASS_FIRST    24
#define DECODER_PASS_MOST     32

/* As much of a scan that is the same as before says that what moved stands still again. */
#define DECODER_STILL_PART 1 / 4

/* An end mark is looked for in this many bytes: engines and cameras pad. */
#define DECODER_END_WITHIN 4096

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

static bool decoder_fail(struct decoder_result *result, enum decoder_fault fault)
{
	result->fault = fault;
	return false;
}

/* Somebody else draws. */
static void decoder_forget(struct decoder *decoder)
{
	ajpg_forget(decoder->ajpg);
	ajpg_blocks_forget(&decoder->ajpg_blocks);
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

/* From here on everything is in the pixels, which show the frame before. */
static void decoder_give_up_blocks(struct decoder *decoder)
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

/* Blocks of the damage's geometry, with all that they hold if it is the same as before. */
static bool decoder_blocks(struct decoder *decoder, struct decoder_result *result)
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

static void decoder_remember(struct decoder *decoder, const struct decoder_frame *frame)
{
	decoder->last_size = 0;
	if (frame->size > decoder->last_room) {
		size_t room = frame->size + frame->size / 4; /* the next are about as large */

		free(decoder->last);
		decoder->last = malloc(room);
		decoder->last_room = decoder->last ? room : 0;
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

/* By libjpeg, to pixels. */
static bool decoder_jpeg_pixels(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	int width, height;

	/* A frame that cannot be read to its end shows the one before in its rest. */
	decoder_give_up_blocks(decoder);
	decoder->last_size = 0;
	decoder->recode.passable = false;
	decoder_forget(decoder);
	if (!damage_reset(&decoder->damage, &decoder->picture, JPEG_UNIT))
		return decoder_fail(result, DECODER_NO_MEMORY);
	decoder->unit = JPEG_UNIT;
	if (!jpeg_begin(decoder->jpeg, frame->data, frame->size, &width, &height, result))
		return false;
	if (width != frame->width || height != frame->height)
		return decoder_fail(result, DECODER_BAD_FRAME);
	if (!jpeg_decode(decoder->jpeg, &decoder->picture, &decoder->damage, result))
		return false;
	decoder_remember(decoder, frame);
	return decoder_complete(decoder, result);
}

static size_t decoder_end_mark(const uint8_t *data, size_t size)
{
	size_t least = size > DECODER_END_WITHIN ? size - DECODER_END_WITHIN : 0;

	for (size_t i = size; i >= least + 2; i--)
		if (data[i - 2] == 0xff && data[i - 1] == 0xd9)
			return i - 2;
	return 0;
}

size_t decoder_passable(const struct decoder *decoder)
{
	size_t end;

	if (!decoder->last_size || !decoder->recode.passable)
		return 0;
	end = decoder_end_mark(decoder->last, decoder->last_size);
	return end ? end : decoder->last_size;
}

/* Whether libjpeg finds a frame of the announced size that any viewer shows. */
static bool decoder_jpeg_is_common(struct decoder *decoder, const struct decoder_frame *frame)
{
	struct decoder_result ignored;
	int width, height;

	return jpeg_begin(decoder->jpeg, frame->data, frame->size, &width, &height, &ignored) &&
	       width == frame->width && height == frame->height && jpeg_is_common(decoder->jpeg);
}

/*
 * Passes a frame on without a look into its scan: not when that is cut, nor when it is no JPEG that
 * any viewer shows. Returns false when somebody has to look.
 */
static bool decoder_jpeg_pass(struct decoder *decoder, const struct decoder_frame *frame,
		bool common, struct decoder_result *result)
{
	if (!decoder->last_size || !decoder_end_mark(frame->data, frame->size) ||
			(!common && !decoder_jpeg_is_common(decoder, frame)))
		return false;
	decoder_remember(decoder, frame);
	if (!decoder->last_size)
		return false;
	decoder->recode.passable = true;
	decoder->behind = decoder->passed = true;
	scroll_forget(&decoder->scroll);
	damage_all(&decoder->damage);
	return decoder_complete(decoder, result);
}

/* Scans are the same up to the first unit that changed, and no look into them is needed to see it.
 */
static bool decoder_begins_alike(const struct decoder *decoder, const struct decoder_frame *frame,
		const struct jpeg_head *head)
{
	size_t size = frame->size < decoder->last_size ? frame->size : decoder->last_size;

	return size > head->scan && memcmp(frame->data + head->scan, decoder->last + head->scan,
						    (size - head->scan) * DECODER_STILL_PART) == 0;
}

/* What a frame changed says whether the next ones are looked into. */
static void decoder_judge(struct decoder *decoder)
{
	const struct damage *damage = &decoder->damage;
	struct decoder_motion *motion = &decoder->motion;

	if (damage->count < damage->columns * damage->rows * DECODER_MOTION_PART) {
		*motion = (struct decoder_motion){0};
		return;
	}
	if (++motion->large < DECODER_MOTION_FRAMES)
		return;
	motion->pass = motion->next ? motion->next : DECODER_PASS_FIRST;
	motion->next = motion->pass * 2 < DECODER_PASS_MOST ? motion->pass * 2 : DECODER_PASS_MOST;
	motion->large = 0;
}

static bool decoder_jpeg_look(struct decoder *decoder, const struct decoder_frame *frame,
		const struct jpeg_head *head, struct decoder_result *result)
{
	struct coded *blocks = &decoder->blocks;
	uint8_t kind;

	if (!head || !decoder_blocks(decoder, result))
		return decoder_jpeg_pixels(decoder, frame, result);
	kind = jpeg_blocks_kind(head, blocks, &decoder->draw);
	if (!jpeg_blocks_decode(&decoder->jpeg_blocks, frame->data + head->scan,
			    frame->size - head->scan, kind, blocks, &decoder->draw.codes,
			    &decoder->damage)) {
		/* What came before the fault is drawn by libjpeg, or not at all. */
		if (!decoder->behind)
			coded_drawn(blocks);
		return decoder_jpeg_pixels(decoder, frame, result);
	}
	decoder_forget(decoder);
	decoder_remember(decoder, frame);
	if (decoder->passed && !decoder->last_size)
		return decoder_fail(result, DECODER_NO_MEMORY);
	if (decoder->passed)
		damage_all(&decoder->damage);
	decoder->behind = decoder->last_size && (blocks->stale_count || decoder->passed);
	decoder->passed = false;
	return decoder_complete(decoder, result);
}

static bool decoder_jpeg_blocks(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	struct jpeg_head head;
	bool common = jpeg_head_read(&head, frame->data, frame->size) &&
		      head.width == frame->width && head.height == frame->height;

	if (!decoder_resize(decoder, frame->width, frame->height, common ? head.unit : JPEG_UNIT,
			    result))
		return false;
	if (!result->resized && decoder_repeats(decoder, frame))
		return decoder_complete(decoder, result);
	if (!decoder->last_size)
		decoder_give_up_blocks(decoder);
	if (decoder->motion.pass > 0 && common && decoder_begins_alike(decoder, frame, &head))
		decoder->motion = (struct decoder_motion){0};
	if (decoder->motion.pass > 0) {
		decoder->motion.pass--;
		if (decoder_jpeg_pass(decoder, frame, common, result))
			return true;
	}
	if (!decoder_jpeg_look(decoder, frame, common ? &head : NULL, result)) {
		decoder->motion = (struct decoder_motion){0};
		return false;
	}
	decoder->recode.passable = common || jpeg_is_common(decoder->jpeg);
	decoder_judge(decoder);
	return true;
}

static bool decoder_jpeg(struct decoder *decoder, const struct decoder_frame *frame,
		struct decoder_result *result)
{
	if (decoder->keep)
		return decoder_jpeg_blocks(decoder, frame, result);
	if (!decoder_resize(decoder, frame->width, frame->height, JPEG_UNIT, result))
		return false;
	if (!result->resized && decoder_repeats(decoder, frame))
		return decoder_complete(decoder, result);
	return decoder_jpeg_pixels(decoder, frame, result);
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

static int decoder_least(int a, int b)
{
	return a < b ? a : b;
}

/* What was not looked into cannot be followed, and nothing of it was before it. */
static void decoder_follow_scroll(struct decoder *decoder)
{
	const struct picture *picture = &decoder->picture;
	struct scroll_found found;
	int unit = decoder->blocks.unit;

	decoder->scrolled.width = 0;
	if (!decoder->keep || !unit || decoder->passed || decoder->damage.unit != unit ||
			!scroll_follow(&decoder->scroll, &decoder->blocks, &decoder->damage,
					picture->height, &found))
		return;
	decoder->scrolled = (struct decoder_scroll){
			.x = found.left * unit,
			.y = found.top * unit,
			.width = decoder_least(found.right * unit, picture->width) -
				 found.left * unit,
			.height = decoder_least(found.bottom * unit, picture->height) -
				  found.top * unit,
			.below = found.below * unit,
			.rest = found.rest,
	};
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
