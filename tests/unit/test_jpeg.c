/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Complete JPEG frames: the engine's, foreign ones, damaged ones. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include "decoder/decoder.h"
#include "sim/encoder.h"

#define UNIT 16

enum kind { PLAIN, PROGRESSIVE, MANY_SCANS, GREY, HALF_WIDE, HALF_HIGH, RESTARTS, OWN_TABLES };

struct fixture {
	struct decoder *decoder;
	struct encoder *encoder;
	struct picture source;
	struct encoder_settings settings;
	struct decoder_result result;
	guint8 *bytes;
	gsize size;
};

/* The encoder's picture, in memory of its own. */
static void encode(struct fixture *f)
{
	const guint8 *bytes = encoder_jpeg(f->encoder, f->source.pixels, f->source.width,
			f->source.height, f->source.stride, &f->settings, &f->size);

	g_assert_nonnull(bytes);
	g_free(f->bytes);
	f->bytes = g_malloc(f->size);
	memcpy(f->bytes, bytes, f->size);
}

static void fixture_open(struct fixture *f, int width, int height, int chroma)
{
	*f = (struct fixture){.decoder = decoder_new(), .encoder = encoder_new()};
	g_assert_nonnull(f->decoder);
	g_assert_nonnull(f->encoder);
	g_assert_true(picture_resize(&f->source, width, height));
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			f->source.pixels[(gsize)y * f->source.stride + x] =
					(guint32)(x * 100 / width + 60) << 16 |
					(guint32)(y * 100 / height + 60) << 8 | 0x60;
	f->settings = (struct encoder_settings){chroma, 11, -1, ENCODER_VQ_NONE, false};
	encode(f);
}

static void fixture_close(struct fixture *f)
{
	decoder_free(f->decoder);
	encoder_free(f->encoder);
	picture_release(&f->source);
	g_free(f->bytes);
}

/* A part of the bytes, alone in memory. */
static bool decode_part(struct fixture *f, gsize size)
{
	guint8 *exact = g_malloc(size);
	struct decoder_frame frame = {
			.data = exact,
			.size = size,
			.codec = DECODER_JPEG,
			.width = f->source.width,
			.height = f->source.height,
	};
	bool good;

	if (size)
		memcpy(exact, f->bytes, size);
	good = decoder_decode(f->decoder, &frame, &f->result);
	g_assert_cmpint(good, ==, f->result.fault == DECODER_OK);
	g_free(exact);
	return good;
}

static bool decode(struct fixture *f)
{
	return decode_part(f, f->size);
}

static int changed(const struct fixture *f)
{
	return decoder_damage(f->decoder)->count;
}

static int total(const struct fixture *f)
{
	return decoder_damage(f->decoder)->columns * decoder_damage(f->decoder)->rows;
}

static guint32 shown(const struct fixture *f, int x, int y)
{
	const struct picture *picture = decoder_picture(f->decoder);

	return picture->pixels[(gsize)y * picture->stride + x];
}

static void assert_like_the_source(const struct fixture *f, int top, int bottom)
{
	for (int y = top; y < bottom; y++) {
		for (int x = 0; x < f->source.width; x++) {
			guint32 a = f->source.pixels[(gsize)y * f->source.stride + x];

			for (int shift = 0; shift <= 16; shift += 8)
				g_assert_cmpint(ABS((int)(a >> shift & 255) -
								(int)(shown(f, x, y) >> shift &
										255)),
						<=, 12);
		}
	}
}

/* The source, or one grey for what is to be refused. */
static void encode_line(const struct fixture *f, enum kind kind, int y, guint8 *line)
{
	memset(line, 100, (gsize)f->source.width * (kind == GREY ? 1 : 3));
	if (kind < HALF_WIDE)
		return;
	for (int x = 0; x < f->source.width; x++)
		for (int i = 0; i < 3; i++)
			line[3 * x + i] = f->source.pixels[(gsize)y * f->source.stride + x] >>
					  (16 - 8 * i);
}

/* What the engine does not send, made by libjpeg. */
static void encode_foreign(struct fixture *f, enum kind kind)
{
	static const jpeg_scan_info scans[] = {{1, {0}, 0, 63, 0, 0}, {2, {1, 2}, 0, 63, 0, 0}};
	struct jpeg_compress_struct libjpeg;
	struct jpeg_error_mgr errors;
	g_autofree guint8 *line = g_malloc0((gsize)f->source.width * 3);
	unsigned char *bytes = NULL;
	unsigned long size = 0;
	JSAMPROW row = line;

	libjpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&libjpeg);
	jpeg_mem_dest(&libjpeg, &bytes, &size);
	libjpeg.image_width = f->source.width;
	libjpeg.image_height = f->source.height;
	libjpeg.input_components = kind == GREY ? 1 : 3;
	libjpeg.in_color_space = kind == GREY ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(&libjpeg);
	jpeg_set_quality(&libjpeg, 95, TRUE);
	libjpeg.comp_info[0].h_samp_factor = kind == HALF_HIGH || kind == GREY ? 1 : 2;
	libjpeg.comp_info[0].v_samp_factor = kind == HALF_WIDE || kind == GREY ? 1 : 2;
	if (kind == RESTARTS)
		libjpeg.restart_interval = 3;
	libjpeg.optimize_coding = kind == OWN_TABLES;
	if (kind == PROGRESSIVE)
		jpeg_simple_progression(&libjpeg);
	if (kind == MANY_SCANS) {
		libjpeg.scan_info = scans;
		libjpeg.num_scans = G_N_ELEMENTS(scans);
	}
	jpeg_start_compress(&libjpeg, TRUE);
	while (libjpeg.next_scanline < libjpeg.image_height) {
		encode_line(f, kind, libjpeg.next_scanline, line);
		jpeg_write_scanlines(&libjpeg, &row, 1);
	}
	jpeg_finish_compress(&libjpeg);
	jpeg_destroy_compress(&libjpeg);
	g_free(f->bytes);
	f->bytes = g_malloc(size);
	f->size = size;
	memcpy(f->bytes, bytes, size);
	free(bytes);
}

static void test_frames_look_like_their_source(void)
{
	static const int sizes[][2] = {{160, 96}, {250, 186}, {17, 33}, {16, 16}, {4096, 16}};

	for (int chroma = 420; chroma <= 444; chroma += 24) {
		for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
			struct fixture f;

			fixture_open(&f, sizes[i][0], sizes[i][1], chroma);
			g_assert_true(decode(&f));
			g_assert_true(f.result.resized);
			g_assert_true(f.result.key_frame);
			g_assert_cmpint(decoder_damage(f.decoder)->unit, ==, UNIT);
			if (sizes[i][0] != 17) /* too steep for half the chroma */
				assert_like_the_source(&f, 0, sizes[i][1]);
			fixture_close(&f);
		}
	}
}

static void test_equal_bytes_are_no_damage(void)
{
	struct fixture f;

	fixture_open(&f, 160, 96, 420);
	g_assert_true(decode(&f));
	g_assert_cmpint(changed(&f), ==, total(&f));
	g_assert_true(decode(&f));
	g_assert_cmpint(changed(&f), ==, 0);
	g_assert_cmpint(total(&f), ==, 60);
	g_assert_true(f.result.key_frame);
	g_assert_false(f.result.resized);
	assert_like_the_source(&f, 0, 96);
	fixture_close(&f);
}

static void test_equal_pixels_are_no_damage(void)
{
	struct fixture f;

	fixture_open(&f, 160, 96, 444);
	g_assert_true(decode(&f));
	f.bytes = g_realloc(f.bytes, f.size + 37);
	memset(f.bytes + f.size, 0, 37);
	f.size += 37;
	g_assert_true(decode(&f));
	g_assert_cmpint(changed(&f), ==, 0);
	fixture_close(&f);
}

static void test_damage_is_what_changed(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		struct fixture f;

		fixture_open(&f, 150, 90, chroma);
		g_assert_true(decode(&f));
		f.source.pixels[(gsize)40 * f.source.stride + 70] ^= 0xffffff;
		f.source.pixels[(gsize)89 * f.source.stride + 149] ^= 0xffffff;
		encode(&f);
		g_assert_true(decode(&f));
		g_assert_cmpint(changed(&f), ==, 2);
		g_assert_cmpint(decoder_damage(f.decoder)->map[2 * 10 + 4], ==, 1);
		g_assert_cmpint(decoder_damage(f.decoder)->map[5 * 10 + 9], ==, 1);
		fixture_close(&f);
	}
}

static void test_a_missing_end_mark_is_no_fault(void)
{
	struct fixture f;

	fixture_open(&f, 160, 96, 420);
	g_assert_true(decode_part(&f, f.size - 2));
	assert_like_the_source(&f, 0, 96);
	fixture_close(&f);
}

static void test_a_cut_keeps_what_was_complete(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		struct fixture f;
		int rows;

		fixture_open(&f, 160, 160, chroma);
		g_assert_false(decode_part(&f, f.size * 3 / 4));
		g_assert_cmpint(f.result.fault, ==, DECODER_TRUNCATED);
		g_assert_cmpuint(f.result.word, ==, f.size * 3 / 4 / 4);
		rows = f.result.y;
		g_assert_cmpint(rows, >, 0);
		g_assert_cmpint(rows, <, 10);
		g_assert_cmpint(changed(&f), ==, rows * 10);
		g_assert_false(f.result.key_frame);
		assert_like_the_source(&f, 0, rows * UNIT);
		for (int y = rows * UNIT; y < 160; y++)
			for (int x = 0; x < 160; x++)
				g_assert_cmphex(shown(&f, x, y), ==, 0);
		g_assert_true(decode(&f));
		g_assert_cmpint(changed(&f), ==, (10 - rows) * 10);
		assert_like_the_source(&f, 0, 160);
		fixture_close(&f);
	}
}

static void test_other_sizes_than_announced_are_refused(void)
{
	struct fixture f, other;

	fixture_open(&f, 160, 96, 420);
	fixture_open(&other, 160, 97, 420);
	g_assert_true(decode(&f));
	for (int round = 0; round < 2; round++) {
		f.source.height += round ? -1 : 1;
		g_assert_cmpint(decode(&f), ==, round == 1);
		g_assert_true(f.result.resized);
		g_assert_cmpint(f.result.fault, ==, round ? DECODER_OK : DECODER_BAD_FRAME);
	}
	/* Nor does the refused one stay behind. */
	f.source.height = 97;
	g_assert_false(decode(&f));
	g_free(f.bytes);
	f.bytes = g_malloc(other.size);
	memcpy(f.bytes, other.bytes, other.size);
	f.size = other.size;
	g_assert_true(decode(&f));
	fixture_close(&f);
	fixture_close(&other);
}

static void test_what_no_engine_sends(void)
{
	struct fixture f;

	fixture_open(&f, 160, 96, 420);
	encode_foreign(&f, PLAIN);
	g_assert_true(decode(&f));
	g_assert_cmphex(shown(&f, 159, 95), ==, 0x646464);
	encode_foreign(&f, GREY);
	g_assert_true(decode(&f));
	g_assert_cmpint(changed(&f), ==, 0);
	encode_foreign(&f, PROGRESSIVE);
	g_assert_false(decode(&f));
	g_assert_cmpint(f.result.fault, ==, DECODER_BAD_FRAME);
	/* Each scan goes over the whole picture, and a few bytes can hold thousands. */
	encode_foreign(&f, MANY_SCANS);
	g_assert_false(decode(&f));
	g_assert_cmpint(f.result.fault, ==, DECODER_BAD_FRAME);
	g_assert_cmpint(changed(&f), ==, 0);
	g_assert_cmphex(shown(&f, 159, 95), ==, 0x646464);
	fixture_close(&f);
}

/* Segments before the scan: a camera's are put in, tables are taken out. */
static void camera_segments(struct fixture *f, bool tables, const char *stray)
{
	static const guint8 avi1[] = {
			0xff, 0xe0, 0, 16, 'A', 'V', 'I', '1', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	static const guint8 comment[] = {0xff, 0xfe, 0, 6, 0xff, 0xd9, 0xff, 0xda};
	static const guint8 vendor[] = {0xff, 0xed, 0xff, 0xff};
	g_autofree guint8 *blank = g_malloc0(0xfffd);
	GByteArray *bytes = g_byte_array_new();
	gsize at = 2;

	g_byte_array_append(bytes, f->bytes, 2);
	g_byte_array_append(bytes, avi1, sizeof(avi1));
	g_byte_array_append(bytes, vendor, sizeof(vendor));
	g_byte_array_append(bytes, blank, 0xfffd);
	g_byte_array_append(bytes, comment, sizeof(comment));
	while (f->bytes[at + 1] != 0xda) {
		gsize size = 2 + (f->bytes[at + 2] << 8 | f->bytes[at + 3]);

		if (f->bytes[at + 1] != 0xc4 || tables)
			g_byte_array_append(bytes, f->bytes + at, size);
		g_byte_array_append(bytes, (const guint8 *)stray, strlen(stray));
		at += size;
	}
	g_byte_array_append(bytes, f->bytes + at, f->size - at);
	g_free(f->bytes);
	f->size = bytes->len;
	f->bytes = g_byte_array_free(bytes, FALSE);
}

static void test_samplings_and_restarts_of_cameras(void)
{
	static const enum kind kinds[] = {HALF_WIDE, HALF_HIGH, RESTARTS, OWN_TABLES};

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct fixture f;

		fixture_open(&f, 150, 90, 420);
		encode_foreign(&f, kinds[i]);
		g_assert_true(decode(&f));
		assert_like_the_source(&f, 0, 90);
		g_assert_false(decode_part(&f, f.size / 2));
		g_assert_cmpint(f.result.fault, ==, DECODER_TRUNCATED);
		fixture_close(&f);
	}
}

static void test_segments_of_cameras_are_stepped_over(void)
{
	struct fixture f;

	fixture_open(&f, 150, 90, 420);
	encode_foreign(&f, HALF_WIDE);
	camera_segments(&f, true, "stray");
	g_assert_true(decode(&f));
	assert_like_the_source(&f, 0, 90);
	fixture_close(&f);
}

static void test_no_huffman_tables_means_the_standard_ones(void)
{
	for (int former = 0; former < 2; former++) {
		struct fixture f;

		fixture_open(&f, 150, 90, 420);
		if (former) {
			encode_foreign(&f, OWN_TABLES);
			g_assert_true(decode(&f));
		}
		f.source.pixels[(gsize)40 * f.source.stride + 70] ^= 0x0f0f0f;
		encode_foreign(&f, HALF_WIDE);
		camera_segments(&f, false, "");
		g_assert_true(decode(&f));
		g_assert_cmpint(changed(&f), >, 0);
		f.source.pixels[(gsize)40 * f.source.stride + 70] ^= 0x0f0f0f;
		assert_like_the_source(&f, 0, 30);
		fixture_close(&f);
	}
}

static void test_garbage_is_refused(void)
{
	struct fixture f;

	fixture_open(&f, 160, 96, 420);
	g_assert_false(decode_part(&f, 0));
	g_assert_cmpint(f.result.fault, ==, DECODER_BAD_FRAME);
	for (int round = 0; round < 500; round++) {
		for (gsize i = 0; i < f.size; i++)
			f.bytes[i] = g_test_rand_int();
		if (round % 2) {
			f.bytes[0] = 0xff;
			f.bytes[1] = 0xd8;
		}
		g_assert_false(decode(&f));
		g_assert_cmpint(changed(&f), ==, 0);
	}
	encode(&f);
	g_assert_true(decode(&f));
	assert_like_the_source(&f, 0, 96);
	fixture_close(&f);
}

static void test_any_cut_and_any_flip_is_survived(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		struct fixture f;

		fixture_open(&f, 80, 48, chroma);
		for (int round = 0; round < 4000; round++) {
			gsize size = g_test_rand_int_range(0, f.size + 1);
			int at = g_test_rand_int_range(0, f.size);
			guint8 former = f.bytes[at];

			if (round % 2)
				f.bytes[at] = g_test_rand_int();
			decode_part(&f, size);
			g_assert_cmpuint(f.result.word, <=, size / 4);
			f.bytes[at] = former;
		}
		g_assert_true(decode(&f));
		assert_like_the_source(&f, 0, 48);
		fixture_close(&f);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/jpeg/" path, function)
	TEST("frames-look-like-their-source", test_frames_look_like_their_source);
	TEST("equal-bytes-are-no-damage", test_equal_bytes_are_no_damage);
	TEST("equal-pixels-are-no-damage", test_equal_pixels_are_no_damage);
	TEST("damage-is-what-changed", test_damage_is_what_changed);
	TEST("a-missing-end-mark-is-no-fault", test_a_missing_end_mark_is_no_fault);
	TEST("a-cut-keeps-what-was-complete", test_a_cut_keeps_what_was_complete);
	TEST("other-sizes-than-announced-are-refused", test_other_sizes_than_announced_are_refused);
	TEST("what-no-engine-sends", test_what_no_engine_sends);
	TEST("samplings-and-restarts-of-cameras", test_samplings_and_restarts_of_cameras);
	TEST("segments-of-cameras-are-stepped-over", test_segments_of_cameras_are_stepped_over);
	TEST("no-huffman-tables-means-the-standard-ones",
			test_no_huffman_tables_means_the_standard_ones);
	TEST("garbage-is-refused", test_garbage_is_refused);
	TEST("any-cut-and-any-flip-is-survived", test_any_cut_and_any_flip_is_survived);
	return g_test_run();
}
