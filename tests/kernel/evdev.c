/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib.h>
#include <linux/input.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/kernel/evdev.h"

#define EVDEV_LOOK_MS 20 /* between two looks for a device */

struct evdev {
	int fd;
};

static bool evdev_bit(const uint8_t *bits, int bit)
{
	return bits[bit / 8] & 1 << bit % 8;
}

static bool evdev_is(int fd, const char *name, int type, int code)
{
	uint8_t bits[KEY_MAX / 8 + 1] = {0};
	char own[256] = "";

	return ioctl(fd, EVIOCGNAME(sizeof(own)), own) >= 0 && strcmp(own, name) == 0 &&
	       ioctl(fd, EVIOCGBIT(type, sizeof(bits)), bits) >= 0 && evdev_bit(bits, code);
}

static int evdev_find(const char *name, int type, int code)
{
	g_autoptr(GDir) folder = g_dir_open("/dev/input", 0, NULL);
	const char *entry;

	while (folder && (entry = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename("/dev/input", entry, NULL);
		int fd = g_str_has_prefix(entry, "event")
					 ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
					 : -1;

		if (fd >= 0 && evdev_is(fd, name, type, code))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

struct evdev *evdev_open(const char *name, int type, int code, int ms)
{
	int64_t end = g_get_monotonic_time() + ms * (int64_t)1000;
	struct evdev *evdev;
	int fd;

	while ((fd = evdev_find(name, type, code)) < 0) {
		if (g_get_monotonic_time() > end)
			return NULL;
		g_usleep(EVDEV_LOOK_MS * 1000);
	}
	ioctl(fd, EVIOCGRAB, 1);
	evdev = g_new0(struct evdev, 1);
	evdev->fd = fd;
	return evdev;
}

int evdev_fd(const struct evdev *evdev)
{
	return evdev->fd;
}

static bool evdev_counts(const struct input_event *event)
{
	return event->type != EV_SYN && event->type != EV_MSC;
}

bool evdev_next(struct evdev *evdev, struct input_event *event, int ms)
{
	int64_t end = g_get_monotonic_time() + ms * (int64_t)1000;
	struct pollfd look = {.fd = evdev->fd, .events = POLLIN};

	for (;;) {
		int64_t left = (end - g_get_monotonic_time()) / 1000;

		while (read(evdev->fd, event, sizeof(*event)) == sizeof(*event)) {
			if (evdev_counts(event))
				return true;
		}
		if (left <= 0 || poll(&look, 1, left) < 0)
			return false;
	}
}

void evdev_drain(struct evdev *evdev)
{
	struct input_event event;

	while (read(evdev->fd, &event, sizeof(event)) == sizeof(event))
		continue;
}

bool evdev_down(struct evdev *evdev, int code)
{
	uint8_t bits[KEY_MAX / 8 + 1] = {0};

	return ioctl(evdev->fd, EVIOCGKEY(sizeof(bits)), bits) >= 0 && evdev_bit(bits, code);
}

int evdev_held(struct evdev *evdev)
{
	uint8_t bits[KEY_MAX / 8 + 1] = {0};
	int held = 0;

	ioctl(evdev->fd, EVIOCGKEY(sizeof(bits)), bits);
	for (int code = 0; code < KEY_MAX; code++)
		held += evdev_bit(bits, code);
	return held;
}

void evdev_light(struct evdev *evdev, int led, bool on)
{
	const struct input_event events[] = {
			{.type = EV_LED, .code = led, .value = on},
			{.type = EV_SYN, .code = SYN_REPORT},
	};
	ssize_t written = write(evdev->fd, events, sizeof(events));

	g_assert_cmpint(written, ==, sizeof(events));
}

void evdev_close(struct evdev *evdev)
{
	if (!evdev)
		return;
	close(evdev->fd);
	g_free(evdev);
}
