/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "rack/fan_safe.h"

#define FAN_SAFE_MOST   255 /* of pwmN (Documentation/hwmon/sysfs-interface) */
#define FAN_SAFE_MANUAL "1" /* of pwmN_enable */

struct fan_safe {
	int percent;
	size_t written, failed;
	int problem; /* errno of the last that failed */
};

/* "pwm" and a number: pwm1_enable and its like are none. */
static bool fan_safe_named(const char *name)
{
	return strncmp(name, "pwm", 3) == 0 && name[3] != '\0' &&
	       name[3 + strspn(name + 3, "0123456789")] == '\0';
}

/* Returns 0 or errno. */
static int fan_safe_say(int folder, const char *name, const char *text)
{
	int fd = openat(folder, name, O_WRONLY | O_CLOEXEC), problem = 0;
	size_t size = strlen(text);

	if (fd < 0)
		return errno;
	errno = 0;
	if (write(fd, text, size) != (ssize_t)size)
		problem = errno ? errno : EIO;
	close(fd);
	return problem;
}

/*
 * Some drivers outside of the kernel take percent, and refuse what is above 100. A device that is
 * not ours to control is told its duty all the same: it may count one day.
 */
static void fan_safe_write(struct fan_safe *safe, int folder, const char *name)
{
	char text[16], enable[sizeof(((struct dirent *)0)->d_name) + 8];
	int problem, taken;

	snprintf(enable, sizeof(enable), "%s_enable", name);
	taken = fan_safe_say(folder, enable, FAN_SAFE_MANUAL);
	snprintf(text, sizeof(text), "%d", (safe->percent * FAN_SAFE_MOST + 50) / 100);
	problem = fan_safe_say(folder, name, text);
	if (problem == EINVAL || problem == ERANGE) {
		snprintf(text, sizeof(text), "%d", safe->percent);
		problem = fan_safe_say(folder, name, text);
	}
	if (problem == 0 && taken != ENOENT)
		problem = taken;
	if (problem) {
		safe->failed++;
		safe->problem = problem;
	} else {
		safe->written++;
	}
}

static DIR *fan_safe_open(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (!folder && fd >= 0)
		close(fd);
	return folder;
}

/* Returns whether it has any. */
static bool fan_safe_folder(struct fan_safe *safe, int at, const char *name)
{
	DIR *folder = fan_safe_open(at, name);
	const struct dirent *entry;
	bool any = false;

	if (!folder)
		return false;
	while ((entry = readdir(folder)))
		if (fan_safe_named(entry->d_name)) {
			fan_safe_write(safe, dirfd(folder), entry->d_name);
			any = true;
		}
	closedir(folder);
	return any;
}

/* Old drivers have their files beside the device's own. */
static void fan_safe_device(struct fan_safe *safe, int at, const char *name)
{
	char older[sizeof(((struct dirent *)0)->d_name) + 8];

	snprintf(older, sizeof(older), "%s/device", name);
	if (!fan_safe_folder(safe, at, name))
		fan_safe_folder(safe, at, older);
}

size_t fan_safe(const char *root, int percent, size_t *failed)
{
	struct fan_safe safe = {.percent = percent < 0 ? 0 : percent > 100 ? 100 : percent};
	DIR *top = fan_safe_open(AT_FDCWD, root ? root : "/sys"), *list = NULL;
	const struct dirent *entry;

	if (top)
		list = fan_safe_open(dirfd(top), "class/hwmon");
	while (list && (entry = readdir(list)))
		if (entry->d_name[0] != '.')
			fan_safe_device(&safe, dirfd(list), entry->d_name);
	if (list)
		closedir(list);
	if (top)
		closedir(top);
	*failed = safe.failed;
	errno = safe.problem;
	return safe.written;
}
