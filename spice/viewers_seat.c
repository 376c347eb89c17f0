/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One seat: a viewer from the first of its channels to the end of the last. */
#include <malloc.h>
#include <poll.h>
#include <sys/socket.h>
#include "spice/viewers_part.h"

/* HID usage tables, page 0x07. */
#define USAGE_CAPS_LOCK   0x39
#define USAGE_SCROLL_LOCK 0x47
#define USAGE_NUM_LOCK    0x53

#define STRANGER_MS 10000 /* to show a password */

/* A viewer cannot be closed where it says that it has ended, nor should all that it wants to say
 * go unheard. */
#define END_MS 20

void seat_free(struct seat *seat)
{
	if (seat->timer)
		g_source_remove(seat->timer);
	g_queue_remove(&seat->viewers->seats, seat);
	viewer_close(seat->viewer);
	hand_free(seat->hand);
	password_forget(seat->came.text);
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

void seat_hang_up(struct seat *seat)
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

void viewers_tire_anew(struct viewers *viewers)
{
	if (!viewers->tire)
		return;
	g_clear_handle_id(&viewers->tire, g_source_remove);
	if (viewers->settings.key_limit)
		viewers->tire = g_timeout_add_seconds(
				viewers->settings.key_limit, viewers_tire, viewers);
}

static void seat_heard(struct seat *seat)
{
	struct viewers *viewers = seat->viewers;

	if (viewers->settings.key_limit && !viewers->tire)
		viewers->tire = g_timeout_add_seconds(
				viewers->settings.key_limit, viewers_tire, viewers);
}

/* Who only looks has no hands here: nothing that he does is told, or done. */
static bool seat_has_hands(const struct seat *seat)
{
	return seat->hand != NULL;
}

static void seat_touch(struct seat *seat, enum viewers_touch touch)
{
	const struct viewers_events *events = &seat->viewers->events;

	if (events->touched && seat->in)
		events->touched(seat->number, touch, events->data);
}

static void seat_touch_key(struct seat *seat, uint8_t usage, bool down)
{
	const bool lock = usage == USAGE_CAPS_LOCK || usage == USAGE_NUM_LOCK ||
			  usage == USAGE_SCROLL_LOCK;

	if (!hand_presses_key(seat->hand, usage, down))
		seat_touch(seat, VIEWERS_MOVED);
	else
		seat_touch(seat, lock ? VIEWERS_LOCKED : VIEWERS_PRESSED);
}

static void seat_touch_buttons(struct seat *seat, int wheel, unsigned int buttons)
{
	bool pressed = hand_presses_buttons(seat->hand, buttons, wheel);

	seat_touch(seat, pressed ? VIEWERS_PRESSED : VIEWERS_MOVED);
}

static void seat_key(uint8_t usage, bool down, void *data)
{
	struct seat *seat = data;

	if (!seat_has_hands(seat))
		return;
	seat_touch_key(seat, usage, down);
	hand_key(seat->hand, usage, down, g_get_monotonic_time());
	seat_heard(seat);
}

static void seat_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
	struct seat *seat = data;

	if (!seat_has_hands(seat))
		return;
	seat_touch_buttons(seat, wheel, buttons);
	hand_pointer(seat->hand, x, y, wheel, buttons, g_get_monotonic_time());
	if (buttons)
		seat_heard(seat);
}

static void seat_mouse(int dx, int dy, int wheel, unsigned int buttons, void *data)
{
	struct seat *seat = data;

	if (!seat_has_hands(seat))
		return;
	seat_touch_buttons(seat, wheel, buttons);
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

bool seat_is_gone(const struct seat *seat)
{
	struct pollfd look = {.fd = seat->main, .events = POLLRDHUP};

	return seat->main < 0 || seat->away || poll(&look, 1, 0) > 0;
}

unsigned int viewers_count(const struct viewers *viewers, bool in)
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
	(in ? events->joined : events->left)(
			seat->number, seat->peer, seat->encrypted, events->data);
}

static void seat_joined(void *data)
{
	struct seat *seat = data;
	struct viewers *viewers = seat->viewers;

	g_clear_handle_id(&seat->timer, g_source_remove);
	if (seat->right == VIEWERS_OPERATE)
		seat->hand = hand_new(viewers->hands);
	viewers->events.password(true, seat->peer, seat->encrypted, viewers->events.data);
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

bool seat_open(struct seat *seat, GError **error)
{
	const struct viewers *viewers = seat->viewers;
	const struct direct_settings direct = {
			.key = viewers->key,
			.updates = viewers->updates,
			.moves = !seat->websocket,
	};
	const struct viewer_settings settings = {
			.name = viewers->name,
			.key = viewers->key,
			.lossless = viewers->settings.lossless,
			.direct = viewers->updates ? &direct : NULL,
	};
	struct viewer_events events = {
			.key = seat_key,
			.pointer = seat_pointer,
			.mouse = seat_mouse,
			.release_all = seat_release_all,
			.watched = seat_watched,
			.joined = seat_joined,
			.left = seat_left,
			.judge = seat_judge,
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

void seat_take(struct seat *seat, int fd)
{
	seat->timer = g_timeout_add(STRANGER_MS, seat_strange, seat);
	viewer_add_client(seat->viewer, fd);
	if (viewer_channels(seat->viewer) == 0) /* not taken, or gone already */
		seat_left(seat);
}
