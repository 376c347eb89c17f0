/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/recording_save.h"
#include <string.h>
#include "src/card.h"
#include "src/matroska.h"
#include "src/screen.h"
#include "src/still.h"

/* Frames that are only decoded, of which so many are at a time. */
#define SAVE_AT_ONCE 8
/* The last frame lasts for that at least, ms. */
#define SAVE_LAST_LEAST 40
/* What a card's size is before any frame. */
#define SAVE_WIDTH  640
#define SAVE_HEIGHT 480

struct recording_save {
	const struct reel *reel; /* not ours */
	struct reel_place place;
	struct decoder *decoder;
	struct picture card;
	int64_t first, wall, until;  /* microseconds; wall: of the first */
	int64_t interval;            /* microseconds between two frames; 0: any */
	int64_t shown;               /* when the last one was; -1: none yet */
	int64_t written;             /* its time in the file, ms; -1: none yet */
	unsigned int left;           /* entries that show something */
	int width, height;           /* of the first frame */
	int last_width, last_height; /* of the last frame */
	bool begun;
	char *title;
	GByteArray *data, *jpeg, *out;
	size_t taken; /* of out */
};

/* An element that means nothing (RFC 8794, 11.3.2): for a turn in which no frame is ready. */
static const uint8_t save_void[] = {0xec, 0x80};

static bool save_is_card(const struct reel_entry *entry)
{
	return entry->kind == REEL_MARK &&
	       (entry->state == CAPTURE_NO_SIGNAL || entry->state == CAPTURE_NO_DEVICE);
}

static int64_t save_time(const struct recording_save *save, int64_t time)
{
	return (time - save->first) / 1000;
}

/* --- What comes before the frames --- */

static void save_chapter(
		const struct recording_save *save, GArray *chapters, const struct reel_entry *entry)
{
	g_autoptr(GDateTime) epoch = g_date_time_new_from_unix_utc(entry->wall / G_USEC_PER_SEC);
	g_autofree char *when = g_date_time_format(epoch, "%Y-%m-%dT%H:%M:%SZ");
	g_autofree char *words = g_strndup((const char *)save->data->data, save->data->len);
	g_autofree char *valid = g_utf8_make_valid(words, -1);
	struct matroska_chapter chapter = {
			.time = save_time(save, entry->time),
			.name = g_strdup_printf("%s %s", when, valid),
	};

	g_array_append_val(chapters, chapter);
}

static void save_clear_chapter(gpointer data)
{
	g_free((char *)((struct matroska_chapter *)data)->name);
}

/* Goes over all of it, once; of frames only over what they are. */
static GArray *save_look(struct recording_save *save)
{
	GArray *chapters = g_array_new(FALSE, FALSE, sizeof(struct matroska_chapter));
	struct reel_place place = {0}, before = place;
	struct reel_entry entry;

	g_array_set_clear_func(chapters, save_clear_chapter);
	for (; reel_read(save->reel, &place, &entry, NULL); before = place) {
		if (!save->width) {
			save->width = entry.frame.width;
			save->height = entry.frame.height;
		}
		save->left += entry.kind != REEL_MARK || save_is_card(&entry);
		if (entry.kind != REEL_MARK)
			continue;
		reel_read(save->reel, &before, &entry, save->data);
		save_chapter(save, chapters, &entry);
	}
	return chapters;
}

static void save_begin(struct recording_save *save)
{
	GArray *chapters = save_look(save);
	const struct matroska_about about = {
			.title = save->title,
			.program = PACKAGE_STRING,
			.wall = save->wall,
			.width = save->width ? save->width : SAVE_WIDTH,
			.height = save->height ? save->height : SAVE_HEIGHT,
			.duration = save_time(save, save->until),
			.chapters = (const struct matroska_chapter *)(void *)chapters->data,
			.chapter_count = chapters->len,
	};

	matroska_begin(save->out, &about);
	g_array_unref(chapters);
	save->begun = true;
}

/* --- Frames --- */

static bool save_decode(struct recording_save *save, const struct reel_entry *entry)
{
	struct capture_frame frame = entry->frame;
	struct decoder_frame input;
	struct decoder_result result;

	frame.data = save->data->data;
	frame.size = save->data->len;
	screen_input(&frame, &input);
	return decoder_decode(save->decoder, &input, &result);
}

/* Whether another one comes before this one's time is over. */
static bool save_is_passed(const struct recording_save *save, const struct reel_entry *next)
{
	return save->interval && save->shown >= 0 && next &&
	       next->time - save->shown < save->interval;
}

static bool save_card(struct recording_save *save, const struct reel_entry *entry)
{
	g_autoptr(GDateTime) epoch = g_date_time_new_from_unix_local(entry->wall / G_USEC_PER_SEC);
	g_autofree char *words = g_strndup((const char *)save->data->data, save->data->len);

	return card_draw(&save->card, save->last_width ? save->last_width : SAVE_WIDTH,
			       save->last_width ? save->last_height : SAVE_HEIGHT,
			       screen_card_title(entry->state), words, epoch) &&
	       still_drawn(&save->card, save->jpeg);
}

/* What is shown from this entry on, as a JPEG; false: nothing new. */
static bool save_picture(struct recording_save *save, const struct reel_entry *entry)
{
	struct reel_place place = save->place;
	struct reel_entry after, *next = &after;
	bool passed, decoded = true;

	g_byte_array_set_size(save->jpeg, 0);
	if (entry->kind == REEL_MARK)
		return save_card(save, entry);
	save->last_width = entry->frame.width;
	save->last_height = entry->frame.height;
	do {
		if (!reel_read(save->reel, &place, &after, NULL))
			next = NULL;
	} while (next && next->kind == REEL_MARK);
	passed = save_is_passed(save, next);
	/* One of our own making is what differences stand on. */
	if (entry->frame.codec != CAPTURE_JPEG || (next && next->kind == REEL_DIFFERENCE))
		decoded = save_decode(save, entry);
	if (!decoded || passed)
		return false;
	if (entry->frame.codec != CAPTURE_JPEG)
		return still_jpeg(save->decoder, save->jpeg);
	g_byte_array_append(save->jpeg, save->data->data, save->data->len);
	return true;
}

static void save_write(struct recording_save *save, const struct reel_entry *entry)
{
	int64_t time = MAX(save_time(save, entry->time), save->written + 1);
	int64_t end = save_time(save, save->until), lasts = -1;

	if (save->left == 0)
		lasts = MAX(end - time, SAVE_LAST_LEAST);
	matroska_frame(save->out, time, lasts, save->jpeg->data, save->jpeg->len);
	save->written = time;
	save->shown = entry->time;
}

/* One frame, or some that are only looked at; false: there are no more. */
static bool save_step(struct recording_save *save)
{
	struct reel_entry entry;

	for (int i = 0; i < SAVE_AT_ONCE && !save->out->len; i++) {
		if (!reel_read(save->reel, &save->place, &entry, save->data))
			return false;
		if (entry.kind == REEL_MARK && !save_is_card(&entry))
			continue;
		save->left--;
		if (save_picture(save, &entry))
			save_write(save, &entry);
	}
	if (!save->out->len)
		g_byte_array_append(save->out, save_void, sizeof(save_void));
	return true;
}

ssize_t recording_save_read(struct recording_save *save, void *room, size_t most)
{
	size_t size;

	if (save->taken == save->out->len) {
		g_byte_array_set_size(save->out, 0);
		save->taken = 0;
		if (!save->begun)
			save_begin(save);
		else if (!save_step(save))
			return 0;
	}
	size = MIN(most, save->out->len - save->taken);
	memcpy(room, save->out->data + save->taken, size);
	save->taken += size;
	return (ssize_t)size;
}

/* --- From its begin to its end --- */

struct recording_save *recording_save_new(
		const struct reel *reel, int64_t until, int rate, const char *title)
{
	struct decoder *decoder = decoder_new();
	struct recording_save *save;
	struct reel_stats stats;

	if (!decoder)
		return NULL;
	decoder_keep_blocks(decoder, true);
	reel_stats(reel, &stats);
	save = g_new0(struct recording_save, 1);
	save->reel = reel;
	save->decoder = decoder;
	save->first = stats.first;
	save->wall = stats.first_wall;
	save->until = MAX(until, stats.last);
	save->interval = rate ? G_USEC_PER_SEC / rate : 0;
	save->shown = save->written = -1;
	save->title = g_utf8_make_valid(title, -1);
	save->data = g_byte_array_new();
	save->jpeg = g_byte_array_new();
	save->out = g_byte_array_new();
	return save;
}

void recording_save_free(struct recording_save *save)
{
	if (!save)
		return;
	decoder_free(save->decoder);
	picture_release(&save->card);
	g_free(save->title);
	g_byte_array_unref(save->data);
	g_byte_array_unref(save->jpeg);
	g_byte_array_unref(save->out);
	g_free(save);
}
