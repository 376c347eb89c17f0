/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include "rack/hwmon.h"
#include "rack/hwmon_file.h"

#define HWMON_EVERY_MS 1000
#define HWMON_END_MS   3000 /* that a device has for what is still to be written */
#define HWMON_MOST     255  /* of pwmN */

struct hwmon_in {
	struct hwmon_sensor sensor; /* the worker's */
	int64_t every, due;         /* us; the worker's */
	struct hwmon_reading reading;
	bool news;
};

struct hwmon_out {
	struct hwmon_fan fan; /* the worker's */
	int64_t due;          /* us; the worker's */
	int wanted;           /* 0..255; -1: nothing yet */
	bool dirty;           /* and not written yet */
	struct hwmon_written written;
	bool news;
};

struct hwmon {
	struct hwmon_in *inputs;
	struct hwmon_out *outputs;
	size_t input_count, output_count;
	int64_t check; /* us */
	struct hwmon_events events;
	void *data;
	GSource *source; /* in the main context, ready when there are news */
	GThread *worker;
	GMutex lock; /* wanted, dirty, news and what is told of each; and these: */
	GCond wake;
	bool ending;
	int64_t until;  /* us, and how long it may take then */
	bool ended;     /* the worker is done */
	bool abandoned; /* nobody waits for it any more: it frees all */
};

/* --- Worker --- */

/* The main context takes the last one only: it may be late. */
static void hwmon_tell(struct hwmon *hwmon, bool *news)
{
	*news = true;
	if (hwmon->abandoned)
		return;
	g_source_set_ready_time(hwmon->source, 0);
}

static void hwmon_read(struct hwmon *hwmon, struct hwmon_in *input)
{
	struct hwmon_reading reading = {.taken = g_get_monotonic_time() / 1000};

	g_mutex_unlock(&hwmon->lock);
	reading.error = -hwmon_sensor_read(&input->sensor, &reading.value);
	g_mutex_lock(&hwmon->lock);
	/* After what it took: a bus that is too slow for the plan gets no queue. */
	input->due = g_get_monotonic_time() + input->every;
	input->reading = reading;
	hwmon_tell(hwmon, &input->news);
}

static void hwmon_write(struct hwmon *hwmon, struct hwmon_out *output)
{
	int wanted = output->wanted, answer;
	bool dirty = output->dirty;

	output->dirty = false;
	g_mutex_unlock(&hwmon->lock);
	answer = hwmon_fan_hold(&output->fan, wanted, dirty);
	g_mutex_lock(&hwmon->lock);
	output->due = g_get_monotonic_time() + hwmon->check;
	if (answer == 0)
		return;
	output->written = (struct hwmon_written){
			.error = answer < 0 ? -answer : 0,
			.duty = wanted * 100.0 / HWMON_MOST,
			.seen = answer < 0 ? 0 : (double)output->fan.seen * 100 / HWMON_MOST,
	};
	hwmon_tell(hwmon, &output->news);
}

/* Does what is most pressing; false: nothing is, until then. */
static bool hwmon_turn(struct hwmon *hwmon, int64_t *until)
{
	struct hwmon_out *output = NULL;
	struct hwmon_in *input = NULL;

	*until = INT64_MAX;
	for (size_t i = 0; i < hwmon->output_count; i++) {
		if (hwmon->outputs[i].dirty) {
			hwmon_write(hwmon, &hwmon->outputs[i]);
			return true;
		}
		if (hwmon->outputs[i].wanted >= 0 && hwmon->outputs[i].due < *until) {
			output = &hwmon->outputs[i];
			*until = output->due;
		}
	}
	if (hwmon->ending)
		return false;
	for (size_t i = 0; i < hwmon->input_count; i++)
		if (hwmon->inputs[i].due < *until) {
			input = &hwmon->inputs[i];
			*until = input->due;
		}
	if (*until > g_get_monotonic_time())
		return false;
	if (input)
		hwmon_read(hwmon, input);
	else if (output)
		hwmon_write(hwmon, output);
	return input || output;
}

static void hwmon_destroy(struct hwmon *hwmon);

static gpointer hwmon_work(gpointer data)
{
	struct hwmon *hwmon = data;
	bool abandoned;
	int64_t until;

	g_mutex_lock(&hwmon->lock);
	for (;;) {
		if (hwmon_turn(hwmon, &until))
			continue;
		if (hwmon->ending)
			break;
		if (until == INT64_MAX)
			g_cond_wait(&hwmon->wake, &hwmon->lock);
		else
			g_cond_wait_until(&hwmon->wake, &hwmon->lock, until);
	}
	hwmon->ended = true;
	abandoned = hwmon->abandoned;
	g_cond_signal(&hwmon->wake);
	g_mutex_unlock(&hwmon->lock);
	if (abandoned)
		hwmon_destroy(hwmon);
	return NULL;
}

/* --- Main thread --- */

static gboolean hwmon_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
	struct hwmon *hwmon = data;

	(void)callback;
	g_source_set_ready_time(
			source, -1); /* before looking: what comes now makes it ready again */
	for (size_t i = 0; i < hwmon->input_count; i++) {
		struct hwmon_in *input = &hwmon->inputs[i];
		struct hwmon_reading reading;
		bool news;

		g_mutex_lock(&hwmon->lock);
		reading = input->reading;
		news = input->news;
		input->news = false;
		g_mutex_unlock(&hwmon->lock);
		if (news && hwmon->events.reading)
			hwmon->events.reading(i, &reading, hwmon->data);
	}
	for (size_t i = 0; i < hwmon->output_count; i++) {
		struct hwmon_out *output = &hwmon->outputs[i];
		struct hwmon_written written;
		bool news;

		g_mutex_lock(&hwmon->lock);
		written = output->written;
		news = output->news;
		output->news = false;
		g_mutex_unlock(&hwmon->lock);
		if (news && hwmon->events.written)
			hwmon->events.written(i, &written, hwmon->data);
	}
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs hwmon_source = {.dispatch = hwmon_dispatch};

static bool hwmon_check(const struct hwmon_settings *settings, GError **error)
{
	for (size_t i = 0; i < settings->input_count; i++)
		if (hwmon_sensor_scale(settings->inputs[i].attribute) == 0) {
			g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
					"\"%s\" is no sensor of %s: temp1, fan1, in0, curr1, power1 and humidity1 are",
					settings->inputs[i].attribute, settings->inputs[i].device);
			return false;
		}
	for (size_t i = 0; i < settings->output_count; i++)
		if (!hwmon_fan_named(settings->outputs[i].attribute)) {
			g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
					"\"%s\" is no fan output of %s: pwm1 is",
					settings->outputs[i].attribute,
					settings->outputs[i].device);
			return false;
		}
	return true;
}

struct hwmon *hwmon_new(const struct hwmon_settings *settings, const struct hwmon_events *events,
		void *data, GError **error)
{
	const char *root = settings->root ? settings->root : HWMON_ROOT;
	struct hwmon *hwmon;

	if (!hwmon_check(settings, error))
		return NULL;
	hwmon = g_new0(struct hwmon, 1);
	hwmon->input_count = settings->input_count;
	hwmon->output_count = settings->output_count;
	hwmon->inputs = g_new0(struct hwmon_in, settings->input_count);
	hwmon->outputs = g_new0(struct hwmon_out, settings->output_count);
	hwmon->check = (settings->check_ms > 0 ? settings->check_ms : HWMON_EVERY_MS) *
		       G_GINT64_CONSTANT(1000);
	hwmon->events = *events;
	hwmon->data = data;
	for (size_t i = 0; i < settings->input_count; i++) {
		const struct hwmon_input *input = &settings->inputs[i];

		hwmon->inputs[i].every = (input->every_ms > 0 ? input->every_ms : HWMON_EVERY_MS) *
					 G_GINT64_CONSTANT(1000);
		hwmon->inputs[i].sensor = (struct hwmon_sensor){g_strdup(root),
				g_strdup(input->device), g_strdup(input->attribute),
				hwmon_sensor_scale(input->attribute), -1, -1};
	}
	for (size_t i = 0; i < settings->output_count; i++) {
		const struct hwmon_output *output = &settings->outputs[i];

		hwmon->outputs[i].wanted = -1;
		hwmon->outputs[i].fan = (struct hwmon_fan){g_strdup(root), g_strdup(output->device),
				g_strdup(output->attribute), -1, -1, 0, 0};
	}
	g_mutex_init(&hwmon->lock);
	g_cond_init(&hwmon->wake);
	hwmon->source = g_source_new(&hwmon_source, sizeof(GSource));
	g_source_set_callback(hwmon->source, NULL, hwmon, NULL);
	g_source_attach(hwmon->source, g_main_context_get_thread_default());
	hwmon->worker = g_thread_new("hwmon", hwmon_work, hwmon);
	return hwmon;
}

void hwmon_duty(struct hwmon *hwmon, size_t output, double percent)
{
	struct hwmon_out *out = &hwmon->outputs[output];
	/* What is no number makes the fan run at full speed. */
	int wanted = percent >= 0 && percent <= 100 ? (int)lround(percent * HWMON_MOST / 100)
		     : percent < 0                  ? 0
						    : HWMON_MOST;

	g_mutex_lock(&hwmon->lock);
	if (out->wanted != wanted) {
		out->wanted = wanted;
		out->dirty = true;
		g_cond_signal(&hwmon->wake);
	}
	g_mutex_unlock(&hwmon->lock);
}

static void hwmon_destroy(struct hwmon *hwmon)
{
	g_source_unref(hwmon->source);
	for (size_t i = 0; i < hwmon->input_count; i++) {
		struct hwmon_sensor *sensor = &hwmon->inputs[i].sensor;

		hwmon_sensor_close(sensor);
		g_free(sensor->root);
		g_free(sensor->device);
		g_free(sensor->attribute);
	}
	for (size_t i = 0; i < hwmon->output_count; i++) {
		struct hwmon_fan *fan = &hwmon->outputs[i].fan;

		hwmon_fan_close(fan);
		g_free(fan->root);
		g_free(fan->device);
		g_free(fan->attribute);
	}
	g_free(hwmon->inputs);
	g_free(hwmon->outputs);
	g_cond_clear(&hwmon->wake);
	g_mutex_clear(&hwmon->lock);
	g_free(hwmon);
}

void hwmon_stop(struct hwmon *hwmon)
{
	g_mutex_lock(&hwmon->lock);
	if (!hwmon->ending)
		hwmon->until = g_get_monotonic_time() + HWMON_END_MS * G_GINT64_CONSTANT(1000);
	hwmon->ending = true;
	g_cond_signal(&hwmon->wake);
	g_mutex_unlock(&hwmon->lock);
}

/* A thread that a device keeps cannot be ended: it is left behind with what it uses. */
void hwmon_free(struct hwmon *hwmon)
{
	bool ended;

	if (!hwmon)
		return;
	hwmon_stop(hwmon);
	g_mutex_lock(&hwmon->lock);
	while (!hwmon->ended && g_cond_wait_until(&hwmon->wake, &hwmon->lock, hwmon->until))
		;
	ended = hwmon->ended;
	hwmon->abandoned = !ended;
	g_source_destroy(hwmon->source);
	if (!ended)
		g_thread_unref(hwmon->worker);
	g_mutex_unlock(&hwmon->lock);
	if (!ended)
		return;
	g_thread_join(hwmon->worker);
	hwmon_destroy(hwmon);
}

void hwmon_leave(struct hwmon *hwmon, const bool *others)
{
	if (!hwmon)
		return;
	g_mutex_lock(&hwmon->lock);
	for (size_t i = 0; others && i < hwmon->output_count; i++)
		if (others[i])
			hwmon->outputs[i].dirty = false;
	g_source_destroy(hwmon->source);
	g_thread_unref(hwmon->worker);
	/* It has not ended: nobody told it to. */
	hwmon->abandoned = true;
	hwmon->ending = true;
	g_cond_signal(&hwmon->wake);
	g_mutex_unlock(&hwmon->lock);
}
