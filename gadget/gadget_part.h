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
	return gadget->drive ? "drive" : "input";
}

/*
 * As devices on a cable have it (USB 2.0, table 9-10): powered by the bus; a keyboard is able to
 * wake the host.
 */
static inline int gadget_config_attributes(const struct gadget *gadget)
{
	return gadget->drive ? 0x80 : 0xa0;
}

static inline size_t gadget_functions(const struct gadget *gadget)
{
	return gadget->drive ? 1 : gadget->count;
}

/* Adds a HID function to the gadget of that name. */
bool hid_function_create(const char *configfs, struct gadget_view *view, const char *name,
		const struct hid_function *function, usbg_function **made, GError **error);
