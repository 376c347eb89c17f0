/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Sensor data records: what a BMC says of its sensors, and what their readings mean. Pure, for
 * input that nobody vouches for. Bytes and formulas are those of the IPMI specification 2.0,
 * section 43 (records) and 36.3 (conversion), units of table 43-15.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SDR_NAME_MAX 33 /* 31 bytes in 6 bits at most, and the end */

enum sdr_unit {
	SDR_UNIT_NONE = 0,
	SDR_UNIT_CELSIUS = 1,
	SDR_UNIT_VOLT = 4,
	SDR_UNIT_AMPERE = 5,
	SDR_UNIT_WATT = 6,
	SDR_UNIT_RPM = 18,
};

/* In the order of the bits of a reading's state. */
enum sdr_threshold {
	SDR_LOWER_WARNING, /* non-critical */
	SDR_LOWER_CRITICAL,
	SDR_LOWER_FATAL, /* non-recoverable */
	SDR_UPPER_WARNING,
	SDR_UPPER_CRITICAL,
	SDR_UPPER_FATAL,
	SDR_THRESHOLDS
};

struct sdr_sensor {
	char name[SDR_NAME_MAX];
	uint16_t record;
	uint8_t owner, lun, number; /* whom to ask for its readings */
	uint8_t entity, instance;   /* what it belongs to, table 43-13 */
	uint8_t type, event_type;   /* table 42-3; 1: it has thresholds */
	bool analog;                /* its readings are values; otherwise states */
	uint8_t unit;               /* enum sdr_unit and others of the table */
	bool percent;
	/* Of analog ones. */
	enum { SDR_UNSIGNED, SDR_ONES, SDR_TWOS } format;
	int linear; /* 0..11: a formula; 0x70..0x7f: factors have to be asked for each reading */
	int m, b;   /* 10 bits, signed */
	int b_exponent, exponent;           /* 4 bits, signed */
	uint8_t readable;                   /* thresholds, bits of enum sdr_threshold */
	uint8_t thresholds[SDR_THRESHOLDS]; /* raw */
};

/*
 * Reads a record, header included. Returns false for what is no sensor (record types other than 1
 * and 2) or does not hold together.
 */
bool sdr_read(const uint8_t *bytes, size_t size, struct sdr_sensor *out);

/* What a raw reading of an analog sensor means; not a number where the formula has no answer. */
double sdr_value(const struct sdr_sensor *sensor, uint8_t raw);

enum sdr_availability {
	SDR_READING_GOOD,
	SDR_READING_NONE, /* there is none, or the sensor is not scanned */
	SDR_READING_BAD,  /* no answer to Get Sensor Reading */
};

struct sdr_reading {
	enum sdr_availability availability;
	double value;    /* of analog sensors */
	uint8_t state;   /* bits of enum sdr_threshold that are crossed, of those with thresholds */
	uint16_t states; /* of the others: bits 0..14 */
};

/* The data of an answer to Get Sensor Reading (35.14), behind the completion code. */
void sdr_reading(const struct sdr_sensor *sensor, const uint8_t *bytes, size_t size,
		struct sdr_reading *out);

/* "degrees C", "RPM", "Watts": as ipmitool prints them; "" for those not known here. */
const char *sdr_unit_text(uint8_t unit);
