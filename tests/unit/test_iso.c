/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>
#include "sim/iso.h"
#include "tests/unit/disc_image.h"

#define SECTOR 2048

/* A medium in memory; what is read of it is told by the next turn of finish. */
struct fixture {
	GByteArray *image;
	struct iso *iso;
	iso_done_fn done;
	void *data;
	bool broken; /* every read fails */
	unsigned int reads;
	bool ended;
	char *reason;
};

static void on_read(void *owner, uint32_t first, uint32_t count, void *bytes, iso_done_fn done,
		void *data)
{
	struct fixture *f = owner;

	g_assert_null(f->done);
	g_assert_cmpuint(((gsize)first + count) * SECTOR, <=, f->image->len);
	memcpy(bytes, f->image->data + (gsize)first * SECTOR, (gsize)count * SECTOR);
	f->done = done;
	f->data = data;
	f->reads++;
}

static void on_cancel(void *owner)
{
	struct fixture *f = owner;

	f->done = NULL;
}

static void on_done(const char *reason, void *data)
{
	struct fixture *f = data;

	g_assert_false(f->ended);
	f->ended = true;
	f->reason = g_strdup(reason);
}

/* Why not; NULL: it went well. Until the next call. */
static const char *finish(struct fixture *f)
{
	while (f->done) {
		iso_done_fn done = f->done;

		f->done = NULL;
		done(f->broken ? "it broke" : NULL, f->data);
	}
	g_assert_true(f->ended);
	f->ended = false;
	return f->reason;
}

static const char *open_image(struct fixture *f, GByteArray *image)
{
	struct iso_medium medium = {.sectors = image->len / SECTOR,
			.read = on_read,
			.cancel = on_cancel,
			.most = 8,
			.owner = f};

	f->image = image;
	f->iso = iso_new(&medium);
	iso_open(f->iso, on_done, f);
	return finish(f);
}

static const char *find(struct fixture *f, const char *path)
{
	g_clear_pointer(&f->reason, g_free);
	iso_find(f->iso, path, on_done, f);
	return finish(f);
}

static const char *list(struct fixture *f)
{
	g_clear_pointer(&f->reason, g_free);
	iso_list(f->iso, on_done, f);
	return finish(f);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	iso_free(f->iso);
	if (f->image)
		g_byte_array_unref(f->image);
	g_free(f->reason);
}

static GByteArray *small_image(void)
{
	static char large[5000];
	const struct disc_image_file files[] = {
			{"README.TXT;1", "hello", 5},
			{"LARGE.BIN;1", large, sizeof(large)},
			{NULL, NULL, 0},
	};

	return disc_image_new("SMALL", files);
}

/* --- Tests --- */

static void a_volume_is_described(struct fixture *f, gconstpointer unused)
{
	const struct iso_volume *volume;

	g_assert_null(open_image(f, small_image()));
	volume = iso_volume(f->iso);
	g_assert_cmpstr(volume->words.volume, ==, "SMALL");
	g_assert_cmpstr(volume->words.publisher, ==, "NOBODY");
	g_assert_cmpuint(volume->words.blocks, ==, f->image->len / SECTOR);
	g_assert_cmpint(volume->names, ==, ISO_PLAIN);
	g_assert_cmpuint(volume->boots, ==, 1);
	g_assert_cmpuint(volume->boot[0].platform, ==, 0);
	g_assert_cmpuint(volume->boot[0].block, ==, DISC_IMAGE_FILES);
	g_assert_true(volume->boot[0].bootable);
}

static void files_are_listed_and_found_whatever_their_case(struct fixture *f, gconstpointer unused)
{
	unsigned int reads;

	g_assert_null(open_image(f, small_image()));
	g_assert_null(list(f));
	g_assert_cmpuint(iso_listed(f->iso)->len, ==, 2);
	g_assert_null(find(f, "./readme.txt"));
	g_assert_cmpstr(iso_found(f->iso)->name, ==, "README.TXT");
	g_assert_cmpuint(iso_entry_size(iso_found(f->iso)), ==, 5);
	g_assert_null(find(f, "//LARGE.BIN"));
	g_assert_cmpuint(iso_found(f->iso)->extent[0].block, ==, DISC_IMAGE_FILES + 1);
	/* All in a directory that was read already. */
	reads = f->reads;
	g_assert_nonnull(find(f, "absent"));
	g_assert_true(iso_refused(f->iso));
	g_assert_nonnull(find(f, "README.TXT/below"));
	g_assert_nonnull(find(f, ""));
	g_assert_cmpuint(f->reads, ==, reads);
}

static void a_failed_read_is_no_missing_file(struct fixture *f, gconstpointer unused)
{
	g_assert_null(open_image(f, small_image()));
	iso_free(f->iso);
	f->iso = NULL;
	f->broken = true;
	g_assert_cmpstr(open_image(f, f->image), ==, "it broke");
	g_assert_false(iso_refused(f->iso));
}

static void what_is_no_disc_is_refused(struct fixture *f, gconstpointer unused)
{
	GByteArray *image = g_byte_array_new();

	g_byte_array_set_size(image, 40 * SECTOR);
	memset(image->data, 0, image->len);
	g_assert_cmpstr(open_image(f, image), ==, "there is no ISO 9660 volume on it");
	g_assert_true(iso_refused(f->iso));
}

static void an_image_cut_short_is_refused(struct fixture *f, gconstpointer unused)
{
	GByteArray *image = small_image();

	g_byte_array_set_size(image, DISC_IMAGE_ROOT * SECTOR);
	g_assert_cmpstr(open_image(f, image), ==, "the disc has a directory beyond its end");
}

static void a_tiny_medium_is_refused(struct fixture *f, gconstpointer unused)
{
	GByteArray *image = small_image();

	g_byte_array_set_size(image, 4 * SECTOR);
	g_assert_nonnull(open_image(f, image));
	g_assert_cmpuint(f->reads, ==, 0);
}

static void a_damaged_boot_catalogue_has_no_entries(struct fixture *f, gconstpointer unused)
{
	GByteArray *image = small_image();

	image->data[DISC_IMAGE_CATALOGUE * SECTOR + 5]++;
	g_assert_null(open_image(f, image));
	g_assert_cmpuint(iso_volume(f->iso)->catalogue, ==, DISC_IMAGE_CATALOGUE);
	g_assert_cmpuint(iso_volume(f->iso)->boots, ==, 0);
}

static void a_directory_of_any_size_is_bounded(struct fixture *f, gconstpointer unused)
{
	GByteArray *image = small_image();

	/* 4 GiB of root directory, of which the medium has a little. */
	memset(image->data + DISC_IMAGE_PRIMARY * SECTOR + 156 + 10, 0xff, 8);
	g_assert_cmpstr(open_image(f, image), ==, "the disc has a directory beyond its end");
	g_assert_cmpuint(f->reads, <, 10);
}

static void descriptors_without_an_end_are_bounded(struct fixture *f, gconstpointer unused)
{
	GByteArray *image = g_byte_array_new();

	g_byte_array_set_size(image, 200 * SECTOR);
	memset(image->data, 0, image->len);
	for (int i = 16; i < 200; i++)
		memcpy(image->data + (gsize)i * SECTOR, "\2CD001\1", 7);
	g_assert_nonnull(open_image(f, image));
	g_assert_cmpuint(f->reads, <=, ISO_DESCRIPTORS);
}

/* Longer than a directory record. */
static char *long_name(void)
{
	GString *name = g_string_new("ä");

	while (name->len < 200)
		g_string_append_printf(name, "%" G_GSIZE_FORMAT "ö", name->len);
	return g_string_free(name, FALSE);
}

static char *make_tree(void)
{
	g_autofree char *name = long_name();
	char *folder = disc_image_folder();
	g_autofree char *loop = g_build_filename(folder, "loop", NULL),
			*other = g_build_filename(folder, "other", NULL),
			*deep = g_build_filename(folder, "a/b/up", NULL),
			*longer = g_build_filename(folder, "longer", NULL),
			*absolute = g_build_filename(folder, "a/root", NULL);

	disc_image_write(folder, "a/b/c/Deep file with blanks", "deep", 4);
	disc_image_write(folder, "ümläut", "x", 1);
	disc_image_write(folder, name, "long", 4);
	g_assert_cmpint(symlink(name, longer), ==, 0);
	g_assert_cmpint(symlink("other", loop), ==, 0);
	g_assert_cmpint(symlink("loop", other), ==, 0);
	g_assert_cmpint(symlink("../../a/b/c", deep), ==, 0);
	g_assert_cmpint(symlink("/a/b", absolute), ==, 0);
	return folder;
}

/* False: the test is skipped. */
static bool open_real(struct fixture *f, const char *const *arguments)
{
	g_autofree char *folder = make_tree();
	GByteArray *image = disc_image_xorriso(folder, arguments);

	disc_image_remove(folder);
	if (!image)
		return false;
	g_assert_null(open_image(f, image));
	return true;
}

static void rock_ridge_has_names_and_links(struct fixture *f, gconstpointer unused)
{
	static const char *const arguments[] = {"-R", "-V", "A volume", NULL};
	g_autofree char *name = long_name();

	if (!open_real(f, arguments))
		return;
	g_assert_cmpint(iso_volume(f->iso)->names, ==, ISO_ROCK_RIDGE);
	g_assert_cmpstr(iso_volume(f->iso)->words.volume, ==, "A volume");
	g_assert_null(find(f, "a/b/c/Deep file with blanks"));
	g_assert_cmpuint(iso_entry_size(iso_found(f->iso)), ==, 4);
	g_assert_cmpmem(f->image->data + iso_found(f->iso)->extent[0].block * SECTOR, 4, "deep", 4);
	g_assert_null(find(f, "ümläut"));
	g_assert_null(find(f, "a/b/up/Deep file with blanks"));
	g_assert_null(find(f, "a/root/up/../c/Deep file with blanks"));
	g_assert_cmpstr(find(f, "loop"), ==, "is behind too many links");
	g_assert_cmpstr(find(f, "loop/x"), ==, "is behind too many links");
	g_assert_null(find(f, name));
	g_assert_cmpuint(iso_entry_size(iso_found(f->iso)), ==, 4);
	g_assert_null(find(f, "longer"));
	g_assert_cmpstr(iso_found(f->iso)->name, ==, name);
	g_assert_nonnull(find(f, "A/B"));
}

static void joliet_has_names(struct fixture *f, gconstpointer unused)
{
	static const char *const arguments[] = {"-J", "--norock", "-V", "Joliet volume", NULL};

	if (!open_real(f, arguments))
		return;
	g_assert_cmpint(iso_volume(f->iso)->names, ==, ISO_NAMES_JOLIET);
	g_assert_null(find(f, "a/b/c/Deep file with blanks"));
	g_assert_null(find(f, "ümläut"));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*test)(struct fixture *f, gconstpointer unused);
	} tests[] = {
			{"a-volume-is-described", a_volume_is_described},
			{"files-are-listed-and-found-whatever-their-case",
					files_are_listed_and_found_whatever_their_case},
			{"a-failed-read-is-no-missing-file", a_failed_read_is_no_missing_file},
			{"what-is-no-disc-is-refused", what_is_no_disc_is_refused},
			{"an-image-cut-short-is-refused", an_image_cut_short_is_refused},
			{"a-tiny-medium-is-refused", a_tiny_medium_is_refused},
			{"a-damaged-boot-catalogue-has-no-entries",
					a_damaged_boot_catalogue_has_no_entries},
			{"a-directory-of-any-size-is-bounded", a_directory_of_any_size_is_bounded},
			{"descriptors-without-an-end-are-bounded",
					descriptors_without_an_end_are_bounded},
			{"rock-ridge-has-names-and-links", rock_ridge_has_names_and_links},
			{"joliet-has-names", joliet_has_names},
	};

	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
		g_autofree char *path = g_strdup_printf("/iso/%s", tests[i].name);

		g_test_add(path, struct fixture, NULL, NULL, tests[i].test, fixture_close);
	}
	return g_test_run();
}
