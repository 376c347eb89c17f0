/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Between a drive and what carries it to the node: FunctionFS (ffs.h) or a pair of sockets to a
 * simulated node. The bus embeds struct drive_bus, is set on a drive with drive_attach, tells it
 * what happens and is told what to do. Bytes in flight stay where they are until their end is told
 * or cancel was called. Main thread, or another in the main loop's turn (turn.h).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gadget/drive.h"

/* What a bus is told; none of these may call the drive back before it returns. */
struct drive_bus_ops {
	/*
	 * Takes up to size bytes from bulk OUT into bytes, where there is room for whole packets;
	 * then drive_bus_received. One at a time.
	 */
	void (*receive)(struct drive_bus *bus, void *bytes, size_t size);
	/* Sends to bulk IN, behind what is queued; then drive_bus_sent, in order. 0: empty packet.
	 */
	void (*send)(struct drive_bus *bus, const void *bytes, size_t size);
	/* Drops all that is under way in both directions: no end is told, bytes are free again. */
	void (*cancel)(struct drive_bus *bus);
	/*
	 * The bytes of all sends are going to be others': what the bus still needs of them it
	 * copies. NULL: it cannot, and is given the drive's own memory only.
	 */
	void (*keep)(struct drive_bus *bus);
	/* The drive wants nothing more for now: a bus may begin it all together. May be NULL. */
	void (*commit)(struct drive_bus *bus);
	void (*stall_in)(struct drive_bus *bus);
	void (*stall_out)(struct drive_bus *bus);
	/* The node sees the device go and come back: it is another one now. */
	void (*replug)(struct drive_bus *bus);
};

struct drive_bus {
	const struct drive_bus_ops *ops;
	struct drive *drive; /* set by drive_attach; NULL: on none */
	/*
	 * DRIVE_BUS_ARRIVAL bytes where the bus is to have commands put at first, set by
	 * drive_attach: memory that outlives this process, so that one is not lost that the host
	 * sends while it dies. Emptied before each. NULL: nobody remembers.
	 */
	uint8_t *arrival;
};

#define DRIVE_BUS_ARRIVAL 1024 /* a packet of the fastest bus */

/* The drive uses the bus until drive_detach; both stay the caller's. */
void drive_attach(struct drive *drive, struct drive_bus *bus);
void drive_detach(struct drive *drive);

/* What happens on the bus; see the functions of bot.h with the same words. */
void drive_bus_enabled(struct drive_bus *bus, size_t packet);
/* The bus was the former process's and the host has it configured: see drive_remember. */
void drive_bus_resumed(struct drive_bus *bus, size_t packet);
void drive_bus_disabled(struct drive_bus *bus);
void drive_bus_reset(struct drive_bus *bus);
void drive_bus_broken(struct drive_bus *bus);
void drive_bus_received(struct drive_bus *bus, size_t size);
void drive_bus_sent(struct drive_bus *bus);
bool drive_bus_halted(const struct drive_bus *bus);
