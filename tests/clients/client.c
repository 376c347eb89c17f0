/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <spice-client.h>
#include <string.h>
#include "tests/clients/client.h"

struct client {
	SpiceSession *session;
	SpiceMainChannel *main;
	SpiceInputsChannel *inputs;
	SpiceChannel *channels[CLIENT_CHANNELS]; /* by type, the newest; the session's */
	bool open[CLIENT_CHANNELS];
	struct client_picture picture;
	bool marked;
	int compression;
	unsigned int updates, screens;
	client_drawn_fn drawn; /* may be NULL */
	void *drawn_data;
	int locks;
	SpiceUsbDeviceManager *usb; /* the session's; NULL: nothing was shared yet */
	SpiceUsbDevice *disc;
	char *share_error;
	bool gone;
	char *error;
};

static void client_screen_made(SpiceChannel *channel, gint format, gint width, gint height,
		gint stride, gint shmid, gpointer pixels, gpointer data)
{
	struct client *client = data;

	client->picture = (struct client_picture){width, height, stride / 4, pixels};
	client->screens++;
}

static void client_screen_gone(SpiceChannel *channel, gpointer data)
{
	struct client *client = data;

	client->picture = (struct client_picture){0};
	client->marked = false;
}

static void client_screen_marked(SpiceChannel *channel, gint mark, gpointer data)
{
	((struct client *)data)->marked = mark;
}

static void client_drawn(
		SpiceChannel *channel, gint x, gint y, gint width, gint height, gpointer data)
{
	struct client *client = data;

	client->updates++;
	if (client->drawn)
		client->drawn(client, client->drawn_data);
}

static void client_locks_changed(SpiceChannel *channel, gpointer data)
{
	g_object_get(channel, "key-modifiers", &((struct client *)data)->locks, NULL);
}

static int client_channel_type(SpiceChannel *channel)
{
	gint type = 0;

	g_object_get(channel, "channel-type", &type, NULL);
	return type;
}

static void client_channel_event(SpiceChannel *channel, SpiceChannelEvent event, gpointer data)
{
	struct client *client = data;
	int type = client_channel_type(channel);
	const GError *error = spice_channel_get_error(channel);

	if (type >= CLIENT_CHANNELS || client->channels[type] != channel)
		return;
	client->open[type] = event == SPICE_CHANNEL_OPENED;
	if (type == CLIENT_DISPLAY && event == SPICE_CHANNEL_OPENED && client->compression)
		spice_display_channel_change_preferred_compression(channel, client->compression);
	if (type != CLIENT_MAIN || event == SPICE_CHANNEL_OPENED ||
			event == SPICE_CHANNEL_SWITCHING)
		return;
	client->gone = true;
	if (!client->error && event != SPICE_CHANNEL_CLOSED)
		client->error = g_strdup(error ? error->message : "the connection failed");
}

static void client_channel_new(SpiceSession *session, SpiceChannel *channel, gpointer data)
{
	struct client *client = data;
	int type = client_channel_type(channel);

	if (type >= CLIENT_CHANNELS)
		return;
	client->channels[type] = channel;
	g_signal_connect(channel, "channel-event", G_CALLBACK(client_channel_event), client);
	switch (type) {
	case CLIENT_MAIN:
		client->main = SPICE_MAIN_CHANNEL(channel);
		return; /* the session connects it */
	case CLIENT_DISPLAY:
		g_signal_connect(channel, "display-primary-create", G_CALLBACK(client_screen_made),
				client);
		g_signal_connect(channel, "display-primary-destroy", G_CALLBACK(client_screen_gone),
				client);
		g_signal_connect(channel, "display-mark", G_CALLBACK(client_screen_marked), client);
		g_signal_connect(channel, "display-invalidate", G_CALLBACK(client_drawn), client);
		break;
	case CLIENT_INPUTS:
		client->inputs = SPICE_INPUTS_CHANNEL(channel);
		g_signal_connect(channel, "inputs-modifiers", G_CALLBACK(client_locks_changed),
				client);
		break;
	default:
		/*
		 * Nothing to test there. spice-server greets a cursor channel twice when it joins
		 * during a change of size, which spice-gtk logs as critical: fatal in a test,
		 * harmless elsewhere.
		 */
		return;
	}
	spice_channel_connect(channel);
}

static void client_channel_destroy(SpiceSession *session, SpiceChannel *channel, gpointer data)
{
	struct client *client = data;
	int type = client_channel_type(channel);

	if (type >= CLIENT_CHANNELS || client->channels[type] != channel)
		return;
	client->channels[type] = NULL;
	client->open[type] = false;
	if (type == CLIENT_MAIN)
		client->main = NULL;
	else if (type == CLIENT_INPUTS)
		client->inputs = NULL;
	else if (type == CLIENT_DISPLAY)
		client_screen_gone(channel, client);
}

/* With an authority the port is for TLS, and there is no other. */
static void client_set_address(SpiceSession *session, const struct client_settings *settings)
{
	const char *colon = strrchr(settings->address, ':');
	g_autofree char *uri = NULL;

	if (g_str_has_prefix(settings->address, "unix:")) {
		g_object_set(session, "unix-path", settings->address + strlen("unix:"), NULL);
	} else if (settings->authority && colon) {
		uri = g_strdup_printf("spice://%.*s?tls-port=%s", (int)(colon - settings->address),
				settings->address, colon + 1);
		g_object_set(session, "uri", uri, "ca-file", settings->authority, NULL);
	} else {
		uri = g_strconcat("spice://", settings->address, NULL);
		g_object_set(session, "uri", uri, NULL);
	}
}

struct client *client_open(const struct client_settings *settings)
{
	struct client *client = g_new0(struct client, 1);

	client->locks = -1;
	client->compression = settings->compression;
	client->session = spice_session_new();
	g_signal_connect(client->session, "channel-new", G_CALLBACK(client_channel_new), client);
	g_signal_connect(client->session, "channel-destroy", G_CALLBACK(client_channel_destroy),
			client);
	client_set_address(client->session, settings);
	g_object_set(client->session, "password", settings->password, "enable-audio", FALSE, NULL);
	if (!spice_session_connect(client->session)) {
		client->gone = true;
		client->error = g_strdup("the address cannot be used");
	}
	return client;
}

static void client_ended(SpiceSession *session, gpointer data)
{
	*(bool *)data = true;
}

static gboolean client_late(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

void client_close(struct client *client)
{
	bool ended = false, late = false;
	guint timer;

	if (!client)
		return;
	for (int i = 0; i < CLIENT_CHANNELS; i++)
		if (client->channels[i])
			g_signal_handlers_disconnect_by_data(client->channels[i], client);
	g_signal_handlers_disconnect_by_data(client->session, client);
	if (client->usb)
		g_signal_handlers_disconnect_by_data(client->usb, client);
	/* Channels that are still connecting use the session until they have ended in their own
	 * time. */
	g_signal_connect(client->session, "disconnected", G_CALLBACK(client_ended), &ended);
	timer = g_timeout_add(2000, client_late, &late);
	spice_session_disconnect(client->session);
	while (!ended && !late)
		g_main_context_iteration(NULL, TRUE);
	if (!late)
		g_source_remove(timer);
	g_signal_handlers_disconnect_by_data(client->session, &ended);
	g_object_unref(client->session);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_free(client->error);
	g_free(client->share_error);
	g_free(client);
}

static gboolean client_tick(gpointer data)
{
	return G_SOURCE_CONTINUE;
}

bool client_wait(struct client *client, client_condition condition, void *data, int ms)
{
	bool late = false, met;
	guint timer = g_timeout_add(ms, client_late, &late);
	guint tick = g_timeout_add(
			20, client_tick, NULL); /* conditions may depend on more than the client */

	while (!(met = condition(client, data)) && !late)
		g_main_context_iteration(NULL, TRUE);
	if (!late)
		g_source_remove(timer);
	g_source_remove(tick);
	return met;
}

static bool client_never(struct client *client, void *data)
{
	return false;
}

void client_run(struct client *client, int ms)
{
	client_wait(client, client_never, NULL, ms);
}

bool client_has_picture(struct client *client, void *data)
{
	return client->picture.pixels && client->marked;
}

bool client_has_inputs(struct client *client, void *data)
{
	return client->inputs && client->open[CLIENT_INPUTS] && client->locks >= 0;
}

bool client_is_gone(struct client *client, void *data)
{
	return client->gone;
}

bool client_has_pointer(struct client *client, void *data)
{
	return client_has_inputs(client, NULL) && client_mouse_mode(client) == CLIENT_MOUSE_CLIENT;
}

struct client_picture client_picture(struct client *client)
{
	return client->picture;
}

void client_on_drawn(struct client *client, client_drawn_fn fn, void *data)
{
	client->drawn = fn;
	client->drawn_data = data;
}

unsigned int client_updates(const struct client *client)
{
	return client->updates;
}

unsigned int client_screens(const struct client *client)
{
	return client->screens;
}

unsigned long client_read_bytes(struct client *client, enum client_channel type)
{
	gulong bytes = 0;

	if (client->channels[type])
		g_object_get(client->channels[type], "total-read-bytes", &bytes, NULL);
	return bytes;
}

const char *client_error(const struct client *client)
{
	return client->error;
}

void client_key(struct client *client, unsigned int code, bool down)
{
	if (!client->inputs)
		return;
	if (down)
		spice_inputs_channel_key_press(client->inputs, code);
	else
		spice_inputs_channel_key_release(client->inputs, code);
}

void client_point(struct client *client, int x, int y, int buttons)
{
	if (client->inputs)
		spice_inputs_channel_position(client->inputs, x, y, 0, buttons);
}

void client_move(struct client *client, int dx, int dy, int buttons)
{
	if (client->inputs)
		spice_inputs_channel_motion(client->inputs, dx, dy, buttons);
}

void client_button(struct client *client, int button, bool down, int buttons)
{
	if (!client->inputs)
		return;
	if (down)
		spice_inputs_channel_button_press(client->inputs, button, buttons);
	else
		spice_inputs_channel_button_release(client->inputs, button, buttons);
}

enum client_mouse_mode client_mouse_mode(const struct client *client)
{
	gint mode = CLIENT_MOUSE_UNKNOWN;

	if (client->main)
		g_object_get(client->main, "mouse-mode", &mode, NULL);
	return mode;
}

void client_set_mouse_mode(struct client *client, enum client_mouse_mode mode)
{
	if (client->main)
		spice_main_channel_request_mouse_mode(client->main, mode);
}

int client_locks(const struct client *client)
{
	return client->locks;
}

void client_set_locks(struct client *client, int locks)
{
	spice_inputs_channel_set_key_locks(client->inputs, (guint)locks);
}

/* --- A disc --- */

static void client_share_failed(struct client *client, GError *error)
{
	g_free(client->share_error);
	client->share_error = g_strdup(error->message);
	g_error_free(error);
}

static void client_disc_connected(GObject *usb, GAsyncResult *result, gpointer data)
{
	GError *error = NULL;

	if (!spice_usb_device_manager_connect_device_finish(
			    SPICE_USB_DEVICE_MANAGER(usb), result, &error))
		client_share_failed(data, error);
}

static void client_disc_error(
		SpiceUsbDeviceManager *usb, SpiceUsbDevice *disc, GError *error, gpointer data)
{
	client_share_failed(data, g_error_copy(error));
}

static void client_disc_removed(SpiceUsbDeviceManager *usb, SpiceUsbDevice *disc, gpointer data)
{
	struct client *client = data;

	if (disc == client->disc)
		client->disc = NULL;
}

static void client_disc_added(SpiceUsbDeviceManager *usb, SpiceUsbDevice *disc, gpointer data)
{
	struct client *client = data;

	client->disc = disc;
	spice_usb_device_manager_connect_device_async(
			usb, disc, NULL, client_disc_connected, client);
}

void client_share(struct client *client, const char *path)
{
	g_autofree char *name = g_strdup(path);
	GError *error = NULL;

	if (!client->usb) {
		client->usb = spice_usb_device_manager_get(client->session, &error);
		g_assert_no_error(error);
		g_signal_connect(
				client->usb, "device-added", G_CALLBACK(client_disc_added), client);
		g_signal_connect(client->usb, "device-removed", G_CALLBACK(client_disc_removed),
				client);
		g_signal_connect(
				client->usb, "device-error", G_CALLBACK(client_disc_error), client);
	}
	if (!spice_usb_device_manager_create_shared_cd_device(client->usb, name, &error))
		client_share_failed(client, error);
}

void client_unshare(struct client *client)
{
	if (client->disc)
		spice_usb_device_manager_disconnect_device_async(
				client->usb, client->disc, NULL, NULL, NULL);
}

bool client_shares(struct client *client, void *data)
{
	return client->disc &&
	       spice_usb_device_manager_is_device_connected(client->usb, client->disc);
}

bool client_shares_not(struct client *client, void *data)
{
	return !client_shares(client, data);
}

const char *client_share_error(const struct client *client)
{
	return client->share_error;
}
