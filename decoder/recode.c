/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "decoder/decoder_private.h"
#include "decoder/recode.h"
#include "decoder/recode_pixels.h"
#include "decoder/recode_writer.h"

/* A block's DC at most: a code of 11 bits and as many of value. */
#define RECODE_DC_MOST 22

/* The rectangle in macroblocks; false when it is not in the picture. */
static bool recode_part_of(const struct decoder *decoder, const struct recode_rectangle *rectangle,
		struct recode_part *part)
{
	const struct picture *picture = &decoder->picture;
	int unit = decoder->unit;

	if (rectangle->x < 0 || rectangle->y < 0 || rectangle->width < 1 || rectangle->height < 1 ||
			rectangle->width > picture->width - rectangle->x ||
			rectangle->height > picture->height - rectangle->y)
		return false;
	part->left = rectangle->x / unit;
	part->top = rectangle->y / unit;
	part->right = (rectangle->x + rectangle->width + unit - 1) / unit;
	part->bottom = (rectangle->y + rectangle->height + unit - 1) / unit;
	return true;
}

/* Whether all of a part's macroblocks have blocks of one kind, which goes to part. */
static bool recode_has_blocks(const struct decoder *decoder,
		const struct recode_rectangle *rectangle, struct recode_part *part)
{
	const struct coded *blocks = &decoder->blocks;
	int unit = decoder->unit;

	if (!blocks->unit || decoder->passed || rectangle->x % unit || rectangle->y % unit)
		return false;
	part->kind = blocks->kind[(size_t)part->top * blocks->columns + part->left];
	if (part->kind == CODED_PIXELS)
		return false;
	for (int row = part->top; row < part->bottom; row++) {
		const uint8_t *kind = blocks->kind + (size_t)row * blocks->columns;

		for (int column = part->left; column < part->right; column++)
			if (kind[column] != part->kind)
				return false;
	}
	return true;
}

static bool recode_is_whole(const struct decoder *decoder, const struct recode_rectangle *rectangle)
{
	return rectangle->x == 0 && rectangle->y == 0 &&
	       rectangle->width == decoder->picture.width &&
	       rectangle->height == decoder->picture.height;
}

/* Bytes of the last JPEG, if it can be sent as it is; its end mark is not among them. */
static size_t recode_last(const struct decoder *decoder, const struct recode_rectangle *rectangle)
{
	size_t size = decoder_passable(decoder);

	if (!size || !recode_is_whole(decoder, rectangle))
		return 0;
	if (decoder->recode.full_header && !recode_has_tables(decoder->last, size))
		return 0;
	return size;
}

static size_t recode_blocks_bound(const struct coded *blocks, const struct recode_part *part)
{
	size_t bits = 0, count = (size_t)(part->right - part->left) * (part->bottom - part->top);

	for (int row = part->top; row < part->bottom; row++) {
		const uint16_t *cost = blocks->cost + (size_t)row * blocks->columns;

		for (int column = part->left; column < part->right; column++)
			bits += cost[column];
	}
	bits += count * blocks->each * RECODE_DC_MOST;
	/* Each byte may be one that wants another one behind it. */
	return RECODE_HEADER_MOST + (bits + 7) / 8 * 2 + RECODE_WRITER_SLACK;
}

void recode_full_header(struct decoder *decoder, bool full)
{
	decoder->recode.full_header = full;
}

size_t recode_bound(struct decoder *decoder, const struct recode_rectangle *rectangle)
{
	struct recode_part part;
	size_t last = recode_last(decoder, rectangle);

	if (last)
		return last + 2;
	if (!recode_part_of(decoder, rectangle, &part))
		return 0;
	if (recode_has_blocks(decoder, rectangle, &part))
		return recode_blocks_bound(&decoder->blocks, &part);
	return recode_picture_bound(rectangle);
}

static size_t recode_pass(const struct decoder *decoder, size_t size, uint8_t *bytes)
{
	memcpy(bytes, decoder->last, size);
	bytes[size] = 0xff;
	bytes[size + 1] = 0xd9; /* EOI */
	return size + 2;
}

/* What a rectangle shows is to be in the pixels. */
static void recode_draw(struct decoder *decoder, const struct recode_part *part)
{
	struct coded *blocks = &decoder->blocks;

	if (decoder->behind) {
		decoder_refresh(decoder);
		return;
	}
	if (!blocks->unit || !blocks->stale_count)
		return;
	for (int row = part->top; row < part->bottom; row++)
		for (int column = part->left; column < part->right; column++)
			coded_draw_one(&decoder->draw, blocks, &decoder->picture,
					(size_t)row * blocks->columns + column);
}

size_t recode_write(struct decoder *decoder, const struct recode_rectangle *rectangle,
		uint8_t *bytes, size_t room)
{
	struct recode *recode = &decoder->recode;
	struct recode_part part;
	size_t last = recode_last(decoder, rectangle);

	if (!room || recode_bound(decoder, rectangle) > room)
		return 0;
	if (last)
		return recode_pass(decoder, last, bytes);
	if (!recode_part_of(decoder, rectangle, &part))
		return 0;
	if (recode_has_blocks(decoder, rectangle, &part))
		return recode_write_blocks(&decoder->blocks, &decoder->draw, &part,
				rectangle->width, rectangle->height, recode->full_header, bytes);
	recode_draw(decoder, &part);
	if (!recode->pixels)
		recode->pixels = recode_pixels_new();
	return recode_pixels_write(recode->pixels, &decoder->picture, rectangle,
			recode->full_header, bytes, room);
}

void recode_release(struct recode *recode)
{
	recode_pixels_free(recode->pixels);
	free(recode->sums);
	free(recode->runs);
	*recode = (struct recode){0};
}
