/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <malloc.h>
#include <poll.h>
#include <spice/enums.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/hands.h"
#include "spice/link.h"
#include "spice/listener.h"
#include "spice/refusal.h"
#include "spice/viewers.h"

/*
 * Before its password was looked at, a stranger already has a SpiceServer, which is a thread and
 * 1.5 MB: few of them, and not for long.
 */
#define STRANGERS_MAX 3
#define STRANGER_MS   10000

#define CHANNELS_MAX 24 /* of one viewer; a client that opens all we offer has five */

/* A viewer cannot be closed where it says that it has ended, nor should all that it wants to say
 * go unheard. */
#define END_MS 20

struct seat {
	struct viewers *viewers; // viewers::seats
	unsigned int number;
	struct viewer *viewer;
	struct hand *hand; /* once it was let in */
	char peer[80];
	bool encrypted, websocket;
	bool in;      /* somebody was let in, and is still there */
	bool looking; /* its display is open */
	bool away;    /* we have hung up */
	int main;     /* descriptor of the main channel, the library's; -1: it has ended */
	guint timer;  /* until a stranger is sent away, then until the seat ends */
};

struct viewers {
	struct viewers_events events;
	struct viewers_settings settings; /* but for its strings */
	char *name;
	struct password password;
	guint expire; /* timer, runs until the password does */
	GQueue seats; /* struct seat, oldest first */
	struct hands *hands;
	struct link_key *key; /* both of direct displays; NULL: they are the library's */
	struct direct_updates *updates;
	struct display_picture picture; /* not ours */
	unsigned int leds;
	unsigned int number;   /* of the last seat */
	unsigned int watching; /* seats with a display */
	guint tire;            /* timer, runs while something is held */
};

/* --- One seat --- */

static void seat_free(struct seat *seat)
{
	if (seat->timer)
		g_source_remove(seat->timer);
	g_queue_remove(&seat->viewers->seats, seat);
	viewer_close(seat->viewer);
	hand_free(seat->hand);
	g_free(seat);
}

static void seat_watched(bool watched, void *data)
{
	struct seat *seat = data;
	struct viewers *viewers = seat->viewers;

	if (watched == seat->looking)
		return;
	seat->looking = watched;
	if (watched && viewers->watching++ == 0)
		viewers->events.watched(true, viewers->events.data);
	else if (!watched && --viewers->watching == 0)
		viewers->events.watched(false, viewers->events.data);
}

static gboolean seat_end(gpointer data)
{
	struct seat *seat = data;

	if (!viewer_settle(seat->viewer))
		return G_SOURCE_CONTINUE;
	seat->timer = 0;
	seat_watched(false, seat); /* its display's end may not have been heard of */
	seat_free(seat);
#ifdef __GLIBC__
	/* The worker's arena stays as large as its pictures were, and each viewer has one. */
	malloc_trim(0);
#endif
	return G_SOURCE_REMOVE;
}

/* What follows is as if the client had gone. */
static void seat_hang_up(struct seat *seat)
{
	seat->away = true;
	if (seat->main >= 0)
		shutdown(seat->main, SHUT_RDWR);
}

static gboolean seat_strange(gpointer data)
{
	struct seat *seat = data;

	seat->timer = 0;
	seat_hang_up(seat);
	return G_SOURCE_REMOVE;
}

/* One timer looks again when the limit could be over: nothing is re-armed for each event. */
static gboolean viewers_tire(gpointer data)
{
	struct viewers *viewers = data;
	int64_t now = g_get_monotonic_time(), next;
	int tired;

	viewers->tire = 0;
	tired = hands_tire(viewers->hands, (int64_t)viewers->settings.key_limit * G_USEC_PER_SEC,
			now, &next);
	if (next)
		viewers->tire = g_timeout_add(
				(guint)((next - now) / 1000 + 1), viewers_tire, viewers);
	if (tired)
		viewers->events.tired(viewers->events.data);
	return G_SOURCE_REMOVE;
}

static void seat_heard(struct seat *seat)
{
	struct viewers *viewers = seat->viewers;

	if (viewers->settings.key_limit && !viewers->tire)
		viewers->tire = g_timeout_add_seconds(
				viewers->settings.key_limit, viewers_tire, viewers);
}

static void seat_key(uint8_t usage, bool down, void *data)
{
	struct seat *seat = data;

	hand_key(seat->hand, usage, down, g_get_monotonic_time());
	seat_heard(seat);
}

static void seat_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
	struct seat *seat = data;

	hand_pointer(seat->hand, x, y, wheel, buttons, g_get_monotonic_time());
	if (buttons)
		seat_heard(seat);
}

static void seat_mouse(int dx, int dy, int wheel, unsigned int buttons, void *data)
{
	struct seat *seat = data;

	hand_mouse(seat->hand, dx, dy, wheel, buttons, g_get_monotonic_time());
	if (buttons)
		seat_heard(seat);
}

static void seat_release_all(void *data)
{
	struct seat *seat = data;

	if (seat->hand)
		hand_release(seat->hand);
}

/* Its client is, though the library may not have heard of that yet: its place is another's. */
static bool seat_is_gone(const struct seat *seat)
{
	struct pollfd look = {.fd = seat->main, .events = POLLRDHUP};

	return seat->main < 0 || seat->away || poll(&look, 1, 0) > 0;
}

static unsigned int viewers_count(const struct viewers *viewers, bool in)
{
	unsigned int count = 0;

	for (const GList *link = viewers->seats.head; link; link = link->next) {
		const struct seat *seat = link->data;

		count += seat->in == in && !seat_is_gone(seat);
	}
	return count;
}

static void seat_tell(struct seat *seat, bool in)
{
	const struct viewers_events *events = &seat->viewers->events;
	uint32_t connection;

	seat->in = in;
	viewer_connection(seat->viewer, &connection);
	if (events->connection)
		events->connection(connection, in, events->data);
	(in ? events->joined : events->left)(seat->number, seat->peer, events->data);
}

static void seat_joined(void *data)
{
	struct seat *seat = data;
	struct viewers *viewers = seat->viewers;

	g_clear_handle_id(&seat->timer, g_source_remove);
	seat->hand = hand_new(viewers->hands);
	viewers->events.password(true, seat->peer, viewers->events.data);
	if (viewers_count(viewers, true) >= viewers->settings.most) {
		seat_hang_up(seat); /* there was room when it came */
		return;
	}
	seat_tell(seat, true);
}

static void seat_left(void *data)
{
	struct seat *seat = data;

	seat->main = -1;
	g_clear_handle_id(&seat->timer, g_source_remove);
	seat->timer = g_timeout_add(END_MS, seat_end, seat);
	if (seat->in)
		seat_tell(seat, false);
}

static void seat_refused(void *data)
{
	struct seat *seat = data;

	if (!seat->away && seat->viewers->password.text)
		seat->viewers->events.password(false, seat->peer, seat->viewers->events.data);
}

static void seat_redirect_opened(void *data)
{
	struct seat *seat = data;

	seat->viewers->events.redirect_opened(seat->number, seat->peer, seat->viewers->events.data);
}

static void seat_redirect_bytes(const void *bytes, size_t size, void *data)
{
	struct seat *seat = data;

	seat->viewers->events.redirect_bytes(seat->number, bytes, size, seat->viewers->events.data);
}

static void seat_redirect_closed(void *data)
{
	struct seat *seat = data;

	seat->viewers->events.redirect_closed(seat->number, seat->viewers->events.data);
}

static bool seat_open(struct seat *seat, GError **error)
{
	const struct viewers *viewers = seat->viewers;
	const struct direct_settings direct = {.key = viewers->key, .updates = viewers->updates};
	const struct viewer_settings settings = {
			.name = viewers->name,
			.password = viewers->password.text,
			.lossless = viewers->settings.lossless,
			.direct = viewers->key ? &direct : NULL,
	};
	struct viewer_events events = {
			.key = seat_key,
			.pointer = seat_pointer,
			.mouse = seat_mouse,
			.release_all = seat_release_all,
			.watched = seat_watched,
			.joined = seat_joined,
			.left = seat_left,
			.refused = seat_refused,
			.data = seat,
	};

	if (viewers->events.redirect_opened) {
		events.redirect_opened = seat_redirect_opened;
		events.redirect_bytes = seat_redirect_bytes;
		events.redirect_closed = seat_redirect_closed;
	}
	seat->viewer = viewer_new(&settings, &events, error);
	if (!seat->viewer)
		return false;
	viewer_leds(seat->viewer, viewers->leds);
	if (viewers->picture.width)
		viewer_show(seat->viewer, &viewers->picture);
	return true;
}

/* --- Who goes where --- */

/* A stranger that has had its time gives way to the next one. */
static void viewers_make_room(struct viewers *viewers)
{
	if (viewers_count(viewers, false) < STRANGERS_MAX)
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
					viewers->settings.most + 2 * STRANGERS_MAX) {
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
	seat->main = client->fd;
	g_queue_push_tail(&viewers->seats, seat);
	if (!seat_open(seat, &error)) {
		viewers->events.fault(error->message, viewers->events.data);
		seat_free(seat);
		refusal_send(client->fd);
		return;
	}
	seat->timer = g_timeout_add(STRANGER_MS, seat_strange, seat);
	viewer_add_client(seat->viewer, client->fd);
	if (viewer_channels(seat->viewer) == 0) /* not taken, or gone already */
		seat_left(seat);
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
	if (seat && viewers->key && greeting->channel_type == SPICE_CHANNEL_DISPLAY)
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

	if (!viewer_check_password(settings->password, error))
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
	if (settings->direct) {
		viewers->key = link_key_new(error);
		if (!viewers->key) {
			g_free(viewers);
			return NULL;
		}
		viewers->updates = direct_updates_new();
	}
	viewers->events = *events;
	viewers->settings = *settings;
	viewers->name = g_strdup(settings->name);
	password_set(&viewers->password, settings->password, 0, 0);
	viewers->settings.name = NULL;
	viewers->settings.password = NULL;
	viewers->hands = hands_new(&hands);
	return viewers;
}

/* Who has not shown the former password in time has to know the new one. */
static void viewers_ask(struct viewers *viewers)
{
	for (const GList *link = viewers->seats.head; link; link = link->next) {
		const struct seat *seat = link->data;
		g_autoptr(GError) error = NULL;

		if (!seat->in && !viewer_set_password(seat->viewer, viewers->password.text, &error))
			viewers->events.fault(error->message, viewers->events.data);
	}
}

static gboolean viewers_expire(gpointer data)
{
	struct viewers *viewers = data;

	if (!password_expire(&viewers->password, g_get_monotonic_time()))
		return G_SOURCE_CONTINUE; /* early, by a rounded millisecond */
	viewers->expire = 0;
	viewers_ask(viewers);
	if (viewers->events.expired)
		viewers->events.expired(viewers->events.data);
	return G_SOURCE_REMOVE;
}

bool viewers_set_password(
		struct viewers *viewers, const char *password, unsigned int seconds, GError **error)
{
	if (!viewer_check_password(password, error))
		return false;
	if (!password_set(&viewers->password, password, seconds, g_get_monotonic_time())) {
		g_set_error_literal(error, VIEWER_ERROR, VIEWER_ERROR_LIBRARY,
				"there are no random numbers for the viewers' password");
		return false;
	}
	g_clear_handle_id(&viewers->expire, g_source_remove);
	/* Before whatever comes in at the same time. */
	if (viewers->password.status.until)
		viewers->expire = g_timeout_add_full(
				G_PRIORITY_HIGH, seconds * 1000, viewers_expire, viewers, NULL);
	viewers_ask(viewers);
	return true;
}

struct password_status viewers_password(const struct viewers *viewers)
{
	return viewers->password.status;
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
				.encrypted = seat->encrypted,
				.websocket = seat->websocket,
				.looking = seat->looking,
		};
		out->direct = viewer_pace(seat->viewer, &out->pace);
		return true;
	}
	return false;
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
	password_clear(&viewers->password);
	g_free(viewers);
}
