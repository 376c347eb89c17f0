/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <string.h>
#include "gadget/devices.h"
#include "gadget/keyboard.h"
#include "gadget/pointer.h"

#define DEVICES_VENDOR       0x1d6b /* Linux Foundation */
#define DEVICES_PRODUCT      0x0104 /* multifunction composite gadget */
#define DEVICES_VERSION      0x0100
#define DEVICES_MANUFACTURER "spicerack"
#define DEVICES_SERIAL       "0"

static const struct {
	const char *name, *title, *serial;
	struct hid_function function;
} devices_functions[HUB_FUNCTIONS] = {
		/* HID 1.11, 4.2 and 4.3: subclass 1 is boot; protocol 1 keyboard, 2 mouse */
		[HUB_KEYBOARD] = {"keyboard", "Keyboard", "k",
				{"keyboard", 1, 1, KEYBOARD_REPORT_SIZE, keyboard_descriptor, 0}},
		[HUB_ABSOLUTE] = {"absolute", "Tablet", "a",
				{"absolute", 0, 0, POINTER_ABSOLUTE_SIZE,
						pointer_absolute_descriptor, 0}},
		[HUB_RELATIVE] = {"relative", "Mouse", "r",
				{"relative", 1, 2, POINTER_RELATIVE_SIZE,
						pointer_relative_descriptor, 0}},
};

const char *hub_function_name(enum hub_function function)
{
	return devices_functions[function].name;
}

static size_t devices_descriptor_size(enum hub_function function)
{
	switch (function) {
	case HUB_KEYBOARD:
		return keyboard_descriptor_size;
	case HUB_ABSOLUTE:
		return pointer_absolute_descriptor_size;
	default:
		return pointer_relative_descriptor_size;
	}
}

static const char *devices_format(struct devices *devices, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

static const char *devices_format(struct devices *devices, const char *format, ...)
{
	va_list arguments;
	char *string;

	va_start(arguments, format);
	string = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_ptr_array_add(devices->strings, string);
	return string;
}

static void devices_add(struct device *device, enum hub_function kind)
{
	size_t f = device->gadget.count++;

	device->kinds[f] = kind;
	device->functions[f] = devices_functions[kind].function;
	device->functions[f].descriptor_size = devices_descriptor_size(kind);
	device->gadget.functions[f] = &device->functions[f];
}

/*
 * kind: the only function, or -1 for the device with all. Hosts remember a device by vendor,
 * product, version and serial number, so those of different shape differ in the last two.
 */
static struct device *devices_device(
		struct devices *devices, const struct hub_settings *settings, int kind)
{
	const struct hub_identity *identity = &settings->identity;
	struct device *device = &devices->devices[devices->count++];
	struct hid_gadget *gadget = &device->gadget;
	const char *name = settings->name ? settings->name : "spicerack";
	const char *serial = identity->serial && *identity->serial ? identity->serial
								   : DEVICES_SERIAL;
	const char *product = identity->product_name;

	gadget->name = devices_format(
			devices, "%s-%s", name, kind < 0 ? "input" : devices_functions[kind].name);
	gadget->vendor = identity->vendor ? identity->vendor : DEVICES_VENDOR;
	gadget->product = identity->product ? identity->product : DEVICES_PRODUCT;
	gadget->version = DEVICES_VERSION + kind + 1;
	gadget->manufacturer = devices_format(devices, "%s",
			identity->manufacturer ? identity->manufacturer : DEVICES_MANUFACTURER);
	if (kind < 0) {
		gadget->product_name = devices_format(devices, "%s", product ? product : "Console");
		gadget->serial = devices_format(devices, "%s", serial);
	} else {
		gadget->product_name = devices_format(devices, "%s %s",
				product ? product : "Console", devices_functions[kind].title);
		gadget->serial = devices_format(
				devices, "%s%s", serial, devices_functions[kind].serial);
	}
	return device;
}

void devices_describe(struct devices *devices, const struct hub_settings *settings)
{
	const unsigned int all = (1u << HUB_FUNCTIONS) - 1;
	unsigned int functions = settings->functions & all ? settings->functions & all : all;
	const char *name = settings->name ? settings->name : "spicerack";
	struct device *whole = NULL;
	size_t unwanted = 0;

	memset(devices, 0, sizeof(*devices));
	devices->strings = g_ptr_array_new_with_free_func(g_free);
	if (settings->composite)
		whole = devices_device(devices, settings, -1);
	else
		devices->unwanted[unwanted++] = devices_format(devices, "%s-input", name);
	for (int kind = 0; kind < HUB_FUNCTIONS; kind++) {
		bool wanted = functions & 1u << kind;

		if (wanted)
			devices_add(whole ? whole : devices_device(devices, settings, kind), kind);
		if (!wanted || whole)
			devices->unwanted[unwanted++] = devices_format(
					devices, "%s-%s", name, devices_functions[kind].name);
	}
}

void devices_clear(struct devices *devices)
{
	g_ptr_array_free(devices->strings, TRUE);
}
