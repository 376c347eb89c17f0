/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's own drive, before the kernel's own host. */
#include <fcntl.h>
#include <linux/cdrom.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "gadget/gadget.h"
#include "gadget/kernel_drive.h"
#include "tests/kernel/drive_rig.h"
#include "tests/kernel/node.h"

#define CONFIGFS "/sys/kernel/config"
#define PORT     "dummy_udc.0"
#define NAME     "kernel-drive"

struct fixture {
	struct kernel_drive *drive;
	unsigned int ejected;
	int ended;
	bool failed;
};

static void on_ejected(void *data)
{
	((struct fixture *)data)->ejected++;
}

static void on_done(const GError *error, void *data)
{
	struct fixture *f = data;

	if (error)
		g_test_message("%s", error->message);
	f->failed = error != NULL;
	f->ended++;
}

static bool wait_end(struct fixture *f)
{
	int before = f->ended;

	while (f->ended == before)
		g_main_context_iteration(NULL, TRUE);
	return !f->failed;
}

static bool insert(struct fixture *f, const struct file_medium *medium)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/fd/%d", (int)getpid(), medium->fd);

	kernel_drive_insert(f->drive, path, false, on_done, f);
	return wait_end(f);
}

static bool eject(struct fixture *f, bool force)
{
	kernel_drive_eject(f->drive, force, on_done, f);
	return wait_end(f);
}

static const char *file_of(const struct fixture *f)
{
	struct kernel_drive_medium medium;

	kernel_drive_medium(f->drive, &medium);
	return medium.file;
}

static int host_eject(void *device)
{
	int fd = open(device, O_RDONLY | O_NONBLOCK | O_CLOEXEC), result;

	result = fd >= 0 ? ioctl(fd, CDROMEJECT) : -1;
	if (fd >= 0)
		close(fd);
	return result;
}

static void local_files_are_read_swapped_and_ejected(void)
{
	const struct gadget gadget = {
			.name = NAME,
			.vendor = 0x1d6b,
			.product = 0x0104,
			.manufacturer = "spicerack",
			.product_name = "Removable drive",
			.serial = "0123456789AB",
			.lun = GADGET_LUN_CD,
	};
	struct fixture f = {0};
	const struct kernel_drive_events events = {NULL, on_ejected, &f};
	struct host_read read = {.device = "/dev/sr0"};
	struct file_medium media[2], large;
	GError *error = NULL;
	char sum[65];
	int held;

	gadget_create(CONFIGFS, &gadget, &error);
	g_assert_no_error(error);
	g_assert_true(gadget_same(CONFIGFS, &gadget));
	g_assert_true(gadget_bind(CONFIGFS, NAME, PORT, &error));
	g_assert_no_error(error);
	f.drive = kernel_drive_new(CONFIGFS, NAME, SCSI_CD, &events);
	file_medium_random(&media[0], 4 << 20, 1);
	file_medium_random(&media[1], 6 << 20, 2);
	file_medium_sparse(&large, KERNEL_DRIVE_CD_MOST + 2048);
	node_wait(access(read.device, R_OK) == 0);
	for (int i = 0; i < 2; i++) {
		g_assert_true(insert(&f, &media[i]));
		file_medium_sum(&media[i], sum);
		node_wait(host_run(host_read, &read) == 0 && read.got == media[i].size);
		g_assert_cmpstr(read.sum, ==, sum);
	}
	g_assert_false(insert(&f, &large));
	g_assert_nonnull(file_of(&f));

	held = open(read.device, O_RDONLY | O_CLOEXEC); /* locks the tray */
	g_assert_cmpint(held, >=, 0);
	g_assert_false(eject(&f, false));
	g_assert_true(eject(&f, true));
	g_assert_null(file_of(&f));
	close(held);

	g_assert_true(insert(&f, &media[0]));
	node_wait(host_run(host_read, &read) == 0 && read.got == media[0].size);
	g_assert_cmpint(host_run(host_eject, (void *)read.device), ==, 0);
	node_wait(f.ejected == 1);
	g_assert_null(file_of(&f));

	kernel_drive_close(f.drive);
	g_assert_true(gadget_remove(CONFIGFS, NAME, &error));
	g_assert_no_error(error);
	file_medium_close(&media[0]);
	file_medium_close(&media[1]);
	file_medium_close(&large);
	node_wait(node_empty(PORT));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!node_there()) {
		g_print("1..0 # SKIP no virtual ports here: run by tests/kernel/run\n");
		return 0;
	}
	g_test_add_func("/kernel-drive/local_files_are_read_swapped_and_ejected",
			local_files_are_read_swapped_and_ejected);
	return g_test_run();
}
