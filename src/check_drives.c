/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the node's drives need. Without it a console starts and its keyboard works, so that nothing
 * here is worse than a warning.
 */
#include <unistd.h>
#include "gadget/ffs_aio.h"
#include "src/check_part.h"
#include "src/console_config.h"
#include "src/medium_place.h"

unsigned int check_drives_count(const struct console_config *config)
{
	return config->drives ? g_strv_length(config->drives) : 0;
}

static unsigned int check_drives_kernel(const struct console_config *config)
{
	return config->kernel_drives ? g_strv_length(config->kernel_drives) : 0;
}

/* --- What a drive of our own is made of --- */

static guint64 check_number(const struct check *check, const char *path)
{
	g_autofree char *text = check_read(check, path);

	return text ? g_ascii_strtoull(text, NULL, 10) : 0;
}

/* The drives' share of what all processes may have under way (fs/aio.c). */
static void check_requests(struct check *check, unsigned int drives)
{
	guint64 most = check_number(check, "/proc/sys/fs/aio-max-nr");
	guint64 taken = check_number(check, "/proc/sys/fs/aio-nr");
	guint64 needed = (guint64)drives * AIO_REQUESTS;
	guint64 left = most > taken ? most - taken : 0;
	g_autofree char *remedy = NULL;

	if (!check_exists(check, "/proc/sys/fs/aio-max-nr")) {
		check_say(check, CHECK_WARNING, "libaio", "build the kernel with CONFIG_AIO",
				"the kernel has no asynchronous I/O, which drives go by");
		return;
	}
	if (left >= needed) {
		check_say(check, CHECK_OK, "libaio", NULL,
				"%" G_GUINT64_FORMAT " requests are free, the drives take "
				"%" G_GUINT64_FORMAT,
				left, needed);
		return;
	}
	remedy = g_strdup_printf("sysctl fs.aio-max-nr=%" G_GUINT64_FORMAT, taken + needed);
	check_say(check, CHECK_WARNING, "libaio", remedy,
			"%" G_GUINT64_FORMAT " requests are free, the drives take "
			"%" G_GUINT64_FORMAT,
			left, needed);
}

/* --- Folders --- */

/* Whether it may be written, or what is there of the way to it, so that it can be made. */
static bool check_can_be_made(const struct check *check, const char *folder)
{
	g_autofree char *each = g_strdup(folder), *full = NULL;

	while (!check_exists(check, each) && each[0] && each[1]) {
		char *parent = g_path_get_dirname(each);

		g_free(each);
		each = parent;
	}
	full = check_path(check, each);
	return check->world->access(full, W_OK | X_OK) == 0;
}

static void check_folder(struct check *check, const char *what, const char *key, const char *folder)
{
	g_autofree char *full = check_path(check, folder);
	g_autofree char *remedy = g_strdup_printf(
			"give it to the console's user, or name another: %s in [media]", key);

	if (g_file_test(full, G_FILE_TEST_EXISTS) && !g_file_test(full, G_FILE_TEST_IS_DIR))
		check_say(check, CHECK_WARNING, what, remedy, "%s is no folder", folder);
	else if (!check_can_be_made(check, folder))
		check_say(check, CHECK_WARNING, what, remedy, "%s may not be written", folder);
	else
		check_say(check, CHECK_OK, what, NULL, "%s %s", folder,
				check_exists(check, folder) ? "may be written" : "can be made");
}

void check_drives(struct check *check)
{
	const struct console_config *config = check->config;
	unsigned int kernel = check_drives_kernel(config);
	unsigned int own = check_drives_count(config) - kernel;
	g_autofree char *overlays = NULL;

	if (own > 0) {
		check_function(check,
				&(struct check_function){
						.module = "usb_f_fs",
						.option = "CONFIG_USB_CONFIGFS_F_FS",
						.lack = "FunctionFS, which drives are made of",
						.absent = CHECK_WARNING,
				});
		check_requests(check, own);
		overlays = medium_place_overlays(config->overlay_folder, check->world->super);
		check_folder(check, "overlays", "overlay-folder", overlays);
	}
	if (own > 0 && config->cache_folder)
		check_folder(check, "cache", "cache-folder", config->cache_folder);
	if (kernel > 0)
		check_function(check,
				&(struct check_function){
						.module = "usb_f_mass_storage",
						.option = "CONFIG_USB_CONFIGFS_MASS_STORAGE",
						.lack = "mass storage, which kernel-drives are made of",
						.absent = CHECK_WARNING,
				});
}
