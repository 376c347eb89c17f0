/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "capture/v4l2_find.h"

bool v4l2_find_captures(int fd, struct v4l2_capability *capability)
{
	uint32_t can;

	if (ioctl(fd, VIDIOC_QUERYCAP, capability) < 0)
		return false;
	can = capability->capabilities & V4L2_CAP_DEVICE_CAPS ? capability->device_caps
							      : capability->capabilities;
	return (can & V4L2_CAP_VIDEO_CAPTURE) && (can & V4L2_CAP_STREAMING);
}

static bool v4l2_find_engine(int number)
{
	g_autofree char *link = g_strdup_printf(
			"/sys/class/video4linux/video%d/device/driver", number);
	char target[256];
	ssize_t size = readlink(link, target, sizeof(target) - 1);

	if (size < 0)
		return false;
	target[size] = '\0';
	return g_str_has_suffix(target, "/aspeed-video");
}

static bool v4l2_find_may_do(const char *path)
{
	struct v4l2_capability capability;
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	bool captures;

	if (fd < 0)
		return false;
	captures = v4l2_find_captures(fd, &capability);
	close(fd);
	return captures;
}

static int v4l2_find_by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* The numbers of all video nodes, in order. */
static GArray *v4l2_find_numbers(void)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int));
	GDir *folder = g_dir_open("/dev", 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		char *end;
		int number;

		if (!g_str_has_prefix(name, "video") || !g_ascii_isdigit(name[5]))
			continue;
		number = strtol(name + 5, &end, 10);
		if (*end == '\0')
			g_array_append_val(numbers, number);
	}
	if (folder)
		g_dir_close(folder);
	g_array_sort(numbers, v4l2_find_by_number);
	return numbers;
}

/* An engine is told from afar: to open it is slow. */
char *v4l2_find(bool engine)
{
	g_autoptr(GArray) numbers = v4l2_find_numbers();

	for (int pass = 0; pass < (engine ? 1 : 2); pass++) {
		for (guint i = 0; i < numbers->len; i++) {
			int number = g_array_index(numbers, int, i);
			g_autofree char *path = g_strdup_printf("/dev/video%d", number);

			if (pass == 0 ? v4l2_find_engine(number) : v4l2_find_may_do(path))
				return g_steal_pointer(&path);
		}
	}
	return NULL;
}
