/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/kernel/drive_rig.h"
#include "tests/kernel/node.h"

#define GADGETS "/sys/kernel/config/usb_gadget/"
#define ATONCE  50 /* ms, as the goal is; asserted with room for a busy machine */
#define ROOM    10

static const enum scsi_kind cd[] = {SCSI_CD};

static struct drive_status status_of(struct drive_rig *rig)
{
	struct drive_status status;

	drive_status(rig->drives[0], &status);
	return status;
}

/* --- media that do not answer */

static void assert_at_once(const char *what, int64_t since)
{
	double ms = (g_get_monotonic_time() - since) / 1e3;

	g_test_message("%s: %.1f ms", what, ms);
	g_assert_cmpfloat(ms, <, ATONCE * ROOM);
}

/* A drive with a medium that hangs, and a node that reads from it. */
struct hung {
	struct file_medium medium;
	struct drive_rig rig;
	struct host_read read;
	struct host_work *work;
};

static void hung_begin(struct hung *hung)
{
	const unsigned int before = hung->medium.reads;

	drive_rig_insert(&hung->rig, 0, &hung->medium, false);
	if (!hung->read.device)
		hung->read.device = drive_rig_device(&hung->rig, 0);
	hung->work = host_begin(host_read, &hung->read);
	node_wait(hung->medium.reads > before);
}

static void hung_end(struct hung *hung)
{
	/* An error, or the end of a device that has become empty. */
	g_assert_true(host_end(hung->work) < 0 || hung->read.got == 0);
}

static void hung_open(struct hung *hung)
{
	*hung = (struct hung){.read.size = 65536};
	drive_rig_open(&hung->rig, cd, 1);
	file_medium_random(&hung->medium, 1 << 20, 1);
	hung->medium.hangs = true;
	hung_begin(hung);
}

static void hung_close(struct hung *hung)
{
	hung_end(hung);
	g_assert_cmpuint(hung->medium.cancelled, ==, hung->medium.reads);
	g_free((char *)hung->read.device);
	drive_rig_close(&hung->rig);
	file_medium_close(&hung->medium);
}

static void test_a_hung_medium_keeps_nobody(void)
{
	struct hung hung;
	int64_t began;

	hung_open(&hung);
	began = g_get_monotonic_time();
	g_assert_true(drive_eject(hung.rig.drives[0], true));
	assert_at_once("eject", began);
	hung_end(&hung);

	hung_begin(&hung);
	began = g_get_monotonic_time();
	node_write(GADGETS "spicerack-drive-one/UDC", "\n");
	assert_at_once("unbind", began);
	node_wait(!hung.rig.attached[0]);
	hung_close(&hung);
}

static void test_a_hung_medium_keeps_no_hub(void)
{
	struct hung hung;
	int64_t began;

	hung_open(&hung);
	began = g_get_monotonic_time();
	hub_close(g_steal_pointer(&hung.rig.hub));
	assert_at_once("unbinding and removal of all", began);
	hung_close(&hung);
}

static void slow(int ms, size_t size)
{
	struct file_medium medium;
	struct host_read read = {.size = size};
	struct drive_rig rig;
	char sum[65];

	drive_rig_open(&rig, cd, 1);
	file_medium_random(&medium, size, 1);
	drive_rig_insert(&rig, 0, &medium, false);
	read.device = drive_rig_device(&rig, 0);
	medium.delay = ms;
	file_medium_sum(&medium, sum);
	g_assert_cmpint(host_run(host_read, &read), ==, 0);
	g_assert_cmpstr(read.sum, ==, sum);
	g_test_message("told to ask again: %u times", status_of(&rig).holds);
	g_free((char *)read.device);
	drive_rig_close(&rig);
	file_medium_close(&medium);
}

static void test_a_medium_of_four_seconds_is_waited_for(void)
{
	slow(4000, 32 << 10);
}

static gboolean late_over(gpointer data)
{
	struct file_medium *medium = data;

	medium->hangs = false;
	return G_SOURCE_REMOVE;
}

static void late(int seconds)
{
	struct file_medium medium;
	struct host_read read = {.size = 65536};
	struct drive_rig rig;
	int64_t began;

	drive_rig_open(&rig, cd, 1);
	file_medium_random(&medium, 1 << 20, 1);
	drive_rig_insert(&rig, 0, &medium, false);
	read.device = drive_rig_device(&rig, 0);
	medium.hangs = true;
	began = g_get_monotonic_time();
	g_timeout_add_seconds(seconds, late_over, &medium);
	g_assert_cmpint(host_run(host_read, &read), ==, 0);
	g_assert_cmpuint(read.got, ==, read.size);
	g_assert_cmpint(g_get_monotonic_time() - began, >, seconds * G_USEC_PER_SEC);
	g_assert_cmpuint(status_of(&rig).holds, >, 0);
	g_test_message("read after %.1f s; told to ask again: %u times",
			(g_get_monotonic_time() - began) / 1e6, status_of(&rig).holds);
	g_free((char *)read.device);
	drive_rig_close(&rig);
	file_medium_close(&medium);
}

static void test_five_seconds_without_data_are_no_error(void)
{
	late(5);
}

static void test_forty_seconds_without_data_are_no_error(void)
{
	late(40);
}

/* --- the bus */

static int host_reset(void *data)
{
	node_reset(data);
	return 0;
}

static void test_a_reset_in_the_middle_of_a_read_is_survived(void)
{
	struct file_medium medium;
	struct host_read read = {0};
	struct host_work *work;
	struct drive_rig rig;
	char sum[65], *port;

	drive_rig_open(&rig, cd, 1);
	file_medium_random(&medium, 16 << 20, 1);
	file_medium_sum(&medium, sum);
	drive_rig_insert(&rig, 0, &medium, false);
	read.device = drive_rig_device(&rig, 0);
	port = g_strdup(drive_rig_port(&rig, 0));
	work = host_begin(host_read, &read);
	for (int i = 1; i <= 3 && !host_ended(work); i++) {
		unsigned int before = medium.reads;

		node_wait(medium.reads > before + 20 || host_ended(work));
		host_run(host_reset, port);
	}
	host_end(work); /* its read may have failed: a unit attention is told to it */
	g_assert_cmpint(host_run(host_read, &read), ==, 0);
	g_assert_cmpstr(read.sum, ==, sum);
	g_free(port);
	g_free((char *)read.device);
	drive_rig_close(&rig);
	file_medium_close(&medium);
}

/* The node has another device there than the one of that number, and its block device. */
static bool plugged_anew(struct drive_rig *rig, const char *number)
{
	const char *port = drive_rig_port(rig, 0);
	char *now = port ? node_attribute(port, "devnum") : g_strdup("");
	char *device = drive_rig_device(rig, 0);
	bool anew = *now && strcmp(now, number) && device && access(device, F_OK) == 0;

	g_free(device);
	g_free(now);
	return anew;
}

static void test_an_outsiders_unbinding_of_a_drive_is_undone(void)
{
	struct file_medium medium;
	struct host_read read = {0};
	struct drive_rig rig;
	char sum[65], *number;

	drive_rig_open(&rig, cd, 1);
	file_medium_random(&medium, 1 << 20, 1);
	file_medium_sum(&medium, sum);
	drive_rig_insert(&rig, 0, &medium, false);
	number = node_attribute(drive_rig_port(&rig, 0), "devnum");
	node_write(GADGETS "spicerack-drive-one/UDC", "\n");
	node_wait(!rig.attached[0]);
	node_wait(rig.attached[0]);
	g_assert_true(status_of(&rig).present); /* the medium is still in */
	node_wait(plugged_anew(&rig, number));
	read.device = drive_rig_device(&rig, 0);
	g_assert_cmpint(host_run(host_read, &read), ==, 0);
	g_assert_cmpstr(read.sum, ==, sum);
	g_free(number);
	g_free((char *)read.device);
	drive_rig_close(&rig);
	file_medium_close(&medium);
}

static bool device_is(struct drive_rig *rig, const char *prefix)
{
	char *device = drive_rig_device(rig, 0);
	bool is = device && g_str_has_prefix(device, prefix);

	g_free(device);
	return is;
}

static void test_a_drive_of_another_kind_is_plugged_in_anew(void)
{
	static const enum scsi_kind both[] = {SCSI_CD, SCSI_DISK};
	struct file_medium medium;
	struct drive_rig rig;
	char *other, *now;

	drive_rig_open(&rig, both, 2);
	other = node_attribute(drive_rig_port(&rig, 1), "devnum");
	file_medium_random(&medium, 1 << 20, 1);
	for (int i = 0; i < 2; i++) {
		drive_set_kind(rig.drives[0], SCSI_DISK);
		node_wait(device_is(&rig, "/dev/sd"));
		drive_set_kind(rig.drives[0], SCSI_CD);
		node_wait(device_is(&rig, "/dev/sr"));
	}
	now = node_attribute(drive_rig_port(&rig, 1), "devnum");
	g_assert_cmpstr(other, ==, now);
	g_free(now);
	g_free(other);
	drive_rig_close(&rig);
	file_medium_close(&medium);
}

/* --- a host that breaks the rules */

struct host_bulk {
	char *device; /* "/dev/bus/usb/..." */
	char *interface;
	int failed; /* line of the first that was not as it should be */
};

static int bulk(int fd, int endpoint, void *bytes, int size)
{
	struct usbdevfs_bulktransfer transfer = {
			.ep = endpoint, .len = size, .timeout = 3000, .data = bytes};

	return ioctl(fd, USBDEVFS_BULK, &transfer) < 0 ? -errno : 0;
}

static int clear_halt(int fd, unsigned int endpoint)
{
	return ioctl(fd, USBDEVFS_CLEAR_HALT, &endpoint) < 0 ? -errno : 0;
}

#define expect(condition)                         \
	do {                                      \
		if (!(condition) && !all->failed) \
			all->failed = __LINE__;   \
	} while (0)

static int host_bad_command(void *data)
{
	const unsigned int in = USB_DIR_IN | 1, out = 2;
	struct host_bulk *all = data;
	struct usbdevfs_ctrltransfer reset = {
			.bRequestType = 0x21, .bRequest = 0xff, .timeout = 3000};
	uint8_t command[31] = "USBCtag!", status[13] = "", junk[31] = "This is no command.";
	unsigned int interface = 0;
	int fd;

	node_write("/sys/bus/usb/drivers/usb-storage/unbind", all->interface);
	fd = open(all->device, O_RDWR | O_CLOEXEC);
	expect(ioctl(fd, USBDEVFS_CLAIMINTERFACE, &interface) == 0);
	expect(bulk(fd, out, junk, sizeof(junk)) == 0);
	expect(bulk(fd, in, status, sizeof(status)) == -EPIPE);
	for (int i = 0; i < 3; i++) { /* clearing alone is no way out: BOT, 6.6.1 */
		expect(clear_halt(fd, in) == 0);
		expect(clear_halt(fd, out) == 0);
		expect(bulk(fd, in, status, sizeof(status)) == -EPIPE);
		expect(bulk(fd, out, command, sizeof(command)) == -EPIPE);
	}
	expect(ioctl(fd, USBDEVFS_CONTROL, &reset) == 0);
	expect(clear_halt(fd, in) == 0);
	expect(clear_halt(fd, out) == 0);
	command[14] = 6; /* TEST UNIT READY */
	expect(bulk(fd, out, command, sizeof(command)) == 0);
	expect(bulk(fd, in, status, sizeof(status)) == 0);
	expect(!memcmp(status, "USBStag!", 8) && status[12] == 1);
	close(fd);
	node_write("/sys/bus/usb/drivers/usb-storage/bind", all->interface);
	return 0;
}

static void test_after_a_bad_command_only_a_reset_helps(void)
{
	struct host_bulk all = {0};
	struct drive_rig rig;
	const char *port;
	char *folder, *bus, *number;

	drive_rig_open(&rig, cd, 1);
	port = drive_rig_port(&rig, 0);
	folder = node_device(port);
	bus = node_attribute(port, "busnum");
	number = node_attribute(port, "devnum");
	all.device = g_strdup_printf("/dev/bus/usb/%03d/%03d", atoi(bus), atoi(number));
	all.interface = g_strconcat(strrchr(folder, '/') + 1, ":1.0", NULL);
	host_run(host_bad_command, &all);
	g_assert_cmpint(all.failed, ==, 0);
	g_free(all.interface);
	g_free(all.device);
	g_free(number);
	g_free(bus);
	g_free(folder);
	drive_rig_close(&rig);
}

/* --- a killed process before this one */

static void test_what_a_killed_process_left_is_made_anew(void)
{
	struct file_medium medium;
	struct host_read host = {0};
	struct drive_rig rig;
	int ends[2];
	char byte, sum[65];
	pid_t child;

	g_assert_cmpint(pipe(ends), ==, 0);
	child = fork();
	if (!child) {
		drive_rig_open(&rig, cd, 1);
		if (write(ends[1], "r", 1) == 1)
			node_pass(60000);
		_exit(1);
	}
	close(ends[1]);
	g_assert_cmpint(read(ends[0], &byte, 1), ==, 1);
	close(ends[0]);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	g_assert_cmpint(access(GADGETS "spicerack-drive-one", F_OK), ==, 0);

	drive_rig_open(&rig, cd, 1);
	file_medium_random(&medium, 1 << 20, 1);
	file_medium_sum(&medium, sum);
	drive_rig_insert(&rig, 0, &medium, false);
	host.device = drive_rig_device(&rig, 0);
	g_assert_cmpint(host_run(host_read, &host), ==, 0);
	g_assert_cmpstr(host.sum, ==, sum);
	g_free((char *)host.device);
	drive_rig_close(&rig);
	file_medium_close(&medium);
	g_assert_cmpint(access(GADGETS "spicerack-drive-one", F_OK), <, 0);
}

#define add(name) g_test_add_func("/drive-faults/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!node_there()) {
		g_print("1..0 # SKIP no virtual ports here: run by tests/kernel/run\n");
		return 0;
	}
	add(a_hung_medium_keeps_nobody);
	add(a_hung_medium_keeps_no_hub);
	add(a_medium_of_four_seconds_is_waited_for);
	add(five_seconds_without_data_are_no_error);
	add(forty_seconds_without_data_are_no_error);
	add(a_reset_in_the_middle_of_a_read_is_survived);
	add(an_outsiders_unbinding_of_a_drive_is_undone);
	add(a_drive_of_another_kind_is_plugged_in_anew);
	add(after_a_bad_command_only_a_reset_helps);
	add(what_a_killed_process_left_is_made_anew);
	return g_test_run();
}
