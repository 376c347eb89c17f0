/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>
#include "src/check_part.h"

/* --- Modules --- */

enum check_module {
	MODULE_PRESENT,  /* loaded or built in */
	MODULE_LOADABLE, /* there is a file */
	MODULE_ABSENT,
	MODULE_UNKNOWN, /* the kernel has no list of its modules here */
};

/* Whether a list of kmod(8) names the module: "kernel/.../usb_f_hid.ko", perhaps packed. */
static bool module_is_in(const char *list, const char *name)
{
	g_autofree char *file = g_strconcat("/", name, ".ko", NULL);

	return list && strstr(list, file) != NULL;
}

static enum check_module check_module(const struct check *check, const char *name)
{
	const char *release = check->world->release;
	g_autofree char *loaded = g_strconcat("/sys/module/", name, NULL);
	g_autofree char *builtin_path = g_strdup_printf("/lib/modules/%s/modules.builtin", release);
	g_autofree char *dep_path = g_strdup_printf("/lib/modules/%s/modules.dep", release);
	g_autofree char *builtin = check_read(check, builtin_path);
	g_autofree char *dep = check_read(check, dep_path);

	if (check_exists(check, loaded) || module_is_in(builtin, name))
		return MODULE_PRESENT;
	if (module_is_in(dep, name))
		return MODULE_LOADABLE;
	return builtin || dep ? MODULE_ABSENT : MODULE_UNKNOWN;
}

/* --- configfs and what stands in it --- */

enum check_mount {
	MOUNT_NONE,
	MOUNT_READ_ONLY,
	MOUNT_GOOD,
};

static enum check_mount check_mount(const struct check *check)
{
	g_autofree char *mounts = check_read(check, "/proc/mounts");
	g_auto(GStrv) lines = g_strsplit(mounts ? mounts : "", "\n", -1);
	enum check_mount found = MOUNT_NONE;

	for (char **line = lines; *line; line++) { /* device, folder, type, options: fstab(5) */
		g_auto(GStrv) fields = g_strsplit(*line, " ", -1);
		g_auto(GStrv) options = NULL;

		if (g_strv_length(fields) < 4 || strcmp(fields[1], CONFIGFS) != 0 ||
				strcmp(fields[2], "configfs") != 0)
			continue;
		options = g_strsplit(fields[3], ",", -1);
		found = g_strv_contains((const char *const *)options, "ro") ? MOUNT_READ_ONLY
									    : MOUNT_GOOD;
	}
	return found;
}

static bool check_knows_configfs(const struct check *check)
{
	g_autofree char *known = check_read(check, "/proc/filesystems");

	return known && strstr(known, "\tconfigfs") != NULL;
}

static void check_configfs(struct check *check, enum check_mount mount)
{
	static const char mounting[] = "mount -t configfs none " CONFIGFS;
	static const char loading[] = "modprobe configfs && mount -t configfs none " CONFIGFS;

	if (mount == MOUNT_GOOD)
		check_say(check, CHECK_OK, "configfs", NULL, "mounted on " CONFIGFS);
	else if (mount == MOUNT_READ_ONLY)
		check_say(check, CHECK_MISSING, "configfs", "mount -o remount,rw " CONFIGFS,
				"mounted read-only on " CONFIGFS);
	else if (check_knows_configfs(check))
		check_say(check, CHECK_MISSING, "configfs", mounting, "not mounted");
	else if (check_module(check, "configfs") == MODULE_ABSENT)
		check_say(check, CHECK_MISSING, "configfs",
				"build the kernel with CONFIG_CONFIGFS_FS", "the kernel has none");
	else
		check_say(check, CHECK_MISSING, "configfs", loading, "not mounted");
}

/* With configfs in reach its folder tells; without, only the module can be looked for. */
static void check_libcomposite(struct check *check, enum check_mount mount)
{
	enum check_module module = check_module(check, "libcomposite");

	if (check_exists(check, GADGETS) || (mount == MOUNT_NONE && module == MODULE_PRESENT))
		check_say(check, CHECK_OK, "libcomposite", NULL, "USB gadgets can be made");
	else if (module == MODULE_ABSENT)
		check_say(check, CHECK_MISSING, "libcomposite",
				"build the kernel with CONFIG_USB_GADGET, CONFIG_USB_LIBCOMPOSITE and "
				"CONFIG_USB_CONFIGFS",
				"the kernel cannot make USB gadgets");
	else
		check_say(check, CHECK_MISSING, "libcomposite", "modprobe libcomposite",
				"not loaded");
}

static void check_gadgets_writable(struct check *check)
{
	g_autofree char *gadgets = check_path(check, GADGETS);

	if (!check_exists(check, GADGETS))
		return;
	if (check->world->access(gadgets, W_OK) < 0)
		check_say(check, CHECK_MISSING, "permission",
				"run as root, or give the folder to the console's user",
				GADGETS " may not be written");
	else
		check_say(check, CHECK_OK, "permission", NULL, GADGETS " may be written");
}

/* Asked for by the kernel itself when the function is made. */
void check_function(struct check *check, const struct check_function *function)
{
	const char *module = function->module;
	g_autofree char *build = g_strconcat("build the kernel with ", function->option, NULL);
	g_autofree char *sure = g_strconcat("make sure of ", function->option, NULL);

	switch (check_module(check, module)) {
	case MODULE_PRESENT:
		check_say(check, CHECK_OK, module, NULL, "in the kernel");
		break;
	case MODULE_LOADABLE:
		check_say(check, CHECK_OK, module, NULL, "a module, loaded when needed");
		break;
	case MODULE_ABSENT:
		check_say(check, function->absent, module, build, "the kernel has no %s",
				function->lack);
		break;
	case MODULE_UNKNOWN:
		check_say(check, CHECK_WARNING, module, sure,
				"not loaded, and there is no /lib/modules/%s to look in",
				check->world->release);
		break;
	}
}

void check_kernel(struct check *check)
{
	enum check_mount mount = check_mount(check);

	check_configfs(check, mount);
	check_libcomposite(check, mount);
	check_gadgets_writable(check);
	check_function(check, &(struct check_function){
					      .module = "usb_f_hid",
					      .option = "CONFIG_USB_CONFIGFS_F_HID",
					      .lack = "keyboards and pointers for gadgets",
					      .absent = CHECK_MISSING,
			      });
}
