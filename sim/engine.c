/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "sim/alarm.h"
#include "sim/encoder.h"
#include "sim/engine.h"

/* Every so many frames is a full one, as the Linux driver for AST2400..2600 makes them. */
#define ENGINE_FULL_EVERY 8

struct engine {
	struct capture capture; /* first: the two are cast into each other */
	struct sim_engine settings;
	engine_look_fn look;
	void *data;
	struct encoder *encoder;
	struct alarm *alarm;
	bool started;
	bool told;             /* the listener knows the state */
	bool full;             /* the next frame must be */
	bool changed;          /* since the last look */
	char *reason;          /* why there is no signal; NULL: there is */
	int64_t looked;        /* the last time */
	int64_t again;         /* when the screen changes by itself */
	unsigned int sequence; /* of frames since the start */
	/* In JPEG mode, what was sent last: the encoder keeps that for AJPG only. */
	uint32_t *shown;
	int shown_width, shown_height;
};

static void engine_plan(struct engine *engine)
{
	int64_t due = engine->again;

	if (!engine->started) {
		alarm_clear(engine->alarm);
		return;
	}
	if (!engine->told) {
		alarm_set(engine->alarm, 0);
		return;
	}
	if (engine->reason) {
		alarm_clear(engine->alarm);
		return;
	}
	if (engine->changed || engine->full || encoder_waiting(engine->encoder) > 0)
		due = 0;
	due = MAX(due, engine->looked + G_USEC_PER_SEC / engine->settings.rate);
	if (due == INT64_MAX)
		alarm_clear(engine->alarm);
	else
		alarm_set(engine->alarm, due);
}

static void engine_settings(const struct engine *engine, struct encoder_settings *settings)
{
	*settings = (struct encoder_settings){
			.chroma = engine->settings.chroma,
			.selector = engine->settings.selector,
			.second_selector = engine->settings.second_selector,
			.vq = engine->settings.vq ? ENCODER_VQ_2 : ENCODER_VQ_NONE,
	};
}

/* NULL: nothing to send. */
static const uint8_t *engine_encode_ajpg(
		struct engine *engine, const struct picture *picture, size_t *size)
{
	struct encoder_settings settings;
	const uint8_t *stream;

	engine_settings(engine, &settings);
	stream = encoder_ajpg(engine->encoder, picture->pixels, picture->width, picture->height,
			picture->stride, &settings, engine->full, size);
	if (!stream || encoder_changed(engine->encoder) == 0)
		return NULL;
	if (!engine->full && engine->sequence % ENGINE_FULL_EVERY == 0)
		stream = encoder_ajpg(engine->encoder, picture->pixels, picture->width,
				picture->height, picture->stride, &settings, true, size);
	return stream;
}

/* Whether the picture is another than the one shown, which it becomes. */
static bool engine_compare(struct engine *engine, const struct picture *picture)
{
	bool same = engine->shown && engine->shown_width == picture->width &&
		    engine->shown_height == picture->height;
	gsize bytes = (gsize)picture->width * sizeof(*picture->pixels);

	if (!same) {
		g_free(engine->shown);
		engine->shown = g_malloc0(bytes * picture->height);
		engine->shown_width = picture->width;
		engine->shown_height = picture->height;
	}
	for (int y = 0; y < picture->height; y++) {
		uint32_t *shown = engine->shown + (gsize)y * picture->width;
		const uint32_t *line = picture->pixels + (gsize)y * picture->stride;

		if (memcmp(shown, line, bytes) == 0)
			continue;
		memcpy(shown, line, bytes);
		same = false;
	}
	return !same;
}

static const uint8_t *engine_encode_jpeg(
		struct engine *engine, const struct picture *picture, size_t *size)
{
	struct encoder_settings settings;

	if (!engine_compare(engine, picture) && !engine->full)
		return NULL;
	engine_settings(engine, &settings);
	return encoder_jpeg(engine->encoder, picture->pixels, picture->width, picture->height,
			picture->stride, &settings, size);
}

static void engine_frame(struct engine *engine, int64_t now)
{
	const struct picture *picture = engine->look(now, &engine->again, engine->data);
	bool ajpg = engine->settings.codec == CAPTURE_AJPG;
	struct capture_frame frame = {
			.width = picture->width,
			.height = picture->height,
			.codec = engine->settings.codec,
			.chroma = engine->settings.chroma,
			.selector = engine->settings.selector,
			.second_selector = engine->settings.chroma == 444
							   ? engine->settings.second_selector
							   : -1,
	};

	engine->looked = now;
	engine->changed = false;
	frame.data = ajpg ? engine_encode_ajpg(engine, picture, &frame.size)
			  : engine_encode_jpeg(engine, picture, &frame.size);
	if (!frame.data)
		return;
	engine->full = false;
	engine->sequence++;
	frame.time = g_get_monotonic_time();
	if (engine->capture.events.frame)
		engine->capture.events.frame(&frame, engine->capture.events.data);
}

static void engine_tell(struct engine *engine)
{
	engine->told = true;
	if (!engine->capture.events.state)
		return;
	if (engine->reason)
		engine->capture.events.state(
				CAPTURE_NO_SIGNAL, engine->reason, engine->capture.events.data);
	else
		engine->capture.events.state(CAPTURE_STREAMING, "the node sends a picture",
				engine->capture.events.data);
}

/* Either callback may stop the engine. */
static void engine_due(void *data)
{
	struct engine *engine = data;

	if (!engine->told)
		engine_tell(engine);
	if (engine->started && engine->told && !engine->reason)
		engine_frame(engine, g_get_monotonic_time());
	engine_plan(engine);
}

static void engine_start(struct capture *capture)
{
	struct engine *engine = (struct engine *)capture;

	if (engine->started)
		return;
	engine->started = true;
	engine->told = false;
	engine->full = true;
	engine->sequence = 0;
	engine_plan(engine);
}

static void engine_stop(struct capture *capture)
{
	struct engine *engine = (struct engine *)capture;

	engine->started = false;
	engine_plan(engine);
}

static void engine_key_frame(struct capture *capture)
{
	struct engine *engine = (struct engine *)capture;

	engine->full = true;
	engine_plan(engine);
}

/* What its owner has it send, and in which colours, stays. */
static void engine_adjust(struct capture *capture, const struct capture_quality *quality)
{
	struct engine *engine = (struct engine *)capture;

	if (quality->selector == engine->settings.selector)
		return;
	engine->settings.selector = quality->selector;
	engine->full = true;
	engine_plan(engine);
}

/* The engine is soldered to its node. */
static void engine_close(struct capture *capture)
{
	engine_stop(capture);
}

static const struct capture_ops engine_ops = {
		.start = engine_start,
		.stop = engine_stop,
		.key_frame = engine_key_frame,
		.adjust = engine_adjust,
		.close = engine_close,
};

struct engine *engine_new(const struct sim_engine *settings, engine_look_fn look, void *data)
{
	struct engine *engine = g_new0(struct engine, 1);

	engine->capture.ops = &engine_ops;
	engine->settings = *settings;
	engine->settings.rate = CLAMP(settings->rate, 1, 60);
	engine->look = look;
	engine->data = data;
	engine->again = INT64_MAX;
	engine->reason = g_strdup("the node is switched off");
	engine->alarm = alarm_new(engine_due, engine);
	engine->encoder = encoder_new();
	if (!engine->encoder)
		g_error("sim: out of memory");
	return engine;
}

struct capture *engine_capture(struct engine *engine)
{
	return &engine->capture;
}

void engine_touch(struct engine *engine)
{
	engine->changed = true;
	engine_plan(engine);
}

void engine_signal(struct engine *engine, const char *reason)
{
	if (g_strcmp0(reason, engine->reason) == 0)
		return;
	if (!engine->reason != !reason)
		engine->full = true;
	g_free(engine->reason);
	engine->reason = g_strdup(reason);
	engine->told = false;
	engine_plan(engine);
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	alarm_free(engine->alarm);
	encoder_free(engine->encoder);
	g_free(engine->shown);
	g_free(engine->reason);
	g_free(engine);
}
