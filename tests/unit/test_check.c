/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <linux/videodev2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/check.h"
#include "src/console_config.h"

#define MODULES "/lib/modules/6.12.1-bmc"

/* A machine: its files in a folder, what cannot be a file in here. */
struct fixture {
	char *root;
	struct check_world world;
	struct console_config config;
	GError *fault;
	char *said; /* by the last check */
	bool good;
};

/* What the fakes answer; access and the ioctl get no data of ours, so that they look here. */
static struct {
	const char *closed; /* ends of paths that may not be opened, NULL: none */
	const char *taken;  /* an address or socket that is taken */
	uint32_t capabilities, device_caps;
	int cause;
} answers;

static int fake_access(const char *path, int mode)
{
	if (access(path, F_OK) < 0)
		return -1;
	errno = EACCES;
	return mode != F_OK && answers.closed && g_str_has_suffix(path, answers.closed) ? -1 : 0;
}

static int fake_capability(const char *path, struct v4l2_capability *capability)
{
	memcpy(capability->driver, "aspeed-video", 12);
	capability->capabilities = answers.capabilities;
	capability->device_caps = answers.device_caps;
	return answers.cause;
}

static bool fake_listen(const char *address, GError **error)
{
	if (g_strcmp0(address, answers.taken) != 0)
		return true;
	g_set_error(error, CONFIG_ERROR, 0, "cannot listen on %s: address already in use", address);
	return false;
}

static bool fake_serve(const char *path, mode_t mode, GError **error)
{
	g_assert_cmpint(mode, ==, 0660);
	return fake_listen(path, error);
}

static void put(struct fixture *f, const char *path, const char *text)
{
	g_autofree char *full = g_strconcat(f->root, path, NULL);
	g_autofree char *folder = g_path_get_dirname(full);

	g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
	if (text)
		g_assert_true(g_file_set_contents(full, text, -1, NULL));
	else
		g_assert_cmpint(g_mkdir_with_parents(full, 0755), ==, 0);
}

static void remove_tree(const char *path)
{
	GDir *folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		remove_tree(inner);
	}
	if (folder)
		g_dir_close(folder);
	g_remove(path);
}

static void take_away(struct fixture *f, const char *path)
{
	g_autofree char *full = g_strconcat(f->root, path, NULL);

	g_assert_true(g_file_test(full, G_FILE_TEST_EXISTS));
	remove_tree(full);
}

/* A BMC that has everything. */
static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->root = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->world = (struct check_world){
			.root = f->root,
			.release = "6.12.1-bmc",
			.super = true,
			.access = fake_access,
			.capability = fake_capability,
			.listen = fake_listen,
			.serve = fake_serve,
	};
	memset(&answers, 0, sizeof(answers));
	answers.capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
	answers.device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE;
	console_config_defaults(&f->config);
	f->config.source = CONSOLE_SOURCE_V4L2;
	g_clear_pointer(&f->config.drives, g_strfreev); /* have_drives */
	f->config.api_socket = g_build_filename(f->root, "api.sock", NULL);
	put(f, "/proc/mounts",
			"proc /proc proc rw 0 0\nnone /sys/kernel/config configfs rw,relatime 0 0\n");
	put(f, "/proc/filesystems", "nodev\tsysfs\nnodev\tconfigfs\n\text4\n");
	put(f, "/sys/kernel/config/usb_gadget", NULL);
	put(f, MODULES "/modules.builtin", "kernel/fs/configfs/configfs.ko\n");
	put(f, MODULES "/modules.dep",
			"kernel/drivers/usb/gadget/libcomposite.ko.xz: kernel/a.ko.xz\n"
			"kernel/drivers/usb/gadget/function/usb_f_hid.ko.xz: kernel/b.ko.xz\n");
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p1/state", "not attached\n");
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p1/function", "\n");
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p2/state", "not attached\n");
	put(f, "/sys/class/video4linux/video0/name", "aspeed-video\n");
	put(f, "/dev/video0", "");
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	console_config_clear(&f->config);
	g_clear_error(&f->fault);
	remove_tree(f->root);
	g_free(f->root);
	g_free(f->said);
}

static void check(struct fixture *f)
{
	size_t size;
	FILE *out;

	free(f->said);
	out = open_memstream(&f->said, &size);
	f->good = check_run(&f->world, &f->config, f->fault, out);
	fclose(out);
}

/* The check says this line, and comes to that end. */
static void assert_says(struct fixture *f, bool good, const char *line)
{
	g_autofree char *wanted = g_strconcat("\n", line, "\n", NULL);
	g_autofree char *all = NULL;

	check(f);
	all = g_strconcat("\n", f->said, NULL);
	if (!strstr(all, wanted) || f->good != good)
		g_error("no line \"%s\", or %s, in:%s", line, f->good ? "good" : "not good", all);
}

/* Drives, and all that they need. */
static void have_drives(struct fixture *f)
{
	f->config.drives = g_strsplit("cd;disk", ";", -1);
	f->config.kernel_drives = g_strsplit("disk", ";", -1);
	f->config.overlay_folder = g_strdup("/srv/overlay");
	f->config.cache_folder = g_strdup("/srv/cache");
	put(f, "/srv/overlay", NULL);
	put(f, "/proc/sys/fs/aio-nr", "0\n");
	put(f, "/proc/sys/fs/aio-max-nr", "65536\n");
	put(f, MODULES "/modules.builtin",
			"kernel/fs/configfs/configfs.ko\n"
			"kernel/drivers/usb/gadget/function/usb_f_fs.ko\n"
			"kernel/drivers/usb/gadget/function/usb_f_mass_storage.ko\n");
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p3/state", "not attached\n");
	put(f, "/sys/class/udc/1e6a0000.usb-vhub:p4/state", "not attached\n");
}

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

static void test_drives_have_a_remedy_for_all_they_lack(struct fixture *f, gconstpointer unused)
{
	have_drives(f);
	put(f, MODULES "/modules.builtin", "kernel/fs/configfs/configfs.ko\n");
	assert_says(f, true,
			"warning  usb_f_fs      the kernel has no FunctionFS, which drives are made of; "
			"build the kernel with CONFIG_USB_CONFIGFS_F_FS");
	assert_says(f, true,
			"warning  usb_f_mass_storage the kernel has no mass storage, which kernel-drives "
			"are made of; build the kernel with CONFIG_USB_CONFIGFS_MASS_STORAGE");
	put(f, "/proc/sys/fs/aio-nr", "65500\n");
	assert_says(f, true,
			"warning  libaio        36 requests are free, the drives take 64; sysctl "
			"fs.aio-max-nr=65564");
	take_away(f, "/proc/sys/fs/aio-max-nr");
	assert_says(f, true,
			"warning  libaio        the kernel has no asynchronous I/O, which drives go by; "
			"build the kernel with CONFIG_AIO");
	answers.closed = "/srv/overlay";
	assert_says(f, true,
			"warning  overlays      /srv/overlay may not be written; give it to the "
			"console's user, or name another: overlay-folder in [media]");
	answers.closed = "/srv";
	assert_says(f, true,
			"warning  cache         /srv/cache may not be written; give it to the "
			"console's user, or name another: cache-folder in [media]");
	put(f, "/srv/cache", "");
	assert_says(f, true,
			"warning  cache         /srv/cache is no folder; give it to the console's "
			"user, or name another: cache-folder in [media]");
	g_clear_pointer(&f->config.kernel_drives, g_strfreev);
	check(f);
	g_assert_null(strstr(f->said, "usb_f_mass_storage"));
	f->config.kernel_drives = g_strdupv(f->config.drives);
	check(f);
	g_assert_null(strstr(f->said, "usb_f_fs"));
	g_assert_null(strstr(f->said, "libaio"));
}

static void test_drives_take_a_port_each(struct fixture *f, gconstpointer unused)
{
	have_drives(f);
	take_away(f, "/sys/class/udc/1e6a0000.usb-vhub:p4");
	assert_says(f, true,
			"warning  USB port      4 are needed with the drives, 3 can be used: the last "
			"drives go without; stop what holds the others, name enough in [hub] ports, "
			"set layout = composite, or name fewer drives in [media]");
	f->config.layout = HUB_COMPOSITE;
	check(f);
	g_assert_null(strstr(f->said, "warning"));
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
			"ok       API           %s can be made", f->config.api_socket);
	g_autofree char *taken = g_strdup_printf(
			"warning  API           cannot listen on %s: address already in use; [api] socket "
			"in the configuration or --socket names another place",
			f->config.api_socket);
	g_autofree char *later = NULL;

	assert_says(f, true, made);
	answers.taken = f->config.api_socket;
	assert_says(f, true, taken);
	answers.taken = NULL;
	g_free(f->config.api_socket);
	f->config.api_socket = g_build_filename(f->root, "not", "yet", "api.sock", NULL);
	later = g_strdup_printf("ok       API           %s and its folder can be made",
			f->config.api_socket);
	assert_says(f, true, later);
	g_assert_false(g_file_test(f->config.api_socket, G_FILE_TEST_EXISTS));
}

static void test_this_machine_can_be_looked_at(struct fixture *f, gconstpointer unused)
{
	char release[65];

	check_world_real(&f->world, release, sizeof(release));
	g_strfreev(f->config.listen);
	f->config.listen = g_strsplit("127.0.0.1:0", ";", -1);
	assert_says(f, (check(f), f->good), "ok       listen        127.0.0.1:0 is free");
	g_assert_false(g_file_test(f->config.api_socket, G_FILE_TEST_EXISTS));
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
	TEST(drives_have_a_remedy_for_all_they_lack);
	TEST(drives_take_a_port_each);
	TEST(a_simulated_picture_is_pointed_out);
	TEST(a_video_device_must_capture);
	TEST(a_video_device_that_is_named_is_the_one);
	TEST(report_nodes_must_open);
	TEST(addresses_must_be_free);
	TEST(a_console_starts_without_its_api);
	TEST(this_machine_can_be_looked_at);
	return g_test_run();
}
