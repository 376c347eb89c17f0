/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated BMC's power management: DCMI 1.5, sections 6.1 and 6.6. */
#include "sim/bmc_part.h"

#define LIMIT_LEAST 50 /* W */
#define LIMIT_MOST  2000
#define PERIOD      1000 /* ms that a reading is the mean of */

static uint8_t sim_capabilities(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)bmc;
	(void)length;
	if (data[1] < 1 || data[1] > 5)
		return SIM_OUT_OF_RANGE;
	sim_put8(out, SIM_GROUP_DCMI);
	sim_put16(out, 0x0501); /* version 1.5 */
	sim_put8(out, 0x02);    /* the parameters' revision */
	switch (data[1]) {
	case 1: /* power management, and the system's own interface beside the LAN */
		sim_put8(out, 0);
		sim_put8(out, 0x01);
		sim_put8(out, 0x01);
		break;
	case 2: /* the log rolls over; temperatures are sampled each second */
		sim_put16(out, 0x8000 | SIM_LOG_MAX);
		sim_put16(out, 0);
		sim_put8(out, 1);
		break;
	case 3: /* the BMC itself manages power */
		sim_put8(out, 0x20);
		sim_put8(out, 0);
		break;
	case 4: /* LAN channel 1, and no others */
		sim_put8(out, 1);
		sim_put16(out, 0xffff);
		break;
	default: /* one mean, of a second */
		sim_put8(out, 1);
		sim_put8(out, 1);
	}
	return SIM_OK;
}

static uint8_t sim_power_reading(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	double mean = bmc->measured ? bmc->energy / (double)bmc->measured : 0;

	(void)length;
	if (sim_bmc_has(bmc, SIM_BMC_NO_POWER))
		return SIM_UNKNOWN_COMMAND;
	if (data[1] != 1 && data[1] != 2)
		return SIM_INVALID;
	sim_put8(out, SIM_GROUP_DCMI);
	sim_put16(out, (unsigned int)plant_measure(bmc->plant, bmc->node));
	sim_put16(out, (unsigned int)(bmc->least + 0.5));
	sim_put16(out, (unsigned int)(bmc->most + 0.5));
	sim_put16(out, (unsigned int)(mean + 0.5));
	sim_put32(out, sim_bmc_seconds(bmc));
	sim_put32(out, PERIOD);
	sim_put8(out, 0x40); /* it is being measured */
	return SIM_OK;
}

static uint8_t sim_get_limit(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	int active = plant_told_limit(bmc->plant, bmc->node);

	(void)data;
	(void)length;
	sim_put8(out, SIM_GROUP_DCMI);
	sim_put16(out, 0);
	sim_put8(out, bmc->action);
	sim_put16(out, (unsigned int)(active ? active : bmc->limit));
	sim_put32(out, bmc->correction);
	sim_put16(out, 0);
	sim_put16(out, bmc->sampling);
	return active ? SIM_OK : SIM_NO_ACTIVE_LIMIT;
}

/* One that is in force already, or is about to be, does not begin anew. */
static void sim_enforce(struct sim_bmc *bmc, int watts)
{
	if (plant_told_limit(bmc->plant, bmc->node) != watts)
		plant_limit(bmc->plant, bmc->node, watts);
}

static uint8_t sim_set_limit(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	unsigned int limit = sim_get16(data + 5), sampling = sim_get16(data + 13);
	uint32_t correction = sim_get16(data + 7) | (uint32_t)sim_get16(data + 9) << 16;

	(void)length;
	if (limit < LIMIT_LEAST || limit > LIMIT_MOST)
		return SIM_LIMIT_RANGE;
	if (correction == 0)
		return SIM_CORRECTION_RANGE;
	if (sampling == 0)
		return SIM_SAMPLING_RANGE;
	bmc->action = data[4];
	bmc->limit = (int)limit;
	bmc->correction = correction;
	bmc->sampling = (uint16_t)sampling;
	/* An active limit changes at once (6.6.3). */
	if (plant_told_limit(bmc->plant, bmc->node))
		sim_enforce(bmc, bmc->limit);
	sim_put8(out, SIM_GROUP_DCMI);
	return SIM_OK;
}

static uint8_t sim_activate_limit(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)length;
	if (data[1] > 1)
		return SIM_INVALID;
	if (data[1] && !bmc->limit)
		return SIM_NOT_NOW;
	sim_enforce(bmc, data[1] ? bmc->limit : 0);
	sim_put8(out, SIM_GROUP_DCMI);
	return SIM_OK;
}

const struct sim_command sim_power_commands[] = {
		{0x2c, 0x01, 2, 2, sim_capabilities},
		{0x2c, 0x02, 4, 4, sim_power_reading},
		{0x2c, 0x03, 3, 3, sim_get_limit},
		{0x2c, 0x04, 15, 15, sim_set_limit},
		{0x2c, 0x05, 4, 4, sim_activate_limit},
		{.answer = NULL},
};
