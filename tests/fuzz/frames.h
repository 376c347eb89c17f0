/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Any frames for the decoder, one after the other. Each begins with a head of seven bytes: width
 * and height less one, flags (FRAMES_...), selector, second selector plus one, and the size of the
 * data that follow (little-endian, cut to what there is). Raw frames have their codec instead of
 * the selector, and instead of the second how much longer than four bytes for each pixel the stride
 * is, plus 128. Each frame also goes to a decoder that keeps blocks, which must say and show the
 * same, and be able to write what changed, and all of it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "decoder/decoder.h"
#include "decoder/recode.h"

#define FRAMES_HEAD       7
#define FRAMES_RECTANGLES 20

enum frames_flags {
	FRAMES_420 = 1 << 0,
	FRAMES_STUDIO = 1 << 1,
	FRAMES_709 = 1 << 2,
};

struct frames {
	struct decoder *decoder;
	struct decoder *blocks; /* it keeps them; its pixels are asked for now and then */
	int count;
	bool unseen; /* a JPEG with a fault was passed on in motion: they differ from there on */
	uint32_t *before; /* the picture before the frame; rows of its stride */
	int width, height;
};

static inline void frames_require(bool condition)
{
	if (!condition)
		abort();
}

static void frames_keep(struct frames *frames)
{
	const struct picture *picture = decoder_picture(frames->decoder);
	size_t bytes = sizeof(uint32_t) * picture->stride * picture->height;

	free(frames->before);
	frames->before = malloc(bytes + 1);
	frames->width = picture->width;
	frames->height = picture->height;
	if (bytes)
		memcpy(frames->before, picture->pixels, bytes);
}

static void frames_check_pixels(const struct frames *frames)
{
	const struct picture *picture = decoder_picture(frames->decoder);
	const struct damage *damage = decoder_damage(frames->decoder);
	bool same = picture->width == frames->width && picture->height == frames->height;

	for (int y = 0; y < picture->height; y++) {
		for (int x = 0; x < picture->width; x++) {
			size_t at = (size_t)y * picture->stride + x;
			bool marked = damage->count &&
				      damage->map[(size_t)(y / damage->unit) * damage->columns +
						      x / damage->unit];

			frames_require(picture->pixels[at] <= 0xffffff);
			frames_require(marked ||
					picture->pixels[at] == (same ? frames->before[at] : 0));
		}
	}
}

/* Whatever the data: the damage adds up, what is not in it has not changed, faults have a place. */
static void frames_check(const struct frames *frames, const struct decoder_frame *frame,
		const struct decoder_result *result, bool good)
{
	const struct damage *damage = decoder_damage(frames->decoder);
	int total = damage->columns * damage->rows, count = 0;

	frames_require(good == (result->fault == DECODER_OK));
	frames_require(result->word <= frame->size / 4);
	frames_require(result->x >= 0 && result->x < 256 && result->y >= 0 && result->y < 256);
	for (int i = 0; i < total; i++)
		count += damage->map[i];
	frames_require(count == damage->count);
	frames_require(result->named >= 0 && result->named <= total);
	frames_require(count <= result->named || frame->codec == DECODER_JPEG);
	frames_require(!good || frame->codec == DECODER_AJPG || result->key_frame);
	frames_require(!result->key_frame || result->named == total);
	frames_check_pixels(frames);
}

static void frames_same(const struct frames *frames)
{
	const struct picture *a = decoder_picture(frames->decoder);
	const struct picture *b = decoder_picture(frames->blocks);

	decoder_refresh(frames->blocks);
	frames_require(a->width == b->width && a->height == b->height);
	for (int y = 0; y < a->height; y++)
		frames_require(memcmp(a->pixels + (size_t)y * a->stride,
					       b->pixels + (size_t)y * b->stride,
					       sizeof(uint32_t) * a->width) == 0);
}

static void frames_write(struct frames *frames, const uint8_t *map)
{
	struct recode_rectangle plan[FRAMES_RECTANGLES];
	int most = 1 + frames->count % FRAMES_RECTANGLES;
	int count = recode_plan(frames->blocks, map, plan, most);

	frames_require(count <= most);
	for (int i = 0; i < count; i++) {
		size_t bound = recode_bound(frames->blocks, &plan[i]);
		uint8_t *bytes = malloc(bound);
		size_t size = recode_write(frames->blocks, &plan[i], bytes, bound);

		frames_require(bytes && size > 4 && size <= bound);
		frames_require(bytes[0] == 0xff && bytes[1] == 0xd8);
		frames_require(bytes[size - 2] == 0xff && bytes[size - 1] == 0xd9);
		free(bytes);
	}
}

/* What is kept, as one complete frame, shows the same from nothing. */
static void frames_complete(const struct frames *frames, const struct decoder_frame *frame)
{
	size_t bound = recode_ajpg_bound(frames->blocks);
	uint8_t *bytes = malloc(bound + 1);
	struct frames fresh = {.decoder = decoder_new(), .blocks = frames->blocks};
	struct decoder_frame complete = *frame;
	struct decoder_result result;

	frames_require(bytes && fresh.decoder);
	complete.size = recode_ajpg(
			frames->blocks, frame->selector, frame->second_selector, bytes, bound);
	frames_require(complete.size <= bound);
	complete.data = bytes;
	complete.studio = false; /* of that nothing is kept */
	if (complete.size) {
		frames_require(decoder_decode(fresh.decoder, &complete, &result));
		frames_require(result.key_frame);
		frames_same(&fresh);
	}
	decoder_free(fresh.decoder);
	free(bytes);
}

static void frames_same_result(const struct frames *frames, const struct decoder_result *a,
		const struct decoder_result *b)
{
	const struct damage *seen = decoder_damage(frames->decoder);
	const struct damage *kept = decoder_damage(frames->blocks);

	frames_require(a->fault == b->fault && a->word == b->word);
	frames_require(a->x == b->x && a->y == b->y);
	frames_require(a->resized == b->resized && a->key_frame == b->key_frame);
	if (seen->unit != kept->unit) /* JPEGs in 4:4:4 */
		return;
	frames_require(a->named == b->named);
	frames_require(seen->columns == kept->columns && seen->rows == kept->rows);
	for (int i = 0; i < seen->columns * seen->rows; i++)
		frames_require(seen->map[i] <= kept->map[i]);
}

static void frames_blocks(struct frames *frames, const struct decoder_frame *frame,
		const struct decoder_result *result)
{
	const struct damage *damage = decoder_damage(frames->blocks);
	struct decoder_result other;

	decoder_decode(frames->blocks, frame, &other);
	if (frame->codec == DECODER_JPEG && other.fault == DECODER_OK &&
			result->fault != DECODER_OK &&
			damage->count == damage->columns * damage->rows)
		frames->unseen = true;
	if (!frames->unseen)
		frames_same_result(frames, result, &other);
	if (damage->columns)
		frames_write(frames, damage->map);
	if (frame->codec == DECODER_AJPG && other.fault == DECODER_OK && frames->count % 2)
		frames_complete(frames, frame);
	if (++frames->count % 3 && !frames->unseen)
		frames_same(frames);
}

static void frames_decode(struct frames *frames, struct decoder_frame *frame, const uint8_t *data)
{
	uint8_t *exact = malloc(frame->size);
	struct decoder_result result;
	bool good;

	if (frame->size)
		memcpy(exact, data, frame->size);
	frame->data = exact;
	frames_keep(frames);
	good = decoder_decode(frames->decoder, frame, &result);
	frames_check(frames, frame, &result, good);
	frames_blocks(frames, frame, &result);
	if (frame->codec != DECODER_AJPG && good) {
		frames_require(decoder_decode(frames->decoder, frame, &result));
		frames_require(decoder_damage(frames->decoder)->count == 0);
	}
	free(exact);
}

static struct decoder_frame frames_head(enum decoder_codec codec, const uint8_t *data)
{
	static const enum decoder_codec raw[] = {
			DECODER_XBGR32, DECODER_BGR24, DECODER_UYVY, DECODER_YUYV};
	struct decoder_frame frame = {
			.size = data[5] | data[6] << 8,
			.codec = codec,
			.width = data[0] + 1,
			.height = data[1] + 1,
			.chroma = data[2] & FRAMES_420 ? DECODER_420 : DECODER_444,
			.selector = data[3] % 12,
			.second_selector = data[4] % 13 - 1,
			.studio = data[2] & FRAMES_STUDIO,
			.bt709 = data[2] & FRAMES_709,
			.stride = 4 * (data[0] + 1) + data[4] - 128,
	};

	if (codec != DECODER_AJPG && codec != DECODER_JPEG)
		frame.codec = raw[data[3] % 4];
	return frame;
}

/* codec: any raw one stands for all of them. */
static inline void frames_run(enum decoder_codec codec, const uint8_t *data, size_t size)
{
	struct frames frames = {.decoder = decoder_new(), .blocks = decoder_new()};

	frames_require(frames.decoder && frames.blocks);
	decoder_keep_blocks(frames.blocks, true);
	while (size >= FRAMES_HEAD) {
		struct decoder_frame frame = frames_head(codec, data);

		data += FRAMES_HEAD;
		size -= FRAMES_HEAD;
		if (frame.size > size)
			frame.size = size;
		frames_decode(&frames, &frame, data);
		data += frame.size;
		size -= frame.size;
	}
	if (!frames.unseen)
		frames_same(&frames);
	decoder_free(frames.decoder);
	decoder_free(frames.blocks);
	free(frames.before);
}
