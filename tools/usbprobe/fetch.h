/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Asks a real device, through libusb. Each request is given up after a second (GET_REPORT:
 * five), so nothing here takes long but waiting for a report, which a pending SIGINT or SIGTERM
 * ends.
 */
#include <libusb.h>
#include "tools/usbprobe/probe.h"

struct fetch_options {
	bool detach; /* take HID interfaces from the kernel's driver while they are probed */
	int wait;    /* seconds to wait for an input report; 0: do not */
};

/* Where a device is plugged, as the kernel names it: "1-1.2". */
void fetch_port(char *port, size_t room, libusb_device *device);

/* What is known without asking: place, speed, device descriptor. */
void fetch_place(struct probe *probe, libusb_device *device);

/*
 * All of it. The kernel's drivers have their interfaces back afterwards. probe: after fetch_place;
 * probe_clear. What cannot be had is in the probe's errors.
 */
void fetch_all(struct probe *probe, libusb_device *device, const struct fetch_options *options);

/* A device's serial number. Returns false when it has none or cannot be asked. */
bool fetch_serial(libusb_device *device, char text[DESCRIPTORS_STRING_MAX]);

/* Whether SIGINT or SIGTERM, which the program blocks, has come. */
bool fetch_interrupted(void);
