/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernels against exact arithmetic, and against each other to the bit. */
#include <glib.h>
#include <math.h>
#include <string.h>
#include "decoder/ajpg_tables.h"
#include "decoder/kernels.h"

#define ROUNDS 20000

/* Those that were built and run here, the scalar one first; ends with NULL. */
static void tables(const struct kernels *list[4])
{
	int count = 0;

	list[count++] = &kernels_scalar;
#ifdef KERNELS_BASE
	list[count++] = &kernels_base;
#endif
#if defined(KERNELS_AVX2) || defined(KERNELS_NEON)
	if (kernels_best() == &kernels_special)
		list[count++] = &kernels_special;
#endif
	list[count] = NULL;
}

/* T.81 A.3.3, unclamped, level shift included. Coefficients lie column after column. */
static void exact_idct(const gint32 coefficients[64], double samples[64])
{
	static double cosines[8][8];
	double half[64];

	for (int x = 0; x < 8; x++)
		for (int u = 0; u < 8; u++)
			cosines[x][u] = cos((2 * x + 1) * u * G_PI / 16) / (u ? 2 : 2 * sqrt(2));
	for (int v = 0; v < 8; v++) {
		for (int x = 0; x < 8; x++) {
			half[v * 8 + x] = 0;
			for (int u = 0; u < 8; u++)
				half[v * 8 + x] += cosines[x][u] * coefficients[u * 8 + v];
		}
	}
	for (int y = 0; y < 8; y++) {
		for (int x = 0; x < 8; x++) {
			samples[y * 8 + x] = 128;
			for (int v = 0; v < 8; v++)
				samples[y * 8 + x] += cosines[y][v] * half[v * 8 + x];
		}
	}
}

/* Up to count coefficients below a zigzag position, their sum at most limit. Returns the last
 * position. */
static int draw_block(gint32 coefficients[64], int count, int below, gint32 limit)
{
	int last = 0;

	memset(coefficients, 0, 64 * sizeof(*coefficients));
	for (int i = 0; i < count; i++) {
		int position = g_test_rand_int_range(0, below);
		gint32 value = g_test_rand_int_range(-limit, limit + 1) / count;

		coefficients[ajpg_zigzag_columns[position]] = value;
		last = MAX(last, value ? position : 0);
	}
	return last;
}

static void assert_near(const gint32 coefficients[64], const guint8 samples[64], double tolerance)
{
	double exact[64];

	exact_idct(coefficients, exact);
	for (int i = 0; i < 64; i++)
		g_assert_cmpfloat(fabs(CLAMP(exact[i], 0, 255) - samples[i]), <=, tolerance);
}

static void test_idct_is_within_one_of_exact(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		gint32 coefficients[64];
		guint8 samples[64];
		int last = draw_block(coefficients, 1 + round % 64, 64, 2048);

		kernels_best()->idct(coefficients, last, samples, 8);
		assert_near(coefficients, samples, 1.0);
	}
}

static void test_idct_agrees_to_the_bit(void)
{
	const struct kernels *list[4];

	tables(list);
	for (int round = 0; round < ROUNDS; round++) {
		int below = round % 3 ? 64 : KERNELS_QUARTER;
		gint32 limit = round % 2 ? KERNELS_MAGNITUDE : 1500, coefficients[64];
		int last = draw_block(coefficients, 1 + g_test_rand_int_range(0, 64), below, limit);
		guint8 expected[64], wide[64];

		kernels_scalar.idct(coefficients, last, expected, 8);
		for (int i = 1; list[i]; i++) {
			guint8 samples[8 * 24 + 1];

			memset(samples, 0x55, sizeof(samples));
			list[i]->idct(coefficients, last, samples + 1, 24); /* at an odd address */
			for (int p = 0; p < 64; p++)
				g_assert_cmpint(samples[1 + p / 8 * 24 + p % 8], ==, expected[p]);
			for (int p = 0; p < 7 * 16; p++)
				g_assert_cmphex(samples[1 + p / 16 * 24 + 8 + p % 16], ==, 0x55);
		}
		kernels_idct_wide(coefficients, wide, 8);
		g_assert_cmpmem(wide, 64, expected, 64);
	}
}

/* Whether a block fits 16 bits is for each table to say, but what it gives must be right. */
static void assert_transforms(const gint16 values[64], const gint16 steps[64], int last)
{
	const struct kernels *list[4];
	gint32 coefficients[64], sum = 0;
	gint16 zeros[64] = {0};
	guint8 expected[64];

	tables(list);
	g_assert_cmpuint(kernels_dequantise(values, steps, coefficients), <, G_MAXINT32);
	for (int k = 0; k < 64; k++) {
		gint32 product = values[kernels_places[k]] * steps[kernels_places[k]];

		g_assert_cmpint(coefficients[ajpg_zigzag_columns[k]], ==, product);
		sum += ABS(product);
	}
	kernels_idct_wide(coefficients, expected, 8);
	for (int i = 0; list[i]; i++) {
		guint8 samples[64 + 7 * 16 + 1];
		gint16 block[64];

		memcpy(block, values, sizeof(block));
		memset(samples, 0x55, sizeof(samples));
		if (!list[i]->transform(block, steps, last, samples + 1, 24)) {
			g_assert_cmpint(sum, >, KERNELS_ROOM);
			g_assert_cmpmem(block, sizeof(block), values, sizeof(block));
			continue;
		}
		g_assert_cmpint(sum, <=, KERNELS_MAGNITUDE);
		g_assert_cmpmem(block, sizeof(block), zeros, sizeof(zeros));
		for (int p = 0; p < 64; p++)
			g_assert_cmpint(samples[1 + p / 8 * 24 + p % 8], ==, expected[p]);
		for (int p = 0; p < 7 * 16; p++)
			g_assert_cmphex(samples[1 + p / 16 * 24 + 8 + p % 16], ==, 0x55);
	}
}

static void test_transforms_agree_to_the_bit(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		int count = g_test_rand_int_range(1, 65), last = 0;
		int below = round % 2 ? 64 : KERNELS_QUARTER;
		int finest = round % 3 ? 4 : 256, limit = 1 << g_test_rand_int_range(1, 12);
		gint16 values[64] = {0}, steps[64];

		for (int k = 0; k < 64; k++)
			steps[k] = g_test_rand_int_range(1, finest);
		for (int i = 0; i < count; i++) {
			int k = g_test_rand_int_range(0, below);

			values[kernels_places[k]] = g_test_rand_int_range(-limit, limit);
			last = MAX(last, k);
		}
		if (round % 64 == 0)
			values[0] = round % 128 ? G_MININT16 : G_MAXINT16;
		assert_transforms(values, steps, last);
	}
}

/* Every pair of positions, with all that 16 bits have room for and a little more. */
static void test_transforms_have_the_room_they_say(void)
{
	gint16 steps[64];

	for (int k = 0; k < 64; k++)
		steps[k] = 1;
	for (int place = 0; place < 64; place++) {
		for (int other = 0; other < 64; other++) {
			for (int signs = 0; signs < 4; signs++) {
				int k = MAX(place, other);
				gint16 values[64] = {0};
				gint16 half = KERNELS_ROOM / 2;

				values[kernels_places[place]] = signs & 1 ? half : -half;
				values[kernels_places[other]] += signs & 2 ? half : -half;
				assert_transforms(values, steps, k);
				values[kernels_places[other]] += signs & 2 ? 1 : -1;
				assert_transforms(values, steps, k);
			}
		}
	}
}

static void test_extreme_blocks_agree_to_the_bit(void)
{
	const struct kernels *list[4];

	tables(list);
	for (int position = 0; position < 64; position++) {
		for (int other = 0; other < 64; other++) {
			gint32 coefficients[64] = {0};
			guint8 expected[64], samples[64];
			int last = MAX(position, other);

			coefficients[ajpg_zigzag_columns[position]] = KERNELS_MAGNITUDE / 2;
			coefficients[ajpg_zigzag_columns[other]] -= KERNELS_MAGNITUDE / 2;
			kernels_scalar.idct(coefficients, last, expected, 8);
			for (int i = 1; list[i]; i++) {
				list[i]->idct(coefficients, last, samples, 8);
				g_assert_cmpmem(samples, 64, expected, 64);
			}
		}
	}
}

/* The fixed point's constants are good to 13 bits: beyond 8 bits of sample that shows. */
static void test_the_wide_idct_does_not_overflow(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		gint32 coefficients[64], largest = G_MAXINT16 * 255, sum = 0;
		guint8 samples[64];

		draw_block(coefficients, 1 + round % 64, 64, largest);
		if (round % 64 == 0) /* all 63 at their largest */
			for (int i = 0; i < 64; i++)
				coefficients[i] = g_test_rand_bit() ? 1023 * 255 : -1023 * 255;
		for (int i = 0; i < 64; i++)
			sum += ABS(coefficients[i]);
		kernels_idct_wide(coefficients, samples, 8);
		assert_near(coefficients, samples, 1 + sum / 8192.0);
	}
}

static void test_flat_blocks_need_no_idct(void)
{
	for (gint32 dc = -KERNELS_MAGNITUDE; dc <= KERNELS_MAGNITUDE; dc++) {
		gint32 coefficients[64] = {dc};
		guint8 samples[64];

		kernels_scalar.idct(coefficients, 0, samples, 8);
		for (int i = 0; i < 64; i++)
			g_assert_cmpint(samples[i], ==, kernels_flat(dc));
	}
}

/* As ITU-R BT.601 has it, 0..255. */
static void exact_colour(int luma, int cb, int cr, bool studio, double rgb[3])
{
	double y = studio ? (luma - 16) * 255.0 / 219 : luma;
	double scale = studio ? 255.0 / 224 : 1;
	double b = (cb - 128) * scale, r = (cr - 128) * scale;

	rgb[0] = y + 1.402 * r;
	rgb[1] = y - 0.114 * 1.772 / 0.587 * b - 0.299 * 1.402 / 0.587 * r;
	rgb[2] = y + 1.772 * b;
}

static void test_colours_are_within_one_of_exact(void)
{
	for (int i = 0; i < 2 * 256 * 52 * 52; i++) {
		bool studio = i & 1;
		int luma = i / 2 % 256, cb = i / 512 % 52 * 5, cr = i / 512 / 52 * 5;
		guint32 pixel = kernels_colour(luma, cb, cr, studio);
		double rgb[3];

		exact_colour(luma, cb, cr, studio, rgb);
		g_assert_cmphex(pixel >> 24, ==, 0);
		for (int c = 0; c < 3; c++)
			if (fabs(CLAMP(rgb[c], 0, 255) - (pixel >> (16 - 8 * c) & 255)) > 1)
				g_error("%d,%d,%d studio %d: %06x", luma, cb, cr, studio, pixel);
	}
}

static void draw_samples(struct kernels_samples *samples, int kind)
{
	guint8 *bytes = (guint8 *)samples;

	for (gsize i = 0; i < sizeof(*samples); i++) {
		gint32 random = g_test_rand_int();

		bytes[i] = kind % 3 == 0 ? random : kind % 3 == 1 ? (random & 1) * 255 : kind / 3;
	}
}

static void test_colour_kernels_agree_to_the_bit(void)
{
	const struct kernels *list[4];

	tables(list);
	for (int round = 0; round < 3 * 256; round++) {
		bool studio = round & 1;
		struct kernels_samples samples;

		draw_samples(&samples, round);
		for (int i = 0; list[i]; i++) {
			guint32 pixels[16 * 20];

			memset(pixels, 0x55, sizeof(pixels));
			g_assert_true(list[i]->colour_444(&samples, studio, pixels, 20));
			g_assert_false(list[i]->colour_444(&samples, studio, pixels, 20));
			for (int p = 0; p < 16 * 20; p++) {
				int x = p % 20, y = p / 20;

				g_assert_cmphex(pixels[p], ==,
						x >= 8 || y >= 8
								? 0x55555555
								: kernels_colour(samples.luma[y * 16 +
												 x],
										  samples.cb[y * 8 +
												  x],
										  samples.cr[y * 8 +
												  x],
										  studio));
			}
			memset(pixels, 0x55, sizeof(pixels));
			g_assert_true(list[i]->colour_420(&samples, studio, pixels, 20));
			g_assert_false(list[i]->colour_420(&samples, studio, pixels, 20));
			for (int p = 0; p < 16 * 20; p++) {
				int x = p % 20, y = p / 20, half = y / 2 * 8 + x / 2;

				g_assert_cmphex(pixels[p], ==,
						x >= 16 ? 0x55555555
							: kernels_colour(samples.luma[y * 16 + x],
									  samples.cb[half],
									  samples.cr[half],
									  studio));
			}
		}
	}
}

/* Each single pixel, so that no part of a vector is left out. */
static void test_one_changed_pixel_is_seen(void)
{
	const struct kernels *list[4];
	struct kernels_samples samples;

	tables(list);
	draw_samples(&samples, 0);
	for (int i = 0; list[i]; i++) {
		guint32 pixels[16 * 20], same[16 * 20];

		list[i]->colour_420(&samples, false, pixels, 20);
		memcpy(same, pixels, sizeof(same));
		for (int p = 0; p < 256; p++) {
			pixels[p / 16 * 20 + p % 16] ^= 1;
			g_assert_true(list[i]->colour_420(&samples, false, pixels, 20));
			for (int q = 0; q < 256; q++)
				g_assert_cmphex(pixels[q / 16 * 20 + q % 16], ==,
						same[q / 16 * 20 + q % 16]);
		}
		list[i]->colour_444(&samples, false, pixels, 20);
		for (int p = 0; p < 64; p++) {
			pixels[p / 8 * 20 + p % 8] ^= 0x800000;
			g_assert_true(list[i]->colour_444(&samples, false, pixels, 20));
			g_assert_false(list[i]->colour_444(&samples, false, pixels, 20));
		}
		list[i]->fill(0x123456, pixels, 20);
		for (int p = 0; p < 64; p++) {
			g_assert_cmphex(pixels[p / 8 * 20 + p % 8], ==, 0x123456);
			pixels[p / 8 * 20 + p % 8] ^= 0x100;
			g_assert_true(list[i]->fill(0x123456, pixels, 20));
			g_assert_false(list[i]->fill(0x123456, pixels, 20));
		}
	}
}

static void test_samples_come_back_from_pixels(void)
{
	for (int i = 0; i < 200000; i++) {
		guint32 pixel = g_test_rand_int() & 0xffffff, again;
		bool studio = i & 1;
		guint8 luma, cb, cr;

		kernels_samples_of(pixel, studio, &luma, &cb, &cr);
		again = kernels_colour(luma, cb, cr, studio);
		for (int shift = 0; shift <= 16; shift += 8)
			g_assert_cmpint(ABS((int)(pixel >> shift & 255) -
							(int)(again >> shift & 255)),
					<=, 2);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/kernels/" path, function)
	TEST("idct-is-within-one-of-exact", test_idct_is_within_one_of_exact);
	TEST("idct-agrees-to-the-bit", test_idct_agrees_to_the_bit);
	TEST("transforms-agree-to-the-bit", test_transforms_agree_to_the_bit);
	TEST("transforms-have-the-room-they-say", test_transforms_have_the_room_they_say);
	TEST("extreme-blocks-agree-to-the-bit", test_extreme_blocks_agree_to_the_bit);
	TEST("the-wide-idct-does-not-overflow", test_the_wide_idct_does_not_overflow);
	TEST("flat-blocks-need-no-idct", test_flat_blocks_need_no_idct);
	TEST("colours-are-within-one-of-exact", test_colours_are_within_one_of_exact);
	TEST("colour-kernels-agree-to-the-bit", test_colour_kernels_agree_to_the_bit);
	TEST("one-changed-pixel-is-seen", test_one_changed_pixel_is_seen);
	TEST("samples-come-back-from-pixels", test_samples_come_back_from_pixels);
	return g_test_run();
}
