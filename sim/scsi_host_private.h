/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* scsi_host.c runs commands, scsi_host_medium.c follows the medium. */
#include <glib.h>
#include "sim/scsi_host.h"

#define SCSI_HOST_MILLI 1000 /* microseconds */

enum scsi_host_key { /* SPC-4, 4.5.6 */
	SCSI_HOST_NOT_READY = 2,
	SCSI_HOST_ATTENTION = 6,
};

/* The request is freed afterwards. */
typedef void (*scsi_host_ended_fn)(
		struct scsi_host_request *request, const struct storage_outcome *outcome);

struct scsi_host_request { /* host::requests */
	struct scsi_host *host;
	struct storage_command command;
	struct storage_request *under_way; /* NULL: waits to be tried again */
	unsigned int attempts, attentions;
	int64_t since; /* monotonic, of the first attempt */
	int64_t again; /* when to try again; 0: is under way */
	bool patient;  /* waits while the drive becomes ready */
	scsi_host_ended_fn ended;
	scsi_host_done_fn done;
	void *data;
	uint8_t answer[64];
};

struct scsi_host {
	unsigned int keepers;
	struct storage *storage;
	struct alarm *poll, *again;
	GQueue requests;
	struct scsi_host_status status;
	bool asking; /* a look at the medium is under way */
	void (*changed)(void *data);
	void *data;
};

/* A command to be run; the bytes of its answer go into the request. */
struct scsi_host_request *scsi_host_command(struct scsi_host *host, const uint8_t *cdb,
		size_t cdb_size, size_t answer, scsi_host_ended_fn ended);
void scsi_host_run(struct scsi_host_request *request);

/* To whom it may concern: the status has changed. */
void scsi_host_tell(const struct scsi_host *host);

void scsi_host_set_medium(struct scsi_host *host, enum scsi_host_medium medium);
