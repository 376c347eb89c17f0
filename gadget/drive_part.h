/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Between the files of a drive: drive.c and drive_resume.c. */
#include "gadget/deadline.h"
#include "gadget/drive.h"
#include "gadget/drive_bus.h"
#include "gadget/drive_memory.h"

enum drive_request_kind { DRIVE_FETCH, DRIVE_STORE, DRIVE_FLUSH };

/* What is asked of the medium for a slot; the one behind the slots is for flushing. */
struct drive_request {
	struct drive *drive;
	unsigned int slot;
	enum drive_request_kind kind;
	uint32_t generation;
	void *handle; /* the medium's; NULL: nothing is under way */
};

struct drive {
	struct scsi_drive scsi;
	struct bot bot;
	struct drive_events events;
	struct drive_status status; /* its counters; the rest is made out when asked for */
	char *vendor, *product, *revision, *serial;
	uint8_t *memory;                  /* of the slots */
	const void *loans[BOT_DEPTH_MAX]; /* the medium's bytes instead of a slot's; or NULL */
	unsigned int lent;                /* of them */
	unsigned int into;                /* slot of the receive under way */
	struct drive_bus *bus;            /* NULL: on none */
	struct drive_medium medium;       /* read NULL: there is none */
	struct drive_request requests[BOT_DEPTH_MAX + 1];
	struct deadline *patience; /* of the host that waits for a command */
	bool waiting;              /* it runs */
	guint wonder;              /* timer: until the status is told again, see bot_wonders */
	int64_t heard;             /* g_get_monotonic_time of the last command; 0: there was none */
	uint32_t step;             /* from its number to the next, as hosts count */
	bool given_up;             /* of this command's writes: the host asks again */
	guint telling;
	bool ejected;               /* by the host, to be told */
	struct drive_memory *store; /* NULL: nobody remembers */
	struct drive_moment former; /* of the process before */
	bool resumes;               /* it counts: no bus has been heard of since */
	bool awaited;               /* the medium that it had */
};

/* Carries out what the transport wants, notes it down and tells what the host did. */
void drive_run(struct drive *drive);

/* Whether the medium lends the bytes of a fetch: the slot has them then. */
bool drive_lent(struct drive *drive, const struct bot_action *action);

/* Gives back what is not being sent any more. */
void drive_give_back(struct drive *drive);

/* Gives back all, also what is being sent. */
void drive_give_back_all(struct drive *drive);

/* Writes down what the next process needs. */
void drive_note(struct drive *drive);

/* Has the owner told of it, later. */
void drive_changed(struct drive *drive);
