/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/check_rig.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <linux/videodev2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct answers answers;

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

void put(struct fixture *f, const char *path, const char *text)
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

void take_away(struct fixture *f, const char *path)
{
	g_autofree char *full = g_strconcat(f->root, path, NULL);

	g_assert_true(g_file_test(full, G_FILE_TEST_EXISTS));
	remove_tree(full);
}

void fixture_open(struct fixture *f, gconstpointer unused)
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
	f->config.api.socket = g_build_filename(f->root, "api.sock", NULL);
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

void fixture_close(struct fixture *f, gconstpointer unused)
{
	console_config_clear(&f->config);
	g_clear_error(&f->fault);
	remove_tree(f->root);
	g_free(f->root);
	g_free(f->said);
}

void check(struct fixture *f)
{
	size_t size;
	FILE *out;

	free(f->said);
	out = open_memstream(&f->said, &size);
	f->good = check_run(&f->world, &f->config, f->fault, out);
	fclose(out);
}

void assert_says(struct fixture *f, bool good, const char *line)
{
	g_autofree char *wanted = g_strconcat("\n", line, "\n", NULL);
	g_autofree char *all = NULL;

	check(f);
	all = g_strconcat("\n", f->said, NULL);
	if (!strstr(all, wanted) || f->good != good)
		g_error("no line \"%s\", or %s, in:%s", line, f->good ? "good" : "not good", all);
}

void have_drives(struct fixture *f)
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
