/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked of a BMC, and when; of one that behaves well. */
#include <string.h>
#include "tests/unit/bmc_rig.h"

/* Network functions and commands, as in the specifications. */
#define DEVICE_ID   0x06, 0x01
#define SYSTEM_GUID 0x06, 0x37
#define DEVICE_GUID 0x06, 0x08
#define CONTROL     0x00, 0x02
#define READING     0x04, 0x2d
#define FACTORS     0x04, 0x23
#define SDR_INFO    0x0a, 0x20
#define SDR_GET     0x0a, 0x23
#define SEL_INFO    0x0a, 0x40
#define SEL_GET     0x0a, 0x43
#define POWER       0x2c, 0x02
#define LIMIT_GET   0x2c, 0x03
#define LIMIT_SET   0x2c, 0x04
#define ACTIVATE    0x2c, 0x05

static void start(struct bmc_rig *rig, const struct bmc_settings *settings)
{
	command_bmc_init(&rig->fake);
	command_bmc_add_sensor(&rig->fake, "CPU0 Temp", 0x20, 0, 1, 0);
	command_bmc_add_other(&rig->fake);
	command_bmc_add_sensor(&rig->fake, "Inlet", 0x20, 0, 2, 0);
	rig->fake.readings[1] = 55;
	rig->fake.readings[2] = 21;
	bmc_rig_start(rig, settings);
}

static void stop(struct bmc_rig *rig, gconstpointer unused)
{
	bmc_rig_stop(rig);
}

static void set_up(struct bmc_rig *rig, gconstpointer settings)
{
	start(rig, settings);
	bmc_rig_up(rig);
}

static void test_sensors_are_read_as_their_records_say(struct bmc_rig *rig, gconstpointer unused)
{
	const struct told *told;

	bmc_rig_run(rig, 500);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_IDENTITY), ==, 1);
	told = bmc_rig_last(rig, BMC_IDENTITY);
	g_assert_false(told->event.another);
	g_assert_cmpuint(told->event.product, ==, 7);
	g_assert_cmpuint(told->event.manufacturer, ==, 0x9f);
	g_assert_cmpmem(told->event.guid, 16, rig->fake.guid, 16);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_SENSORS), ==, 1);
	g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 2);
	g_assert_cmpstr(bmc_sensor(rig->bmc, 1)->name, ==, "Inlet");
	g_assert_null(bmc_sensor(rig->bmc, 2));
	told = bmc_rig_reading(rig, "CPU0 Temp");
	g_assert_nonnull(told);
	g_assert_cmpint(told->event.reading.availability, ==, SDR_READING_GOOD);
	g_assert_cmpfloat(told->event.reading.value, ==, 55);
	g_assert_cmpint(told->event.ttl, ==, 3000);
	g_assert_cmpint(told->event.taken, ==, told->at - RIG_LATENCY);
	/* The link has told of the GUID; nothing is asked that nobody wants to know. */
	g_assert_cmpuint(bmc_rig_asked(rig, SYSTEM_GUID), ==, 0);
	g_assert_cmpuint(bmc_rig_asked(rig, POWER) + bmc_rig_asked(rig, SEL_INFO), ==, 0);
}

static const struct bmc_rule plan[] = {{"CPU? *", 1000, 2500}, {"Fan*", 0, 0}, {"*", 5000, 9000}};
static const struct bmc_settings planned = {.rules = plan, .rule_count = 3};

static void test_each_sensor_has_the_rhythm_of_the_first_rule(
		struct bmc_rig *rig, gconstpointer unused)
{
	command_bmc_add_sensor(&rig->fake, "Fan 1", 0x20, 0, 3, 0);
	bmc_rig_run(rig, 500);
	bmc_rig_forget(rig);
	bmc_rig_run(rig, 60000);
	g_assert_cmpuint(bmc_rig_readings(rig, "CPU0 Temp"), ==, 60);
	g_assert_cmpuint(bmc_rig_readings(rig, "Inlet"), ==, 12);
	g_assert_cmpuint(bmc_rig_readings(rig, "Fan 1"), ==, 0);
	g_assert_cmpint(bmc_rig_reading(rig, "Inlet")->event.ttl, ==, 9000);
	g_assert_cmpuint(rig->asked->len, ==, 72);
	g_assert_cmpuint(bmc_asked(rig->bmc), ==,
			72 + rig->fake.asked[0x06][0x01] + rig->fake.asked[0x0a][0x20] +
					rig->fake.asked[0x0a][0x22] + rig->fake.asked[0x0a][0x23] +
					2);
}

static void test_a_dead_sensor_is_looked_at_each_minute(struct bmc_rig *rig, gconstpointer unused)
{
	bmc_rig_run(rig, 500);
	rig->fake.reading_codes[2] = 0xcb;
	bmc_rig_forget(rig);
	bmc_rig_run(rig, 300000);
	/* Three misses, and then one a minute. */
	g_assert_cmpuint(bmc_rig_readings(rig, "Inlet"), ==, 3 + 4);
	g_assert_cmpint(bmc_rig_reading(rig, "Inlet")->event.reading.availability, ==,
			SDR_READING_BAD);
	g_assert_cmpuint(bmc_rig_readings(rig, "CPU0 Temp"), >=, 299);
	rig->fake.reading_codes[2] = 0;
	bmc_rig_run(rig, 60000);
	bmc_rig_forget(rig);
	bmc_rig_run(rig, 10000);
	g_assert_cmpuint(bmc_rig_readings(rig, "Inlet"), ==, 10);
}

static void test_a_sensor_that_has_none_is_no_dead_one(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.states[2] = 0xe0;
	bmc_rig_run(rig, 500);
	bmc_rig_forget(rig);
	bmc_rig_run(rig, 10000);
	g_assert_cmpuint(bmc_rig_readings(rig, "Inlet"), ==, 10);
	g_assert_cmpint(bmc_rig_reading(rig, "Inlet")->event.reading.availability, ==,
			SDR_READING_NONE);
}

static void test_factors_are_asked_for_where_they_depend_on_the_reading(
		struct bmc_rig *rig, gconstpointer unused)
{
	command_bmc_add_sensor(&rig->fake, "Curved", 0x20, 2, 9, 0x70);
	rig->fake.readings[9] = 40; /* M is a tenth */
	bmc_rig_run(rig, 500);
	g_assert_cmpuint(bmc_rig_asked(rig, FACTORS), ==, 1);
	g_assert_cmpfloat(bmc_rig_reading(rig, "Curved")->event.reading.value, ==, 160);
	rig->fake.refuse_netfn = 0x04;
	rig->fake.refuse_command = 0x23;
	rig->fake.refuse_code = 0xc1;
	bmc_rig_run(rig, 1000);
	g_assert_cmpint(bmc_rig_reading(rig, "Curved")->event.reading.availability, ==,
			SDR_READING_BAD);
}

static void test_sensors_of_others_and_names_twice(struct bmc_rig *rig, gconstpointer unused)
{
	command_bmc_add_sensor(&rig->fake, "Satellite", 0x2c, 0, 3, 0);
	command_bmc_add_sensor(&rig->fake, "Inlet", 0x20, 1, 2, 0);
	command_bmc_add_sensor(&rig->fake, "", 0x20, 0, 77, 0);
	command_bmc_add_sensor(&rig->fake, "Again", 0x20, 0, 77, 0);
	bmc_rig_run(rig, 500);
	g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 4);
	g_assert_null(bmc_rig_reading(rig, "Satellite"));
	g_assert_null(bmc_rig_reading(rig, "Again"));
	g_assert_nonnull(bmc_rig_reading(rig, "Inlet_2"));
	g_assert_nonnull(bmc_rig_reading(rig, "Sensor 77"));
}

static void test_a_sensor_is_asked_on_its_lun(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.record_count = 0;
	command_bmc_add_sensor(&rig->fake, "Deep", 0x20, 3, 8, 0);
	bmc_rig_run(rig, 500);
	g_assert_cmpuint(rig->fake.last_lun, ==, 3);
	g_assert_cmpuint(rig->fake.last[0], ==, 8);
}

/* --- Power --- */

static const struct bmc_settings powered = {.power_ms = 1000,
		.limit_ms = 10000,
		.chassis_ms = 2000,
		.log_ms = 5000,
		.identity_ms = 10000};

static void test_power_goes_before_a_large_log(struct bmc_rig *rig, gconstpointer unused)
{
	int64_t before = 0;

	command_bmc_log(&rig->fake, 1);
	rig->fake.log_endless = true;
	rig->latency = 150;
	bmc_rig_run(rig, 120000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LOG), >, 10);
	for (guint i = 0; i < rig->told->len; i++) {
		const struct told *told = &g_array_index(rig->told, struct told, i);

		if (told->event.kind != BMC_POWER)
			continue;
		g_assert_true(told->event.known);
		g_assert_cmpint(told->event.value, ==, 210);
		if (before)
			g_assert_cmpint(told->at - before, <=, 1000 + 3 * rig->latency);
		before = told->at;
	}
	g_assert_cmpint(before, >, 118000);
}

static void test_a_slow_bmc_is_asked_for_more_than_power(struct bmc_rig *rig, gconstpointer unused)
{
	bmc_rig_run(rig, 1000);
	bmc_rig_forget(rig);
	rig->latency = 1500;
	bmc_rig_run(rig, 120000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_POWER), >=, 38);
	g_assert_cmpuint(bmc_rig_readings(rig, "Inlet"), >=, 5);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_CHASSIS), >=, 5);
}

static void test_a_bmc_that_cannot_tell_is_asked_each_minute(
		struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.measures = false;
	bmc_rig_run(rig, 120500);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_POWER), ==, 3);
	g_assert_false(bmc_rig_last(rig, BMC_POWER)->event.known);
	rig->fake.dcmi = false;
	bmc_rig_forget(rig);
	bmc_rig_run(rig, 120000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_POWER), ==, 2);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LIMIT_IS), <=, 3);
	g_assert_false(bmc_rig_last(rig, BMC_LIMIT_IS)->event.known);
	rig->fake.dcmi = rig->fake.measures = true;
	bmc_rig_run(rig, 60000);
	bmc_rig_forget(rig);
	bmc_rig_run(rig, 10000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_POWER), ==, 10);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LIMIT_IS), ==, 1);
	g_assert_true(bmc_rig_last(rig, BMC_LIMIT_IS)->event.known);
	g_assert_false(bmc_rig_last(rig, BMC_LIMIT_IS)->event.active);
}

/* --- Orders --- */

static void order(struct bmc_rig *rig, enum bmc_order what, int value, int tag)
{
	g_assert_true(bmc_order(rig->bmc, rig->now, what, value, GINT_TO_POINTER(tag)));
	bmc_rig_take(rig);
}

static void assert_ordered(const struct bmc_rig *rig, size_t index, int tag, const char *why)
{
	for (guint i = 0; i < rig->told->len; i++) {
		const struct told *told = &g_array_index(rig->told, struct told, i);

		if (told->event.kind != BMC_ORDERED || index--)
			continue;
		g_assert_cmpint(GPOINTER_TO_INT(told->event.tag), ==, tag);
		g_assert_cmpstr(told->event.why, ==, why ? why : "");
		g_assert_cmpint(told->event.done, ==, why == NULL);
		return;
	}
	g_assert_not_reached();
}

static void test_orders_go_first_and_are_answered_in_order(
		struct bmc_rig *rig, gconstpointer unused)
{
	bmc_rig_run(rig, 500);
	bmc_rig_forget(rig);
	order(rig, BMC_OFF, 0, 1);
	order(rig, BMC_IDENTIFY, 300, 2);
	order(rig, BMC_SOFT, 0, 3);
	bmc_rig_run(rig, 3 * RIG_LATENCY);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_ORDERED), ==, 3);
	assert_ordered(rig, 0, 1, NULL);
	assert_ordered(rig, 1, 2, NULL);
	assert_ordered(rig, 2, 3, NULL);
	g_assert_cmpuint(rig->fake.control, ==, 5);
	g_assert_cmpuint(rig->fake.identify, ==, 255);
	bmc_rig_run(rig, 1100);
	g_assert_false(bmc_rig_last(rig, BMC_CHASSIS)->event.active);
	rig->fake.refuse_command = 0x02;
	rig->fake.refuse_code = 0xd5;
	order(rig, BMC_RESET, 0, 4);
	bmc_rig_run(rig, 100);
	assert_ordered(rig, 3, 4, "the BMC cannot do this in its present state");
}

static void test_a_limit_is_set_activated_and_read_back(struct bmc_rig *rig, gconstpointer unused)
{
	rig->fake.correction = 6000;
	rig->fake.period = 5;
	bmc_rig_run(rig, 500);
	order(rig, BMC_LIMIT, 180, 1);
	bmc_rig_run(rig, 100);
	assert_ordered(rig, 0, 1, NULL);
	g_assert_true(rig->fake.limit_active);
	g_assert_cmpuint(rig->fake.limit, ==, 180);
	g_assert_cmpuint(rig->fake.correction, ==, 6000); /* as it was */
	g_assert_cmpuint(rig->fake.period, ==, 5);
	g_assert_cmpuint(rig->fake.action, ==, 0);
	g_assert_cmpint(bmc_rig_last(rig, BMC_LIMIT_IS)->event.value, ==, 180);
	g_assert_true(bmc_rig_last(rig, BMC_LIMIT_IS)->event.active);
	order(rig, BMC_NO_LIMIT, 0, 2);
	bmc_rig_run(rig, 100);
	assert_ordered(rig, 1, 2, NULL);
	g_assert_false(rig->fake.limit_active);
	g_assert_false(bmc_rig_last(rig, BMC_LIMIT_IS)->event.active);
	rig->fake.clamp = 150;
	order(rig, BMC_LIMIT, 90, 3);
	bmc_rig_run(rig, 100);
	assert_ordered(rig, 2, 3, "the BMC made a limit of 150 W of it");
	order(rig, BMC_LIMIT, 70000, 4);
	assert_ordered(rig, 3, 4, "a limit has 1 to 65535 W");
	rig->fake.never_active = true;
	order(rig, BMC_LIMIT, 200, 5);
	bmc_rig_run(rig, 100);
	assert_ordered(rig, 4, 5, "the BMC took the limit, and has none that is active");
}

static void test_of_limits_that_wait_the_last_is_sent(struct bmc_rig *rig, gconstpointer unused)
{
	bmc_rig_run(rig, 500);
	bmc_rig_forget(rig);
	order(rig, BMC_LIMIT, 300, 1);
	order(rig, BMC_ON, 0, 2);
	for (int i = 3; i <= 8; i++)
		order(rig, BMC_LIMIT, 100 + i, i);
	g_assert_false(bmc_order(rig->bmc, rig->now, BMC_OFF, 0, NULL));
	bmc_rig_run(rig, 300);
	g_assert_cmpuint(bmc_rig_asked(rig, LIMIT_SET), ==, 1);
	g_assert_cmpuint(bmc_rig_asked(rig, CONTROL), ==, 1);
	g_assert_cmpuint(rig->fake.limit, ==, 108);
	for (int i = 1; i <= 8; i++)
		assert_ordered(rig, (size_t)i - 1, i, NULL);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_ORDERED), ==, 8);
}

static void test_orders_fail_when_the_link_is_down(struct bmc_rig *rig, gconstpointer unused)
{
	bmc_rig_run(rig, 500);
	order(rig, BMC_OFF, 0, 1);
	bmc_down(rig->bmc, rig->now);
	bmc_rig_take(rig);
	assert_ordered(rig, 0, 1, "the BMC does not answer");
	order(rig, BMC_ON, 0, 2);
	assert_ordered(rig, 1, 2, "the BMC does not answer");
	g_assert_cmpint(bmc_deadline(rig->bmc), ==, -1);
	bmc_rig_up(rig);
	rig->fake.silent_netfn = 0x00;
	rig->fake.silent_command = 0x02;
	order(rig, BMC_ON, 0, 3);
	bmc_rig_run(rig, 3000);
	assert_ordered(rig, 2, 3, "no answer; the BMC may have done it all the same");
}

/* --- Identity --- */

static void test_records_are_read_once_for_each_identity(struct bmc_rig *rig, gconstpointer unused)
{
	unsigned int pieces;

	bmc_rig_run(rig, 500);
	pieces = bmc_rig_asked(rig, SDR_GET);
	g_assert_cmpuint(pieces, ==, 3 + 2 * 2);
	bmc_down(rig->bmc, rig->now);
	bmc_rig_up(rig);
	bmc_rig_run(rig, 60000);
	g_assert_cmpuint(bmc_rig_asked(rig, SDR_GET), ==, pieces);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_SENSORS), ==, 1);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_IDENTITY), ==, 1);
	command_bmc_add_sensor(&rig->fake, "New", 0x20, 0, 5, 0);
	bmc_rig_run(rig, 11000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_SENSORS), ==, 2);
	g_assert_nonnull(bmc_rig_reading(rig, "New"));
}

static void test_another_guid_is_another_machine(struct bmc_rig *rig, gconstpointer unused)
{
	command_bmc_log(&rig->fake, 1);
	bmc_rig_run(rig, 1000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LOG), ==, 1);
	bmc_down(rig->bmc, rig->now);
	rig->fake.guid[3] ^= 1;
	rig->fake.record_count = 0;
	command_bmc_add_sensor(&rig->fake, "Other", 0x20, 0, 5, 0);
	bmc_rig_forget(rig);
	bmc_rig_up(rig);
	bmc_rig_run(rig, 1000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_IDENTITY), ==, 1);
	g_assert_true(bmc_rig_last(rig, BMC_IDENTITY)->event.another);
	g_assert_null(bmc_rig_reading(rig, "Inlet"));
	g_assert_nonnull(bmc_rig_reading(rig, "Other"));
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LOG), ==, 1);
}

static void test_a_way_without_guid_asks_for_it(struct bmc_rig *rig, gconstpointer unused)
{
	bmc_up(rig->bmc, rig->now, NULL);
	bmc_rig_run(rig, 500);
	g_assert_cmpuint(bmc_rig_asked(rig, SYSTEM_GUID), ==, 1);
	g_assert_cmpmem(bmc_rig_last(rig, BMC_IDENTITY)->event.guid, 16, rig->fake.guid, 16);
	rig->fake.guid[3] ^= 1; /* and sees that it is another one, in turn */
	bmc_rig_run(rig, 11000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_IDENTITY), ==, 2);
	g_assert_true(bmc_rig_last(rig, BMC_IDENTITY)->event.another);
	rig->fake.has_guid = false;
	rig->fake.device_guid = true;
	bmc_rig_run(rig, 11000);
	g_assert_cmpuint(bmc_rig_asked(rig, DEVICE_GUID), >=, 1);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_IDENTITY), ==, 2);
	rig->fake.device_guid = false; /* a while without one is no change; */
	bmc_rig_run(rig, 11000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_IDENTITY), ==, 2);
	rig->fake.product++; /* another product is */
	bmc_rig_run(rig, 11000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_IDENTITY), ==, 3);
	g_assert_true(bmc_rig_last(rig, BMC_IDENTITY)->event.another);
	rig->fake.firmware++;
	bmc_rig_run(rig, 11000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_IDENTITY), ==, 4);
	g_assert_false(bmc_rig_last(rig, BMC_IDENTITY)->event.another);
	g_assert_cmpuint(bmc_rig_last(rig, BMC_IDENTITY)->event.firmware[0], ==, 1);
}

static void test_renewed_it_is_another_machine(struct bmc_rig *rig, gconstpointer unused)
{
	struct session_request request;

	bmc_rig_run(rig, 500);
	order(rig, BMC_LIMIT, 100, 1);
	g_assert_true(bmc_next(rig->bmc, rig->now, &request));
	order(rig, BMC_OFF, 0, 2);
	bmc_rig_forget(rig);
	bmc_renew(rig->bmc, rig->now);
	bmc_rig_take(rig);
	assert_ordered(rig, 0, 1, "another machine is in its place");
	assert_ordered(rig, 1, 2, "another machine is in its place");
	g_assert_cmpuint(bmc_sensors(rig->bmc), ==, 0);
	g_assert_false(bmc_next(rig->bmc, rig->now, &request));
	bmc_answer(rig->bmc, rig->now, 0, (const uint8_t *)"\xdc", 1); /* of the former one */
	bmc_rig_take(rig);
	order(rig, BMC_IDENTIFY, 5, 3); /* is for the new one */
	bmc_rig_run(rig, 500);
	g_assert_true(bmc_rig_last(rig, BMC_IDENTITY)->event.another);
	g_assert_nonnull(bmc_rig_reading(rig, "Inlet"));
	assert_ordered(rig, 2, 3, NULL);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_ORDERED), ==, 3);
}

/* --- The log --- */

static void test_the_log_is_read_from_where_it_was(struct bmc_rig *rig, gconstpointer unused)
{
	for (uint8_t i = 1; i <= 5; i++)
		command_bmc_log(&rig->fake, i);
	bmc_rig_run(rig, 1000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LOG), ==, 5);
	bmc_rig_run(rig, 60000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LOG), ==, 5);
	g_assert_cmpuint(bmc_rig_asked(rig, SEL_GET), ==, 5);
	command_bmc_log(&rig->fake, 6);
	bmc_down(rig->bmc, rig->now);
	bmc_rig_up(rig);
	bmc_rig_run(rig, 6000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LOG), ==, 6);
	g_assert_cmpuint(bmc_rig_last(rig, BMC_LOG)->record[5], ==, 6);
	/* Cleared, with as many entries as before when it is looked at again. */
	command_bmc_clear_log(&rig->fake);
	for (uint8_t i = 11; i <= 16; i++)
		command_bmc_log(&rig->fake, i);
	bmc_rig_run(rig, 6000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LOG), ==, 12);
	command_bmc_clear_log(&rig->fake);
	bmc_rig_run(rig, 6000);
	command_bmc_log(&rig->fake, 21);
	bmc_rig_run(rig, 6000);
	g_assert_cmpuint(bmc_rig_count(rig, BMC_LOG), ==, 13);
	g_assert_cmpuint(bmc_rig_last(rig, BMC_LOG)->record[5], ==, 21);
}

static void add(const char *name, const struct bmc_settings *settings,
		void (*begin)(struct bmc_rig *, gconstpointer),
		void (*test)(struct bmc_rig *, gconstpointer))
{
	g_test_add(name, struct bmc_rig, settings, begin, test, stop);
}

static void set_up_down(struct bmc_rig *rig, gconstpointer settings)
{
	start(rig, settings);
}

int main(int argc, char **argv)
{
	static const struct bmc_settings plain = {0};

	g_test_init(&argc, &argv, NULL);
	add("/bmc/sensors are read as their records say", &plain, set_up,
			test_sensors_are_read_as_their_records_say);
	add("/bmc/each sensor has the rhythm of the first rule", &planned, set_up,
			test_each_sensor_has_the_rhythm_of_the_first_rule);
	add("/bmc/a dead sensor is looked at each minute", &plain, set_up,
			test_a_dead_sensor_is_looked_at_each_minute);
	add("/bmc/a sensor that has none is no dead one", &plain, set_up,
			test_a_sensor_that_has_none_is_no_dead_one);
	add("/bmc/factors are asked for where they depend on the reading", &plain, set_up,
			test_factors_are_asked_for_where_they_depend_on_the_reading);
	add("/bmc/sensors of others are left out, and names are unique", &plain, set_up,
			test_sensors_of_others_and_names_twice);
	add("/bmc/a sensor is asked on its lun", &plain, set_up, test_a_sensor_is_asked_on_its_lun);
	add("/bmc/power goes before a large log", &powered, set_up,
			test_power_goes_before_a_large_log);
	add("/bmc/a slow BMC is asked for more than power", &powered, set_up,
			test_a_slow_bmc_is_asked_for_more_than_power);
	add("/bmc/a BMC that cannot tell is asked each minute", &powered, set_up,
			test_a_bmc_that_cannot_tell_is_asked_each_minute);
	add("/bmc/orders go first and are answered in order", &powered, set_up,
			test_orders_go_first_and_are_answered_in_order);
	add("/bmc/a limit is set, activated and read back", &powered, set_up,
			test_a_limit_is_set_activated_and_read_back);
	add("/bmc/of limits that wait the last is sent", &powered, set_up,
			test_of_limits_that_wait_the_last_is_sent);
	add("/bmc/orders fail when the link is down", &plain, set_up,
			test_orders_fail_when_the_link_is_down);
	add("/bmc/records are read once for each identity", &powered, set_up,
			test_records_are_read_once_for_each_identity);
	add("/bmc/another GUID is another machine", &powered, set_up,
			test_another_guid_is_another_machine);
	add("/bmc/a way without GUID asks for it", &powered, set_up_down,
			test_a_way_without_guid_asks_for_it);
	add("/bmc/renewed, it is another machine", &powered, set_up,
			test_renewed_it_is_another_machine);
	add("/bmc/the log is read from where it was", &powered, set_up,
			test_the_log_is_read_from_where_it_was);
	return g_test_run();
}
