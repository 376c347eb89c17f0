/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams that end early, lie, or lie badly in memory: where the fault is, and what stays. */
#include <string.h>
#include "tests/unit/stream.h"

static void assert_fault(struct fixture *f, enum decoder_fault fault, gsize word, int x, int y)
{
	g_assert_false(decode(f));
	g_assert_cmpstr(decoder_fault_text(f->result.fault), ==, decoder_fault_text(fault));
	g_assert_cmpuint(f->result.word, ==, word);
	g_assert_cmpint(f->result.x, ==, x);
	g_assert_cmpint(f->result.y, ==, y);
}

/* Two white macroblocks, which must stay. */
static void stream_white(struct fixture *f)
{
	for (int i = 0; i < 2; i++) {
		if (f->frame.chroma == DECODER_444) {
			stream_code(&f->s, VQ1);
			stream_entry(&f->s, 1, -1);
		} else {
			stream_code(&f->s, DCT);
			stream_flat_420(&f->s, i ? 0 : 1016, 0, 0);
		}
	}
}

/* The fault lies in the third macroblock of three columns and two rows, all grey before. */
static void assert_kept(struct fixture *f)
{
	assert_block(f, 0, 0, grey(255));
	assert_block(f, 1, 0, grey(255));
	for (int i = 2; i < 6; i++)
		assert_block(f, i % 3, i / 3, grey(138));
	g_assert_cmpint(decoder_damage(f->decoder)->count, ==, 2);
	g_assert_true(damaged(f, 0, 0));
	g_assert_true(damaged(f, 1, 0));
	g_assert_false(damaged(f, 2, 0));
	g_assert_false(f->result.key_frame);
}

static void open_grey(struct fixture *f, enum decoder_chroma chroma)
{
	int unit = chroma == DECODER_444 ? 8 : 16;

	fixture_open(f, 3 * unit, 2 * unit, chroma);
	f->frame.second_selector = 11;
	for (int i = 0; i < 6; i++) {
		stream_code(&f->s, DCT);
		if (chroma == DECODER_444)
			stream_flat_444(&f->s, i ? 0 : 80, 0, 0);
		else
			stream_flat_420(&f->s, i ? 0 : 80, 0, 0);
	}
	decode_good(f);
	g_assert_true(f->result.key_frame);
	stream_white(f);
}

static void test_codes_that_mean_nothing(void)
{
	static const int codes[] = {1, 3, 11};

	for (int chroma = 420; chroma <= 444; chroma += 24) {
		for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
			struct fixture f;
			gsize word;

			open_grey(&f, chroma);
			stream_code(&f.s, codes[i]);
			if (codes[i] & AT)
				stream_put(&f.s, 0x0200, 16);
			word = f.s.count / 32;
			stream_put(&f.s, 0, 32);
			stream_end(&f.s);
			assert_fault(&f, DECODER_BAD_CODE, word, 2, 0);
			assert_kept(&f);
			fixture_close(&f);
		}
	}
}

static void test_positions_outside(void)
{
	static const int codes[] = {DCT, LOW, PASS2, VQ1, VQ2, VQ4};
	static const int places[][2] = {{3, 0}, {0, 2}, {255, 255}, {2, 255}, {128, 1}};

	for (int chroma = 420; chroma <= 444; chroma += 24) {
		for (gsize i = 0; i < G_N_ELEMENTS(codes) * G_N_ELEMENTS(places); i++) {
			const int *place = places[i % G_N_ELEMENTS(places)];
			struct fixture f;
			gsize word;

			open_grey(&f, chroma);
			stream_at(&f.s, codes[i / G_N_ELEMENTS(places)], place[0], place[1]);
			word = f.s.count / 32;
			for (int zeros = 0; zeros < 9; zeros++)
				stream_put(&f.s, 0, 32);
			assert_fault(&f, DECODER_BAD_POSITION, word, place[0], place[1]);
			assert_kept(&f);
			fixture_close(&f);
		}
	}
}

/* before: good blocks of the macroblock; then a DC or not, then what no table has. */
static void assert_bad_block(enum decoder_chroma chroma, int before, bool dc)
{
	enum stream_component component = before < (chroma == DECODER_444 ? 1 : 4) ? LUMA : CHROMA;
	struct fixture f;
	gsize word;

	open_grey(&f, chroma);
	stream_code(&f.s, DCT);
	for (int i = 0; i < before; i++)
		stream_flat(&f.s, i < (chroma == DECODER_444 ? 1 : 4) ? LUMA : CHROMA, 0);
	if (dc)
		stream_dc(&f.s, component, 5);
	if (dc && component == LUMA)
		stream_put(&f.s, 0x1, 3); /* AC 1: the first coefficient is good */
	else if (dc)
		stream_put(&f.s, 0x3, 3);
	word = f.s.count / 32;
	for (int i = 0; i < 9; i++)
		stream_put(&f.s, 0xffffffff, 32);
	assert_fault(&f, DECODER_BAD_HUFFMAN, word, 2, 0);
	assert_kept(&f);
	/* The next frame starts afresh, the coefficients of the bad block are gone. */
	stream_code(&f.s, DCT);
	if (chroma == DECODER_444)
		stream_flat_444(&f.s, 80, 0, 0);
	else
		stream_flat_420(&f.s, 80, 0, 0);
	decode_good(&f);
	assert_block(&f, 0, 0, grey(138));
	fixture_close(&f);
}

static void test_codes_that_no_huffman_table_has(void)
{
	for (int i = 0; i < 6; i++)
		assert_bad_block(DECODER_444, i / 2, i % 2);
	for (int i = 0; i < 12; i++)
		assert_bad_block(DECODER_420, i / 2, i % 2);
}

static void test_runs_past_the_block(void)
{
	for (int block = 0; block < 3; block++) {
		struct fixture f;

		open_grey(&f, DECODER_444);
		stream_code(&f.s, DCT);
		for (int i = 0; i < block; i++)
			stream_flat(&f.s, i ? CHROMA : LUMA, 0);
		stream_dc(&f.s, block ? CHROMA : LUMA, 5);
		for (int i = 0; i < 4; i++) {
			if (block)
				stream_put(&f.s, ZEROS_CHROMA);
			else
				stream_put(&f.s, ZEROS_LUMA);
		}
		assert_fault(&f, DECODER_BAD_COEFFICIENT, f.s.count / 32, 2, 0);
		assert_kept(&f);
		fixture_close(&f);
	}
}

static void test_records_that_420_does_not_have(void)
{
	static const int codes[] = {PASS2, VQ1, VQ2, VQ4};

	for (gsize i = 0; i < 2 * G_N_ELEMENTS(codes); i++) {
		struct fixture f;
		gsize word;

		open_grey(&f, DECODER_420);
		if (i % 2)
			stream_at(&f.s, codes[i / 2], 2, 0);
		else
			stream_code(&f.s, codes[i / 2]);
		word = f.s.count / 32;
		for (int zeros = 0; zeros < 9; zeros++)
			stream_put(&f.s, 0, 32);
		assert_fault(&f, DECODER_BAD_MODE, word, 2, 0);
		assert_kept(&f);
		fixture_close(&f);
	}
}

static void test_records_that_need_a_second_selector(void)
{
	for (int code = PASS2; code <= LOW; code += LOW - PASS2) {
		struct fixture f;

		open_grey(&f, DECODER_444);
		f.frame.second_selector = -1;
		stream_code(&f.s, code);
		stream_flat_444(&f.s, 0, 0, 0);
		assert_fault(&f, DECODER_BAD_MODE, 0, 2, 0);
		assert_kept(&f);
		fixture_close(&f);
	}
}

static void test_twice_as_many_records_are_the_most(void)
{
	for (int extra = 0; extra < 2; extra++) {
		struct fixture f;

		fixture_open(&f, 24, 16, DECODER_444);
		for (int i = 0; i < 12 + extra; i++) {
			stream_code(&f.s, VQ1);
			stream_entry(&f.s, 1, -1);
		}
		if (extra) {
			stream_end(&f.s);
			assert_fault(&f, DECODER_TOO_MANY_BLOCKS, (12 * 7 + 4) / 32, 0, 0);
		} else {
			decode_good(&f);
		}
		g_assert_cmpint(decoder_damage(f.decoder)->count, ==, 6);
		g_assert_true(f.result.key_frame);
		fixture_close(&f);
	}
}

static void fill_with_every_kind(struct stream *s)
{
	stream_code(s, DCT);
	stream_flat_444(s, 200, 40, -30);
	stream_at(s, VQ4, 1, 0);
	for (int i = 0; i < 4; i++)
		stream_entry(s, i, i == 2 ? -1 : 0x445566 * (i + 1));
	for (int i = 0; i < 64; i++)
		stream_put(s, i * 5 & 3, 2);
	stream_code(s, LOW);
	stream_flat_444(s, 10, 10, 10);
	stream_code(s, VQ2);
	stream_entry(s, 1, 0x204060);
	stream_entry(s, 2, -1);
	stream_put(s, 0x12345678, 32);
	stream_put(s, 0x9abcdef0, 32);
	stream_code(s, PASS2);
	stream_flat_444(s, -30, 20, 50);
	stream_code(s, VQ1);
	stream_entry(s, 3, -1);
	stream_end(s);
}

/* After a cut each macroblock is as before or as after the whole frame, in the order of records. */
static void test_a_cut_keeps_whole_macroblocks(void)
{
	guint32 after[6][64], before[6][64];
	gsize words = 0;

	for (gsize cut = 0;; cut++) {
		struct fixture f;
		bool whole, gone = false;

		open_grey(&f, DECODER_444);
		stream_begin(&f.s);
		for (int i = 0; i < 6 * 64; i++)
			before[i / 64][i % 64] = pixel(
					&f, i / 64 % 3 * 8 + i % 8, i / 64 / 3 * 8 + i % 64 / 8);
		fill_with_every_kind(&f.s);
		if (cut == 0) {
			words = (f.s.count + 31) / 32;
			decode(&f);
			g_assert_true(f.result.key_frame);
			for (int i = 0; i < 6 * 64; i++)
				after[i / 64][i % 64] = pixel(&f, i / 64 % 3 * 8 + i % 8,
						i / 64 / 3 * 8 + i % 64 / 8);
			fixture_close(&f);
			continue;
		}
		stream_flush(&f.s);
		g_byte_array_set_size(f.s.bytes, (cut - 1) * 4);
		whole = cut - 1 == words;
		if (whole)
			g_assert_true(decode(&f));
		else
			g_assert_false(decode(&f));
		g_assert_cmpint(f.result.fault, ==, whole ? DECODER_OK : DECODER_TRUNCATED);
		if (!whole)
			g_assert_cmpuint(f.result.word, ==, cut - 1);
		for (int i = 0; i < 6; i++) {
			bool marked = damaged(&f, i % 3, i / 3);

			g_assert_false(marked && gone);
			gone = !marked;
			for (int p = 0; p < 64; p++)
				g_assert_cmphex(pixel(&f, i % 3 * 8 + p % 8, i / 3 * 8 + p / 8), ==,
						(marked ? after : before)[i][p]);
		}
		if (!whole)
			g_assert_cmpint(f.result.y * 3 + f.result.x, ==,
					decoder_damage(f.decoder)->count % 6);
		fixture_close(&f);
		if (whole)
			break;
	}
}

static void test_bytes_short_of_a_word_do_not_exist(void)
{
	static const guint8 end[] = {0, 0, 0, 0x90, 0x90, 0x90, 0x90};
	struct fixture f;

	fixture_open(&f, 8, 8, DECODER_444);
	for (gsize size = 0; size < sizeof(end); size++) {
		guint8 *exact = size ? g_malloc(size) : NULL;

		if (exact)
			memcpy(exact, end, size);
		f.frame.data = exact;
		f.frame.size = size;
		decoder_decode(f.decoder, &f.frame, &f.result);
		g_assert_cmpint(f.result.fault, ==, size < 4 ? DECODER_TRUNCATED : DECODER_OK);
		g_free(exact);
	}
	fixture_close(&f);
}

static void test_all_zeros_have_no_end(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		struct fixture f;

		fixture_open(&f, 640, 480, chroma);
		for (int i = 0; i < 16384; i++)
			stream_put(&f.s, 0, 32);
		g_assert_false(decode(&f));
		g_assert_cmpint(f.result.fault, ==, DECODER_TRUNCATED);
		g_assert_cmpuint(f.result.word, ==, 16384);
		fixture_close(&f);
	}
}

static void test_parameters_out_of_range(void)
{
	static const struct {
		int width, height, chroma, selector, second;
	} wrong[] = {
			{0, 8, 444, 0, -1},
			{8, 0, 444, 0, -1},
			{-8, 8, 444, 0, -1},
			{2049, 8, 444, 0, -1},
			{8, 2049, 444, 0, -1},
			{4097, 8, 420, 0, -1},
			{8, 4097, 420, 0, -1},
			{G_MAXINT, G_MAXINT, 420, 0, -1},
			{8, 8, 422, 0, -1},
			{8, 8, 0, 0, -1},
			{8, 8, 444, -1, -1},
			{8, 8, 444, 12, -1},
			{8, 8, 444, 0, 12},
			{8, 8, 444, 0, -2},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct fixture f;

		open_grey(&f, DECODER_444);
		f.frame.width = wrong[i].width;
		f.frame.height = wrong[i].height;
		f.frame.chroma = wrong[i].chroma;
		f.frame.selector = wrong[i].selector;
		f.frame.second_selector = wrong[i].second;
		assert_fault(&f, DECODER_BAD_FRAME, 0, 0, 0);
		g_assert_cmpint(decoder_damage(f.decoder)->count, ==, 0);
		g_assert_cmpint(decoder_picture(f.decoder)->width, ==, 24);
		g_assert_cmphex(pixel(&f, 23, 15), ==, grey(138));
		fixture_close(&f);
	}
}

/* Records of many lengths from every bit on; colours tell whether each was read right. */
static void test_records_straddle_the_readers_window(void)
{
	enum { COLUMNS = 64, ROWS = 32, RECORDS = COLUMNS * ROWS };
	g_autofree guint32 *expected = g_new(guint32, RECORDS * 64);

	for (int lead = 0; lead < 64; lead++) {
		struct fixture f;
		int predictor = 0;

		fixture_open(&f, COLUMNS * 8, ROWS * 8, DECODER_444);
		f.shift = lead % 8;
		for (int i = 0; i < lead; i++) { /* seven bits each */
			stream_code(&f.s, VQ1);
			stream_entry(&f.s, 0, -1);
		}
		stream_at(&f.s, VQ1, COLUMNS - 1, ROWS - 1);
		stream_entry(&f.s, 0, -1);
		for (int i = 0; i < RECORDS; i++) {
			int bits = g_test_rand_int_range(-1, 3), levels[4];

			stream_code(&f.s, bits < 0 ? DCT : VQ1 + bits);
			if (bits < 0) {
				int level = g_test_rand_int_range(-100, 100);

				stream_flat_444(&f.s, level * 8 - predictor, 0, 0);
				predictor = level * 8;
				levels[0] = 128 + level;
			}
			for (int e = 0; bits >= 0 && e < 1 << bits; e++) {
				levels[e] = g_test_rand_int_range(0, 256);
				stream_entry(&f.s, e, levels[e] << 16 | 0x8080);
			}
			for (int p = 0; p < 64; p++) {
				int entry = bits > 0 ? g_test_rand_int_range(0, 1 << bits) : 0;

				stream_put(&f.s, entry, MAX(bits, 0));
				expected[i * 64 + p] = grey(levels[entry]);
			}
		}
		g_assert_cmpuint(f.s.count / 8, >, 3 * 8192);
		decode_good(&f);
		for (int i = 0; i < RECORDS * 64; i++)
			g_assert_cmphex(pixel(&f, i / 64 % COLUMNS * 8 + i % 8,
							i / 64 / COLUMNS * 8 + i % 64 / 8),
					==, expected[i]);
		fixture_close(&f);
	}
}

static void stream_longest(struct stream *s)
{
	for (int block = 0; block < 6; block++) {
		stream_dc(s, block < 4 ? LUMA : CHROMA, 0);
		for (int k = 1; k < 64; k++) {
			if (block < 4)
				stream_put(s, LONG_LUMA);
			else
				stream_put(s, LONG_CHROMA);
			stream_put(s, k * 337, 10);
		}
	}
}

/* From every bit of a word on; each must look like the first. */
static void test_the_longest_records_fit_the_readers_window(void)
{
	for (int lead = 0; lead < 32; lead++) {
		struct fixture f;

		fixture_open(&f, 16 * 16, 2 * 16, DECODER_420);
		f.shift = lead % 4;
		for (int i = 0; i < lead; i++) { /* of 37 bits, 16 more for the position */
			stream_at(&f.s, DCT, 0, 0);
			stream_flat_420(&f.s, 0, i % 2 ? -1 : 1, 0);
		}
		stream_at(&f.s, DCT, 0, 0);
		stream_longest(&f.s);
		for (int i = 1; i < 32; i++) {
			stream_code(&f.s, DCT);
			stream_longest(&f.s);
		}
		g_assert_cmpuint(f.s.count / 8, >, 3 * 8192);
		decode_good(&f);
		g_assert_true(f.result.key_frame);
		for (int i = 0; i < 32 * 256; i++) {
			int x = i % 16, y = i / 16 % 16, column = i / 256 % 16, row = i / 4096;

			g_assert_cmphex(pixel(&f, column * 16 + x, row * 16 + y), ==,
					pixel(&f, x, y));
		}
		fixture_close(&f);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/ajpg-faults/" path, function)
	TEST("codes-that-mean-nothing", test_codes_that_mean_nothing);
	TEST("positions-outside", test_positions_outside);
	TEST("codes-that-no-huffman-table-has", test_codes_that_no_huffman_table_has);
	TEST("runs-past-the-block", test_runs_past_the_block);
	TEST("records-that-420-does-not-have", test_records_that_420_does_not_have);
	TEST("records-that-need-a-second-selector", test_records_that_need_a_second_selector);
	TEST("twice-as-many-records-are-the-most", test_twice_as_many_records_are_the_most);
	TEST("a-cut-keeps-whole-macroblocks", test_a_cut_keeps_whole_macroblocks);
	TEST("bytes-short-of-a-word-do-not-exist", test_bytes_short_of_a_word_do_not_exist);
	TEST("all-zeros-have-no-end", test_all_zeros_have_no_end);
	TEST("parameters-out-of-range", test_parameters_out_of_range);
	TEST("records-straddle-the-readers-window", test_records_straddle_the_readers_window);
	TEST("the-longest-records-fit-the-readers-window",
			test_the_longest_records_fit_the_readers_window);
	return g_test_run();
}
