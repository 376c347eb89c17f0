/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The recording: what is kept when, and that what is saved shows what the exact decoder does. */
#include <math.h>
#include <string.h>
#include "src/recording.h"
#include "src/recording_save.h"
#include "src/screen.h"
#include "tests/unit/mkv.h"
#include "tests/unit/twin.h"
#include "tests/unit/vectors.h"

#define MEMORY (4 << 20)
#define LITTLE (8 * REEL_CHUNK)
#define NEED   45 /* decibels; letters that are compressed anew stay above it */

struct rig {
	struct decoder *decoder;
	struct recording *recording;
	unsigned int frozen;
	char *why;
	GPtrArray *pictures; /* of struct picture: after each frame that makes a difference */
};

static void frozen(const char *why, void *data)
{
	struct rig *rig = data;

	rig->frozen++;
	g_free(rig->why);
	rig->why = g_strdup(why);
}

static void free_picture(gpointer data)
{
	picture_release(data);
	g_free(data);
}

static void open_rig(struct rig *rig, size_t memory)
{
	const struct recording_events events = {.frozen = frozen, .data = rig};

	*rig = (struct rig){.decoder = decoder_new()};
	decoder_keep_blocks(rig->decoder, true);
	rig->recording = recording_new(memory, rig->decoder, &events, NULL);
	rig->pictures = g_ptr_array_new_with_free_func(free_picture);
	g_assert_nonnull(rig->recording);
	recording_state(rig->recording, CAPTURE_STREAMING, "the node sends a picture");
}

static void close_rig(struct rig *rig)
{
	recording_free(rig->recording);
	decoder_free(rig->decoder);
	g_ptr_array_unref(rig->pictures);
	g_free(rig->why);
}

/* --- Frames --- */

static void remember(struct rig *rig)
{
	const struct picture *now = decoder_picture(rig->decoder);
	struct picture *copy = g_new0(struct picture, 1);

	decoder_refresh(rig->decoder);
	g_assert_true(picture_resize(copy, now->width, now->height));
	for (int y = 0; y < now->height; y++)
		memcpy(copy->pixels + (gsize)y * copy->stride, now->pixels + (gsize)y * now->stride,
				(gsize)now->width * sizeof(*now->pixels));
	g_ptr_array_add(rig->pictures, copy);
}

/* Each shows on the main loop's clock: one a millisecond. */
static void play_frame(const struct decoder_frame *vector, void *data)
{
	struct rig *rig = data;
	const struct capture_frame frame = {
			.data = vector->data,
			.size = vector->size,
			.codec = vector->codec == DECODER_JPEG ? CAPTURE_JPEG : CAPTURE_AJPG,
			.width = vector->width,
			.height = vector->height,
			.chroma = vector->chroma,
			.selector = vector->selector,
			.second_selector = vector->second_selector,
			.studio = vector->studio,
	};
	struct decoder_frame input;
	struct decoder_result result;

	screen_input(&frame, &input);
	g_assert_true(decoder_decode(rig->decoder, &input, &result));
	recording_frame(rig->recording, &frame, &result);
	if (decoder_damage(rig->decoder)->count || result.resized)
		remember(rig);
	else
		g_assert_false(result.named && frame.codec == CAPTURE_AJPG);
}

static void play(struct rig *rig, const char *name, int times)
{
	while (times--)
		vectors_play(name, play_frame, rig);
}

/* --- What is saved --- */

static GByteArray *save(struct rig *rig, int rate, gboolean whole)
{
	GByteArray *out = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	struct recording_save *save;
	gint64 until;
	struct reel *reel = recording_take(rig->recording, &until, &error);
	guint8 room[4099];
	ssize_t size;

	g_assert_no_error(error);
	save = recording_save_new(reel, until, rate, "node");
	while ((size = recording_save_read(save, room, sizeof(room))) > 0)
		g_byte_array_append(out, room, (guint)size);
	g_assert_cmpint(size, ==, 0);
	recording_save_free(save);
	recording_release(rig->recording, reel, whole);
	return out;
}

static double compare(const struct mkv_frame *frame, const struct picture *wanted)
{
	struct picture shown = {0};
	const struct recode_rectangle all = {.width = wanted->width, .height = wanted->height};
	double decibels;

	g_assert_true(picture_resize(&shown, wanted->width, wanted->height));
	twin_show(&shown, &all, frame->data, frame->size, false);
	decibels = twin_decibels(&shown, wanted);
	picture_release(&shown);
	return decibels;
}

/* That the frames are the last ones of the pictures; returns how many. */
static guint check(const struct rig *rig, const GByteArray *bytes, double need)
{
	struct mkv_element segment = MKV_FIND(bytes, MKV_SEGMENT);
	struct mkv_reader reader = mkv_within(&segment), again = reader;
	struct mkv_frame frame;
	guint count = 0, first;
	double worst = INFINITY;
	gint64 before = -1, lasts = -1;

	while (mkv_next_frame(&again, &frame)) {
		g_assert_cmpint(lasts, ==, -1);
		g_assert_cmpint((gint64)frame.time, >, before);
		lasts = frame.lasts;
		before = (gint64)frame.time;
		count++;
	}
	g_assert_cmpint(lasts, >, 0);
	g_assert_cmpuint(count, <=, rig->pictures->len);
	first = rig->pictures->len - count;
	for (guint i = 0; mkv_next_frame(&reader, &frame); i++)
		worst = fmin(worst, compare(&frame, rig->pictures->pdata[first + i]));
	g_test_message("%u frames, %.1f dB", count, worst);
	g_assert_cmpfloat(worst, >=, need);
	return count;
}

static void test_what_is_saved_is_what_was_shown(gconstpointer name)
{
	g_autoptr(GByteArray) bytes = NULL;
	struct rig rig;

	open_rig(&rig, MEMORY);
	play(&rig, name, 1);
	bytes = save(&rig, 0, TRUE);
	g_assert_cmpuint(check(&rig, bytes, NEED), ==, rig.pictures->len);
	close_rig(&rig);
}

/* Little memory: groups begin with complete frames of our own making, and the oldest go. */
static void test_what_is_left_plays(gconstpointer name)
{
	g_autoptr(GByteArray) bytes = NULL;
	struct recording_status status;
	struct rig rig;

	open_rig(&rig, LITTLE);
	play(&rig, name, 50);
	recording_status(rig.recording, &status);
	g_assert_cmpuint(status.live.bytes, <=, LITTLE);
	g_assert_cmpuint(status.live.groups, >, 1);
	g_assert_cmpuint(status.live.frames, <, rig.pictures->len);
	bytes = save(&rig, 0, TRUE);
	g_assert_cmpuint(check(&rig, bytes, NEED), >, 3);
	close_rig(&rig);
}

/* No room for a second complete frame is no reason to make one of each difference. */
static void test_hardly_any_memory_is_used_for_differences(void)
{
	struct recording_status status;
	struct rig rig;

	open_rig(&rig, 2 * REEL_CHUNK);
	play(&rig, "desktop-420", 1);
	recording_status(rig.recording, &status);
	g_assert_cmpuint(status.live.frames, ==, rig.pictures->len);
	g_assert_cmpuint(status.live.groups, <, status.live.frames);
	close_rig(&rig);
}

/* All come within the same moment: the first one is left, and what shows in the end. */
static void test_a_rate_leaves_the_last_ones(void)
{
	g_autoptr(GByteArray) bytes = NULL;
	struct rig rig;

	open_rig(&rig, MEMORY);
	play(&rig, "desktop-444", 1);
	g_ptr_array_remove_range(rig.pictures, 1, rig.pictures->len - 2);
	bytes = save(&rig, 1, TRUE);
	g_assert_cmpuint(check(&rig, bytes, NEED), ==, 2);
	close_rig(&rig);
}

/* --- What is kept --- */

static struct recording_status status_of(const struct rig *rig)
{
	struct recording_status status;

	recording_status(rig->recording, &status);
	return status;
}

static void test_lost_signal_freezes(void)
{
	g_autoptr(GByteArray) bytes = NULL;
	struct mkv_element segment, chapters;
	struct mkv_reader reader;
	struct mkv_frame frame;
	struct rig rig;
	guint count = 0;

	open_rig(&rig, MEMORY);
	play(&rig, "desktop-444", 1);
	g_assert_false(status_of(&rig).has_frozen);
	recording_state(rig.recording, CAPTURE_NO_SIGNAL, "the cable was pulled");
	g_assert_true(status_of(&rig).has_frozen);
	g_assert_cmpuint(rig.frozen, ==, 1);
	g_assert_cmpstr(rig.why, ==, "the cable was pulled");
	g_assert_cmpuint(status_of(&rig).frozen.frames, ==, rig.pictures->len);
	bytes = save(&rig, 0, TRUE);
	g_assert_true(status_of(&rig).saved);
	/* At its end there is a card that says so, and so does a chapter. */
	segment = MKV_FIND(bytes, MKV_SEGMENT);
	reader = mkv_within(&segment);
	while (mkv_next_frame(&reader, &frame))
		count++;
	g_assert_cmpuint(count, ==, rig.pictures->len + 1);
	chapters = MKV_FIND(bytes, MKV_SEGMENT, MKV_CHAPTERS);
	g_assert_nonnull(memmem(chapters.data, chapters.size, "the cable was pulled", 20));
	close_rig(&rig);
}

static void test_what_came_first_stays_until_it_is_saved(void)
{
	g_autoptr(GError) error = NULL;
	struct rig rig;
	gint64 first;

	open_rig(&rig, MEMORY);
	recording_incident(rig.recording, "too early");
	g_assert_false(status_of(&rig).has_frozen);
	play(&rig, "desktop-444", 1);
	recording_incident(rig.recording, "reset");
	first = status_of(&rig).frozen_time;
	play(&rig, "desktop-444", 1);
	recording_incident(rig.recording, "reset again");
	g_assert_cmpint(status_of(&rig).frozen_time, ==, first);
	g_assert_cmpuint(status_of(&rig).skipped, ==, 1);
	g_assert_cmpuint(rig.frozen, ==, 1);
	g_assert_false(recording_freeze(rig.recording, "on request", &error));
	g_assert_error(error, RECORDING_ERROR, RECORDING_ERROR_STATE);
	/* Saved in part is not saved. */
	g_byte_array_unref(save(&rig, 0, FALSE));
	g_assert_false(status_of(&rig).saved);
	g_byte_array_unref(save(&rig, 0, TRUE));
	g_assert_true(status_of(&rig).saved);
	recording_incident(rig.recording, "reset once more");
	g_assert_cmpstr(status_of(&rig).why, ==, "reset once more");
	g_assert_false(status_of(&rig).saved);
	g_assert_cmpuint(status_of(&rig).skipped, ==, 0);
	close_rig(&rig);
}

static void test_resuming_drops_it(void)
{
	g_autoptr(GError) error = NULL;
	struct rig rig;

	open_rig(&rig, MEMORY);
	g_assert_false(recording_freeze(rig.recording, "on request", &error));
	g_clear_error(&error);
	play(&rig, "desktop-444", 1);
	g_assert_true(recording_freeze(rig.recording, "on request", &error));
	g_assert_true(recording_resume(rig.recording, &error));
	g_assert_no_error(error);
	g_assert_false(status_of(&rig).has_frozen);
	g_assert_false(recording_resume(rig.recording, &error));
	g_assert_error(error, RECORDING_ERROR, RECORDING_ERROR_STATE);
	close_rig(&rig);
}

/* A still screen is there also in what comes after. */
static void test_what_follows_begins_with_the_picture(gconstpointer name)
{
	g_autoptr(GByteArray) bytes = NULL;
	g_autoptr(GError) error = NULL;
	struct rig rig;

	open_rig(&rig, MEMORY);
	play(&rig, name, 1);
	g_assert_true(recording_freeze(rig.recording, "on request", &error));
	g_assert_true(recording_resume(rig.recording, &error));
	g_assert_cmpuint(status_of(&rig).live.frames, ==, 1);
	bytes = save(&rig, 0, TRUE);
	g_assert_cmpuint(check(&rig, bytes, NEED), ==, 1);
	close_rig(&rig);
}

static void test_a_save_keeps_what_it_saves(void)
{
	g_autoptr(GError) error = NULL;
	struct reel *reel, *second;
	struct rig rig;
	gint64 until;

	open_rig(&rig, MEMORY);
	play(&rig, "desktop-444", 1);
	reel = recording_take(rig.recording, &until, &error);
	g_assert_nonnull(reel);
	second = recording_take(rig.recording, &until, &error);
	g_assert_true(second == reel);
	g_assert_null(recording_take(rig.recording, &until, &error));
	g_assert_error(error, RECORDING_ERROR, RECORDING_ERROR_STATE);
	recording_release(rig.recording, second, true);
	g_assert_true(status_of(&rig).has_frozen);
	/* What happens meanwhile is more than somebody's wish. */
	play(&rig, "desktop-444", 1);
	recording_incident(rig.recording, "reset");
	g_assert_cmpstr(status_of(&rig).why, ==, "reset");
	recording_release(rig.recording, reel, true);
	g_assert_true(status_of(&rig).has_frozen);
	g_assert_false(status_of(&rig).saved);
	close_rig(&rig);
}

#define ADD(name)          g_test_add_func("/recording/" #name, test_##name)
#define ADD_OF(test, name) g_test_add_data_func("/recording/" #test "/" name, name, test_##test)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD_OF(what_is_saved_is_what_was_shown, "desktop-420");
	ADD_OF(what_is_saved_is_what_was_shown, "desktop-444");
	ADD_OF(what_is_saved_is_what_was_shown, "few-colours");
	ADD_OF(what_is_saved_is_what_was_shown, "jpeg");
	ADD_OF(what_is_saved_is_what_was_shown, "odd-sizes");
	ADD_OF(what_is_saved_is_what_was_shown, "second-pass");
	ADD_OF(what_is_saved_is_what_was_shown, "size-change");
	ADD_OF(what_is_saved_is_what_was_shown, "studio");
	ADD_OF(what_is_left_plays, "desktop-420");
	ADD_OF(what_is_left_plays, "desktop-444");
	ADD_OF(what_is_left_plays, "jpeg");
	ADD_OF(what_is_left_plays, "second-pass");
	ADD_OF(what_follows_begins_with_the_picture, "desktop-444");
	ADD_OF(what_follows_begins_with_the_picture, "jpeg");
	ADD_OF(what_follows_begins_with_the_picture, "few-colours");
	ADD(hardly_any_memory_is_used_for_differences);
	ADD(a_rate_leaves_the_last_ones);
	ADD(lost_signal_freezes);
	ADD(what_came_first_stays_until_it_is_saved);
	ADD(resuming_drops_it);
	ADD(a_save_keeps_what_it_saves);
	return g_test_run();
}
