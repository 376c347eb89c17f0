/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/cdrom.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/kernel/drive_rig.h"
#include "tests/kernel/node.h"

#define MOUNTED "/tmp/mounted"
#define MB      ((uint64_t)1000000)

static const enum scsi_kind cd[] = {SCSI_CD}, disk[] = {SCSI_DISK};

static struct drive_status status_of(struct drive_rig *rig, size_t drive)
{
	struct drive_status status;

	drive_status(rig->drives[drive], &status);
	return status;
}

/* --- reading */

static void test_drives_are_there_from_the_start_and_empty(void)
{
	static const enum scsi_kind both[] = {SCSI_CD, SCSI_DISK};
	struct hub_status status;
	struct drive_rig rig;

	drive_rig_open(&rig, both, 2);
	hub_status(rig.hub, &status);
	g_assert_cmpuint(status.count, ==, 3);
	for (size_t i = 0; i < 2; i++) {
		const struct hub_port_status *port = &status.ports[1 + i];
		struct host_read read = {.device = drive_rig_device(&rig, i), .size = 2048};

		g_assert_cmpstr(port->drive, ==, i ? "two" : "one");
		g_assert_cmpint(port->node, ==, UDC_CONFIGURED);
		g_assert_cmpint(port->fault, ==, GADGET_FAULT_NONE);
		g_assert_true(port->open);
		g_assert_cmpuint(port->functions, ==, 0);
		g_assert_true(g_str_has_prefix(read.device, i ? "/dev/sd" : "/dev/sr"));
		g_assert_cmpint(host_run(host_read, &read), ==, -ENOMEDIUM);
		g_free((char *)read.device);
	}
	g_assert_true(node_attribute_is(status.ports[1].port, "product", "Removable drive"));
	g_assert_true(node_attribute_is(status.ports[2].port, "product", "Second drive"));
	drive_rig_close(&rig);
}

static void assert_same(struct drive_rig *rig, size_t drive, const struct file_medium *medium)
{
	struct host_read read = {.device = drive_rig_device(rig, drive)};
	char sum[65];

	file_medium_sum(medium, sum);
	g_assert_cmpint(host_run(host_read, &read), ==, 0);
	g_assert_cmpuint(read.capacity, ==, medium->size);
	g_assert_cmpstr(read.sum, ==, sum);
	g_free((char *)read.device);
}

static void test_a_whole_image_is_read_as_it_is(void)
{
	for (int i = 0; i < 2; i++) {
		struct file_medium medium;
		struct drive_rig rig;

		drive_rig_open(&rig, i ? disk : cd, 1);
		file_medium_random(&medium, 20 << 20, i);
		drive_rig_insert(&rig, 0, &medium, false);
		assert_same(&rig, 0, &medium);
		g_assert_cmpuint(status_of(&rig, 0).errors, ==, 0);
		drive_rig_close(&rig);
		file_medium_close(&medium);
	}
}

static void test_dvds_of_any_size_are_read_to_their_end(void)
{
	static const uint64_t sizes[] = {5448775680, 8237987840};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		const uint64_t places[] = {0, 2200 * MB / 2048 * 2048, 4096 * MB / 2048 * 2048,
				((uint64_t)1 << 32) - 2048, (uint64_t)1 << 32, sizes[i] - 2048};
		struct file_medium medium;
		struct drive_rig rig;

		drive_rig_open(&rig, cd, 1);
		file_medium_sparse(&medium, sizes[i]);
		for (size_t p = 0; p < G_N_ELEMENTS(places); p++)
			g_assert_cmpint(pwrite(medium.fd, &places[p], 8, places[p]), ==, 8);
		drive_rig_insert(&rig, 0, &medium, false);
		for (size_t p = 0; p < G_N_ELEMENTS(places); p++) {
			uint8_t bytes[2048];
			uint64_t mark;
			struct host_read read = {.device = drive_rig_device(&rig, 0),
					.offset = places[p],
					.size = sizeof(bytes),
					.bytes = bytes};

			g_assert_cmpint(host_run(host_read, &read), ==, 0);
			g_assert_cmpuint(read.capacity, ==, sizes[i]);
			g_assert_cmpuint(read.got, ==, sizeof(bytes));
			memcpy(&mark, bytes, sizeof(mark));
			g_assert_cmpuint(mark, ==, places[p]);
			g_free((char *)read.device);
		}
		drive_rig_close(&rig);
		file_medium_close(&medium);
	}
}

static void test_four_drives_are_read_at_once(void)
{
	static const enum scsi_kind kinds[HUB_DRIVES] = {SCSI_CD, SCSI_DISK, SCSI_CD, SCSI_CD};
	struct file_medium media[HUB_DRIVES];
	struct host_read reads[HUB_DRIVES];
	struct host_work *works[HUB_DRIVES];
	struct drive_rig rig;

	drive_rig_open(&rig, kinds, HUB_DRIVES);
	for (unsigned int i = 0; i < HUB_DRIVES; i++) {
		file_medium_random(&media[i], 8 << 20, i);
		drive_rig_insert(&rig, i, &media[i], false);
		reads[i] = (struct host_read){.device = drive_rig_device(&rig, i)};
		works[i] = host_begin(host_read, &reads[i]);
	}
	for (int i = 0; i < HUB_DRIVES; i++) {
		char sum[65];

		g_assert_cmpint(host_end(works[i]), ==, 0);
		file_medium_sum(&media[i], sum);
		g_assert_cmpstr(reads[i].sum, ==, sum);
		g_free((char *)reads[i].device);
	}
	drive_rig_close(&rig);
	for (int i = 0; i < HUB_DRIVES; i++)
		file_medium_close(&media[i]);
}

/* --- media come and go */

static int host_open_read(struct drive_rig *rig, size_t drive, uint64_t *capacity)
{
	struct host_read read = {.device = drive_rig_device(rig, drive), .size = 2048};
	int result = host_run(host_read, &read);

	if (capacity)
		*capacity = read.capacity;
	g_free((char *)read.device);
	return result;
}

static void test_media_are_changed_in_the_drive(void)
{
	struct file_medium media[2];
	struct drive_rig rig;
	uint64_t capacity;

	drive_rig_open(&rig, cd, 1);
	for (int i = 0; i < 2; i++)
		file_medium_random(&media[i], (i + 1) << 20, i);
	for (int i = 0; i < 6; i++) {
		drive_rig_insert(&rig, 0, &media[i % 2], false); /* ejects the one before */
		g_assert_cmpint(host_open_read(&rig, 0, &capacity), ==, 0);
		g_assert_cmpuint(capacity, ==, media[i % 2].size);
		assert_same(&rig, 0, &media[i % 2]);
	}
	g_assert_true(drive_eject(rig.drives[0], false));
	g_assert_cmpint(host_open_read(&rig, 0, NULL), ==, -ENOMEDIUM);
	drive_rig_insert(&rig, 0, &media[0], false);
	assert_same(&rig, 0, &media[0]);
	drive_rig_close(&rig);
	for (int i = 0; i < 2; i++)
		file_medium_close(&media[i]);
}

static int host_eject(void *data)
{
	int fd = open(data, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int result = ioctl(fd, CDROMEJECT) < 0 ? -errno : 0;

	close(fd);
	return result;
}

static void test_the_node_ejects_what_it_does_not_hold(void)
{
	struct file_medium medium;
	struct drive_rig rig;
	char *device;

	drive_rig_open(&rig, cd, 1);
	file_medium_random(&medium, 1 << 20, 1);
	device = drive_rig_device(&rig, 0);
	drive_rig_insert(&rig, 0, &medium, false);
	assert_same(&rig, 0, &medium);
	g_assert_cmpint(host_run(host_eject, device), ==, 0);
	node_wait(rig.ejected[0] == 1);
	g_assert_false(status_of(&rig, 0).present);
	g_assert_true(status_of(&rig, 0).open);
	g_assert_cmpint(host_open_read(&rig, 0, NULL), ==, -ENOMEDIUM);
	drive_rig_insert(&rig, 0, &medium, false);
	assert_same(&rig, 0, &medium);
	g_free(device);
	drive_rig_close(&rig);
	file_medium_close(&medium);
}

/* --- held by the node */

struct host_mount {
	const char *device;
	bool on;
};

static int host_mount(void *data)
{
	const struct host_mount *mounted = data;
	char *command = mounted->on ? g_strdup_printf("modprobe -q ext4; mkdir -p " MOUNTED
						      " && mount -o ro,noload %s " MOUNTED,
						      mounted->device)
				    : g_strdup("umount " MOUNTED);
	int status = system(command);

	g_free(command);
	return status;
}

static int host_read_mounted(void *data)
{
	char *bytes = NULL;
	gsize size = 0;
	GError *error = NULL;
	int result = 0;

	if (!g_file_get_contents(MOUNTED "/big", &bytes, &size, &error)) {
		result = -error->code - 1;
		g_error_free(error);
	} else if (size != 1 << 20) {
		result = -EMSGSIZE;
	}
	g_free(bytes);
	return result;
}

/* A file system with one file, "big", of 1 MiB. */
static void medium_with_files(struct file_medium *medium)
{
	static const char make[] = "rm -rf /tmp/tree && mkdir /tmp/tree && "
				   "head -c 1048576 /dev/urandom >/tmp/tree/big && "
				   "truncate -s 8M /tmp/tree.img && "
				   "mke2fs -q -F -t ext4 -b 4096 -d /tmp/tree /tmp/tree.img";

	g_assert_cmpint(system(make), ==, 0);
	*medium = (struct file_medium){
			.fd = open("/tmp/tree.img", O_RDWR | O_CLOEXEC), .size = 8 << 20};
}

static void test_a_mounted_medium_is_ejected_politely_or_by_force(void)
{
	struct file_medium medium, other;
	struct drive_rig rig;
	struct host_mount mounted = {.on = true};
	char *device;

	drive_rig_open(&rig, cd, 1);
	medium_with_files(&medium);
	file_medium_random(&other, 1 << 20, 2);
	device = drive_rig_device(&rig, 0);
	mounted.device = device;
	drive_rig_insert(&rig, 0, &medium, false);
	g_assert_cmpint(host_run(host_mount, &mounted), ==, 0);
	node_wait(status_of(&rig, 0).locked);
	g_assert_cmpint(host_run(host_read_mounted, NULL), ==, 0);

	g_assert_false(drive_eject(rig.drives[0], false));
	g_assert_true(status_of(&rig, 0).present);
	host_run(host_eject, device); /* nor may the node, which does not say so */
	g_assert_true(status_of(&rig, 0).present);
	g_assert_cmpuint(rig.ejected[0], ==, 0);

	g_assert_true(drive_eject(rig.drives[0], true));
	node_write("/proc/sys/vm/drop_caches", "3");
	g_assert_cmpint(host_run(host_read_mounted, NULL), !=, 0);
	mounted.on = false;
	g_assert_cmpint(host_run(host_mount, &mounted), ==, 0);
	drive_rig_insert(&rig, 0, &other, false);
	assert_same(&rig, 0, &other);
	g_free(device);
	drive_rig_close(&rig);
	file_medium_close(&medium);
	file_medium_close(&other);
}

static int host_write(void *data)
{
	int fd = open(data, O_RDWR | O_CLOEXEC);
	uint8_t *bytes = g_malloc(1 << 20);
	int result = 0;

	if (fd < 0)
		result = -errno;
	for (int i = 0; i < 8 && !result; i++) {
		memset(bytes, 'a' + i, 1 << 20);
		/* Also not at the start of what the node caches. */
		if (pwrite(fd, bytes, 1 << 20, ((off_t)i << 20) + 512) != 1 << 20)
			result = -errno;
	}
	if (!result && fsync(fd) < 0)
		result = -errno;
	close(fd);
	g_free(bytes);
	return result;
}

static void test_what_is_written_to_a_disk_is_there(void)
{
	struct file_medium medium;
	struct drive_rig rig;
	uint8_t *bytes = g_malloc(1 << 20);
	char *device;

	drive_rig_open(&rig, disk, 1);
	file_medium_random(&medium, 10 << 20, 3);
	drive_rig_insert(&rig, 0, &medium, true);
	device = drive_rig_device(&rig, 0);
	g_assert_cmpint(host_run(host_write, device), ==, 0);
	for (int i = 0; i < 8; i++) {
		g_assert_cmpint(pread(medium.fd, bytes, 1 << 20, ((off_t)i << 20) + 512), ==,
				1 << 20);
		for (int b = 0; b < 1 << 20; b++)
			g_assert_cmpint(bytes[b], ==, 'a' + i);
	}
	node_write("/proc/sys/vm/drop_caches", "3");
	assert_same(&rig, 0, &medium);
	g_assert_cmpuint(status_of(&rig, 0).bytes_written, >=, 8 << 20);

	drive_rig_insert(&rig, 0, &medium, false); /* the same, protected */
	g_assert_cmpint(host_run(host_write, device), <, 0);
	g_free(bytes);
	g_free(device);
	drive_rig_close(&rig);
	file_medium_close(&medium);
}

#define add(name) g_test_add_func("/drive/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!node_there()) {
		g_print("1..0 # SKIP no virtual ports here: run by tests/kernel/run\n");
		return 0;
	}
	add(drives_are_there_from_the_start_and_empty);
	add(a_whole_image_is_read_as_it_is);
	add(dvds_of_any_size_are_read_to_their_end);
	add(four_drives_are_read_at_once);
	add(media_are_changed_in_the_drive);
	add(the_node_ejects_what_it_does_not_hold);
	add(a_mounted_medium_is_ejected_politely_or_by_force);
	add(what_is_written_to_a_disk_is_there);
	return g_test_run();
}
