/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A drive with a medium in memory, on a cable whose other end a test gives to a host. */
#include <glib.h>
#include <stdbool.h>
#include "src/wire_bus.h"
#include "tests/unit/drive_host.h"

struct wired_drive {
	struct drive *drive;
	struct wire_bus *bus;
	int fds[2]; /* the device's end, the host's */
	struct drive_host_medium medium;
	unsigned int ejected;
	bool connected; /* the node says */
};

void wired_drive_pair(int fds[2]);
void wired_drive_open(struct wired_drive *wired, enum scsi_kind kind, bool stall);
void wired_drive_pull(struct wired_drive *wired); /* out of the node; may be done before closing */
void wired_drive_close(struct wired_drive *wired);

/* size bytes, all known, or what bytes has. */
void wired_drive_insert(struct wired_drive *wired, const void *bytes, size_t size, bool writable);

/* Turns the main loop until *flag, or fails after that many seconds. */
void wired_drive_wait(const bool *flag, int seconds);
void wired_drive_run(int milliseconds);
