/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures that change from frame to frame: what scrolls, what moves all over, what comes from
 * somewhere else. */
#include "tests/unit/drawn_desk.h"

/* --- Scrolling --- */

/* A column of text lines of 16 pixels, the first of them number n. */
static void write_lines(struct desk *f, int x, int y, int lines, int n)
{
	for (int i = 0; i < lines; i++) {
		g_autofree char *line = g_strdup_printf("[%8d.%06d] line %x: ready  ", n + i,
				(n + i) * 7919 % 1000000, (n + i) * 40503);

		desk_write(f, x, y + i * 16, line);
	}
}

struct scroll_case {
	enum decoder_codec codec;
	int chroma, width, height;
	int left, top, lines; /* of the text */
	int by;               /* lines a frame */
};

static const struct scroll_case scroll_cases[] = {
		{DECODER_AJPG, 420, 320, 400, 0, 0, 25, 1},  /* a whole screen */
		{DECODER_AJPG, 420, 320, 400, 0, 0, 25, 3},  /* quickly */
		{DECODER_AJPG, 420, 320, 400, 0, 0, 25, -1}, /* the other way */
		{DECODER_AJPG, 420, 500, 410, 0, 0, 26, 1},  /* the last line is cut */
		{DECODER_AJPG, 420, 500, 410, 0, 0, 26, -2},
		{DECODER_AJPG, 420, 640, 480, 100, 84, 22,
				1}, /* a part, not where macroblocks are */
		{DECODER_AJPG, 444, 320, 400, 0, 0, 25, 1},
		{DECODER_AJPG, 444, 500, 404, 60, 36, 20, -1},
		{DECODER_JPEG, 420, 640, 480, 100, 84, 22, 1},
};

static void test_what_scrolls_is_copied(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(scroll_cases); i++) {
		const struct scroll_case *at = &scroll_cases[i];
		gsize drawn = 0;
		struct desk f;

		desk_open(&f, at->codec, at->width, at->height, at->chroma);
		for (int n = 0; n < 12; n++) {
			write_lines(&f, at->left, at->top, at->lines, 500 + n * at->by);
			/* Something else changes too. */
			desk_fill(&f, at->width - 20, n * 16, 10, 10, n * 0x102030);
			g_assert_true(desk_step(&f, n == 6));
			drawn += f.twin.bytes;
		}
		g_test_message("%zu: %d moves, %.1f dB, %zu bytes drawn otherwise", i, f.twin.moves,
				f.twin.worst, drawn);
		g_assert_cmpint(f.twin.moves, ==, 11);
		g_assert_cmpfloat(f.twin.worst, >=, 59);
		desk_close(&f);
	}
}

/* Whatever changes, who copies sees what the others see. */
static void test_scrolling_is_never_taken_for_what_it_is_not(void)
{
	struct desk f;
	int n = 0;

	desk_open(&f, DECODER_AJPG, 500, 410, 420);
	f.twin.refresh_each = 10;
	for (int round = 0; round < 300; round++) {
		switch (g_test_rand_int_range(0, 8)) {
		case 0: /* what nobody can tell from what stood elsewhere */
			desk_fill(&f, 16 * g_test_rand_int_range(0, 20),
					16 * g_test_rand_int_range(0, 20), 160, 80,
					g_test_rand_int_range(0, 2) * 0xffffff);
			break;
		case 1:
			f.settings.selector = g_test_rand_int_range(0, 12);
			break;
		case 2:
			write_lines(&f, 16, 16 * g_test_rand_int_range(0, 4), 20,
					g_test_rand_int_range(0, 5));
			break;
		default:
			n += g_test_rand_int_range(-4, 5);
			write_lines(&f, 0, 0, g_test_rand_int_range(10, 26), 500 + n);
		}
		g_assert_true(desk_step(&f, round % 9 == 0));
	}
	g_test_message("%d moves, %.1f dB", f.twin.moves, f.twin.worst);
	g_assert_cmpint(f.twin.moves, >, 40);
	g_assert_cmpfloat(f.twin.worst, >=, 45);
	desk_close(&f);
}

/* --- Motion --- */

/* The engine's JPEGs pass as they are while everything changes, and are cut again afterwards. */
static void test_motion_passes_whole_frames(void)
{
	struct desk f;
	int passed = 0, cut = 0;

	desk_open(&f, DECODER_JPEG, 320, 200, 420);
	f.twin.refresh_each = 5;
	for (int n = 0; n < 60; n++) {
		const struct recode_rectangle all = {0, 0, 320, 200};

		desk_fill(&f, 0, 0, 320, 200, n * 0x030507 & 0xffffff);
		desk_write(&f, n, n, "Motion");
		g_assert_true(desk_step(&f, true));
		g_assert_cmpint(f.twin.rectangles, ==, 1);
		/* The engine's header is longer than any of ours. */
		passed += f.twin.bytes == recode_bound(f.twin.blocks, &all);
	}
	g_assert_cmpint(passed, ==, 60);
	for (int n = 0; n < 80; n++) {
		desk_write(&f, n, n, "Still");
		g_assert_true(desk_step(&f, true));
		cut += f.twin.bytes < 3000;
	}
	g_assert_cmpint(cut, >, 40);
	g_assert_cmpfloat(f.twin.worst, >=, 60);
	twin_compare(&f.twin);
	desk_close(&f);
}

/* What stands still above what changes is seen at once, without a look into the frames. */
static void test_motion_ends_with_a_still_top(void)
{
	struct desk f;
	int wide = 0;

	desk_open(&f, DECODER_JPEG, 320, 200, 420);
	f.twin.refresh_each = 5;
	for (int n = 0; n < 60; n++) {
		desk_fill(&f, 0, 0, 320, 200, n * 0x030507 & 0xffffff);
		desk_write(&f, n, 0, "What moved has a top too");
		g_assert_true(desk_step(&f, true));
	}
	for (int n = 0; n < 20; n++) {
		desk_write(&f, n, 180, "Still");
		g_assert_true(desk_step(&f, true));
		wide += f.twin.bytes >= 3000;
	}
	g_assert_cmpint(wide, <=, 3);
	twin_compare(&f.twin);
	desk_close(&f);
}

/* --- Another source --- */

static void test_another_source_goes_on_from_the_picture(void)
{
	static const enum decoder_codec codecs[] = {DECODER_JPEG, DECODER_AJPG, DECODER_AJPG,
			DECODER_JPEG, DECODER_JPEG, DECODER_AJPG};

	for (int seen = 1; seen <= 7; seen += 6) {
		struct desk f;

		desk_open(&f, DECODER_AJPG, 320, 200, 420);
		f.twin.refresh_each = seen;
		for (int n = 0; n < 24; n++) {
			f.codec = codecs[n % G_N_ELEMENTS(codecs)];
			f.settings.chroma = n % 4 < 2 ? 420 : 444;
			desk_write(&f, n * 5, n * 7, "Another source");
			g_assert_true(desk_step(&f, n % 6 == 1 || n % 6 == 5));
		}
		twin_compare(&f.twin);
		desk_close(&f);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/recode-moving/" path, function)
	TEST("what-scrolls-is-copied", test_what_scrolls_is_copied);
	TEST("scrolling-is-never-taken-for-what-it-is-not",
			test_scrolling_is_never_taken_for_what_it_is_not);
	TEST("motion-passes-whole-frames", test_motion_passes_whole_frames);
	TEST("motion-ends-with-a-still-top", test_motion_ends_with_a_still_top);
	TEST("another-source-goes-on-from-the-picture",
			test_another_source_goes_on_from_the_picture);
	return g_test_run();
}
