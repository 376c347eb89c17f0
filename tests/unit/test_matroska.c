/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the writer writes, by a reader of its own and by ffmpeg. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <glib/gstdio.h>
#include "src/matroska.h"
#include "tests/unit/mkv.h"

static const struct matroska_chapter chapters[] = {
		{0, "2026-01-01T00:00:00Z 640x480"},
		{1500, "lost"},
};

static const struct matroska_about about = {
		.title = "r1n01",
		.program = "spicerack",
		.wall = G_GINT64_CONSTANT(1767225600000000), /* 2026-01-01T00:00:00Z */
		.width = 640,
		.height = 480,
		.duration = 3000,
		.chapters = chapters,
		.chapter_count = G_N_ELEMENTS(chapters),
};

/* --- Its structure --- */

static void test_what_comes_first_says_what_it_is(void)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct mkv_element element;
	guint64 bits;
	double duration;

	matroska_begin(out, &about);
	element = MKV_FIND(out, 0x1a45dfa3, 0x4282);
	g_assert_cmpmem(element.data, element.size, "matroska", 8);
	g_assert_true(MKV_FIND(out, MKV_SEGMENT).endless);
	g_assert_cmpuint(mkv_number(MKV_FIND(out, MKV_SEGMENT, 0x1549a966, 0x2ad7b1)), ==, 1000000);
	bits = mkv_number(MKV_FIND(out, MKV_SEGMENT, 0x1549a966, 0x4489));
	memcpy(&duration, &bits, sizeof(bits));
	g_assert_cmpfloat(duration, ==, 3000);
	/* 25 years and 6 leap days. */
	g_assert_cmpuint(mkv_number(MKV_FIND(out, MKV_SEGMENT, 0x1549a966, 0x4461)), ==,
			(25 * 365 + 6) * G_GUINT64_CONSTANT(86400000000000));
	element = MKV_FIND(out, MKV_SEGMENT, 0x1654ae6b, 0xae, 0x86);
	g_assert_cmpmem(element.data, element.size, "V_MJPEG", 7);
	g_assert_cmpuint(mkv_number(MKV_FIND(out, MKV_SEGMENT, 0x1654ae6b, 0xae, 0xe0, 0xb0)), ==,
			640);
	g_assert_cmpuint(mkv_number(MKV_FIND(out, MKV_SEGMENT, 0x1654ae6b, 0xae, 0xe0, 0xba)), ==,
			480);
}

static void test_chapters_are_told(void)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct mkv_element element, edition;
	struct mkv_reader reader;
	size_t count = 0;

	matroska_begin(out, &about);
	edition = MKV_FIND(out, MKV_SEGMENT, MKV_CHAPTERS, 0x45b9);
	reader = mkv_within(&edition);
	while (mkv_next(&reader, &element)) {
		g_autofree char *name = NULL;

		if (element.id != 0xb6)
			continue;
		g_assert_cmpuint(mkv_number(mkv_find(mkv_within(&element), (guint32[]){0x91, 0})),
				==, (guint64)chapters[count].time * 1000000);
		name = mkv_words(mkv_find(mkv_within(&element), (guint32[]){0x80, 0x85, 0}));
		g_assert_cmpstr(name, ==, chapters[count].name);
		count++;
	}
	g_assert_cmpuint(count, ==, G_N_ELEMENTS(chapters));
}

/* Sizes on both sides of what each length of a size can say. */
static void test_frames_of_any_size_come_back(void)
{
	static const size_t sizes[] = {0, 1, 121, 122, 123, 124, 125, 16377, 16378, 16379, 16380,
			2097145, 2097146, 2097147, 2097148, 2097149};
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autofree guint8 *jpeg = g_malloc(3 << 20);
	struct mkv_element element, cluster;
	struct mkv_reader reader;

	for (size_t i = 0; i < 3 << 20; i++)
		jpeg[i] = (guint8)(i * 7 ^ i >> 9);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		guint before = out->len;

		matroska_frame(out, (gint64)i * 70000, i % 2 ? 40 : -1, jpeg, sizes[i]);
		g_assert_cmpuint(out->len - before, <=, sizes[i] + MATROSKA_FRAME_MOST);
	}
	reader = mkv_all(out);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_assert_true(mkv_next(&reader, &cluster));
		g_assert_cmpuint(cluster.id, ==, MKV_CLUSTER);
		g_assert_cmpuint(mkv_number(mkv_find(mkv_within(&cluster), (guint32[]){0xe7, 0})),
				==, i * 70000);
		element = i % 2 ? mkv_find(mkv_within(&cluster), (guint32[]){0xa0, MKV_BLOCK, 0})
				: mkv_find(mkv_within(&cluster), (guint32[]){MKV_SIMPLE_BLOCK, 0});
		g_assert_cmpuint(element.data[0], ==, 0x81);
		g_assert_cmpuint(mkv_big(element.data + 1, 2), ==, 0);
		g_assert_cmpuint(element.data[3], ==, i % 2 ? 0 : 0x80);
		g_assert_cmpmem(element.data + 4, element.size - 4, jpeg, sizes[i]);
		if (i % 2)
			g_assert_cmpuint(mkv_number(mkv_find(mkv_within(&cluster),
							 (guint32[]){0xa0, 0x9b, 0})),
					==, 40);
	}
	g_assert_false(mkv_next(&reader, &element));
}

/* --- For players --- */

static void picture(int width, int height, int shade, unsigned char **jpeg, unsigned long *size)
{
	struct jpeg_compress_struct libjpeg;
	struct jpeg_error_mgr errors;
	g_autofree guint8 *line = g_malloc((gsize)width * 3);
	JSAMPROW row = line;

	libjpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&libjpeg);
	*jpeg = NULL;
	*size = 0;
	jpeg_mem_dest(&libjpeg, jpeg, size);
	libjpeg.image_width = (JDIMENSION)width;
	libjpeg.image_height = (JDIMENSION)height;
	libjpeg.input_components = 3;
	libjpeg.in_color_space = JCS_RGB;
	jpeg_set_defaults(&libjpeg);
	jpeg_start_compress(&libjpeg, TRUE);
	while (libjpeg.next_scanline < libjpeg.image_height) {
		for (int i = 0; i < width * 3; i++)
			line[i] = (guint8)(i * (int)(libjpeg.next_scanline + 3) + shade);
		jpeg_write_scanlines(&libjpeg, &row, 1);
	}
	jpeg_finish_compress(&libjpeg);
	jpeg_destroy_compress(&libjpeg);
}

static char *run(const char *const *argv, char **complaints)
{
	g_autoptr(GError) error = NULL;
	char *out = NULL;
	int status;

	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, complaints,
			&status, &error);
	g_assert_no_error(error);
	g_assert_cmpint(status, ==, 0);
	return out;
}

/* cut: bytes that are missing at the end, as after a crash. */
static void play(gsize cut, const char *frames)
{
	g_autofree char *ffprobe = g_find_program_in_path("ffprobe");
	g_autofree char *path = NULL, *out = NULL, *said = NULL;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	int fd;

	if (!ffprobe) {
		g_test_skip("ffprobe is not there (package ffmpeg)");
		return;
	}
	matroska_begin(bytes, &about);
	for (int i = 0; i < 10; i++) {
		unsigned char *jpeg;
		unsigned long size;

		picture(i < 5 ? 640 : 320, i < 5 ? 480 : 200, i * 9, &jpeg, &size);
		matroska_frame(bytes, i * 200, i == 9 ? 1200 : -1, jpeg, size);
		free(jpeg);
	}
	fd = g_file_open_tmp("matroska-XXXXXX.mkv", &path, NULL);
	g_assert_cmpint(fd, >=, 0);
	g_close(fd, NULL);
	g_assert_true(g_file_set_contents(
			path, (const char *)bytes->data, (gssize)(bytes->len - cut), NULL));
	out = run((const char *[]){"ffprobe", "-v", "warning", "-count_frames", "-show_entries",
				  "stream=codec_name,width,height,nb_read_frames:format=duration:"
				  "chapter=start_time:format_tags=title",
				  "-of", "default=nw=1", path, NULL},
			&said);
	g_assert_nonnull(strstr(out, "codec_name=mjpeg\n"));
	g_assert_nonnull(strstr(out, frames));
	g_assert_nonnull(strstr(out, "start_time=1.500000\n"));
	g_assert_nonnull(strstr(out, "duration=3.000000\n"));
	g_assert_nonnull(strstr(out, "TAG:title=r1n01\n"));
	if (!cut)
		g_assert_cmpstr(said, ==, "");
	g_remove(path);
}

static void test_ffmpeg_plays_all_of_it(void)
{
	play(0, "nb_read_frames=10\n");
}

/* The last frame's cluster is cut. */
static void test_ffmpeg_plays_what_was_cut_off(void)
{
	play(20, "nb_read_frames=9\n");
}

#define ADD(name) g_test_add_func("/matroska/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(what_comes_first_says_what_it_is);
	ADD(chapters_are_told);
	ADD(frames_of_any_size_come_back);
	ADD(ffmpeg_plays_all_of_it);
	ADD(ffmpeg_plays_what_was_cut_off);
	return g_test_run();
}
