/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "capture/capture.h"
#include "gadget/hub.h"
#include "gadget/keyboard.h"
#include "gadget/pointer.h"
#include "spice/listener.h"
#include "spice/viewer.h"
#include "src/console.h"
#include "src/console_config.h"
#include "src/drives.h"
#include "src/input.h"
#include "src/log.h"
#include "src/node.h"
#include "src/screen.h"
#include "src/shared_disc.h"
#include "src/status.h"

/* The node's lights and the viewer's have the same bits, those of the HID LED page. */
G_STATIC_ASSERT((int)KEYBOARD_NUM_LOCK == (int)VIEWER_NUM_LOCK);
G_STATIC_ASSERT((int)KEYBOARD_CAPS_LOCK == (int)VIEWER_CAPS_LOCK);
G_STATIC_ASSERT((int)KEYBOARD_SCROLL_LOCK == (int)VIEWER_SCROLL_LOCK);
G_STATIC_ASSERT(POINTER_MAX == VIEWER_POINTER_MAX);

struct console {
	struct node *node; /* not ours */
	struct status *status;
	struct screen *screen;
	struct input *input;
	struct viewer *viewer;
	struct shared_disc *shared_disc;
	struct shared_seat *seat; /* of the viewer's USB channel; NULL: it has none */
	struct listener *listener;
};

/* --- The node's picture, to the viewer --- */

static void console_show(const struct picture *picture, void *data)
{
	struct console *console = data;

	viewer_show(console->viewer, &(struct display_picture){
						     .width = picture->width,
						     .height = picture->height,
						     .stride = picture->stride,
						     .pixels = picture->pixels,
				     });
}

static void console_damage(const struct damage *damage, void *data)
{
	struct console *console = data;

	viewer_damage(console->viewer, &(struct display_damage){
						       .unit = damage->unit,
						       .columns = damage->columns,
						       .rows = damage->rows,
						       .map = damage->map,
				       });
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

/* --- The viewer's hands, to the node --- */

static void console_key(uint8_t usage, bool down, void *data)
{
	struct console *console = data;

	input_key(console->input, usage, down);
}

static void console_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
	struct console *console = data;

	input_pointer(console->input, x, y, wheel, buttons);
}

static void console_mouse(int dx, int dy, int wheel, unsigned int buttons, void *data)
{
	struct console *console = data;

	input_mouse(console->input, dx, dy, wheel, buttons);
}

static void console_release_all(void *data)
{
	struct console *console = data;

	input_release_all(console->input);
}

static void console_leds(unsigned int leds, void *data)
{
	struct console *console = data;

	status_leds(console->status, leds);
	if (console->viewer)
		viewer_leds(console->viewer, leds);
}

/* --- The viewer's disc, to the node --- */

static bool console_disc_offered(struct source *source, const char *viewer, void *data)
{
	struct console *console = data;

	if (!drives_offer(console->node->drives, source, viewer))
		return false;
	log_line(LOG_LINE_NOTICE, "console: viewer %s shares a disc", viewer);
	return true;
}

static void console_disc_withdrawn(struct source *source, void *data)
{
	struct console *console = data;

	log_line(LOG_LINE_NOTICE, "console: the viewer's disc is taken out: it is shared no more");
	drives_withdraw(console->node->drives, source);
}

static void console_redirect_send(const void *bytes, size_t size, void *data)
{
	struct console *console = data;

	viewer_redirect_send(console->viewer, bytes, size);
}

static void console_redirect_opened(void *data)
{
	struct console *console = data;
	const char *peer = viewer_peer(console->viewer);

	console->seat = shared_disc_join(console->shared_disc, peer ? peer : "unknown",
			console_redirect_send, console);
}

static void console_redirect_bytes(const void *bytes, size_t size, void *data)
{
	struct console *console = data;

	shared_disc_receive(console->seat, bytes, size);
}

static void console_redirect_closed(void *data)
{
	struct console *console = data;

	shared_disc_leave(g_steal_pointer(&console->seat));
}

static void console_open_shared_disc(struct console *console)
{
	const struct shared_disc_events events = {
			.offered = console_disc_offered,
			.withdrawn = console_disc_withdrawn,
			.refused = console_fault,
			.data = console,
	};

	console->shared_disc = shared_disc_new(&events);
}

/* --- Coming and going --- */

static void console_watched(bool watched, void *data)
{
	struct console *console = data;

	if (watched) {
		const char *peer = viewer_peer(console->viewer);

		log_line(LOG_LINE_NOTICE, "console: viewer %s connected", peer ? peer : "");
		capture_start(console->node->capture);
	} else {
		log_line(LOG_LINE_NOTICE, "console: viewer left; capture stopped");
		capture_stop(console->node->capture);
		status_state(console->status, CAPTURE_STOPPED, "nobody looks");
	}
}

static void console_client(const struct listener_client *client, void *data)
{
	struct console *console = data;

	viewer_add_client(console->viewer, client->fd);
}

static bool console_open_screen(struct console *console, GError **error)
{
	const struct screen_events events = {
			.show = console_show,
			.damage = console_damage,
			.key_frame = console_key_frame,
			.fault = console_fault,
			.data = console,
	};

	console->screen = screen_new(&events);
	if (!console->screen)
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
				"console: not enough memory for a decoder");
	return console->screen != NULL;
}

static bool console_open_viewer(
		struct console *console, const struct console_config *config, GError **error)
{
	const struct viewer_settings settings = {
			.name = config->name,
			.password = config->password,
			.lossless = config->image == CONSOLE_IMAGE_LOSSLESS,
	};
	struct viewer_events events = {
			.key = console_key,
			.pointer = console_pointer,
			.mouse = console_mouse,
			.release_all = console_release_all,
			.watched = console_watched,
			.data = console,
	};

	if (console->node->drives) {
		events.redirect_opened = console_redirect_opened;
		events.redirect_bytes = console_redirect_bytes;
		events.redirect_closed = console_redirect_closed;
	}
	console->viewer = viewer_new(&settings, &events, error);
	return console->viewer != NULL;
}

static bool console_listen(
		struct console *console, const struct console_config *config, GError **error)
{
	const struct listener_settings settings = {
			.addresses = (const char *const *)config->listen,
			.sockets = config->sockets,
			.socket_count = config->socket_count,
			.plain = true,
	};
	const char *address;

	console->listener = listener_open(&settings, console_client, console, error);
	for (unsigned int i = 0;
			console->listener && (address = listener_address(console->listener, i));
			i++)
		log_line(LOG_LINE_NOTICE, "console: listening on %s", address);
	return console->listener != NULL;
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
	console->status = status_new(
			config->name, console_config_source(config), console_config_device(config));
	capture_listen(node->capture, &events);
	console->input = input_new(node, config->key_limit, console_leds, console);
	console_open_shared_disc(console);
	if (!console_open_screen(console, error) || !console_open_viewer(console, config, error) ||
			!console_listen(console, config, error)) {
		console_close(console);
		return NULL;
	}
	screen_card(console->screen, "Waiting", "for the node's first frame");
	return console;
}

const char *console_address(const struct console *console)
{
	return listener_address(console->listener, 0);
}

void console_status(struct console *console, struct console_status *out)
{
	status_read(console->status, out);
	out->viewer = viewer_peer(console->viewer);
	out->viewer_since = viewer_since(console->viewer);
	input_read(console->input, &out->input);
	if (console->node->hub)
		hub_status(console->node->hub, &out->usb);
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

GQuark console_error_quark(void)
{
	return g_quark_from_static_string("console-error");
}

void console_close(struct console *console)
{
	if (!console)
		return;
	listener_close(console->listener);
	capture_stop(console->node->capture);
	viewer_close(console->viewer);
	shared_disc_free(console->shared_disc);
	screen_free(console->screen);
	input_free(console->input);
	status_free(console->status);
	g_free(console);
}
