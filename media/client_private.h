/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What client.c, which finds out about the drive and its disc, shares with client_read.c, which
 * reads.
 */
#include <glib.h>
#include "media/client.h"
#include "media/client_disc.h"
#include "media/client_scsi.h"

enum client_step {
	CLIENT_NOTHING, /* no drive */
	CLIENT_INQUIRY,
	CLIENT_TEST,  /* until there is a disc in it */
	CLIENT_PAUSE, /* ... later, by the timer */
	CLIENT_CAPACITY,
	CLIENT_SHARING,
	CLIENT_EJECTING,
	CLIENT_OVER, /* a drive that we do nothing with any more */
};

/* One of two READs under way; or to be asked again. */
struct client_read {
	struct media_client *client;
	bool used, again;
	uint64_t number; /* in the order in which they were asked for first */
	unsigned int tries;
	struct client_disc_read range;
};

struct media_client {
	struct media_client_events events;
	struct client_usb *usb;
	struct client_scsi *scsi;
	enum client_step step;
	struct client_disc *disc; /* its owner's; NULL: none offered, or closed */
	struct client_read reads[2];
	uint64_t number;    /* of the last read */
	unsigned int tries; /* of the step */
	GSource *timer;     /* of a pause, or of an answer that is late */
	bool receiving;     /* what is sent leaves at its end */
};

/* The timer; less than 0: not at all. */
void client_set_timer(struct media_client *client, int ms);

/* Ends the disc, if there is one, and tells the owner. */
void client_withdraw(struct media_client *client, const char *reason);

/* Asks the drive whether it is ready, and what is in it. */
void client_test_again(struct media_client *client);

/* --- client_read.c --- */

/* The next read of a disc that is there. */
void client_read_on(struct media_client *client);

void client_forget_reads(struct media_client *client);
