/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The host's end of USB mass storage, Bulk-Only transport 1.0, over usbredir: SCSI commands to the
 * one disc drive that a SPICE client shares. Main thread only.
 *
 * The order on the wire is what clients bear: spice-gtk's disc aborts its process when the status
 * of a command is asked for before its data came, so that it is asked for together with the next
 * command: one round trip for each. A command that brought less than was asked for is ended alone,
 * to learn why.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "media/client_usb.h"

#define CLIENT_SCSI_CDB_MAX 16

/* Sense keys and additional sense codes, SPC-4 4.5.6 and annex D. */
enum {
	SENSE_NOT_READY = 2,
	SENSE_ATTENTION = 6,

	SENSE_NO_MEDIUM = 0x3a,
	SENSE_CHANGED = 0x28,
};

enum client_scsi_end {
	CLIENT_SCSI_GOOD,
	CLIENT_SCSI_FAILED, /* the sense says why */
	CLIENT_SCSI_AGAIN,  /* nobody knows why, or the transport was reset: to be asked again */
};

struct client_scsi_result {
	enum client_scsi_end end;
	uint8_t key, code, qualifier;
	const uint8_t *bytes; /* the drive's data, until the callback returns; NULL: none */
	size_t size;          /* at most what was expected, maybe less */
};

/* Not from within client_scsi_submit; may submit. */
typedef void (*client_scsi_done_fn)(const struct client_scsi_result *result, void *data);

struct client_scsi_events {
	/* Another command can be submitted: see client_scsi_has_room. */
	void (*room)(void *data);
	/* The drive keeps to no rules and is given up; no command is under way any more. */
	void (*hopeless)(void *data);
	void *data;
};

struct client_scsi;

/* The usb stays the caller's and must outlive it. */
struct client_scsi *client_scsi_new(
		struct client_usb *usb, const struct client_scsi_events *events);

/* A command with data may be submitted; the one before may still lack its status. */
bool client_scsi_has_room(const struct client_scsi *scsi);

/* Nothing is under way: any command may be submitted. */
bool client_scsi_is_idle(const struct client_scsi *scsi);

/* expected: bytes of data from the drive, 0..CLIENT_USB_TRANSFER_MAX. */
void client_scsi_submit(struct client_scsi *scsi, const uint8_t *cdb, size_t cdb_size,
		uint32_t expected, client_scsi_done_fn done, void *data);

/* Events of the usb. */
void client_scsi_ready(struct client_scsi *scsi);
void client_scsi_gone(struct client_scsi *scsi); /* no done of what was under way */
void client_scsi_ended(struct client_scsi *scsi, int what, enum client_usb_status status,
		uint8_t *bytes, size_t size);

void client_scsi_free(struct client_scsi *scsi); /* NULL is fine */
