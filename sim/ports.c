/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include "sim/ports.h"

/* Reports taken before the main loop's other sources get their turn. */
#define PORTS_BURST 64

struct ports_device {
	struct ports *ports;
	int fd; /* the caller's */
	struct hid *hid;
	guint reading, writing; /* sources; 0: none */
};

struct ports {
	struct ports_events events;
	GPtrArray *devices; /* of struct ports_device * */
	unsigned int lights;
	int reports;
};

static void ports_device_stop(struct ports_device *device)
{
	if (device->reading)
		g_source_remove(device->reading);
	if (device->writing)
		g_source_remove(device->writing);
	device->reading = device->writing = 0;
}

static void ports_device_free(gpointer data)
{
	struct ports_device *device = data;

	ports_device_stop(device);
	hid_free(device->hid);
	g_free(device);
}

static void ports_device_release(struct ports_device *device)
{
	struct ports *ports = device->ports;

	hid_release(device->hid, ports->events.event, ports->events.data);
	ports->events.report(ports->events.data);
}

/* The other end was closed: a device that was pulled out. The fd is still the caller's to take out
 * here. */
static gboolean ports_device_gone(struct ports_device *device)
{
	device->reading = 0;
	ports_device_stop(device);
	ports_device_release(device);
	return G_SOURCE_REMOVE;
}

static gboolean ports_device_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct ports_device *device = data;
	struct ports *ports = device->ports;

	for (int i = 0; i < PORTS_BURST; i++) {
		uint8_t report[HID_REPORT_MAX];
		ssize_t size = recv(fd, report, sizeof(report), MSG_DONTWAIT);

		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return G_SOURCE_CONTINUE;
		/* An empty report reads like an end, but only an end hangs up. */
		if (size < 0 || (size == 0 && condition & (G_IO_HUP | G_IO_ERR)))
			return ports_device_gone(device);
		if (!hid_report(device->hid, report, size, ports->events.event, ports->events.data))
			continue;
		ports->reports++;
		ports->events.report(ports->events.data);
	}
	return G_SOURCE_CONTINUE;
}

/* While the device does not take its lights, the newest state waits. */
static bool ports_device_light(struct ports_device *device)
{
	uint8_t report[HID_REPORT_MAX];
	size_t size = hid_lights(device->hid, device->ports->lights, report);

	return size == 0 || send(device->fd, report, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
	       (errno != EAGAIN && errno != EINTR);
}

static gboolean ports_device_writable(gint fd, GIOCondition condition, gpointer data)
{
	struct ports_device *device = data;

	if (!ports_device_light(device))
		return G_SOURCE_CONTINUE;
	device->writing = 0;
	return G_SOURCE_REMOVE;
}

static void ports_device_set_lights(struct ports_device *device)
{
	if (device->reading && !device->writing && !ports_device_light(device))
		device->writing = g_unix_fd_add(
				device->fd, G_IO_OUT, ports_device_writable, device);
}

struct ports *ports_new(const struct ports_events *events)
{
	struct ports *ports = g_new0(struct ports, 1);

	ports->events = *events;
	ports->devices = g_ptr_array_new_with_free_func(ports_device_free);
	return ports;
}

bool ports_plug(struct ports *ports, int fd, const uint8_t *descriptor, size_t size)
{
	struct hid *hid = hid_new(descriptor, size);
	struct ports_device *device;

	if (!hid)
		return false;
	ports_unplug(ports, fd);
	device = g_new0(struct ports_device, 1);
	device->ports = ports;
	device->fd = fd;
	device->hid = hid;
	device->reading = g_unix_fd_add(
			fd, G_IO_IN | G_IO_HUP | G_IO_ERR, ports_device_readable, device);
	g_ptr_array_add(ports->devices, device);
	ports_device_set_lights(device);
	return true;
}

void ports_unplug(struct ports *ports, int fd)
{
	for (guint i = 0; i < ports->devices->len; i++) {
		struct ports_device *device = g_ptr_array_index(ports->devices, i);

		if (device->fd != fd)
			continue;
		ports_device_release(device);
		g_ptr_array_remove_index(ports->devices, i);
		return;
	}
}

static void ports_ignore(const struct hid_event *event, void *data)
{
}

void ports_reset(struct ports *ports)
{
	for (guint i = 0; i < ports->devices->len; i++) {
		struct ports_device *device = g_ptr_array_index(ports->devices, i);

		hid_release(device->hid, ports_ignore, NULL);
	}
}

void ports_lights(struct ports *ports, unsigned int lights)
{
	ports->lights = lights;
	for (guint i = 0; i < ports->devices->len; i++)
		ports_device_set_lights(g_ptr_array_index(ports->devices, i));
}

int ports_reports(const struct ports *ports)
{
	return ports->reports;
}

void ports_free(struct ports *ports)
{
	if (!ports)
		return;
	g_ptr_array_unref(ports->devices);
	g_free(ports);
}
