/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "capture/capture.h"
#include "gadget/hub.h"
#include "gadget/keyboard.h"
#include "gadget/pointer.h"
#include "src/audience.h"
#include "src/audit.h"
#include "src/console.h"
#include "src/console_config.h"
#include "src/drives.h"
#include "src/events.h"
#include "src/evidence.h"
#include "src/input.h"
#include "src/keys.h"
#include "src/log.h"
#include "src/news.h"
#include "src/node.h"
#include "src/screen.h"
#include "src/status.h"
#include "src/steering.h"

/* The node's lights and the viewer's have the same bits, those of the HID LED page. */
G_STATIC_ASSERT((int)KEYBOARD_NUM_LOCK == (int)VIEWER_NUM_LOCK);
G_STATIC_ASSERT((int)KEYBOARD_CAPS_LOCK == (int)VIEWER_CAPS_LOCK);
G_STATIC_ASSERT((int)KEYBOARD_SCROLL_LOCK == (int)VIEWER_SCROLL_LOCK);
G_STATIC_ASSERT(POINTER_MAX == VIEWER_POINTER_MAX);

#define EVENTS_KEPT 256 /* of what happened, for those who come back after a gap */

struct console {
	struct node *node; /* not ours */
	struct status *status;
	struct events *events;
	struct audit *audit;
	struct news *news;
	struct screen *screen;
	struct input *input;
	struct keys *keys;
	struct audience *audience;
	struct evidence *evidence;
	struct steering *steering; /* of the engine's quality */
	bool watched, noted;       /* frames are wanted: by viewers; by the evidence */
};

/* --- The node's picture, to the viewers --- */

static void console_show(const struct display_picture *picture, void *data)
{
	struct console *console = data;

	viewers_show(audience_viewers(console->audience), picture);
}

static void console_damage(const struct display_damage *damage, void *data)
{
	struct console *console = data;

	status_damage(console->status, damage);
	viewers_damage(audience_viewers(console->audience), damage);
}

static void console_key_frame(void *data)
{
	struct console *console = data;

	capture_key_frame(console->node->capture);
}

static void console_fault(const char *text, void *data)
{
	struct console *console = data;

	log_line(LOG_LINE_WARNING, "console: %s", text);
	status_fault(console->status, text);
	news_fault(console->news, text);
}

static void console_frame(const struct capture_frame *frame, void *data)
{
	struct console *console = data;

	steering_codec(console->steering, frame->codec);
	status_frame(console->status, frame);
	news_frame(console->news, frame);
	screen_frame(console->screen, frame);
	evidence_frame(console->evidence, frame);
}

static void console_state(enum capture_state state, const char *reason, void *data)
{
	struct console *console = data;
	bool changed = status_state(console->status, state, reason);
	bool passing = state == CAPTURE_STREAMING && !console->watched &&
		       evidence_only_shoots(console->evidence);

	if (changed && state == CAPTURE_NO_DEVICE)
		console_fault(reason, console);
	else if (changed && !passing)
		log_line(state == CAPTURE_STREAMING ? LOG_LINE_NOTICE : LOG_LINE_WARNING,
				"console: %s", reason);
	if (state == CAPTURE_NO_SIGNAL || state == CAPTURE_NO_DEVICE)
		screen_card(console->screen, screen_card_title(state), reason);
	news_capture(console->news, state, reason);
	evidence_state(console->evidence, state, reason);
}

/* --- The viewers --- */

static void console_leds(unsigned int leds, void *data)
{
	struct console *console = data;

	status_leds(console->status, leds);
	if (console->keys)
		keys_leds(console->keys, leds);
	if (console->audience)
		viewers_leds(audience_viewers(console->audience), leds);
}

static size_t console_links(struct quality_link *links, size_t most, void *data)
{
	struct console *console = data;
	struct viewers_one one;
	size_t count = 0;

	for (size_t i = 0; count < most && console_viewer(console, i, &one); i++)
		if (one.looking && one.direct)
			links[count++] = (struct quality_link){
					.round_trip = one.pace.round_trip,
					.way = one.pace.way,
					.behind = one.pace.behind,
			};
	return count;
}

static void console_quality(const struct console_quality *quality, void *data)
{
	struct console *console = data;

	log_line(LOG_LINE_NOTICE, "console: quality %d of the video engine%s", quality->selector,
			quality->automatic ? ", by the slowest viewer" : "");
	news_quality(console->news, quality->selector, quality->automatic);
}

/* Frames are wanted by somebody, or by nobody any more. */
static void console_need(struct console *console, bool *who, bool needed)
{
	bool before = console->watched || console->noted;

	*who = needed;
	if (console->watched || console->noted) {
		capture_start(console->node->capture);
	} else if (before) {
		capture_stop(console->node->capture);
		status_state(console->status, CAPTURE_STOPPED, "nobody looks");
		news_capture(console->news, CAPTURE_STOPPED, "nobody looks");
		evidence_state(console->evidence, CAPTURE_STOPPED, "nobody looks");
	}
}

static void console_watched(bool watched, void *data)
{
	struct console *console = data;

	if (watched)
		steering_watched(console->steering, true);
	else
		log_line(LOG_LINE_NOTICE, "console: nobody looks%s",
				console->noted ? "" : "; capture stopped");
	console_need(console, &console->watched, watched);
	if (!watched)
		steering_watched(console->steering, false);
}

static void console_wanted(bool wanted, void *data)
{
	struct console *console = data;

	console_need(console, &console->noted, wanted);
}

static void console_joined(unsigned int viewer, const char *peer, void *data)
{
	struct console *console = data;
	struct news_viewer news = {.viewer = viewer, .peer = peer};
	struct viewers_one one;

	for (size_t i = 0; console_viewer(console, i, &one); i++) {
		if (one.viewer != viewer)
			continue;
		news.encrypted = one.encrypted;
		news.websocket = one.websocket;
	}
	news_joined(console->news, &news);
}

static void console_left(unsigned int viewer, const char *peer, void *data)
{
	news_left(((struct console *)data)->news, viewer, peer);
}

static void console_password(void *data)
{
	struct console *console = data;
	struct password_status password = viewers_password(audience_viewers(console->audience));

	news_password(console->news, &password);
}

static void console_input_changed(void *data)
{
	struct console *console = data;
	struct console_input input;

	input_read(console->input, &input);
	news_input(console->news, &input);
}

static bool console_open_screen(
		struct console *console, const struct console_config *config, GError **error)
{
	const struct screen_events events = {
			.show = console_show,
			.damage = console_damage,
			.key_frame = console_key_frame,
			.fault = console_fault,
			.data = console,
	};

	console->screen = screen_new(config->display == CONSOLE_DISPLAY_DIRECT, &events);
	if (!console->screen)
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
				"console: not enough memory for a decoder");
	return console->screen != NULL;
}

static bool console_open_evidence(
		struct console *console, const struct console_config *config, GError **error)
{
	const struct evidence_events events = {
			.want = console_wanted,
			.data = console,
	};

	console->evidence = evidence_new(&config->recording, config->name, console->screen,
			console->events, &events, error);
	return console->evidence != NULL;
}

static bool console_open_audience(
		struct console *console, const struct console_config *config, GError **error)
{
	const struct audience_events events = {
			.audit = console->audit,
			.events = console->events,
			.watched = console_watched,
			.joined = console_joined,
			.left = console_left,
			.expired = console_password,
			.fault = console_fault,
			.data = console,
	};

	console->audience = audience_open(
			config, console->input, console->node->drives, &events, error);
	return console->audience != NULL;
}

/* A simulated node's picture is followed only when an operator says so. */
static bool console_is_adaptive(const struct console_config *config)
{
	return config->adaptive && config->source == CONSOLE_SOURCE_V4L2;
}

static void console_open_steering(struct console *console, const struct console_config *config)
{
	const struct steering_settings settings = {
			.capture = console->node->capture,
			.quality = console_config_quality(config),
			.adaptive = console_is_adaptive(config),
			.links = config->display == CONSOLE_DISPLAY_DIRECT,
	};
	const struct steering_events events = {
			.links = console_links,
			.changed = console_quality,
			.data = console,
	};

	console->steering = steering_new(&settings, &events);
}

struct console *console_open(const struct console_config *config, struct node *node, GError **error)
{
	struct console *console = g_new0(struct console, 1);
	const struct capture_events events = {
			.frame = console_frame,
			.state = console_state,
			.data = console,
	};

	console->node = node;
	console->events = events_new(EVENTS_KEPT);
	console->audit = audit_new(console->events);
	console->status = status_new(
			config->name, console_config_source(config), console_config_device(config));
	console->news = news_new(console->events, node->drives);
	console_open_steering(console, config);
	capture_listen(node->capture, &events);
	console->input = input_new(node, console_leds, console);
	input_listen(console->input, console_input_changed, console);
	console_input_changed(console);
	console->keys = keys_new(console->input, console->events);
	if (!console_open_screen(console, config, error) ||
			!console_open_evidence(console, config, error) ||
			!console_open_audience(console, config, error)) {
		console_close(console);
		return NULL;
	}
	screen_card(console->screen, "Waiting", "for the node's first frame");
	evidence_begin(console->evidence);
	return console;
}

const char *console_address(const struct console *console)
{
	return audience_address(console->audience);
}

void console_status(struct console *console, struct console_status *out)
{
	status_read(console->status, out);
	input_read(console->input, &out->input);
	out->password = viewers_password(audience_viewers(console->audience));
	steering_read(console->steering, &out->quality);
	if (console->node->hub)
		hub_status(console->node->hub, &out->usb);
}

bool console_viewer(struct console *console, size_t index, struct viewers_one *out)
{
	return viewers_read(audience_viewers(console->audience), index, out);
}

bool console_disconnect(struct console *console, unsigned int viewer, GError **error)
{
	if (viewers_drop(audience_viewers(console->audience), viewer))
		return true;
	g_set_error(error, CONSOLE_ERROR, CONSOLE_ERROR_UNKNOWN, "there is no viewer %u", viewer);
	return false;
}

bool console_set_password(
		struct console *console, const char *password, unsigned int seconds, GError **error)
{
	if (!audience_set_password(console->audience, password, seconds, error))
		return false;
	console_password(console);
	return true;
}

bool console_ticket(struct console *console, bool view, unsigned int seconds, struct ticket *out,
		GError **error)
{
	return audience_ticket(console->audience, view ? VIEWERS_VIEW : VIEWERS_OPERATE, seconds,
			out, error);
}

bool console_set_quality(struct console *console, int selector, GError **error)
{
	return steering_set(console->steering, selector, error);
}

bool console_follow_links(struct console *console, GError **error)
{
	return steering_follow(console->steering, error);
}

bool console_configure(struct console *console, const struct console_config *former,
		const struct console_config *next, GError **error)
{
	const struct capture_quality was = console_config_quality(former);
	const struct capture_quality is = console_config_quality(next);
	bool ask = next->password || former->password_file;

	if (!audience_configure(console->audience, next, ask, error))
		return false;
	status_name(console->status, next->name);
	/* What an operator has set stays, unless it is about that. */
	if (was.selector != is.selector || was.chroma != is.chroma ||
			was.hq_selector != is.hq_selector || former->adaptive != next->adaptive)
		steering_configure(console->steering, &is, console_is_adaptive(next));
	if (ask)
		console_password(console);
	news_configuration(console->news, NULL);
	return true;
}

void console_refuse(struct console *console, const char *reason)
{
	news_configuration(console->news, reason);
}

bool console_wake(struct console *console, GError **error)
{
	if (console->node->hub)
		return hub_wake(console->node->hub, error);
	g_set_error_literal(error, CONSOLE_ERROR, CONSOLE_ERROR_STATE,
			"this node has no USB hub to be woken by");
	return false;
}

struct drives *console_drives(struct console *console)
{
	return console->node->drives;
}

struct evidence *console_evidence(struct console *console)
{
	return console->evidence;
}

struct events *console_events(struct console *console)
{
	return console->events;
}

struct keys *console_keys(struct console *console)
{
	return console->keys;
}

struct audit *console_audit(struct console *console)
{
	return console->audit;
}

struct control *console_control(struct console *console)
{
	return audience_control(console->audience);
}

GQuark console_error_quark(void)
{
	return g_quark_from_static_string("console-error");
}

void console_close(struct console *console)
{
	if (!console)
		return;
	capture_stop(console->node->capture);
	keys_free(console->keys);
	audience_close(console->audience);
	evidence_free(console->evidence);
	screen_free(console->screen);
	input_free(console->input);
	steering_free(console->steering);
	news_free(console->news);
	status_free(console->status);
	audit_free(console->audit);
	events_free(console->events);
	g_free(console);
}
