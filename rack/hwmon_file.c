/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "rack/hwmon_file.h"

#define HWMON_TEXT   32 /* the longest number has 20 */
#define HWMON_MANUAL 1  /* pwmN_enable */

/* --- Files --- */

/* The root is a path, not a pattern. */
static char *hwmon_file_pattern(
		const char *root, const char *device, const char *below, const char *name)
{
	GString *pattern = g_string_new(NULL);

	for (; *root; root++) {
		if (strchr("*?[\\", *root))
			g_string_append_c(pattern, '\\');
		g_string_append_c(pattern, *root);
	}
	if (g_str_has_prefix(device, HWMON_ROOT "/"))
		device += strlen(HWMON_ROOT "/");
	g_string_append_printf(pattern, "/%s/%s%s", device, below, name);
	return g_string_free(pattern, FALSE);
}

static int hwmon_file_try(const char *root, const char *device, const char *below, const char *name,
		int flags)
{
	char *pattern = hwmon_file_pattern(root, device, below, name);
	glob_t found;
	int fd = -ENOENT;

	if (glob(pattern, 0, NULL, &found) == 0) {
		if (found.gl_pathc > 1)
			fd = -ENOTUNIQ;
		else if ((fd = open(found.gl_pathv[0], flags | O_CLOEXEC)) < 0)
			fd = -errno;
		globfree(&found);
	}
	g_free(pattern);
	return fd;
}

int hwmon_file_open(const char *root, const char *device, const char *name, int flags)
{
	int fd = hwmon_file_try(root, device, "", name, flags);

	return fd == -ENOENT ? hwmon_file_try(root, device, "hwmon/hwmon*/", name, flags) : fd;
}

int hwmon_file_read(int fd, int64_t *value)
{
	char text[HWMON_TEXT], *end;
	ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
	struct stat state;

	if (size < 0)
		return -errno;
	/* The kernel fails reads of a device that has gone; in a folder that is no sysfs the file
	 * has no name any more. */
	if (fstat(fd, &state) == 0 && state.st_nlink == 0)
		return -ENODEV;
	text[size] = '\0';
	errno = 0;
	*value = g_ascii_strtoll(text, &end, 10);
	if (end == text || errno != 0 || (*end != '\0' && !g_ascii_isspace(*end)))
		return -EINVAL;
	return 0;
}

int hwmon_file_write(int fd, int64_t value)
{
	char text[HWMON_TEXT];
	size_t size = (size_t)g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT "\n", value);

	errno = 0;
	return pwrite(fd, text, size, 0) == (ssize_t)size ? 0 : errno ? -errno : -EIO;
}

void hwmon_file_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- Sensors --- */

/* Whether it is the word and a number. */
static bool hwmon_numbered(const char *attribute, const char *word)
{
	size_t size = strlen(word);

	return strncmp(attribute, word, size) == 0 && attribute[size] != '\0' &&
	       strspn(attribute + size, "0123456789") == strlen(attribute + size);
}

double hwmon_sensor_scale(const char *attribute)
{
	static const struct {
		const char *word;
		double scale;
	} kinds[] = {{"temp", 1e-3}, {"fan", 1}, {"in", 1e-3}, {"curr", 1e-3}, {"power", 1e-6},
			{"humidity", 1e-3}};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (hwmon_numbered(attribute, kinds[i].word))
			return kinds[i].scale;
	return 0;
}

static int hwmon_sensor_open(struct hwmon_sensor *sensor)
{
	char name[HWMON_TEXT];

	g_snprintf(name, sizeof(name), "%s_input", sensor->attribute);
	sensor->fd = hwmon_file_open(sensor->root, sensor->device, name, O_RDONLY);
	if (sensor->fd < 0)
		return sensor->fd;
	g_snprintf(name, sizeof(name), "%s_fault", sensor->attribute);
	sensor->fault_fd = hwmon_file_open(sensor->root, sensor->device, name, O_RDONLY);
	return 0;
}

int hwmon_sensor_read(struct hwmon_sensor *sensor, double *value)
{
	int64_t number = 0, fault = 0;
	int answer = sensor->fd < 0 ? hwmon_sensor_open(sensor) : 0;

	if (answer == 0)
		answer = hwmon_file_read(sensor->fd, &number);
	if (answer == 0 && sensor->fault_fd >= 0)
		answer = hwmon_file_read(sensor->fault_fd, &fault);
	if (answer == 0 && fault != 0)
		answer = -ENODATA;
	if (answer == 0)
		*value = (double)number * sensor->scale;
	else
		hwmon_sensor_close(sensor);
	return answer;
}

void hwmon_sensor_close(struct hwmon_sensor *sensor)
{
	hwmon_file_close(&sensor->fd);
	hwmon_file_close(&sensor->fault_fd);
}

/* --- Fans --- */

bool hwmon_fan_named(const char *attribute)
{
	return hwmon_numbered(attribute, "pwm");
}

static int hwmon_fan_open(struct hwmon_fan *fan)
{
	char name[HWMON_TEXT];

	fan->fd = hwmon_file_open(fan->root, fan->device, fan->attribute, O_RDWR);
	if (fan->fd < 0)
		return fan->fd;
	g_snprintf(name, sizeof(name), "%s_enable", fan->attribute);
	fan->enable_fd = hwmon_file_open(fan->root, fan->device, name, O_RDWR);
	fan->enable_seen = HWMON_MANUAL;
	return 0;
}

/* Returns 1 when it had to be taken from the device's own control. */
static int hwmon_fan_take(struct hwmon_fan *fan)
{
	int64_t enable = 0;
	int answer;

	if (fan->enable_fd < 0)
		return 0;
	answer = hwmon_file_read(fan->enable_fd, &enable);
	if (answer < 0 || enable == fan->enable_seen)
		return answer;
	answer = hwmon_file_write(fan->enable_fd, HWMON_MANUAL);
	if (answer == 0)
		answer = hwmon_file_read(fan->enable_fd, &fan->enable_seen);
	return answer < 0 ? answer : 1;
}

int hwmon_fan_hold(struct hwmon_fan *fan, int duty, bool write)
{
	bool fresh = fan->fd < 0;
	int64_t seen = 0;
	int taken, answer = fresh ? hwmon_fan_open(fan) : 0;

	if (answer < 0)
		return answer;
	/* A fan that cannot be taken is still told what it should do. */
	taken = hwmon_fan_take(fan);
	if (!write && !fresh && taken == 0) {
		answer = hwmon_file_read(fan->fd, &seen);
		if (answer == 0 && seen == fan->seen)
			return 0;
	}
	if (answer == 0)
		answer = hwmon_file_write(fan->fd, duty);
	if (answer == 0)
		answer = hwmon_file_read(fan->fd, &fan->seen);
	if (answer == 0 && taken < 0)
		answer = taken;
	if (answer < 0)
		hwmon_fan_close(fan);
	return answer < 0 ? answer : 1;
}

void hwmon_fan_close(struct hwmon_fan *fan)
{
	hwmon_file_close(&fan->fd);
	hwmon_file_close(&fan->enable_fd);
}
