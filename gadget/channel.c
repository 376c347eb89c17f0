/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "gadget/attribute.h"
#include "gadget/channel.h"
#include "gadget/fault.h"

/* The name that the kernel gives the node: DEVNAME in the device's uevent. */
static char *channel_name(const char *sysfs, dev_t device)
{
	char *folder = g_strdup_printf("%s/dev/char/%u:%u", sysfs, major(device), minor(device));
	char *uevent = attribute_bytes(folder, "uevent", NULL);
	char **lines = g_strsplit(uevent ? uevent : "", "\n", -1);
	char *name = NULL;

	for (char **line = lines; *line && !name; line++)
		if (g_str_has_prefix(*line, "DEVNAME="))
			name = g_strdup(*line + strlen("DEVNAME="));
	g_strfreev(lines);
	g_free(uevent);
	g_free(folder);
	return name;
}

int channel_open(const char *sysfs, const char *dev, dev_t device, GError **error)
{
	char *name = channel_name(sysfs, device);
	char *path = g_build_filename(dev, name ? name : "hidg", NULL);
	int fd = name ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
	int saved = errno;
	struct stat status;

	if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISCHR(status.st_mode) ||
				       status.st_rdev != device)) {
		close(fd);
		fd = -1;
		saved = ENOENT;
	}
	if (fd >= 0)
		goto out;
	if (!name || saved == ENOENT || saved == ENXIO || saved == ENODEV)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_DEVICE,
				"%s (device %u:%u) is missing; mount devtmpfs on /dev, or run udev or mdev",
				path, major(device), minor(device));
	else
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_DEVICE,
				"%s may not be opened: %s; give this user the device by a udev rule",
				path, g_strerror(saved));
out:
	g_free(path);
	g_free(name);
	return fd;
}

/* linux/usb/g_hid.h of 6.12 */
struct channel_report {
	uint8_t report_id;
	uint8_t userspace_req; /* 0: for every request from now on */
	uint16_t length;
	uint8_t data[64];
	uint8_t padding[4];
};
#define CHANNEL_WRITE_GET_REPORT _IOW('g', 0x42, struct channel_report)

void channel_answer(int fd, size_t size)
{
	struct channel_report report = {.length = size};

	/* Only some kernels know it, and nothing depends on it. */
	(void)ioctl(fd, CHANNEL_WRITE_GET_REPORT, &report);
}
