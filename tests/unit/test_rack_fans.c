/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On a board that is made up, on a clock of its own; the last ones on a folder and in real time. */
#include <errno.h>
#include <ftw.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include "rack/sdr.h"
#include "src/rack_fans.h"

#define TICK  100 /* ms of the rack's clock between steps */
#define SPEED 100 /* so that a step's timer is as short as there is */
#define FANS  3

/* --- Time --- */

static int64_t virtual_us = -1; /* below 0: the real time counts */

gint64 __real_g_get_monotonic_time(void);
gint64 __wrap_g_get_monotonic_time(void);

gint64 __wrap_g_get_monotonic_time(void)
{
	return virtual_us < 0 ? __real_g_get_monotonic_time() : virtual_us;
}

/* --- A board: a processor of 200 W behind a heat sink, degrees for a watt fall with the duty ---
 */

struct fixture {
	struct board board;
	struct hwmon_events events;
	void *data;
	size_t inputs, outputs;
	double duty[FANS];
	int rpm[FANS];
	bool dead[FANS], silent, mute; /* a fan, the sensor, the tachometers */
	bool stuck;                    /* what is written has no answer */
	int error;                     /* of reading the sensor; 0: none */
	bool freed;
	double temperature, inlet, hottest;
	double least, most; /* of the first fan's duty */
	/* And who looks at it. */
	struct rack_world world;
	struct rack_config config;
	struct rack_config_sensor sensor;
	struct rack_config_zone zone;
	struct rack_config_input input[2];
	struct rack_config_fan fan[FANS];
	struct rack_config_node node[3];
	enum rack_fans_node is[3];
	struct readings *readings;
	struct rack_fans *fans;
	GString *said; /* types of events */
	json_t *last;
	unsigned int petted;
};

/* In place of the bus for events: nobody else listens. */
void events_publish(struct events *events, const char *type, json_t *data)
{
	struct fixture *f = (struct fixture *)events;

	g_string_append_printf(f->said, "%s ", type);
	json_decref(f->last);
	f->last = data;
}

static int64_t fixture_now(const struct fixture *f)
{
	return rack_clock_now(&f->world.clock);
}

static void board_is_told(struct board *board, size_t output, double percent)
{
	struct fixture *f = (struct fixture *)board;

	g_assert_cmpuint(output, <, FANS);
	f->duty[output] = percent;
}

static void board_is_freed(struct board *board)
{
	((struct fixture *)board)->freed = true;
}

static struct board *board_open(void *data, const struct hwmon_settings *settings,
		const struct hwmon_events *events, void *tag, GError **error)
{
	static const struct board_kind kind = {board_is_told, board_is_freed};
	struct fixture *f = data;

	(void)error;
	f->board.kind = &kind;
	f->events = *events;
	f->data = tag;
	f->inputs = settings->input_count;
	f->outputs = settings->output_count;
	return &f->board;
}

static void board_pass(struct fixture *f)
{
	double target = f->inlet + 200 * (0.08 + 5 / MAX(f->duty[0], 1));

	f->temperature += (target - f->temperature) * TICK / 20000;
	f->hottest = MAX(f->hottest, f->temperature);
	for (size_t i = 0; i < FANS; i++) {
		double speed = f->dead[i] ? 0 : f->duty[i] * 100;

		f->rpm[i] += (int)((speed - f->rpm[i]) * TICK / 500);
	}
}

static void board_speaks(struct fixture *f, int64_t tick)
{
	struct hwmon_reading reading = {.taken = fixture_now(f)};

	if (tick % 10 == 0 && !f->silent) {
		reading.error = f->error;
		/* In steps of a degree, as many sensors are. */
		reading.value = round(f->temperature);
		f->events.reading(0, &reading, f->data);
	}
	for (size_t i = 0; i < f->outputs && !f->stuck; i++)
		f->events.written(i, &(struct hwmon_written){0, f->duty[i], f->duty[i]}, f->data);
	reading.error = 0;
	for (size_t i = 0; tick % 5 == 0 && i < FANS && !f->mute; i++) {
		reading.value = f->rpm[i];
		f->events.reading(1 + i, &reading, f->data);
	}
}

/* --- Around it --- */

static void fixture_pet(void *data)
{
	((struct fixture *)data)->petted++;
}

/* Of the configuration, which owns its texts elsewhere. */
static char *word(const char *text)
{
	return (char *)g_intern_string(text);
}

static void fixture_fill(struct fixture *f)
{
	static const char *const names[FANS] = {"left", "middle", "right"};
	static const char *const pwms[FANS] = {"pwm1", "pwm2", "pwm3"};
	static const char *const tachometers[FANS] = {"fan1", "fan2", "fan3"};

	f->sensor = (struct rack_config_sensor){
			word("cpu"), word("bus/i2c/devices/7-0048"), word("temp1"), 1000};
	f->zone = (struct rack_config_zone){word("wall"), {.least = 25}};
	f->input[0] = (struct rack_config_input){.name = word("hot"),
			.sensor = word("SELF/cpu"),
			.settings = {.control = FAN_CONTROL_PID,
					.pid = {.setpoint = 75,
							.feed = 20,
							.kp = 14,
							.ki = 0.4,
							.kd = 25,
							.dead = 0.6},
					.low = -20,
					.high = 125,
					.critical = 95,
					.timeout_ms = 5000}};
	f->input[1] = (struct rack_config_input){.name = word("nodes"),
			.sensor = word("n?/CPU*"),
			.settings = {.curve = {{30, 35}, {50, 50}, {70, 90}},
					.points = 3,
					.low = -20,
					.high = 125,
					.critical = 95,
					.timeout_ms = 5000}};
	for (size_t i = 0; i < FANS; i++)
		f->fan[i] = (struct rack_config_fan){word(names[i]), 0,
				word("bus/i2c/devices/3-002f"), word(pwms[i]), word(tachometers[i]),
				800};
	f->config = (struct rack_config){
			.safe_duty = 77,
			.sensors = &f->sensor,
			.sensor_count = 1,
			.zones = &f->zone,
			.zone_count = 1,
			.inputs = f->input,
			.input_count = 1,
			.fans = f->fan,
			.fan_count = FANS,
	};
}

static void fixture_start(struct fixture *f)
{
	f->fans = rack_fans_new(&f->config, &f->world, f->readings, (struct events *)f, fixture_pet,
			f, NULL);
	g_assert_nonnull(f->fans);
}

static void fixture_open(struct fixture *f)
{
	virtual_us = 1000000;
	*f = (struct fixture){.world = {.clock = {SPEED}, .board = board_open},
			.temperature = 70,
			.inlet = 20,
			.rpm = {2500, 2500, 2500},
			.readings = readings_new(64),
			.said = g_string_new(NULL)};
	f->world.data = f;
	fixture_fill(f);
}

static void fixture_close(struct fixture *f)
{
	rack_fans_free(f->fans);
	readings_free(f->readings);
	g_string_free(f->said, TRUE);
	json_decref(f->last);
	virtual_us = -1;
}

static void fixture_heard(struct fixture *f, const char *said)
{
	g_assert_cmpstr(f->said->str, ==, said);
	g_string_truncate(f->said, 0);
}

static void fixture_tick(struct fixture *f)
{
	unsigned int petted = f->petted;

	virtual_us += TICK * 1000 / SPEED;
	board_pass(f);
	board_speaks(f, fixture_now(f) / TICK);
	while (f->petted == petted)
		g_main_context_iteration(NULL, TRUE);
	f->least = MIN(f->least, f->duty[0]);
	f->most = MAX(f->most, f->duty[0]);
}

static void fixture_run(struct fixture *f, int ms)
{
	f->least = f->most = f->duty[0];
	for (int i = 0; i < ms / TICK; i++)
		fixture_tick(f);
}

/* Returns after how many ms the fans run at that. */
static int fixture_until(struct fixture *f, double duty)
{
	int ms = 0;

	for (; f->duty[0] < duty; ms += TICK) {
		g_assert_cmpint(ms, <, 60000);
		fixture_tick(f);
	}
	return ms;
}

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

/* --- Nodes' sensors --- */

static void node_says(struct fixture *f, const char *node, const char *sensor, double value)
{
	const struct readings_value said = {.value = value, .unit = SDR_UNIT_CELSIUS, .ttl = 3000};
	uint32_t generation = readings_add(f->readings, node);
	int64_t now = fixture_now(f);

	g_assert_cmpint(readings_put(f->readings, node, generation, sensor, now, now, &said), ==,
			READINGS_KEPT);
}

/* Of three nodes, as far as they are there. */
static void nodes_run(struct fixture *f, const double values[3], int seconds)
{
	static const char *const names[] = {"n1", "n2", "n3"};

	for (int i = 0; i < seconds; i++) {
		for (size_t k = 0; k < G_N_ELEMENTS(names); k++)
			if (!isnan(values[k]))
				node_says(f, names[k], "CPU_Temp", values[k]);
		node_says(f, "n1", "Inlet", 90);
		node_says(f, "other", "CPU_Temp", 90);
		fixture_run(f, 1000);
	}
}

static void nodes_open(struct fixture *f)
{
	fixture_open(f);
	f->config.inputs = &f->input[1];
	fixture_start(f);
}

/* The same nodes, in the configuration. */
static enum rack_fans_node node_is(size_t node, void *data)
{
	const struct fixture *f = data;

	g_assert_cmpuint(node, <, G_N_ELEMENTS(f->is));
	return f->is[node];
}

static void configured_open(struct fixture *f)
{
	fixture_open(f);
	f->config.inputs = &f->input[1];
	f->config.nodes = f->node;
	f->config.node_count = G_N_ELEMENTS(f->node);
	f->node[0].name = word("n1");
	f->node[1].name = word("n2");
	f->node[2].name = word("n3");
	fixture_start(f);
	rack_fans_ask_nodes(f->fans, node_is, f);
}

static void node_says_none(struct fixture *f, const char *node)
{
	readings_none(f->readings, node, readings_add(f->readings, node), "CPU_Temp",
			fixture_now(f));
}

static void test_a_node_that_was_never_heard_is_failsafe(void)
{
	struct rack_zone_status status;
	struct fixture f;

	configured_open(&f);
	nodes_run(&f, (const double[]){20, 20, NAN}, 4);
	fixture_heard(&f, "");
	/* That it draws power says nothing of its temperature. */
	for (int i = 0; i < 4; i++) {
		node_says(&f, "n3", "POWER", 200);
		nodes_run(&f, (const double[]){20, 20, NAN}, 1);
	}
	g_assert_cmpfloat(f.duty[0], ==, 80);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_cmpint(status.state.reason, ==, FAN_REASON_STALE);
	g_assert_cmpstr(status.about, ==, "nodes");
	fixture_heard(&f, "fan.failsafe ");
	/* What its sensors say is another thing: it may have none of that name. */
	for (int i = 0; i < 20; i++) {
		node_says(&f, "n3", "PSU", 33);
		nodes_run(&f, (const double[]){20, 20, NAN}, 1);
	}
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "fan.recovered ");
	fixture_close(&f);
}

static void test_a_place_that_is_empty_and_a_node_without_bmc_are_not_waited_for(void)
{
	struct fixture f;

	configured_open(&f);
	f.is[1] = RACK_FANS_NODE_MUTE;
	f.is[2] = RACK_FANS_NODE_COLD;
	nodes_run(&f, (const double[]){20, NAN, NAN}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "");
	/* It comes, and is silent. */
	f.is[2] = RACK_FANS_NODE_WARM;
	nodes_run(&f, (const double[]){20, NAN, NAN}, 4);
	fixture_heard(&f, "");
	nodes_run(&f, (const double[]){20, NAN, NAN}, 3);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	fixture_heard(&f, "fan.failsafe ");
	fixture_close(&f);
}

static void test_nodes_that_are_off_ask_for_nothing(void)
{
	struct rack_zone_status status;
	struct fixture f;

	configured_open(&f);
	nodes_run(&f, (const double[]){55, 20, 20}, 10);
	g_assert_cmpfloat(f.duty[0], ==, 50);
	for (size_t i = 0; i < 3; i++) {
		f.is[i] = RACK_FANS_NODE_COLD;
		node_says_none(&f, f.node[i].name);
	}
	fixture_run(&f, 60000);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_cmpint(status.state.reason, ==, FAN_REASON_LEAST);
	/* One is on again. */
	f.is[1] = RACK_FANS_NODE_WARM;
	fixture_run(&f, 3000);
	nodes_run(&f, (const double[]){NAN, 75, NAN}, 5);
	g_assert_cmpfloat(f.duty[0], ==, 90);
	fixture_heard(&f, "");
	/* Without a word of its temperature, and the others still off. */
	node_says_none(&f, "n2");
	fixture_run(&f, 10000);
	g_assert_cmpfloat(f.duty[0], ==, 90);
	fixture_heard(&f, "fan.failsafe ");
	fixture_close(&f);
}

static void test_one_sensor_of_a_node_that_is_off_asks_for_nothing(void)
{
	struct fixture f;

	fixture_open(&f);
	f.input[1].sensor = word("n2/CPU_Temp");
	f.config.inputs = &f.input[1];
	f.config.nodes = f.node;
	f.config.node_count = 2;
	f.node[0].name = word("n1");
	f.node[1].name = word("n2");
	fixture_start(&f);
	rack_fans_ask_nodes(f.fans, node_is, &f);
	nodes_run(&f, (const double[]){20, 55, 20}, 10);
	g_assert_cmpfloat(f.duty[0], ==, 50);
	f.is[1] = RACK_FANS_NODE_COLD;
	node_says_none(&f, "n2");
	fixture_run(&f, 60000);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "");
	f.is[1] = RACK_FANS_NODE_WARM;
	fixture_run(&f, 10000);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	fixture_close(&f);
}

static void test_the_hottest_of_those_that_match_counts(void)
{
	struct fixture f;

	nodes_open(&f);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	nodes_run(&f, (const double[]){20, 55, 31}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 50);
	nodes_run(&f, (const double[]){75, 55, 31}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 90);
	fixture_heard(&f, "");
	fixture_close(&f);
}

static void test_a_lost_node_is_failsafe_and_hides_nothing(void)
{
	struct rack_zone_status status;
	struct fixture f;

	nodes_open(&f);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	nodes_run(&f, (const double[]){20, NAN, 20}, 4);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	nodes_run(&f, (const double[]){20, NAN, 20}, 3);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_cmpint(status.state.reason, ==, FAN_REASON_STALE);
	g_assert_cmpstr(status.about, ==, "nodes");
	/* The others are still looked at. */
	nodes_run(&f, (const double[]){20, NAN, 72}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 90);
	nodes_run(&f, (const double[]){20, NAN, 97}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 100);
	nodes_run(&f, (const double[]){20, NAN, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	fixture_heard(&f, "fan.failsafe ");
	/* Its place is empty now. */
	readings_flush(f.readings, "n2");
	nodes_run(&f, (const double[]){20, NAN, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "fan.recovered ");
	nodes_run(&f, (const double[]){20, NAN, NAN}, 10);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	readings_remove(f.readings, "n3");
	nodes_run(&f, (const double[]){20, NAN, NAN}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_close(&f);
}

static void test_a_broken_or_lying_sensor_of_a_node_is_failsafe(void)
{
	struct fixture f;

	nodes_open(&f);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	for (int i = 0; i < 3; i++)
		readings_fail(f.readings, "n2", readings_generation(f.readings, "n2"), "CPU_Temp",
				fixture_now(&f));
	nodes_run(&f, (const double[]){20, NAN, 20}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	nodes_run(&f, (const double[]){20, 200, 20}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "fan.failsafe fan.recovered fan.failsafe fan.recovered ");
	fixture_close(&f);
}

static void test_a_sensor_without_a_reading_is_passed_over(void)
{
	struct fixture f;

	nodes_open(&f);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	readings_none(f.readings, "n2", readings_generation(f.readings, "n2"), "CPU_Temp",
			fixture_now(&f));
	nodes_run(&f, (const double[]){20, NAN, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "");
	fixture_close(&f);
}

static void test_a_pattern_of_which_nothing_is_left_is_stale(void)
{
	struct fixture f;

	nodes_open(&f);
	fixture_run(&f, 4000);
	g_assert_cmpfloat(f.duty[0], ==, 70);
	fixture_run(&f, 4000);
	g_assert_cmpfloat(f.duty[0], ==, 80);
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

static struct board *tree_board(void *data, const struct hwmon_settings *settings,
		const struct hwmon_events *events, void *tag, GError **error)
{
	(void)data;
	return board_hwmon_new(settings, events, tag, error);
}

static void tree_say(const char *root, const char *path, const char *text)
{
	char *full = g_build_filename(root, path, NULL), *folder = g_path_get_dirname(full);

	g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
	g_assert_true(g_file_set_contents(full, text, -1, NULL));
	g_free(folder);
	g_free(full);
}

static int tree_hear(const char *root, const char *path)
{
	char *full = g_build_filename(root, path, NULL), *text = NULL;
	int value;

	g_assert_true(g_file_get_contents(full, &text, NULL, NULL));
	value = atoi(text);
	g_free(text);
	g_free(full);
	return value;
}

static int tree_remove(const char *path, const struct stat *state, int kind, struct FTW *at)
{
	(void)state;
	(void)kind;
	(void)at;
	return remove(path);
}

static gboolean tree_late(gpointer data)
{
	(void)data;
	g_error("waited for too long");
	return G_SOURCE_REMOVE;
}

static void test_on_the_kernels_files(void)
{
	static const char pwm[] = "bus/i2c/devices/3-002f/hwmon/hwmon2/pwm2";
	struct readings_record record;
	guint late;
	struct fixture f;

	fixture_open(&f);
	virtual_us = -1;
	f.world = (struct rack_world){.clock = {1}, .board = tree_board};
	f.config.sysfs = g_dir_make_tmp("rack_fans-XXXXXX", NULL);
	tree_say(f.config.sysfs, "bus/i2c/devices/7-0048/hwmon/hwmon1/temp1_input", "99000");
	tree_say(f.config.sysfs, "bus/i2c/devices/3-002f/hwmon/hwmon2/fan2_input", "4321");
	tree_say(f.config.sysfs, pwm, "0   ");
	fixture_start(&f);
	late = g_timeout_add_seconds(30, tree_late, NULL);
	/* Two of the three fans are not there: the third makes up for them. */
	while (tree_hear(f.config.sysfs, pwm) != 255 || f.said->len == 0)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(late);
	g_assert_true(readings_get(f.readings, "SELF/cpu", fixture_now(&f), &record));
	g_assert_cmpfloat(record.value.value, ==, 99);
	g_assert_true(readings_get(f.readings, "SELF/middle", fixture_now(&f), &record));
	g_assert_cmpfloat(record.value.value, ==, 4321);
	rack_fans_free(f.fans);
	f.fans = NULL;
	g_assert_cmpint(tree_hear(f.config.sysfs, pwm), ==, 196);
	nftw(f.config.sysfs, tree_remove, 8, FTW_DEPTH | FTW_PHYS);
	g_free(f.config.sysfs);
	fixture_close(&f);
}

static void test_what_is_no_attribute_is_refused(void)
{
	GError *error = NULL;
	struct fixture f;

	fixture_open(&f);
	f.world.board = tree_board;
	f.sensor.attribute = word("hot1");
	g_assert_null(rack_fans_new(&f.config, &f.world, f.readings, NULL, NULL, NULL, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	g_error_free(error);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rack_fans/warmer-air-is-met-by-more-duty",
			test_warmer_air_is_met_by_more_duty);
	g_test_add_func("/rack_fans/a-silent-sensor-is-failsafe-in-time",
			test_a_silent_sensor_is_failsafe_in_time);
	g_test_add_func("/rack_fans/a-sensor-that-cannot-be-read-is-failsafe-in-time",
			test_a_sensor_that_cannot_be_read_is_failsafe_in_time);
	g_test_add_func("/rack_fans/a-dead-fan-is-made-up-for-in-time",
			test_a_dead_fan_is_made_up_for_in_time);
	g_test_add_func("/rack_fans/tachometers-that-say-nothing-count-as-fans-that-stand",
			test_tachometers_that_say_nothing_count_as_fans_that_stand);
	g_test_add_func("/rack_fans/a-fan-that-cannot-be-written-says-so",
			test_a_fan_that_cannot_be_written_says_so);
	g_test_add_func("/rack_fans/a-fan-without-tachometer-that-cannot-be-written-is-made-up-for",
			test_a_fan_without_tachometer_that_cannot_be_written_is_made_up_for);
	g_test_add_func("/rack_fans/another-configuration-goes-on-where-the-former-was",
			test_another_configuration_goes_on_where_the_former_was);
	g_test_add_func("/rack_fans/what-could-not-be-trusted-is-not-by-another-configuration-either",
			test_what_could_not_be_trusted_is_not_by_another_configuration_either);
	g_test_add_func("/rack_fans/what-the-board-says-is-among-the-readings",
			test_what_the_board_says_is_among_the_readings);
	g_test_add_func("/rack_fans/the-hottest-of-those-that-match-counts",
			test_the_hottest_of_those_that_match_counts);
	g_test_add_func("/rack_fans/a-lost-node-is-failsafe-and-hides-nothing",
			test_a_lost_node_is_failsafe_and_hides_nothing);
	g_test_add_func("/rack_fans/a-broken-or-lying-sensor-of-a-node-is-failsafe",
			test_a_broken_or_lying_sensor_of_a_node_is_failsafe);
	g_test_add_func("/rack_fans/a-sensor-without-a-reading-is-passed-over",
			test_a_sensor_without_a_reading_is_passed_over);
	g_test_add_func("/rack_fans/a-pattern-of-which-nothing-is-left-is-stale",
			test_a_pattern_of_which_nothing_is_left_is_stale);
	g_test_add_func("/rack_fans/a-node-that-was-never-heard-is-failsafe",
			test_a_node_that_was_never_heard_is_failsafe);
	g_test_add_func("/rack_fans/a-place-that-is-empty-and-a-node-without-bmc-are-not-waited-for",
			test_a_place_that_is_empty_and_a_node_without_bmc_are_not_waited_for);
	g_test_add_func("/rack_fans/nodes-that-are-off-ask-for-nothing",
			test_nodes_that_are_off_ask_for_nothing);
	g_test_add_func("/rack_fans/one-sensor-of-a-node-that-is-off-asks-for-nothing",
			test_one_sensor_of_a_node_that_is_off_asks_for_nothing);
	g_test_add_func("/rack_fans/an-operator-may-want-another-duty",
			test_an_operator_may_want_another_duty);
	g_test_add_func("/rack_fans/the-end-is-a-safe-duty", test_the_end_is_a_safe_duty);
	g_test_add_func("/rack_fans/a-board-may-have-no-fans", test_a_board_may_have_no_fans);
	g_test_add_func("/rack_fans/on-the-kernels-files", test_on_the_kernels_files);
	g_test_add_func("/rack_fans/what-is-no-attribute-is-refused",
			test_what_is_no_attribute_is_refused);
	return g_test_run();
}
