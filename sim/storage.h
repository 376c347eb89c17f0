/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A host's driver for USB mass storage, Bulk-Only Transport (revision 1.0), on a simulated cable
 * (cable.h): commands one after the other, sense data fetched for what fails, halted endpoints
 * cleared, and after a time-out or nonsense the reset recovery of BOT 5.3.4, then a port reset.
 * Default main context.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORAGE_MOST       65536 /* bytes of one command's data */
#define STORAGE_TIME_OUT   30000 /* ms for a command, as Linux has it */
#define STORAGE_SENSE_SIZE 18    /* SPC-4, 4.5.3 */

enum storage_result {
	STORAGE_PASSED,
	STORAGE_FAILED, /* the sense data say why */
	STORAGE_BROKEN, /* not carried out, or who knows; the device was reset */
	STORAGE_GONE,   /* unplugged or switched off */
};

struct storage_sense {
	uint8_t key, code, qualifier; /* SPC-4, 4.5.3 and annex D.2 */
};

struct storage_outcome {
	enum storage_result result;
	size_t moved; /* bytes of data that count */
	struct storage_sense sense;
};

/* Never from within the call that began it; may begin others. */
typedef void (*storage_done_fn)(const struct storage_outcome *outcome, void *data);

struct storage_command {
	uint8_t cdb[16];
	uint8_t cdb_size;
	bool out;    /* its data goes to the device */
	void *bytes; /* the caller's until done or storage_cancel; not written to when out */
	size_t size; /* 0..STORAGE_MOST */
	storage_done_fn done;
	void *data;
};

/* What became of it, for tests and for the curious. */
struct storage_stats {
	unsigned int commands, stalls, recoveries, port_resets, time_outs;
};

struct storage;
struct storage_request;

/* Not from within a call of the storage. */
struct storage_events {
	void (*ready)(void *data); /* plugged in and configured: commands are taken */
	void (*gone)(void *data);
	void *data;
};

/*
 * fd: the host's end of the cable, non-blocking; stays the caller's. Without power until
 * storage_power. time_out: ms, 0 for STORAGE_TIME_OUT.
 */
struct storage *storage_new(int fd, unsigned int time_out, const struct storage_events *events);

/* off: commands end as GONE, also from within this call. on: the device is configured anew. */
void storage_power(struct storage *storage, bool on);

/* The fd is not used any more, for ever; the rest is as switched off. */
void storage_unplug(struct storage *storage);

/* Queued behind others. A device that is not ready ends it as GONE. command is copied. */
struct storage_request *storage_run(struct storage *storage, const struct storage_command *command);

/* done is not called any more and bytes are the caller's; the device may still carry it out. */
void storage_cancel(struct storage *storage, struct storage_request *request);

void storage_stats(const struct storage *storage, struct storage_stats *stats);

/* Ends nothing: no done is called. NULL is fine. Not from within its callbacks. */
void storage_free(struct storage *storage);
