/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the files of a slot share: slot.c, slot_again.c, slot_status.c. */
#include "gadget/drive.h"
#include "media/image.h"
#include "src/feed.h"
#include "src/slot.h"
#include "src/slot_record.h"

struct slot {
	struct slot_settings settings;
	struct drive *drive;
	/* What is in it or asked for; at most one of medium and feed. */
	struct medium *medium; /* being opened */
	struct feed *feed;
	struct source_request *looking; /* at its first bytes */
	uint8_t *head;                  /* them, while looking */
	bool inserted;                  /* the drive has it */
	bool former; /* the drive has it from the process before, and waits for its bytes */
	struct slot_record *record; /* while former: what it was; NULL: none */
	bool failed;                /* it could not be inserted */
	bool asked;                 /* the node, to give it free */
	bool given_up;              /* its server is away for too long */
	guint limit;                /* timer: until it is given up */
	char *source, *viewer;      /* NULL: none */
	enum drives_as as;          /* asked for; inserted: chosen */
	enum drives_write write;
	struct image image;
	struct drive_status before; /* counters at the insert */
	/* What was told last. */
	enum drives_state state;
	char *reason;
	int64_t since;
	/* Of its port. */
	char *port, *fault;
	bool connected;
};

/*
 * Another state, or more to say of it. line: for the log, where there is more to say than the
 * reason in the status, or it has none; NULL.
 */
void slot_become(struct slot *slot, const char *reason, const char *line);

/* It is not in the drive, and will not be; or is, from before, and cannot be read. */
void slot_fail(struct slot *slot, const char *reason);

/* Opens it and puts it in. Takes the medium over; what it is in words is the slot's already. */
void slot_begin(struct slot *slot, struct medium *medium, const char *line);

/* Whether what was opened is what the drive waits for; if not, that is said. */
bool slot_is_former(struct slot *slot);
