/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A complete frame of the differential stream, made of the blocks that are kept. */
#include <string.h>
#include "decoder/ajpg.h"
#include "decoder/decoder_private.h"
#include "decoder/recode.h"

#define STREAM_CODE_BITS 4
#define STREAM_DC_MOST   22 /* a code of 11 bits and as many of value */

/* 32-bit words, little-endian, each from bit 31 on. */
struct stream {
	uint8_t *at;
	uint64_t bits; /* not yet out: the first count of them, on top */
	int count;
};

static void stream_word(struct stream *stream)
{
	uint32_t word = stream->bits >> 32;

	for (int i = 0; i < 4; i++)
		*stream->at++ = word >> 8 * i;
	stream->bits <<= 32;
	stream->count -= 32;
}

/* bits: the first count (1..32) on top. */
static inline void stream_put(struct stream *stream, uint32_t bits, int count)
{
	stream->bits |= (uint64_t)bits << 32 >> stream->count;
	stream->count += count;
	if (stream->count >= 32)
		stream_word(stream);
}

static void stream_code(struct stream *stream, int code)
{
	stream_put(stream, (uint32_t)code << (32 - STREAM_CODE_BITS), STREAM_CODE_BITS);
}

static void stream_dc(struct stream *stream, const struct codes_table *table, int32_t difference)
{
	uint32_t magnitude = difference < 0 ? -difference : difference;
	int size = magnitude ? 32 - __builtin_clz(magnitude) : 0;
	uint32_t value = (uint32_t)(difference - (difference < 0)) & ((1u << size) - 1);
	int count = table->dc_length[size] + size;

	stream_put(stream, ((uint32_t)table->dc_code[size] << size | value) << (32 - count), count);
}

static void stream_string(
		struct stream *stream, const struct coded_block *block, const uint64_t *arena)
{
	int left = block->bits;

	if (left <= 32) {
		if (left)
			stream_put(stream, block->string, left);
		return;
	}
	for (arena += block->string; left > 0; left -= 64, arena++) {
		uint64_t word = coded_word(*arena);

		stream_put(stream, word >> 32, left < 32 ? left : 32);
		if (left > 32)
			stream_put(stream, (uint32_t)word, left < 64 ? left - 32 : 32);
	}
}

static bool stream_has(const struct coded *blocks, int selector, int second)
{
	size_t count = (size_t)blocks->columns * blocks->rows;

	for (size_t i = 0; i < count; i++)
		if (blocks->kind[i] != selector && blocks->kind[i] != second)
			return false;
	return true;
}

size_t recode_ajpg_bound(const struct decoder *decoder)
{
	const struct coded *blocks = &decoder->blocks;
	size_t count = (size_t)blocks->columns * blocks->rows, bits = 0;

	if (!blocks->unit || decoder->last_size)
		return 0;
	for (size_t i = 0; i < count; i++)
		bits += blocks->cost[i];
	bits += count * (STREAM_CODE_BITS + (size_t)blocks->each * STREAM_DC_MOST);
	return bits / 8 + 16;
}

size_t recode_ajpg(const struct decoder *decoder, int selector, int second, uint8_t *bytes,
		size_t room)
{
	const struct coded *blocks = &decoder->blocks;
	const struct codes *codes = &decoder->draw.codes;
	size_t count = (size_t)blocks->columns * blocks->rows, bound = recode_ajpg_bound(decoder);
	struct stream stream = {.at = bytes};
	const struct coded_block *block = blocks->block;
	int lumas = blocks->each - 2;
	int32_t before[3] = {0};

	if (!bound || bound > room || !stream_has(blocks, selector, second))
		return 0;
	for (size_t i = 0; i < count; i++) {
		stream_code(&stream, blocks->kind[i] == selector ? AJPG_DCT : AJPG_LOW);
		for (int j = 0; j < blocks->each; j++, block++) {
			int component = j < lumas ? 0 : j - lumas + 1;
			const struct codes_table *table = component ? &codes->chroma : &codes->luma;

			stream_dc(&stream, table, block->dc - before[component]);
			before[component] = block->dc;
			stream_string(&stream, block, blocks->arena);
		}
	}
	stream_code(&stream, AJPG_END);
	if (stream.count)
		stream_word(&stream);
	return stream.at - bytes;
}
