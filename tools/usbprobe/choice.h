/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Which devices are meant. */
#include <libusb.h>
#include <stdbool.h>
#include <stdint.h>

/* What the console's gadgets are unless they are configured otherwise: the Linux Foundation's
 * composite gadget. */
#define CHOICE_VENDOR  0x1d6b
#define CHOICE_PRODUCT 0x0104

struct choice {
	bool all; /* every device but hubs; else what of the following is set: */
	bool id;
	uint16_t vendor, product;
	const char *port;   /* "1-1.2" */
	const char *serial; /* asked of the device itself */
};

/* Reads "1d6b:0104". */
bool choice_id(struct choice *choice, const char *text);

/* When nothing was chosen: the default identity. */
void choice_default(struct choice *choice);

bool choice_takes(const struct choice *choice, libusb_device *device);
