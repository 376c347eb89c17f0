/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated BMC's sensors: what they measure, and how that becomes a byte. */
#include "sim/bmc_part.h"

#define TEMPERATURE  0x01 /* types, table 42-3 */
#define VOLTAGE      0x02
#define FAN          0x04
#define POWER_SUPPLY 0x08
#define OTHER_UNITS  0x0b
#define ACPI_STATE   0x22

#define BY_THRESHOLD 0x01 /* event types, table 42-1 */
#define BY_SENSOR    0x6f

#define UPPER 0x38
#define LOWER 0x07

#define NON_LINEAR 0x70

static const struct sim_sensor_kind sim_kinds[SIM_SENSORS] = {
		[SIM_CPU0_TEMP] = {"CPU0_TEMP", 3, 1, TEMPERATURE, BY_THRESHOLD, 1, .m = 1,
				.readable = UPPER, .thresholds = {0, 0, 0, 85, 95, 100}},
		[SIM_CPU1_TEMP] = {"CPU1_TEMP", 3, 2, TEMPERATURE, BY_THRESHOLD, 1, .m = 1,
				.readable = UPPER, .thresholds = {0, 0, 0, 85, 95, 100}},
		/* Half degrees, below zero too. */
		[SIM_INLET_TEMP] = {"INLET_TEMP", 64, 1, TEMPERATURE, BY_THRESHOLD, 1,
				.is_signed = true, .standby = true, .m = 5, .exponent = -1,
				.readable = UPPER, .thresholds = {0, 0, 0, 38, 42, 47}},
		[SIM_DIMM_TEMP] = {"DIMM_TEMP", 32, 1, TEMPERATURE, BY_THRESHOLD, 1, .m = 1,
				.readable = UPPER, .thresholds = {0, 0, 0, 80, 85, 90}},
		[SIM_FAN1] = {"FAN1", 29, 1, FAN, BY_THRESHOLD, 18, .m = 1, .exponent = 2,
				.readable = LOWER, .thresholds = {1500, 1000, 500}},
		/* Steps of 50 up to 6400, then of 100. */
		[SIM_FAN2] = {"FAN2", 29, 2, FAN, BY_THRESHOLD, 18, .linear = NON_LINEAR, .m = 50,
				.readable = LOWER, .thresholds = {1500, 1000, 500}},
		[SIM_12V] = {"12V", 7, 1, VOLTAGE, BY_THRESHOLD, 4, .m = 6, .exponent = -2,
				.readable = LOWER | UPPER,
				.thresholds = {11.4, 10.8, 10.2, 12.6, 13.2, 13.8}},
		/* From 1 V on: the offset has an exponent of its own. */
		[SIM_5V] = {"5V", 7, 1, VOLTAGE, BY_THRESHOLD, 4, .m = 24, .b = 1, .b_exponent = 3,
				.exponent = -3, .readable = LOWER | UPPER,
				.thresholds = {4.75, 4.5, 4.25, 5.25, 5.5, 5.75}},
		[SIM_3V3] = {"3V3", 7, 1, VOLTAGE, BY_THRESHOLD, 4, .m = 16, .exponent = -3,
				.readable = LOWER | UPPER,
				.thresholds = {3.14, 2.97, 2.8, 3.46, 3.63, 3.8}},
		[SIM_SYS_PWR] = {"SYS_PWR", 7, 1, OTHER_UNITS, BY_THRESHOLD, 6, .standby = true,
				.m = 40, .exponent = -1},
		[SIM_PSU] = {"PSU1", 10, 1, POWER_SUPPLY, BY_SENSOR, .discrete = true,
				.standby = true},
		[SIM_PWR_STATE] = {"PWR_STATE", 7, 1, ACPI_STATE, BY_SENSOR, .discrete = true,
				.standby = true},
};

const struct sim_sensor_kind *sim_sensor_kind(enum sim_sensor sensor)
{
	return &sim_kinds[sensor];
}

/* --- Conversion --- */

void sim_sensor_factors(enum sim_sensor sensor, uint8_t raw, struct sim_factors *out)
{
	const struct sim_sensor_kind *kind = &sim_kinds[sensor];

	*out = (struct sim_factors){kind->m, kind->b, kind->b_exponent, kind->exponent, 0xff};
	if (kind->linear != NON_LINEAR)
		return;
	if (raw < 0x80)
		out->next = 0x80;
	else
		*out = (struct sim_factors){2 * kind->m, -64, 2, 0, 0xff};
}

static double sim_power_of_ten(int exponent)
{
	double power = 1;

	for (; exponent > 0; exponent--)
		power *= 10;
	for (; exponent < 0; exponent++)
		power /= 10;
	return power;
}

uint8_t sim_sensor_raw(enum sim_sensor sensor, double value)
{
	const struct sim_sensor_kind *kind = &sim_kinds[sensor];
	int least = kind->is_signed ? -128 : 0, most = kind->is_signed ? 127 : 255;
	struct sim_factors factors;
	double x;

	sim_sensor_factors(sensor, 0, &factors);
	if (kind->linear == NON_LINEAR && value >= 128.0 * kind->m)
		sim_sensor_factors(sensor, 0x80, &factors);
	x = value / sim_power_of_ten(factors.exponent);
	x = (x - factors.b * sim_power_of_ten(factors.b_exponent)) / factors.m;
	x = x < 0 ? x - 0.5 : x + 0.5;
	return (uint8_t)(x < least ? least : x > most ? most : (int)x);
}

uint8_t sim_sensor_crossed(enum sim_sensor sensor, uint8_t raw)
{
	const struct sim_sensor_kind *kind = &sim_kinds[sensor];
	int reading = kind->is_signed ? (int8_t)raw : raw;
	uint8_t crossed = 0;

	for (int i = 0; i < SIM_THRESHOLDS; i++) {
		uint8_t byte = sim_sensor_raw(sensor, kind->thresholds[i]);
		int limit = kind->is_signed ? (int8_t)byte : byte;

		if (!(kind->readable >> i & 1))
			continue;
		if (i < 3 ? reading <= limit : reading >= limit)
			crossed |= (uint8_t)(1 << i);
	}
	return crossed;
}

/* --- What they measure --- */

static double sim_first_cpu(const struct sim_bmc *bmc)
{
	double truly = bmc->hot[0];

	if (sim_bmc_has(bmc, SIM_BMC_STUCK))
		return bmc->stuck;
	if (sim_bmc_has(bmc, SIM_BMC_DRIFTS))
		truly += (double)(bmc->now - bmc->drifts_since) / 60000;
	return truly;
}

double sim_sensor_value(const struct sim_bmc *bmc, enum sim_sensor sensor)
{
	double load = plant_power(bmc->plant, bmc->node) / 1000;

	switch (sensor) {
	case SIM_CPU0_TEMP:
		return sim_first_cpu(bmc);
	case SIM_CPU1_TEMP:
		return bmc->hot[1];
	case SIM_INLET_TEMP:
		return bmc->inlet;
	case SIM_DIMM_TEMP:
		return bmc->hot[2];
	case SIM_FAN1:
		return 600 + 100 * bmc->hot[0];
	case SIM_FAN2:
		return 840 + 90 * bmc->hot[1];
	case SIM_12V:
		return 12.1 - 0.2 * load;
	case SIM_5V:
		return 5.05 - 0.05 * load;
	case SIM_3V3:
		return 3.32 - 0.03 * load;
	case SIM_SYS_PWR:
		return plant_measure(bmc->plant, bmc->node);
	default:
		return 0;
	}
}

bool sim_sensor_available(const struct sim_bmc *bmc, enum sim_sensor sensor)
{
	return bmc->on || sim_kinds[sensor].standby;
}

/* --- Commands, netfn 04h --- */

static uint8_t sim_get_factors(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	struct sim_factors factors;

	(void)bmc;
	(void)length;
	if (data[0] < 1 || data[0] > SIM_SENSORS)
		return SIM_NOT_PRESENT;
	if (sim_kinds[data[0] - 1].discrete)
		return SIM_INVALID;
	sim_sensor_factors((enum sim_sensor)(data[0] - 1), data[1], &factors);
	sim_put8(out, factors.next);
	sim_put8(out, factors.m & 0xff);
	sim_put8(out, (unsigned int)factors.m >> 2 & 0xc0);
	sim_put8(out, factors.b & 0xff);
	sim_put8(out, (unsigned int)factors.b >> 2 & 0xc0);
	sim_put8(out, 0);
	sim_put8(out, (factors.exponent & 15) << 4 | (factors.b_exponent & 15));
	return SIM_OK;
}

static uint8_t sim_get_thresholds(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	const struct sim_sensor_kind *kind;

	(void)bmc;
	(void)length;
	if (data[0] < 1 || data[0] > SIM_SENSORS)
		return SIM_NOT_PRESENT;
	kind = &sim_kinds[data[0] - 1];
	if (kind->discrete)
		return SIM_INVALID;
	sim_put8(out, kind->readable);
	for (int i = 0; i < SIM_THRESHOLDS; i++) {
		enum sim_sensor sensor = (enum sim_sensor)(data[0] - 1);

		sim_put8(out, kind->readable >> i & 1 ? sim_sensor_raw(sensor, kind->thresholds[i])
						      : 0);
	}
	return SIM_OK;
}

static uint8_t sim_get_reading(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	enum sim_sensor sensor = (enum sim_sensor)(data[0] - 1);
	uint8_t raw;

	(void)length;
	if (data[0] < 1 || data[0] > SIM_SENSORS)
		return SIM_NOT_PRESENT;
	if (sensor == SIM_CPU0_TEMP && sim_bmc_has(bmc, SIM_BMC_DEAD))
		return SIM_NO_ANSWER;
	if (sim_kinds[sensor].discrete) {
		unsigned int states = 1; /* supply present; S0, working */

		if (sensor == SIM_PWR_STATE && !bmc->on)
			states = 1 << 6; /* S4/S5, soft-off */
		sim_put8(out, 0);
		sim_put8(out, 0xc0);
		sim_put16(out, 0x8000 | states);
		return SIM_OK;
	}
	if (!sim_sensor_available(bmc, sensor)) {
		sim_put8(out, 0);
		sim_put8(out, 0xe0); /* events and scanning are on, the reading is unavailable */
		sim_put8(out, 0xc0);
		return SIM_OK;
	}
	raw = sim_sensor_raw(sensor, sim_sensor_value(bmc, sensor));
	sim_put8(out, raw);
	sim_put8(out, 0xc0);
	sim_put8(out, 0xc0 | sim_sensor_crossed(sensor, raw));
	return SIM_OK;
}

static uint8_t sim_get_type(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)bmc;
	(void)length;
	if (data[0] < 1 || data[0] > SIM_SENSORS)
		return SIM_NOT_PRESENT;
	sim_put8(out, sim_kinds[data[0] - 1].type);
	sim_put8(out, sim_kinds[data[0] - 1].event_type);
	return SIM_OK;
}

const struct sim_command sim_sensor_commands[] = {
		{0x04, 0x23, 2, 2, sim_get_factors},
		{0x04, 0x27, 1, 1, sim_get_thresholds},
		{0x04, 0x2d, 1, 1, sim_get_reading},
		{0x04, 0x2f, 1, 1, sim_get_type},
		{.answer = NULL},
};
