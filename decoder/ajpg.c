/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "decoder/ajpg.h"
#include "decoder/ajpg_tables.h"
#include "decoder/entropy.h"
#include "decoder/symbols.h"

struct ajpg_steps {
	int selector;                 /* -1: not made yet */
	int16_t luma[64], chroma[64]; /* at kernels_places */
};

struct ajpg {
	const struct kernels *kernels;
	struct entropy_table dc_luma, dc_chroma, ac_luma, ac_chroma;
	struct symbols symbols;
	struct ajpg_steps first, second;
	struct planes planes;
	bool keep; /* samples of macroblocks, for a second pass */

	decoder_progress_fn progress; /* may be NULL */
	void *progress_data;

	/* The frame at hand. */
	struct entropy_reader reader;
	const struct decoder_frame *frame;
	struct picture *picture;
	struct damage *damage;
	int16_t predictions[3]; /* Y, Cb, Cr */
	uint32_t palette[AJPG_PALETTE_SLOTS];
	int16_t values[6][64]; /* of the macroblock's blocks; all zero between macroblocks */
	int last[6];           /* zigzag position of a block's last value; 0: it has no detail */
	struct kernels_samples samples;
	uint32_t tile[8 * 8];         /* a vector-quantised macroblock's pixels */
	uint8_t named[256 * 256 / 8]; /* macroblocks of the frame, a bit each */
	int named_count;              /* how many of them are set */
};

struct ajpg *ajpg_new(const struct kernels *kernels)
{
	struct ajpg *ajpg = calloc(1, sizeof(*ajpg));

	if (!ajpg)
		return NULL;
	ajpg->kernels = kernels;
	ajpg->first.selector = ajpg->second.selector = -1;
	entropy_table_build(&ajpg->dc_luma, &ajpg_dc_luma, true);
	entropy_table_build(&ajpg->dc_chroma, &ajpg_dc_chroma, true);
	entropy_table_build(&ajpg->ac_luma, &ajpg_ac_luma, false);
	entropy_table_build(&ajpg->ac_chroma, &ajpg_ac_chroma, false);
	symbols_build(&ajpg->symbols, &ajpg->dc_luma, &ajpg->ac_luma, &ajpg->dc_chroma,
			&ajpg->ac_chroma);
	return ajpg;
}

void ajpg_free(struct ajpg *ajpg)
{
	if (!ajpg)
		return;
	planes_release(&ajpg->planes);
	free(ajpg);
}

void ajpg_on_progress(struct ajpg *ajpg, decoder_progress_fn fn, void *data)
{
	ajpg->progress = fn;
	ajpg->progress_data = data;
}

void ajpg_forget(struct ajpg *ajpg)
{
	planes_forget(&ajpg->planes);
}

static void ajpg_select(struct ajpg_steps *steps, int selector)
{
	if (selector < 0 || steps->selector == selector)
		return;
	for (int k = 0; k < 64; k++) {
		steps->luma[kernels_places[k]] = ajpg_luma_steps[selector][ajpg_zigzag[k]];
		steps->chroma[kernels_places[k]] = ajpg_chroma_steps[selector][ajpg_zigzag[k]];
	}
	steps->selector = selector;
}

/* --- Blocks of coefficients --- */

/* Takes the values of a macroblock in: luma blocks of Y, then Cb and Cr. */
static inline enum decoder_fault ajpg_values(struct ajpg *ajpg, int luma)
{
	enum entropy_status status = ajpg->kernels->values(&ajpg->reader.cursor, &ajpg->symbols,
			luma, ajpg->predictions, ajpg->values, ajpg->last);

	if (status == ENTROPY_OK && !entropy_past_end(&ajpg->reader))
		return DECODER_OK;
	memset(ajpg->values, 0, sizeof(ajpg->values));
	return status == ENTROPY_OK         ? DECODER_TRUNCATED
	       : status == ENTROPY_BAD_CODE ? DECODER_BAD_HUFFMAN
					    : DECODER_BAD_COEFFICIENT;
}

/* What no engine sends, and 16 bits do not hold. */
static void ajpg_large(
		struct ajpg *ajpg, int block, const int16_t steps[64], uint8_t *samples, int stride)
{
	int32_t coefficients[64];
	int16_t *values = ajpg->values[block];

	if (kernels_dequantise(values, steps, coefficients) <= KERNELS_MAGNITUDE)
		ajpg->kernels->idct(coefficients, ajpg->last[block], samples, stride);
	else
		kernels_idct_wide(coefficients, samples, stride);
	memset(values, 0, sizeof(ajpg->values[block]));
}

static uint8_t ajpg_flat(struct ajpg *ajpg, int block, const int16_t steps[64])
{
	int32_t coefficient = ajpg->values[block][0] * steps[0];

	ajpg->values[block][0] = 0;
	return kernels_flat(coefficient);
}

/* One block to samples. */
static inline void ajpg_samples(
		struct ajpg *ajpg, int block, const int16_t steps[64], uint8_t *samples, int stride)
{
	uint8_t sample;

	if (ajpg->last[block]) {
		if (!ajpg->kernels->transform(
				    ajpg->values[block], steps, ajpg->last[block], samples, stride))
			ajpg_large(ajpg, block, steps, samples, stride);
		return;
	}
	sample = ajpg_flat(ajpg, block, steps);
	for (int y = 0; y < 8; y++)
		memset(samples + y * stride, sample, 8);
}

static uint32_t *ajpg_pixels(const struct ajpg *ajpg, int column, int row)
{
	int unit = ajpg->damage->unit, stride = ajpg->picture->stride;

	return ajpg->picture->pixels + (size_t)row * unit * stride + column * unit;
}

/* A macroblock without detail is four squares. */
static bool ajpg_squares(struct ajpg *ajpg, const struct ajpg_steps *steps, uint32_t *pixels)
{
	uint8_t cb = ajpg_flat(ajpg, 4, steps->chroma), cr = ajpg_flat(ajpg, 5, steps->chroma);
	ptrdiff_t down = (ptrdiff_t)8 * ajpg->picture->stride;
	bool changed = false;

	for (int i = 0; i < 4; i++)
		changed |= ajpg->kernels->fill(kernels_colour(ajpg_flat(ajpg, i, steps->luma), cb,
							       cr, ajpg->frame->studio),
				pixels + i / 2 * down + i % 2 * 8, ajpg->picture->stride);
	return changed;
}

static enum decoder_fault ajpg_macroblock_420(
		struct ajpg *ajpg, const struct ajpg_steps *steps, int column, int row)
{
	struct kernels_samples *samples = &ajpg->samples;
	enum decoder_fault fault = ajpg_values(ajpg, 4);
	uint32_t *pixels = ajpg_pixels(ajpg, column, row);
	const int *last = ajpg->last;
	bool changed;

	if (fault != DECODER_OK)
		return fault;
	if (last[0] | last[1] | last[2] | last[3] | last[4] | last[5]) {
		for (int i = 0; i < 4; i++)
			ajpg_samples(ajpg, i, steps->luma, samples->luma + (i / 2 * 16 + i % 2) * 8,
					16);
		ajpg_samples(ajpg, 4, steps->chroma, samples->cb, 8);
		ajpg_samples(ajpg, 5, steps->chroma, samples->cr, 8);
		changed = ajpg->kernels->colour_420(
				samples, ajpg->frame->studio, pixels, ajpg->picture->stride);
	} else {
		changed = ajpg_squares(ajpg, steps, pixels);
	}
	if (changed)
		damage_mark(ajpg->damage, column, row);
	return DECODER_OK;
}

static enum decoder_fault ajpg_macroblock_444(struct ajpg *ajpg, const struct ajpg_steps *steps,
		bool residual, int column, int row)
{
	struct kernels_samples *samples = &ajpg->samples;
	bool studio = ajpg->frame->studio, changed;
	enum decoder_fault fault = ajpg_values(ajpg, 1);
	uint32_t *pixels = ajpg_pixels(ajpg, column, row);
	int stride = ajpg->picture->stride;

	if (fault != DECODER_OK)
		return fault;
	if (!residual && !ajpg->keep && !(ajpg->last[0] | ajpg->last[1] | ajpg->last[2])) {
		uint8_t luma = ajpg_flat(ajpg, 0, steps->luma);
		uint8_t cb = ajpg_flat(ajpg, 1, steps->chroma),
			cr = ajpg_flat(ajpg, 2, steps->chroma);

		changed = ajpg->kernels->fill(kernels_colour(luma, cb, cr, studio), pixels, stride);
	} else {
		ajpg_samples(ajpg, 0, steps->luma, samples->luma, 16);
		ajpg_samples(ajpg, 1, steps->chroma, samples->cb, 8);
		ajpg_samples(ajpg, 2, steps->chroma, samples->cr, 8);
		if (residual)
			planes_add(&ajpg->planes, ajpg->picture, column, row, studio, samples);
		else if (ajpg->keep)
			planes_store(&ajpg->planes, column, row, samples);
		changed = ajpg->kernels->colour_444(samples, studio, pixels, stride);
	}
	if (changed)
		damage_mark(ajpg->damage, column, row);
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

/* Takes the tile over into the picture, as kernels do: what looks the same is no damage. */
static void ajpg_show(struct ajpg *ajpg, int column, int row)
{
	uint32_t *pixels = ajpg_pixels(ajpg, column, row);
	size_t bytes = 8 * sizeof(*pixels);
	bool changed = false;

	for (int y = 0; y < 8; y++, pixels += ajpg->picture->stride) {
		if (memcmp(pixels, ajpg->tile + y * 8, bytes) == 0)
			continue;
		memcpy(pixels, ajpg->tile + y * 8, bytes);
		changed = true;
	}
	if (changed)
		damage_mark(ajpg->damage, column, row);
}

/* bits: of each index: 0, 1 or 2. */
static enum decoder_fault ajpg_vq(struct ajpg *ajpg, int bits, int column, int row)
{
	struct entropy_reader *reader = &ajpg->reader;
	int count = 1 << bits;
	uint32_t entries[4] = {0}, colours[4];
	uint8_t slots[4], indices[64] = {0};

	for (int i = 0; i < count; i++) {
		bool load = entropy_take(reader, 1);

		slots[i] = entropy_take(reader, 2);
		if (load)
			ajpg->palette[slots[i]] = entropy_take(reader, 24);
	}
	for (int i = 0; bits && i < 64; i++)
		indices[i] = entropy_take(reader, bits);
	if (entropy_past_end(reader))
		return DECODER_OK; /* the caller looks */
	for (int i = 0; i < count; i++) {
		uint32_t entry = entries[i] = ajpg->palette[slots[i]];

		colours[i] = kernels_colour(
				entry >> 16, entry >> 8 & 255, entry & 255, ajpg->frame->studio);
	}
	for (int i = 0; i < 64; i++)
		ajpg->tile[i] = colours[indices[i]];
	ajpg_show(ajpg, column, row);
	if (ajpg->keep) {
		ajpg_vq_samples(&ajpg->samples, entries, indices);
		planes_store(&ajpg->planes, column, row, &ajpg->samples);
	}
	return DECODER_OK;
}

/* --- Records --- */

static enum decoder_fault ajpg_record(struct ajpg *ajpg, int code, int column, int row)
{
	bool full_chroma = ajpg->frame->chroma == DECODER_444;
	bool second = ajpg->frame->second_selector >= 0;

	switch (code & ~AJPG_POSITION) {
	case AJPG_DCT:
		return full_chroma ? ajpg_macroblock_444(ajpg, &ajpg->first, false, column, row)
				   : ajpg_macroblock_420(ajpg, &ajpg->first, column, row);
	case AJPG_LOW:
		if (!second)
			return DECODER_BAD_MODE;
		return full_chroma ? ajpg_macroblock_444(ajpg, &ajpg->second, false, column, row)
				   : ajpg_macroblock_420(ajpg, &ajpg->second, column, row);
	case AJPG_PASS2:
		if (!second || !full_chroma)
			return DECODER_BAD_MODE;
		return ajpg_macroblock_444(ajpg, &ajpg->second, true, column, row);
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

static bool ajpg_begin(struct ajpg *ajpg, const struct decoder_frame *frame,
		struct picture *picture, struct damage *damage)
{
	ajpg->frame = frame;
	ajpg->picture = picture;
	ajpg->damage = damage;
	ajpg_select(&ajpg->first, frame->selector);
	ajpg_select(&ajpg->second, frame->second_selector);
	ajpg->keep = frame->chroma == DECODER_444 && frame->second_selector >= 0;
	if (!ajpg->keep)
		planes_forget(&ajpg->planes);
	else if (!planes_keep(&ajpg->planes, picture))
		return false;
	memset(ajpg->predictions, 0, sizeof(ajpg->predictions));
	memcpy(ajpg->palette, ajpg_palette, sizeof(ajpg->palette));
	memset(ajpg->named, 0, (size_t)(damage->columns * damage->rows + 7) / 8);
	ajpg->named_count = 0;
	entropy_start(&ajpg->reader, frame->data, frame->size);
	return true;
}

static void ajpg_name(struct ajpg *ajpg, int macroblock)
{
	uint8_t *byte = &ajpg->named[macroblock / 8], bit = 1 << macroblock % 8;

	ajpg->named_count += !(*byte & bit);
	*byte |= bit;
}

static bool ajpg_end(const struct ajpg *ajpg, enum decoder_fault fault, int column, int row,
		struct decoder_result *result)
{
	uint64_t word = entropy_position(&ajpg->reader) / 32;

	/* What was read past the end means nothing. */
	if (entropy_past_end(&ajpg->reader)) {
		fault = DECODER_TRUNCATED;
		word = ajpg->reader.words;
	}
	result->fault = fault;
	result->word = word;
	result->x = column;
	result->y = row;
	result->named = ajpg->named_count;
	result->key_frame = ajpg->named_count == ajpg->damage->columns * ajpg->damage->rows;
	return fault == DECODER_OK;
}

static void ajpg_report(struct ajpg *ajpg, const struct decoder_result *result)
{
	if (!ajpg->damage->count)
		return;
	ajpg->progress(ajpg->damage, result, ajpg->progress_data);
	damage_reset(ajpg->damage, ajpg->picture, ajpg->damage->unit);
}

bool ajpg_decode(struct ajpg *ajpg, const struct decoder_frame *frame, struct picture *picture,
		struct damage *damage, struct decoder_result *result)
{
	long records = (long)damage->columns * damage->rows * AJPG_RECORDS_CAP;
	enum decoder_fault fault;
	int column = 0, row = 0, fresh = 0; /* records since the last report */

	if (!ajpg_begin(ajpg, frame, picture, damage)) {
		*result = (struct decoder_result){.fault = DECODER_NO_MEMORY};
		return false;
	}
	for (;;) {
		int code;

		entropy_record(&ajpg->reader);
		code = entropy_take(&ajpg->reader, 4);
		if (code == AJPG_END)
			return ajpg_end(ajpg, DECODER_OK, column, row, result);
		if (code & AJPG_POSITION) {
			column = entropy_take(&ajpg->reader, 8);
			row = entropy_take(&ajpg->reader, 8);
			if (column >= damage->columns || row >= damage->rows)
				return ajpg_end(ajpg, DECODER_BAD_POSITION, column, row, result);
		}
		if (records-- == 0)
			return ajpg_end(ajpg, DECODER_TOO_MANY_BLOCKS, column, row, result);
		fault = ajpg_record(ajpg, code, column, row);
		if (fault != DECODER_OK || entropy_past_end(&ajpg->reader))
			return ajpg_end(ajpg, fault, column, row, result);
		ajpg_name(ajpg, row * damage->columns + column);
		if (ajpg->progress && ++fresh >= DECODER_PROGRESS) {
			fresh = 0;
			ajpg_report(ajpg, result);
		}
		if (++column == damage->columns) {
			column = 0;
			if (++row == damage->rows)
				row = 0;
		}
	}
}
