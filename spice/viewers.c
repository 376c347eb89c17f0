/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <spice/enums.h>
#include <string.h>
#include <unistd.h>
#include "spice/listener.h"
#include "spice/refusal.h"
#include "spice/viewers_part.h"

/*
 * Before its password was looked at, a stranger already has a SpiceServer, which is a thread and
 * 1.5 MB: few of them, and not for long. Though no fewer than there may be viewers, who all come
 * at the same moment when a switch or this program was away: none turns another one out.
 */
#define STRANGERS_LEAST 3

#define CHANNELS_MAX 24 /* of one viewer; a client that opens all we offer has five */

/* --- Who goes where --- */

static unsigned int viewers_strangers(const struct viewers *viewers)
{
	return MAX(viewers->settings.most, STRANGERS_LEAST);
}

/* The oldest stranger gives way to the next one. */
static void viewers_make_room(struct viewers *viewers)
{
	if (viewers_count(viewers, false) < viewers_strangers(viewers))
		return;
	for (const GList *link = viewers->seats.head; link; link = link->next) {
		struct seat *seat = link->data;

		if (!seat->in && !seat_is_gone(seat)) {
			seat_hang_up(seat);
			return;
		}
	}
}

static void viewers_admit(struct viewers *viewers, const struct listener_client *client)
{
	g_autoptr(GError) error = NULL;
	struct seat *seat;

	if (viewers_count(viewers, true) >= viewers->settings.most ||
			g_queue_get_length(&viewers->seats) >
					viewers->settings.most + 2 * viewers_strangers(viewers)) {
		refusal_send(client->fd);
		return;
	}
	viewers_make_room(viewers);
	seat = g_new0(struct seat, 1);
	seat->viewers = viewers;
	seat->number = ++viewers->number;
	g_strlcpy(seat->peer, client->peer, sizeof(seat->peer));
	seat->encrypted = client->encrypted;
	seat->websocket = client->websocket;
	seat->view = client->view;
	seat->main = client->fd;
	g_queue_push_tail(&viewers->seats, seat);
	if (!seat_open(seat, &error)) {
		viewers->events.fault(error->message, viewers->events.data);
		seat_free(seat);
		refusal_send(client->fd);
		return;
	}
	seat_take(seat, client->fd);
}

static struct seat *viewers_find(struct viewers *viewers, uint32_t connection)
{
	for (const GList *link = viewers->seats.head; link; link = link->next) {
		struct seat *seat = link->data;
		uint32_t own;

		if (seat->in && viewer_connection(seat->viewer, &own) && own == connection)
			return seat;
	}
	return NULL;
}

void viewers_add_client(struct viewers *viewers, const struct listener_client *client)
{
	const struct greeting *greeting = &client->greeting;
	struct seat *seat;

	if (greeting->kind == GREETING_SPICE && greeting->connection == 0 &&
			greeting->channel_type == SPICE_CHANNEL_MAIN) {
		viewers_admit(viewers, client);
		return;
	}
	seat = greeting->kind == GREETING_SPICE && greeting->connection != 0 &&
					       greeting->channel_type != SPICE_CHANNEL_MAIN
			       ? viewers_find(viewers, greeting->connection)
			       : NULL;
	if (seat && seat->right == VIEWERS_VIEW && greeting->channel_type == SPICE_CHANNEL_USBREDIR)
		refusal_send(client->fd);
	else if (seat && viewers->updates && greeting->channel_type == SPICE_CHANNEL_DISPLAY)
		viewer_add_display(seat->viewer, client->fd);
	else if (seat && viewer_channels(seat->viewer) < CHANNELS_MAX)
		viewer_add_client(seat->viewer, client->fd);
	else
		close(client->fd);
}

/* --- All of them --- */

struct viewers *viewers_new(const struct viewers_settings *settings,
		const struct viewers_events *events, GError **error)
{
	struct viewers *viewers;
	struct hands_events hands;

	if (!viewer_check_password(settings->password, error) ||
			!viewer_check_password(settings->view_password, error))
		return NULL;
	hands = (struct hands_events){
			.key = events->key,
			.pointer = events->pointer,
			.mouse = events->mouse,
			.release_all = events->release_all,
			.data = events->data,
	};
	viewers = g_new0(struct viewers, 1);
	g_queue_init(&viewers->seats);
	viewers->key = link_key_new(error);
	if (!viewers->key) {
		g_free(viewers);
		return NULL;
	}
	if (settings->direct)
		viewers->updates = direct_updates_new();
	viewers->events = *events;
	viewers->settings = *settings;
	viewers->name = g_strdup(settings->name);
	password_set(&viewers->secrets.operate, settings->password, 0, 0);
	viewers->secrets.view = g_strdup(settings->view_password);
	viewers->settings.name = NULL;
	viewers->settings.password = NULL;
	viewers->settings.view_password = NULL;
	viewers->hands = hands_new(&hands);
	return viewers;
}

void viewers_configure(struct viewers *viewers, const struct viewers_settings *settings)
{
	g_free(viewers->name);
	viewers->name = g_strdup(settings->name);
	viewers->settings.lossless = settings->lossless;
	viewers->settings.most = settings->most;
	viewers->settings.key_limit = settings->key_limit;
	viewers_tire_anew(viewers);
}

void viewers_show(struct viewers *viewers, const struct display_picture *picture)
{
	viewers->picture = *picture;
	for (const GList *link = viewers->seats.head; link; link = link->next)
		viewer_show(((struct seat *)link->data)->viewer, picture);
}

void viewers_damage(struct viewers *viewers, const struct display_damage *damage)
{
	for (const GList *link = viewers->seats.head; link; link = link->next)
		viewer_damage(((struct seat *)link->data)->viewer, damage);
}

void viewers_leds(struct viewers *viewers, unsigned int leds)
{
	viewers->leds = leds;
	for (const GList *link = viewers->seats.head; link; link = link->next)
		viewer_leds(((struct seat *)link->data)->viewer, leds);
}

static struct seat *viewers_of(const struct viewers *viewers, unsigned int number)
{
	for (const GList *link = viewers->seats.head; link; link = link->next) {
		struct seat *seat = link->data;

		if (seat->in && seat->number == number)
			return seat;
	}
	return NULL;
}

void viewers_redirect_send(
		struct viewers *viewers, unsigned int viewer, const void *bytes, size_t size)
{
	const struct seat *seat = viewers_of(viewers, viewer);

	if (seat)
		viewer_redirect_send(seat->viewer, bytes, size);
}

bool viewers_read(const struct viewers *viewers, size_t index, struct viewers_one *out)
{
	for (const GList *link = viewers->seats.head; link; link = link->next) {
		const struct seat *seat = link->data;

		if (!seat->in || index-- > 0)
			continue;
		*out = (struct viewers_one){
				.viewer = seat->number,
				.peer = seat->peer,
				.since = viewer_since(seat->viewer),
				.right = seat->right,
				.encrypted = seat->encrypted,
				.websocket = seat->websocket,
				.ticket = seat->came.ticket,
				.looking = seat->looking,
		};
		out->direct = viewer_pace(seat->viewer, &out->pace);
		return true;
	}
	return false;
}

bool viewers_give(struct viewers *viewers, unsigned int viewer)
{
	const struct seat *seat;

	if (viewer == 0) {
		hands_share(viewers->hands);
		return true;
	}
	if (viewer == VIEWERS_NOBODY) {
		hands_give(viewers->hands, NULL);
		return true;
	}
	seat = viewers_of(viewers, viewer);
	if (!seat || !seat->hand)
		return false;
	hands_give(viewers->hands, seat->hand);
	return true;
}

bool viewers_drop(struct viewers *viewers, unsigned int viewer)
{
	struct seat *seat = viewers_of(viewers, viewer);

	if (seat)
		seat_hang_up(seat);
	return seat != NULL;
}

void viewers_close(struct viewers *viewers)
{
	if (!viewers)
		return;
	while (!g_queue_is_empty(&viewers->seats))
		seat_free(g_queue_peek_head(&viewers->seats));
	g_clear_handle_id(&viewers->expire, g_source_remove);
	if (viewers->tire)
		g_source_remove(viewers->tire);
	hands_free(viewers->hands);
	direct_updates_free(viewers->updates);
	link_key_free(viewers->key);
	g_free(viewers->name);
	secrets_clear(&viewers->secrets);
	g_free(viewers);
}
