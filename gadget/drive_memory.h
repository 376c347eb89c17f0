/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What a drive has to know when the process before it died: its SCSI state, and the command that
 * the node was waiting for. It lies in shared memory that outlives the process; of two copies one
 * is always whole, whenever the process dies. Main thread.
 */
#include <stdbool.h>
#include <stdint.h>
#include "gadget/bot.h"

struct drive_moment {
	struct scsi_drive scsi;
	bool configured; /* by a node */
	bool busy;       /* a command was under way: */
	struct bot_command command;
	uint32_t next; /* tag that the host's next command will have, if it counts on */
	int64_t heard; /* g_get_monotonic_time of it; 0: there was none */
};

struct drive_memory;

/*
 * Maps the memory behind a descriptor (memfd_create), which is made large enough and stays the
 * caller's. NULL: it cannot be had (errno).
 */
struct drive_memory *drive_memory_map(int fd);

/* What was written last. False: nothing, or by a program with another idea of a drive. */
bool drive_memory_read(const struct drive_memory *memory, struct drive_moment *moment);

/* Bytes between the members count too: the moment begins as zeros. */
void drive_memory_write(struct drive_memory *memory, const struct drive_moment *moment);

/*
 * Where the bus puts the commands that come (see struct drive_bus), also those that come while the
 * process dies: nobody else learns of them.
 */
uint8_t *drive_memory_arrival(struct drive_memory *memory);

/* What came there and was not emptied since; false: nothing. */
bool drive_memory_arrived(const struct drive_memory *memory, uint8_t cbw[BOT_CBW_SIZE]);

/* It is noted down, or of no use. */
void drive_memory_empty(struct drive_memory *memory);

void drive_memory_unmap(struct drive_memory *memory); /* NULL is fine; the bytes stay */
