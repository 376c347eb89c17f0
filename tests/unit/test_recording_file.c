/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file that is written all the time: what is in it when, and what is dropped. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/recording_file.h"
#include "tests/unit/mkv.h"

#define LIMIT (4 << 20)

struct place {
	char *folder, *path, *older;
};

static void open_place(struct place *place, gconstpointer unused)
{
	place->folder = g_dir_make_tmp("recording-XXXXXX", NULL);
	g_assert_nonnull(place->folder);
	place->path = g_build_filename(place->folder, "console.mkv", NULL);
	place->older = g_strdup_printf("%s.1", place->path);
}

static void close_place(struct place *place, gconstpointer unused)
{
	g_unlink(place->path);
	g_unlink(place->older);
	g_rmdir(place->folder);
	g_free(place->folder);
	g_free(place->path);
	g_free(place->older);
}

static void add(struct recording_file *file, int number, size_t size)
{
	guint8 *bytes = g_malloc(size);

	memset(bytes, number, size);
	recording_file_frame(file, 1000 + number * (gint64)40000, 640, 480,
			g_bytes_new_take(bytes, size));
}

/* Waits for what it was given. */
static struct recording_file_status settled(struct recording_file *file, guint64 frames)
{
	struct recording_file_status status;

	for (;;) {
		recording_file_status(file, &status);
		if (status.frames + status.dropped >= frames)
			return status;
		g_usleep(1000);
	}
}

/* The numbers of the frames in a file, which must be one after the other. Returns the last. */
static int check(const char *path, int first, int *count)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct mkv_element segment;
	struct mkv_reader reader;
	struct mkv_frame frame;
	char *text;
	gsize size;

	g_assert_true(g_file_get_contents(path, &text, &size, NULL));
	g_byte_array_append(bytes, (guint8 *)text, (guint)size);
	g_free(text);
	segment = MKV_FIND(bytes, MKV_SEGMENT);
	reader = mkv_within(&segment);
	*count = 0;
	while (mkv_next_frame(&reader, &frame)) {
		if (first < 0)
			first = frame.data[0] - *count;
		g_assert_cmpint(frame.data[0], ==, first + *count);
		g_assert_cmpuint(frame.time, ==, (guint64)*count * 40);
		++*count;
	}
	return first + *count - 1;
}

static void test_frames_are_there_at_once(struct place *place, gconstpointer unused)
{
	struct recording_file *file = recording_file_new(place->path, LIMIT, "node");
	struct recording_file_status status;
	struct stat seen;
	int count;

	for (int i = 0; i < 5; i++) {
		g_assert_true(recording_file_ready(file));
		add(file, i, 1000);
		status = settled(file, (guint64)i + 1);
		g_assert_cmpuint(status.frames, ==, (guint64)i + 1);
		g_assert_null(status.fault);
		g_assert_cmpint(check(place->path, 0, &count), ==, i);
	}
	g_assert_cmpint(g_stat(place->path, &seen), ==, 0);
	g_assert_cmpint(seen.st_mode & 0007, ==, 0);
	g_assert_cmpuint(status.bytes, ==, (guint64)seen.st_size);
	recording_file_free(file);
}

static void test_a_full_one_becomes_the_older(struct place *place, gconstpointer unused)
{
	struct recording_file *file = recording_file_new(place->path, LIMIT, "node");
	struct stat seen, older;
	int count, last;

	for (int i = 0; i < 100; i++) {
		add(file, i, 100000);
		settled(file, (guint64)i + 1);
		g_assert_cmpint(g_stat(place->path, &seen), ==, 0);
		older.st_size = 0;
		if (g_stat(place->older, &older) == 0)
			g_assert_cmpint(older.st_size, >, LIMIT / 2 - 110000);
		g_assert_cmpint(seen.st_size + older.st_size, <=, LIMIT);
	}
	recording_file_free(file);
	last = check(place->older, -1, &count);
	g_assert_cmpint(count, >, 10);
	g_assert_cmpint(check(place->path, last + 1, &count), ==, 99);
}

static void test_what_a_former_run_left_is_kept(struct place *place, gconstpointer unused)
{
	struct recording_file *file = recording_file_new(place->path, LIMIT, "node");
	int count;

	add(file, 7, 100);
	recording_file_free(file);
	file = recording_file_new(place->path, LIMIT, "node");
	add(file, 9, 100);
	recording_file_free(file);
	g_assert_cmpint(check(place->older, 7, &count), ==, 7);
	g_assert_cmpint(check(place->path, 9, &count), ==, 9);
}

/* As many as the machine makes: each is written or counted. */
static void test_what_comes_too_fast_is_dropped_and_counted(
		struct place *place, gconstpointer unused)
{
	struct recording_file *file = recording_file_new(place->path, 64 << 20, "node");
	struct recording_file_status status;
	guint64 given = 0;

	for (int i = 0; i < 200; i++) {
		if (!recording_file_ready(file))
			continue;
		add(file, i, 2 << 20);
		given++;
	}
	g_assert_cmpuint(given, >=, 2);
	status = settled(file, 200);
	g_assert_cmpuint(status.frames, ==, given);
	g_assert_cmpuint(status.dropped, ==, 200 - given);
	recording_file_free(file);
}

static void test_a_place_that_cannot_be_is_said(struct place *place, gconstpointer unused)
{
	g_autofree char *path = g_build_filename(place->folder, "no", "such.mkv", NULL);
	struct recording_file *file = recording_file_new(path, LIMIT, "node");
	struct recording_file_status status;

	add(file, 0, 100);
	add(file, 1, 100);
	status = settled(file, 2);
	g_assert_cmpuint(status.dropped, ==, 2);
	g_assert_nonnull(strstr(status.fault, "No such file"));
	recording_file_free(file);
}

/* Nobody is led to write into another's file. */
static void test_a_link_is_not_followed(struct place *place, gconstpointer unused)
{
	g_autofree char *other = g_build_filename(place->folder, "other", NULL);
	struct recording_file *file = recording_file_new(place->path, LIMIT, "node");
	g_autofree char *text = NULL;
	struct stat seen;

	g_assert_true(g_file_set_contents(other, "mine", -1, NULL));
	g_assert_cmpint(symlink(other, place->path), ==, 0);
	add(file, 0, 100);
	recording_file_free(file);
	g_assert_true(g_file_get_contents(other, &text, NULL, NULL));
	g_assert_cmpstr(text, ==, "mine");
	g_assert_cmpint(g_lstat(place->path, &seen), ==, 0);
	g_assert_true(S_ISREG(seen.st_mode));
	g_unlink(other);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name)                                                                        \
	g_test_add("/recording-file/" #name, struct place, NULL, open_place, test_##name, \
			close_place)
	TEST(frames_are_there_at_once);
	TEST(a_full_one_becomes_the_older);
	TEST(what_a_former_run_left_is_kept);
	TEST(what_comes_too_fast_is_dropped_and_counted);
	TEST(a_place_that_cannot_be_is_said);
	TEST(a_link_is_not_followed);
	return g_test_run();
}
