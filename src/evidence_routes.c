/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/evidence_routes.h"
#include "src/evidence_api.h"
#include "src/recording_save.h"
#include "src/routes_part.h"

#define NOT_MODIFIED        304 /* RFC 9110, 15.4.5 */
#define CONFLICT            409 /* RFC 9110, 15.5.10: not as things are now */
#define SERVICE_UNAVAILABLE 503 /* RFC 9110, 15.6.4 */

/* --- Screenshots --- */

static void routes_shot(GBytes *jpeg, const char *tag, const GError *error, void *data)
{
	struct http_answer answer = {0};

	if (error) {
		g_autoptr(GError) told = g_error_new_literal(HTTP_ERROR,
				g_error_matches(error, SCREENSHOT_ERROR, SCREENSHOT_ERROR_TIMEOUT)
						? SERVICE_UNAVAILABLE
						: CONFLICT,
				error->message);

		http_later_fail(data, told);
		return;
	}
	if (jpeg) {
		answer.bytes = jpeg;
		answer.type = evidence_api[EVIDENCE_API_SCREENSHOT].type;
	} else {
		answer.status = NOT_MODIFIED;
	}
	http_answer_header(&answer, "ETag", tag);
	http_answer_header(&answer, "Cache-Control", "no-cache");
	http_later_answer(data, &answer);
}

static bool routes_screenshot(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	struct http_later *later = http_answer_later(request);

	screenshots_take(evidence_screenshots(data), request->if_none_match, routes_shot, later);
	return true;
}

/* --- The recording's status --- */

static json_t *routes_reel(const struct reel_stats *stats)
{
	json_t *json = json_pack("{s:i, s:I, s:I}", "frames", (int)stats->frames, "bytes",
			(json_int_t)stats->bytes, "lasts_ms",
			(json_int_t)((stats->last - stats->first) / 1000));

	if (stats->first) {
		routes_moment(json, "from", "from_age_ms", stats->first);
		routes_moment(json, "to", "to_age_ms", stats->last);
	}
	return json;
}

static json_t *routes_frozen(const struct recording_status *status)
{
	json_t *json;

	if (!status->has_frozen)
		return json_null();
	json = routes_reel(&status->frozen);
	json_object_set_new(json, "reason", routes_text(status->why));
	json_object_set_new(json, "saved", json_boolean(status->saved));
	json_object_set_new(json, "skipped", json_integer(status->skipped));
	return json;
}

static json_t *routes_file(const struct recording_file_status *status)
{
	return json_pack("{s:o, s:I, s:I, s:I, s:o}", "path", routes_text(status->path), "bytes",
			(json_int_t)status->bytes, "frames", (json_int_t)status->frames, "dropped",
			(json_int_t)status->dropped, "fault", routes_text(status->fault));
}

static json_t *routes_status(struct evidence *evidence)
{
	struct evidence_status status;

	evidence_status(evidence, &status);
	return json_pack("{s:I, s:b, s:o, s:o, s:o}", "memory", (json_int_t)status.memory.memory,
			"always", status.always, "live",
			status.recording ? routes_reel(&status.memory.live) : json_null(), "frozen",
			status.recording ? routes_frozen(&status.memory) : json_null(), "file",
			status.filing ? routes_file(&status.file) : json_null());
}

static bool routes_recording(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	answer->json = routes_status(data);
	return true;
}

/* --- What is kept --- */

static bool routes_refuse(const GError *cause, GError **error)
{
	g_set_error_literal(error, HTTP_ERROR, CONFLICT, cause->message);
	return false;
}

/* NULL and error: nothing is recorded here. */
static struct recording *routes_find(struct evidence *evidence, GError **error)
{
	struct recording *recording = evidence_recording(evidence);

	if (!recording)
		g_set_error_literal(error, HTTP_ERROR, CONFLICT,
				"nothing is recorded here; give it memory in [recording] of the "
				"configuration");
	return recording;
}

static bool routes_freeze(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	struct recording *recording = routes_find(data, error);
	g_autoptr(GError) cause = NULL;

	if (!recording)
		return false;
	if (!recording_freeze(recording, "on request", &cause))
		return routes_refuse(cause, error);
	answer->json = routes_status(data);
	return true;
}

static bool routes_resume(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	struct recording *recording = routes_find(data, error);
	g_autoptr(GError) cause = NULL;

	if (!recording)
		return false;
	if (!recording_resume(recording, &cause))
		return routes_refuse(cause, error);
	answer->json = routes_status(data);
	return true;
}

/* --- Saving --- */

struct routes_save {
	struct recording *recording;
	struct reel *reel;
	struct recording_save *save;
	bool whole;
};

static ssize_t save_fill(void *room, size_t most, void *data)
{
	struct routes_save *save = data;
	ssize_t made = recording_save_read(save->save, room, most);

	save->whole = made == 0;
	return made;
}

static void save_ended(void *data)
{
	struct routes_save *save = data;

	recording_save_free(save->save);
	recording_release(save->recording, save->reel, save->whole);
	g_free(save);
}

static bool routes_save(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	json_int_t rate = json_integer_value(json_object_get(request->values, "rate"));
	struct recording *recording = routes_find(data, error);
	struct routes_save *save;
	g_autoptr(GError) cause = NULL;
	struct reel *reel;
	int64_t until;

	if (!recording)
		return false;
	reel = recording_take(recording, &until, &cause);
	if (!reel)
		return routes_refuse(cause, error);
	save = g_new0(struct routes_save, 1);
	save->recording = recording;
	save->reel = reel;
	save->save = recording_save_new(reel, until, (int)rate, evidence_name(data));
	if (!save->save) {
		save_ended(save);
		g_set_error_literal(error, HTTP_ERROR, SERVICE_UNAVAILABLE,
				"not enough memory to save it");
		return false;
	}
	http_answer_header(answer, "Content-Disposition", "attachment; filename=\"recording.mkv\"");
	http_answer_fill(request, evidence_api[EVIDENCE_API_SAVE].type, save_fill, save_ended,
			save);
	return true;
}

static const http_handler_fn routes_handlers[EVIDENCE_API_COUNT] = {
		[EVIDENCE_API_SCREENSHOT] = routes_screenshot,
		[EVIDENCE_API_STATUS] = routes_recording,
		[EVIDENCE_API_SAVE] = routes_save,
		[EVIDENCE_API_FREEZE] = routes_freeze,
		[EVIDENCE_API_RESUME] = routes_resume,
};

void evidence_routes_add(struct http_server *server, struct evidence *evidence)
{
	http_server_add(server, evidence_api, routes_handlers, EVIDENCE_API_COUNT, evidence);
}
