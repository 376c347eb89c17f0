/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A SPICE client's end of a shared disc, for tests: usbredir's own parser as the host of a disc
 * drive that does what is right, or one thing that is not. It bears no more than spice-gtk does.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "media/client.h"

#define DISC_SECTOR 2048

enum disc_fault {
	DISC_NO_FAULT,
	/* Each for the next READ(10), or as long as it says. */
	DISC_FAIL,            /* sense 3/11/00 */
	DISC_STALL,           /* the same, with a stalled pipe, as real drives do */
	DISC_SHORT,           /* half of the data, and says it is well */
	DISC_LONG,            /* more than was asked for */
	DISC_WRONG_TAG,       /* in the status */
	DISC_WRONG_SIGNATURE, /* in the status */
	DISC_WRONG_RESIDUE,   /* in the status */
	DISC_PHASE_ERROR,     /* status 2 */
	DISC_STATUS_CUT,      /* 5 bytes of status */
	DISC_IO_ERROR,        /* the transfer of the data fails */
	DISC_SILENT,          /* no answer, until it is changed */
	DISC_ALWAYS_WRONG,    /* every status has a wrong tag, of all commands */
};

struct usbredirparser;

struct disc_host {
	struct usbredirparser *parser;
	struct media_client *client;
	GByteArray *to_client, *to_host;
	/* The drive; may be changed by the test at any time. */
	uint8_t *image;
	uint32_t sectors, sector_size;
	uint8_t class, type; /* of USB, of SCSI */
	bool medium;
	uint8_t key, code; /* sense to come */
	enum disc_fault fault;
	/* The command. */
	uint8_t cbw[31];
	const uint8_t *data;
	uint32_t data_size;
	uint8_t status;
	bool data_due, status_due;
	enum disc_fault now;
	/* What it saw. */
	unsigned int commands, reads, resets, stalls, clears, ejects, rejects, read_sectors;
	bool connected, held;
	/* What the client said. */
	struct source *source; /* the test's; NULL: none, or withdrawn */
	struct source *past;   /* the last that was withdrawn */
	unsigned int offers, withdrawals, refusals;
	char *refused;
	struct source_events events;
};

void disc_host_open(struct disc_host *host, uint32_t sectors);
void disc_host_close(struct disc_host *host);

/* The user shares it, or stops it. */
void disc_host_connect(struct disc_host *host);
void disc_host_disconnect(struct disc_host *host);

/* Moves bytes both ways until there are none. */
void disc_host_run(struct disc_host *host);
