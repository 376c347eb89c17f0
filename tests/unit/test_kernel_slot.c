/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drives of the kernel's as an operator has them, over folders that look like f_mass_storage's. */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "gadget/kernel_drive.h"
#include "src/drives.h"

enum { CD, DISK, OWN };

struct fixture {
	char *root, *image;
	char *luns[2];
	struct drives *drives;
	struct drives_status status;
};

static void put(const char *folder, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *lun_open(struct fixture *f, const char *gadget)
{
	char *lun = g_build_filename(
			f->root, "usb_gadget", gadget, "functions/mass_storage.drive/lun.0", NULL);

	g_assert_cmpint(g_mkdir_with_parents(lun, 0700), ==, 0);
	put(lun, "file", "");
	put(lun, "ro", "1\n");
	return lun;
}

static void image_of(struct fixture *f, uint64_t size)
{
	g_assert_true(g_file_set_contents(f->image, "", 0, NULL));
	g_assert_cmpint(truncate(f->image, (off_t)size), ==, 0);
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	const struct drives_unit units[] = {
			[CD] = {"cd", DRIVES_AS_CD, DRIVES_BACKEND_KERNEL},
			[DISK] = {"disk", DRIVES_AS_DISK, DRIVES_BACKEND_KERNEL},
			[OWN] = {"cd2", DRIVES_AS_CD, DRIVES_BACKEND_OWN},
	};

	f->root = g_dir_make_tmp("kernel-slot-XXXXXX", NULL);
	f->image = g_build_filename(f->root, "image", NULL);
	f->luns[CD] = lun_open(f, "one-cd");
	f->luns[DISK] = lun_open(f, "one-disk");
	image_of(f, 1 << 20);
	f->drives = drives_new(
			&(struct drives_settings){.units = units, .count = G_N_ELEMENTS(units)});
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	g_autofree char *command = g_strdup_printf("rm -r '%s'", f->root);

	drives_close(f->drives);
	g_assert_cmpint(system(command), ==, 0);
	g_free(f->root);
	g_free(f->image);
	g_free(f->luns[CD]);
	g_free(f->luns[DISK]);
}

static void come(struct fixture *f)
{
	drives_set_gadget(f->drives, CD, f->root, "one-cd");
	drives_set_gadget(f->drives, DISK, f->root, "one-disk");
}

static const struct drives_status *status(struct fixture *f, size_t drive)
{
	drives_status(f->drives, drive, &f->status);
	return &f->status;
}

static void wait_state(struct fixture *f, size_t drive, enum drives_state state)
{
	while (status(f, drive)->state != state)
		g_main_context_iteration(NULL, TRUE);
}

static bool file_is(const struct fixture *f, size_t drive, const char *wanted)
{
	g_autofree char *path = g_build_filename(f->luns[drive], "file", NULL);
	g_autofree char *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	/* What is behind the line, configfs would not have kept. */
	text[strcspn(text, "\n")] = 0;
	return strcmp(text, wanted) == 0;
}

static bool insert(struct fixture *f, size_t drive, enum drives_write write)
{
	return drives_insert(f->drives, drive,
			&(struct drives_request){.source = f->image, .write = write}, NULL);
}

/* Refused at once, in these words. */
static void assert_refused(
		struct fixture *f, size_t drive, struct drives_request request, const char *words)
{
	g_autoptr(GError) error = NULL;

	if (!request.source)
		request.source = f->image;
	g_assert_false(drives_insert(f->drives, drive, &request, &error));
	if (!strstr(error->message, words))
		g_error("no \"%s\" in: %s", words, error->message);
	g_assert_cmpint(status(f, drive)->state, ==, DRIVES_EMPTY);
}

static void a_file_goes_in_and_out(struct fixture *f, gconstpointer unused)
{
	come(f);
	g_assert_true(insert(f, CD, DRIVES_READ_ONLY));
	g_assert_cmpint(status(f, CD)->state, ==, DRIVES_OPENING);
	wait_state(f, CD, DRIVES_READY);
	g_assert_cmpint(f->status.backend, ==, DRIVES_BACKEND_KERNEL);
	g_assert_cmpint(f->status.as, ==, DRIVES_AS_CD);
	g_assert_cmpuint(f->status.size, ==, 1 << 20);
	g_assert_cmpstr(f->status.source, ==, f->image);
	g_assert_true(file_is(f, CD, f->image));
	g_assert_true(drives_eject(f->drives, CD, false, NULL));
	wait_state(f, CD, DRIVES_EMPTY);
	g_assert_null(f->status.source);
	g_assert_true(file_is(f, CD, ""));
	g_assert_false(drives_eject(f->drives, CD, false, NULL));
	g_assert_cmpint(status(f, OWN)->backend, ==, DRIVES_BACKEND_OWN);
}

static void a_disk_may_be_written(struct fixture *f, gconstpointer unused)
{
	come(f);
	g_assert_true(insert(f, DISK, DRIVES_READ_WRITE));
	wait_state(f, DISK, DRIVES_READY);
	g_assert_cmpint(f->status.write, ==, DRIVES_READ_WRITE);
	g_assert_cmpint(f->status.as, ==, DRIVES_AS_DISK);
}

static void what_the_kernel_cannot_is_refused_with_a_remedy(struct fixture *f, gconstpointer unused)
{
	come(f);
	assert_refused(f, CD, (struct drives_request){.source = "http://there/x.iso"},
			"kernel-drives");
	assert_refused(f, CD, (struct drives_request){.source = "nbd://there/x"}, "kernel-drives");
	assert_refused(f, DISK, (struct drives_request){.write = DRIVES_OVERLAY}, "kernel-drives");
	assert_refused(f, DISK, (struct drives_request){.persistent = true}, "kernel-drives");
	assert_refused(f, DISK, (struct drives_request){.as = DRIVES_AS_CD}, "a disk for good");
	assert_refused(f, CD, (struct drives_request){.as = DRIVES_AS_DISK}, "a CD drive for good");
	assert_refused(f, CD, (struct drives_request){.write = DRIVES_READ_WRITE},
			"cannot be written");
	assert_refused(f, CD, (struct drives_request){.user = "me"}, "no user");
	assert_refused(f, CD, (struct drives_request){.source = "image"}, "path");
}

static void a_cd_that_would_be_cut_off_fails_with_a_remedy(struct fixture *f, gconstpointer unused)
{
	come(f);
	image_of(f, KERNEL_DRIVE_CD_MOST + 2048);
	g_assert_true(insert(f, CD, DRIVES_READ_ONLY));
	wait_state(f, CD, DRIVES_FAILED);
	g_assert_nonnull(strstr(f->status.reason, "2359293952"));
	g_assert_nonnull(strstr(f->status.reason, "kernel-drives"));
	g_assert_true(file_is(f, CD, ""));
	/* Another needs no eject. */
	image_of(f, 1 << 20);
	g_assert_true(insert(f, CD, DRIVES_READ_ONLY));
	wait_state(f, CD, DRIVES_READY);
}

static void what_is_in_it_is_not_replaced(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	come(f);
	g_assert_true(insert(f, CD, DRIVES_READ_ONLY));
	wait_state(f, CD, DRIVES_READY);
	g_assert_false(drives_insert(
			f->drives, CD, &(struct drives_request){.source = "/dev/zero"}, &error));
	g_assert_error(error, DRIVES_ERROR, DRIVES_ERROR_STATE);
	g_assert_nonnull(strstr(error->message, "eject it first"));
	g_assert_cmpint(status(f, CD)->state, ==, DRIVES_READY);
}

static void an_insert_waits_for_the_drive(struct fixture *f, gconstpointer unused)
{
	g_assert_true(insert(f, CD, DRIVES_READ_ONLY));
	g_assert_cmpint(status(f, CD)->state, ==, DRIVES_OPENING);
	g_assert_true(insert(f, DISK, DRIVES_READ_ONLY));
	g_assert_true(drives_eject(f->drives, DISK, false, NULL));
	g_assert_cmpint(status(f, DISK)->state, ==, DRIVES_EMPTY);
	come(f);
	wait_state(f, CD, DRIVES_READY);
	g_assert_true(file_is(f, CD, f->image));
	/* A gadget that was made anew is empty. */
	drives_set_gadget(f->drives, CD, NULL, NULL);
	put(f->luns[CD], "file", "");
	drives_set_gadget(f->drives, CD, f->root, "one-cd");
	while (!file_is(f, CD, f->image))
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpint(status(f, CD)->state, ==, DRIVES_READY);
}

static void an_eject_waits_for_the_drive(struct fixture *f, gconstpointer unused)
{
	come(f);
	g_assert_true(insert(f, CD, DRIVES_READ_ONLY));
	wait_state(f, CD, DRIVES_READY);
	drives_set_gadget(f->drives, CD, NULL, NULL);
	g_assert_true(drives_eject(f->drives, CD, true, NULL));
	g_assert_cmpint(status(f, CD)->state, ==, DRIVES_EJECTING);
	drives_set_gadget(f->drives, CD, f->root, "one-cd");
	wait_state(f, CD, DRIVES_EMPTY);
	g_assert_true(file_is(f, CD, ""));
}

static void what_a_former_process_left_is_known(struct fixture *f, gconstpointer unused)
{
	put(f->luns[DISK], "file", f->image);
	put(f->luns[DISK], "ro", "0\n");
	come(f);
	wait_state(f, DISK, DRIVES_READY);
	g_assert_cmpstr(f->status.source, ==, f->image);
	g_assert_cmpint(f->status.write, ==, DRIVES_READ_WRITE);
	g_assert_cmpint(status(f, CD)->state, ==, DRIVES_EMPTY);
}

static void an_eject_by_the_node_is_noticed(struct fixture *f, gconstpointer unused)
{
	come(f);
	g_assert_true(insert(f, CD, DRIVES_READ_ONLY));
	wait_state(f, CD, DRIVES_READY);
	put(f->luns[CD], "file", "");
	wait_state(f, CD, DRIVES_EMPTY);
}

#define ADD(name) \
	g_test_add("/kernel-slot/" #name, struct fixture, NULL, fixture_open, name, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(a_file_goes_in_and_out);
	ADD(a_disk_may_be_written);
	ADD(what_the_kernel_cannot_is_refused_with_a_remedy);
	ADD(a_cd_that_would_be_cut_off_fails_with_a_remedy);
	ADD(what_is_in_it_is_not_replaced);
	ADD(an_insert_waits_for_the_drive);
	ADD(an_eject_waits_for_the_drive);
	ADD(what_a_former_process_left_is_known);
	ADD(an_eject_by_the_node_is_noticed);
	return g_test_run();
}
