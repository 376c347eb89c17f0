/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "sim/bmc_part.h"

#define EVENTS_EVERY 1000  /* ms */
#define SOFT_TAKES   10000 /* ms, the operating system's way down */
#define CYCLE_TAKES  5000  /* ms without power */
#define WARMS_IN     20000 /* ms, the time constant of processors and memory */

/* --- Identity --- */

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators". */
static uint64_t sim_bmc_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static void sim_bmc_identify(struct sim_bmc *bmc, uint32_t seed)
{
	uint64_t state = seed;

	for (size_t i = 0; i < sizeof(bmc->guid); i++)
		bmc->guid[i] = (uint8_t)sim_bmc_random(&state);
	/* A random one, RFC 4122, in the order of IPMI 2.0 table 20-10: the least byte first. */
	bmc->guid[9] = (uint8_t)(0x40 | (bmc->guid[9] & 0x0f));
	bmc->guid[7] = (uint8_t)(0x80 | (bmc->guid[7] & 0x3f));
	for (int i = 0; i < 3; i++)
		bmc->differs[i] = 0.95 + (double)(sim_bmc_random(&state) % 101) / 1000;
}

static void sim_bmc_begin(struct sim_bmc *bmc, uint32_t seed)
{
	sim_bmc_identify(bmc, seed);
	bmc->log = (struct sim_log){.first = 0};
	memset(bmc->crossed, 0, sizeof(bmc->crossed));
	bmc->off_at = bmc->on_at = -1;
	bmc->light_until = 0;
	bmc->limit = 0;
	bmc->action = 0;
	bmc->correction = 1000;
	bmc->sampling = 1;
	bmc->energy = bmc->most = 0;
	bmc->least = 65535;
	bmc->measured = 0;
}

struct sim_bmc *sim_bmc_new(struct plant *plant, size_t node, uint32_t seed)
{
	struct sim_bmc *bmc = calloc(1, sizeof(*bmc));

	if (!bmc)
		return NULL;
	bmc->plant = plant;
	bmc->node = node;
	bmc->on = true;
	bmc->inlet = 24;
	for (int i = 0; i < 3; i++)
		bmc->hot[i] = bmc->inlet;
	bmc->flow = 1;
	sim_bmc_begin(bmc, seed);
	return bmc;
}

void sim_bmc_replace(struct sim_bmc *bmc, uint32_t seed)
{
	plant_reset(bmc->plant, bmc->node);
	sim_bmc_begin(bmc, seed);
}

const uint8_t *sim_bmc_guid(const struct sim_bmc *bmc)
{
	return bmc->guid;
}

void sim_bmc_free(struct sim_bmc *bmc)
{
	free(bmc);
}

/* --- Power --- */

static void sim_bmc_switch(struct sim_bmc *bmc, bool on)
{
	/* S0 or soft-off, table 42-3, type 22h. */
	const uint8_t data[3] = {on ? 0x00 : 0x06, 0xff, 0xff};

	bmc->off_at = -1;
	if (bmc->on == on)
		return;
	bmc->on = on;
	bmc->last_power = on ? 0x10 : 0x00; /* on by command */
	plant_switch(bmc->plant, bmc->node, on);
	sim_log_event(bmc, SIM_PWR_STATE, false, data);
}

bool sim_bmc_is_on(const struct sim_bmc *bmc)
{
	return bmc->on;
}

/* --- Time --- */

/* Half as much air, and it gets hotter by not quite twice as much; some heat leaves without. Heat
 * sinks take their time, for warmer air too. */
static void sim_bmc_warm(struct sim_bmc *bmc, int ms)
{
	static const double parts[3] = {1, 1.05, 0.6};
	double flow = bmc->flow > 0.05 ? bmc->flow : 0.05;
	double most = plant_power(bmc->plant, bmc->node) * (0.04 + 0.025 / flow);
	double part = (double)ms / WARMS_IN;

	for (int i = 0; i < 3; i++) {
		double target = bmc->inlet + most * parts[i] * bmc->differs[i];

		bmc->hot[i] += (target - bmc->hot[i]) * (part < 1 ? part : 1);
	}
}

static void sim_bmc_count(struct sim_bmc *bmc, int ms)
{
	double power = plant_power(bmc->plant, bmc->node);

	bmc->least = power < bmc->least ? power : bmc->least;
	bmc->most = power > bmc->most ? power : bmc->most;
	bmc->energy += power * ms;
	bmc->measured += ms;
}

/* Events of thresholds, IPMI 2.0 table 42-2: the offset, with the reading and the threshold. */
static void sim_bmc_look_at(struct sim_bmc *bmc, enum sim_sensor sensor)
{
	static const uint8_t offsets[SIM_THRESHOLDS] = {0, 2, 4, 7, 9, 11};
	const struct sim_sensor_kind *kind = sim_sensor_kind(sensor);
	double value = sim_sensor_value(bmc, sensor);
	uint8_t raw = sim_sensor_raw(sensor, value);
	uint8_t crossed = sim_sensor_crossed(sensor, raw);

	for (int i = 3; i < SIM_THRESHOLDS; i++) {
		uint8_t bit = (uint8_t)(1 << i);
		const uint8_t data[3] = {0x50 | offsets[i], raw,
				sim_sensor_raw(sensor, kind->thresholds[i])};

		/* It has to fall by two degrees for the event to have passed. */
		if (bmc->crossed[sensor] & bit && value > kind->thresholds[i] - 2)
			crossed |= bit;
		if ((crossed ^ bmc->crossed[sensor]) & bit)
			sim_log_event(bmc, sensor, !(crossed & bit), data);
	}
	bmc->crossed[sensor] = crossed;
}

void sim_bmc_pass(struct sim_bmc *bmc, int ms, double inlet)
{
	bmc->now += ms;
	bmc->inlet = inlet;
	if (bmc->off_at >= 0 && bmc->off_at <= bmc->now)
		sim_bmc_switch(bmc, false);
	if (bmc->on_at >= 0 && bmc->on_at <= bmc->now) {
		bmc->on_at = -1;
		sim_bmc_switch(bmc, true);
	}
	sim_bmc_warm(bmc, ms);
	sim_bmc_count(bmc, ms);
	if (bmc->now < bmc->next)
		return;
	bmc->next = bmc->now + EVENTS_EVERY;
	for (int sensor = SIM_CPU0_TEMP; sensor <= SIM_DIMM_TEMP; sensor++)
		if (sim_sensor_available(bmc, (enum sim_sensor)sensor))
			sim_bmc_look_at(bmc, (enum sim_sensor)sensor);
}

void sim_bmc_air(struct sim_bmc *bmc, double flow)
{
	bmc->flow = flow;
}

double sim_bmc_temperature(const struct sim_bmc *bmc)
{
	return bmc->hot[0] > bmc->hot[1] ? bmc->hot[0] : bmc->hot[1];
}

void sim_bmc_fault(struct sim_bmc *bmc, enum sim_bmc_fault fault, bool on)
{
	if (on && !sim_bmc_has(bmc, fault)) {
		if (fault == SIM_BMC_STUCK)
			bmc->stuck = sim_sensor_value(bmc, SIM_CPU0_TEMP);
		if (fault == SIM_BMC_DRIFTS)
			bmc->drifts_since = bmc->now;
	}
	bmc->faults &= ~(1u << fault);
	bmc->faults |= (unsigned int)on << fault;
}

/* --- Commands: application, netfn 06h --- */

static uint8_t sim_device_id(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)bmc;
	(void)data;
	(void)length;
	sim_put8(out, 0x20);
	sim_put8(out, 0x81); /* revision 1; it has sensor data records */
	sim_put8(out, 0x01); /* firmware 1.05, in normal operation */
	sim_put8(out, 0x05);
	sim_put8(out, 0x02);    /* IPMI 2.0 */
	sim_put8(out, 0x87);    /* chassis, event log, record repository, sensors */
	sim_put16(out, 0x7ed9); /* the enterprise of examples, RFC 5612 */
	sim_put8(out, 0x00);
	sim_put16(out, 0x0001);
	return SIM_OK;
}

/* It forgets its limit, and what was reserved. */
static uint8_t sim_cold_reset(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)data;
	(void)length;
	(void)out;
	plant_reset(bmc->plant, bmc->node);
	bmc->limit = 0;
	bmc->sdr_reservation++;
	bmc->log.reservation++;
	return SIM_OK;
}

static uint8_t sim_self_test(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)bmc;
	(void)data;
	(void)length;
	sim_put16(out, 0x0055); /* no error */
	return SIM_OK;
}

static uint8_t sim_guid(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)data;
	(void)length;
	for (size_t i = 0; i < sizeof(bmc->guid); i++)
		sim_put8(out, bmc->guid[i]);
	return SIM_OK;
}

/* --- Chassis, netfn 00h --- */

static uint8_t sim_chassis_status(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	unsigned int light = bmc->light_until < 0 ? 2 : bmc->light_until > bmc->now ? 1 : 0;

	(void)data;
	(void)length;
	sim_put8(out, 0x20u | bmc->on); /* after a power failure it is as before */
	sim_put8(out, bmc->last_power);
	sim_put8(out, 0x40 | light << 4);
	return SIM_OK;
}

static uint8_t sim_chassis_control(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	(void)length;
	(void)out;
	switch (data[0] & 0x0f) {
	case 0:
		bmc->on_at = -1;
		sim_bmc_switch(bmc, false);
		return SIM_OK;
	case 1:
		bmc->on_at = -1;
		sim_bmc_switch(bmc, true);
		return SIM_OK;
	case 2:
		if (!bmc->on)
			return SIM_NOT_NOW;
		sim_bmc_switch(bmc, false);
		bmc->on_at = bmc->now + CYCLE_TAKES;
		return SIM_OK;
	case 3:
		return bmc->on ? SIM_OK : SIM_NOT_NOW;
	case 5:
		if (!bmc->on)
			return SIM_NOT_NOW;
		bmc->off_at = bmc->now + SOFT_TAKES;
		return SIM_OK;
	default:
		return SIM_INVALID;
	}
}

static uint8_t sim_chassis_identify(
		struct sim_bmc *bmc, const uint8_t *data, size_t length, struct sim_answer *out)
{
	int64_t seconds = length ? data[0] : 15;

	(void)out;
	bmc->light_until = length > 1 && data[1] & 1 ? -1 : bmc->now + seconds * 1000;
	return SIM_OK;
}

static const struct sim_command sim_own_commands[] = {
		{0x00, 0x01, 0, 0, sim_chassis_status},
		{0x00, 0x02, 1, 1, sim_chassis_control},
		{0x00, 0x04, 0, 2, sim_chassis_identify},
		{0x06, 0x01, 0, 0, sim_device_id},
		{0x06, 0x02, 0, 0, sim_cold_reset},
		{0x06, 0x04, 0, 0, sim_self_test},
		{0x06, 0x08, 0, 0, sim_guid},
		{0x06, 0x37, 0, 0, sim_guid},
		{.answer = NULL},
};

/* --- All --- */

static const struct sim_command *sim_bmc_find(uint8_t netfn, uint8_t command)
{
	const struct sim_command *const all[] = {sim_own_commands, sim_sensor_commands,
			sim_record_commands, sim_log_commands, sim_power_commands};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (const struct sim_command *one = all[i]; one->answer; one++)
			if (one->netfn == netfn && one->command == command)
				return one;
	return NULL;
}

size_t sim_bmc_ask(struct sim_bmc *bmc, uint8_t netfn, uint8_t command, const uint8_t *data,
		size_t length, uint8_t answer[SIM_BMC_ANSWER_MAX])
{
	const struct sim_command *found = sim_bmc_find(netfn, command);
	struct sim_answer out = {.bytes = answer + 1};

	if (!found)
		answer[0] = SIM_UNKNOWN_COMMAND;
	else if (length < found->least || length > found->most)
		answer[0] = SIM_WRONG_LENGTH;
	else if (netfn == 0x2c && data[0] != SIM_GROUP_DCMI)
		answer[0] = SIM_UNKNOWN_COMMAND;
	else
		answer[0] = found->answer(bmc, data, length, &out);
	return 1 + out.size;
}
