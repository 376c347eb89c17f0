/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A zone's fans on a board that is made up, on a clock of its own. For programs that are linked
 * with -Wl,--wrap=g_get_monotonic_time; each includes it once.
 */
#include <errno.h>
#include <glib.h>
#include <math.h>
#include <string.h>
#include "rack/sdr.h"
#include "src/rack_fans.h"
#include "tests/unit/fan_input.h"

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
	bool freed, left;
	bool others[FANS];                       /* when it was left */
	double temperature, inlet, air, hottest; /* air: what reaches the sink of the inlet's */
	double least, most;                      /* of the first fan's duty */
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

static inline int64_t fixture_now(const struct fixture *f)
{
	return rack_clock_now(&f->world.clock);
}

static inline void board_is_told(struct board *board, size_t output, double percent)
{
	struct fixture *f = (struct fixture *)board;

	g_assert_cmpuint(output, <, FANS);
	f->duty[output] = percent;
}

static inline void board_is_freed(struct board *board)
{
	((struct fixture *)board)->freed = true;
}

static inline void board_is_left(struct board *board, const bool *others)
{
	struct fixture *f = (struct fixture *)board;

	f->left = true;
	memcpy(f->others, others, f->outputs * sizeof(*others));
}

static inline struct board *board_open(void *data, const struct hwmon_settings *settings,
		const struct hwmon_events *events, void *tag, GError **error)
{
	static const struct board_kind kind = {board_is_told, board_is_left, board_is_freed};
	struct fixture *f = data;

	(void)error;
	f->board.kind = &kind;
	f->events = *events;
	f->data = tag;
	f->inputs = settings->input_count;
	f->outputs = settings->output_count;
	return &f->board;
}

static inline void board_pass(struct fixture *f)
{
	double target = f->air + 200 * (0.08 + 5 / MAX(f->duty[0], 1));

	/* As in the simulated rack. */
	f->air += (f->inlet - f->air) * TICK / 10000;
	f->temperature += (target - f->temperature) * TICK / 20000;
	f->hottest = MAX(f->hottest, f->temperature);
	for (size_t i = 0; i < FANS; i++) {
		double speed = f->dead[i] ? 0 : f->duty[i] * 100;

		f->rpm[i] += (int)((speed - f->rpm[i]) * TICK / 500);
	}
}

static inline void board_speaks(struct fixture *f, int64_t tick)
{
	struct hwmon_reading reading = {.taken = fixture_now(f)};

	if (tick % 10 == 0 && !f->silent) {
		reading.error = f->error;
		/* In eighths of a degree, as sensors of boards have it. */
		reading.value = round(f->temperature * 8) / 8;
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

static inline void fixture_pet(void *data)
{
	((struct fixture *)data)->petted++;
}

/* Of the configuration, which owns its texts elsewhere. */
static inline char *word(const char *text)
{
	return (char *)g_intern_string(text);
}

static inline void fixture_fill(struct fixture *f)
{
	static const char *const names[FANS] = {"left", "middle", "right"};
	static const char *const pwms[FANS] = {"pwm1", "pwm2", "pwm3"};
	static const char *const tachometers[FANS] = {"fan1", "fan2", "fan3"};

	f->sensor = (struct rack_config_sensor){
			word("cpu"), word("bus/i2c/devices/7-0048"), word("temp1"), 1000};
	f->zone = (struct rack_config_zone){word("wall"), {.least = 25}};
	f->input[0] = (struct rack_config_input){.name = word("hot"),
			.sensor = word("SELF/cpu"),
			.settings = fan_input_processor};
	f->input[0].settings.timeout_ms = 5000;
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

static inline void fixture_start(struct fixture *f)
{
	f->fans = rack_fans_new(&f->config, &f->world, f->readings, (struct events *)f, fixture_pet,
			f, NULL);
	g_assert_nonnull(f->fans);
}

static inline void fixture_open(struct fixture *f)
{
	virtual_us = 1000000;
	*f = (struct fixture){.world = {.clock = {SPEED}, .board = board_open},
			.temperature = 70,
			.inlet = 20,
			.air = 20,
			.rpm = {2500, 2500, 2500},
			.readings = readings_new(64),
			.said = g_string_new(NULL)};
	f->world.data = f;
	fixture_fill(f);
}

static inline void fixture_close(struct fixture *f)
{
	rack_fans_free(f->fans);
	readings_free(f->readings);
	g_string_free(f->said, TRUE);
	json_decref(f->last);
	virtual_us = -1;
}

static inline void fixture_heard(struct fixture *f, const char *said)
{
	g_assert_cmpstr(f->said->str, ==, said);
	g_string_truncate(f->said, 0);
}

static inline void fixture_tick(struct fixture *f)
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

static inline void fixture_run(struct fixture *f, int ms)
{
	f->least = f->most = f->duty[0];
	for (int i = 0; i < ms / TICK; i++)
		fixture_tick(f);
}

/* Returns after how many ms the fans run at that. */
static inline int fixture_until(struct fixture *f, double duty)
{
	int ms = 0;

	for (; f->duty[0] < duty; ms += TICK) {
		g_assert_cmpint(ms, <, 60000);
		fixture_tick(f);
	}
	return ms;
}
