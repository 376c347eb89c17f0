/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One gadget of HID functions in configfs, made by libusbgx: created, compared with what is wanted,
 * bound to a port, removed. Nothing here is remembered between calls: the kernel holds the truth.
 *
 * Any one thread, but not the main one: what is written to configfs loads modules and waits for
 * drivers. configfs: where it is mounted. Errors are of the domain GADGET_FAULT.
 */
#include <glib.h>
#include <stdbool.h>
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

struct hid_gadget {
	const char *name;    /* its folder in configfs */
	int vendor, product; /* idVendor, idProduct */
	int version;         /* bcdDevice */
	const char *manufacturer, *product_name, *serial;
	size_t count;
	const struct hid_function *functions[HID_GADGET_FUNCTIONS]; /* in order of interfaces */
};

/* Whether configfs can hold gadgets at all. */
bool hid_gadget_possible(const char *configfs, GError **error);

bool hid_gadget_exists(const char *configfs, const char *name);

/*
 * Whether the gadget there is the one wanted in every attribute that the kernel keeps as it was
 * written. Bound or not does not count.
 */
bool hid_gadget_same(const char *configfs, const struct hid_gadget *gadget);

/* The port that the gadget is bound to, as configfs says (the port may have gone); NULL: none.
 * g_free. */
char *hid_gadget_port(const char *configfs, const char *name);

/* Endpoints besides number 0 that the gadget takes on this kernel; it exists. */
int hid_gadget_endpoints(const char *configfs, const struct hid_gadget *gadget);

/* Makes a gadget that does not exist, unbound. On failure nothing is left of it. */
bool hid_gadget_create(const char *configfs, const struct hid_gadget *gadget, GError **error);

/* Binds a gadget to a port, on which the node may look for it from now on. */
bool hid_gadget_bind(const char *configfs, const char *name, const char *port, GError **error);

bool hid_gadget_unbind(const char *configfs, const char *name, GError **error);

/* Unbinds and removes a gadget, whatever it holds; true if there is none. */
bool hid_gadget_remove(const char *configfs, const char *name, GError **error);

/* The number of the function's report channel, a character device. 0: there is none. */
dev_t hid_gadget_device(
		const char *configfs, const char *name, const struct hid_function *function);

/*
 * Takes the gadget for this process, until the descriptor returned is closed (also by the kernel,
 * when the process dies). -1: another process has it.
 */
int hid_gadget_own(const char *configfs, const char *name, GError **error);
