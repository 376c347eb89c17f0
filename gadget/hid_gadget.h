/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * HID functions of a gadget (gadget.h).
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HID_GADGET_FUNCTIONS 4 /* HIDG_MINORS of drivers/usb/gadget/function/f_hid.c */

struct hid_function {
	const char *name;  /* "hid.NAME" in configfs */
	int subclass;      /* bInterfaceSubClass: 1 boot, 0 none */
	int protocol;      /* bInterfaceProtocol: 1 keyboard, 2 mouse, 0 none */
	int report_length; /* bytes, also wMaxPacketSize */
	const uint8_t *descriptor;
	size_t descriptor_size;
};

/* The number of the function's report channel, a character device. 0: there is none. */
dev_t hid_gadget_device(
		const char *configfs, const char *name, const struct hid_function *function);
