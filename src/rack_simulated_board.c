/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The board of a simulated rack: device "simulated" with temp1 (inlet), temp2 (outlet), fan1 to
 * fan6 and pwm1 to pwm6. */
#include <errno.h>
#include <string.h>
#include "src/rack_simulated_part.h"

#define DEVICE     "simulated"
#define EVERY_MS   1000
#define TICK_MS    50 /* of the rack's time */
#define TICK_LEAST 5  /* ms of real time */

struct simulated_input {
	char kind; /* 't': temperature, 'f': fan, 0: there is no such thing */
	size_t index;
	int64_t every, due; /* ms */
};

struct simulated_output {
	bool there;
	size_t fan;
	double duty; /* below 0: not told yet */
	bool news;
};

struct simulated_board {
	struct board board;
	struct rack_simulated *world;
	struct hwmon_events events;
	void *data;
	struct simulated_input *inputs;
	struct simulated_output *outputs;
	size_t input_count, output_count;
	guint timer;
};

/* "fan3": 2, where there are as many. */
static bool simulated_index(const char *device, const char *attribute, const char *kind,
		size_t count, size_t *index)
{
	size_t length = strlen(kind);

	if (strcmp(device, DEVICE) != 0 || strncmp(attribute, kind, length) != 0)
		return false;
	*index = (size_t)(attribute[length] - '1');
	return attribute[length] >= '1' && *index < count && attribute[length + 1] == '\0';
}

static double simulated_value(const struct simulated_board *own, const struct simulated_input *in)
{
	const struct sim_rack *rack = own->world->rack;

	if (in->kind == 'f')
		return sim_rack_rpm(rack, in->index);
	/* As such sensors have it, in eighths of a degree. */
	return (int)((in->index ? sim_rack_outlet(rack) : sim_rack_inlet(rack)) * 8 + 0.5) / 8.0;
}

static void simulated_read(struct simulated_board *own, size_t input, int64_t now)
{
	struct simulated_input *in = &own->inputs[input];
	struct hwmon_reading reading = {.taken = now};

	in->due = now + in->every;
	if (in->kind)
		reading.value = simulated_value(own, in);
	else
		reading.error = ENOENT;
	own->events.reading(input, &reading, own->data);
}

/* A driver takes 0 to 255. */
static void simulated_tell_written(struct simulated_board *own, size_t output)
{
	struct simulated_output *out = &own->outputs[output];
	struct hwmon_written written = {.duty = out->duty};

	out->news = false;
	if (out->there)
		written.seen = (int)(out->duty * 2.55 + 0.5) / 2.55;
	else
		written.error = ENOENT;
	own->events.written(output, &written, own->data);
}

static gboolean simulated_tick(gpointer data)
{
	struct simulated_board *own = data;
	int64_t now = rack_clock_now(&own->world->world.clock);

	for (size_t i = 0; i < own->output_count; i++)
		if (own->outputs[i].news)
			simulated_tell_written(own, i);
	for (size_t i = 0; i < own->input_count; i++)
		if (own->inputs[i].due <= now)
			simulated_read(own, i, now);
	return G_SOURCE_CONTINUE;
}

static void simulated_duty(struct board *board, size_t output, double percent)
{
	struct simulated_board *own = (struct simulated_board *)board;
	struct simulated_output *out = &own->outputs[output];

	out->news |= out->duty != percent;
	out->duty = percent;
	if (out->there)
		sim_rack_duty(own->world->rack, out->fan, percent);
}

static void simulated_board_free(struct board *board)
{
	struct simulated_board *own = (struct simulated_board *)board;

	g_source_remove(own->timer);
	g_free(own->inputs);
	g_free(own->outputs);
	g_free(own);
}

/* Nothing is ever left to be written. */
static void simulated_board_leave(struct board *board, const bool *others)
{
	(void)others;
	simulated_board_free(board);
}

static const struct board_kind simulated_board_kind = {
		simulated_duty, simulated_board_leave, simulated_board_free};

static void simulated_find_input(
		struct simulated_input *in, const struct hwmon_input *settings, int64_t now)
{
	if (simulated_index(settings->device, settings->attribute, "temp", 2, &in->index))
		in->kind = 't';
	else if (simulated_index(settings->device, settings->attribute, "fan", SIM_RACK_FANS,
				 &in->index))
		in->kind = 'f';
	in->every = settings->every_ms ? settings->every_ms : EVERY_MS;
	in->due = now;
}

struct board *simulated_board_new(struct rack_simulated *world,
		const struct hwmon_settings *settings, const struct hwmon_events *events,
		void *data)
{
	struct simulated_board *own = g_new0(struct simulated_board, 1);
	int64_t now = rack_clock_now(&world->world.clock);

	own->board.kind = &simulated_board_kind;
	own->world = world;
	own->events = *events;
	own->data = data;
	own->input_count = settings->input_count;
	own->output_count = settings->output_count;
	own->inputs = g_new0(struct simulated_input, own->input_count);
	own->outputs = g_new0(struct simulated_output, own->output_count);
	for (size_t i = 0; i < own->input_count; i++)
		simulated_find_input(&own->inputs[i], &settings->inputs[i], now);
	for (size_t i = 0; i < own->output_count; i++) {
		struct simulated_output *out = &own->outputs[i];

		out->duty = -1;
		out->there = simulated_index(settings->outputs[i].device,
				settings->outputs[i].attribute, "pwm", SIM_RACK_FANS, &out->fan);
	}
	own->timer = g_timeout_add(MAX(rack_clock_real(&world->world.clock, TICK_MS), TICK_LEAST),
			simulated_tick, own);
	return &own->board;
}
