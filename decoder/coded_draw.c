/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "decoder/ajpg_tables.h"
#include "decoder/coded_draw.h"

void coded_draw_init(struct coded_draw *draw, const struct kernels *kernels)
{
	memset(draw, 0, sizeof(*draw));
	draw->kernels = kernels;
	codes_init(&draw->codes);
	for (int selector = 0; selector < AJPG_SELECTORS; selector++) {
		for (int k = 0; k < 64; k++) {
			draw->steps[selector][0][k] = ajpg_luma_steps[selector][ajpg_zigzag[k]];
			draw->steps[selector][1][k] = ajpg_chroma_steps[selector][ajpg_zigzag[k]];
		}
	}
}

void coded_draw_own(struct coded_draw *draw, const struct coded *blocks)
{
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 64; k++)
			draw->steps[CODED_OWN][i][k] = blocks->own[i][k];
}

static void draw_coefficient(struct entropy_block *block, int k, int32_t value)
{
	block->coefficients[ajpg_zigzag_columns[k]] = value;
	block->magnitude += value < 0 ? -value : value;
	block->last = k;
}

/* The AC codes are known to be good. */
static void draw_codes(struct entropy_block *block, const struct codes_table *table,
		const uint16_t steps[64], const uint8_t *bytes, size_t at)
{
	int k = 0;

	while (k < 63) {
		uint64_t bits = codes_bits(bytes, at);
		uint32_t entry = codes_single(table, bits);
		int size = CODES_SIZE(entry), take = CODES_TAKE(entry);

		if (entry & CODES_END)
			return;
		at += take;
		k += CODES_RUN(entry);
		draw_coefficient(block, k,
				size ? entropy_extend(bits << (take - size) >> (64 - size), size) *
								steps[k]
				     : 0);
	}
}

static void draw_flat(uint8_t *samples, int stride, uint8_t sample)
{
	for (int y = 0; y < 8; y++)
		memset(samples + (ptrdiff_t)y * stride, sample, 8);
}

static void draw_block(struct coded_draw *draw, const struct codes_table *table,
		const uint16_t steps[64], int32_t dc, int count, const uint8_t *bytes, size_t at,
		uint8_t *samples, int stride)
{
	struct entropy_block *block = &draw->block;

	if (count == table->end_length) {
		draw_flat(samples, stride, kernels_flat(dc * steps[0]));
		return;
	}
	block->magnitude = 0;
	draw_coefficient(block, 0, dc * steps[0]);
	draw_codes(block, table, steps, bytes, at);
	if (block->magnitude <= KERNELS_MAGNITUDE)
		draw->kernels->idct(block->coefficients, block->last, samples, stride);
	else
		kernels_idct_wide(block->coefficients, samples, stride);
	entropy_clear(block);
}

/* Where the samples of a macroblock's block go. */
static uint8_t *draw_place(struct coded_draw *draw, int each, int i, int *stride)
{
	struct kernels_samples *samples = &draw->samples;
	int lumas = each - 2;

	if (i < lumas) {
		*stride = 16;
		return samples->luma + (ptrdiff_t)(i / 2 * 16 + i % 2) * 8;
	}
	*stride = 8;
	return i == lumas ? samples->cb : samples->cr;
}

void coded_draw_found(struct coded_draw *draw, uint8_t kind, const struct coded_found *found,
		int each, const uint8_t *bytes)
{
	for (int i = 0; i < each; i++) {
		bool chroma = i >= each - 2;
		int stride;
		uint8_t *samples = draw_place(draw, each, i, &stride);

		draw_block(draw, chroma ? &draw->codes.chroma : &draw->codes.luma,
				draw->steps[kind][chroma], found[i].dc, found[i].bits, bytes,
				found[i].string, samples, stride);
	}
}

void coded_draw_kept(struct coded_draw *draw, const struct coded *blocks, size_t macroblock)
{
	const struct coded_block *block = blocks->block + macroblock * blocks->each;

	for (int i = 0; i < blocks->each; i++, block++) {
		bool chroma = i >= blocks->each - 2;
		uint64_t here[2] = {coded_word((uint64_t)block->string << 32), 0};
		const uint64_t *string = block->bits > 32 ? blocks->arena + block->string : here;
		int stride;
		uint8_t *samples = draw_place(draw, blocks->each, i, &stride);

		draw_block(draw, chroma ? &draw->codes.chroma : &draw->codes.luma,
				draw->steps[blocks->kind[macroblock]][chroma], block->dc,
				block->bits, (const uint8_t *)string, 0, samples, stride);
	}
}

void coded_draw_tile(struct coded_draw *draw, int unit, bool studio)
{
	if (unit == 16)
		draw->kernels->colour_420(&draw->samples, studio, draw->tile, 16);
	else
		draw->kernels->colour_444(&draw->samples, studio, draw->tile, 8);
}

bool coded_draw_show(const struct coded_draw *draw, int unit, struct picture *picture, int column,
		int row)
{
	size_t stride = picture->stride, bytes = unit * sizeof(*draw->tile);
	uint32_t *pixels = picture->pixels + (size_t)row * unit * stride + (size_t)column * unit;
	const uint32_t *tile = draw->tile;
	int y = 0;

	while (y < unit && memcmp(pixels, tile, bytes) == 0) {
		pixels += stride;
		tile += unit;
		y++;
	}
	if (y == unit)
		return false;
	for (; y < unit; y++, pixels += stride, tile += unit)
		memcpy(pixels, tile, bytes);
	return true;
}

void coded_draw_one(struct coded_draw *draw, struct coded *blocks, struct picture *picture,
		size_t macroblock)
{
	if (!blocks->stale[macroblock])
		return;
	coded_draw_kept(draw, blocks, macroblock);
	coded_draw_tile(draw, blocks->unit, false);
	coded_draw_show(draw, blocks->unit, picture, (int)(macroblock % blocks->columns),
			(int)(macroblock / blocks->columns));
	blocks->stale[macroblock] = 0;
	blocks->stale_count--;
}

void coded_draw_stale(struct coded_draw *draw, struct coded *blocks, struct picture *picture)
{
	size_t count = (size_t)blocks->columns * blocks->rows;

	if (!blocks->unit)
		return;
	for (size_t i = 0; i < count && blocks->stale_count; i++)
		coded_draw_one(draw, blocks, picture, i);
}
