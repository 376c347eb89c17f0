/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames kept as blocks, record by record: what counts as a change, and what is seen of it when. */
#include <string.h>
#include "decoder/coded.h"
#include "decoder/codes.h"
#include "tests/unit/stream.h"

static void open_blocks(struct fixture *f, int width, int height, enum decoder_chroma chroma)
{
	fixture_open(f, width, height, chroma);
	decoder_keep_blocks(f->decoder, true);
}

static int changed(const struct fixture *f)
{
	return decoder_damage(f->decoder)->count;
}

/* A luma block with one AC coefficient of a bit, and flat chroma. */
static void detail_444(struct stream *s, int dc, bool sign)
{
	stream_dc(s, LUMA, dc);
	stream_put(s, 0x0, 2); /* no zeros, one bit */
	stream_put(s, sign, 1);
	stream_put(s, EOB_LUMA);
	stream_flat(s, CHROMA, 0);
	stream_flat(s, CHROMA, 0);
}

static void test_pixels_are_made_when_asked_for(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		struct fixture f;

		open_blocks(&f, 48, 16, chroma);
		stream_at(&f.s, DCT, 1, 0);
		if (chroma == 444)
			stream_flat_444(&f.s, 80, 0, 0);
		else
			stream_flat_420(&f.s, 80, 0, 0);
		decode_good(&f);
		g_assert_cmpint(changed(&f), ==, 1);
		assert_block(&f, 1, 0, 0);
		decoder_refresh(f.decoder);
		assert_block(&f, 0, 0, 0);
		assert_block(&f, 1, 0, grey(138));
		fixture_close(&f);
	}
}

static void test_equal_blocks_are_no_damage(void)
{
	struct fixture f;

	open_blocks(&f, 24, 8, DECODER_444);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++) {
			stream_code(&f.s, DCT);
			detail_444(&f.s, i == 0 ? 40 : 0, i == 1 && round == 2);
		}
		decode_good(&f);
		g_assert_true(f.result.key_frame);
		g_assert_cmpint(f.result.named, ==, 3);
		g_assert_cmpint(changed(&f), ==, round == 0 ? 3 : round == 1 ? 0 : 1);
	}
	g_assert_true(damaged(&f, 1, 0));
	fixture_close(&f);
}

static void test_another_dc_is_damage(void)
{
	struct fixture f;

	open_blocks(&f, 16, 8, DECODER_444);
	for (int round = 0; round < 2; round++) {
		stream_code(&f.s, DCT);
		detail_444(&f.s, 40, false);
		stream_code(&f.s, DCT);
		detail_444(&f.s, round, false);
		decode_good(&f);
	}
	g_assert_cmpint(changed(&f), ==, 1);
	g_assert_true(damaged(&f, 1, 0));
	fixture_close(&f);
}

static void test_another_selector_is_damage(void)
{
	struct fixture f;

	open_blocks(&f, 8, 8, DECODER_444);
	for (int round = 0; round < 3; round++) {
		f.frame.selector = round ? 8 : 11; /* DC steps 2 and 1 */
		stream_code(&f.s, DCT);
		stream_flat_444(&f.s, 80, 0, 0);
		decode_good(&f);
		g_assert_cmpint(changed(&f), ==, round < 2);
		decoder_refresh(f.decoder);
		assert_block(&f, 0, 0, grey(round ? 148 : 138));
	}
	fixture_close(&f);
}

static void test_low_has_the_second_selector(void)
{
	struct fixture f;

	open_blocks(&f, 16, 8, DECODER_444);
	f.frame.second_selector = 8;
	stream_code(&f.s, DCT);
	stream_flat_444(&f.s, 80, 0, 0);
	stream_code(&f.s, LOW);
	stream_flat_444(&f.s, 0, 0, 0);
	decode_good(&f);
	decoder_refresh(f.decoder);
	assert_block(&f, 0, 0, grey(138));
	assert_block(&f, 1, 0, grey(148));
	fixture_close(&f);
}

static void test_vq_and_second_passes_are_drawn_at_once(void)
{
	struct fixture f;

	open_blocks(&f, 16, 8, DECODER_444);
	f.frame.second_selector = 11;
	stream_code(&f.s, VQ1);
	stream_entry(&f.s, 0, 0x648080);
	stream_code(&f.s, DCT);
	stream_flat_444(&f.s, 80, 0, 0);
	decode_good(&f);
	assert_block(&f, 0, 0, grey(100));
	assert_block(&f, 1, 0, 0);
	for (int i = 0; i < 2; i++) {
		stream_at(&f.s, PASS2, i, 0);
		stream_flat_444(&f.s, i ? 0 : 40, 0, 0);
	}
	decode_good(&f);
	assert_block(&f, 0, 0, grey(105));
	assert_block(&f, 1, 0, grey(143)); /* 128 + 10, and 5 */
	g_assert_cmpint(changed(&f), ==, 2);
	fixture_close(&f);
}

static void test_studio_swing_is_drawn_at_once(void)
{
	struct fixture f;

	open_blocks(&f, 16, 16, DECODER_420);
	f.frame.studio = true;
	stream_code(&f.s, DCT);
	stream_flat_420(&f.s, (235 - 128) * 8, 0, 0);
	decode_good(&f);
	assert_block(&f, 0, 0, grey(255));
	fixture_close(&f);
}

static void test_a_macroblock_with_a_fault_stays_as_it_was(void)
{
	struct fixture f;

	open_blocks(&f, 16, 8, DECODER_444);
	for (int i = 0; i < 2; i++) {
		stream_code(&f.s, DCT);
		stream_flat_444(&f.s, i ? 0 : 80, 0, 0);
	}
	decode_good(&f);
	stream_code(&f.s, DCT);
	stream_flat_444(&f.s, 160, 0, 0);
	stream_code(&f.s, DCT);
	stream_flat(&f.s, LUMA, 160);
	stream_flat(&f.s, CHROMA, 0);
	for (int i = 0; i < 4; i++)
		stream_put(&f.s, 0xffffffff, 32);
	g_assert_false(decode(&f));
	g_assert_cmpint(f.result.fault, ==, DECODER_BAD_HUFFMAN);
	g_assert_cmpint(f.result.x, ==, 1);
	g_assert_cmpint(changed(&f), ==, 1);
	decoder_refresh(f.decoder);
	assert_block(&f, 0, 0, grey(148));
	assert_block(&f, 1, 0, grey(138));
	fixture_close(&f);
}

static void test_another_chroma_keeps_the_picture(void)
{
	struct fixture f;

	open_blocks(&f, 32, 16, DECODER_420);
	for (int i = 0; i < 2; i++) {
		stream_code(&f.s, DCT);
		stream_flat_420(&f.s, i ? 0 : 80, 0, 0);
	}
	decode_good(&f);
	f.frame.chroma = DECODER_444;
	stream_code(&f.s, DCT);
	stream_flat_444(&f.s, 160, 0, 0);
	decode_good(&f);
	g_assert_cmpint(changed(&f), ==, 1);
	decoder_refresh(f.decoder);
	assert_block(&f, 0, 0, grey(148));
	for (int i = 1; i < 8; i++)
		assert_block(&f, i % 4, i / 4, grey(138));
	fixture_close(&f);
}

static void test_going_back_to_pixels_keeps_the_picture(void)
{
	struct fixture f;

	open_blocks(&f, 16, 8, DECODER_444);
	stream_code(&f.s, DCT);
	stream_flat_444(&f.s, 80, 0, 0);
	decode_good(&f);
	decoder_keep_blocks(f.decoder, false);
	assert_block(&f, 0, 0, grey(138));
	stream_at(&f.s, DCT, 1, 0);
	stream_flat_444(&f.s, 160, 0, 0);
	decode_good(&f);
	assert_block(&f, 0, 0, grey(138));
	assert_block(&f, 1, 0, grey(148));
	fixture_close(&f);
}

/* --- The store by itself --- */

/* Strings of random bits and lengths for all macroblocks, again and again. */
static void test_strings_survive_moves(void)
{
	enum { COLUMNS = 7, ROWS = 5, BLOCKS = COLUMNS * ROWS * 6, BYTES = 256 };

	struct coded coded = {0};
	guint8(*strings)[BYTES] = g_malloc0(sizeof(*strings) * BLOCKS);
	struct coded_found *found = g_new0(struct coded_found, BLOCKS);

	g_assert_true(coded_begin(&coded, 16, COLUMNS, ROWS));
	for (int round = 0; round < 20000; round++) {
		int macroblock = g_test_rand_int_range(0, COLUMNS * ROWS);
		guint8 *bytes = strings[(gsize)macroblock * 6];
		struct coded_found *blocks = found + (gsize)macroblock * 6;
		bool same = round % 4 == 3 && blocks[0].bits;

		for (int i = 0; i < 6 && !same; i++) {
			for (int j = 0; j < BYTES - 16; j++)
				bytes[i * BYTES + j] = g_test_rand_int();
			blocks[i].string = i * BYTES * 8 + g_test_rand_int_range(0, 200);
			blocks[i].bits = g_test_rand_int_range(2, g_test_rand_bit() ? 60 : 1638);
			blocks[i].dc = g_test_rand_int_range(-1023, 1024);
		}
		g_assert_true(coded_reserve(&coded));
		g_assert_cmpint(coded_put(&coded, macroblock, 7, blocks, bytes), ==, !same);
		if (round % 500)
			continue;
		for (int i = 0; i < BLOCKS; i++) {
			const struct coded_block *block = &coded.block[i];

			g_assert_cmpint(block->bits, ==, found[i].bits);
			g_assert_cmpint(block->dc, ==, found[i].dc);
			for (int bit = 0; bit < block->bits; bit++) {
				gsize at = found[i].string - (gsize)(i % 6) * BYTES * 8 + bit;
				guint8 there = strings[i][at / 8] >> (7 - at % 8) & 1;
				guint64 word = block->bits > 32
							       ? coded_word(coded.arena[block->string +
											bit / 64])
							       : (guint64)block->string << 32;

				g_assert_cmpint(word >> (63 - bit % 64) & 1, ==, there);
			}
		}
	}
	/* Holes are filled again: memory does not grow with the number of frames. */
	g_assert_cmpuint(coded.room, <, (gsize)4 * BLOCKS * 26 + 65536);
	coded_release(&coded);
	g_free(strings);
	g_free(found);
}

static void put_random(struct coded *coded, int macroblock, const guint8 *bytes, int size)
{
	struct coded_found found[6];

	for (int i = 0; i < 6; i++)
		found[i] = (struct coded_found){
				.string = g_test_rand_int_range(0, size * 8 - 2 * 1638),
				.bits = g_test_rand_int_range(2, g_test_rand_bit() ? 60 : 1638),
		};
	g_assert_true(coded_reserve(coded));
	coded_put(coded, macroblock, 7, found, bytes);
}

static void test_arena_is_at_most_twice_its_strings(void)
{
	enum { MACROBLOCKS = 40 * 40, BYTES = 1024 };

	struct coded coded = {0};
	guint8 bytes[BYTES];
	gsize words = 0;

	for (int i = 0; i < BYTES; i++)
		bytes[i] = g_test_rand_int();
	g_assert_true(coded_begin(&coded, 16, 40, 40));
	for (int i = 0; i < 20 * MACROBLOCKS; i++) {
		put_random(&coded, i < MACROBLOCKS ? i : g_test_rand_int_range(0, MACROBLOCKS),
				bytes, BYTES);
		g_assert_cmpuint(coded.used, <=, coded.room);
	}
	for (int i = 0; i < 6 * MACROBLOCKS; i++)
		words += coded.block[i].bits > 32 ? (coded.block[i].bits + 63) / 64 : 0;
	g_assert_cmpuint(coded.used - coded.idle, ==, words);
	g_assert_cmpuint(coded.room, <=, 2 * words);
	coded_release(&coded);
}

/* --- Codes --- */

struct bits {
	guint8 bytes[256 + 2048];
	gsize at;
};

static guint32 take(struct bits *bits, int count)
{
	guint32 value = 0;

	for (; count > 0; count--, bits->at++)
		value = value << 1 | (bits->bytes[bits->at / 8] >> (7 - bits->at % 8) & 1);
	return value;
}

/* ITU-T T.81 F.2.2.3, a bit at a time; -1: no such code, and none is taken. */
static int take_symbol(struct bits *bits, const struct ajpg_huffman_spec *spec)
{
	gsize begin = bits->at;
	guint32 code = 0, first = 0;
	int symbol = 0;

	for (int length = 0; length < 16; length++) {
		code = code << 1 | take(bits, 1);
		first <<= 1;
		if (code - first < spec->counts[length])
			return spec->symbols[symbol + code - first];
		first += spec->counts[length];
		symbol += spec->counts[length];
	}
	bits->at = begin;
	return -1;
}

static enum entropy_status plain_block(struct bits *bits, const struct ajpg_huffman_spec *dc,
		const struct ajpg_huffman_spec *ac, gint32 *difference, gsize *string)
{
	int symbol = take_symbol(bits, dc);

	if (symbol < 0)
		return ENTROPY_BAD_CODE;
	*difference = take(bits, symbol);
	if (symbol && !(*difference >> (symbol - 1)))
		*difference -= (1 << symbol) - 1;
	*string = bits->at;
	for (int k = 0; k < 63;) {
		symbol = take_symbol(bits, ac);
		if (symbol < 0)
			return ENTROPY_BAD_CODE;
		if (symbol == 0)
			return ENTROPY_OK;
		take(bits, symbol & 15);
		k += (symbol >> 4) + 1;
		if (k > 63)
			return ENTROPY_BAD_RUN;
	}
	return ENTROPY_OK;
}

/* Faults and all: random bits, with rare codes and bad ones. */
static void test_codes_are_found_as_bit_by_bit(void)
{
	g_autofree struct codes *codes = g_new0(struct codes, 1);

	codes_init(codes);
	for (int round = 0; round < 100000; round++) {
		bool chroma = round % 2;
		struct bits bits = {0};
		gsize position = 0, string = 0, plain = 0;
		gint32 difference = 0, expected = 0;
		enum entropy_status a, b;

		for (int i = 0; i < 256; i++) {
			bits.bytes[i] = g_test_rand_int();
			if (g_test_rand_int_range(0, 8) < round % 4)
				bits.bytes[i] |= g_test_rand_int();
		}
		a = plain_block(&bits, chroma ? &ajpg_dc_chroma : &ajpg_dc_luma,
				chroma ? &ajpg_ac_chroma : &ajpg_ac_luma, &expected, &plain);
		b = codes_block(chroma ? &codes->chroma : &codes->luma, bits.bytes, &position,
				&difference, &string);
		g_assert_cmpint(a, ==, b);
		g_assert_cmpuint(position, ==, bits.at);
		g_assert_cmpint(difference, ==, expected);
		g_assert_cmpuint(string, ==, plain);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/blocks/" path, function)
	TEST("pixels-are-made-when-asked-for", test_pixels_are_made_when_asked_for);
	TEST("equal-blocks-are-no-damage", test_equal_blocks_are_no_damage);
	TEST("another-dc-is-damage", test_another_dc_is_damage);
	TEST("another-selector-is-damage", test_another_selector_is_damage);
	TEST("low-has-the-second-selector", test_low_has_the_second_selector);
	TEST("vq-and-second-passes-are-drawn-at-once", test_vq_and_second_passes_are_drawn_at_once);
	TEST("studio-swing-is-drawn-at-once", test_studio_swing_is_drawn_at_once);
	TEST("a-macroblock-with-a-fault-stays-as-it-was",
			test_a_macroblock_with_a_fault_stays_as_it_was);
	TEST("another-chroma-keeps-the-picture", test_another_chroma_keeps_the_picture);
	TEST("going-back-to-pixels-keeps-the-picture", test_going_back_to_pixels_keeps_the_picture);
	TEST("strings-survive-moves", test_strings_survive_moves);
	TEST("arena-is-at-most-twice-its-strings", test_arena_is_at_most_twice_its_strings);
	TEST("codes-are-found-as-bit-by-bit", test_codes_are_found_as_bit_by_bit);
	return g_test_run();
}
