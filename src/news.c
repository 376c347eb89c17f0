/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/news.h"
#include <string.h>
#include "src/drives.h"
#include "src/events.h"
#include "src/routes_part.h"

/* What was told of a drive. */
struct news_drive {
	enum drives_state state;
	int64_t since;
};

struct news {
	struct events *events; /* not ours */
	struct drives *drives; /* not ours; NULL: none */
	unsigned int listener; /* of the drives */
	struct news_drive *told;
	enum capture_state capture;
	int width, height; /* of the last frame */
	enum capture_codec codec;
	struct console_input input;
};

/* --- Picture --- */

/* The state that ended says what begins. */
static const char *news_capture_type(enum capture_state former, enum capture_state state)
{
	switch (state) {
	case CAPTURE_STOPPED:
		return "capture.stopped";
	case CAPTURE_NO_DEVICE:
		return "device.lost";
	case CAPTURE_NO_SIGNAL:
		return "signal.lost";
	case CAPTURE_STREAMING:
		break;
	}
	if (former == CAPTURE_NO_SIGNAL)
		return "signal.returned";
	return former == CAPTURE_NO_DEVICE ? "device.returned" : "capture.started";
}

void news_capture(struct news *news, enum capture_state state, const char *reason)
{
	enum capture_state former = news->capture;

	if (state == former)
		return;
	news->capture = state;
	events_publish(news->events, news_capture_type(former, state),
			json_pack("{s:s, s:o}", "state", status_state_word(state), "reason",
					routes_text(reason)));
}

void news_frame(struct news *news, const struct capture_frame *frame)
{
	if (frame->width == news->width && frame->height == news->height &&
			frame->codec == news->codec)
		return;
	news->width = frame->width;
	news->height = frame->height;
	news->codec = frame->codec;
	events_publish(news->events, "mode.changed",
			json_pack("{s:i, s:i, s:s}", "width", frame->width, "height", frame->height,
					"codec", status_codec_word(frame->codec)));
}

/* --- Hands --- */

void news_input(struct news *news, const struct console_input *input)
{
	if (input->keyboard == news->input.keyboard && input->absolute == news->input.absolute &&
			input->relative == news->input.relative)
		return;
	news->input = *input;
	events_publish(news->events, "input.changed",
			json_pack("{s:s, s:s, s:s}", "keyboard",
					status_device_word(input->keyboard), "absolute",
					status_device_word(input->absolute), "relative",
					status_device_word(input->relative)));
}

/* --- Viewers --- */

void news_joined(struct news *news, const struct news_viewer *viewer)
{
	events_publish(news->events, "viewer.joined",
			json_pack("{s:I, s:o, s:b, s:b}", "viewer", (json_int_t)viewer->viewer,
					"peer", routes_text(viewer->peer), "encrypted",
					viewer->encrypted, "websocket", viewer->websocket));
}

void news_left(struct news *news, unsigned int viewer, const char *peer)
{
	events_publish(news->events, "viewer.left",
			json_pack("{s:I, s:o}", "viewer", (json_int_t)viewer, "peer",
					routes_text(peer)));
}

void news_password(struct news *news, const struct password_status *password)
{
	json_t *data = json_object();

	if (password->state == PASSWORD_EXPIRED) {
		events_publish(news->events, "password.expired", data);
		return;
	}
	routes_deadline(data, "expires", "left_ms", password->until);
	events_publish(news->events, "password.changed", data);
}

/* --- Drives --- */

static const char *news_drive_type(enum drives_state former, enum drives_state state)
{
	bool was_in = former != DRIVES_EMPTY && former != DRIVES_OPENING;

	switch (state) {
	case DRIVES_READY:
		return former == DRIVES_WAITING ? "drive.recovered" : "drive.inserted";
	case DRIVES_WAITING:
		return "drive.stalled";
	case DRIVES_FAILED:
		return "drive.failed";
	case DRIVES_EMPTY:
	case DRIVES_OPENING:
		return was_in ? "drive.ejected" : NULL;
	case DRIVES_EJECTING:
		break;
	}
	return NULL;
}

/* Of what comes quickly one after the other the last is told, also when it is as before; and that
 * there is more to say of a state is no event. */
static void news_drive(size_t drive, void *data)
{
	struct news *news = data;
	struct news_drive *told = &news->told[drive];
	enum drives_state former = told->state;
	struct drives_status status;
	const char *type;
	bool is_out;

	drives_status(news->drives, drive, &status);
	if (status.since == told->since)
		return;
	*told = (struct news_drive){status.state, status.since};
	type = news_drive_type(former, status.state);
	if (!type || (former == DRIVES_EJECTING && status.state == DRIVES_READY))
		return; /* the node did not give it free */
	is_out = strcmp(type, "drive.ejected") == 0;
	events_publish(news->events, type,
			json_pack("{s:o, s:s, s:o, s:o, s:o}", "drive", routes_text(status.name),
					"kind", drives_as_word(status.as), "source",
					routes_text(is_out ? NULL : status.source), "viewer",
					routes_text(is_out ? NULL : status.viewer), "reason",
					*status.reason ? routes_text(status.reason) : json_null()));
}

static void news_watch_drives(struct news *news)
{
	size_t count = drives_count(news->drives);

	news->told = g_new0(struct news_drive, MAX(count, 1));
	for (size_t i = 0; i < count; i++) {
		struct drives_status status;

		drives_status(news->drives, i, &status);
		news->told[i] = (struct news_drive){status.state, status.since};
	}
	news->listener = drives_listen(news->drives, news_drive, news);
}

/* --- The rest --- */

void news_quality(struct news *news, int selector, bool automatic)
{
	events_publish(news->events, "quality.changed",
			json_pack("{s:i, s:b}", "selector", selector, "automatic", automatic));
}

void news_configuration(struct news *news, const char *reason)
{
	if (reason)
		events_publish(news->events, "configuration.refused",
				json_pack("{s:o}", "reason", routes_text(reason)));
	else
		events_publish(news->events, "configuration.applied", NULL);
}

void news_fault(struct news *news, const char *text)
{
	events_publish(news->events, "fault.occurred",
			json_pack("{s:o}", "message", routes_text(text)));
}

struct news *news_new(struct events *events, struct drives *drives)
{
	struct news *news = g_new0(struct news, 1);

	news->events = events;
	news->drives = drives;
	news->capture = CAPTURE_STOPPED;
	if (drives)
		news_watch_drives(news);
	return news;
}

void news_free(struct news *news)
{
	if (!news)
		return;
	if (news->drives)
		drives_unlisten(news->drives, news->listener);
	g_free(news->told);
	g_free(news);
}
