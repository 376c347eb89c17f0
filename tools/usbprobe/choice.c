/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "tools/usbprobe/choice.h"
#include "tools/usbprobe/fetch.h"

/* Four hexadecimal digits. Returns what follows, or NULL. */
static const char *choice_hex(const char *text, uint16_t *value)
{
	char digits[5] = "";

	if (strspn(text, "0123456789abcdefABCDEF") != 4)
		return NULL;
	memcpy(digits, text, 4);
	*value = (uint16_t)strtoul(digits, NULL, 16);
	return text + 4;
}

bool choice_id(struct choice *choice, const char *text)
{
	text = choice_hex(text, &choice->vendor);
	if (!text || *text++ != ':')
		return false;
	text = choice_hex(text, &choice->product);
	choice->id = true;
	return text && !*text;
}

void choice_default(struct choice *choice)
{
	if (choice->all || choice->id || choice->port || choice->serial)
		return;
	choice->id = true;
	choice->vendor = CHOICE_VENDOR;
	choice->product = CHOICE_PRODUCT;
}

bool choice_takes(const struct choice *choice, libusb_device *device)
{
	struct libusb_device_descriptor known;
	char serial[DESCRIPTORS_STRING_MAX], port[32];

	if (libusb_get_device_descriptor(device, &known) != 0 ||
			known.bDeviceClass == LIBUSB_CLASS_HUB)
		return false;
	if (choice->id && (known.idVendor != choice->vendor || known.idProduct != choice->product))
		return false;
	fetch_port(port, sizeof(port), device);
	if (choice->port && strcmp(port, choice->port) != 0)
		return false;
	return !choice->serial ||
	       (fetch_serial(device, serial) && strcmp(serial, choice->serial) == 0);
}
