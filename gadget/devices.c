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
#define DEVICES_PRODUCT_NAME "Console"
#define DEVICES_SERIAL       "0"
#define DEVICES_DRIVE        "Removable drive"
#define DEVICES_DIGITS       16 /* of a drive's serial number; at least 12: BOT 1.0, 4.1.1 */

static const struct hid_function devices_functions[HUB_FUNCTIONS] = {
		/* HID 1.11, 4.2 and 4.3: subclass 1 is boot; protocol 1 keyboard, 2 mouse */
		[HUB_KEYBOARD] = {"keyboard", 1, 1, KEYBOARD_REPORT_SIZE, keyboard_descriptor, 0},
		[HUB_ABSOLUTE] = {"absolute", 0, 0, POINTER_ABSOLUTE_SIZE,
				pointer_absolute_descriptor, 0},
		[HUB_RELATIVE] = {"relative", 1, 2, POINTER_RELATIVE_SIZE,
				pointer_relative_descriptor, 0},
};

enum devices_shape {
	DEVICES_INPUT,
	DEVICES_KEYBOARD,
	DEVICES_ABSOLUTE,
	DEVICES_RELATIVE,
	DEVICES_POINTERS,
};

#define FUNCTION(kind) (1u << (kind))

/*
 * Hosts remember a device by vendor, product, version and serial number, so those of different
 * shape differ in the last two.
 */
static const struct devices_form {
	const char *name;       /* last part of the gadget's */
	const char *title;      /* what is added to the product's name */
	const char *serial;     /* ... and to the serial number */
	unsigned int functions; /* that it may have */
} devices_forms[DEVICES_SHAPES] = {
		[DEVICES_INPUT] = {"input", "", "",
				FUNCTION(HUB_KEYBOARD) | FUNCTION(HUB_ABSOLUTE) |
						FUNCTION(HUB_RELATIVE)},
		[DEVICES_KEYBOARD] = {"keyboard", " Keyboard", "k", FUNCTION(HUB_KEYBOARD)},
		[DEVICES_ABSOLUTE] = {"absolute", " Tablet", "a", FUNCTION(HUB_ABSOLUTE)},
		[DEVICES_RELATIVE] = {"relative", " Mouse", "r", FUNCTION(HUB_RELATIVE)},
		[DEVICES_POINTERS] = {"pointers", " Pointers", "p",
				FUNCTION(HUB_ABSOLUTE) | FUNCTION(HUB_RELATIVE)},
};

/* The shapes of each layout. */
static const unsigned int devices_layouts[HUB_LAYOUTS] = {
		[HUB_KEYBOARD_APART] = 1u << DEVICES_KEYBOARD | 1u << DEVICES_POINTERS,
		[HUB_SEPARATE] = 1u << DEVICES_KEYBOARD | 1u << DEVICES_ABSOLUTE |
				 1u << DEVICES_RELATIVE,
		[HUB_COMPOSITE] = 1u << DEVICES_INPUT,
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

static const char *devices_gadget_name(struct devices *devices, const struct hub_settings *settings,
		enum devices_shape shape)
{
	return devices_format(devices, "%s-%s", settings->name ? settings->name : "spicerack",
			devices_forms[shape].name);
}

static void devices_add(struct device *device, enum hub_function kind)
{
	size_t f = device->gadget.count++;

	device->kinds[f] = kind;
	device->functions[f] = devices_functions[kind];
	device->functions[f].descriptor_size = devices_descriptor_size(kind);
	device->gadget.functions[f] = &device->functions[f];
}

/* What all devices have in common. */
static struct device *devices_next(struct devices *devices, const struct hub_settings *settings)
{
	const struct hub_identity *identity = &settings->identity;
	struct device *device = &devices->devices[devices->count++];
	struct gadget *gadget = &device->gadget;

	gadget->vendor = identity->vendor ? identity->vendor : DEVICES_VENDOR;
	gadget->product = identity->product ? identity->product : DEVICES_PRODUCT;
	gadget->manufacturer = devices_format(devices, "%s",
			identity->manufacturer ? identity->manufacturer : DEVICES_MANUFACTURER);
	return device;
}

static const char *devices_serial(const struct hub_settings *settings)
{
	const char *serial = settings->identity.serial;

	return serial && *serial ? serial : DEVICES_SERIAL;
}

static void devices_make(struct devices *devices, const struct hub_settings *settings,
		enum devices_shape shape, unsigned int functions)
{
	const struct devices_form *form = &devices_forms[shape];
	const struct hub_identity *identity = &settings->identity;
	struct device *device = devices_next(devices, settings);
	struct gadget *gadget = &device->gadget;

	gadget->name = devices_gadget_name(devices, settings, shape);
	gadget->version = DEVICES_VERSION + shape;
	gadget->product_name = devices_format(devices, "%s%s",
			identity->product_name ? identity->product_name : DEVICES_PRODUCT_NAME,
			form->title);
	gadget->serial = devices_format(devices, "%s%s", devices_serial(settings), form->serial);
	for (int kind = 0; kind < HUB_FUNCTIONS; kind++)
		if (functions & FUNCTION(kind))
			devices_add(device, (enum hub_function)kind);
}

/* Digits and A to F only, as BOT 4.1.1 wants it: hosts take other drives for one and the same. */
static const char *devices_drive_serial(
		struct devices *devices, const struct hub_settings *settings, const char *name)
{
	char *words = g_strdup_printf("%s/%s", devices_serial(settings), name);
	char *digits = g_compute_checksum_for_string(G_CHECKSUM_SHA256, words, -1);
	char *upper = g_ascii_strup(digits, DEVICES_DIGITS);

	g_ptr_array_add(devices->strings, upper);
	g_free(digits);
	g_free(words);
	return upper;
}

static void devices_make_drive(
		struct devices *devices, const struct hub_settings *settings, size_t number)
{
	const struct hub_drive *drive = &settings->drives[number];
	struct device *device = devices_next(devices, settings);
	struct gadget *gadget = &device->gadget;

	device->number = number;
	device->drive = devices_format(devices, "%s", drive->name);
	gadget->name = devices_format(devices, "%s%s", devices->drives, drive->name);
	if (drive->kind == HUB_DRIVE_OWN)
		gadget->drive = gadget->name;
	else
		gadget->lun = drive->kind == HUB_DRIVE_KERNEL_CD ? GADGET_LUN_CD : GADGET_LUN_DISK;
	gadget->version = DEVICES_VERSION + DEVICES_SHAPES + number;
	gadget->product_name = devices_format(
			devices, "%s", drive->product_name ? drive->product_name : DEVICES_DRIVE);
	gadget->serial = devices_drive_serial(devices, settings, drive->name);
}

void devices_describe(struct devices *devices, const struct hub_settings *settings)
{
	const unsigned int all = FUNCTION(HUB_FUNCTIONS) - 1;
	unsigned int functions = settings->functions & all ? settings->functions & all : all;
	size_t unwanted = 0;

	memset(devices, 0, sizeof(*devices));
	devices->strings = g_ptr_array_new_with_free_func(g_free);
	for (int shape = 0; shape < DEVICES_SHAPES; shape++) {
		unsigned int wanted = devices_layouts[settings->layout] & 1u << shape
						      ? functions & devices_forms[shape].functions
						      : 0;

		if (wanted)
			devices_make(devices, settings, (enum devices_shape)shape, wanted);
		else
			devices->unwanted[unwanted++] = devices_gadget_name(
					devices, settings, (enum devices_shape)shape);
	}
	devices->drives = devices_format(
			devices, "%s-drive-", settings->name ? settings->name : "spicerack");
	for (size_t i = 0; i < MIN(settings->drive_count, HUB_DRIVES); i++)
		devices_make_drive(devices, settings, i);
}

void devices_clear(struct devices *devices)
{
	g_ptr_array_free(devices->strings, TRUE);
}
