/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "decoder/recode.h"
#include "src/coder.h"

static struct recode_rectangle coder_rectangle(const struct display_rectangle *rectangle)
{
	return (struct recode_rectangle){
			rectangle->x, rectangle->y, rectangle->width, rectangle->height};
}

/* --- Of the node's picture --- */

/* The decoder's units are smaller, as large, or larger; what is marked in part is marked. */
static void coder_spread(struct coder *coder, const struct display_damage *dirty,
		const struct damage *units, int column, int row)
{
	int left = column * dirty->unit / units->unit, top = row * dirty->unit / units->unit;
	int right = ((column + 1) * dirty->unit - 1) / units->unit;
	int bottom = ((row + 1) * dirty->unit - 1) / units->unit;

	for (int y = top; y <= bottom && y < units->rows; y++)
		for (int x = left; x <= right && x < units->columns; x++)
			coder->map[(size_t)y * units->columns + x] = 1;
}

static const uint8_t *coder_map(
		struct coder *coder, const struct display_damage *dirty, const struct damage *units)
{
	size_t size = (size_t)units->columns * units->rows;

	if (dirty->unit == units->unit && dirty->columns == units->columns &&
			dirty->rows == units->rows)
		return dirty->map;
	if (size > coder->room) {
		coder->map = g_realloc(coder->map, size);
		coder->room = size;
	}
	memset(coder->map, 0, size);
	for (int row = 0; row < dirty->rows; row++)
		for (int column = 0; column < dirty->columns; column++)
			if (dirty->map[(size_t)row * dirty->columns + column])
				coder_spread(coder, dirty, units, column, row);
	return coder->map;
}

static int coder_plan(const struct display_damage *dirty, struct display_rectangle *out, int most,
		void *data)
{
	struct coder *coder = data;
	const struct damage *units = decoder_damage(coder->decoder);
	struct recode_rectangle *plan = g_new(struct recode_rectangle, most);
	int count = recode_plan(coder->decoder, coder_map(coder, dirty, units), plan, most);

	for (int i = 0; i < count; i++)
		out[i] = (struct display_rectangle){
				plan[i].x, plan[i].y, plan[i].width, plan[i].height};
	g_free(plan);
	return count;
}

static bool coder_write(const struct display_rectangle *rectangle, GByteArray *out, void *data)
{
	struct coder *coder = data;
	struct recode_rectangle box = coder_rectangle(rectangle);
	size_t bound = recode_bound(coder->decoder, &box), written;
	guint before = out->len;

	g_byte_array_set_size(out, before + (guint)bound);
	written = recode_write(coder->decoder, &box, out->data + before, bound);
	g_byte_array_set_size(out, before + (guint)written);
	return written > 0;
}

static void coder_refresh(void *data)
{
	decoder_refresh(((struct coder *)data)->decoder);
}

void coder_of_decoder(struct coder *coder, struct decoder *decoder)
{
	*coder = (struct coder){
			.display = {.plan = coder_plan,
					.write = coder_write,
					.refresh = coder_refresh,
					.data = coder},
			.decoder = decoder,
	};
}

/* --- Of a drawn one --- */

/* Drawn pictures are shown whole, once: one rectangle around all that is marked. */
static int drawn_plan(const struct display_damage *dirty, struct display_rectangle *out, int most,
		void *data)
{
	const struct picture *picture = ((struct coder *)data)->drawn;
	int left = dirty->columns, top = dirty->rows, right = 0, bottom = 0;

	for (int row = 0; row < dirty->rows; row++) {
		for (int column = 0; column < dirty->columns; column++) {
			if (!dirty->map[(size_t)row * dirty->columns + column])
				continue;
			left = MIN(left, column);
			top = MIN(top, row);
			right = MAX(right, column + 1);
			bottom = row + 1;
		}
	}
	if (right == 0)
		return 0;
	*out = (struct display_rectangle){
			.x = left * dirty->unit,
			.y = top * dirty->unit,
			.width = MIN(right * dirty->unit, picture->width) - left * dirty->unit,
			.height = MIN(bottom * dirty->unit, picture->height) - top * dirty->unit,
	};
	return 1;
}

static bool drawn_write(const struct display_rectangle *rectangle, GByteArray *out, void *data)
{
	const struct picture *picture = ((struct coder *)data)->drawn;
	struct recode_rectangle box = coder_rectangle(rectangle);
	size_t bound = recode_picture_bound(&box), written;
	guint before = out->len;

	g_byte_array_set_size(out, before + (guint)bound);
	written = recode_picture(picture, &box, out->data + before, bound);
	g_byte_array_set_size(out, before + (guint)written);
	return written > 0;
}

static void drawn_refresh(void *data)
{
}

void coder_of_drawn(struct coder *coder, const struct picture *picture)
{
	*coder = (struct coder){
			.display = {.plan = drawn_plan,
					.write = drawn_write,
					.refresh = drawn_refresh,
					.data = coder},
			.drawn = picture,
	};
}

void coder_release(struct coder *coder)
{
	g_free(coder->map);
	coder->map = NULL;
	coder->room = 0;
}
