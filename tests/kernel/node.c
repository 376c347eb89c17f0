/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/kernel/node.h"

#define NODE_BITS 1024

static bool node_bit(const unsigned long *bits, int bit)
{
	const int word = 8 * sizeof(*bits);

	return bits[bit / word] >> bit % word & 1;
}

bool node_there(void)
{
	return access("/sys/class/udc/dummy_udc.0", F_OK) == 0 &&
	       access("/sys/kernel/config", W_OK) == 0;
}

void node_pass(int ms)
{
	int64_t until = g_get_monotonic_time() + ms * 1000;

	while (g_get_monotonic_time() < until)
		if (!g_main_context_iteration(NULL, FALSE))
			g_usleep(1000);
}

static bool node_has(int fd, int type, int code)
{
	unsigned long bits[NODE_BITS / 8 / sizeof(long)] = {0};

	return ioctl(fd, EVIOCGBIT(type, sizeof(bits)), bits) >= 0 && node_bit(bits, code);
}

static bool node_is(int fd, enum node_kind kind)
{
	switch (kind) {
	case NODE_KEYBOARD:
		return node_has(fd, EV_KEY, KEY_A);
	case NODE_ABSOLUTE:
		return node_has(fd, EV_ABS, ABS_X);
	default:
		return node_has(fd, EV_REL, REL_X);
	}
}

static int node_find(const char *udc, const enum node_kind *kind)
{
	/* usb-dummy_hcd.0-1/input0 */
	char *place = g_strdup_printf("usb-dummy_hcd.%s-1/", strrchr(udc, '.') + 1);
	int found = -1;

	for (int i = 0; i < 64 && found < 0; i++) {
		char *path = g_strdup_printf("/dev/input/event%d", i);
		char where[128] = "";
		int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

		g_free(path);
		if (fd < 0)
			continue;
		if (ioctl(fd, EVIOCGPHYS(sizeof(where)), where) >= 0 &&
				g_str_has_prefix(where, place) && (!kind || node_is(fd, *kind)))
			found = fd;
		else
			close(fd);
	}
	g_free(place);
	return found;
}

int node_input(const char *udc, enum node_kind kind)
{
	/* No repeats of the kernel's own in what is read. */
	unsigned int slow[2] = {60000, 60000};
	int fd = node_find(udc, &kind);

	if (fd >= 0)
		node_pass(100);
	if (fd >= 0 && kind == NODE_KEYBOARD)
		ioctl(fd, EVIOCSREP, slow);
	return fd;
}

bool node_empty(const char *udc)
{
	char *device = node_device(udc);
	int fd = device ? -1 : node_find(udc, NULL);
	bool empty = !device && fd < 0;

	if (fd >= 0)
		close(fd);
	g_free(device);
	return empty;
}

bool node_event(int fd, int type, struct input_event *event, int ms)
{
	int64_t until = g_get_monotonic_time() + ms * 1000;

	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		ssize_t size = read(fd, event, sizeof(*event));

		if (size == sizeof(*event) && event->type == type)
			return true;
		if (size == sizeof(*event))
			continue;
		while (g_main_context_iteration(NULL, FALSE))
			;
		if (g_get_monotonic_time() >= until)
			return false;
		poll(&poll_fd, 1, 1);
	}
}

void node_drain(int fd)
{
	struct input_event event;

	while (read(fd, &event, sizeof(event)) == sizeof(event))
		;
}

bool node_key_down(int fd, int code)
{
	unsigned long bits[NODE_BITS / 8 / sizeof(long)] = {0};

	return ioctl(fd, EVIOCGKEY(sizeof(bits)), bits) >= 0 && node_bit(bits, code);
}

int node_axis(int fd, int axis)
{
	struct input_absinfo info = {.value = -1};

	ioctl(fd, EVIOCGABS(axis), &info);
	return info.value;
}

void node_light(int fd, int light, bool on)
{
	struct input_event events[] = {
			{.type = EV_LED, .code = light, .value = on},
			{.type = EV_SYN, .code = SYN_REPORT},
	};

	g_assert_cmpint(write(fd, events, sizeof(events)), ==, sizeof(events));
}

char *node_device(const char *udc)
{
	char *hcd = g_strdup_printf("/dummy_hcd.%s/", strrchr(udc, '.') + 1);
	char *found = NULL;

	for (int bus = 1; bus < 16 && !found; bus++) {
		char *path = g_strdup_printf("/sys/bus/usb/devices/%d-1", bus);
		char *real = realpath(path, NULL);

		if (real && strstr(real, hcd))
			found = g_steal_pointer(&path);
		free(real);
		g_free(path);
	}
	g_free(hcd);
	return found;
}

char *node_attribute(const char *udc, const char *name)
{
	char *device = node_device(udc);
	char *path = device ? g_build_filename(device, name, NULL) : NULL;
	char *text = NULL;

	if (!path || !g_file_get_contents(path, &text, NULL, NULL))
		text = g_strdup("");
	g_strstrip(text); /* " 3" */
	g_free(path);
	g_free(device);
	return text;
}

bool node_attribute_is(const char *udc, const char *name, const char *value)
{
	char *text = node_attribute(udc, name);
	bool is = !strcmp(text, value);

	g_free(text);
	return is;
}

bool node_try(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

void node_write(const char *path, const char *text)
{
	if (!node_try(path, text))
		g_error("%s does not take \"%s\": %s", path, text, g_strerror(errno));
}

void node_set(const char *udc, const char *name, const char *value)
{
	char *device = node_device(udc);
	char *path = g_build_filename(device, name, NULL);

	node_write(path, value);
	g_free(path);
	g_free(device);
}

void node_plug(const char *udc, bool on)
{
	const char *number = strrchr(udc, '.') + 1;

	for (int bus = 1; bus < 16; bus++) {
		char *path = g_strdup_printf(
				"/sys/bus/usb/devices/%d-0:1.0/usb%d-port1/disable", bus, bus);
		char *real = realpath(path, NULL);
		char *hcd = g_strdup_printf("/dummy_hcd.%s/", number);

		if (real && strstr(real, hcd))
			node_write(real, on ? "0" : "1");
		g_free(hcd);
		free(real);
		g_free(path);
	}
}

static int node_usb(const char *udc)
{
	char *bus = node_attribute(udc, "busnum"), *number = node_attribute(udc, "devnum");
	char *path = g_strdup_printf("/dev/bus/usb/%03d/%03d", atoi(bus), atoi(number));
	int fd = open(path, O_RDWR | O_CLOEXEC);

	g_free(path);
	g_free(number);
	g_free(bus);
	return fd;
}

void node_reset(const char *udc)
{
	int fd = node_usb(udc);

	g_assert_cmpint(ioctl(fd, USBDEVFS_RESET), ==, 0);
	close(fd);
}

int node_control(const char *udc, int type, int request, int value, int index, void *bytes,
		size_t size, int ms)
{
	struct usbdevfs_ctrltransfer transfer = {
			.bRequestType = type,
			.bRequest = request,
			.wValue = value,
			.wIndex = index,
			.wLength = size,
			.timeout = ms,
			.data = bytes,
	};
	int fd = node_usb(udc);
	int result = ioctl(fd, USBDEVFS_CONTROL, &transfer);

	if (result < 0)
		result = -errno;
	if (fd >= 0)
		close(fd);
	return result;
}

int node_fetch(const char *udc, int endpoint, void *bytes, size_t size, int ms)
{
	struct usbdevfs_bulktransfer transfer = {
			.ep = endpoint, /* interrupt ones too */
			.len = size,
			.timeout = ms,
			.data = bytes,
	};
	int fd = node_usb(udc);
	int result = ioctl(fd, USBDEVFS_BULK, &transfer);

	if (result < 0)
		result = -errno;
	if (fd >= 0)
		close(fd);
	return result;
}
