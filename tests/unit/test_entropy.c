/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole macroblocks by look-ups (symbols.h) against one symbol after the other (entropy.h). */
#include <glib.h>
#include <string.h>
#include "decoder/ajpg_tables.h"
#include "decoder/symbols.h"

#define ROUNDS 20000

struct fixture {
	struct entropy_table dc[2], ac[2]; /* luma, chroma */
	struct symbols symbols;
	const struct kernels *kernels[4]; /* those that run here; ends with NULL */
};

static void fixture_open(struct fixture *f)
{
	int count = 0;

	memset(f, 0, sizeof(*f));
	entropy_table_build(&f->dc[0], &ajpg_dc_luma, true);
	entropy_table_build(&f->ac[0], &ajpg_ac_luma, false);
	entropy_table_build(&f->dc[1], &ajpg_dc_chroma, true);
	entropy_table_build(&f->ac[1], &ajpg_ac_chroma, false);
	symbols_build(&f->symbols, &f->dc[0], &f->ac[0], &f->dc[1], &f->ac[1]);
	f->kernels[count++] = &kernels_scalar;
#ifdef KERNELS_BASE
	f->kernels[count++] = &kernels_base;
#endif
	f->kernels[count++] = kernels_best();
}

/* Both ways from where the readers are: the same values, predictions, status and place. */
static enum entropy_status assert_same(const struct fixture *f, struct entropy_reader *plain,
		struct entropy_reader *quick, const struct kernels *kernels, int luma,
		gint16 predictions[3])
{
	guint16 ones[64];
	enum entropy_status expected = ENTROPY_OK, status;
	gint16 values[6][64] = {{0}}, after[3];
	int last[6];

	for (int k = 0; k < 64; k++)
		ones[k] = 1;
	memcpy(after, predictions, sizeof(after));
	status = kernels->values(&quick->cursor, &f->symbols, luma, after, values, last);
	for (int i = 0; i < luma + 2 && expected == ENTROPY_OK; i++) {
		int component = i < luma ? 0 : 1 + i - luma;
		struct entropy_block block = {0};

		expected = entropy_block(plain, &f->dc[component > 0], &f->ac[component > 0], ones,
				&predictions[component], &block);
		if (expected != ENTROPY_OK)
			break;
		for (int k = 0; k < 64; k++)
			g_assert_cmpint(values[i][kernels_places[k]], ==,
					block.coefficients[ajpg_zigzag_columns[k]]);
		g_assert_cmpint(last[i], ==, block.last);
	}
	g_assert_cmpint(status, ==, expected);
	if (status == ENTROPY_OK)
		g_assert_cmpmem(after, sizeof(after), predictions, sizeof(after));
	g_assert_cmpuint(entropy_position(quick), ==, entropy_position(plain));
	return status;
}

static void compare(const struct fixture *f, const guint8 *data, gsize size, int luma)
{
	for (int i = 0; f->kernels[i]; i++) {
		struct entropy_reader *plain = g_new0(struct entropy_reader, 1);
		struct entropy_reader *quick = g_new0(struct entropy_reader, 1);
		gint16 predictions[3] = {0};

		entropy_start(plain, data, size);
		entropy_start(quick, data, size);
		do {
			entropy_record(plain);
			entropy_record(quick);
		} while (assert_same(f, plain, quick, f->kernels[i], luma, predictions) ==
						ENTROPY_OK &&
				!entropy_past_end(plain));
		g_free(plain);
		g_free(quick);
	}
}

static void test_look_ups_find_what_single_symbols_are(void)
{
	struct fixture *f = g_new(struct fixture, 1);

	fixture_open(f);
	for (int round = 0; round < ROUNDS; round++) {
		guint8 data[400];

		/* Few ones make short codes, many make long ones. */
		for (gsize i = 0; i < sizeof(data); i++)
			data[i] = round % 3 == 0   ? g_test_rand_int()
				  : round % 3 == 1 ? g_test_rand_int() & g_test_rand_int()
						   : g_test_rand_int() | g_test_rand_int();
		compare(f, data, sizeof(data), round & 1 ? 4 : 1);
	}
	g_free(f);
}

/* A bit more or less before each block brings all its codes to every place in a word. */
static void test_every_code_is_found_at_every_bit(void)
{
	struct fixture *f = g_new(struct fixture, 1);

	fixture_open(f);
	for (guint prefix = 0; prefix < 1 << 16; prefix += 3) {
		guint8 data[64];
		guint64 word = (guint64)prefix << 40 >> prefix % 9;

		for (gsize i = 0; i < sizeof(data); i++)
			data[i] = word >> (i % 8 * 8);
		compare(f, data, sizeof(data), prefix & 1 ? 4 : 1);
	}
	g_free(f);
}

static void test_same_macroblocks_are_nothing_but_predictions(void)
{
	struct fixture *f = g_new(struct fixture, 1);

	fixture_open(f);
	for (int full = 0; full < 2; full++) {
		int luma = full ? 4 : 1, count = luma * 6 + 2 * 4;
		guint64 bits = 0;
		guint8 data[12] = {0};
		guint32 words[2];

		for (int i = 0; i < luma; i++)
			bits = bits << 6 | 0x0a; /* DC 0: 00, end of block: 1010 */
		bits <<= 2 * 4;                  /* and both 00 in chroma */
		bits <<= 64 - count;
		words[0] = GUINT32_TO_LE(bits >> 32);
		words[1] = GUINT32_TO_LE(bits);
		memcpy(data, words, sizeof(words));
		compare(f, data, sizeof(data), luma);
		g_assert_cmpint(f->symbols.same[full].count, ==, count);
		g_assert_true(f->symbols.same[full].bits == bits >> (64 - count));
	}
	g_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/entropy/" path, function)
	TEST("look-ups-find-what-single-symbols-are", test_look_ups_find_what_single_symbols_are);
	TEST("every-code-is-found-at-every-bit", test_every_code_is_found_at_every_bit);
	TEST("same-macroblocks-are-nothing-but-predictions",
			test_same_macroblocks_are_nothing_but_predictions);
	return g_test_run();
}
