/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <jpeglib.h>
#include "tests/unit/twin.h"

void twin_open(struct twin *twin)
{
	*twin = (struct twin){.pixels = decoder_new(),
			.blocks = decoder_new(),
			.worst = INFINITY,
			.refresh_each = 1};
	g_assert_nonnull(twin->pixels);
	g_assert_nonnull(twin->blocks);
	decoder_keep_blocks(twin->blocks, true);
}

void twin_close(struct twin *twin)
{
	decoder_free(twin->pixels);
	decoder_free(twin->blocks);
	picture_release(&twin->viewer);
	picture_release(&twin->mover);
}

double twin_decibels(const struct picture *a, const struct picture *b)
{
	double sum = 0;

	g_assert_cmpint(a->width, ==, b->width);
	g_assert_cmpint(a->height, ==, b->height);
	for (int y = 0; y < a->height; y++) {
		for (int x = 0; x < a->width; x++) {
			guint32 p = a->pixels[(gsize)y * a->stride + x];
			guint32 q = b->pixels[(gsize)y * b->stride + x];

			for (int shift = 0; shift <= 16; shift += 8) {
				int off = (int)(p >> shift & 255) - (int)(q >> shift & 255);

				sum += off * off;
			}
		}
	}
	sum /= 3.0 * a->width * a->height;
	return sum > 0 ? 10 * log10(255 * 255 / sum) : INFINITY;
}

void twin_compare(struct twin *twin)
{
	const struct picture *a = decoder_picture(twin->pixels);
	const struct picture *b = decoder_picture(twin->blocks);

	decoder_refresh(twin->blocks);
	g_assert_cmpint(a->width, ==, b->width);
	g_assert_cmpint(a->height, ==, b->height);
	for (int y = 0; y < a->height; y++)
		for (int x = 0; x < a->width; x++)
			if (a->pixels[(gsize)y * a->stride + x] !=
					b->pixels[(gsize)y * b->stride + x])
				g_error("frame %d, pixel %d,%d: %06x by pixels, %06x by blocks",
						twin->frames, x, y,
						a->pixels[(gsize)y * a->stride + x],
						b->pixels[(gsize)y * b->stride + x]);
}

void twin_show(struct picture *picture, const struct recode_rectangle *rectangle,
		const guint8 *bytes, gsize size, bool smooth)
{
	struct jpeg_decompress_struct libjpeg;
	struct jpeg_error_mgr errors;
	g_autofree guint32 *line = g_new0(guint32, rectangle->width);
	JSAMPROW row = (JSAMPROW)line;

	libjpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&libjpeg);
	jpeg_mem_src(&libjpeg, bytes, size);
	g_assert_cmpint(jpeg_read_header(&libjpeg, TRUE), ==, JPEG_HEADER_OK);
	g_assert_cmpint(libjpeg.image_width, ==, rectangle->width);
	g_assert_cmpint(libjpeg.image_height, ==, rectangle->height);
	libjpeg.out_color_space = JCS_EXT_BGRX;
	libjpeg.do_fancy_upsampling = smooth;
	jpeg_start_decompress(&libjpeg);
	for (int y = 0; y < rectangle->height; y++) {
		guint32 *to = picture->pixels + (gsize)(rectangle->y + y) * picture->stride +
			      rectangle->x;

		jpeg_read_scanlines(&libjpeg, &row, 1);
		for (int x = 0; x < rectangle->width; x++)
			to[x] = line[x] & 0xffffff;
	}
	jpeg_finish_decompress(&libjpeg);
	g_assert_cmpint(errors.num_warnings, ==, 0);
	jpeg_destroy_decompress(&libjpeg);
}

/* Units of damage that a rectangle covers are crossed out. */
static void twin_cover(
		guint8 *left, const struct damage *damage, const struct recode_rectangle *rectangle)
{
	int unit = damage->unit;

	g_assert_cmpint(rectangle->x % unit, ==, 0);
	g_assert_cmpint(rectangle->y % unit, ==, 0);
	for (int y = rectangle->y / unit; y * unit < rectangle->y + rectangle->height; y++)
		for (int x = rectangle->x / unit; x * unit < rectangle->x + rectangle->width; x++)
			left[(gsize)y * damage->columns + x] = 0;
}

static void twin_send(struct twin *twin, const guint8 *map, struct picture *viewer)
{
	const struct damage *damage = decoder_damage(twin->blocks);
	gsize total = (gsize)damage->columns * damage->rows;
	g_autofree guint8 *left = g_malloc(total);
	struct recode_rectangle plan[TWIN_RECTANGLES];
	int lower = 0;

	memcpy(left, map, total);
	twin->rectangles = recode_plan(twin->blocks, map, plan, TWIN_RECTANGLES);
	g_assert_cmpint(twin->rectangles, <=, TWIN_RECTANGLES);
	twin->bytes = 0;
	for (int i = 0; i < twin->rectangles; i++) {
		gsize room = recode_bound(twin->blocks, &plan[i]);
		g_autofree guint8 *bytes = g_malloc(room);
		gsize size = recode_write(twin->blocks, &plan[i], bytes, room);

		g_assert_cmpuint(size, >, 0);
		g_assert_cmpuint(size, <=, room);
		g_assert_cmpint(plan[i].y + plan[i].height, >=, lower);
		lower = plan[i].y + plan[i].height;
		twin_cover(left, damage, &plan[i]);
		twin_show(viewer, &plan[i], bytes, size, twin->smooth);
		twin->bytes += size;
	}
	for (gsize i = 0; i < total; i++)
		g_assert_cmpint(left[i], ==, 0);
}

static void twin_copy(struct picture *picture, const struct decoder_scroll *scroll)
{
	g_assert_cmpint(scroll->x, >=, 0);
	g_assert_cmpint(scroll->y, >=, 0);
	g_assert_cmpint(scroll->x + scroll->width, <=, picture->width);
	g_assert_cmpint(scroll->y + scroll->height, <=, picture->height);
	g_assert_cmpint(scroll->y + scroll->below, >=, 0);
	g_assert_cmpint(scroll->y + scroll->below + scroll->height, <=, picture->height);
	for (int n = 0; n < scroll->height; n++) {
		int y = scroll->y + (scroll->below > 0 ? n : scroll->height - 1 - n);

		memmove(picture->pixels + (gsize)y * picture->stride + scroll->x,
				picture->pixels + (gsize)(y + scroll->below) * picture->stride +
						scroll->x,
				(gsize)scroll->width * sizeof(*picture->pixels));
	}
}

static void twin_judge(struct twin *twin, const struct picture *viewer)
{
	double decibels = twin_decibels(decoder_picture(twin->pixels), viewer);

	if (decibels < twin->worst)
		twin->worst = decibels;
}

static void twin_move(struct twin *twin, const struct decoder_scroll *scroll)
{
	twin_copy(&twin->mover, scroll);
	twin_send(twin, scroll->rest, &twin->mover);
	twin->moves++;
}

static void twin_follow(struct twin *twin, bool resized)
{
	const struct picture *picture = decoder_picture(twin->pixels);
	const struct damage *damage = decoder_damage(twin->blocks);
	const struct decoder_scroll *scroll = decoder_scroll(twin->blocks);

	if (resized) {
		g_assert_true(picture_resize(&twin->viewer, picture->width, picture->height));
		g_assert_true(picture_resize(&twin->mover, picture->width, picture->height));
	}
	if (!damage->columns)
		return;
	if (scroll && !resized)
		twin_move(twin, scroll);
	else
		twin_send(twin, damage->map, &twin->mover);
	twin_judge(twin, &twin->mover);
	twin_send(twin, damage->map, &twin->viewer);
	twin_judge(twin, &twin->viewer);
}

static void twin_same_result(const struct decoder_result *a, const struct decoder_result *b)
{
	g_assert_cmpint(a->fault, ==, b->fault);
	g_assert_cmpuint(a->word, ==, b->word);
	g_assert_cmpint(a->x, ==, b->x);
	g_assert_cmpint(a->y, ==, b->y);
	g_assert_cmpint(a->resized, ==, b->resized);
	g_assert_cmpint(a->key_frame, ==, b->key_frame);
}

/* What comes to look different is damage with blocks as well; more may be. */
static void twin_same_damage(const struct twin *twin)
{
	const struct damage *a = decoder_damage(twin->pixels), *b = decoder_damage(twin->blocks);
	int count = 0;

	for (int row = 0; row < b->rows; row++)
		for (int column = 0; column < b->columns; column++)
			count += b->map[(gsize)row * b->columns + column];
	g_assert_cmpint(count, ==, b->count);
	if (a->unit != b->unit)
		return;
	g_assert_cmpint(a->columns, ==, b->columns);
	g_assert_cmpint(a->rows, ==, b->rows);
	for (int i = 0; i < a->columns * a->rows; i++)
		g_assert_cmpint(a->map[i], <=, b->map[i]);
}

bool twin_decode(struct twin *twin, const struct decoder_frame *frame)
{
	struct decoder_frame exact = *frame;
	g_autofree guint8 *memory = g_malloc(frame->size);
	struct decoder_result result;

	if (frame->size)
		memcpy(memory, frame->data, frame->size);
	exact.data = memory;
	decoder_decode(twin->pixels, &exact, &twin->result);
	decoder_decode(twin->blocks, &exact, &result);
	twin_same_result(&twin->result, &result);
	twin_same_damage(twin);
	if (twin->follow)
		twin_follow(twin, result.resized);
	if (++twin->frames % twin->refresh_each == 0)
		twin_compare(twin);
	return twin->result.fault == DECODER_OK;
}
