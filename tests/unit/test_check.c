/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>
#include "tests/unit/check_rig.h"

static void test_a_machine_that_has_all_is_good(struct fixture *f, gconstpointer unused)
{
	have_drives(f);
	check(f);
	g_assert_true(f->good);
	g_assert_null(strstr(f->said, "missing"));
	g_assert_null(strstr(f->said, "warning"));
	assert_says(f, true, "ok       usb_f_fs      in the kernel");
	assert_says(f, true, "ok       usb_f_mass_storage in the kernel");
	assert_says(f, true, "ok       libaio        65536 requests are free, the drives take 64");
	assert_says(f, true, "ok       overlays      /srv/overlay may be written");
	assert_says(f, true, "ok       cache         /srv/cache can be made");
	assert_says(f, true, "ok       configuration good");
	assert_says(f, true, "ok       configfs      mounted on /sys/kernel/config");
	assert_says(f, true, "ok       libcomposite  USB gadgets can be made");
	assert_says(f, true, "ok       permission    /sys/kernel/config/usb_gadget may be written");
	assert_says(f, true, "ok       usb_f_hid     a module, loaded when needed");
	assert_says(f, true, "ok       USB port      1e6a0000.usb-vhub:p1 is free");
	assert_says(f, true,
			"ok       video         /dev/video0 (aspeed-video) captures (driver aspeed-video)");
	assert_says(f, true, "ok       reports       /dev/hidgN come when the gadgets are bound");
	assert_says(f, true, "ok       listen        127.0.0.1:5900 is free");
}

static void test_a_wrong_configuration_is_told_and_the_rest_goes_on(
		struct fixture *f, gconstpointer unused)
{
	f->fault = g_error_new_literal(CONFIG_ERROR, 0, "config: x.conf:2: unknown key \"lisen\"");
	assert_says(f, false,
			"missing  configuration config: x.conf:2: unknown key \"lisen\"; the checks "
			"below go by the defaults");
	g_assert_nonnull(strstr(f->said, "ok       video"));
}

static void test_configfs_has_a_remedy_for_each_way_to_lack(struct fixture *f, gconstpointer unused)
{
	put(f, "/proc/mounts", "none /sys/kernel/config configfs ro,relatime 0 0\n");
	assert_says(f, false,
			"missing  configfs      mounted read-only on /sys/kernel/config; mount -o "
			"remount,rw /sys/kernel/config");
	put(f, "/proc/mounts",
			"none /config configfs rw 0 0\nconfigfs /sys/kernel/config tmpfs rw\n");
	assert_says(f, false,
			"missing  configfs      not mounted; mount -t configfs none /sys/kernel/config");
	put(f, "/proc/filesystems", "nodev\tsysfs\n");
	assert_says(f, false,
			"missing  configfs      not mounted; modprobe configfs && mount -t configfs "
			"none /sys/kernel/config");
	put(f, MODULES "/modules.builtin", "kernel/fs/ext4/ext4.ko\n");
	assert_says(f, false,
			"missing  configfs      the kernel has none; build the kernel with "
			"CONFIG_CONFIGFS_FS");
	take_away(f, "/proc");
	assert_says(f, false,
			"missing  configfs      the kernel has none; build the kernel with "
			"CONFIG_CONFIGFS_FS");
}

static void test_gadgets_need_libcomposite(struct fixture *f, gconstpointer unused)
{
	take_away(f, "/sys/kernel/config/usb_gadget");
	assert_says(f, false, "missing  libcomposite  not loaded; modprobe libcomposite");
	g_assert_null(strstr(f->said, "permission"));
	put(f, MODULES "/modules.dep", "");
	assert_says(f, false,
			"missing  libcomposite  the kernel cannot make USB gadgets; build the kernel "
			"with CONFIG_USB_GADGET, CONFIG_USB_LIBCOMPOSITE and CONFIG_USB_CONFIGFS");
	put(f, "/proc/mounts", "");
	put(f, "/sys/module/libcomposite", NULL);
	assert_says(f, false, "ok       libcomposite  USB gadgets can be made");
}

static void test_gadgets_must_be_writable(struct fixture *f, gconstpointer unused)
{
	answers.closed = "/usb_gadget";
	assert_says(f, false,
			"missing  permission    /sys/kernel/config/usb_gadget may not be written; run "
			"as root, or give the folder to the console's user");
}

static void test_the_hid_function_is_looked_for(struct fixture *f, gconstpointer unused)
{
	put(f, MODULES "/modules.dep", "kernel/drivers/usb/gadget/function/usb_f_hidx.ko:\n");
	assert_says(f, false,
			"missing  usb_f_hid     the kernel has no keyboards and pointers for gadgets; "
			"build the kernel with CONFIG_USB_CONFIGFS_F_HID");
	put(f, MODULES "/modules.builtin", "kernel/drivers/usb/gadget/function/usb_f_hid.ko\n");
	assert_says(f, true, "ok       usb_f_hid     in the kernel");
	take_away(f, MODULES);
	assert_says(f, true,
			"warning  usb_f_hid     not loaded, and there is no /lib/modules/6.12.1-bmc to "
			"look in; make sure of CONFIG_USB_CONFIGFS_F_HID");
	put(f, "/sys/module/usb_f_hid", NULL);
	assert_says(f, true, "ok       usb_f_hid     in the kernel");
}

static void test_a_port_must_be_free_or_ours(struct fixture *f, gconstpointer unused)
{
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p1/function", "g_mass_storage\n");
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p1/state", "configured\n");
	assert_says(f, false,
			"warning  USB port      1e6a0000.usb-vhub:p1 is taken by g_mass_storage "
			"(configured)");
	assert_says(f, false,
			"missing  USB port      2 are needed, 1 can be used; stop what holds the others "
			"(echo > UDC in its folder in /sys/kernel/config/usb_gadget), name enough in "
			"[hub] ports, or set layout = composite, which needs one");
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p10/state", "configured\n");
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p10/function", "spicerack-keyboard\n");
	assert_says(f, true,
			"ok       USB port      1e6a0000.usb-vhub:p10 has our gadget spicerack-keyboard "
			"(configured)");
	g_assert_true(strstr(f->said, ":p2 ") < strstr(f->said, ":p10 "));
	take_away(f, "/sys/class/udc");
	check(f);
	g_assert_false(f->good);
	g_assert_nonnull(strstr(f->said, "missing  USB port      there is none in /sys/class/udc; "
					 "load the driver"));
}

static void test_the_layout_says_how_many_ports_it_takes(struct fixture *f, gconstpointer unused)
{
	f->config.layout = HUB_SEPARATE;
	check(f);
	g_assert_false(f->good);
	g_assert_nonnull(strstr(f->said, "missing  USB port      3 are needed, 2 can be used; "));
	f->config.relative = false;
	check(f);
	g_assert_true(f->good);
	take_away(f, "/sys/class/udc/1e6a0000.usb-vhub:p2");
	check(f);
	g_assert_false(f->good);
	f->config.layout = HUB_COMPOSITE;
	check(f);
	g_assert_true(f->good);
}

static void test_ports_that_are_named_must_be_there(struct fixture *f, gconstpointer unused)
{
	f->config.ports = g_strsplit("1e6a0000.usb-vhub:p1;1e6a0000.usb-vhub:p9", ";", -1);
	assert_says(f, false,
			"missing  USB port      there is no 1e6a0000.usb-vhub:p9, which [hub] ports "
			"names; see /sys/class/udc");
	g_assert_null(strstr(f->said, ":p2 "));
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p9/state", "not attached\n");
	assert_says(f, true, "ok       USB port      1e6a0000.usb-vhub:p9 is free");
}

static void test_a_simulated_picture_is_pointed_out(struct fixture *f, gconstpointer unused)
{
	f->config.source = CONSOLE_SOURCE_SIMULATE;
	assert_says(f, true,
			"warning  source        the configuration does not show a real node's picture; "
			"source = v4l2 in [capture] shows this one's");
}

static void test_a_video_device_must_capture(struct fixture *f, gconstpointer unused)
{
	static const char none[] =
			"missing  video         no device that captures can be used; see "
			"above";

	answers.device_caps = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING;
	assert_says(f, false,
			"ok       video         /dev/video0 (aspeed-video) does not capture; not used");
	assert_says(f, false, none);
	answers.capabilities &= ~V4L2_CAP_DEVICE_CAPS; /* an old driver: these are its own */
	assert_says(f, true,
			"ok       video         /dev/video0 (aspeed-video) captures (driver aspeed-video)");
	answers.cause = EBUSY;
	assert_says(f, false,
			"warning  video         /dev/video0 (aspeed-video) is in use; stop the other "
			"program (fuser)");
	answers.cause = ENOTTY;
	assert_says(f, false,
			"warning  video         /dev/video0 (aspeed-video) is no video device: "
			"Inappropriate ioctl for device");
	answers.cause = 0;
	answers.closed = "/video0";
	assert_says(f, false,
			"warning  video         /dev/video0 (aspeed-video) may not be opened; run as root, "
			"or add the console's user to its group (video)");
	take_away(f, "/dev/video0");
	assert_says(f, false,
			"warning  video         /dev/video0 (aspeed-video) is not there; does udev or "
			"devtmpfs run?");
	assert_says(f, false, none);
	take_away(f, "/sys/class/video4linux");
	check(f);
	g_assert_false(f->good);
	g_assert_nonnull(strstr(f->said, "missing  video         there is no video device; load"));
}

static void test_a_video_device_that_is_named_is_the_one(struct fixture *f, gconstpointer unused)
{
	f->config.video.device = "/dev/grabber";
	assert_says(f, false,
			"missing  video         the device of [capture] cannot be used; see above");
	g_assert_null(strstr(f->said, "video0"));
	put(f, "/dev/grabber", "");
	assert_says(f, true, "ok       video         /dev/grabber captures (driver aspeed-video)");
	f->config.video.device = NULL;
}

static void test_report_nodes_must_open(struct fixture *f, gconstpointer unused)
{
	f->world.super = false;
	assert_says(f, true,
			"warning  reports       /dev/hidgN will belong to root when the gadgets are bound; "
			"a udev rule gives them away: KERNEL==\"hidg*\", GROUP=\"GROUP\", MODE=\"0660\"");
	put(f, "/dev/hidg0", "");
	put(f, "/dev/hidg1", "");
	assert_says(f, true, "ok       reports       /dev/hidg0 may be opened");
	answers.closed = "/hidg1";
	assert_says(f, false,
			"missing  reports       /dev/hidg1 may not be opened; a udev rule gives them away: "
			"KERNEL==\"hidg*\", GROUP=\"GROUP\", MODE=\"0660\"");
}

static void test_addresses_must_be_free(struct fixture *f, gconstpointer unused)
{
	g_strfreev(f->config.listen);
	f->config.listen = g_strsplit("127.0.0.1:1;:2", ";", -1);
	answers.taken = ":2";
	assert_says(f, false, "ok       listen        127.0.0.1:1 is free");
	assert_says(f, false, "missing  listen        cannot listen on :2: address already in use");
}

static void test_a_console_starts_without_its_api(struct fixture *f, gconstpointer unused)
{
	g_autofree char *made = g_strdup_printf(
			"ok       API           %s can be made", f->config.api.socket);
	g_autofree char *taken = g_strdup_printf(
			"warning  API           cannot listen on %s: address already in use; [api] socket "
			"in the configuration or --socket names another place",
			f->config.api.socket);
	g_autofree char *later = NULL;

	assert_says(f, true, made);
	answers.taken = f->config.api.socket;
	assert_says(f, true, taken);
	answers.taken = NULL;
	g_free(f->config.api.socket);
	f->config.api.socket = g_build_filename(f->root, "not", "yet", "api.sock", NULL);
	later = g_strdup_printf("ok       API           %s and its folder can be made",
			f->config.api.socket);
	assert_says(f, true, later);
	g_assert_false(g_file_test(f->config.api.socket, G_FILE_TEST_EXISTS));
}

static void test_this_machine_can_be_looked_at(struct fixture *f, gconstpointer unused)
{
	char release[65];

	check_world_real(&f->world, release, sizeof(release));
	g_strfreev(f->config.listen);
	f->config.listen = g_strsplit("127.0.0.1:0", ";", -1);
	assert_says(f, (check(f), f->good), "ok       listen        127.0.0.1:0 is free");
	g_assert_false(g_file_test(f->config.api.socket, G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) \
	g_test_add("/check/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)
	TEST(a_machine_that_has_all_is_good);
	TEST(a_wrong_configuration_is_told_and_the_rest_goes_on);
	TEST(configfs_has_a_remedy_for_each_way_to_lack);
	TEST(gadgets_need_libcomposite);
	TEST(gadgets_must_be_writable);
	TEST(the_hid_function_is_looked_for);
	TEST(a_port_must_be_free_or_ours);
	TEST(the_layout_says_how_many_ports_it_takes);
	TEST(ports_that_are_named_must_be_there);
	TEST(a_simulated_picture_is_pointed_out);
	TEST(a_video_device_must_capture);
	TEST(a_video_device_that_is_named_is_the_one);
	TEST(report_nodes_must_open);
	TEST(addresses_must_be_free);
	TEST(a_console_starts_without_its_api);
	TEST(this_machine_can_be_looked_at);
	return g_test_run();
}
