/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A host's SCSI layer for one removable drive: finds out what it is, follows its media as they come
 * and go, reads blocks. A drive that becomes ready (02/04/01) is asked again, unit attentions are
 * heeded, what a reset interrupted is repeated. Default main context.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sim/storage.h"

#define SCSI_HOST_POLL     2000   /* ms between looks at the medium, as udev has it */
#define SCSI_HOST_SOON     500    /* ms, while it becomes ready */
#define SCSI_HOST_AGAIN    200    /* ms until what was not ready is tried again */
#define SCSI_HOST_PATIENCE 120000 /* ms that a read is tried again while the drive is not ready */
#define SCSI_HOST_MOST     STORAGE_MOST

enum scsi_host_medium {
	SCSI_HOST_EMPTY,
	SCSI_HOST_COMING, /* there, and not ready yet */
	SCSI_HOST_PRESENT,
};

struct scsi_host_status {
	bool there;     /* plugged in, and has said what it is */
	bool cd;        /* or a disk */
	char words[32]; /* vendor, product, as INQUIRY has them; printable ASCII */
	enum scsi_host_medium medium;
	uint64_t blocks;      /* of the medium, when present */
	uint32_t block;       /* bytes: 512..4096, a power of two */
	unsigned int changes; /* another number: another medium, or none */
	bool asked;    /* for the medium: the operator wants to take it out (MMC-6, 6.6.3.4) */
	bool locked;   /* by us */
	int64_t waits; /* monotonic µs since when a read is not ready; 0: none is */
};

/* reason: NULL when all was read; else in words, for the screen. Not from within its beginning. */
typedef void (*scsi_host_done_fn)(const char *reason, void *data);

struct scsi_host;
struct scsi_host_request;

/*
 * fd, time_out: see storage_new. changed: something of the status did; may be NULL, and must not
 * begin or cancel anything.
 */
struct scsi_host *scsi_host_new(
		int fd, unsigned int time_out, void (*changed)(void *data), void *data);

/* off: forgets all, and reads end with a reason, also from within. on after off: as a reset. */
void scsi_host_power(struct scsi_host *host, bool on);

void scsi_host_status(const struct scsi_host *host, struct scsi_host_status *status);

/*
 * Reads count blocks (their bytes at most SCSI_HOST_MOST) of the present medium; bytes are the
 * host's until done or cancel.
 */
struct scsi_host_request *scsi_host_read(struct scsi_host *host, uint64_t first, uint32_t count,
		void *bytes, scsi_host_done_fn done, void *data);
void scsi_host_cancel(struct scsi_host *host, struct scsi_host_request *request);

/* PREVENT ALLOW MEDIUM REMOVAL. */
void scsi_host_lock(struct scsi_host *host, bool locked);

/* Out with the medium, or the tray in again: START STOP UNIT with LoEj. Refused while locked. */
void scsi_host_eject(struct scsi_host *host);
void scsi_host_load(struct scsi_host *host);

/* Looks at the medium now rather than with the next poll. */
void scsi_host_look(struct scsi_host *host);

void scsi_host_stats(const struct scsi_host *host, struct storage_stats *stats);

/*
 * Pulls it out: fd is not used any more and changed not called; whoever kept the host has one that
 * is not there. No done is called when the last one lets go. NULL is fine.
 */
void scsi_host_unplug(struct scsi_host *host);
struct scsi_host *scsi_host_keep(struct scsi_host *host);
void scsi_host_free(struct scsi_host *host);
