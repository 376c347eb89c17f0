/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rectangles of a picture as JPEGs: what they show, what they hold, how they are cut. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include "tests/unit/drawn_desk.h"
#include "tests/unit/stream.h"

static guint8 *write_rectangle(
		struct desk *f, const struct recode_rectangle *rectangle, gsize *size)
{
	gsize room = recode_bound(f->twin.blocks, rectangle);
	guint8 *bytes = g_malloc(room);

	*size = recode_write(f->twin.blocks, rectangle, bytes, room);
	g_assert_cmpuint(*size, >, 0);
	g_assert_cmpuint(*size, <=, room);
	return bytes;
}

static void test_viewers_see_what_pixels_show(void)
{
	static const int sizes[][2] = {{320, 200}, {250, 186}, {17, 33}, {16, 16}, {8, 8}, {1, 1}};

	for (int chroma = 420; chroma <= 444; chroma += 24) {
		for (gsize i = 0; i < 2 * G_N_ELEMENTS(sizes); i++) {
			struct desk f;

			desk_open(&f, i % 2 ? DECODER_JPEG : DECODER_AJPG, sizes[i / 2][0],
					sizes[i / 2][1], chroma);
			for (int n = 0; n < 6; n++) {
				desk_write(&f, n * 7, n * 20, "Now [  OK  ] 0x7f3a");
				g_assert_true(desk_step(&f, n == 4));
			}
			g_test_message("%d: %dx%d: %.1f dB", chroma, sizes[i / 2][0],
					sizes[i / 2][1], f.twin.worst);
			/* libjpeg rounds green in another way than we do; a step of many pixels
			 * weighs more in a small picture. */
			if (i % 2)
				g_assert_true(isinf(f.twin.worst));
			else
				g_assert_cmpfloat(f.twin.worst, >=, i < 4 ? 59 : 50);
			desk_close(&f);
		}
	}
}

/* Chroma that a viewer's libjpeg smooths is not what the engine meant, but near it. */
static void test_smooth_chroma_is_near(void)
{
	struct desk f;

	desk_open(&f, DECODER_AJPG, 320, 200, 420);
	f.twin.smooth = true;
	for (int n = 0; n < 6; n++) {
		desk_write(&f, n * 7, n * 20, "Now [  OK  ] 0x7f3a");
		g_assert_true(desk_step(&f, n == 4));
	}
	g_assert_cmpfloat(f.twin.worst, >=, 45);
	desk_close(&f);
}

static void test_a_full_frame_that_is_the_same_sends_nothing(void)
{
	struct desk f;

	desk_open(&f, DECODER_AJPG, 320, 200, 420);
	g_assert_true(desk_step(&f, true));
	g_assert_true(desk_step(&f, true));
	g_assert_true(f.twin.result.key_frame);
	g_assert_cmpint(f.twin.rectangles, ==, 0);
	desk_close(&f);
}

static void test_distant_changes_are_sent_apart(void)
{
	for (int codec = 0; codec < 2; codec++) {
		struct desk f;

		desk_open(&f, codec ? DECODER_JPEG : DECODER_AJPG, 640, 480, 420);
		g_assert_true(desk_step(&f, true));
		g_assert_cmpint(f.twin.rectangles, ==, 1);
		desk_write(&f, 0, 0, "x");
		desk_write(&f, 600, 460, "x");
		g_assert_true(desk_step(&f, false));
		g_assert_cmpint(f.twin.rectangles, ==, 2);
		g_assert_cmpuint(f.twin.bytes, <, 1000);
		desk_write(&f, 16, 0, "x");
		desk_write(&f, 40, 0, "x");
		g_assert_true(desk_step(&f, false));
		g_assert_cmpint(f.twin.rectangles, ==, 1);
		desk_close(&f);
	}
}

/* Sends everything to a new viewer; returns how many rectangles that takes. */
static int send_all(struct twin *twin, int most)
{
	const struct damage *damage = decoder_damage(twin->blocks);
	const struct picture *picture = decoder_picture(twin->pixels);
	g_autofree guint8 *map = g_malloc((gsize)damage->columns * damage->rows);
	struct recode_rectangle plan[TWIN_RECTANGLES];
	struct picture seen = {0};
	int count;

	memset(map, 1, (gsize)damage->columns * damage->rows);
	count = recode_plan(twin->blocks, map, plan, most);
	g_assert_cmpint(count, <=, most);
	g_assert_true(picture_resize(&seen, picture->width, picture->height));
	for (int i = 0; i < count; i++) {
		gsize room = recode_bound(twin->blocks, &plan[i]);
		g_autofree guint8 *bytes = g_malloc(room);
		gsize size = recode_write(twin->blocks, &plan[i], bytes, room);

		g_assert_cmpuint(size, >, 0);
		twin_show(&seen, &plan[i], bytes, size, false);
	}
	g_assert_cmpfloat(twin_decibels(&seen, picture), >=, 45);
	picture_release(&seen);
	return count;
}

/* Each selector has a column, with a second one in it; and all of them are in one picture. */
static void test_selectors_are_not_mixed(void)
{
	struct stream s = {0};
	struct twin twin;

	twin_open(&twin);
	twin.follow = true;
	for (int selector = 11; selector >= 0; selector--) {
		struct decoder_frame frame = {.codec = DECODER_AJPG,
				.width = 96,
				.height = 64,
				.chroma = DECODER_444,
				.selector = selector,
				.second_selector = (selector + 5) % 12};

		stream_begin(&s);
		for (int row = 0; row < 8; row++) {
			for (int column = 0; column <= selector; column++) {
				stream_at(&s, row < 4 ? DCT : LOW, column, row);
				stream_flat_444(&s, row || column ? 1 : 10 + selector, 0, 0);
			}
		}
		stream_end(&s);
		stream_flush(&s);
		frame.data = s.bytes->data;
		frame.size = s.bytes->len;
		g_assert_true(twin_decode(&twin, &frame));
	}
	g_assert_cmpfloat(twin.worst, >=, 60);
	g_assert_cmpint(send_all(&twin, TWIN_RECTANGLES), ==, 24);
	/* There may be too many of them. */
	g_assert_cmpint(send_all(&twin, 5), <=, 5);
	g_assert_cmpint(send_all(&twin, 1), ==, 1);
	twin_close(&twin);
	stream_clear(&s);
}

static void test_what_cannot_be_copied_is_encoded(void)
{
	for (int kind = 0; kind < 3; kind++) {
		struct desk f;

		desk_open(&f, DECODER_AJPG, 320, 200, 444);
		if (kind == 0)
			f.settings.vq = ENCODER_VQ_4;
		else if (kind == 1)
			f.settings.second_selector = 11;
		else
			f.settings.studio = true;
		for (int n = 0; n < 6; n++) {
			desk_write(&f, n * 7, n * 20, "Now [  OK  ] 0x7f3a");
			g_assert_true(desk_step(&f, false));
			g_assert_true(desk_step(&f, false));
		}
		g_assert_cmpfloat(f.twin.worst, >=, 45);
		desk_close(&f);
	}
}

/* --- What is in a JPEG --- */

/* Quantised coefficients and tables of some bytes; free with coefficients_free. */
struct coefficients {
	struct jpeg_decompress_struct libjpeg;
	struct jpeg_error_mgr errors;
	jvirt_barray_ptr *arrays;
};

static void coefficients_read(struct coefficients *c, const guint8 *bytes, gsize size)
{
	c->libjpeg.err = jpeg_std_error(&c->errors);
	jpeg_create_decompress(&c->libjpeg);
	jpeg_mem_src(&c->libjpeg, bytes, size);
	g_assert_cmpint(jpeg_read_header(&c->libjpeg, TRUE), ==, JPEG_HEADER_OK);
	c->arrays = jpeg_read_coefficients(&c->libjpeg);
	g_assert_cmpint(c->errors.num_warnings, ==, 0);
}

static void coefficients_free(struct coefficients *c)
{
	jpeg_destroy_decompress(&c->libjpeg);
}

static const JCOEF *coefficients_at(struct coefficients *c, int component, int column, int row)
{
	JBLOCKARRAY blocks = c->libjpeg.mem->access_virt_barray(
			(j_common_ptr)&c->libjpeg, c->arrays[component], row, 1, FALSE);

	return blocks[0][column];
}

/* A rectangle's coefficients are those of the engine's JPEG at its place. */
static void test_coefficients_are_copied(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		const struct recode_rectangle part = {64, 32, 112, 80};
		struct coefficients whole, cut;
		g_autofree guint8 *bytes = NULL;
		struct desk f;
		const guint8 *engine;
		gsize engine_size, size;

		desk_open(&f, DECODER_AJPG, 320, 200, chroma);
		desk_write(&f, 60, 40, "Coefficients");
		desk_write(&f, 100, 70, "are copied");
		g_assert_true(desk_step(&f, true));
		bytes = write_rectangle(&f, &part, &size);
		engine = encoder_jpeg(f.encoder, f.source.pixels, 320, 200, f.source.stride,
				&f.settings, &engine_size);
		/* The AJPG's and the JPEG's transform differ: the JPEG is taken for both. */
		f.codec = DECODER_JPEG;
		g_assert_true(desk_step(&f, true));
		g_free(bytes);
		bytes = write_rectangle(&f, &part, &size);
		coefficients_read(&whole, engine, engine_size);
		coefficients_read(&cut, bytes, size);
		for (int component = 0; component < 3; component++) {
			const jpeg_component_info *info = &cut.libjpeg.comp_info[component];
			int edge = component && chroma == 420 ? 16 : 8;

			g_assert_cmpint(memcmp(info->quant_table->quantval,
							whole.libjpeg.comp_info[component]
									.quant_table->quantval,
							sizeof(info->quant_table->quantval)),
					==, 0);
			for (int row = 0; row < part.height / edge; row++)
				for (int column = 0; column < part.width / edge; column++)
					g_assert_cmpint(memcmp(coefficients_at(&cut, component,
									       column, row),
									coefficients_at(&whole,
											component,
											column + part.x / edge,
											row + part.y / edge),
									sizeof(JBLOCK)),
							==, 0);
		}
		coefficients_free(&whole);
		coefficients_free(&cut);
		desk_close(&f);
	}
}

static bool has_marker(const guint8 *bytes, gsize size, guint8 marker)
{
	for (gsize i = 0; i + 1 < size && !(bytes[i] == 0xff && bytes[i + 1] == 0xda); i++)
		if (bytes[i] == 0xff && bytes[i + 1] == marker)
			return true;
	return false;
}

static void test_headers_are_short_or_full(void)
{
	for (int pixels = 0; pixels < 2; pixels++) {
		const struct recode_rectangle part = {32, 32, 64, 48};
		struct picture seen = {0};
		struct desk f;
		gsize sizes[2];

		desk_open(&f, DECODER_AJPG, 320, 200, 444);
		f.settings.studio = pixels;
		g_assert_true(desk_step(&f, true));
		g_assert_true(picture_resize(&seen, 320, 200));
		for (int full = 0; full < 2; full++) {
			g_autofree guint8 *bytes = NULL;

			recode_full_header(f.twin.blocks, full);
			bytes = write_rectangle(&f, &part, &sizes[full]);
			g_assert_cmpint(has_marker(bytes, sizes[full], 0xc4), ==, full);
			g_assert_cmpint(has_marker(bytes, sizes[full], 0xe0), ==, full);
			twin_show(&seen, &part, bytes, sizes[full], false);
		}
		if (!pixels)
			g_assert_cmpuint(sizes[1] - sizes[0], ==, 609 - 171);
		picture_release(&seen);
		desk_close(&f);
	}
}

static void test_little_room_is_refused(void)
{
	const struct recode_rectangle part = {32, 32, 64, 48};
	const struct recode_rectangle outside[] = {
			{-16, 0, 32, 32}, {0, 0, 336, 16}, {304, 0, 32, 16}, {0, 0, 0, 16}};
	struct desk f;
	guint8 *bytes;

	desk_open(&f, DECODER_AJPG, 320, 200, 444);
	g_assert_true(desk_step(&f, true));
	bytes = g_malloc(100);
	g_assert_cmpuint(recode_write(f.twin.blocks, &part, bytes, 100), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(outside); i++)
		g_assert_cmpuint(recode_write(f.twin.blocks, &outside[i], bytes, 100), ==, 0);
	g_free(bytes);
	desk_close(&f);
}

static void test_pictures_that_no_decoder_made(void)
{
	const struct recode_rectangle all = {0, 0, 250, 186}, part = {13, 7, 101, 55};
	struct picture seen = {0};
	struct desk f;

	desk_open(&f, DECODER_AJPG, 250, 186, 444);
	desk_write(&f, 20, 20, "No signal");
	g_assert_true(picture_resize(&seen, 250, 186));
	for (int i = 0; i < 2; i++) {
		const struct recode_rectangle *rectangle = i ? &part : &all;
		gsize room = recode_picture_bound(rectangle);
		g_autofree guint8 *bytes = g_malloc(room);
		gsize size = recode_picture(&f.source, rectangle, bytes, room);

		g_assert_cmpuint(size, >, 0);
		twin_show(&seen, rectangle, bytes, size, true);
		g_assert_cmpfloat(twin_decibels(&seen, &f.source), >=, 45);
		g_assert_cmpuint(recode_picture(&f.source, rectangle, bytes, size - 1), ==, 0);
	}
	picture_release(&seen);
	desk_close(&f);
}

/* --- Plans --- */

/* Any map is covered, by no more rectangles than are wanted. */
static void test_any_map_is_covered(void)
{
	enum { COLUMNS = 120, ROWS = 68 };
	struct recode_rectangle plan[1000];
	guint8 map[COLUMNS * ROWS], left[COLUMNS * ROWS];
	struct desk f;

	desk_open(&f, DECODER_AJPG, 1920, 1080, 420);
	f.twin.follow = false;
	g_assert_true(desk_step(&f, true));
	for (int round = 0; round < 60; round++) {
		int most = round % 3 == 0 ? 1 : round % 3 == 1 ? 40 : 1000, count;
		int dense = g_test_rand_int_range(1, 60);

		if (round == 30) { /* two kinds all over */
			f.settings.selector = 4;
			for (int i = 0; i < 100; i++)
				desk_fill(&f, g_test_rand_int_range(0, 1900),
						g_test_rand_int_range(0, 1060), 20, 20, i * 999);
			g_assert_true(desk_step(&f, false));
		}
		for (int i = 0; i < COLUMNS * ROWS; i++)
			map[i] = left[i] = g_test_rand_int_range(0, 100) < dense;
		count = recode_plan(f.twin.blocks, map, plan, most);
		g_assert_cmpint(count, >=, 1);
		g_assert_cmpint(count, <=, most);
		for (int i = 0; i < count; i++) {
			g_assert_cmpint(plan[i].x + plan[i].width, <=, 1920);
			g_assert_cmpint(plan[i].y + plan[i].height, <=, 1080);
			for (int y = plan[i].y / 16; y * 16 < plan[i].y + plan[i].height; y++)
				memset(left + y * COLUMNS + plan[i].x / 16, 0,
						(plan[i].width + 15) / 16);
		}
		for (int i = 0; i < COLUMNS * ROWS; i++)
			g_assert_cmpint(left[i], ==, 0);
	}
	memset(map, 0, sizeof(map));
	g_assert_cmpint(recode_plan(f.twin.blocks, map, plan, 10), ==, 0);
	desk_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/recode/" path, function)
	TEST("viewers-see-what-pixels-show", test_viewers_see_what_pixels_show);
	TEST("smooth-chroma-is-near", test_smooth_chroma_is_near);
	TEST("a-full-frame-that-is-the-same-sends-nothing",
			test_a_full_frame_that_is_the_same_sends_nothing);
	TEST("distant-changes-are-sent-apart", test_distant_changes_are_sent_apart);
	TEST("selectors-are-not-mixed", test_selectors_are_not_mixed);
	TEST("what-cannot-be-copied-is-encoded", test_what_cannot_be_copied_is_encoded);
	TEST("coefficients-are-copied", test_coefficients_are_copied);
	TEST("headers-are-short-or-full", test_headers_are_short_or_full);
	TEST("little-room-is-refused", test_little_room_is_refused);
	TEST("pictures-that-no-decoder-made", test_pictures_that_no_decoder_made);
	TEST("any-map-is-covered", test_any_map_is_covered);
	return g_test_run();
}
