/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A BMC's side of the commands, for tests: a request in, its answer out. It counts what it is
 * asked, and can be told to behave badly. Written without rack/ipmi.h, from the specifications.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rack/session.h"

#define COMMAND_BMC_RECORDS 32
#define COMMAND_BMC_ENTRIES 64
#define COMMAND_BMC_ANSWER  280

struct command_bmc {
	/* As the test wants it. */
	uint8_t guid[16];
	bool has_guid; /* Get System GUID has an answer */
	bool device_guid;
	uint16_t product;
	uint8_t firmware;
	uint8_t records[COMMAND_BMC_RECORDS][64]; /* their ids are index + 1 */
	uint8_t record_sizes[COMMAND_BMC_RECORDS];
	size_t record_count;
	uint32_t records_added;
	uint8_t readings[256], states[256]; /* of sensors, by number */
	uint8_t reading_codes[256];         /* completion codes */
	uint8_t entries[COMMAND_BMC_ENTRIES][16];
	size_t entry_count;
	uint32_t log_added;
	bool on, dcmi, measures, limit_active;
	uint16_t watts, limit;
	uint32_t correction;
	uint16_t period;
	/* Its bad ways. */
	size_t piece_most;   /* bytes of a record that it returns at once; 0: all */
	uint8_t piece_code;  /* that it answers with when it is asked for more */
	int lose;            /* reservations that it loses at the next pieces */
	bool records_circle; /* the last record's next is the first */
	bool records_endless, log_endless, same_record;
	uint8_t longer;    /* what records are said to have more than they have */
	uint16_t clamp;    /* W that limits are at least; 0: as ordered */
	bool never_active; /* limits are set, and stay without effect */
	bool silent;
	uint8_t silent_netfn, silent_command; /* this one has no answer, when command is not 0 */
	uint8_t refuse_netfn, refuse_command, refuse_code;
	/* What it has seen. */
	unsigned int asked[64][256]; /* by network function and command */
	uint8_t last[32];            /* of the last request */
	size_t last_size;
	uint8_t last_lun;
	uint8_t control, identify; /* the last of Chassis Control, Identify */
	uint8_t action;            /* of Set Power Limit */
	uint16_t reservation;
};

void command_bmc_init(struct command_bmc *bmc);

/* A full record of a temperature in degrees, or what linear makes of it. */
void command_bmc_add_sensor(struct command_bmc *bmc, const char *name, uint8_t owner, uint8_t lun,
		uint8_t number, uint8_t linear);
void command_bmc_add_other(struct command_bmc *bmc); /* a record that is no sensor's */
void command_bmc_log(struct command_bmc *bmc, uint8_t mark);
void command_bmc_clear_log(struct command_bmc *bmc);

/* The completion code first; 0 bytes: it says nothing. */
size_t command_bmc_answer(struct command_bmc *bmc, const struct session_request *request,
		uint8_t answer[COMMAND_BMC_ANSWER]);
