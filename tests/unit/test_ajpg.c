/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What good streams mean, record by record. With selector 11 a DC step is 1, so a coefficient of 8
 * is a level; a frame's predictors begin at 0, which is level 128.
 */
#include <string.h>
#include "decoder/kernels.h"
#include "tests/unit/stream.h"

#define RED   0x4c55ff /* Y, Cb, Cr */
#define GREEN 0x962c15

static guint32 colour(int samples)
{
	return kernels_colour(samples >> 16, samples >> 8 & 255, samples & 255, false);
}

static void test_a_new_picture_is_black(void)
{
	struct fixture f;

	fixture_open(&f, 24, 16, DECODER_444);
	g_assert_cmpint(decoder_picture(f.decoder)->width, ==, 0);
	decode_good(&f);
	g_assert_true(f.result.resized);
	g_assert_false(f.result.key_frame);
	g_assert_cmpint(decoder_damage(f.decoder)->count, ==, 0);
	for (int i = 0; i < 6; i++)
		assert_block(&f, i % 3, i / 3, 0);
	decode_good(&f);
	g_assert_false(f.result.resized);
	fixture_close(&f);
}

static void test_dct_replaces_a_macroblock(void)
{
	struct fixture f;

	for (int chroma = 420; chroma <= 444; chroma += 24) {
		fixture_open(&f, 48, 16, chroma);
		for (int pass = 0; pass < 2; pass++) {
			int level = pass ? 50 : -20;

			stream_at(&f.s, DCT, 1, 0);
			if (chroma == 444)
				stream_flat_444(&f.s, level * 8, 0, 0);
			else
				stream_flat_420(&f.s, level * 8, 0, 0);
			decode_good(&f);
			assert_block(&f, 0, 0, 0);
			assert_block(&f, 1, 0, grey(128 + level));
			assert_block(&f, 2, 0, 0);
		}
		fixture_close(&f);
	}
}

static void test_luma_blocks_of_420_come_in_raster_order(void)
{
	struct fixture f;

	fixture_open(&f, 16, 16, DECODER_420);
	stream_code(&f.s, DCT);
	stream_flat(&f.s, LUMA, 8);
	stream_flat(&f.s, LUMA, 80);
	stream_flat(&f.s, LUMA, 80);
	stream_flat(&f.s, LUMA, 80);
	stream_flat(&f.s, CHROMA, 0);
	stream_flat(&f.s, CHROMA, 0);
	decode_good(&f);
	g_assert_cmphex(pixel(&f, 0, 0), ==, grey(129));
	g_assert_cmphex(pixel(&f, 8, 7), ==, grey(139));
	g_assert_cmphex(pixel(&f, 7, 8), ==, grey(149));
	g_assert_cmphex(pixel(&f, 15, 15), ==, grey(159));
	fixture_close(&f);
}

static void test_low_takes_the_second_selector(void)
{
	struct fixture f;

	for (int chroma = 420; chroma <= 444; chroma += 24) {
		fixture_open(&f, 32, 16, chroma);
		f.frame.second_selector = 8; /* its luma DC step is 2 */
		for (int i = 0; i < 2; i++) {
			if (i)
				stream_at(&f.s, LOW, 1, 0);
			else
				stream_code(&f.s, LOW);
			if (chroma == 444)
				stream_flat_444(&f.s, i ? 0 : 80, 0, 0);
			else
				stream_flat_420(&f.s, i ? 0 : 80, 0, 0);
		}
		decode_good(&f);
		assert_block(&f, 0, 0, grey(148));
		assert_block(&f, 1, 0, grey(148));
		fixture_close(&f);
	}
}

static void test_vq_blocks_are_exact(void)
{
	static const int colours[4] = {RED, GREEN, 0x102030 + 0x808080, 0xeb8080};

	for (int bits = 0; bits <= 2; bits++) {
		struct fixture f;

		fixture_open(&f, 24, 8, DECODER_444);
		for (int i = 0; i < 2; i++) {
			if (i)
				stream_at(&f.s, VQ1 + bits, 2, 0);
			else
				stream_code(&f.s, VQ1 + bits);
			/* The second block finds what the first loaded. */
			for (int e = 0; e < 1 << bits; e++)
				stream_entry(&f.s, 3 - e, i ? -1 : colours[e]);
			for (int p = 0; p < 64; p++)
				stream_put(&f.s, (p * 7 + p / 8 + i) & ((1 << bits) - 1), bits);
		}
		decode_good(&f);
		for (int p = 0; p < 64; p++)
			for (int i = 0; i < 2; i++)
				g_assert_cmphex(pixel(&f, p % 8 + i * 16, p / 8), ==,
						colour(colours[(p * 7 + p / 8 + i) &
								((1 << bits) - 1)]));
		assert_block(&f, 1, 0, 0);
		fixture_close(&f);
	}
}

static void test_a_later_load_changes_an_earlier_entry(void)
{
	struct fixture f;

	fixture_open(&f, 8, 8, DECODER_444);
	stream_code(&f.s, VQ2);
	stream_entry(&f.s, 2, RED);
	stream_entry(&f.s, 2, GREEN);
	stream_put(&f.s, 0x0f0f0f0f, 32);
	stream_put(&f.s, 0x0f0f0f0f, 32);
	decode_good(&f);
	assert_block(&f, 0, 0, colour(GREEN));
	fixture_close(&f);
}

static void test_each_frame_begins_with_the_same_palette(void)
{
	static const int initial[4] = {0x008080, 0xff8080, 0x808080, 0xc08080};
	struct fixture f;

	fixture_open(&f, 32, 8, DECODER_444);
	for (int slot = 0; slot < 4; slot++) {
		stream_code(&f.s, VQ1);
		stream_entry(&f.s, slot, RED);
	}
	decode_good(&f);
	for (int slot = 0; slot < 4; slot++)
		assert_block(&f, slot, 0, colour(RED));
	for (int slot = 0; slot < 4; slot++) {
		stream_code(&f.s, VQ1);
		stream_entry(&f.s, slot, -1);
	}
	decode_good(&f);
	for (int slot = 0; slot < 4; slot++)
		assert_block(&f, slot, 0, colour(initial[slot]));
	fixture_close(&f);
}

static void test_positions_go_on_and_wrap(void)
{
	struct fixture f;

	fixture_open(&f, 24, 16, DECODER_444);
	stream_at(&f.s, VQ1, 2, 0);
	stream_entry(&f.s, 0, 0x108080);
	for (int i = 2; i <= 5; i++) {
		stream_code(&f.s, VQ1);
		stream_entry(&f.s, 0, i << 20 | 0x8080);
	}
	decode_good(&f);
	assert_block(&f, 2, 0, grey(0x10));
	assert_block(&f, 0, 1, grey(0x20));
	assert_block(&f, 1, 1, grey(0x30));
	assert_block(&f, 2, 1, grey(0x40));
	assert_block(&f, 0, 0, grey(0x50));
	assert_block(&f, 1, 0, 0);
	g_assert_cmpint(decoder_damage(f.decoder)->count, ==, 5);
	fixture_close(&f);
}

static void test_predictors_run_through_all_records_of_a_frame(void)
{
	struct fixture f;

	fixture_open(&f, 40, 8, DECODER_444);
	f.frame.second_selector = 8;
	stream_code(&f.s, DCT);
	stream_flat_444(&f.s, 80, 0, 0);
	stream_code(&f.s, VQ1);
	stream_entry(&f.s, 0, 0x808080);
	stream_code(&f.s, LOW);
	stream_flat_444(&f.s, -40, 0, 0);
	stream_at(&f.s, DCT, 4, 0);
	stream_flat_444(&f.s, -80, 0, 0);
	stream_at(&f.s, PASS2, 1, 0);
	stream_flat_444(&f.s, 0, 0, 0);
	decode_good(&f);
	assert_block(&f, 0, 0, grey(138));
	assert_block(&f, 2, 0, grey(138)); /* 40 * 2 */
	assert_block(&f, 4, 0, grey(123));
	assert_block(&f, 1, 0, grey(118)); /* 128 - 40 * 2 / 8 */
	stream_code(&f.s, DCT);
	stream_flat_444(&f.s, 0, 0, 0);
	decode_good(&f);
	assert_block(&f, 0, 0, grey(128));
	fixture_close(&f);
}

static void test_each_component_has_its_predictor(void)
{
	struct fixture f;

	fixture_open(&f, 16, 8, DECODER_444);
	for (int i = 0; i < 2; i++) {
		stream_code(&f.s, DCT);
		stream_flat_444(&f.s, i ? 0 : 40, i ? 0 : 160, i ? 0 : -240);
	}
	decode_good(&f);
	for (int i = 0; i < 2; i++)
		assert_block(&f, i, 0, kernels_colour(133, 148, 98, false));
	fixture_close(&f);
}

static void test_predictors_wrap_in_16_bits(void)
{
	struct fixture f;

	fixture_open(&f, 17 * 8, 8, DECODER_444);
	for (int i = 0; i < 17; i++) {
		stream_code(&f.s, DCT);
		stream_flat_444(&f.s, 2047, 0, 0);
	}
	decode_good(&f);
	assert_block(&f, 15, 0, grey(255));
	assert_block(&f, 16, 0, grey(0));
	fixture_close(&f);
}

static void test_damage_is_what_looks_different(void)
{
	struct fixture f;

	fixture_open(&f, 20, 20, DECODER_444);
	for (int i = 0; i < 2; i++) {
		stream_at(&f.s, VQ1, 1, 2);
		stream_entry(&f.s, i, -1);
	}
	decode_good(&f);
	g_assert_cmpint(decoder_damage(f.decoder)->unit, ==, 8);
	g_assert_cmpint(decoder_damage(f.decoder)->columns, ==, 3);
	g_assert_cmpint(decoder_damage(f.decoder)->rows, ==, 3);
	g_assert_cmpint(decoder_damage(f.decoder)->count, ==, 1);
	for (int i = 0; i < 9; i++)
		g_assert_cmpint(damaged(&f, i % 3, i / 3), ==, i == 7);
	g_assert_false(f.result.key_frame);
	for (int i = 8; i >= 0; i--) {
		stream_at(&f.s, VQ1, i % 3, i / 3);
		stream_entry(&f.s, 1, -1);
	}
	decode_good(&f);
	g_assert_true(f.result.key_frame);
	g_assert_cmpint(f.result.named, ==, 9);
	g_assert_cmpint(decoder_damage(f.decoder)->count, ==, 8); /* one looks as before */
	fixture_close(&f);
}

static void test_the_second_pass_adds_and_saturates(void)
{
	static const int levels[3] = {5, 100, 250};
	struct fixture f;

	fixture_open(&f, 24, 8, DECODER_444);
	f.frame.second_selector = 11;
	for (int i = 0; i < 3; i++) {
		stream_code(&f.s, VQ1);
		stream_entry(&f.s, 0, levels[i] << 16 | 0x8080);
	}
	decode_good(&f);
	for (int pass = 0; pass < 2; pass++) {
		int residual = pass ? -30 : 20;

		for (int i = 0; i < 3; i++) {
			stream_code(&f.s, PASS2);
			stream_flat_444(&f.s, i ? 0 : residual * 8, 0, 0);
		}
		decode_good(&f);
		assert_block(&f, 0, 0, grey(pass ? 0 : 25));
		assert_block(&f, 1, 0, grey(pass ? 90 : 120));
		assert_block(&f, 2, 0, grey(pass ? 225 : 255));
	}
	fixture_close(&f);
}

static void test_the_second_pass_works_on_what_came_before_it_was_known(void)
{
	for (int studio = 0; studio < 2; studio++) {
		struct fixture f;

		fixture_open(&f, 16, 8, DECODER_444);
		f.frame.studio = studio;
		stream_code(&f.s, VQ1);
		stream_entry(&f.s, 0, 0x648080);
		decode_good(&f);
		f.frame.second_selector = 11;
		for (int i = 0; i < 2; i++) {
			stream_at(&f.s, PASS2, 0, 0);
			stream_flat_444(&f.s, i ? 0 : 80, 0, 0);
		}
		decode_good(&f);
		assert_block(&f, 0, 0, kernels_colour(120, 128, 128, studio));
		/* A frame without a second pass in between: worked out again. */
		f.frame.second_selector = -1;
		stream_code(&f.s, VQ1);
		stream_entry(&f.s, 0, 0x328080);
		decode_good(&f);
		f.frame.second_selector = 11;
		stream_code(&f.s, PASS2);
		stream_flat_444(&f.s, 80, 0, 0);
		decode_good(&f);
		assert_block(&f, 0, 0, kernels_colour(60, 128, 128, studio));
		fixture_close(&f);
	}
}

static void test_settings_change_without_a_new_picture(void)
{
	struct fixture f;

	fixture_open(&f, 32, 32, DECODER_444);
	stream_at(&f.s, VQ1, 3, 3);
	stream_entry(&f.s, 1, -1);
	decode_good(&f);
	f.frame.chroma = DECODER_420;
	f.frame.selector = 8;
	stream_code(&f.s, DCT);
	stream_flat_420(&f.s, 80, 0, 0);
	decode_good(&f);
	g_assert_false(f.result.resized);
	g_assert_cmpint(decoder_damage(f.decoder)->unit, ==, 16);
	assert_block(&f, 0, 0, grey(148));
	assert_block(&f, 1, 0, 0);
	f.frame.chroma = DECODER_444;
	decode_good(&f);
	assert_block(&f, 3, 3, grey(255));
	f.frame.width = 40;
	decode_good(&f);
	g_assert_true(f.result.resized);
	assert_block(&f, 3, 3, 0);
	fixture_close(&f);
}

static void test_pictures_may_end_inside_a_macroblock(void)
{
	static const int sizes[][2] = {{1, 1}, {9, 7}, {17, 33}, {15, 16}, {16, 17}};

	for (int chroma = 420; chroma <= 444; chroma += 24) {
		int unit = chroma == 444 ? 8 : 16;

		for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
			int columns = (sizes[i][0] + unit - 1) / unit;
			int rows = (sizes[i][1] + unit - 1) / unit;
			struct fixture f;

			fixture_open(&f, sizes[i][0], sizes[i][1], chroma);
			for (int m = 0; m < columns * rows; m++) {
				stream_code(&f.s, DCT);
				if (chroma == 444)
					stream_flat_444(&f.s, 8, 0, 0);
				else
					stream_flat_420(&f.s, 8, 0, 0);
			}
			decode_good(&f);
			g_assert_true(f.result.key_frame);
			for (int m = 0; m < columns * rows; m++)
				assert_block(&f, m % columns, m / columns, grey(129 + m));
			fixture_close(&f);
		}
	}
}

static void test_positions_reach_the_largest_sizes(void)
{
	static const int sizes[][3] = {
			{444, 2048, 8}, {444, 8, 2048}, {420, 4096, 16}, {420, 16, 4096}};

	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		struct fixture f;
		bool wide = sizes[i][1] > sizes[i][2];
		int x = wide ? 255 : 0, y = wide ? 0 : 255;

		fixture_open(&f, sizes[i][1], sizes[i][2], sizes[i][0]);
		stream_at(&f.s, DCT, x, y);
		if (sizes[i][0] == 444)
			stream_flat_444(&f.s, 8, 0, 0);
		else
			stream_flat_420(&f.s, 8, 0, 0);
		decode_good(&f);
		assert_block(&f, x, y, grey(129));
		fixture_close(&f);
	}
}

static void test_what_follows_the_end_means_nothing(void)
{
	struct fixture f;

	fixture_open(&f, 8, 8, DECODER_444);
	stream_code(&f.s, VQ1);
	stream_entry(&f.s, 1, -1);
	stream_end(&f.s);
	for (int i = 0; i < 5000; i++)
		stream_put(&f.s, 0xffffffff, 32);
	g_assert_true(decode(&f));
	assert_block(&f, 0, 0, grey(255));
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/ajpg/" path, function)
	TEST("a-new-picture-is-black", test_a_new_picture_is_black);
	TEST("dct-replaces-a-macroblock", test_dct_replaces_a_macroblock);
	TEST("luma-blocks-of-420-come-in-raster-order",
			test_luma_blocks_of_420_come_in_raster_order);
	TEST("low-takes-the-second-selector", test_low_takes_the_second_selector);
	TEST("vq-blocks-are-exact", test_vq_blocks_are_exact);
	TEST("a-later-load-changes-an-earlier-entry", test_a_later_load_changes_an_earlier_entry);
	TEST("each-frame-begins-with-the-same-palette",
			test_each_frame_begins_with_the_same_palette);
	TEST("positions-go-on-and-wrap", test_positions_go_on_and_wrap);
	TEST("predictors-run-through-all-records-of-a-frame",
			test_predictors_run_through_all_records_of_a_frame);
	TEST("each-component-has-its-predictor", test_each_component_has_its_predictor);
	TEST("predictors-wrap-in-16-bits", test_predictors_wrap_in_16_bits);
	TEST("damage-is-what-looks-different", test_damage_is_what_looks_different);
	TEST("the-second-pass-adds-and-saturates", test_the_second_pass_adds_and_saturates);
	TEST("the-second-pass-works-on-what-came-before-it-was-known",
			test_the_second_pass_works_on_what_came_before_it_was_known);
	TEST("settings-change-without-a-new-picture", test_settings_change_without_a_new_picture);
	TEST("pictures-may-end-inside-a-macroblock", test_pictures_may_end_inside_a_macroblock);
	TEST("positions-reach-the-largest-sizes", test_positions_reach_the_largest_sizes);
	TEST("what-follows-the-end-means-nothing", test_what_follows_the_end_means_nothing);
	return g_test_run();
}
