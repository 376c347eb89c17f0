/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames of raw pixels: every format against plain arithmetic, damage, data that do not fit. */
#include <glib.h>
#include <math.h>
#include <string.h>
#include "decoder/decoder.h"
#include "decoder/kernels.h"

#define UNIT 16

static const enum decoder_codec codecs[] = {
		DECODER_XBGR32, DECODER_BGR24, DECODER_UYVY, DECODER_YUYV};

struct fixture {
	struct decoder *decoder;
	struct decoder_frame frame;
	struct decoder_result result;
	guint8 *bytes; /* stride * height, or less at the last row */
	gsize size;
};

static int row_bytes(enum decoder_codec codec, int width)
{
	return codec == DECODER_XBGR32  ? 4 * width
	       : codec == DECODER_BGR24 ? 3 * width
					: (width + 1) / 2 * 4;
}

static void fill(struct fixture *f)
{
	for (gsize i = 0; i < f->size; i++)
		f->bytes[i] = g_test_rand_int();
}

/* padding: bytes between rows; the last row has none. */
static void fixture_open(
		struct fixture *f, enum decoder_codec codec, int width, int height, int padding)
{
	int bytes = row_bytes(codec, width);

	*f = (struct fixture){.decoder = decoder_new(),
			.frame = {.codec = codec,
					.width = width,
					.height = height,
					.stride = bytes + padding},
			.size = (gsize)(bytes + padding) * (height - 1) + bytes};
	g_assert_nonnull(f->decoder);
	f->bytes = g_malloc(f->size);
	fill(f);
}

static void fixture_close(struct fixture *f)
{
	decoder_free(f->decoder);
	g_free(f->bytes);
}

/* The first bytes, alone in memory and at an odd address. */
static bool decode_part(struct fixture *f, gsize size)
{
	guint8 *exact = g_malloc(size + 1);
	bool good;

	if (size)
		memcpy(exact + 1, f->bytes, size);
	f->frame.data = exact + 1;
	f->frame.size = size;
	good = decoder_decode(f->decoder, &f->frame, &f->result);
	g_assert_cmpint(good, ==, f->result.fault == DECODER_OK);
	g_free(exact);
	return good;
}

static bool decode(struct fixture *f)
{
	return decode_part(f, f->size);
}

static guint32 shown(const struct fixture *f, int x, int y)
{
	const struct picture *picture = decoder_picture(f->decoder);

	return picture->pixels[(gsize)y * picture->stride + x];
}

static int changed(const struct fixture *f)
{
	return decoder_damage(f->decoder)->count;
}

static int total(const struct fixture *f)
{
	return decoder_damage(f->decoder)->columns * decoder_damage(f->decoder)->rows;
}

/* The recommendations' own formulas, unclamped; rgb: 0..255. */
static void exact_yuv(
		double y, double cb, double cr, const struct decoder_frame *frame, double rgb[3])
{
	double red = frame->bt709 ? 0.2126 : 0.299, blue = frame->bt709 ? 0.0722 : 0.114;

	y = frame->studio ? (y - 16) * 255 / 219 : y;
	cb = (cb - 128) * (frame->studio ? 255.0 / 224 : 1);
	cr = (cr - 128) * (frame->studio ? 255.0 / 224 : 1);
	rgb[0] = y + 2 * (1 - red) * cr;
	rgb[2] = y + 2 * (1 - blue) * cb;
	rgb[1] = (y - red * rgb[0] - blue * rgb[2]) / (1 - red - blue);
}

static void exact(const struct fixture *f, int x, int y, double rgb[3])
{
	const guint8 *row = f->bytes + (gsize)f->frame.stride * y, *pair = row + x / 2 * 4;

	switch (f->frame.codec) {
	case DECODER_UYVY:
		exact_yuv(pair[1 + x % 2 * 2], pair[0], pair[2], &f->frame, rgb);
		return;
	case DECODER_YUYV:
		exact_yuv(pair[x % 2 * 2], pair[1], pair[3], &f->frame, rgb);
		return;
	default:
		row += (gsize)x * (f->frame.codec == DECODER_BGR24 ? 3 : 4);
		for (int i = 0; i < 3; i++)
			rgb[i] = row[2 - i];
	}
}

static void assert_pixel(const struct fixture *f, int x, int y)
{
	bool yuv = f->frame.codec == DECODER_UYVY || f->frame.codec == DECODER_YUYV;
	guint32 pixel = shown(f, x, y);
	double rgb[3];

	exact(f, x, y, rgb);
	g_assert_cmphex(pixel >> 24, ==, 0);
	for (int i = 0; i < 3; i++)
		g_assert_cmpfloat(fabs(CLAMP(rgb[i], 0, 255) - (pixel >> (16 - 8 * i) & 255)), <=,
				yuv ? 0.6 : 0);
}

static void assert_like_the_source(const struct fixture *f)
{
	for (int y = 0; y < f->frame.height; y++)
		for (int x = 0; x < f->frame.width; x++)
			assert_pixel(f, x, y);
}

static void test_every_format_shows_what_was_sent(void)
{
	static const int sizes[][2] = {{1, 1}, {2, 3}, {15, 2}, {16, 16}, {17, 17}, {33, 18},
			{640, 4}, {1366, 3}, {4096, 2}, {3, 4096}};

	for (gsize i = 0; i < G_N_ELEMENTS(sizes) * 64; i++) {
		struct fixture f;
		const int *size = sizes[i / 64];

		fixture_open(&f, codecs[i % 4], size[0], size[1], (int)(i / 4 % 4 * 3));
		f.frame.studio = i & 16;
		f.frame.bt709 = i & 32;
		g_assert_true(decode(&f));
		g_assert_true(f.result.resized);
		g_assert_true(f.result.key_frame);
		g_assert_cmpint(decoder_damage(f.decoder)->unit, ==, UNIT);
		g_assert_cmpint(f.result.named, ==, total(&f));
		assert_like_the_source(&f);
		fixture_close(&f);
	}
}

static void test_every_sample_is_the_nearest_colour(void)
{
	for (int kind = 0; kind < 8; kind++) {
		struct fixture f;

		fixture_open(&f, kind & 1 ? DECODER_UYVY : DECODER_YUYV, 256, 256, 0);
		f.frame.studio = kind & 2;
		f.frame.bt709 = kind & 4;
		for (int luma = 0; luma < 256; luma += luma < 20 || luma > 230 ? 1 : 5) {
			for (int at = 0; at < 256 * 128; at++) {
				guint8 *pair = f.bytes + 4 * (gsize)at;

				pair[kind & 1] = luma;
				pair[2 + (kind & 1)] = 255 - luma;
				pair[1 - (kind & 1)] = at / 128;
				pair[3 - (kind & 1)] = at % 128 * 2 + luma % 2;
			}
			g_assert_true(decode(&f));
			for (int at = 0; at < 256 * 256; at += 3)
				assert_pixel(&f, at % 256, at / 256);
		}
		fixture_close(&f);
	}
}

/* Nor do black and white lose anything. */
static void test_greys_have_no_tint(void)
{
	for (int kind = 0; kind < 8; kind++) {
		bool studio = kind & 2;
		struct fixture f;

		fixture_open(&f, kind & 1 ? DECODER_UYVY : DECODER_YUYV, 256, 1, 0);
		f.frame.studio = studio;
		f.frame.bt709 = kind & 4;
		for (int x = 0; x < 256; x++) {
			f.bytes[2 * x + (kind & 1)] = x;
			f.bytes[2 * x + 1 - (kind & 1)] = 128;
		}
		g_assert_true(decode(&f));
		for (int x = 0; x < 256; x++) {
			g_assert_cmphex(shown(&f, x, 0), ==, (shown(&f, x, 0) & 255) * 0x010101);
			if (!studio)
				g_assert_cmphex(shown(&f, x, 0) & 255, ==, x);
		}
		g_assert_cmphex(shown(&f, studio ? 16 : 0, 0), ==, 0);
		g_assert_cmphex(shown(&f, studio ? 235 : 255, 0), ==, 0xffffff);
		fixture_close(&f);
	}
}

static void assert_kernels_agree(const struct kernels *kernels)
{
	const struct kernels *scalar = &kernels_scalar;
	const kernels_row_fn rows[][2] = {{scalar->xbgr32, kernels->xbgr32},
			{scalar->bgr24, kernels->bgr24}, {scalar->uyvy, kernels->uyvy},
			{scalar->yuyv, kernels->yuyv}};
	const struct kernels_yuv yuv = {16, 19077, 13075, -3209, -6660, 16525};

	for (int i = 0; i < 4000; i++) {
		guint8 bytes[3 * KERNELS_RUN * 4 + 1], marks[2][3] = {{0}};
		guint32 pixels[2][3 * KERNELS_RUN] = {{0}};

		for (gsize at = 0; at < sizeof(bytes); at++)
			bytes[at] = i & 4 ? g_test_rand_int() : (g_test_rand_int() & 1) * 255;
		for (int k = 0; k < 2; k++)
			rows[i % 4][k](bytes + i / 4 % 2, 3, &yuv, pixels[k], marks[k]);
		g_assert_cmpmem(pixels[0], sizeof(pixels[0]), pixels[1], sizeof(pixels[1]));
		g_assert_cmpmem(marks[0], 3, marks[1], 3);
	}
}

static void test_kernels_agree_to_the_bit(void)
{
	assert_kernels_agree(kernels_best());
#ifdef KERNELS_BASE
	assert_kernels_agree(&kernels_base);
#endif
}

static void test_damage_is_what_changed(void)
{
	for (gsize c = 0; c < G_N_ELEMENTS(codecs); c++) {
		struct fixture f;

		fixture_open(&f, codecs[c], 75, 41, 5);
		g_assert_true(decode(&f));
		for (int round = 0; round < 300; round++) {
			int x = g_test_rand_int_range(0, 75), y = g_test_rand_int_range(0, 41);
			gsize at = (gsize)f.frame.stride * y + row_bytes(codecs[c], x & ~1);
			guint32 before = shown(&f, x & ~1, y), after;

			f.bytes[at] ^= 0x80; /* blue, or the luma or chroma of an even pixel */
			g_assert_true(decode(&f));
			g_assert_false(f.result.resized);
			g_assert_true(f.result.key_frame);
			after = shown(&f, x & ~1, y);
			if (before != after)
				g_assert_cmpint(decoder_damage(f.decoder)
								->map[y / UNIT * 5 + x / UNIT],
						==, 1);
			g_assert_cmpint(changed(&f), <=, 1);
			if (codecs[c] == DECODER_XBGR32 || codecs[c] == DECODER_BGR24)
				g_assert_cmpint(changed(&f), ==, 1);
			g_assert_true(decode(&f));
			g_assert_cmpint(changed(&f), ==, 0);
		}
		assert_like_the_source(&f);
		fixture_close(&f);
	}
}

static void test_what_does_not_show_is_no_damage(void)
{
	struct fixture f;

	fixture_open(&f, DECODER_XBGR32, 37, 20, 12);
	g_assert_true(decode(&f));
	for (int y = 0; y < 20; y++) {
		guint8 *row = f.bytes + (gsize)f.frame.stride * y;

		for (int x = 0; x < 37; x++)
			row[4 * x + 3] ^= 0xff;
		if (y < 19)
			memset(row + 37 * 4, y, 12);
	}
	g_assert_true(decode(&f));
	g_assert_cmpint(changed(&f), ==, 0);
	fixture_close(&f);
	/* The second half of the last pair, where the width is odd. */
	fixture_open(&f, DECODER_YUYV, 37, 20, 0);
	g_assert_true(decode(&f));
	for (int y = 0; y < 20; y++)
		f.bytes[(gsize)f.frame.stride * y + 18 * 4 + 2] ^= 0xff;
	g_assert_true(decode(&f));
	g_assert_cmpint(changed(&f), ==, 0);
	fixture_close(&f);
}

/* What another codec left beyond the edge is none of ours. */
static void test_formats_take_turns(void)
{
	struct fixture f;

	fixture_open(&f, DECODER_XBGR32, 37, 20, 0);
	for (int round = 0; round < 40; round++) {
		struct fixture next;

		fixture_open(&next, codecs[g_test_rand_int_range(0, 4)], 37, 20, round % 5);
		decoder_free(next.decoder);
		next.decoder = f.decoder;
		g_assert_true(decode(&next));
		assert_like_the_source(&next);
		g_assert_true(decode(&next));
		g_assert_cmpint(changed(&next), ==, 0);
		g_free(next.bytes);
	}
	fixture_close(&f);
}

static void test_short_data_change_nothing(void)
{
	for (gsize c = 0; c < G_N_ELEMENTS(codecs); c++) {
		struct fixture f;

		fixture_open(&f, codecs[c], 19, 5, 3);
		g_assert_true(decode(&f));
		fill(&f);
		for (gsize size = 0; size < f.size; size++) {
			g_assert_false(decode_part(&f, size));
			g_assert_cmpint(f.result.fault, ==, DECODER_TRUNCATED);
			g_assert_cmpuint(f.result.word, ==, size / 4);
			g_assert_cmpint(f.result.y, ==, 0);
			g_assert_false(f.result.key_frame);
			g_assert_cmpint(changed(&f), ==, 0);
		}
		g_assert_true(decode(&f));
		assert_like_the_source(&f);
		fixture_close(&f);
	}
}

static void test_strides_and_sizes_out_of_range_are_refused(void)
{
	static const int sizes[][2] = {{0, 9}, {9, 0}, {-1, 9}, {9, -1}, {4097, 9}, {9, 4097},
			{G_MAXINT, G_MAXINT}, {G_MININT, 9}};

	for (gsize c = 0; c < G_N_ELEMENTS(codecs); c++) {
		int row = row_bytes(codecs[c], 19);
		const int strides[] = {0, -1, row - 1, -row, G_MININT};
		struct fixture f;

		fixture_open(&f, codecs[c], 19, 5, 3);
		g_assert_true(decode(&f));
		for (gsize i = 0; i < G_N_ELEMENTS(strides); i++) {
			f.frame.stride = strides[i];
			g_assert_false(decode(&f));
			g_assert_cmpint(f.result.fault, ==, DECODER_BAD_FRAME);
			g_assert_cmpint(changed(&f), ==, 0);
		}
		f.frame.stride = G_MAXINT;
		g_assert_false(decode(&f));
		g_assert_cmpint(f.result.fault, ==, DECODER_TRUNCATED);
		f.frame.stride = row + 3;
		for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
			f.frame.width = sizes[i][0];
			f.frame.height = sizes[i][1];
			g_assert_false(decode(&f));
			g_assert_cmpint(f.result.fault, ==, DECODER_BAD_FRAME);
			g_assert_cmpint(total(&f), ==, 0);
		}
		f.frame.width = 19;
		f.frame.height = 5;
		g_assert_true(decode(&f));
		assert_like_the_source(&f);
		fixture_close(&f);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/raw/" path, function)
	TEST("every-format-shows-what-was-sent", test_every_format_shows_what_was_sent);
	TEST("every-sample-is-the-nearest-colour", test_every_sample_is_the_nearest_colour);
	TEST("greys-have-no-tint", test_greys_have_no_tint);
	TEST("kernels-agree-to-the-bit", test_kernels_agree_to_the_bit);
	TEST("damage-is-what-changed", test_damage_is_what_changed);
	TEST("what-does-not-show-is-no-damage", test_what_does_not_show_is_no_damage);
	TEST("formats-take-turns", test_formats_take_turns);
	TEST("short-data-change-nothing", test_short_data_change_nothing);
	TEST("strides-and-sizes-out-of-range-are-refused",
			test_strides_and_sizes_out_of_range_are_refused);
	return g_test_run();
}
