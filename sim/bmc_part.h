/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the simulated BMC consists of, between its files. */
#include <string.h>
#include "sim/bmc.h"

/* Completion codes, IPMI 2.0 table 5-2. */
enum sim_code {
	SIM_OK = 0x00,
	SIM_NO_ACTIVE_LIMIT = 0x80, /* DCMI 1.5, 6.6.2 */
	SIM_LIMIT_RANGE = 0x84,     /* 6.6.3 */
	SIM_CORRECTION_RANGE = 0x85,
	SIM_SAMPLING_RANGE = 0x89,
	SIM_UNKNOWN_COMMAND = 0xc1,
	SIM_NO_RESERVATION = 0xc5,
	SIM_WRONG_LENGTH = 0xc7,
	SIM_OUT_OF_RANGE = 0xc9,
	SIM_TOO_LONG = 0xca, /* so many bytes do not fit in an answer */
	SIM_NOT_PRESENT = 0xcb,
	SIM_INVALID = 0xcc,
	SIM_NO_ANSWER = 0xce,
	SIM_NOT_NOW = 0xd5, /* in this state */
};

/* Behind the completion code. */
struct sim_answer {
	uint8_t *bytes;
	size_t size; /* of SIM_BMC_ANSWER_MAX - 1 */
};

static inline void sim_put8(struct sim_answer *out, unsigned int value)
{
	if (out->size < SIM_BMC_ANSWER_MAX - 1)
		out->bytes[out->size++] = (uint8_t)value;
}

static inline void sim_put16(struct sim_answer *out, unsigned int value)
{
	sim_put8(out, value & 0xff);
	sim_put8(out, value >> 8 & 0xff);
}

static inline void sim_put32(struct sim_answer *out, uint32_t value)
{
	sim_put16(out, value & 0xffff);
	sim_put16(out, value >> 16);
}

static inline unsigned int sim_get16(const uint8_t *bytes)
{
	return bytes[0] | (unsigned int)bytes[1] << 8;
}

/* --- Sensors --- */

enum sim_sensor {
	SIM_CPU0_TEMP,
	SIM_CPU1_TEMP,
	SIM_INLET_TEMP,
	SIM_DIMM_TEMP,
	SIM_FAN1,
	SIM_FAN2,
	SIM_12V,
	SIM_5V,
	SIM_3V3,
	SIM_SYS_PWR,
	SIM_PSU,
	SIM_PWR_STATE,
	SIM_SENSORS
};

#define SIM_THRESHOLDS 6 /* lower warning, critical, fatal; upper ones likewise */

/* What a record says of it; IPMI 2.0, 43.1. */
struct sim_sensor_kind {
	const char *name;
	uint8_t entity, instance;          /* table 43-13 */
	uint8_t type, event_type;          /* tables 42-3, 42-1 */
	uint8_t unit;                      /* table 43-15 */
	bool discrete, is_signed;          /* two's complement */
	bool standby;                      /* it can be read while the node is off */
	uint8_t linear;                    /* 0x70: the factors depend on the reading */
	int m, b, b_exponent, exponent;    /* 36.3 */
	uint8_t readable;                  /* thresholds, a bit of each */
	double thresholds[SIM_THRESHOLDS]; /* of the unit */
};

const struct sim_sensor_kind *sim_sensor_kind(enum sim_sensor sensor);

struct sim_factors {
	int m, b, b_exponent, exponent;
	uint8_t next; /* the reading from which on there are others */
};
void sim_sensor_factors(enum sim_sensor sensor, uint8_t raw, struct sim_factors *out);

/* The byte that means that value best. */
uint8_t sim_sensor_raw(enum sim_sensor sensor, double value);

/* What an analog sensor says now, of its unit. */
double sim_sensor_value(const struct sim_bmc *bmc, enum sim_sensor sensor);

bool sim_sensor_available(const struct sim_bmc *bmc, enum sim_sensor sensor);

/* Thresholds that a reading is at or beyond, a bit of each. */
uint8_t sim_sensor_crossed(enum sim_sensor sensor, uint8_t raw);

/* --- Event log --- */

#define SIM_LOG_MAX   96
#define SIM_LOG_ENTRY 16

struct sim_log {
	uint8_t entries[SIM_LOG_MAX][SIM_LOG_ENTRY];
	size_t first, count; /* the oldest make room for new ones */
	uint16_t id;         /* of the last one */
	uint16_t reservation;
	uint32_t added, erased; /* when last, s */
	bool overflow;
};

/* An event of a sensor (32.1); off: it has passed. */
void sim_log_event(struct sim_bmc *bmc, enum sim_sensor sensor, bool off, const uint8_t data[3]);

/* --- All --- */

struct sim_bmc {
	struct plant *plant; /* not ours */
	size_t node;
	int64_t now;  /* ms since it started */
	int64_t next; /* look for events */
	uint8_t guid[16];
	double differs[3]; /* from other machines of its kind: CPU0, CPU1, DIMM; parts of the rise
			    */
	/* Chassis. */
	bool on;
	uint8_t last_power;    /* 28.2, byte 3 */
	int64_t off_at, on_at; /* ms; -1: not on the way */
	int64_t light_until;   /* -1: for good */
	uint16_t sdr_reservation;
	unsigned int unplugged; /* sensors, the last ones */
	uint32_t sdr_erased;    /* when, s */
	/* Air and temperatures. */
	double inlet, flow;
	double hot[3]; /* degrees Celsius: CPU0, CPU1, DIMM */
	uint8_t crossed[SIM_SENSORS];
	unsigned int faults; /* bits of enum sim_bmc_fault */
	double stuck;        /* degrees */
	int64_t drifts_since;
	struct sim_log log;
	/* DCMI: what was set, and the statistics since the start. */
	int limit;
	uint8_t action;
	uint32_t correction;
	uint16_t sampling;
	double least, most, energy; /* W, W, W ms */
	int64_t measured;           /* ms */
};

static inline uint32_t sim_bmc_seconds(const struct sim_bmc *bmc)
{
	return (uint32_t)(bmc->now / 1000);
}

static inline bool sim_bmc_has(const struct sim_bmc *bmc, enum sim_bmc_fault fault)
{
	return bmc->faults >> fault & 1;
}

/* Answer a command whose length is right: append to the answer and return the completion code. */
typedef uint8_t (*sim_command_fn)(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out);

struct sim_command {
	uint8_t netfn, command;
	uint8_t least, most; /* bytes of the request */
	sim_command_fn answer;
};

/* Of each file; the last one has no function. */
extern const struct sim_command sim_sensor_commands[], sim_record_commands[], sim_log_commands[],
		sim_power_commands[];

/* DCMI's, netfn 0x2c: data begin with this. */
#define SIM_GROUP_DCMI 0xdc
