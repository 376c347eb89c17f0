/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A host with one drive on it: a bus that takes and gives bytes at once, and commands over it. And
 * a medium in memory that can be made to hang.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "gadget/drive.h"
#include "gadget/drive_bus.h"

#define DRIVE_HOST_MOST (1 << 20) /* bytes of a command's data */

struct drive_host {
	struct drive_bus bus;
	struct drive *drive;
	void *room; /* where the drive wants what the host sends; NULL: it does not */
	size_t room_size;
	unsigned int sends; /* not told to be sent yet */
	uint8_t *data;      /* that came */
	size_t size;
	unsigned int cancels, replugs, stalls, stalls_out;
};

/* Plugs the drive in; it is configured, with the unit attention of that taken. */
void drive_host_plug(struct drive_host *host, struct drive *drive);
/* The same host on the drive of the next process, when the one before died; it noticed nothing. */
void drive_host_resume(struct drive_host *host, struct drive *drive);
void drive_host_unplug(struct drive_host *host);

/* A command (10 bytes) as far as its CBW; size: bytes that the host wants. */
void drive_host_begin(struct drive_host *host, const uint8_t *cdb, size_t size, bool in);

/* Runs the main loop until it ended. The CSW's status, its residue in *residue unless NULL. */
int drive_host_end(struct drive_host *host, uint32_t *residue);

/* Both, without data for the drive. */
int drive_host_command(struct drive_host *host, const uint8_t *cdb, size_t size);

/* Blocks of the medium; writing sends these bytes. */
void drive_host_begin_read(struct drive_host *host, uint32_t block, uint16_t count);
int drive_host_read(struct drive_host *host, uint32_t block, uint16_t count);
int drive_host_write(struct drive_host *host, uint32_t block, uint16_t count, const uint8_t *bytes);

/* TEST UNIT READY and, when it failed, the sense: key << 16 | code; 0: ready. */
unsigned int drive_host_ready(struct drive_host *host);
unsigned int drive_host_sense(struct drive_host *host);

int drive_host_prevent(struct drive_host *host, bool prevent);
int drive_host_start_stop(struct drive_host *host, uint8_t bits);

/* Memory that takes its time: ends are told by the main loop, or never while it hangs. */
struct drive_host_medium {
	uint8_t *bytes;
	size_t size;
	bool hangs;
	enum scsi_fault fault; /* of every request from now on */
	GPtrArray *pending;
	unsigned int flushes, cancelled;
};

void drive_host_medium_init(struct drive_host_medium *medium, size_t size);
void drive_host_medium_clear(struct drive_host_medium *medium);
struct drive_medium drive_host_medium(struct drive_host_medium *medium, bool writable);
