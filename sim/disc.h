/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A drive's medium as sectors of 2048 bytes, whatever its blocks are: one read at a time. */
#include "sim/iso.h"
#include "sim/scsi_host.h"

struct disc {
	struct scsi_host *host; /* not ours */
	uint32_t per_sector;    /* blocks; 0: there is no medium, or its blocks are too large */
	uint64_t sectors;
	struct scsi_host_request *request; /* NULL: none is under way */
	iso_done_fn done;
	void *data;
};

#define DISC_MOST (SCSI_HOST_MOST / ISO_SECTOR) /* sectors in a read */

/* The medium that is in the drive now; the disc stays where it is until disc_cancel. */
void disc_init(struct disc *disc, struct scsi_host *host);

/* count: 1..DISC_MOST; outside the medium: a reason, from within the call. */
void disc_read(struct disc *disc, uint32_t first, uint32_t count, void *bytes, iso_done_fn done,
		void *data);
void disc_cancel(struct disc *disc);

/* Bytes in words for a screen: "4.4 GiB". */
#define DISC_SIZE_WORDS 24
void disc_size(uint64_t bytes, char words[DISC_SIZE_WORDS]);

/* For iso_new. */
struct iso_medium disc_medium(struct disc *disc);
