/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On a board that is made up, on a clock of its own; the last ones on a folder and in real time. */
#include "tests/unit/fans_rig.h"
#include "tests/unit/tree.h"
#include "tests/unit/until.h"

static void test_warmer_air_is_met_by_more_duty(void)
{
	struct fixture f;
	double before;

	fixture_open(&f);
	fixture_start(&f);
	g_assert_cmpuint(f.inputs, ==, 1 + FANS);
	g_assert_cmpuint(f.outputs, ==, FANS);
	fixture_run(&f, 100);
	g_assert_cmpfloat(f.duty[2], ==, 70);
	fixture_run(&f, 180000);
	before = f.duty[0];
	g_assert_cmpfloat_with_epsilon(f.temperature, 75, 1);
	f.inlet = 40;
	f.hottest = 0;
	fixture_run(&f, 60000);
	g_test_message("20 degrees more at the inlet: %.2f above the setpoint, %.1f %% for %.1f %%",
			f.hottest - 75, f.duty[0], before);
	g_assert_cmpfloat(f.duty[0], >, before + 10);
	g_assert_cmpfloat(f.hottest, <=, 75 + 2);
	fixture_run(&f, 180000);
	g_test_message("then the duty moves by %.2f percent", f.most - f.least);
	g_assert_cmpfloat(f.most - f.least, <=, 1);
	g_assert_cmpfloat(f.duty[1], ==, f.duty[0]);
	fixture_heard(&f, "");
	fixture_close(&f);
}

static void test_a_silent_sensor_is_failsafe_in_time(void)
{
	struct rack_zone_status status;
	struct fixture f;
	int ms;

	fixture_open(&f);
	fixture_start(&f);
	fixture_run(&f, 25000);
	f.silent = true;
	ms = fixture_until(&f, 80);
	g_test_message("failsafe %d ms after the last word", ms);
	g_assert_cmpint(ms, <=, 5000 + 1000);
	fixture_run(&f, 25000);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_true(status.state.failsafe);
	g_assert_cmpint(status.state.reason, ==, FAN_REASON_STALE);
	g_assert_cmpstr(status.about, ==, "hot");
	g_assert_cmpstr(json_string_value(json_object_get(f.last, "zone")), ==, "wall");
	g_assert_cmpstr(json_string_value(json_object_get(f.last, "reason")), ==, "stale");
	g_assert_cmpstr(json_string_value(json_object_get(f.last, "about")), ==, "hot");
	fixture_heard(&f, "fan.failsafe ");
	f.silent = false;
	fixture_run(&f, 25000);
	fixture_heard(&f, "fan.recovered ");
	g_assert_cmpfloat(f.duty[0], <, 60);
	fixture_close(&f);
}

static void test_a_sensor_that_cannot_be_read_is_failsafe_in_time(void)
{
	struct readings_record record;
	struct fixture f;
	int ms;

	fixture_open(&f);
	fixture_start(&f);
	fixture_run(&f, 25000);
	f.error = EIO;
	ms = fixture_until(&f, 80);
	g_test_message("failsafe %d ms after the first failure", ms);
	g_assert_cmpint(ms, <=, 5000 + 1000);
	g_assert_true(readings_get(f.readings, "SELF/cpu", fixture_now(&f), &record));
	g_assert_cmpint(record.state, ==, READINGS_BROKEN);
	g_assert_cmpstr(json_string_value(json_object_get(f.last, "reason")), ==, "broken");
	fixture_run(&f, 25000);
	f.error = 0;
	fixture_run(&f, 25000);
	fixture_heard(&f, "fan.failsafe fan.recovered ");
	fixture_close(&f);
}

static void test_a_dead_fan_is_made_up_for_in_time(void)
{
	struct rack_fan_status status;
	struct rack_zone_status zone;
	struct fixture f;
	int ms;

	fixture_open(&f);
	fixture_start(&f);
	fixture_run(&f, 25000);
	f.dead[1] = true;
	ms = fixture_until(&f, 100);
	g_test_message("full duty %d ms after a fan lost its drive", ms);
	g_assert_cmpint(ms, <=, 3000);
	fixture_run(&f, 30000);
	g_assert_cmpfloat(f.duty[2], ==, 100);
	rack_fans_fan(f.fans, 1, &status);
	g_assert_true(status.failed);
	g_assert_null(status.fault);
	g_assert_cmpint(status.rpm, <, 100);
	rack_fans_fan(f.fans, 0, &status);
	g_assert_false(status.failed);
	g_assert_cmpint(status.rpm, >, 9000);
	rack_fans_zone(f.fans, 0, &zone);
	g_assert_cmpint(zone.state.reason, ==, FAN_REASON_FAN);
	g_assert_cmpstr(zone.about, ==, "middle");
	f.dead[1] = false;
	fixture_run(&f, 25000);
	fixture_heard(&f, "fan.failed fan.failsafe fan.runs fan.recovered ");
	g_assert_cmpfloat(f.duty[0], <, 60);
	fixture_close(&f);
}

static void test_tachometers_that_say_nothing_count_as_fans_that_stand(void)
{
	struct rack_fan_status status;
	struct fixture f;

	fixture_open(&f);
	fixture_start(&f);
	fixture_run(&f, 25000);
	f.mute = true;
	fixture_run(&f, 8000);
	g_assert_cmpfloat(f.duty[0], ==, 100);
	rack_fans_fan(f.fans, 2, &status);
	g_assert_true(status.failed);
	g_assert_cmpint(status.rpm, ==, -1);
	g_assert_cmpstr(status.fault, ==, "fan3 cannot be read: it does not answer");
	f.mute = false;
	fixture_run(&f, 1000);
	rack_fans_fan(f.fans, 2, &status);
	g_assert_false(status.failed);
	g_assert_null(status.fault);
	fixture_close(&f);
}

static void test_a_fan_that_cannot_be_written_says_so(void)
{
	struct hwmon_written written = {.error = EACCES};
	struct rack_fan_status status;
	struct fixture f;

	fixture_open(&f);
	fixture_start(&f);
	f.events.written(1, &written, f.data);
	rack_fans_fan(f.fans, 1, &status);
	g_assert_cmpstr(status.fault, ==, "pwm2 cannot be written: Permission denied");
	g_assert_cmpstr(status.name, ==, "middle");
	fixture_run(&f, 1000);
	rack_fans_fan(f.fans, 1, &status);
	g_assert_null(status.fault);
	/* A write that hangs is known by its silence. */
	fixture_run(&f, 20000);
	f.stuck = true;
	rack_fans_manual(f.fans, 0, 90);
	fixture_run(&f, 4000);
	rack_fans_fan(f.fans, 0, &status);
	g_assert_null(status.fault);
	fixture_run(&f, 2000);
	rack_fans_fan(f.fans, 0, &status);
	g_assert_cmpstr(status.fault, ==, "pwm1 cannot be written: it does not answer");
	f.stuck = false;
	fixture_run(&f, 1000);
	rack_fans_fan(f.fans, 0, &status);
	g_assert_null(status.fault);
	fixture_close(&f);
}

static void test_what_the_board_says_is_among_the_readings(void)
{
	struct readings_record record;
	struct fixture f;

	fixture_open(&f);
	fixture_start(&f);
	fixture_run(&f, 3000);
	g_assert_true(readings_get(f.readings, "SELF/cpu", fixture_now(&f), &record));
	g_assert_cmpint(record.state, ==, READINGS_OK);
	g_assert_cmpint(record.value.unit, ==, SDR_UNIT_CELSIUS);
	g_assert_cmpint(record.value.ttl, ==, 5000);
	g_assert_cmpint(record.age, <, 1000);
	g_assert_true(readings_get(f.readings, "SELF/right", fixture_now(&f), &record));
	g_assert_cmpint(record.value.unit, ==, SDR_UNIT_RPM);
	g_assert_cmpfloat(record.value.value, >, 5000);
	g_assert_true(readings_get(f.readings, "SELF/right_PWM", fixture_now(&f), &record));
	g_assert_true(record.value.percent);
	g_assert_cmpfloat_with_epsilon(record.value.value, 65, 10);
	/* With another configuration the sensor has another name. */
	rack_fans_free(f.fans);
	f.sensor.name = word("soc");
	f.sensor.every = 4000;
	fixture_start(&f);
	fixture_run(&f, 3000);
	g_assert_false(readings_get(f.readings, "SELF/cpu", fixture_now(&f), &record));
	g_assert_true(readings_get(f.readings, "SELF/soc", fixture_now(&f), &record));
	g_assert_cmpint(record.value.ttl, ==, 12000);
	fixture_close(&f);
}

static void test_a_fan_without_tachometer_that_cannot_be_written_is_made_up_for(void)
{
	struct hwmon_written written = {.error = EIO};
	struct rack_fan_status status;
	struct fixture f;

	fixture_open(&f);
	f.fan[1].tachometer = NULL;
	fixture_start(&f);
	fixture_run(&f, 25000);
	g_assert_cmpfloat(f.duty[0], <, 60);
	f.stuck = true;
	for (int i = 0; i < 4; i++) {
		f.events.written(1, &written, f.data);
		fixture_run(&f, 1000);
	}
	rack_fans_fan(f.fans, 1, &status);
	g_assert_true(status.failed);
	g_assert_cmpfloat(f.duty[0], ==, 100);
	fixture_heard(&f, "fan.failed fan.failsafe ");
	f.stuck = false;
	fixture_run(&f, 25000);
	rack_fans_fan(f.fans, 1, &status);
	g_assert_false(status.failed);
	g_assert_cmpfloat(f.duty[0], <, 60);
	fixture_heard(&f, "fan.runs fan.recovered ");
	fixture_close(&f);
}

/* --- Another configuration --- */

/* Of the same fans and inputs; the former ones go. */
static void fixture_reload(struct fixture *f)
{
	struct rack_fans *former = f->fans;

	fixture_start(f);
	rack_fans_resume(f->fans, former);
	rack_fans_free(former);
}

static void test_another_configuration_goes_on_where_the_former_was(void)
{
	struct rack_zone_status status;
	struct fixture f;
	double before;

	fixture_open(&f);
	fixture_start(&f);
	fixture_run(&f, 180000);
	f.inlet = 35;
	fixture_run(&f, 180000);
	before = f.duty[0];
	f.hottest = 0;
	fixture_reload(&f);
	/* Whoever was before is not waited for, and his fans are ours. */
	g_assert_true(f.left && !f.freed);
	for (size_t i = 0; i < FANS; i++)
		g_assert_true(f.others[i]);
	g_assert_cmpfloat(f.duty[0], ==, before);
	fixture_run(&f, 60000);
	g_test_message("the duty was %.1f %%, and then %.1f to %.1f", before, f.least, f.most);
	g_assert_cmpfloat(f.least, >=, before - 1);
	g_assert_cmpfloat(f.most, <=, before + 1);
	/* An operator's word stays. */
	rack_fans_manual(f.fans, 0, 90);
	fixture_run(&f, 1000);
	fixture_reload(&f);
	fixture_run(&f, 10000);
	g_assert_cmpfloat(f.least, ==, 90);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_true(status.manual);
	fixture_heard(&f, "");
	fixture_close(&f);
}

static void test_what_could_not_be_trusted_is_not_by_another_configuration_either(void)
{
	struct rack_fan_status status;
	struct fixture f;

	fixture_open(&f);
	fixture_start(&f);
	fixture_run(&f, 25000);
	f.dead[1] = true;
	fixture_run(&f, 5000);
	fixture_reload(&f);
	fixture_run(&f, 10000);
	g_assert_cmpfloat(f.least, ==, 100);
	rack_fans_fan(f.fans, 1, &status);
	g_assert_true(status.failed);
	fixture_heard(&f, "fan.failed fan.failsafe ");
	f.dead[1] = false;
	fixture_run(&f, 25000);
	fixture_heard(&f, "fan.runs fan.recovered ");
	f.silent = true;
	fixture_run(&f, 25000);
	fixture_reload(&f);
	fixture_run(&f, 10000);
	g_assert_cmpfloat(f.least, ==, 80);
	g_assert_cmpfloat(f.most, ==, 80);
	fixture_heard(&f, "fan.failsafe ");
	fixture_close(&f);
}

/* --- Operators, and the end --- */

static void test_an_operator_may_want_another_duty(void)
{
	struct rack_zone_status status;
	struct fixture f;
	size_t zone;

	fixture_open(&f);
	fixture_start(&f);
	g_assert_true(rack_fans_find_zone(f.fans, "wall", &zone));
	g_assert_false(rack_fans_find_zone(f.fans, "roof", &zone));
	fixture_run(&f, 20000);
	rack_fans_manual(f.fans, zone, 95);
	fixture_run(&f, 1000);
	g_assert_cmpfloat(f.duty[0], ==, 95);
	rack_fans_zone(f.fans, zone, &status);
	g_assert_true(status.manual);
	g_assert_cmpfloat(status.manual_duty, ==, 95);
	g_assert_cmpint(status.state.reason, ==, FAN_REASON_MANUAL);
	g_assert_null(status.about);
	rack_fans_manual(f.fans, zone, -1);
	fixture_run(&f, 25000);
	rack_fans_zone(f.fans, zone, &status);
	g_assert_false(status.manual);
	g_assert_cmpfloat(f.duty[0], <, 60);
	fixture_close(&f);
}

static void test_the_end_is_a_safe_duty(void)
{
	struct fixture f;

	fixture_open(&f);
	fixture_start(&f);
	fixture_run(&f, 25000);
	rack_fans_free(f.fans);
	f.fans = NULL;
	g_assert_true(f.freed);
	for (size_t i = 0; i < FANS; i++)
		g_assert_cmpfloat(f.duty[i], ==, 77);
	fixture_close(&f);
}

static void test_a_board_may_have_no_fans(void)
{
	struct rack_zone_status status;
	struct fixture f;

	fixture_open(&f);
	f.config.fan_count = f.config.input_count = 0;
	fixture_start(&f);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_null(status.about);
	f.mute = true;
	fixture_run(&f, 1000);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_cmpint(status.state.reason, ==, FAN_REASON_LEAST);
	fixture_close(&f);
}

/* --- The kernel's files --- */

static struct board *kernel_board(void *data, const struct hwmon_settings *settings,
		const struct hwmon_events *events, void *tag, GError **error)
{
	(void)data;
	return board_hwmon_new(settings, events, tag, error);
}

static void test_on_the_kernels_files(void)
{
	static const char pwm[] = "bus/i2c/devices/3-002f/hwmon/hwmon2/pwm2";
	struct readings_record record;
	struct fixture f;

	fixture_open(&f);
	virtual_us = -1;
	f.world = (struct rack_world){.clock = {1}, .board = kernel_board};
	f.config.sysfs = tree_new();
	tree_say(f.config.sysfs, "bus/i2c/devices/7-0048/hwmon/hwmon1/temp1_input", "99000");
	tree_say(f.config.sysfs, "bus/i2c/devices/3-002f/hwmon/hwmon2/fan2_input", "4321");
	tree_say(f.config.sysfs, pwm, "0   ");
	fixture_start(&f);
	/* Two of the three fans are not there: the third makes up for them. */
	UNTIL(tree_hear(f.config.sysfs, pwm) == 255 && f.said->len > 0);
	g_assert_true(readings_get(f.readings, "SELF/cpu", fixture_now(&f), &record));
	g_assert_cmpfloat(record.value.value, ==, 99);
	g_assert_true(readings_get(f.readings, "SELF/middle", fixture_now(&f), &record));
	g_assert_cmpfloat(record.value.value, ==, 4321);
	rack_fans_free(f.fans);
	f.fans = NULL;
	g_assert_cmpint(tree_hear(f.config.sysfs, pwm), ==, 196);
	tree_free(f.config.sysfs);
	fixture_close(&f);
}

static void test_what_is_no_attribute_is_refused(void)
{
	GError *error = NULL;
	struct fixture f;

	fixture_open(&f);
	f.world.board = kernel_board;
	f.sensor.attribute = word("hot1");
	g_assert_null(rack_fans_new(&f.config, &f.world, f.readings, NULL, NULL, NULL, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	g_error_free(error);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/rack_fans/" #name, test_##name)
	TEST(warmer_air_is_met_by_more_duty);
	TEST(a_silent_sensor_is_failsafe_in_time);
	TEST(a_sensor_that_cannot_be_read_is_failsafe_in_time);
	TEST(a_dead_fan_is_made_up_for_in_time);
	TEST(tachometers_that_say_nothing_count_as_fans_that_stand);
	TEST(a_fan_that_cannot_be_written_says_so);
	TEST(a_fan_without_tachometer_that_cannot_be_written_is_made_up_for);
	TEST(another_configuration_goes_on_where_the_former_was);
	TEST(what_could_not_be_trusted_is_not_by_another_configuration_either);
	TEST(what_the_board_says_is_among_the_readings);
	TEST(an_operator_may_want_another_duty);
	TEST(the_end_is_a_safe_duty);
	TEST(a_board_may_have_no_fans);
	TEST(on_the_kernels_files);
	TEST(what_is_no_attribute_is_refused);
	return g_test_run();
}
