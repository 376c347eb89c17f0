/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include "tools/usbprobe/fetch.h"
#include "tools/usbprobe/watch.h"

#define WATCH_TICK_MS 200 /* configurations and signals are looked at that often */

struct watch_device {
	int bus, address;
	char port[32];
	uint16_t vendor, product;
	int configuration; /* 0: none */
	char serial[DESCRIPTORS_STRING_MAX];
	bool seen;   /* in the scan under way */
	bool losing; /* its configuration was gone in the scan before */
};

struct watch {
	const struct choice *choice;
	bool json;
	GArray *devices; /* of struct watch_device */
};

/* --- Lines --- */

static char *watch_time(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();

	return g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%f%z");
}

static void watch_line(
		const struct watch *watch, const char *event, const struct watch_device *device)
{
	g_autofree char *time = watch_time();
	g_autofree char *id = g_strdup_printf("%04x:%04x", device->vendor, device->product);

	if (watch->json) {
		json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:i}", "time", time,
				"event", event, "port", device->port, "id", id, "address",
				device->address, "serial", device->serial, "configuration",
				device->configuration);
		g_autofree char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;

		puts(text ? text : "{}");
		json_decref(line);
	} else {
		printf("%s %s %s %s device %d configuration %d%s%s\n", time, event, device->port,
				id, device->address, device->configuration,
				*device->serial ? " serial " : "", device->serial);
	}
	fflush(stdout);
}

/* --- Devices --- */

/* As the kernel knows it: no traffic. */
static int watch_configuration(libusb_device *device)
{
	struct libusb_config_descriptor *descriptor;
	int value;

	if (libusb_get_active_config_descriptor(device, &descriptor) != 0)
		return 0;
	value = descriptor->bConfigurationValue;
	libusb_free_config_descriptor(descriptor);
	return value;
}

static struct watch_device *watch_find(const struct watch *watch, libusb_device *device)
{
	for (guint i = 0; i < watch->devices->len; i++) {
		struct watch_device *known = &g_array_index(watch->devices, struct watch_device, i);

		if (known->bus == libusb_get_bus_number(device) &&
				known->address == libusb_get_device_address(device))
			return known;
	}
	return NULL;
}

static void watch_plugged(struct watch *watch, libusb_device *device)
{
	struct watch_device fresh = {
			.bus = libusb_get_bus_number(device),
			.address = libusb_get_device_address(device),
			.configuration = watch_configuration(device),
			.seen = true,
	};
	struct libusb_device_descriptor known;

	if (libusb_get_device_descriptor(device, &known) != 0 ||
			!choice_takes(watch->choice, device))
		return;
	fresh.vendor = known.idVendor;
	fresh.product = known.idProduct;
	fetch_port(fresh.port, sizeof(fresh.port), device);
	fetch_serial(device, fresh.serial);
	g_array_append_val(watch->devices, fresh);
	watch_line(watch, "plugged", &fresh);
}

static void watch_device(struct watch *watch, libusb_device *device)
{
	struct watch_device *known = watch_find(watch, device);
	int configuration;

	if (!known) {
		watch_plugged(watch, device);
		return;
	}
	known->seen = true;
	configuration = watch_configuration(device);
	if (configuration == known->configuration) {
		known->losing = false;
		return;
	}
	/* The kernel takes the configuration first when a device is unplugged. */
	known->losing = !configuration && !known->losing;
	if (known->losing)
		return;
	known->configuration = configuration;
	watch_line(watch, configuration ? "configured" : "unconfigured", known);
}

static void watch_forget(struct watch *watch)
{
	for (guint i = watch->devices->len; i-- > 0;) {
		struct watch_device *known = &g_array_index(watch->devices, struct watch_device, i);

		if (!known->seen) {
			watch_line(watch, "unplugged", known);
			g_array_remove_index(watch->devices, i);
		}
	}
}

static int watch_scan(struct watch *watch, libusb_context *usb)
{
	libusb_device **list;
	ssize_t count = libusb_get_device_list(usb, &list);

	if (count < 0)
		return (int)count;
	for (guint i = 0; i < watch->devices->len; i++)
		g_array_index(watch->devices, struct watch_device, i).seen = false;
	for (ssize_t i = 0; i < count; i++)
		if (watch_find(watch, list[i]))
			watch_device(watch, list[i]);
	watch_forget(watch);
	for (ssize_t i = 0; i < count; i++)
		if (!watch_find(watch, list[i]))
			watch_plugged(watch, list[i]);
	libusb_free_device_list(list, 1);
	return 0;
}

/* --- Time --- */

/* Wakes the loop; what changed is found by the scan. */
static int watch_hotplug(
		libusb_context *usb, libusb_device *device, libusb_hotplug_event event, void *data)
{
	int *changed = data;

	*changed = 1;
	return 0;
}

/* libusb hears of devices through udev's daemon: without one its list stays as it was at start. */
static bool watch_has_events(void)
{
	return libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) &&
	       access("/run/udev/control", F_OK) == 0;
}

static int watch_by_events(struct watch *watch, libusb_context *usb)
{
	int changed = 0, error;

	error = libusb_hotplug_register_callback(usb,
			LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0,
			LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
			LIBUSB_HOTPLUG_MATCH_ANY, watch_hotplug, &changed, NULL);
	while (!error && !fetch_interrupted()) {
		struct timeval tick = {.tv_usec = WATCH_TICK_MS * 1000};

		error = watch_scan(watch, usb);
		changed = 0;
		if (!error)
			error = libusb_handle_events_timeout_completed(usb, &tick, &changed);
		if (error == LIBUSB_ERROR_INTERRUPTED)
			error = 0;
	}
	return error;
}

static int watch_by_looking(struct watch *watch)
{
	int error = 0;

	while (!error && !fetch_interrupted()) {
		libusb_context *usb;

		error = libusb_init(&usb);
		if (error)
			break;
		error = watch_scan(watch, usb);
		libusb_exit(usb);
		g_usleep(WATCH_TICK_MS * 1000);
	}
	return error;
}

int watch_run(libusb_context *usb, const struct choice *choice, bool json)
{
	struct watch watch = {.choice = choice,
			.json = json,
			.devices = g_array_new(FALSE, FALSE, sizeof(struct watch_device))};
	int error = watch_has_events() ? watch_by_events(&watch, usb) : watch_by_looking(&watch);

	g_array_unref(watch.devices);
	return error;
}
