/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JPEG frames: which are looked into, block by block, which are passed on as they are, and which
 * only libjpeg can read. */
#include <stdlib.h>
#include <string.h>
#include "decoder/decoder_private.h"

/* What is most of the screen, for how many frames in a row, and how many are passed on then. */
#define DECODER_MOTION_PART   3 / 4
#define DECODER_MOTION_FRAMES 2
#define DECODER_PASS_FIRST    24
#define DECODER_PASS_MOST     32

/* As much of a scan that is the same as before says that what moved stands still again. */
#define DECODER_STILL_PART 1 / 4

/* An end mark is looked for in this many bytes: engines and cameras pad. */
#define DECODER_END_WITHIN 4096

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

bool decoder_jpeg(struct decoder *decoder, const struct decoder_frame *frame,
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
