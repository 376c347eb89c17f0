/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/kernel/eye.h"
#include <stdlib.h>
#include <string.h>

const struct v4l2_settings eye_ajpg = {
		.input = -1,
		.quality = {.selector = 7, .chroma = 444, .hq_selector = -1},
};

const struct v4l2_settings eye_jpeg = {
		.input = -1,
		.format = V4L2_CHOICE_JPEG,
		.quality = {.selector = 7, .chroma = 420, .hq_selector = -1},
};

/* What the engine delivered. */
struct eye_note {
	struct feed_sent sent; /* without pixels */
	uint8_t *data;
};

/* --- The feed's thread --- */

static void eye_sent(const struct feed_sent *sent, void *data)
{
	struct eye *eye = data;
	struct eye_note *note = g_new(struct eye_note, 1);

	note->sent = *sent;
	note->data = g_malloc(sent->size + 1);
	memcpy(note->data, sent->data, sent->size);
	g_async_queue_push(eye->sent, note);
}

static void eye_note_free(gpointer data)
{
	struct eye_note *note = data;

	g_free(note->data);
	g_free(note);
}

/* --- What comes --- */

static bool eye_is(const struct eye_note *note, const struct capture_frame *frame)
{
	return note->sent.size == frame->size && memcmp(note->data, frame->data, frame->size) == 0;
}

/* What the feed says of a frame. It may say so later than the driver. */
static struct eye_note *eye_find(struct eye *eye, const struct capture_frame *frame)
{
	while (true) {
		struct eye_note *note = g_async_queue_timeout_pop(eye->sent, 5 * G_USEC_PER_SEC);

		if (!note)
			g_error("a frame of %zu bytes that the engine never sent", frame->size);
		if (eye_is(note, frame))
			return note;
		eye->skipped++;
		eye_note_free(note);
	}
}

/* The mean difference of a channel, of every 37th pixel. */
static double eye_difference(const struct picture *picture, const uint32_t *pixels)
{
	uint64_t sum = 0;
	int count = 0;

	for (int at = 0; at < picture->width * picture->height; at += 37) {
		int x = at % picture->width, y = at / picture->width;
		uint32_t a = picture->pixels[(size_t)y * picture->stride + x];
		uint32_t b = pixels[(size_t)y * picture->width + x];

		for (int shift = 0; shift <= 16; shift += 8)
			sum += abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff));
		count += 3;
	}
	return (double)sum / count;
}

/* The picture as it is shown, against the one that the node has. */
static void eye_check_picture(struct eye *eye)
{
	const struct picture *picture = decoder_picture(eye->decoder);
	g_autofree uint32_t *pixels = g_new(
			uint32_t, (size_t)picture->width * (size_t)picture->height);

	feed_picture(pixels, picture->width, picture->height, picture->width, FEED_DESKTOP,
			eye->picture, -1);
	g_assert_cmpfloat(eye_difference(picture, pixels), <, 12);
}

static void eye_decode(struct eye *eye, const struct capture_frame *frame)
{
	const struct decoder_frame input = {
			.data = frame->data,
			.size = frame->size,
			.codec = frame->codec == CAPTURE_AJPG ? DECODER_AJPG : DECODER_JPEG,
			.width = frame->width,
			.height = frame->height,
			.chroma = frame->chroma,
			.selector = frame->selector,
			.second_selector = frame->second_selector,
			.studio = frame->studio,
	};
	const struct picture *picture = decoder_picture(eye->decoder);
	struct decoder_result result;

	if (!decoder_decode(eye->decoder, &input, &result))
		g_error("frame %d: %s", eye->frames, decoder_fault_text(result.fault));
	eye->last_complete = result.key_frame;
	eye->complete += result.key_frame;
	g_assert_true(feed_picture_number(picture->pixels, picture->stride, &eye->picture));
}

static void eye_check_frame(struct eye *eye, const struct capture_frame *frame)
{
	int skipped = eye->skipped;
	struct eye_note *note = eye_find(eye, frame);
	const struct feed_sent *sent = &note->sent;

	g_assert_cmpint(frame->width, ==, sent->width);
	g_assert_cmpint(frame->height, ==, sent->height);
	g_assert_cmpint(frame->codec, ==, sent->ajpg ? CAPTURE_AJPG : CAPTURE_JPEG);
	if (sent->ajpg) {
		g_assert_cmpint(frame->chroma, ==, sent->chroma);
		g_assert_cmpint(frame->selector, ==, sent->selector);
		g_assert_cmpint(frame->second_selector, ==, sent->second_selector);
		/* After a gap, and at first, only a complete one will do. */
		g_assert_true(sent->full || (!eye->fresh && eye->skipped == skipped));
	}
	eye->fresh = false;
	eye_decode(eye, frame);
	g_assert_cmpuint(eye->picture, ==, sent->picture);
	eye_note_free(note);
}

static void eye_frame(const struct capture_frame *frame, void *data)
{
	struct eye *eye = data;

	g_assert_cmpint(eye->state, ==, CAPTURE_STREAMING);
	eye->last = *frame;
	eye->last.data = NULL;
	memcpy(eye->sample, frame->data, MIN(frame->size, sizeof(eye->sample)));
	if (eye->feed)
		eye_check_frame(eye, frame);
	else if (eye->see)
		eye->see(frame, eye->see_data);
	if (eye->feed && eye->scene == FEED_DESKTOP && eye->frames % 16 == 0)
		eye_check_picture(eye);
	eye->frames++;
	if (eye->delay)
		g_usleep(eye->delay);
}

static void eye_state(enum capture_state state, const char *reason, void *data)
{
	struct eye *eye = data;

	g_assert_true(g_str_has_prefix(reason, "video: "));
	g_test_message("%s", reason);
	g_string_append_c(eye->states, state == CAPTURE_NO_DEVICE   ? 'n'
				       : state == CAPTURE_NO_SIGNAL ? '-'
								    : 's');
	eye->state = state;
	g_free(eye->reason);
	eye->reason = g_strdup(reason);
}

/* --- Open and close --- */

static gboolean eye_ticked(gpointer unused)
{
	return G_SOURCE_CONTINUE;
}

void eye_open(struct eye *eye, const struct v4l2_settings *settings)
{
	const struct capture_events events = {.frame = eye_frame, .state = eye_state, .data = eye};

	eye->states = g_string_new(NULL);
	eye->reason = g_strdup("");
	eye->tick = g_timeout_add(20, eye_ticked, NULL);
	eye->capture = v4l2_open(settings);
	g_assert_nonnull(eye->capture);
	capture_listen(eye->capture, &events);
}

bool eye_open_engine(struct eye *eye, const struct v4l2_settings *settings, int rate)
{
	GError *error = NULL;

	if (!g_getenv("LAB_ASPEED")) {
		g_test_skip("not in the lab, or it has no video engine");
		return false;
	}
	*eye = (struct eye){.decoder = decoder_new()};
	eye->sent = g_async_queue_new_full(eye_note_free);
	eye->feed = feed_open(eye_sent, eye, &error);
	g_assert_no_error(error);
	feed_rate(eye->feed, rate, &error);
	g_assert_no_error(error);
	feed_fault(eye->feed, "none", 0, &error);
	g_assert_no_error(error);
	eye_open(eye, settings);
	return true;
}

/* As it was found. */
static void eye_leave(struct eye *eye)
{
	feed_fault(eye->feed, "none", 0, NULL);
	feed_rate(eye->feed, 0, NULL);
	feed_mode(eye->feed, 0, 0, NULL);
}

void eye_close(struct eye *eye)
{
	if (!eye->capture)
		return;
	g_source_remove(eye->tick);
	capture_close(eye->capture);
	if (eye->feed)
		eye_leave(eye);
	feed_close(eye->feed);
	decoder_free(eye->decoder);
	if (eye->sent)
		g_async_queue_unref(eye->sent);
	g_string_free(eye->states, TRUE);
	g_free(eye->reason);
	*eye = (struct eye){.frames = 0};
}

void eye_start(struct eye *eye)
{
	eye->fresh = true;
	capture_start(eye->capture);
}

void eye_scene(struct eye *eye, enum feed_scene scene)
{
	eye->scene = scene;
	feed_scene(eye->feed, scene);
}

void eye_mode(struct eye *eye, int width, int height)
{
	GError *error = NULL;

	feed_mode(eye->feed, width, height, &error);
	g_assert_no_error(error);
}

void eye_set_control(const char *device, const char *name, int value)
{
	g_autofree char *set = g_strdup_printf("%s=%d", name, value);
	const char *command[] = {"v4l2-ctl", "-d", device, "-c", set, NULL};
	GError *error = NULL;
	int status;

	g_spawn_sync(NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
			&status, &error);
	g_assert_no_error(error);
	g_assert_cmpint(status, ==, 0);
}

bool eye_look(struct eye *eye, const struct v4l2_settings *settings, int width, int height)
{
	if (!eye_open_engine(eye, settings, EYE_RATE))
		return false;
	eye_mode(eye, width, height);
	eye_start(eye);
	return true;
}

void eye_until_size(struct eye *eye, int width, int height)
{
	eye_until(eye->frames > 0 && eye->last.width == width && eye->last.height == height);
}

void eye_adjust(struct eye *eye, int selector, int chroma, int hq)
{
	const struct capture_quality quality = {selector, chroma, hq};

	capture_adjust(eye->capture, &quality);
}
