/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On a folder that pretends to be sysfs. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "rack/hwmon.h"
#include "rack/hwmon_file.h"
#include "tests/unit/tree.h"
#include "tests/unit/until.h"

#define BUS       "bus/i2c/devices"
#define INLET     BUS "/7-0048"
#define BOARD     BUS "/3-002f"
#define PERIOD_MS 5

struct fixture {
	char *root;
	struct hwmon *hwmon;
	struct hwmon_reading last[2];
	struct hwmon_written written;
	int readings[2], writes;
};

static void fixture_reading(size_t input, const struct hwmon_reading *reading, void *data)
{
	struct fixture *f = data;

	f->last[input] = *reading;
	f->readings[input]++;
}

static void fixture_written(size_t output, const struct hwmon_written *written, void *data)
{
	struct fixture *f = data;

	g_assert_cmpuint(output, ==, 0);
	f->written = *written;
	f->writes++;
}

static const struct hwmon_events events = {fixture_reading, fixture_written};
static const struct hwmon_input inputs[] = {
		{"/sys/" INLET, "temp1", PERIOD_MS}, {BOARD, "fan2", PERIOD_MS}};
static const struct hwmon_output output = {BOARD "/hwmon/hwmon*", "pwm1"};

static void fixture_open(struct fixture *f)
{
	*f = (struct fixture){.root = tree_new()};
}

static void fixture_start(struct fixture *f)
{
	const struct hwmon_settings settings = {.root = f->root,
			.inputs = inputs,
			.input_count = G_N_ELEMENTS(inputs),
			.outputs = &output,
			.output_count = 1,
			.check_ms = PERIOD_MS};

	f->hwmon = hwmon_new(&settings, &events, f, NULL);
	g_assert_nonnull(f->hwmon);
}

static void fixture_close(struct fixture *f)
{
	hwmon_free(f->hwmon);
	tree_free(f->root);
}

static int64_t fixture_hear(const struct fixture *f, const char *path)
{
	return tree_hear(f->root, path);
}

static void test_values_come_in_units_of_the_operator(void)
{
	struct fixture f;

	fixture_open(&f);
	tree_say(f.root, INLET "/hwmon/hwmon4/temp1_input", "-12500");
	tree_say(f.root, BOARD "/hwmon/hwmon2/fan2_input", "5421");
	fixture_start(&f);
	UNTIL(f.readings[0] > 0 && f.readings[1] > 0);
	g_assert_cmpint(f.last[0].error, ==, 0);
	g_assert_cmpfloat_with_epsilon(f.last[0].value, -12.5, 1e-9);
	g_assert_cmpfloat(f.last[1].value, ==, 5421);
	g_assert_cmpint(f.last[0].taken, <=, g_get_monotonic_time() / 1000);
	tree_say(f.root, INLET "/hwmon/hwmon4/temp1_input", "61500");
	UNTIL(f.last[0].value > 61.4);
	fixture_close(&f);
}

static void test_each_kind_has_its_scale(void)
{
	static const struct {
		const char *attribute;
		double scale;
	} kinds[] = {{"temp12", 1e-3}, {"fan1", 1}, {"in0", 1e-3}, {"curr1", 1e-3},
			{"power1", 1e-6}, {"humidity1", 1e-3}, {"temp", 0}, {"temp1_input", 0},
			{"pwm1", 0}, {"../in1", 0}, {"in1/x", 0}, {"", 0}};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		g_assert_cmpfloat(hwmon_sensor_scale(kinds[i].attribute), ==, kinds[i].scale);
	g_assert_true(hwmon_fan_named("pwm8"));
	g_assert_false(hwmon_fan_named("pwm1_enable"));
}

static void test_wrong_attributes_are_refused(void)
{
	const struct hwmon_input input = {INLET, "hot1", 0};
	const struct hwmon_settings settings = {.inputs = &input, .input_count = 1};
	GError *error = NULL;

	g_assert_null(hwmon_new(&settings, &events, NULL, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	g_assert_nonnull(strstr(error->message, "\"hot1\""));
	g_error_free(error);
}

static void test_a_file_is_kept_open(void)
{
	struct fixture f;
	char *from, *to;
	int seen;

	fixture_open(&f);
	tree_say(f.root, INLET "/hwmon/hwmon4/temp1_input", "20000");
	fixture_start(&f);
	UNTIL(f.readings[0] > 0);
	from = g_build_filename(f.root, INLET, NULL);
	to = g_build_filename(f.root, "elsewhere", NULL);
	g_assert_cmpint(g_rename(from, to), ==, 0);
	seen = f.readings[0];
	UNTIL(f.readings[0] > seen + 2);
	g_assert_cmpint(f.last[0].error, ==, 0);
	g_free(from);
	g_free(to);
	fixture_close(&f);
}

static void test_a_device_that_comes_back_by_another_number_is_found(void)
{
	struct fixture f;

	fixture_open(&f);
	fixture_start(&f);
	UNTIL(f.readings[0] > 0);
	g_assert_cmpint(f.last[0].error, ==, ENOENT);
	tree_say(f.root, INLET "/hwmon/hwmon4/temp1_input", "20000");
	UNTIL(f.last[0].error == 0);
	tree_gone(f.root, INLET);
	UNTIL(f.last[0].error != 0);
	tree_say(f.root, INLET "/hwmon/hwmon9/temp1_input", "30000");
	UNTIL(f.last[0].error == 0);
	g_assert_cmpfloat_with_epsilon(f.last[0].value, 30, 1e-9);
	/* Old drivers have their files beside the device's own. */
	tree_gone(f.root, INLET);
	tree_say(f.root, INLET "/temp1_input", "35000");
	UNTIL(f.last[0].value > 34.9);
	fixture_close(&f);
}

static void test_what_cannot_be_told_apart_is_not_read(void)
{
	struct fixture f;

	fixture_open(&f);
	tree_say(f.root, INLET "/hwmon/hwmon4/temp1_input", "20000");
	tree_say(f.root, INLET "/hwmon/hwmon5/temp1_input", "20000");
	fixture_start(&f);
	UNTIL(f.readings[0] > 0);
	g_assert_cmpint(f.last[0].error, ==, ENOTUNIQ);
	fixture_close(&f);
}

static void test_what_is_no_number_is_a_failure(void)
{
	static const char *const texts[] = {
			"", "hot", "12abc", "99999999999999999999999", "0x10", "-"};
	struct fixture f;

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		fixture_open(&f);
		tree_say(f.root, INLET "/hwmon/hwmon4/temp1_input", texts[i]);
		fixture_start(&f);
		UNTIL(f.readings[0] > 0);
		g_assert_cmpint(f.last[0].error, ==, EINVAL);
		fixture_close(&f);
	}
}

static void test_a_sensor_with_a_fault_has_no_value(void)
{
	struct fixture f;

	fixture_open(&f);
	tree_say(f.root, INLET "/hwmon/hwmon4/temp1_input", "20000");
	tree_say(f.root, INLET "/hwmon/hwmon4/temp1_fault", "1");
	fixture_start(&f);
	UNTIL(f.readings[0] > 0);
	g_assert_cmpint(f.last[0].error, ==, ENODATA);
	tree_say(f.root, INLET "/hwmon/hwmon4/temp1_fault", "0");
	UNTIL(f.last[0].error == 0);
	fixture_close(&f);
}

static void test_a_fan_is_taken_and_told_its_duty(void)
{
	struct fixture f;

	fixture_open(&f);
	tree_say(f.root, BOARD "/hwmon/hwmon2/pwm1", "255");
	tree_say(f.root, BOARD "/hwmon/hwmon2/pwm1_enable", "2");
	fixture_start(&f);
	UNTIL(f.readings[0] > 2);
	/* Nobody said anything yet. */
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm1_enable"), ==, 2);
	hwmon_duty(f.hwmon, 0, 55);
	UNTIL(f.writes > 0);
	g_assert_cmpint(f.written.error, ==, 0);
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm1"), ==, 140);
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm1_enable"), ==, 1);
	g_assert_cmpfloat_with_epsilon(f.written.duty, 55, 0.2);
	g_assert_cmpfloat_with_epsilon(f.written.seen, 55, 0.2);
	hwmon_duty(f.hwmon, 0, 0.0 / 0.0);
	UNTIL(f.written.duty > 99);
	hwmon_duty(f.hwmon, 0, -3);
	UNTIL(f.written.duty < 1);
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm1"), ==, 0);
	fixture_close(&f);
}

static void test_a_fan_that_others_wrote_to_is_told_again(void)
{
	struct fixture f;

	fixture_open(&f);
	tree_say(f.root, BOARD "/hwmon/hwmon2/pwm1", "255");
	tree_say(f.root, BOARD "/hwmon/hwmon2/pwm1_enable", "1");
	fixture_start(&f);
	hwmon_duty(f.hwmon, 0, 100);
	UNTIL(f.writes == 1);
	tree_say(f.root, BOARD "/hwmon/hwmon2/pwm1", "10");
	UNTIL(f.writes == 2);
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm1"), ==, 255);
	tree_say(f.root, BOARD "/hwmon/hwmon2/pwm1_enable", "0");
	UNTIL(f.writes == 3);
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm1_enable"), ==, 1);
	/* It was reset, and has another number. */
	tree_gone(f.root, BOARD);
	UNTIL(f.written.error != 0);
	tree_say(f.root, BOARD "/hwmon/hwmon6/pwm1", "77");
	UNTIL(f.written.error == 0 && fixture_hear(&f, BOARD "/hwmon/hwmon6/pwm1") == 255);
	fixture_close(&f);
}

/* A file of the kernel that says 63 for 99, as it reads in decimals and writes in hexadecimals. */
static void test_a_driver_may_say_another_duty_than_was_written(void)
{
	static const char filter[] = "/proc/self/coredump_filter";
	struct fixture f;
	char *pwm;
	int seen;

	if (g_access(filter, R_OK | W_OK) != 0) {
		g_test_skip("the kernel has no /proc/self/coredump_filter that can be written");
		return;
	}
	fixture_open(&f);
	tree_say(f.root, INLET "/hwmon/hwmon4/temp1_input", "20000");
	tree_say(f.root, BOARD "/hwmon/hwmon2/fan2_input", "5421");
	pwm = g_build_filename(f.root, BOARD, "hwmon/hwmon2/pwm1", NULL);
	g_assert_cmpint(symlink(filter, pwm), ==, 0);
	fixture_start(&f);
	hwmon_duty(f.hwmon, 0, 99 * 100.0 / 255);
	UNTIL(f.writes > 0);
	g_assert_cmpint(f.written.error, ==, 0);
	g_assert_cmpfloat_with_epsilon(f.written.seen, 63 * 100.0 / 255, 0.1);
	seen = f.readings[0];
	UNTIL(f.readings[0] > seen + 5);
	g_assert_cmpint(f.writes, ==, 1);
	g_free(pwm);
	fixture_close(&f);
}

/* A pipe without a writer keeps whoever opens it, as a bus that hangs would. */
static void test_a_bus_that_hangs_keeps_only_its_thread(void)
{
	const struct hwmon_settings fan = {.outputs = &output, .output_count = 1};
	struct hwmon_settings other = fan;
	struct hwmon *second;
	struct fixture f;
	char *path;
	int fd;

	fixture_open(&f);
	tree_say(f.root, BOARD "/hwmon/hwmon2/pwm1", "255");
	path = tree_path(f.root, INLET "/hwmon/hwmon4/temp1_input");
	g_assert_cmpint(mkfifo(path, 0600), ==, 0);
	fixture_start(&f);
	other.root = f.root;
	second = hwmon_new(&other, &events, &f, NULL);
	hwmon_duty(second, 0, 20);
	UNTIL(f.writes > 0);
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm1"), ==, 51);
	hwmon_free(second);
	g_assert_cmpint(f.readings[0], ==, 0);
	fd = open(path, O_WRONLY | O_CLOEXEC); /* returns when the thread has its end */
	g_assert_cmpint(fd, >=, 0);
	UNTIL(f.readings[0] > 0);
	g_assert_cmpint(f.last[0].error, ==, ESPIPE);
	g_unlink(path);
	close(fd);
	g_free(path);
	fixture_close(&f);
}

/* While a device hangs others may take over: what was still to be written is, when it lets us. */
static void test_one_that_is_left_keeps_nobody_and_writes_on(void)
{
	static const struct hwmon_output two[] = {{BOARD, "pwm1"}, {BOARD, "pwm2"}};
	static const bool others[] = {true, false};
	const struct hwmon_input good_first[] = {inputs[1], inputs[0]};
	struct hwmon_settings settings = {
			.inputs = good_first, .input_count = 2, .outputs = two, .output_count = 2};
	struct fixture f;
	char *path;
	int fd;

	fixture_open(&f);
	tree_say(f.root, BOARD "/hwmon/hwmon2/fan2_input", "3000");
	tree_say(f.root, BOARD "/hwmon/hwmon2/pwm1", "255");
	tree_say(f.root, BOARD "/hwmon/hwmon2/pwm2", "255");
	path = tree_path(f.root, INLET "/hwmon/hwmon4/temp1_input");
	g_assert_cmpint(mkfifo(path, 0600), ==, 0);
	settings.root = f.root;
	f.hwmon = hwmon_new(&settings, &events, &f, NULL);
	UNTIL(f.readings[0] > 0); /* by now it is at the other one, and hangs */
	hwmon_duty(f.hwmon, 0, 20);
	hwmon_duty(f.hwmon, 1, 60);
	hwmon_leave(g_steal_pointer(&f.hwmon), others);
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm2"), ==, 255);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	g_assert_cmpint(fd, >=, 0);
	for (int i = 0; i < 20000 && fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm2") != 153; i++)
		g_usleep(1000);
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm2"), ==, 153);
	g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm1"), ==, 255);
	close(fd);
	g_free(path);
	fixture_close(&f);
}

static void test_the_last_word_is_written_before_the_end(void)
{
	struct fixture f;

	for (int i = 0; i < 10; i++) {
		fixture_open(&f);
		tree_say(f.root, BOARD "/hwmon/hwmon2/pwm1", "0");
		fixture_start(&f);
		hwmon_duty(f.hwmon, 0, 10);
		hwmon_duty(f.hwmon, 0, 70);
		hwmon_free(f.hwmon);
		f.hwmon = NULL;
		g_assert_cmpint(fixture_hear(&f, BOARD "/hwmon/hwmon2/pwm1"), ==, 179);
		fixture_close(&f);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hwmon/values-come-in-units-of-the-operator",
			test_values_come_in_units_of_the_operator);
	g_test_add_func("/hwmon/each-kind-has-its-scale", test_each_kind_has_its_scale);
	g_test_add_func("/hwmon/wrong-attributes-are-refused", test_wrong_attributes_are_refused);
	g_test_add_func("/hwmon/a-file-is-kept-open", test_a_file_is_kept_open);
	g_test_add_func("/hwmon/a-device-that-comes-back-by-another-number-is-found",
			test_a_device_that_comes_back_by_another_number_is_found);
	g_test_add_func("/hwmon/what-cannot-be-told-apart-is-not-read",
			test_what_cannot_be_told_apart_is_not_read);
	g_test_add_func("/hwmon/what-is-no-number-is-a-failure",
			test_what_is_no_number_is_a_failure);
	g_test_add_func("/hwmon/a-sensor-with-a-fault-has-no-value",
			test_a_sensor_with_a_fault_has_no_value);
	g_test_add_func("/hwmon/a-fan-is-taken-and-told-its-duty",
			test_a_fan_is_taken_and_told_its_duty);
	g_test_add_func("/hwmon/a-fan-that-others-wrote-to-is-told-again",
			test_a_fan_that_others_wrote_to_is_told_again);
	g_test_add_func("/hwmon/a-driver-may-say-another-duty-than-was-written",
			test_a_driver_may_say_another_duty_than_was_written);
	g_test_add_func("/hwmon/a-bus-that-hangs-keeps-only-its-thread",
			test_a_bus_that_hangs_keeps_only_its_thread);
	g_test_add_func("/hwmon/one-that-is-left-keeps-nobody-and-writes-on",
			test_one_that_is_left_keeps_nobody_and_writes_on);
	g_test_add_func("/hwmon/the-last-word-is-written-before-the-end",
			test_the_last_word_is_written_before_the_end);
	return g_test_run();
}
