/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A folder that looks like the LUN of f_mass_storage in configfs, to what writes single lines. */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gadget/kernel_drive.h"

struct fixture {
	char *root, *lun, *image;
	struct kernel_drive *drive;
	unsigned int ejected, found;
	char *found_file;
	int ended; /* ends told */
	char *error;
};

static void on_found(const char *file, void *data)
{
	struct fixture *f = data;

	f->found_file = g_strdup(file);
	f->found++;
}

static void on_ejected(void *data)
{
	((struct fixture *)data)->ejected++;
}

static void on_done(const GError *error, void *data)
{
	struct fixture *f = data;

	g_free(f->error);
	f->error = error ? g_strdup(error->message) : NULL;
	f->ended++;
}

static void put(struct fixture *f, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(f->lun, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void fixture_open(struct fixture *f, gconstpointer disk)
{
	const struct kernel_drive_events events = {on_found, on_ejected, f};

	f->root = g_dir_make_tmp("kernel-drive-XXXXXX", NULL);
	f->lun = g_build_filename(
			f->root, "usb_gadget/one/functions/mass_storage.drive/lun.0", NULL);
	f->image = g_build_filename(f->root, "image", NULL);
	g_assert_cmpint(g_mkdir_with_parents(f->lun, 0700), ==, 0);
	put(f, "file", "");
	put(f, "ro", "1\n");
	put(f, "forced_eject", "");
	f->drive = kernel_drive_new(f->root, "one", disk ? SCSI_DISK : SCSI_CD, &events);
}

static void fixture_close(struct fixture *f, gconstpointer disk)
{
	g_autofree char *command = g_strdup_printf("rm -r '%s'", f->root);

	kernel_drive_close(f->drive);
	g_assert_cmpint(system(command), ==, 0);
	g_free(f->root);
	g_free(f->lun);
	g_free(f->image);
	g_free(f->error);
	g_free(f->found_file);
}

static void image_of(struct fixture *f, uint64_t size)
{
	g_assert_true(g_file_set_contents(f->image, "", 0, NULL));
	g_assert_cmpint(truncate(f->image, (off_t)size), ==, 0);
}

static void wait_end(struct fixture *f)
{
	int before = f->ended;

	while (f->ended == before)
		g_main_context_iteration(NULL, TRUE);
}

static void insert(struct fixture *f, const char *path, bool writable)
{
	kernel_drive_insert(f->drive, path, writable, on_done, f);
	wait_end(f);
}

static const char *file_of(struct fixture *f)
{
	struct kernel_drive_medium medium;

	kernel_drive_medium(f->drive, &medium);
	return medium.file;
}

static char *read_of(struct fixture *f, const char *name)
{
	g_autofree char *path = g_build_filename(f->lun, name, NULL);
	char *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

static void file_is_named_to_the_kernel(struct fixture *f, gconstpointer disk)
{
	g_autofree char *file = NULL, *ro = NULL;

	image_of(f, 1 << 20);
	insert(f, f->image, disk != NULL);
	g_assert_cmpstr(f->error, ==, NULL);
	file = read_of(f, "file");
	ro = read_of(f, "ro");
	g_assert_true(g_str_has_prefix(file, f->image));
	g_assert_cmpint(ro[0], ==, disk ? '0' : '1');
	g_assert_nonnull(file_of(f));
}

static void cd_of_more_than_the_kernel_shows_is_refused(struct fixture *f, gconstpointer disk)
{
	image_of(f, KERNEL_DRIVE_CD_MOST + 2048);
	insert(f, f->image, false);
	g_assert_nonnull(f->error);
	g_assert_nonnull(strstr(f->error, "2359293952"));
	g_assert_null(file_of(f));
	image_of(f, KERNEL_DRIVE_CD_MOST);
	insert(f, f->image, false);
	g_assert_cmpstr(f->error, ==, NULL);
	image_of(f, KERNEL_DRIVE_CD_LEAST - 1);
	insert(f, f->image, false);
	g_assert_nonnull(f->error);
}

static void disk_of_any_size_is_taken(struct fixture *f, gconstpointer disk)
{
	image_of(f, UINT64_C(5) << 30);
	insert(f, f->image, false);
	g_assert_cmpstr(f->error, ==, NULL);
	image_of(f, 511);
	insert(f, f->image, false);
	g_assert_nonnull(f->error);
}

static void what_would_be_cut_off_is_refused(struct fixture *f, gconstpointer disk)
{
	image_of(f, (1 << 20) + (disk ? 256 : 512));
	insert(f, f->image, false);
	g_assert_nonnull(f->error);
	g_assert_nonnull(strstr(f->error, "cut it off"));
	image_of(f, (1 << 20) + (disk ? 512 : 2048));
	insert(f, f->image, false);
	g_assert_cmpstr(f->error, ==, NULL);
}

static void what_is_in_it_already_is_found(struct fixture *f, gconstpointer disk)
{
	const struct kernel_drive_events events = {on_found, on_ejected, f};
	struct kernel_drive_medium medium;

	while (!f->found)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(f->found_file, ==, NULL);
	image_of(f, 1 << 20);
	insert(f, f->image, true);
	kernel_drive_close(f->drive);
	put(f, "file", f->image); /* no end of line, as configfs does not keep one */
	f->drive = kernel_drive_new(f->root, "one", SCSI_DISK, &events);
	while (f->found < 2)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(f->found_file, ==, f->image);
	kernel_drive_medium(f->drive, &medium);
	g_assert_cmpuint(medium.size, ==, 1 << 20);
	g_assert_true(medium.writable);
}

static void what_is_no_file_is_refused(struct fixture *f, gconstpointer disk)
{
	static const char *const paths[] = {"/dev/null", "/", "/nowhere/at/all"};
	g_autofree char *fifo = g_build_filename(f->root, "fifo", NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		insert(f, paths[i], false);
		g_assert_nonnull(f->error);
	}
	g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
	insert(f, fifo, false);
	g_assert_nonnull(f->error);
}

static void eject_of_the_node_is_noticed(struct fixture *f, gconstpointer disk)
{
	image_of(f, 1 << 20);
	insert(f, f->image, false);
	put(f, "file", "");
	while (!f->ejected)
		g_main_context_iteration(NULL, TRUE);
	g_assert_null(file_of(f));
	insert(f, f->image, false);
	g_assert_cmpuint(f->ejected, ==, 1);
}

static void own_eject_is_not_the_nodes(struct fixture *f, gconstpointer disk)
{
	g_autofree char *forced = NULL;

	image_of(f, 1 << 20);
	insert(f, f->image, false);
	put(f, "file", ""); /* what the kernel does then */
	kernel_drive_eject(f->drive, true, on_done, f);
	wait_end(f);
	g_assert_cmpstr(f->error, ==, NULL);
	forced = read_of(f, "forced_eject");
	g_assert_cmpint(forced[0], ==, '1');
	g_assert_null(file_of(f));
	g_assert_cmpuint(f->ejected, ==, 0);
}

static void nothing_is_told_after_closing(struct fixture *f, gconstpointer disk)
{
	image_of(f, 1 << 20);
	kernel_drive_insert(f->drive, f->image, false, on_done, f);
	kernel_drive_close(f->drive);
	f->drive = NULL;
	g_usleep(50000);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpint(f->ended, ==, 0);
}

#define ADD(kind, disk, name)                                                                 \
	g_test_add("/kernel-drive/" kind "/" #name, struct fixture, disk, fixture_open, name, \
			fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("cd", NULL, file_is_named_to_the_kernel);
	ADD("disk", "disk", file_is_named_to_the_kernel);
	ADD("cd", NULL, cd_of_more_than_the_kernel_shows_is_refused);
	ADD("disk", "disk", disk_of_any_size_is_taken);
	ADD("cd", NULL, what_would_be_cut_off_is_refused);
	ADD("disk", "disk", what_would_be_cut_off_is_refused);
	ADD("disk", "disk", what_is_in_it_already_is_found);
	ADD("cd", NULL, what_is_no_file_is_refused);
	ADD("cd", NULL, eject_of_the_node_is_noticed);
	ADD("cd", NULL, own_eject_is_not_the_nodes);
	ADD("cd", NULL, nothing_is_told_after_closing);
	return g_test_run();
}
