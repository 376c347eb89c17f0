/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Prints a line when a chosen device is plugged, unplugged or configured, until SIGINT or SIGTERM.
 */
#include <libusb.h>
#include "tools/usbprobe/choice.h"

/* Returns 0, or a libusb error. json: each line is an object. */
int watch_run(libusb_context *usb, const struct choice *choice, bool json);
