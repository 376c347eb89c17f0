/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include "decoder/text.h"
#include "tools/bench/scenes.h"

#define SCENE_CELL        16 /* of the mark; a macroblock in 4:2:0 */
#define SCENE_STATUS      50 /* characters */
#define SCENE_SCROLL_ROWS 25 /* lines of text: with the width about 11 % of a 1080p screen */

static void scene_box(struct picture *picture, int x, int y, int width, int height, uint32_t colour)
{
	for (int row = y; row < y + height; row++)
		for (int column = x; column < x + width; column++)
			if (row >= 0 && column >= 0 && row < picture->height &&
					column < picture->width)
				picture->pixels[(size_t)row * picture->stride + column] = colour;
}

/* A cheap hash for content that must look alike in every run. */
static uint32_t scene_noise(uint32_t n)
{
	n = (n ^ 61) ^ (n >> 16);
	n *= 9;
	n ^= n >> 4;
	n *= 0x27d4eb2d;
	return n ^ n >> 15;
}

static void scene_line(char *line, size_t size, uint32_t seed, int columns)
{
	static const char *const words[] = {"kernel:", "eth0", "link", "is", "up", "[  OK  ]",
			"Started", "systemd", "0x7f3a", "mount", "ext4", "usb", "1-1.2", "device",
			"found", "reading", "/etc/fstab", "done.", "PCI", "00:1f.2"};
	size_t used = 0;

	line[0] = 0;
	for (uint32_t i = 0; used + 12 < size && (int)used < columns; i++)
		used += snprintf(line + used, size - used, "%s ",
				words[scene_noise(seed * 31 + i) %
						(sizeof(words) / sizeof(words[0]))]);
	if ((size_t)columns < size)
		line[columns] = 0;
}

static void scene_lines(struct picture *picture, int x, int y, int columns, int rows, uint32_t seed,
		uint32_t ink)
{
	struct text_style style = {.ink = ink, .scale = 1};
	char line[512];

	for (int row = 0; row < rows; row++) {
		scene_line(line, sizeof(line), seed + row, columns);
		text_draw(picture, x, y + row * TEXT_HEIGHT, line, &style);
	}
}

static void scene_window(struct picture *picture, int x, int y, int width, int height,
		uint32_t paper, uint32_t ink, uint32_t seed)
{
	scene_box(picture, x, y, width, 28, 0x3b4252);
	scene_box(picture, x, y + 28, width, height - 28, paper);
	scene_lines(picture, x + 8, y + 36, (width - 16) / TEXT_WIDTH, (height - 44) / TEXT_HEIGHT,
			seed, ink);
}

static void scene_desktop(struct picture *picture, int step)
{
	for (int y = 0; y < picture->height; y++)
		for (int x = 0; x < picture->width; x++)
			picture->pixels[(size_t)y * picture->stride + x] =
					(uint32_t)(40 + 60 * y / picture->height) << 16 |
					(uint32_t)(70 + 50 * x / picture->width) << 8 |
					(uint32_t)(120 + 60 * y / picture->height);
	scene_box(picture, 0, 0, picture->width, 32, 0x2e3440);
	scene_window(picture, 60, 80, picture->width / 2, picture->height * 2 / 3, 0xfdf6e3,
			0x333333, 7);
	scene_window(picture, picture->width / 3 + step * 16, picture->height / 3,
			picture->width / 3, picture->height / 2, 0x101418, 0xc8d0d8, 99);
}

static void scene_photo(struct picture *picture, int step)
{
	for (int y = 0; y < picture->height; y++)
		for (int x = 0; x < picture->width; x++) {
			int value[3] = {0};

			/* Octaves of a lattice of random values, interpolated. */
			for (int octave = 7; octave >= 2; octave--) {
				int cell = 1 << octave, sx = x + step * 8;
				int fx = sx & (cell - 1), fy = y & (cell - 1);
				uint32_t base = scene_noise((sx >> octave) * 7919 +
							    (y >> octave) * 104729 + octave);
				uint32_t right = scene_noise(((sx >> octave) + 1) * 7919 +
							     (y >> octave) * 104729 + octave);
				uint32_t below = scene_noise((sx >> octave) * 7919 +
							     ((y >> octave) + 1) * 104729 + octave);

				for (int c = 0; c < 3; c++) {
					int b = base >> c * 8 & 255, r = right >> c * 8 & 255;
					int d = below >> c * 8 & 255;

					value[c] += (b + (r - b) * fx / cell +
								    (d - b) * fy / cell) *
						    cell / 256;
				}
			}
			for (int c = 0; c < 3; c++)
				value[c] = value[c] < 0 ? 0 : value[c] > 255 ? 255 : value[c];
			picture->pixels[(size_t)y * picture->stride + x] = (uint32_t)value[0]
											   << 16 |
									   (uint32_t)value[1] << 8 |
									   (uint32_t)value[2];
		}
}

void scene_draw(struct picture *picture, enum scene scene, int step)
{
	switch (scene) {
	case SCENE_DESKTOP:
		scene_desktop(picture, step);
		return;
	case SCENE_PHOTO:
		scene_photo(picture, step);
		return;
	case SCENE_TEXT:
		scene_box(picture, 0, 0, picture->width, picture->height, 0x000000);
		scene_lines(picture, 0, 0, picture->width / TEXT_WIDTH,
				(picture->height + TEXT_HEIGHT - 1) / TEXT_HEIGHT, 1000 + step,
				0xd0d0d0);
		return;
	}
}

void scene_status(struct picture *picture, int n)
{
	struct text_style style = {.ink = 0xd8dee9, .scale = 1};
	int width = SCENE_STATUS * TEXT_WIDTH, x = picture->width - width;
	char line[SCENE_STATUS + 16];

	scene_box(picture, x, 0, width, 32, 0x2e3440);
	scene_line(line, sizeof(line), 9000 + n, SCENE_STATUS);
	text_draw(picture, x, 8, line, &style);
}

void scene_dialog(struct picture *picture, int step)
{
	scene_window(picture, 400 + step * 16, 208, 384, 288, 0xeceff4, 0x2e3440, 42);
}

void scene_invert(struct picture *picture)
{
	for (int y = 0; y < picture->height; y++)
		for (int x = 0; x < picture->width; x++)
			picture->pixels[(size_t)y * picture->stride + x] ^= 0xffffff;
}

void scene_type(struct picture *picture, int n)
{
	struct text_style style = {.ink = 0xffffff, .paper = 0x101418, .opaque = true, .scale = 1};
	int columns = (picture->width / 3 - 32) / TEXT_WIDTH;

	text_draw_code(picture, picture->width / 3 + 16 + n % columns * TEXT_WIDTH,
			picture->height / 3 + 36 + n / columns % 20 * TEXT_HEIGHT, 'a' + n % 26,
			&style);
}

void scene_scroll(struct picture *picture, int n)
{
	struct text_style style = {.ink = 0x333333, .paper = 0xfdf6e3, .opaque = true, .scale = 1};
	int left = 60, top = 116, width = picture->width / 2, columns;
	int bottom = top + SCENE_SCROLL_ROWS * TEXT_HEIGHT;
	char line[512];

	if (width > picture->width / 3 - left)
		width = picture->width / 3 - left; /* as far as the front window */
	columns = (width - 16) / TEXT_WIDTH;
	for (int y = top; y < bottom - TEXT_HEIGHT; y++)
		memmove(picture->pixels + (size_t)y * picture->stride + left,
				picture->pixels + (size_t)(y + TEXT_HEIGHT) * picture->stride +
						left,
				width * sizeof(uint32_t));
	scene_box(picture, left, bottom - TEXT_HEIGHT, width, TEXT_HEIGHT, 0xfdf6e3);
	scene_line(line, sizeof(line), 5000 + n, columns);
	text_draw(picture, left + 8, bottom - TEXT_HEIGHT, line, &style);
}

/* The last row of cells; it may be cut by the edge. */
static int scene_last_row(int height)
{
	return (height - 1) / SCENE_CELL * SCENE_CELL;
}

void scene_mark(struct picture *picture, int number)
{
	for (int bit = 0; bit < SCENE_MARK_BITS; bit++) {
		uint32_t colour = number >> bit & 1 ? 0xffffff : 0x000000;

		scene_box(picture, bit * SCENE_CELL, 0, SCENE_CELL, SCENE_CELL, colour);
		scene_box(picture, bit * SCENE_CELL, scene_last_row(picture->height), SCENE_CELL,
				SCENE_CELL, colour);
	}
}

static int scene_read_row(const uint32_t *pixels)
{
	int number = 0;

	for (int bit = 0; bit < SCENE_MARK_BITS; bit++)
		if ((pixels[bit * SCENE_CELL + SCENE_CELL / 2] >> 8 & 255) > 127)
			number |= 1 << bit;
	return number;
}

int scene_read_mark(const uint32_t *pixels, int stride, int height)
{
	int last = scene_last_row(height);
	int top = scene_read_row(pixels + (size_t)SCENE_CELL / 2 * stride);
	int bottom = scene_read_row(pixels + (size_t)(last + (height - last) / 2) * stride);

	return top == bottom ? top : -1;
}
