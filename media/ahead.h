/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * How far to read ahead: nothing until two reads follow each other, then a window in front of the
 * reader that doubles as often as it has read a whole one, and nothing again after a read
 * elsewhere that was not at hand. Pure; offsets and sizes in bytes.
 */
#include <stdbool.h>
#include <stdint.h>

#define AHEAD_FIRST (128u << 10) /* GRUB reads 16 KiB at a time, firmware 2 to 64 */

struct ahead {
	uint64_t largest; /* the window's limit; 0: never read ahead */
	uint64_t next;    /* where the reader goes on, if it does */
	uint64_t run;     /* what it has read in one go */
	unsigned int reads;
	uint64_t window; /* 0: not reading ahead */
	uint64_t begun;  /* where what is asked for ends */
};

/*
 * A read of the host. at_hand: all of it is there already. False when it ends a sequence: what is
 * being fetched ahead is of no use.
 */
bool ahead_read(struct ahead *ahead, uint64_t offset, uint64_t size, bool at_hand);

/* The reader is not followed any more, until two more reads. */
void ahead_stop(struct ahead *ahead);

/* Where to fetch next and with what limit; nothing when from >= to. */
void ahead_range(const struct ahead *ahead, uint64_t *from, uint64_t *to);
void ahead_fetched(struct ahead *ahead, uint64_t to);
