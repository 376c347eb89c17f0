/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What storage.c, which has the cable, the device's configuration and its resets, shares with
 * storage_exchange.c, which carries out commands.
 */
#include <glib.h>
#include "sim/cable.h"
#include "sim/storage.h"

#define STORAGE_MILLI 1000 /* microseconds */

enum storage_step {
	STORAGE_AWAY,
	STORAGE_RESETTING, /* the port */
	STORAGE_CONFIGURING,
	STORAGE_COUNTING, /* units */
	STORAGE_IDLE,
	STORAGE_COMMANDING,
	STORAGE_GIVING,
	STORAGE_TAKING,
	STORAGE_CLEARING, /* a halted endpoint; then the status */
	STORAGE_ASKING,   /* for the status */
	STORAGE_RECOVERING,
	STORAGE_RECOVERING_IN,
	STORAGE_RECOVERING_OUT,
	STORAGE_DEAD, /* no reset helped; the next command tries one again */
};

struct storage_request {
	struct storage_command command;
	uint8_t *copy; /* stands in for the bytes of one that was cancelled */
};

struct storage {
	int fd; /* the caller's */
	guint reading;
	unsigned int time_out;
	struct storage_events events;
	struct alarm *deadline, *late; /* late: requests that end without having been begun */
	bool powered, plugged;
	enum storage_step step;
	uint32_t serial; /* of the cable's request under way */
	GQueue requests; /* of struct storage_request *; the first one is under way */
	bool running;    /* it is */
	struct storage_outcome outcome;
	struct {
		uint8_t cdb[16];
		uint8_t cdb_size;
		bool out;
		uint8_t *bytes;
		size_t size, at;
		uint32_t tag;
		unsigned int attempts; /* at the status */
	} exchange;
	bool sensing; /* the exchange is not the request's, but asks why it failed */
	uint8_t sense[STORAGE_SENSE_SIZE];
	struct storage_stats stats;
	uint8_t message[sizeof(struct cable_head) + CABLE_PART];
};

/* --- storage.c --- */

/* What cannot be said times out, like what is not answered. */
void storage_say(struct storage *storage, enum storage_step step, enum cable_kind kind,
		uint32_t value, const void *bytes, size_t size);

/* The same with a deadline of its own. */
void storage_control(struct storage *storage, enum storage_step step, enum cable_kind kind);

void storage_recover(struct storage *storage);
void storage_reset_port(struct storage *storage);
void storage_request_free(gpointer data);

/* --- storage_exchange.c --- */

/* The next request, if there is one and the device is ready for it. */
void storage_begin(struct storage *storage);

/* The request under way is over; the next one may begin. */
void storage_end(struct storage *storage, enum storage_result result);

void storage_ask_status(struct storage *storage);

/* Whether the message belongs to the command under way, and was dealt with. */
bool storage_exchange_message(struct storage *storage, const struct cable_head *head,
		const uint8_t *bytes, size_t size);
