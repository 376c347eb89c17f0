/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "decoder/text.h"

static int dots(const struct picture *picture, uint32_t colour)
{
	int count = 0;

	for (int y = 0; y < picture->height; y++)
		for (int x = 0; x < picture->width; x++)
			count += picture->pixels[(gsize)y * picture->stride + x] == colour;
	return count;
}

static void test_the_font_is_in_order_and_within_its_cell(void)
{
	for (int i = 0; i < text_font_count; i++) {
		g_assert_true(i == 0 || text_font[i].code > text_font[i - 1].code);
		for (int row = 0; row < TEXT_HEIGHT; row++)
			g_assert_cmpint(text_font[i].rows[row] >> TEXT_WIDTH, ==, 0);
	}
	for (int code = ' '; code <= '~'; code++)
		g_assert_cmpint(text_font[code - ' '].code, ==, code);
}

static void test_letters_scale(void)
{
	struct text_style style = {0xffffff, 0, false, 1};
	struct picture picture = {0};
	int single;

	g_assert_true(picture_resize(&picture, 200, 100));
	text_draw(&picture, 3, 5, "Ag", &style);
	single = dots(&picture, 0xffffff);
	g_assert_cmpint(single, >, 20);
	g_assert_true(picture_resize(&picture, 200, 100));
	style.scale = 3;
	text_draw(&picture, 3, 5, "Ag", &style);
	g_assert_cmpint(dots(&picture, 0xffffff), ==, 9 * single);
	picture_release(&picture);
}

static void test_paper_covers_the_cell(void)
{
	struct text_style style = {0x112233, 0x445566, true, 1};
	struct picture picture = {0};

	g_assert_true(picture_resize(&picture, 64, 64));
	text_draw(&picture, 1, 1, "A\nBC", &style);
	g_assert_cmpint(dots(&picture, 0x112233) + dots(&picture, 0x445566), ==,
			3 * TEXT_WIDTH * TEXT_HEIGHT);
	picture_release(&picture);
}

static void test_nothing_is_drawn_outside(void)
{
	struct text_style style = {0xffffff, 0x808080, true, 4};
	struct picture picture = {0};

	/* The stride is 32: columns 20..31 are the picture's memory but not its contents. */
	g_assert_true(picture_resize(&picture, 20, 20));
	for (int i = -100; i < 100; i++) {
		text_draw(&picture, i, i, "clipped", &style);
		text_draw(&picture, -i, i, "clipped", &style);
	}
	for (int y = 0; y < 20; y++)
		for (int x = 20; x < 32; x++)
			g_assert_cmphex(picture.pixels[y * picture.stride + x], ==, 0);
	picture_release(&picture);
}

static void test_utf8_is_read_and_bad_bytes_are_replaced(void)
{
	static const uint32_t wanted[] = {'a', 0xe9, 0x2500, 0x1f600, 0xfffd, 0xfffd, 'z', 0xfffd};
	const char *text = "a\303\251\342\224\200\360\237\230\200\377\300z\342\224";
	char bytes[4];

	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
		g_assert_cmphex(text_next(&text), ==, wanted[i]);
	g_assert_cmphex(text_next(&text), ==, 0xfffd);
	g_assert_cmphex(text_next(&text), ==, 0);
	g_assert_cmphex(text_next(&text), ==, 0);
	g_assert_cmpint(text_put(bytes, 0x2500), ==, 3);
	g_assert_cmpmem(bytes, 3, "\342\224\200", 3);
	g_assert_cmpint(text_put(bytes, 0x1f600), ==, 4);
	g_assert_cmpmem(bytes, 4, "\360\237\230\200", 4);
	g_assert_cmpint(text_columns("abc\n─────\n"), ==, 5);
}

static void test_unknown_letters_show_as_the_replacement_sign(void)
{
	struct text_style style = {0xffffff, 0, true, 1};
	struct picture unknown = {0}, sign = {0};

	g_assert_true(picture_resize(&unknown, 16, 16));
	g_assert_true(picture_resize(&sign, 16, 16));
	text_draw_code(&unknown, 0, 0, 0x4e00, &style);
	text_draw_code(&sign, 0, 0, 0xfffd, &style);
	g_assert_cmpmem(unknown.pixels, 16 * 16 * 4, sign.pixels, 16 * 16 * 4);
	g_assert_cmpint(dots(&sign, 0xffffff), >, 0);
	picture_release(&unknown);
	picture_release(&sign);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/text/the-font-is-in-order-and-within-its-cell",
			test_the_font_is_in_order_and_within_its_cell);
	g_test_add_func("/text/letters-scale", test_letters_scale);
	g_test_add_func("/text/paper-covers-the-cell", test_paper_covers_the_cell);
	g_test_add_func("/text/nothing-is-drawn-outside", test_nothing_is_drawn_outside);
	g_test_add_func("/text/utf8-is-read-and-bad-bytes-are-replaced",
			test_utf8_is_read_and_bad_bytes_are_replaced);
	g_test_add_func("/text/unknown-letters-show-as-the-replacement-sign",
			test_unknown_letters_show_as_the_replacement_sign);
	return g_test_run();
}
