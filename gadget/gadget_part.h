/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the files of gadget.h share.
 */
#include <usbg/usbg.h>
#include "gadget/gadget.h"
#include "gadget/view.h"

#define GADGET_POWER 100 /* mA */

char *gadget_folder(const char *configfs, const char *name);

/* What libusbgx makes of an errno, in an operator's words. */
void gadget_failed(GError **error, const char *configfs, const char *what, const char *name,
		int result);

/* The label of the only configuration, number 1. */
static inline const char *gadget_config(const struct gadget *gadget)
{
	return gadget_is_drive(gadget) ? "drive" : "input";
}

/*
 * As devices on a cable have it (USB 2.0, table 9-10): powered by the bus; a keyboard is able to
 * wake the host.
 */
static inline int gadget_config_attributes(const struct gadget *gadget)
{
	return gadget_is_drive(gadget) ? 0x80 : 0xa0;
}

static inline size_t gadget_functions(const struct gadget *gadget)
{
	return gadget_is_drive(gadget) ? 1 : gadget->count;
}

#define KERNEL_DRIVE_FUNCTION "drive"

/* The name of a function in the configuration. */
static inline const char *gadget_function(const struct gadget *gadget, size_t number)
{
	if (gadget->lun)
		return KERNEL_DRIVE_FUNCTION;
	return gadget->drive ? gadget->drive : gadget->functions[number]->name;
}

/* Adds the kernel's mass storage, empty, to the gadget of that name. */
bool kernel_drive_function_create(const char *configfs, struct gadget_view *view,
		const struct gadget *gadget, usbg_function **made, GError **error);

/* Adds a HID function to the gadget of that name. */
bool hid_function_create(const char *configfs, struct gadget_view *view, const char *name,
		const struct hid_function *function, usbg_function **made, GError **error);
