/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A drive's bus that is a cable to the simulated node (sim/cable.h): what FunctionFS and a device
 * controller are to a real one. Main thread, default main context.
 */

#include <stdbool.h>

struct drive;
struct wire_bus;

/*
 * Attaches the drive to fd, the device's end of a pair of non-blocking SOCK_SEQPACKET sockets; both
 * stay the caller's. The node sees it plugged in. connected: the node has configured it, or not any
 * more; not from within wire_bus_open; may be NULL.
 */
struct wire_bus *wire_bus_open(struct drive *drive, int fd,
		void (*connected)(bool connected, void *data), void *data);

/* Pulls it out; the drive may be closed already. Not from within the drive's events. NULL is fine.
 */
void wire_bus_close(struct wire_bus *wire);
