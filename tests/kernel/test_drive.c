/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/cdrom.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/kernel/drive_rig.h"
#include "tests/kernel/node.h"

#define GADGETS "/sys/kernel/config/usb_gadget/"
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
	return g_test_run();
}
