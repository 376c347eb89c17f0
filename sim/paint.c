/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "decoder/text.h"
#include "sim/paint.h"

#define PAINT_SUB 4 /* sub-pixels in each direction, for smooth edges */

struct paint_box paint_cut(struct paint_box a, struct paint_box b)
{
	int left = a.x > b.x ? a.x : b.x, top = a.y > b.y ? a.y : b.y;
	int right = a.x + a.width < b.x + b.width ? a.x + a.width : b.x + b.width;
	int bottom = a.y + a.height < b.y + b.height ? a.y + a.height : b.y + b.height;

	if (right <= left || bottom <= top)
		return (struct paint_box){left, top, 0, 0};
	return (struct paint_box){left, top, right - left, bottom - top};
}

void paint_begin(struct paint *paint, const struct picture *picture, struct paint_box clip)
{
	struct paint_box all = {0, 0, picture->width, picture->height};

	paint->clip = paint_cut(all, clip);
	paint->view = *picture;
	paint->view.width = paint->clip.width;
	paint->view.height = paint->clip.height;
	paint->view.pixels += (size_t)paint->clip.y * picture->stride + paint->clip.x;
}

/* The pixel at a place of the whole picture, which is inside the clip. */
static uint32_t *paint_at(const struct paint *paint, int x, int y)
{
	return paint->view.pixels + (size_t)(y - paint->clip.y) * paint->view.stride +
	       (x - paint->clip.x);
}

void paint_narrow(struct paint *narrow, const struct paint *paint, struct paint_box clip)
{
	narrow->clip = paint_cut(paint->clip, clip);
	narrow->view = paint->view;
	narrow->view.width = narrow->clip.width;
	narrow->view.height = narrow->clip.height;
	if (narrow->clip.width > 0)
		narrow->view.pixels = paint_at(paint, narrow->clip.x, narrow->clip.y);
}

void paint_fill(struct paint *paint, struct paint_box box, uint32_t colour, int alpha)
{
	struct paint_box part = paint_cut(box, paint->clip);

	for (int y = part.y; part.width > 0 && y < part.y + part.height; y++) {
		uint32_t *line = paint_at(paint, part.x, y);

		for (int x = 0; x < part.width; x++)
			line[x] = alpha == 255 ? colour : paint_mix(line[x], colour, alpha);
	}
}

void paint_gradient(struct paint *paint, struct paint_box box, uint32_t top, uint32_t bottom)
{
	for (int y = 0; y < box.height; y++) {
		struct paint_box line = {box.x, box.y + y, box.width, 1};

		paint_fill(paint, line, paint_mix(top, bottom, y * 255 / box.height), 255);
	}
}

/* How much of the pixel `across, down` from a corner's centre a quarter disc covers, 0..PAINT_SUB
 * squared. */
static int paint_cover(int across, int down, int outer, int inner)
{
	int covered = 0;

	/* In half sub-pixels, so that sub-pixel centres are whole numbers. */
	outer *= 2 * PAINT_SUB;
	inner *= 2 * PAINT_SUB;
	for (int sub_y = 0; sub_y < PAINT_SUB; sub_y++) {
		for (int sub_x = 0; sub_x < PAINT_SUB; sub_x++) {
			int x = across * 2 * PAINT_SUB + 2 * sub_x + 1;
			int y = down * 2 * PAINT_SUB + 2 * sub_y + 1;
			int distance = x * x + y * y;

			covered += distance <= outer * outer && distance >= inner * inner;
		}
	}
	return covered;
}

static void paint_dot(struct paint *paint, int x, int y, uint32_t colour, int alpha)
{
	struct paint_box clip = paint->clip;
	uint32_t *pixel;

	if (x < clip.x || y < clip.y || x >= clip.x + clip.width || y >= clip.y + clip.height)
		return;
	pixel = paint_at(paint, x, y);
	*pixel = paint_mix(*pixel, colour, alpha);
}

void paint_ring(struct paint *paint, int x, int y, int radius, int thickness, uint32_t colour,
		int alpha)
{
	int inner = thickness < radius ? radius - thickness : 0;
	struct paint_box box = {x - radius, y - radius, 2 * radius, 2 * radius};
	struct paint_box part = paint_cut(box, paint->clip);

	for (int row = part.y; part.width > 0 && row < part.y + part.height; row++) {
		for (int column = part.x; column < part.x + part.width; column++) {
			int across = column >= x ? column - x : x - 1 - column;
			int down = row >= y ? row - y : y - 1 - row;
			int covered = paint_cover(across, down, radius, inner);

			if (covered > 0)
				paint_dot(paint, column, row, colour,
						alpha * covered / (PAINT_SUB * PAINT_SUB));
		}
	}
}

void paint_rounded(
		struct paint *paint, struct paint_box box, int radius, uint32_t colour, int alpha)
{
	struct paint_box middle = {box.x, box.y + radius, box.width, box.height - 2 * radius};

	paint_fill(paint, middle, colour, alpha);
	for (int down = 0; down < radius; down++) {
		int rows[] = {box.y + radius - 1 - down, box.y + box.height - radius + down};

		for (int i = 0; i < 2; i++) {
			struct paint_box line = {
					box.x + radius, rows[i], box.width - 2 * radius, 1};

			paint_fill(paint, line, colour, alpha);
			for (int across = 0; across < radius; across++) {
				int covered = paint_cover(across, down, radius, 0);
				int shade = alpha * covered / (PAINT_SUB * PAINT_SUB);

				paint_dot(paint, box.x + radius - 1 - across, rows[i], colour,
						shade);
				paint_dot(paint, box.x + box.width - radius + across, rows[i],
						colour, shade);
			}
		}
	}
}

void paint_text(struct paint *paint, int x, int y, const char *text, uint32_t colour, int scale)
{
	struct text_style style = {colour, 0, false, scale};

	text_draw(&paint->view, x - paint->clip.x, y - paint->clip.y, text, &style);
}

void paint_copy(struct paint *paint, const struct picture *from)
{
	for (int y = paint->clip.y; y < paint->clip.y + paint->clip.height; y++)
		memcpy(paint_at(paint, paint->clip.x, y),
				from->pixels + (size_t)y * from->stride + paint->clip.x,
				paint->clip.width * sizeof(*from->pixels));
}
