/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated BMC's repository of sensor data records: IPMI 2.0, sections 33 and 43. */
#include "sim/bmc_part.h"

#define SDR_VERSION  0x51
#define FULL         0x01
#define COMPACT      0x02
#define HEADER       5
#define FULL_NAME    47 /* of the name's length, from the record's start */
#define COMPACT_NAME 31
#define RECORD_MAX   (FULL_NAME + 1 + 16)
#define READ_MAX     32 /* bytes of a record in an answer, as many BMCs have it */
#define LATIN        0xc0

/* Thresholds' bytes begin with the upper fatal one, each of three the most severe first. */
static void sim_record_thresholds(enum sim_sensor sensor, uint8_t *record)
{
	static const uint8_t places[SIM_THRESHOLDS] = {41, 40, 39, 38, 37, 36};
	const struct sim_sensor_kind *kind = sim_sensor_kind(sensor);
	unsigned int events = 0;

	for (int i = 0; i < SIM_THRESHOLDS; i++) {
		if (!(kind->readable >> i & 1))
			continue;
		record[places[i]] = sim_sensor_raw(sensor, kind->thresholds[i]);
		/* Going low below the lower ones, high above the upper ones. */
		events |= 1u << (2 * i + (i < 3 ? 0 : 1));
	}
	record[14] = record[16] = events & 0xff;
	record[15] = (uint8_t)(events >> 8 | (kind->readable & 7) << 4);
	record[17] = (uint8_t)(events >> 8 | (kind->readable >> 3) << 4);
	record[18] = kind->readable;
	record[42] = record[43] = 2; /* hysteresis */
}

static void sim_record_factors(const struct sim_sensor_kind *kind, uint8_t *record)
{
	record[20] = kind->is_signed ? 0x80 : 0;
	record[21] = kind->unit;
	record[23] = kind->linear;
	record[24] = (uint8_t)kind->m;
	record[25] = (unsigned int)kind->m >> 2 & 0xc0;
	record[26] = (uint8_t)kind->b;
	record[27] = (unsigned int)kind->b >> 2 & 0xc0;
	record[29] = (uint8_t)((kind->exponent & 15) << 4 | (kind->b_exponent & 15));
	record[34] = kind->is_signed ? 0x7f : 0xff;
	record[35] = kind->is_signed ? 0x80 : 0;
}

static size_t sim_record(enum sim_sensor sensor, uint8_t record[RECORD_MAX])
{
	const struct sim_sensor_kind *kind = sim_sensor_kind(sensor);
	size_t name = kind->discrete ? COMPACT_NAME : FULL_NAME, length = strlen(kind->name);

	memset(record, 0, RECORD_MAX);
	record[0] = (uint8_t)(sensor + 1);
	record[2] = SDR_VERSION;
	record[3] = kind->discrete ? COMPACT : FULL;
	record[4] = (uint8_t)(name + 1 + length - HEADER);
	record[5] = 0x20; /* the BMC's */
	record[7] = (uint8_t)(sensor + 1);
	record[8] = kind->entity;
	record[9] = kind->instance;
	record[10] = 0x7f; /* scanning, events and thresholds are initialised and on */
	record[11] = kind->discrete ? 0x40 : 0x68; /* re-arms itself; thresholds can be read */
	record[12] = kind->type;
	record[13] = kind->event_type;
	if (kind->discrete) {
		record[14] = record[16] = record[18] = sensor == SIM_PSU ? 0x03 : 0x41;
		record[20] = 0xc0; /* no analog reading */
		record[23] = 1;    /* shared by none */
	} else {
		sim_record_factors(kind, record);
		sim_record_thresholds(sensor, record);
	}
	record[name] = (uint8_t)(LATIN | length);
	memcpy(record + name + 1, kind->name, length);
	return name + 1 + length;
}

static unsigned int sim_record_count(const struct sim_bmc *bmc)
{
	return SIM_SENSORS - bmc->unplugged;
}

void sim_bmc_unplug(struct sim_bmc *bmc, unsigned int sensors)
{
	bmc->unplugged = sensors < SIM_SENSORS ? sensors : SIM_SENSORS - 1;
	bmc->sdr_erased++;
	bmc->sdr_reservation++;
}

/* --- Commands, netfn 0Ah --- */

static uint8_t sim_repository_info(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)data;
	(void)length;
	sim_put8(out, SDR_VERSION);
	sim_put16(out, sim_record_count(bmc));
	sim_put16(out, 0); /* no room for more */
	sim_put32(out, 0); /* since the start nothing was added */
	sim_put32(out, bmc->sdr_erased);
	sim_put8(out, 0x02); /* it can be reserved */
	return SIM_OK;
}

static uint8_t sim_reserve(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)data;
	(void)length;
	if (++bmc->sdr_reservation == 0)
		bmc->sdr_reservation = 1;
	sim_put16(out, bmc->sdr_reservation);
	return SIM_OK;
}

static uint8_t sim_get_record(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	unsigned int id = sim_get16(data + 2), offset = data[4], count = data[5],
		     last = sim_record_count(bmc);
	uint8_t record[RECORD_MAX];
	size_t size;

	(void)length;
	if (offset && sim_get16(data) != bmc->sdr_reservation)
		return SIM_NO_RESERVATION;
	id = id == 0 ? 1 : id == 0xffff ? last : id;
	if (id > last)
		return SIM_NOT_PRESENT;
	size = sim_record((enum sim_sensor)(id - 1), record);
	if (offset >= size)
		return SIM_OUT_OF_RANGE;
	if (count == 0xff || offset + count > size)
		count = (unsigned int)size - offset;
	if (count > READ_MAX)
		return SIM_TOO_LONG;
	sim_put16(out, id == last ? 0xffff : id + 1);
	for (unsigned int i = 0; i < count; i++)
		sim_put8(out, record[offset + i]);
	return SIM_OK;
}

const struct sim_command sim_record_commands[] = {
		{0x0a, 0x20, 0, 0, sim_repository_info},
		{0x0a, 0x22, 0, 0, sim_reserve},
		{0x0a, 0x23, 6, 6, sim_get_record},
		{.answer = NULL},
};
