/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Commands of BMCs: their requests are built here, and answers taken apart. Pure, for answers that
 * nobody vouches for. Bytes are those of the IPMI specification 2.0 and of DCMI 1.5, whose sections
 * stand at the commands; numbers are little-endian. An answer's bytes are those behind its
 * completion code. What reads one returns false when it is too short or says something else.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rack/rmcp.h"
#include "rack/sdr.h"
#include "rack/session.h"

#define IPMI_BMC 0x20 /* its slave address, as sensors' records name it (43.1) */

struct ipmi_request {
	uint8_t netfn, lun, command;
	uint8_t length;
	uint8_t data[16];
};

/* For a link; the request must outlive it. */
struct session_request ipmi_session_request(const struct ipmi_request *request);

/* --- Completion codes (table 5-2) --- */

enum ipmi_code {
	IPMI_GOOD = 0x00,
	IPMI_BUSY = 0xc0,
	IPMI_NO_COMMAND = 0xc1,
	IPMI_NO_COMMAND_LUN = 0xc2,
	IPMI_TIMEOUT = 0xc3,
	IPMI_NO_SPACE = 0xc4,
	IPMI_RESERVATION = 0xc5, /* lost, or not a valid one */
	IPMI_LENGTH = 0xc7,
	IPMI_LENGTH_LIMIT = 0xc8,
	IPMI_TOO_MANY_BYTES = 0xca, /* it cannot return as many as asked for */
	IPMI_ABSENT = 0xcb,         /* sensor, data or record */
	IPMI_UNSPECIFIED = 0xff,
};

/* "the BMC is busy" */
const char *ipmi_code_text(uint8_t code);

/* --- Who it is --- */

void ipmi_device_id(struct ipmi_request *out);   /* 20.1 */
void ipmi_device_guid(struct ipmi_request *out); /* 20.8 */
void ipmi_system_guid(struct ipmi_request *out); /* 22.14 */

struct ipmi_device {
	uint8_t id, revision;
	uint8_t firmware[2];   /* major, minor; minor in BCD */
	uint8_t support;       /* bit 0: sensors, 1: SDR repository, 2: event log, 7: chassis */
	uint32_t manufacturer; /* IANA's number */
	uint16_t product;
};
bool ipmi_device_read(const uint8_t *bytes, size_t size, struct ipmi_device *out);

/* Also false for those that are zeros or ones alone: BMCs that have none say so. */
bool ipmi_guid_read(const uint8_t *bytes, size_t size, uint8_t guid[RMCP_GUID]);

/* --- Chassis --- */

enum ipmi_control { /* 28.3 */
	IPMI_POWER_DOWN = 0,
	IPMI_POWER_UP = 1,
	IPMI_POWER_CYCLE = 2,
	IPMI_HARD_RESET = 3,
	IPMI_SOFT_SHUTDOWN = 5, /* by ACPI */
};

void ipmi_chassis_status(struct ipmi_request *out); /* 28.2 */
void ipmi_chassis_control(struct ipmi_request *out, enum ipmi_control control);
void ipmi_chassis_identify(struct ipmi_request *out, uint8_t seconds); /* 28.5 */

bool ipmi_chassis_read(const uint8_t *bytes, size_t size, bool *on);

/* --- Sensors --- */

void ipmi_sensor_reading(struct ipmi_request *out, uint8_t lun, uint8_t number); /* 35.14 */

/* 35.5: what a raw reading of a sensor that is not linear means. */
void ipmi_sensor_factors(struct ipmi_request *out, uint8_t lun, uint8_t number, uint8_t raw);

/* Makes the sensor a linear one with these factors. */
bool ipmi_factors_read(const uint8_t *bytes, size_t size, struct sdr_sensor *sensor);

/* --- Records of sensors and of the event log --- */

#define IPMI_FIRST 0x0000 /* record ids */
#define IPMI_LAST  0xffff

void ipmi_sdr_info(struct ipmi_request *out);    /* 33.9 */
void ipmi_sdr_reserve(struct ipmi_request *out); /* 33.11 */
void ipmi_sdr_get(struct ipmi_request *out, uint16_t reservation, uint16_t record, uint8_t offset,
		uint8_t count);                  /* 33.12 */
void ipmi_sel_info(struct ipmi_request *out);    /* 31.2 */
void ipmi_sel_reserve(struct ipmi_request *out); /* 31.4 */
/* 31.5; whole entries want no reservation: 0. */
void ipmi_sel_get(struct ipmi_request *out, uint16_t reservation, uint16_t record);

/* Of the repository or the log, which say the same. */
struct ipmi_store {
	uint16_t count;
	uint32_t added, erased; /* BMC's time stamps of the last such change */
};
bool ipmi_store_read(const uint8_t *bytes, size_t size, struct ipmi_store *out);
bool ipmi_store_same(const struct ipmi_store *one, const struct ipmi_store *other);

bool ipmi_reservation_read(const uint8_t *bytes, size_t size, uint16_t *out);

/* Of Get SDR. */
struct ipmi_piece {
	uint16_t next; /* record; IPMI_LAST: there is none */
	const uint8_t *bytes;
	size_t size;
};
bool ipmi_piece_read(const uint8_t *bytes, size_t size, struct ipmi_piece *out);

#define IPMI_SDR_HEADER 5 /* bytes: id, version, type, length of the rest (43) */
#define IPMI_SEL_RECORD 16

struct ipmi_entry {
	uint16_t next;
	uint16_t id;
	const uint8_t *record; /* IPMI_SEL_RECORD bytes */
};
bool ipmi_entry_read(const uint8_t *bytes, size_t size, struct ipmi_entry *out);

/* --- Power, of DCMI --- */

enum ipmi_dcmi_code {
	IPMI_NO_LIMIT = 0x80,         /* of Get Power Limit: there is no active one */
	IPMI_WATTS_RANGE = 0x84,      /* of Set Power Limit */
	IPMI_CORRECTION_RANGE = 0x85, /* ... */
	IPMI_PERIOD_RANGE = 0x89,     /* ... */
};

/* As ipmi_code_text, of DCMI's commands. */
const char *ipmi_dcmi_code_text(uint8_t code);

void ipmi_dcmi_power(struct ipmi_request *out);                 /* 6.6.1 */
void ipmi_dcmi_limit(struct ipmi_request *out);                 /* 6.6.2 */
void ipmi_dcmi_activate(struct ipmi_request *out, bool active); /* 6.6.4 */

struct ipmi_power {
	bool active; /* it measures */
	uint16_t watts, lowest, highest, mean;
	uint32_t window; /* ms, of the last three */
};
bool ipmi_dcmi_power_read(const uint8_t *bytes, size_t size, struct ipmi_power *out);

struct ipmi_limit {
	uint8_t action; /* when it cannot be kept: 0, none; 1, the node is switched off */
	uint16_t watts;
	uint32_t correction; /* ms that it may take until it is kept */
	uint16_t period;     /* s, over which it is measured */
};
void ipmi_dcmi_set_limit(struct ipmi_request *out, const struct ipmi_limit *limit); /* 6.6.3 */
bool ipmi_dcmi_limit_read(const uint8_t *bytes, size_t size, struct ipmi_limit *out);

/* Set and Activate Power Limit answer with nothing but this group's number. */
bool ipmi_dcmi_done(const uint8_t *bytes, size_t size);
