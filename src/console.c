/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "capture/capture.h"
#include "gadget/hub.h"
#include "gadget/keyboard.h"
#include "gadget/pointer.h"
#include "src/audience.h"
#include "src/console.h"
#include "src/console_config.h"
#include "src/drives.h"
#include "src/events.h"
#include "src/input.h"
#include "src/log.h"
#include "src/node.h"
#include "src/quality.h"
#include "src/screen.h"
#include "src/status.h"

/* The node's lights and the viewer's have the same bits, those of the HID LED page. */
G_STATIC_ASSERT((int)KEYBOARD_NUM_LOCK == (int)VIEWER_NUM_LOCK);
G_STATIC_ASSERT((int)KEYBOARD_CAPS_LOCK == (int)VIEWER_CAPS_LOCK);
G_STATIC_ASSERT((int)KEYBOARD_SCROLL_LOCK == (int)VIEWER_SCROLL_LOCK);
G_STATIC_ASSERT(POINTER_MAX == VIEWER_POINTER_MAX);

#define EVENTS_KEPT 256 /* of what happened, for those who come back after a gap */
#define LOOK_MS     250 /* how often the viewers' links are looked at */

struct console {
	struct node *node; /* not ours */
	struct status *status;
	struct events *events;
	struct screen *screen;
	struct input *input;
	struct audience *audience;
	struct capture_quality wanted; /* of the engine, by the configuration */
	bool adaptive;                 /* quality is followed */
	bool ajpg;                     /* the last frame was */
	struct quality quality;
	int selector; /* that the engine has */
	guint look;   /* timer, while somebody looks */
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
}

static void console_frame(const struct capture_frame *frame, void *data)
{
	struct console *console = data;

	console->ajpg = frame->codec == CAPTURE_AJPG;
	status_frame(console->status, frame);
	screen_frame(console->screen, frame);
}

static void console_state(enum capture_state state, const char *reason, void *data)
{
	struct console *console = data;
	bool changed = status_state(console->status, state, reason);

	if (changed && state == CAPTURE_NO_DEVICE)
		console_fault(reason, console);
	else if (changed)
		log_line(state == CAPTURE_STREAMING ? LOG_LINE_NOTICE : LOG_LINE_WARNING,
				"console: %s", reason);
	if (state == CAPTURE_NO_SIGNAL)
		screen_card(console->screen, "No signal", reason);
	else if (state == CAPTURE_NO_DEVICE)
		screen_card(console->screen, "No video device", reason);
}

/* --- The viewers --- */

static void console_leds(unsigned int leds, void *data)
{
	struct console *console = data;

	status_leds(console->status, leds);
	if (console->audience)
		viewers_leds(audience_viewers(console->audience), leds);
}

/* The engine begins anew, so this is for when it is worth it. */
static void console_adjust(struct console *console, int selector)
{
	struct capture_quality quality = console->wanted;

	if (selector == console->selector)
		return;
	console->selector = selector;
	quality.selector = selector;
	log_line(LOG_LINE_NOTICE, "console: quality %d of the video engine, by the slowest viewer",
			selector);
	capture_adjust(console->node->capture, &quality);
}

static gboolean console_look(gpointer data)
{
	struct console *console = data;
	struct quality_link links[CONSOLE_CONFIG_VIEWERS_MAX];
	struct viewers_one one;
	size_t count = 0;

	for (size_t i = 0; count < G_N_ELEMENTS(links) && console_viewer(console, i, &one); i++)
		if (one.looking && one.direct)
			links[count++] = (struct quality_link){
					.round_trip = one.pace.round_trip,
					.way = one.pace.way,
					.behind = one.pace.behind,
			};
	if (console->ajpg)
		console_adjust(console, quality_look(&console->quality, links, count,
							g_get_monotonic_time()));
	return G_SOURCE_CONTINUE;
}

/* Whoever comes next begins with what is configured. */
static void console_follow(struct console *console, bool follow)
{
	if (!console->adaptive)
		return;
	if (follow && !console->look) {
		console->look = g_timeout_add(LOOK_MS, console_look, console);
	} else if (!follow && console->look) {
		g_source_remove(console->look);
		console->look = 0;
		quality_reset(&console->quality);
		console_adjust(console, console->wanted.selector);
	}
}

static void console_watched(bool watched, void *data)
{
	struct console *console = data;

	if (watched) {
		console_follow(console, true);
		capture_start(console->node->capture);
	} else {
		log_line(LOG_LINE_NOTICE, "console: nobody looks; capture stopped");
		capture_stop(console->node->capture);
		console_follow(console, false);
		status_state(console->status, CAPTURE_STOPPED, "nobody looks");
	}
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

static bool console_open_audience(
		struct console *console, const struct console_config *config, GError **error)
{
	const struct audience_events events = {
			.watched = console_watched,
			.fault = console_fault,
			.data = console,
	};

	console->audience = audience_open(
			config, console->input, console->node->drives, &events, error);
	return console->audience != NULL;
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
	console->status = status_new(
			config->name, console_config_source(config), console_config_device(config));
	console->wanted = config->video.quality;
	console->selector = config->video.quality.selector;
	console->adaptive = config->adaptive && config->display == CONSOLE_DISPLAY_DIRECT &&
			    config->source == CONSOLE_SOURCE_V4L2;
	quality_init(&console->quality, console->selector);
	capture_listen(node->capture, &events);
	console->input = input_new(node, console_leds, console);
	if (!console_open_screen(console, config, error) ||
			!console_open_audience(console, config, error)) {
		console_close(console);
		return NULL;
	}
	screen_card(console->screen, "Waiting", "for the node's first frame");
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
	return audience_set_password(console->audience, password, seconds, error);
}

void console_set_view_password(struct console *console, const char *password)
{
	audience_set_view_password(console->audience, password);
}

bool console_ticket(struct console *console, bool view, unsigned int seconds, struct ticket *out,
		GError **error)
{
	return audience_ticket(console->audience, view ? VIEWERS_VIEW : VIEWERS_OPERATE, seconds,
			out, error);
}

void console_renew(struct console *console, const char *password)
{
	audience_renew(console->audience, password);
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

struct events *console_events(struct console *console)
{
	return console->events;
}

GQuark console_error_quark(void)
{
	return g_quark_from_static_string("console-error");
}

void console_close(struct console *console)
{
	if (!console)
		return;
	if (console->look)
		g_source_remove(console->look);
	capture_stop(console->node->capture);
	audience_close(console->audience);
	screen_free(console->screen);
	input_free(console->input);
	status_free(console->status);
	events_free(console->events);
	g_free(console);
}
