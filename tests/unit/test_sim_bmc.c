/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated BMC: what it says, read by the rack's own parsers, is what the plant does. */
#include <glib.h>
#include <math.h>
#include <string.h>
#include "rack/sdr.h"
#include "sim/bmc.h"

#define DCMI     0xdc
#define RECORDS  16
#define RECORD   80
#define LEAST_W  110
#define PEAK_W   420
#define SENSOR   0x04
#define APP      0x06
#define STORAGE  0x0a
#define GROUP    0x2c
#define CHASSIS  0x00
#define ASK(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

struct rig {
	struct plant *plant;
	struct sim_bmc *bmc;
	uint8_t answer[SIM_BMC_ANSWER_MAX];
	size_t size;
	struct sdr_sensor sensors[RECORDS];
	size_t count;
};

/* Its demand is at its peak from 100 s on. */
static void rig_open(struct rig *rig)
{
	const struct plant_settings settings = {.nodes = 2,
			.trace = PLANT_STEP,
			.seed = 7,
			.idle = LEAST_W,
			.peak = PEAK_W,
			.load_ms = 1000,
			.actuate_least_ms = 500,
			.actuate_most_ms = 2000};

	memset(rig, 0, sizeof(*rig));
	rig->plant = plant_new(&settings);
	rig->bmc = sim_bmc_new(rig->plant, 1, 42);
}

static void rig_close(struct rig *rig)
{
	sim_bmc_free(rig->bmc);
	plant_free(rig->plant);
}

static void rig_pass(struct rig *rig, int seconds)
{
	for (int i = 0; i < seconds * 10; i++) {
		plant_pass(rig->plant, 100);
		sim_bmc_pass(rig->bmc, 100, 24);
	}
}

/* The completion code. */
static uint8_t rig_ask(
		struct rig *rig, uint8_t netfn, uint8_t command, const uint8_t *data, size_t length)
{
	memset(rig->answer, 0xee, sizeof(rig->answer));
	rig->size = sim_bmc_ask(rig->bmc, netfn, command, data, length, rig->answer);
	g_assert_cmpuint(rig->size, >=, 1);
	g_assert_cmpuint(rig->size, <=, SIM_BMC_ANSWER_MAX);
	return rig->answer[0];
}

/* Returns the record's size; next: the one behind it. */
static size_t rig_record(struct rig *rig, unsigned int id, unsigned int part, uint8_t *record,
		unsigned int *next)
{
	size_t size = 0, whole = 5;
	uint8_t low, high;

	g_assert_cmpuint(rig_ask(rig, STORAGE, 0x22, NULL, 0), ==, 0);
	low = rig->answer[1];
	high = rig->answer[2];
	while (size < whole) {
		uint8_t count = (uint8_t)MIN(part, whole - size);

		g_assert_cmpuint(rig_ask(rig, STORAGE, 0x23,
						 ASK(low, high, id & 0xff, (uint8_t)(id >> 8),
								 (uint8_t)size, count)),
				==, 0);
		g_assert_cmpuint(rig->size, ==, 3u + count);
		*next = rig->answer[1] | (unsigned int)rig->answer[2] << 8;
		memcpy(record + size, rig->answer + 3, count);
		size += count;
		if (size >= 5)
			whole = 5u + record[4];
		g_assert_cmpuint(whole, <=, RECORD);
	}
	return size;
}

static void rig_sensors(struct rig *rig)
{
	unsigned int id = 0, next = 0;

	for (rig->count = 0; id != 0xffff; id = next) {
		uint8_t record[RECORD];
		size_t size = rig_record(rig, id, 16, record, &next);

		g_assert_cmpuint(rig->count, <, RECORDS);
		g_assert_true(sdr_read(record, size, &rig->sensors[rig->count++]));
	}
}

static const struct sdr_sensor *rig_sensor(const struct rig *rig, const char *name)
{
	for (size_t i = 0; i < rig->count; i++)
		if (g_str_equal(rig->sensors[i].name, name))
			return &rig->sensors[i];
	g_error("no sensor %s", name);
}

static void rig_read(struct rig *rig, const char *name, struct sdr_reading *out)
{
	struct sdr_sensor sensor = *rig_sensor(rig, name);
	uint8_t code = rig_ask(rig, SENSOR, 0x2d, ASK(sensor.number));
	uint8_t reading[4];
	size_t size = rig->size - 1;

	memcpy(reading, rig->answer + 1, 4);
	if (sensor.linear >= 0x70) {
		/* As a record of its own, with the factors of this reading (35.5). */
		const uint8_t *f = rig->answer + 1;

		g_assert_cmpuint(rig_ask(rig, SENSOR, 0x23, ASK(sensor.number, reading[0])), ==, 0);
		sensor.linear = 0;
		sensor.m = f[1] | (f[2] & 0xc0) << 2;
		sensor.b = f[3] | (f[4] & 0xc0) << 2;
		sensor.m -= sensor.m & 0x200 ? 0x400 : 0;
		sensor.b -= sensor.b & 0x200 ? 0x400 : 0;
		sensor.exponent = (f[6] >> 4) - (f[6] & 0x80 ? 16 : 0);
		sensor.b_exponent = (f[6] & 15) - (f[6] & 8 ? 16 : 0);
	}
	sdr_reading(&sensor, code ? NULL : reading, code ? 0 : size, out);
}

static double rig_value(struct rig *rig, const char *name)
{
	struct sdr_reading reading;

	rig_read(rig, name, &reading);
	g_assert_cmpint(reading.availability, ==, SDR_READING_GOOD);
	return reading.value;
}

/* --- Sensors --- */

static void test_records_are_read_in_parts_of_any_size(void)
{
	struct rig rig;
	uint8_t whole[RECORD], parts[RECORD];
	unsigned int next;
	size_t size;

	rig_open(&rig);
	rig_sensors(&rig);
	g_assert_cmpuint(rig.count, ==, 12);
	size = rig_record(&rig, 3, 32, whole, &next);
	for (unsigned int part = 1; part <= 32; part++) {
		g_assert_cmpuint(rig_record(&rig, 3, part, parts, &next), ==, size);
		g_assert_cmpmem(parts, size, whole, size);
		g_assert_cmpuint(next, ==, 4);
	}
	/* Without its reservation, behind the end, too much at once, one that is not there. */
	g_assert_cmpuint(rig_ask(&rig, STORAGE, 0x23, ASK(0, 0, 3, 0, 5, 4)), ==, 0xc5);
	g_assert_cmpuint(rig_ask(&rig, STORAGE, 0x23, ASK(0, 0, 3, 0, 0, 0xff)), ==, 0xca);
	g_assert_cmpuint(rig_ask(&rig, STORAGE, 0x23, ASK(0, 0, 99, 0, 0, 5)), ==, 0xcb);
	rig_ask(&rig, STORAGE, 0x22, NULL, 0);
	g_assert_cmpuint(rig_ask(&rig, STORAGE, 0x23,
					 ASK(rig.answer[1], rig.answer[2], 3, 0, 200, 4)),
			==, 0xc9);
	rig_close(&rig);
}

static void test_sensors_tell_the_truth_within_a_step(void)
{
	struct rig rig;

	rig_open(&rig);
	rig_sensors(&rig);
	rig_pass(&rig, 5); /* between the changes of its load */
	for (int i = 0; i < 20; i++) {
		double cpu = fmax(rig_value(&rig, "CPU0_TEMP"), rig_value(&rig, "CPU1_TEMP"));
		double power = rig_value(&rig, "SYS_PWR");

		g_assert_cmpfloat(fabs(cpu - sim_bmc_temperature(rig.bmc)), <=, 0.5);
		g_assert_cmpfloat(fabs(power - plant_power(rig.plant, 1)), <=, 2.5 + 0.02 * power);
		g_assert_cmpfloat(fabs(rig_value(&rig, "INLET_TEMP") - 24), <=, 0.25);
		g_assert_cmpfloat(fabs(rig_value(&rig, "12V") - 12.1), <=, 0.2);
		g_assert_cmpfloat(fabs(rig_value(&rig, "5V") - 5.05), <=, 0.05);
		g_assert_cmpfloat(fabs(rig_value(&rig, "3V3") - 3.32), <=, 0.03);
		g_assert_cmpfloat(fabs(rig_value(&rig, "FAN1") - 3000), <=, 4000);
		g_assert_cmpfloat(fabs(rig_value(&rig, "FAN2") - 3000), <=, 4000);
		rig_pass(&rig, 10);
	}
	g_assert_cmpint(rig_sensor(&rig, "SYS_PWR")->unit, ==, SDR_UNIT_WATT);
	g_assert_cmpint(rig_sensor(&rig, "FAN1")->unit, ==, SDR_UNIT_RPM);
	rig_close(&rig);
}

/* Both kinds of factors are used: the fan of the node turns faster with less air. */
static void test_factors_follow_the_reading(void)
{
	struct rig rig;
	double slow, fast;

	rig_open(&rig);
	rig_sensors(&rig);
	slow = rig_value(&rig, "FAN2");
	sim_bmc_air(rig.bmc, 0.15);
	rig_pass(&rig, 300);
	fast = rig_value(&rig, "FAN2");
	g_assert_cmpfloat(slow, <, 6400);
	g_assert_cmpfloat(fast, >, 6400);
	g_assert_cmpfloat(fabs(fast - 3000 - 90 * (rig_value(&rig, "CPU1_TEMP") - 24)), <=, 150);
	rig_close(&rig);
}

static void test_heat_crosses_thresholds_and_is_logged_once(void)
{
	struct rig rig;
	struct sdr_reading reading;
	unsigned int entries;

	rig_open(&rig);
	rig_sensors(&rig);
	rig_pass(&rig, 200);
	rig_ask(&rig, STORAGE, 0x40, NULL, 0);
	g_assert_cmpuint(rig.answer[2], ==, 0);
	sim_bmc_air(rig.bmc, 0.15);
	rig_pass(&rig, 150);
	rig_read(&rig, "CPU1_TEMP", &reading);
	g_assert_cmpuint(reading.state, ==,
			1 << SDR_UPPER_WARNING | 1 << SDR_UPPER_CRITICAL | 1 << SDR_UPPER_FATAL);
	rig_ask(&rig, STORAGE, 0x40, NULL, 0);
	entries = rig.answer[2];
	g_assert_cmpuint(entries, >=, 6);
	rig_pass(&rig, 10);
	rig_ask(&rig, STORAGE, 0x40, NULL, 0);
	g_assert_cmpuint(rig.answer[2], ==, entries);
	/* The first: a temperature at its upper warning. */
	g_assert_cmpuint(rig_ask(&rig, STORAGE, 0x43, ASK(0, 0, 0, 0, 0, 0xff)), ==, 0);
	g_assert_cmpuint(rig.size, ==, 19);
	g_assert_cmpuint(rig.answer[3 + 10], ==, 0x01);
	g_assert_cmpuint(rig.answer[3 + 12], ==, 0x01);
	g_assert_cmpuint(rig.answer[3 + 13], ==, 0x57);
	/* It passes again. */
	sim_bmc_air(rig.bmc, 1);
	rig_pass(&rig, 100);
	g_assert_cmpuint(rig_ask(&rig, STORAGE, 0x43, ASK(0, 0, 0xff, 0xff, 0, 0xff)), ==, 0);
	g_assert_cmpuint(rig.answer[1] | rig.answer[2] << 8, ==, 0xffff);
	g_assert_cmpuint(rig.answer[3 + 12], ==, 0x81);
	rig_close(&rig);
}

static void test_faults_are_seen_by_their_sensor(void)
{
	struct rig rig;
	struct sdr_reading reading;
	double before;

	rig_open(&rig);
	rig_sensors(&rig);
	rig_pass(&rig, 90);
	before = rig_value(&rig, "CPU0_TEMP");
	sim_bmc_fault(rig.bmc, SIM_BMC_STUCK, true);
	rig_pass(&rig, 100);
	g_assert_cmpfloat(rig_value(&rig, "CPU0_TEMP"), ==, before);
	g_assert_cmpfloat(rig_value(&rig, "CPU1_TEMP"), >, before + 8);
	sim_bmc_fault(rig.bmc, SIM_BMC_STUCK, false);
	before = rig_value(&rig, "CPU0_TEMP");
	sim_bmc_fault(rig.bmc, SIM_BMC_DRIFTS, true);
	rig_pass(&rig, 180);
	g_assert_cmpfloat(fabs(rig_value(&rig, "CPU0_TEMP") - before - 3), <=, 1);
	sim_bmc_fault(rig.bmc, SIM_BMC_DRIFTS, false);
	sim_bmc_fault(rig.bmc, SIM_BMC_DEAD, true);
	rig_read(&rig, "CPU0_TEMP", &reading);
	g_assert_cmpint(reading.availability, ==, SDR_READING_BAD);
	sim_bmc_fault(rig.bmc, SIM_BMC_DEAD, false);
	sim_bmc_fault(rig.bmc, SIM_BMC_NO_POWER, true);
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x02, ASK(DCMI, 1, 0, 0)), !=, 0);
	sim_bmc_fault(rig.bmc, SIM_BMC_NO_POWER, false);
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x02, ASK(DCMI, 1, 0, 0)), ==, 0);
	rig_close(&rig);
}

/* --- Chassis --- */

static bool rig_is_on(struct rig *rig)
{
	g_assert_cmpuint(rig_ask(rig, CHASSIS, 0x01, NULL, 0), ==, 0);
	g_assert_true((rig->answer[1] & 1) == sim_bmc_is_on(rig->bmc));
	return rig->answer[1] & 1;
}

static void test_the_chassis_obeys(void)
{
	struct rig rig;
	struct sdr_reading reading;

	rig_open(&rig);
	rig_sensors(&rig);
	rig_pass(&rig, 10);
	g_assert_true(rig_is_on(&rig));
	g_assert_cmpuint(rig_ask(&rig, CHASSIS, 0x02, ASK(0)), ==, 0);
	rig_pass(&rig, 10);
	g_assert_false(rig_is_on(&rig));
	g_assert_cmpfloat(plant_power(rig.plant, 1), <, 2);
	rig_read(&rig, "CPU0_TEMP", &reading);
	g_assert_cmpint(reading.availability, ==, SDR_READING_NONE);
	g_assert_cmpfloat(fabs(rig_value(&rig, "INLET_TEMP") - 24), <=, 0.25);
	rig_read(&rig, "PWR_STATE", &reading);
	g_assert_cmpuint(reading.states, ==, 1 << 6);
	/* Neither resets nor cycles what is off. */
	g_assert_cmpuint(rig_ask(&rig, CHASSIS, 0x02, ASK(2)), ==, 0xd5);
	g_assert_cmpuint(rig_ask(&rig, CHASSIS, 0x02, ASK(3)), ==, 0xd5);
	g_assert_cmpuint(rig_ask(&rig, CHASSIS, 0x02, ASK(5)), ==, 0xd5);
	g_assert_cmpuint(rig_ask(&rig, CHASSIS, 0x02, ASK(1)), ==, 0);
	g_assert_true(rig_is_on(&rig));
	rig_ask(&rig, STORAGE, 0x40, NULL, 0);
	g_assert_cmpuint(rig.answer[2], ==, 2); /* off and on are in the log */
	g_assert_cmpuint(rig_ask(&rig, CHASSIS, 0x02, ASK(2)), ==, 0);
	g_assert_false(rig_is_on(&rig));
	rig_pass(&rig, 6);
	g_assert_true(rig_is_on(&rig));
	g_assert_cmpuint(rig_ask(&rig, CHASSIS, 0x02, ASK(5)), ==, 0);
	rig_pass(&rig, 5);
	g_assert_true(rig_is_on(&rig));
	rig_pass(&rig, 6);
	g_assert_false(rig_is_on(&rig));
	g_assert_cmpuint(rig_ask(&rig, CHASSIS, 0x04, ASK(10)), ==, 0);
	rig_ask(&rig, CHASSIS, 0x01, NULL, 0);
	g_assert_cmpuint(rig.answer[3] & 0x70, ==, 0x50);
	rig_close(&rig);
}

/* --- Power --- */

static unsigned int rig_watts(const struct rig *rig, size_t at)
{
	return rig->answer[at] | (unsigned int)rig->answer[at + 1] << 8;
}

static uint8_t rig_limit(struct rig *rig, unsigned int watts)
{
	return rig_ask(rig, GROUP, 0x04,
			ASK(DCMI, 0, 0, 0, 0, watts & 0xff, (uint8_t)(watts >> 8), 0xe8, 3, 0, 0, 0,
					0, 1, 0));
}

static void test_limits_hold_while_they_are_active(void)
{
	struct rig rig;

	rig_open(&rig);
	rig_pass(&rig, 120);
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x02, ASK(DCMI, 1, 0, 0)), ==, 0);
	g_assert_cmpuint(rig.size, ==, 19);
	g_assert_cmpuint(rig_watts(&rig, 2), >=, PEAK_W * 98 / 100);
	g_assert_cmpuint(rig_watts(&rig, 4), <=, 150);
	g_assert_cmpuint(rig_watts(&rig, 6), >=, PEAK_W - 1);
	g_assert_cmpuint(rig.answer[18] & 0x40, ==, 0x40);
	/* No limit; none can be activated. */
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x03, ASK(DCMI, 0, 0)), ==, 0x80);
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x05, ASK(DCMI, 1, 0, 0)), ==, 0xd5);
	/* One that is set does nothing until it is activated. */
	g_assert_cmpuint(rig_limit(&rig, 250), ==, 0);
	rig_pass(&rig, 10);
	g_assert_cmpfloat(plant_power(rig.plant, 1), >, PEAK_W - 5);
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x05, ASK(DCMI, 1, 0, 0)), ==, 0);
	rig_pass(&rig, 10);
	g_assert_cmpfloat(plant_power(rig.plant, 1), <, 255);
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x03, ASK(DCMI, 0, 0)), ==, 0);
	g_assert_cmpuint(rig.size, ==, 15);
	g_assert_cmpuint(rig_watts(&rig, 5), ==, 250);
	/* Another takes its place at once. */
	g_assert_cmpuint(rig_limit(&rig, 300), ==, 0);
	rig_ask(&rig, GROUP, 0x03, ASK(DCMI, 0, 0));
	g_assert_cmpuint(rig_watts(&rig, 5), ==, 300);
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x05, ASK(DCMI, 0, 0, 0)), ==, 0);
	rig_pass(&rig, 10);
	g_assert_cmpfloat(plant_power(rig.plant, 1), >, PEAK_W - 5);
	g_assert_cmpuint(rig_limit(&rig, 5), ==, 0x84);
	g_assert_cmpuint(rig_limit(&rig, 60000), ==, 0x84);
	rig_close(&rig);
}

static void test_a_reset_bmc_has_forgotten_its_limit(void)
{
	struct rig rig;

	rig_open(&rig);
	rig_limit(&rig, 250);
	rig_ask(&rig, GROUP, 0x05, ASK(DCMI, 1, 0, 0));
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x03, ASK(DCMI, 0, 0)), ==, 0);
	g_assert_cmpuint(rig_ask(&rig, APP, 0x02, NULL, 0), ==, 0);
	g_assert_cmpuint(rig_ask(&rig, GROUP, 0x03, ASK(DCMI, 0, 0)), ==, 0x80);
	rig_close(&rig);
}

static void test_another_machine_has_another_guid(void)
{
	struct rig rig;
	uint8_t guid[16];

	rig_open(&rig);
	g_assert_cmpuint(rig_ask(&rig, APP, 0x37, NULL, 0), ==, 0);
	g_assert_cmpmem(rig.answer + 1, rig.size - 1, sim_bmc_guid(rig.bmc), 16);
	memcpy(guid, rig.answer + 1, 16);
	rig_ask(&rig, CHASSIS, 0x02, ASK(0));
	sim_bmc_replace(rig.bmc, 43);
	rig_ask(&rig, APP, 0x08, NULL, 0);
	g_assert_true(memcmp(guid, rig.answer + 1, 16) != 0);
	g_assert_cmpuint(rig_ask(&rig, STORAGE, 0x43, ASK(0, 0, 0, 0, 0, 0xff)), ==, 0xcb);
	rig_close(&rig);
}

/* --- Whatever is asked --- */

/* Sanitizers see to it that nothing behind the request is read. */
static void test_any_length_of_any_command_is_answered(void)
{
	struct rig rig;
	unsigned int known = 0;

	rig_open(&rig);
	g_assert_cmpuint(rig_ask(&rig, APP, 0x7f, NULL, 0), ==, 0xc1);
	g_assert_cmpuint(rig_ask(&rig, SENSOR, 0x2d, NULL, 0), ==, 0xc7);
	g_assert_cmpuint(rig_ask(&rig, SENSOR, 0x2d, ASK(77)), ==, 0xcb);
	for (unsigned int netfn = 0; netfn < 64; netfn++) {
		for (unsigned int command = 0; command < 256; command++) {
			for (size_t length = 0; length <= 20; length++) {
				g_autofree uint8_t *data = g_malloc(length);

				if (length)
					memset(data, DCMI, length);
				known += rig_ask(&rig, (uint8_t)netfn, (uint8_t)command, data,
							 length) != 0xc1;
			}
		}
	}
	g_assert_cmpuint(known, ==, 25 * 21);
	rig_close(&rig);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sim_bmc/records are read in parts of any size",
			test_records_are_read_in_parts_of_any_size);
	g_test_add_func("/sim_bmc/sensors tell the truth within a step",
			test_sensors_tell_the_truth_within_a_step);
	g_test_add_func("/sim_bmc/factors follow the reading", test_factors_follow_the_reading);
	g_test_add_func("/sim_bmc/heat crosses thresholds and is logged once",
			test_heat_crosses_thresholds_and_is_logged_once);
	g_test_add_func("/sim_bmc/faults are seen by their sensor",
			test_faults_are_seen_by_their_sensor);
	g_test_add_func("/sim_bmc/the chassis obeys", test_the_chassis_obeys);
	g_test_add_func("/sim_bmc/limits hold while they are active",
			test_limits_hold_while_they_are_active);
	g_test_add_func("/sim_bmc/a reset BMC has forgotten its limit",
			test_a_reset_bmc_has_forgotten_its_limit);
	g_test_add_func("/sim_bmc/another machine has another GUID",
			test_another_machine_has_another_guid);
	g_test_add_func("/sim_bmc/any length of any command is answered",
			test_any_length_of_any_command_is_answered);
	return g_test_run();
}
