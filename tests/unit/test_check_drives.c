/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/check_rig.h"

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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name)                                                                          \
	g_test_add("/check-drives/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)
	TEST(drives_have_a_remedy_for_all_they_lack);
	TEST(drives_take_a_port_each);
	return g_test_run();
}
