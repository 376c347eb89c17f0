/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "decoder/ajpg.h"
#include "decoder/ajpg_blocks.h"

static uint32_t ajpg_take(struct ajpg_blocks *ajpg, int count)
{
	uint32_t bits = codes_bits(ajpg->input.bytes, ajpg->position) >> (64 - count);

	ajpg->position += count;
	return bits;
}

static bool ajpg_past_end(const struct ajpg_blocks *ajpg)
{
	return ajpg->position > ajpg->input.left;
}

/* --- Blocks of coefficients --- */

static inline enum decoder_fault ajpg_find(
		struct ajpg_blocks *ajpg, const struct codes_table *table, int component, int i)
{
	struct coded_found *found = &ajpg->found[i];
	int32_t difference;
	enum entropy_status status = codes_block(
			table, ajpg->input.bytes, &ajpg->position, &difference, &found->string);

	if (status != ENTROPY_OK)
		return status == ENTROPY_BAD_CODE ? DECODER_BAD_HUFFMAN : DECODER_BAD_COEFFICIENT;
	/* As the hardware's, the predictor has 16 bits. */
	ajpg->predictions[component] = (int16_t)(uint16_t)(ajpg->predictions[component] +
							   difference);
	found->dc = ajpg->predictions[component];
	found->bits = ajpg->position - found->string;
	return DECODER_OK;
}

static enum decoder_fault ajpg_find_all(struct ajpg_blocks *ajpg)
{
	const struct codes *codes = &ajpg->draw->codes;
	int lumas = ajpg->blocks->each - 2;
	enum decoder_fault fault = DECODER_OK;

	for (int i = 0; i < lumas && fault == DECODER_OK; i++)
		fault = ajpg_find(ajpg, &codes->luma, 0, i);
	for (int i = 1; i < 3 && fault == DECODER_OK; i++)
		fault = ajpg_find(ajpg, &codes->chroma, i, lumas - 1 + i);
	return fault;
}

static bool ajpg_fits(const struct ajpg_blocks *ajpg)
{
	bool fits = true;

	for (int i = 0; i < ajpg->blocks->each; i++)
		fits = fits && ajpg->found[i].dc <= CODED_DC_MOST &&
		       ajpg->found[i].dc >= -CODED_DC_MOST;
	return fits;
}

/* Takes the tile over into the picture, which has the macroblock from now on. */
static void ajpg_show(struct ajpg_blocks *ajpg, int column, int row)
{
	struct coded *blocks = ajpg->blocks;
	size_t macroblock = (size_t)row * blocks->columns + column;
	bool moved = blocks->kind[macroblock] != CODED_PIXELS;

	coded_in_pixels(blocks, macroblock);
	if (coded_draw_show(ajpg->draw, blocks->unit, ajpg->picture, column, row) || moved)
		damage_mark(ajpg->damage, column, row);
}

static void ajpg_draw(struct ajpg_blocks *ajpg, uint8_t kind, int column, int row)
{
	coded_draw_found(ajpg->draw, kind, ajpg->found, ajpg->blocks->each, ajpg->input.bytes);
	if (ajpg->keep)
		planes_store(&ajpg->planes, column, row, &ajpg->draw->samples);
	coded_draw_tile(ajpg->draw, ajpg->blocks->unit, ajpg->frame->studio);
	ajpg_show(ajpg, column, row);
}

static enum decoder_fault ajpg_coded(struct ajpg_blocks *ajpg, uint8_t kind, int column, int row)
{
	size_t macroblock = (size_t)row * ajpg->blocks->columns + column;
	enum decoder_fault fault = ajpg_find_all(ajpg);

	if (fault != DECODER_OK || ajpg_past_end(ajpg))
		return fault;
	if (ajpg->frame->studio || !ajpg_fits(ajpg)) {
		ajpg_draw(ajpg, kind, column, row);
		return DECODER_OK;
	}
	if (!coded_reserve(ajpg->blocks))
		return DECODER_NO_MEMORY;
	if (coded_put(ajpg->blocks, macroblock, kind, ajpg->found, ajpg->input.bytes))
		damage_mark(ajpg->damage, column, row);
	if (ajpg->keep)
		ajpg->planes.known[macroblock] = 1;
	return DECODER_OK;
}

/* What the second pass adds to comes from the blocks where pixel decoding had kept its samples,
 * and else from the pixels. */
static void ajpg_recall(struct ajpg_blocks *ajpg, int column, int row)
{
	struct coded *blocks = ajpg->blocks;
	size_t macroblock = (size_t)row * blocks->columns + column;

	if (blocks->kind[macroblock] == CODED_PIXELS)
		return;
	if (!ajpg->planes.known[macroblock]) {
		coded_draw_one(ajpg->draw, blocks, ajpg->picture, macroblock);
		return;
	}
	coded_draw_kept(ajpg->draw, blocks, macroblock);
	planes_store(&ajpg->planes, column, row, &ajpg->draw->samples);
}

static enum decoder_fault ajpg_second_pass(
		struct ajpg_blocks *ajpg, uint8_t kind, int column, int row)
{
	struct coded_draw *draw = ajpg->draw;
	enum decoder_fault fault = ajpg_find_all(ajpg);

	if (fault != DECODER_OK || ajpg_past_end(ajpg))
		return fault;
	ajpg_recall(ajpg, column, row);
	coded_draw_found(draw, kind, ajpg->found, ajpg->blocks->each, ajpg->input.bytes);
	planes_add(&ajpg->planes, ajpg->picture, column, row, ajpg->frame->studio, &draw->samples);
	coded_draw_tile(draw, ajpg->blocks->unit, ajpg->frame->studio);
	ajpg_show(ajpg, column, row);
	return DECODER_OK;
}

/* --- Vector-quantised blocks --- */

static void ajpg_vq_samples(struct kernels_samples *samples, const uint32_t entries[4],
		const uint8_t indices[64])
{
	for (int i = 0; i < 64; i++) {
		uint32_t entry = entries[indices[i]];

		samples->luma[i / 8 * 16 + i % 8] = entry >> 16;
		samples->cb[i] = entry >> 8;
		samples->cr[i] = entry;
	}
}

/* bits: of each index: 0, 1 or 2. */
static enum decoder_fault ajpg_vq(struct ajpg_blocks *ajpg, int bits, int column, int row)
{
	int count = 1 << bits;
	uint32_t entries[4] = {0}, colours[4] = {0};
	uint8_t slots[4], indices[64] = {0};

	for (int i = 0; i < count; i++) {
		bool load = ajpg_take(ajpg, 1);

		slots[i] = ajpg_take(ajpg, 2);
		if (load)
			ajpg->palette[slots[i]] = ajpg_take(ajpg, 24);
	}
	for (int i = 0; bits && i < 64; i++)
		indices[i] = ajpg_take(ajpg, bits);
	if (ajpg_past_end(ajpg))
		return DECODER_OK; /* the caller looks */
	for (int i = 0; i < count; i++) {
		uint32_t entry = entries[i] = ajpg->palette[slots[i]];

		colours[i] = kernels_colour(
				entry >> 16, entry >> 8 & 255, entry & 255, ajpg->frame->studio);
	}
	for (int i = 0; i < 64; i++)
		ajpg->draw->tile[i] = colours[indices[i]];
	ajpg_show(ajpg, column, row);
	if (ajpg->keep) {
		ajpg_vq_samples(&ajpg->draw->samples, entries, indices);
		planes_store(&ajpg->planes, column, row, &ajpg->draw->samples);
	}
	return DECODER_OK;
}

/* --- Records --- */

static enum decoder_fault ajpg_record(struct ajpg_blocks *ajpg, int code, int column, int row)
{
	const struct decoder_frame *frame = ajpg->frame;
	bool full_chroma = frame->chroma == DECODER_444, second = frame->second_selector >= 0;

	switch (code & ~AJPG_POSITION) {
	case AJPG_DCT:
		return ajpg_coded(ajpg, frame->selector, column, row);
	case AJPG_LOW:
		if (!second)
			return DECODER_BAD_MODE;
		return ajpg_coded(ajpg, frame->second_selector, column, row);
	case AJPG_PASS2:
		if (!second || !full_chroma)
			return DECODER_BAD_MODE;
		return ajpg_second_pass(ajpg, frame->second_selector, column, row);
	case AJPG_VQ1:
	case AJPG_VQ2:
	case AJPG_VQ4:
		if (!full_chroma)
			return DECODER_BAD_MODE;
		return ajpg_vq(ajpg, (code & 7) - AJPG_VQ1, column, row);
	default:
		return DECODER_BAD_CODE;
	}
}

static bool ajpg_begin(struct ajpg_blocks *ajpg)
{
	const struct decoder_frame *frame = ajpg->frame;

	ajpg->keep = frame->chroma == DECODER_444 && frame->second_selector >= 0;
	if (!ajpg->keep)
		planes_forget(&ajpg->planes);
	else if (!planes_keep(&ajpg->planes, ajpg->picture))
		return false;
	memset(ajpg->predictions, 0, sizeof(ajpg->predictions));
	memcpy(ajpg->palette, ajpg_palette, sizeof(ajpg->palette));
	memset(ajpg->named, 0, (size_t)(ajpg->damage->columns * ajpg->damage->rows + 7) / 8);
	ajpg->named_count = 0;
	input_words_begin(&ajpg->input, frame->data, frame->size);
	ajpg->position = 0;
	return true;
}

static void ajpg_name(struct ajpg_blocks *ajpg, int macroblock)
{
	uint8_t *byte = &ajpg->named[macroblock / 8], bit = 1 << macroblock % 8;

	ajpg->named_count += !(*byte & bit);
	*byte |= bit;
}

static bool ajpg_end(const struct ajpg_blocks *ajpg, enum decoder_fault fault, int column, int row,
		struct decoder_result *result)
{
	size_t word = ajpg->input.before + ajpg->position / 32;

	/* What was read past the end means nothing. */
	if (ajpg_past_end(ajpg)) {
		fault = DECODER_TRUNCATED;
		word = ajpg->input.before + ajpg->input.left / 32;
	}
	result->fault = fault;
	result->word = word;
	result->x = column;
	result->y = row;
	result->named = ajpg->named_count;
	result->key_frame = ajpg->named_count == ajpg->damage->columns * ajpg->damage->rows;
	return fault == DECODER_OK;
}

static bool ajpg_records(struct ajpg_blocks *ajpg, struct decoder_result *result)
{
	int columns = ajpg->damage->columns, rows = ajpg->damage->rows, column = 0, row = 0;
	long records = (long)columns * rows * AJPG_RECORDS_CAP;

	for (;;) {
		enum decoder_fault fault;
		int code;

		if (ajpg->position >= INPUT_WINDOW * 8)
			ajpg->position = input_words_go_on(&ajpg->input, ajpg->position);
		code = ajpg_take(ajpg, 4);
		if (code == AJPG_END)
			return ajpg_end(ajpg, DECODER_OK, column, row, result);
		if (code & AJPG_POSITION) {
			column = ajpg_take(ajpg, 8);
			row = ajpg_take(ajpg, 8);
			if (column >= columns || row >= rows)
				return ajpg_end(ajpg, DECODER_BAD_POSITION, column, row, result);
		}
		if (records-- == 0)
			return ajpg_end(ajpg, DECODER_TOO_MANY_BLOCKS, column, row, result);
		fault = ajpg_record(ajpg, code, column, row);
		if (fault != DECODER_OK || ajpg_past_end(ajpg))
			return ajpg_end(ajpg, fault, column, row, result);
		ajpg_name(ajpg, row * columns + column);
		if (++column == columns) {
			column = 0;
			if (++row == rows)
				row = 0;
		}
	}
}

bool ajpg_blocks_decode(struct ajpg_blocks *ajpg, const struct decoder_frame *frame,
		struct coded *blocks, struct coded_draw *draw, struct picture *picture,
		struct damage *damage, struct decoder_result *result)
{
	ajpg->frame = frame;
	ajpg->blocks = blocks;
	ajpg->draw = draw;
	ajpg->picture = picture;
	ajpg->damage = damage;
	if (!ajpg_begin(ajpg)) {
		*result = (struct decoder_result){.fault = DECODER_NO_MEMORY};
		return false;
	}
	return ajpg_records(ajpg, result);
}

void ajpg_blocks_forget(struct ajpg_blocks *ajpg)
{
	planes_forget(&ajpg->planes);
}
