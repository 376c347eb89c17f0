/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On a folder that pretends to be sysfs. */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "rack/board.h"
#include "tests/unit/tree.h"
#include "tests/unit/until.h"

#define BUS       "bus/i2c/devices"
#define PERIOD_MS 5

static const struct hwmon_input inputs[] = {
		{"/sys/" BUS "/7-0048", "temp1", PERIOD_MS},
		{BUS "/3-002f", "fan1", PERIOD_MS},
		{BUS "/7-0049", "temp1", PERIOD_MS},
		{BUS "/3-002e", "fan1", PERIOD_MS},
		{BUS "/7-0048/hwmon/hwmon*", "temp2", PERIOD_MS},
};
static const struct hwmon_output outputs[] = {
		{BUS "/3-002e", "pwm1"},
		{BUS "/3-002f", "pwm2"},
		{BUS "/3-002e/", "pwm2"},
};

struct fixture {
	char *root;
	struct board *board;
	struct hwmon_reading last[G_N_ELEMENTS(inputs)];
	int readings[G_N_ELEMENTS(inputs)], writes[G_N_ELEMENTS(outputs)];
};

static void fixture_reading(size_t input, const struct hwmon_reading *reading, void *data)
{
	struct fixture *f = data;

	g_assert_cmpuint(input, <, G_N_ELEMENTS(inputs));
	f->last[input] = *reading;
	f->readings[input]++;
}

static void fixture_written(size_t output, const struct hwmon_written *written, void *data)
{
	struct fixture *f = data;

	(void)written;
	g_assert_cmpuint(output, <, G_N_ELEMENTS(outputs));
	f->writes[output]++;
}

static const struct hwmon_events events = {fixture_reading, fixture_written};

static int64_t fixture_hear(const struct fixture *f, const char *path)
{
	g_autofree char *on_bus = g_build_filename(BUS, path, NULL);

	return tree_hear(f->root, on_bus);
}

static void fixture_open(struct fixture *f)
{
	*f = (struct fixture){.root = tree_new()};
	tree_say(f->root, BUS "/7-0048/hwmon/hwmon1/temp1_input", "21000");
	tree_say(f->root, BUS "/7-0048/hwmon/hwmon1/temp2_input", "22000");
	tree_say(f->root, BUS "/7-0049/hwmon/hwmon2/temp1_input", "23000");
	tree_say(f->root, BUS "/3-002f/hwmon/hwmon3/fan1_input", "5000");
	tree_say(f->root, BUS "/3-002f/hwmon/hwmon3/pwm2", "0   ");
	tree_say(f->root, BUS "/3-002e/hwmon/hwmon4/fan1_input", "6000");
	tree_say(f->root, BUS "/3-002e/hwmon/hwmon4/pwm1", "0   ");
	tree_say(f->root, BUS "/3-002e/hwmon/hwmon4/pwm2", "0   ");
}

static void fixture_start(struct fixture *f)
{
	const struct hwmon_settings settings = {.root = f->root,
			.inputs = inputs,
			.input_count = G_N_ELEMENTS(inputs),
			.outputs = outputs,
			.output_count = G_N_ELEMENTS(outputs),
			.check_ms = PERIOD_MS};

	f->board = board_hwmon_new(&settings, &events, f, NULL);
	g_assert_nonnull(f->board);
}

static void fixture_close(struct fixture *f)
{
	board_free(f->board);
	tree_free(f->root);
}

static void test_numbers_are_those_of_the_settings(void)
{
	static const double values[] = {21, 5000, 23, 6000, 22};
	struct fixture f;

	fixture_open(&f);
	fixture_start(&f);
	board_duty(f.board, 0, 20);
	board_duty(f.board, 1, 40);
	board_duty(f.board, 2, 60);
	for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
		UNTIL(f.readings[i] > 0);
		g_assert_cmpint(f.last[i].error, ==, 0);
		g_assert_cmpfloat_with_epsilon(f.last[i].value, values[i], 1e-9);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(outputs); i++)
		UNTIL(f.writes[i] > 0);
	g_assert_cmpint(fixture_hear(&f, "3-002e/hwmon/hwmon4/pwm1"), ==, 51);
	g_assert_cmpint(fixture_hear(&f, "3-002f/hwmon/hwmon3/pwm2"), ==, 102);
	g_assert_cmpint(fixture_hear(&f, "3-002e/hwmon/hwmon4/pwm2"), ==, 153);
	fixture_close(&f);
}

/* A pipe without a writer keeps whoever opens it, as a device that hangs would. */
static void test_a_device_that_hangs_holds_up_no_other_and_no_end(void)
{
	struct fixture f;
	char *pipe;
	int fd;

	fixture_open(&f);
	pipe = tree_path(f.root, BUS "/7-0048/hwmon/hwmon1/temp1_input");
	g_unlink(pipe);
	g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
	fixture_start(&f);
	board_duty(f.board, 1, 20);
	UNTIL(f.readings[1] > 2 && f.readings[2] > 2 && f.readings[3] > 2 && f.writes[1] > 0);
	g_assert_cmpint(f.readings[0] + f.readings[4], ==, 0);
	board_duty(f.board, 1, 80);
	board_free(f.board);
	f.board = NULL;
	g_assert_cmpint(fixture_hear(&f, "3-002f/hwmon/hwmon3/pwm2"), ==, 204);
	/* Its thread has its end now, and tidies up behind itself. */
	fd = open(pipe, O_WRONLY | O_CLOEXEC);
	g_assert_cmpint(fd, >=, 0);
	close(fd);
	g_free(pipe);
	fixture_close(&f);
}

static void test_wrong_attributes_are_refused(void)
{
	const struct hwmon_input wrong[] = {inputs[0], {BUS "/9-0048", "hot1", 0}};
	const struct hwmon_settings settings = {.inputs = wrong, .input_count = 2};
	GError *error = NULL;

	g_assert_null(board_hwmon_new(&settings, &events, NULL, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	g_error_free(error);
}

static void test_a_board_may_have_nothing(void)
{
	const struct hwmon_settings settings = {.input_count = 0};
	struct board *board = board_hwmon_new(&settings, &events, NULL, NULL);

	g_assert_nonnull(board);
	board_free(board);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/board_hwmon/numbers-are-those-of-the-settings",
			test_numbers_are_those_of_the_settings);
	g_test_add_func("/board_hwmon/a-device-that-hangs-holds-up-no-other-and-no-end",
			test_a_device_that_hangs_holds_up_no_other_and_no_end);
	g_test_add_func("/board_hwmon/wrong-attributes-are-refused",
			test_wrong_attributes_are_refused);
	g_test_add_func("/board_hwmon/a-board-may-have-nothing", test_a_board_may_have_nothing);
	return g_test_run();
}
