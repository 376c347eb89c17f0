/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/evidence.h"
#include "src/events.h"
#include "src/log.h"
#include "src/routes_part.h"
#include "src/screen.h"
#include "src/still.h"

#define MIB (UINT64_C(1) << 20)

struct evidence {
	struct screen *screen; /* not ours */
	struct events *events; /* not ours */
	struct evidence_events called;
	char *name;
	bool always, ended;
	bool shooting; /* frames are wanted for a screenshot */
	struct screenshots *shots;
	struct recording *recording; /* NULL: none */
	struct recording_file *file; /* NULL: none */
	int64_t each;                /* microseconds between its frames */
	int64_t filed;               /* when the last one was */
	guint later;                 /* for the one that came too early */
};

/* --- The file --- */

/* The picture as it is now; of a JPEG source those bytes. */
static void evidence_file(struct evidence *evidence)
{
	struct decoder *decoder = screen_decoder(evidence->screen);
	const struct picture *picture = decoder_picture(decoder);
	GByteArray *jpeg;

	if (!screen_is_good(evidence->screen))
		return;
	evidence->filed = g_get_monotonic_time();
	if (!recording_file_ready(evidence->file))
		return;
	jpeg = g_byte_array_new();
	if (still_jpeg(decoder, jpeg))
		recording_file_frame(evidence->file, evidence->filed, picture->width,
				picture->height, g_byte_array_free_to_bytes(jpeg));
	else
		g_byte_array_unref(jpeg);
}

static gboolean evidence_file_later(gpointer data)
{
	struct evidence *evidence = data;

	evidence->later = 0;
	evidence_file(evidence);
	return G_SOURCE_REMOVE;
}

/* Changes that come faster than they are wanted are one, which is shown when its time has come. */
static void evidence_file_frame(struct evidence *evidence)
{
	const struct decoder_result *result = screen_result(evidence->screen);
	int64_t due = evidence->filed + evidence->each, now;

	if (evidence->later || (!decoder_damage(screen_decoder(evidence->screen))->count &&
					       !result->resized && evidence->filed))
		return;
	now = g_get_monotonic_time();
	if (!evidence->filed || now >= due)
		evidence_file(evidence);
	else
		evidence->later = g_timeout_add(
				(guint)((due - now) / 1000 + 1), evidence_file_later, evidence);
}

/* --- What comes --- */

void evidence_frame(struct evidence *evidence, const struct capture_frame *frame)
{
	screenshots_frame(evidence->shots);
	if (evidence->recording)
		recording_frame(evidence->recording, frame, screen_result(evidence->screen));
	if (evidence->file)
		evidence_file_frame(evidence);
}

void evidence_state(struct evidence *evidence, enum capture_state state, const char *reason)
{
	screenshots_state(evidence->shots, state, reason);
	if (evidence->recording)
		recording_state(evidence->recording, state, reason);
}

void evidence_incident(struct evidence *evidence, const char *why)
{
	if (evidence->recording)
		recording_incident(evidence->recording, why);
}

/* --- What is wanted --- */

static void evidence_shoot(bool wanted, void *data)
{
	struct evidence *evidence = data;

	evidence->shooting = wanted;
	if (!evidence->always && !evidence->ended)
		evidence->called.want(wanted, evidence->called.data);
}

static void evidence_frozen(const char *why, void *data)
{
	struct evidence *evidence = data;

	log_line(LOG_LINE_NOTICE, "recording: %s; what there is was frozen, until it is saved",
			why);
	events_publish(evidence->events, "recording.frozen",
			json_pack("{s:o}", "reason", routes_text(why)));
}

/* --- All of it --- */

bool evidence_only_shoots(const struct evidence *evidence)
{
	return evidence->shooting && !evidence->always;
}

struct screenshots *evidence_screenshots(struct evidence *evidence)
{
	return evidence->shots;
}

struct recording *evidence_recording(struct evidence *evidence)
{
	return evidence->recording;
}

const char *evidence_name(const struct evidence *evidence)
{
	return evidence->name;
}

void evidence_status(struct evidence *evidence, struct evidence_status *status)
{
	*status = (struct evidence_status){
			.recording = evidence->recording != NULL,
			.always = evidence->always,
			.filing = evidence->file != NULL,
	};
	if (evidence->recording)
		recording_status(evidence->recording, &status->memory);
	if (evidence->file)
		recording_file_status(evidence->file, &status->file);
}

struct evidence *evidence_new(const struct evidence_config *config, const char *name,
		struct screen *screen, struct events *events, const struct evidence_events *called,
		GError **error)
{
	struct evidence *evidence = g_new0(struct evidence, 1);
	const struct recording_events recording = {
			.frozen = evidence_frozen,
			.data = evidence,
	};

	evidence->screen = screen;
	evidence->events = events;
	evidence->called = *called;
	evidence->name = g_strdup(name);
	evidence->always = config->always && (config->memory || config->file);
	evidence->shots = screenshots_new(screen, events_run(events), evidence_shoot, evidence);
	if (config->memory) {
		evidence->recording = recording_new(
				config->memory * MIB, screen_decoder(screen), &recording, error);
		if (!evidence->recording) {
			evidence_free(evidence);
			return NULL;
		}
	}
	if (config->file) {
		evidence->file = recording_file_new(config->file, config->limit * MIB, name);
		evidence->each = G_USEC_PER_SEC / config->rate;
	}
	return evidence;
}

void evidence_begin(struct evidence *evidence)
{
	if (evidence->always)
		evidence->called.want(true, evidence->called.data);
}

void evidence_free(struct evidence *evidence)
{
	if (!evidence)
		return;
	evidence->ended = true;
	if (evidence->later)
		g_source_remove(evidence->later);
	screenshots_free(evidence->shots);
	recording_free(evidence->recording);
	recording_file_free(evidence->file);
	g_free(evidence->name);
	g_free(evidence);
}
