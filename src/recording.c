/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/recording.h"
#include <string.h>
#include "src/log.h"
#include "src/still.h"

/* A group is ended when it has so much of the memory, by a complete frame of our own making. */
#define RECORDING_GROUP_PART 8
/* ... but not before it is so many times as large as that frame. */
#define RECORDING_GROUP_LEAST 2
/* Raw pixels are compressed no more often than that (microseconds). */
#define RECORDING_RAW_EACH (G_USEC_PER_SEC / 2)
/* Who may save it at a time: each has a decoder. */
#define RECORDING_TAKERS 2

struct recording {
	struct reel_store *store;
	struct decoder *decoder; /* not ours */
	struct recording_events events;
	struct reel *live, *frozen; /* frozen NULL: nothing is kept */
	char *why;
	int64_t frozen_time;
	bool saved;   /* what is kept */
	bool passing; /* it is kept for who saves it only */
	unsigned int skipped;
	unsigned int takers; /* who save it now */
	enum capture_state state;
	size_t complete;           /* bytes of the last complete frame */
	struct capture_frame last; /* but for its data; of no frame yet: zeros */
	bool shown;                /* the decoder has what the node shows */
	int64_t raw;               /* when raw pixels were compressed last */
	bool behind;               /* and they are others by now */
	GByteArray *scratch;
};

GQuark recording_error_quark(void)
{
	return g_quark_from_static_string("recording-error");
}

/* --- What is added --- */

static bool recording_add(struct recording *recording, struct reel_entry *entry, const void *data)
{
	entry->time = g_get_monotonic_time();
	entry->wall = g_get_real_time();
	return reel_add(recording->live, entry, data);
}

static void recording_mark(struct recording *recording, const char *text)
{
	struct reel_entry entry = {
			.kind = REEL_MARK, .state = recording->state, .size = strlen(text)};

	recording_add(recording, &entry, text);
}

static void recording_add_frame(
		struct recording *recording, enum reel_kind kind, const struct capture_frame *frame)
{
	struct reel_entry entry = {.kind = kind, .size = frame->size, .frame = *frame};

	if (kind == REEL_COMPLETE)
		recording->complete = frame->size;
	entry.frame.data = NULL;
	recording_add(recording, &entry, frame->data);
}

/* The picture as it is now, instead of a frame. */
static void recording_add_picture(struct recording *recording, enum capture_codec codec)
{
	const struct picture *picture = decoder_picture(recording->decoder);
	struct capture_frame frame = {
			.data = recording->scratch->data,
			.size = recording->scratch->len,
			.width = picture->width,
			.height = picture->height,
			.codec = codec,
	};

	recording_add_frame(recording, REEL_COMPLETE, &frame);
}

/* The frame of differences as a complete one. */
static bool recording_complete(struct recording *recording, const struct capture_frame *frame)
{
	struct capture_frame complete = *frame;

	g_byte_array_set_size(recording->scratch, 0);
	if (!still_ajpg(recording->decoder, frame->selector, frame->second_selector,
			    recording->scratch))
		return false;
	complete.studio = false; /* of that nothing is kept */
	complete.data = recording->scratch->data;
	complete.size = recording->scratch->len;
	recording_add_frame(recording, REEL_COMPLETE, &complete);
	return true;
}

static void recording_compress(struct recording *recording)
{
	recording->raw = g_get_monotonic_time();
	recording->behind = false;
	g_byte_array_set_size(recording->scratch, 0);
	if (still_jpeg(recording->decoder, recording->scratch))
		recording_add_picture(recording, CAPTURE_JPEG);
}

static void recording_ajpg(struct recording *recording, const struct capture_frame *frame,
		const struct decoder_result *result)
{
	size_t most = MAX(reel_store_size(recording->store) / RECORDING_GROUP_PART,
			recording->complete * RECORDING_GROUP_LEAST);
	bool apart = !reel_goes_on(recording->live);

	if (result->key_frame) {
		recording_add_frame(recording, REEL_COMPLETE, frame);
		return;
	}
	if (!apart && reel_group_size(recording->live) + frame->size <= most) {
		if (result->named)
			recording_add_frame(recording, REEL_DIFFERENCE, frame);
	} else if (!recording_complete(recording, frame)) {
		/* Rather a little less exact than a question that costs the engine a second. */
		recording_compress(recording);
	}
}

static void recording_raw(struct recording *recording)
{
	if (g_get_monotonic_time() - recording->raw < RECORDING_RAW_EACH)
		recording->behind = true;
	else
		recording_compress(recording);
}

static void recording_mode(struct recording *recording, const struct capture_frame *frame)
{
	bool same = frame->width == recording->last.width &&
		    frame->height == recording->last.height;

	recording->last = *frame;
	recording->last.data = NULL;
	if (!same) {
		g_autofree char *text = g_strdup_printf("%dx%d", frame->width, frame->height);

		recording_mark(recording, text);
	}
}

void recording_frame(struct recording *recording, const struct capture_frame *frame,
		const struct decoder_result *result)
{
	recording->shown = result->fault == DECODER_OK;
	if (!recording->shown) {
		reel_gap(recording->live);
		return;
	}
	recording_mode(recording, frame);
	if (frame->codec == CAPTURE_AJPG)
		recording_ajpg(recording, frame, result);
	else if (!decoder_damage(recording->decoder)->count && reel_goes_on(recording->live))
		return; /* engines send a still screen again and again */
	else if (frame->codec == CAPTURE_JPEG)
		recording_add_frame(recording, REEL_COMPLETE, frame);
	else
		recording_raw(recording);
}

/* --- What is kept --- */

static void recording_drop(struct recording *recording)
{
	reel_unref(recording->frozen);
	recording->frozen = NULL;
	g_clear_pointer(&recording->why, g_free);
	recording->saved = recording->passing = false;
	recording->skipped = 0;
}

static bool recording_is_empty(const struct recording *recording)
{
	struct reel_stats stats;

	reel_stats(recording->live, &stats);
	return stats.frames == 0;
}

static void recording_keep(struct recording *recording, const char *why)
{
	if (recording->behind)
		recording_compress(recording);
	recording_drop(recording);
	recording->frozen = recording->live;
	reel_trim(recording->frozen, reel_store_size(recording->store) / 2);
	recording->live = reel_new(recording->store);
	recording->why = g_strdup(why);
	recording->frozen_time = g_get_monotonic_time();
	/* A still screen sends nothing to begin with. */
	if (recording->shown && (recording->last.codec != CAPTURE_AJPG ||
						!recording_complete(recording, &recording->last)))
		recording_compress(recording);
}

/* Whether something is kept that nobody else has. */
static bool recording_is_unsaved(const struct recording *recording)
{
	return recording->frozen && !recording->saved && !recording->passing;
}

void recording_incident(struct recording *recording, const char *why)
{
	if (recording->behind)
		recording_compress(recording);
	recording_mark(recording, why);
	if (recording_is_empty(recording))
		return;
	if (recording_is_unsaved(recording)) {
		recording->skipped++;
		return;
	}
	recording_keep(recording, why);
	recording->events.frozen(why, recording->events.data);
}

static bool recording_has_frames(const struct recording *recording, GError **error)
{
	if (!recording_is_empty(recording))
		return true;
	g_set_error_literal(error, RECORDING_ERROR, RECORDING_ERROR_STATE,
			"nothing was recorded yet; frames come while somebody looks, or all the "
			"time with always = true in [recording]");
	return false;
}

bool recording_freeze(struct recording *recording, const char *why, GError **error)
{
	if (recording_is_unsaved(recording)) {
		g_set_error(error, RECORDING_ERROR, RECORDING_ERROR_STATE,
				"a recording is kept already (%s) and was not saved; save it, or "
				"resume to drop it",
				recording->why);
		return false;
	}
	if (!recording_has_frames(recording, error))
		return false;
	recording_keep(recording, why);
	recording->events.frozen(why, recording->events.data);
	return true;
}

bool recording_resume(struct recording *recording, GError **error)
{
	if (recording->frozen && !recording->passing) {
		recording_drop(recording);
		return true;
	}
	g_set_error_literal(error, RECORDING_ERROR, RECORDING_ERROR_STATE,
			"no recording is kept; there is nothing to drop");
	return false;
}

/* --- The source's state --- */

void recording_state(struct recording *recording, enum capture_state state, const char *reason)
{
	enum capture_state before = recording->state;

	if (state == before)
		return;
	recording->state = state;
	recording->shown = recording->shown && state == CAPTURE_STREAMING;
	if (state == CAPTURE_NO_SIGNAL && before == CAPTURE_STREAMING)
		recording_incident(recording, reason);
	else if (!recording_is_empty(recording))
		recording_mark(recording, reason);
	reel_gap(recording->live);
}

/* --- Saving --- */

struct reel *recording_take(struct recording *recording, int64_t *until, GError **error)
{
	if (recording->takers >= RECORDING_TAKERS) {
		g_set_error(error, RECORDING_ERROR, RECORDING_ERROR_STATE,
				"%u others are saving it; try again when they have it",
				recording->takers);
		return NULL;
	}
	if (!recording->frozen) {
		if (!recording_has_frames(recording, error))
			return NULL;
		recording_keep(recording, "being saved");
		recording->passing = true;
	}
	recording->takers++;
	*until = recording->frozen_time;
	return reel_ref(recording->frozen);
}

void recording_release(struct recording *recording, struct reel *reel, bool whole)
{
	recording->takers--;
	if (reel == recording->frozen && recording->passing && !recording->takers)
		recording_drop(recording);
	else if (reel == recording->frozen && whole)
		recording->saved = true;
	reel_unref(reel);
}

void recording_status(const struct recording *recording, struct recording_status *status)
{
	*status = (struct recording_status){
			.memory = reel_store_size(recording->store),
			.has_frozen = recording->frozen != NULL,
			.saved = recording->saved,
			.why = recording->why,
			.frozen_time = recording->frozen_time,
			.skipped = recording->skipped,
	};
	reel_stats(recording->live, &status->live);
	if (recording->frozen)
		reel_stats(recording->frozen, &status->frozen);
}

/* --- The recording --- */

struct recording *recording_new(size_t memory, struct decoder *decoder,
		const struct recording_events *events, GError **error)
{
	struct reel_store *store = reel_store_new(memory);
	struct recording *recording;

	if (!store) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
				"recording: no %zu bytes of memory for it", memory);
		return NULL;
	}
	recording = g_new0(struct recording, 1);
	recording->store = store;
	recording->decoder = decoder;
	recording->events = *events;
	recording->live = reel_new(store);
	recording->scratch = g_byte_array_new();
	return recording;
}

void recording_free(struct recording *recording)
{
	if (!recording)
		return;
	recording_drop(recording);
	reel_unref(recording->live);
	reel_store_free(recording->store);
	g_byte_array_unref(recording->scratch);
	g_free(recording);
}
