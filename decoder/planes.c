/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "decoder/planes.h"

#define PLANES_BLOCK (3 * 64) /* samples of a macroblock */

bool planes_keep(struct planes *planes, const struct picture *picture)
{
	int columns = (picture->width + 7) / 8, rows = (picture->height + 7) / 8;
	size_t count = (size_t)columns * rows;

	if (planes->columns == columns && planes->rows == rows)
		return true;
	if (count > planes->room) {
		planes_release(planes);
		planes->samples = malloc(count * PLANES_BLOCK);
		planes->known = malloc(count);
		if (!planes->samples || !planes->known) {
			planes_release(planes);
			return false;
		}
		planes->room = count;
	}
	planes->columns = columns;
	planes->rows = rows;
	memset(planes->known, 0, count);
	return true;
}

void planes_forget(struct planes *planes)
{
	planes->columns = planes->rows = 0;
}

static size_t planes_index(const struct planes *planes, int column, int row)
{
	return (size_t)row * planes->columns + column;
}

void planes_store(struct planes *planes, int column, int row, const struct kernels_samples *samples)
{
	size_t index = planes_index(planes, column, row);
	uint8_t *kept = planes->samples + index * PLANES_BLOCK;

	for (int y = 0; y < 8; y++)
		memcpy(kept + y * 8, samples->luma + y * 16, 8);
	memcpy(kept + 64, samples->cb, 64);
	memcpy(kept + 128, samples->cr, 64);
	planes->known[index] = 1;
}

static void planes_from_pixels(
		uint8_t *kept, const struct picture *picture, int column, int row, bool studio)
{
	const uint32_t *pixels = picture->pixels + (size_t)row * 8 * picture->stride + column * 8;

	for (int i = 0; i < 64; i++)
		kernels_samples_of(pixels[(size_t)(i / 8) * picture->stride + i % 8], studio,
				kept + i, kept + 64 + i, kept + 128 + i);
}

static void planes_sum(uint8_t *kept, int stride, uint8_t *residual)
{
	for (int y = 0; y < 8; y++, kept += 8, residual += stride)
		for (int x = 0; x < 8; x++)
			residual[x] = kernels_clamp(kept[x] + residual[x] - 128);
}

void planes_add(struct planes *planes, const struct picture *picture, int column, int row,
		bool studio, struct kernels_samples *samples)
{
	size_t index = planes_index(planes, column, row);
	uint8_t *kept = planes->samples + index * PLANES_BLOCK;

	if (!planes->known[index])
		planes_from_pixels(kept, picture, column, row, studio);
	planes_sum(kept, 16, samples->luma);
	planes_sum(kept + 64, 8, samples->cb);
	planes_sum(kept + 128, 8, samples->cr);
	planes_store(planes, column, row, samples);
}

void planes_release(struct planes *planes)
{
	free(planes->samples);
	free(planes->known);
	*planes = (struct planes){0};
}
