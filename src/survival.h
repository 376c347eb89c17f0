/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the drives have kept (keep.h) so that the node does not notice when this process dies: the
 * gadgets' descriptors, and a memory for each drive. Main thread but for the calls of struct kept.
 */
#include "gadget/kept.h"
#include "src/keep.h"

struct drive_memory;
struct memory;

/* For the hub. Both stay the caller's. */
void survival_kept(struct kept *kept, struct keep *keep);

/*
 * The memory of a drive, the former process's or a new one, for drive_remember. NULL: nobody would
 * keep it, or it cannot be had. drive_memory_unmap.
 */
struct drive_memory *survival_drive(struct keep *keep, const char *name);

/* The drive ends well: the next process begins anew. */
void survival_forget_drive(struct keep *keep, const char *name);

/* Where what was asked for to be in the drives is written down: as above. memory_close. */
struct memory *survival_requests(struct keep *keep);
void survival_forget_requests(struct keep *keep);
