/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/kernel/feed_picture.h"
#include <stddef.h>
#include <stdint.h>

#define CELL       16 /* pixels: a macroblock, so that no neighbour blurs it */
#define CELLS      (FEED_MARK_WIDTH / CELL)
#define BOX_WIDTH  96
#define BOX_HEIGHT 64
#define BOX_TOP    48 /* below the mark */
#define BAR_HEIGHT 12

const char *const feed_scene_names[FEED_SCENES] = {"desktop", "motion", "noise", "blank"};

struct canvas {
	uint32_t *pixels;
	int width, height, stride;
};

struct box {
	int x, y, width, height;
};

typedef uint32_t (*colour_fn)(int x, int y, unsigned int number);

static uint32_t hash(uint32_t value)
{
	value ^= value >> 16;
	value *= 0x7feb352d;
	value ^= value >> 15;
	value *= 0x846ca68b;
	return value ^ value >> 16;
}

static void fill(const struct canvas *canvas, struct box box, colour_fn colour, unsigned int number)
{
	for (int y = box.y < 0 ? 0 : box.y; y < box.y + box.height && y < canvas->height; y++)
		for (int x = box.x < 0 ? 0 : box.x; x < box.x + box.width && x < canvas->width; x++)
			canvas->pixels[(size_t)y * canvas->stride + x] = colour(x, y, number);
}

/* A flat background and two windows with something like text in them. */
static uint32_t colour_desktop(int x, int y, unsigned int number)
{
	bool window = x >= 40 && x < 480 && y >= 120 && y < 420;
	bool other = x >= 520 && x < 620 && y >= 200 && y < 460;

	if (!window && !other)
		return 0x1f3a5f + (uint32_t)(y / 64);
	if ((window && y < 140) || (other && y < 220))
		return 0x303030;
	if (y % 16 < 10 && x % 9 < 7 && hash((uint32_t)(x / 3 * 4099 + y / 2)) % 3 == 0)
		return 0x101010;
	return 0xf4f4f0;
}

static uint32_t colour_motion(int x, int y, unsigned int number)
{
	uint32_t red = (uint32_t)(x + 3 * (int)number) & 0xff;
	uint32_t green = (uint32_t)(y + 5 * (int)number) & 0xff;
	uint32_t blue = (uint32_t)((x + y) / 2 + 7 * (int)number) & 0xff;

	return red << 16 | green << 8 | blue;
}

static uint32_t colour_noise(int x, int y, unsigned int number)
{
	return hash(hash((uint32_t)(y * 4096 + x)) + number) & 0xffffff;
}

static uint32_t colour_blank(int x, int y, unsigned int number)
{
	return 0x808080;
}

static uint32_t colour_box(int x, int y, unsigned int number)
{
	return hash(number) & 0xffffff;
}

static uint32_t colour_bar(int x, int y, unsigned int number)
{
	return 0xe0a020;
}

/* Back and forth in a space: 0..space. */
static int bounce(unsigned int steps, int space)
{
	int at;

	if (space <= 0)
		return 0;
	at = (int)(steps % (unsigned int)(2 * space));
	return at < space ? at : 2 * space - at;
}

static struct box box_of(const struct canvas *canvas, unsigned int number)
{
	struct box box = {
			.x = bounce(number * 5, canvas->width - BOX_WIDTH),
			.y = BOX_TOP +
			     bounce(number * 3, canvas->height - BOX_TOP - BOX_HEIGHT - BAR_HEIGHT),
			.width = BOX_WIDTH,
			.height = BOX_HEIGHT,
	};

	return box;
}

static void draw_desktop(const struct canvas *canvas, unsigned int number, int drawn)
{
	struct box all = {0, 0, canvas->width, canvas->height};
	struct box bar = {0, canvas->height - BAR_HEIGHT, 0, BAR_HEIGHT};
	int before;

	if (drawn < 0) {
		fill(canvas, all, colour_desktop, 0);
		before = 0;
	} else {
		fill(canvas, box_of(canvas, (unsigned int)drawn), colour_desktop, 0);
		before = bounce((unsigned int)drawn, canvas->width);
	}
	bar.width = bounce(number, canvas->width);
	if (bar.width > before) {
		fill(canvas, (struct box){before, bar.y, bar.width - before, bar.height},
				colour_bar, 0);
	} else {
		fill(canvas, (struct box){bar.width, bar.y, before - bar.width, bar.height},
				colour_desktop, 0);
	}
	fill(canvas, box_of(canvas, number), colour_box, number);
}

/* A byte that is wrong unless the three below it are right, and that of no picture at all is wrong.
 */
static unsigned int check(unsigned int number)
{
	return ~hash(number) >> 24;
}

void feed_picture_mark(uint32_t *pixels, int width, int height, int stride, unsigned int number)
{
	struct canvas canvas = {pixels, width, height, stride};
	uint32_t bits = (number & FEED_NUMBER_MAX) | check(number & FEED_NUMBER_MAX) << 24;

	for (int i = 0; i < 32; i++) {
		struct box cell = {i % CELLS * CELL, i / CELLS * CELL, CELL, CELL};

		for (int y = cell.y; y < cell.y + CELL && y < canvas.height; y++)
			for (int x = cell.x; x < cell.x + CELL && x < canvas.width; x++)
				pixels[(size_t)y * stride + x] = bits >> i & 1 ? 0xffffff : 0;
	}
}

bool feed_picture_number(const uint32_t *pixels, int stride, unsigned int *number)
{
	uint32_t bits = 0;

	for (int i = 0; i < 32; i++) {
		int x = i % CELLS * CELL + CELL / 2, y = i / CELLS * CELL + CELL / 2;
		uint32_t pixel = pixels[(size_t)y * stride + x];
		uint32_t green = pixel >> 8 & 0xff;

		if (green > 0x50 && green < 0xb0)
			return false;
		bits |= (uint32_t)(green > 0x80) << i;
	}
	*number = bits & FEED_NUMBER_MAX;
	return bits >> 24 == check(*number);
}

void feed_picture(uint32_t *pixels, int width, int height, int stride, enum feed_scene scene,
		unsigned int number, int drawn)
{
	static const colour_fn colours[FEED_SCENES] = {
			[FEED_MOTION] = colour_motion,
			[FEED_NOISE] = colour_noise,
			[FEED_BLANK] = colour_blank,
	};
	struct canvas canvas = {pixels, width, height, stride};
	struct box all = {0, 0, width, height};

	if (scene == FEED_DESKTOP)
		draw_desktop(&canvas, number, drawn);
	else if (scene != FEED_BLANK || drawn < 0)
		fill(&canvas, all, colours[scene], number);
	feed_picture_mark(pixels, width, height, stride, number);
}
