/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include <spice/protocol.h>
#include <string.h>
#include "spice/direct_client.h"
#include "spice/direct_updates.h"
#include "spice/display_direct.h"
#include "spice/pace.h"
#include "spice/unseen.h"
#include "spice/wire.h"

struct direct {
	struct display display;
	struct direct_settings settings;
	struct direct_events events;

	struct display_picture picture; /* not ours; no coder before the first */
	struct unseen unseen;           /* by the client; meaningless without one */
	uint64_t state;                 /* of the picture, see direct_updates_state */

	struct direct_client *client;  /* it has a right ticket; NULL: none */
	struct direct_client *linking; /* it has not yet; NULL: none */
	int width, height;             /* of the client's surface, 0: it has none */
	struct pace pace;
	unsigned int updates;       /* sent, to whatever clients */
	uint64_t sent;              /* bytes of them */
	GByteArray *before, *after; /* messages that go round an update */
};

/* --- Updates --- */

static void direct_put_surface(struct direct *direct)
{
	const struct display_picture *picture = &direct->picture;

	if (direct->width > 0)
		wire_surface_destroy(direct->before);
	wire_surface_create(direct->before, picture->width, picture->height);
	if (direct_client_has(direct->client, SPICE_DISPLAY_CAP_MONITORS_CONFIG))
		wire_monitors_config(direct->before, picture->width, picture->height);
	wire_mark(direct->before);
}

static bool direct_ready(const struct direct *direct)
{
	return direct->client && direct->picture.coder && !direct_client_busy(direct->client) &&
	       pace_open(&direct->pace);
}

static void direct_send(struct direct *direct, struct direct_update *update)
{
	int64_t now = g_get_monotonic_time();

	direct->updates++;
	direct->sent += update->messages->len;
	wire_ping(direct->after, pace_begin(&direct->pace, update->messages->len, now), now);
	if (direct_client_send(direct->client, direct->before, update, direct->after))
		pace_flushed(&direct->pace, g_get_monotonic_time());
}

/*
 * Sends what the client has not seen, when it can take it. Whatever is told of the picture or the
 * client comes through here; nothing waits for a time.
 */
static void direct_step(struct direct *direct)
{
	const struct display_picture *picture = &direct->picture;
	struct direct_update *update;

	if (!direct_ready(direct) || !direct->unseen.any)
		return;
	g_byte_array_set_size(direct->before, 0);
	g_byte_array_set_size(direct->after, 0);
	if (direct->width != picture->width || direct->height != picture->height)
		direct_put_surface(direct);
	update = direct_updates_make(direct->settings.updates, direct->state, picture,
			&direct->unseen.marks, direct->settings.full_header);
	if (!update)
		return; /* memory is short; all stays marked for the next change */
	unseen_clear(&direct->unseen);
	direct->width = picture->width;
	direct->height = picture->height;
	direct_send(direct, update);
}

/* Has a client that has seen all there was copy what it can. False: it is to be drawn instead. */
static bool direct_move(struct direct *direct, const struct display_damage *damage)
{
	const struct display_picture *picture = &direct->picture;
	struct display_damage left = *damage;
	struct direct_update *update;

	if (!direct->settings.moves || !direct_ready(direct) || direct->unseen.any ||
			direct->width != picture->width || direct->height != picture->height)
		return false;
	left.map = damage->move->rest;
	update = direct_updates_make(direct->settings.updates, direct->state, picture, &left,
			direct->settings.full_header);
	if (!update)
		return false;
	g_byte_array_set_size(direct->before, 0);
	g_byte_array_set_size(direct->after, 0);
	direct_send(direct, update);
	return true;
}

static void direct_show(struct display *display, const struct display_picture *picture)
{
	struct direct *direct = (struct direct *)display;

	g_return_if_fail(picture->coder);
	if (direct->unseen.width != picture->width || direct->unseen.height != picture->height)
		if (!unseen_resize(&direct->unseen, picture->width, picture->height)) {
			g_warning("viewer: no memory to follow a picture of %dx%d", picture->width,
					picture->height);
			direct->picture.coder = NULL;
			return;
		}
	direct->picture = *picture;
	direct->state = direct_updates_state(direct->settings.updates, direct->state);
	unseen_mark_all(&direct->unseen);
	direct_step(direct);
}

static void direct_damage(struct display *display, const struct display_damage *damage)
{
	struct direct *direct = (struct direct *)display;

	if (!direct->picture.coder)
		return;
	direct->state = direct_updates_state(direct->settings.updates, direct->state);
	if (!direct->client || (damage->move && direct_move(direct, damage)))
		return;
	unseen_add(&direct->unseen, damage);
	direct_step(direct);
}

/* --- Clients --- */

/* Ends the one that is open. */
static void direct_end(struct direct *direct)
{
	struct direct_client *client = direct->client;

	if (!client)
		return;
	direct->client = NULL;
	direct_client_free(client);
	direct_updates_viewers(direct->settings.updates, -1);
	direct->events.closed(direct->events.data);
}

static bool direct_client_ticket(
		struct direct_client *client, const uint8_t ticket[LINK_TICKET], void *data)
{
	struct direct *direct = data;
	struct link_secret said;
	bool right;

	link_ticket_open(direct->settings.key, ticket, &said);
	right = direct->events.judge(&said, direct->events.data);
	link_secret_forget(&said);
	return right;
}

/* From here on it takes the place of the one before, whom nobody without the password can turn
 * out. */
static void direct_client_opened(struct direct_client *client, void *data)
{
	struct direct *direct = data;

	direct->linking = NULL;
	direct_end(direct);
	direct->client = client;
	direct->width = 0;
	direct->height = 0;
	direct->pace = (struct pace){0};
	unseen_mark_all(&direct->unseen);
	direct_updates_viewers(direct->settings.updates, 1);
	direct->events.opened(direct->events.data);
	direct_step(direct);
}

static bool direct_client_pong(struct direct_client *client, uint32_t id, void *data)
{
	struct direct *direct = data;

	if (!pace_drawn(&direct->pace, id, g_get_monotonic_time()))
		return false;
	direct_step(direct);
	return true;
}

static void direct_client_drained(struct direct_client *client, void *data)
{
	struct direct *direct = data;

	if (client != direct->client)
		return;
	if (direct->pace.flushed != direct->pace.begun)
		pace_flushed(&direct->pace, g_get_monotonic_time());
	direct_step(direct);
}

static void direct_client_ended(struct direct_client *client, void *data)
{
	struct direct *direct = data;

	if (client == direct->client) {
		direct_end(direct);
	} else {
		direct->linking = NULL;
		direct_client_free(client);
	}
}

void display_direct_client(struct display *display, int fd)
{
	struct direct *direct = (struct direct *)display;
	const struct direct_client_events events = {
			.ticket = direct_client_ticket,
			.opened = direct_client_opened,
			.pong = direct_client_pong,
			.drained = direct_client_drained,
			.ended = direct_client_ended,
			.data = direct,
	};

	direct_client_free(direct->linking);
	direct->linking = direct_client_new(fd, direct->settings.key, &events);
}

void display_direct_drop(struct display *display)
{
	struct direct *direct = (struct direct *)display;

	direct_client_free(direct->linking);
	direct->linking = NULL;
	direct_end(direct);
}

void display_direct_pace(const struct display *display, struct direct_pace *out)
{
	const struct direct *direct = (const struct direct *)display;

	*out = (struct direct_pace){
			/* Up, because 0 is not known. */
			.round_trip = (unsigned int)((direct->pace.trip + 999) / 1000),
			.way = (unsigned int)((direct->pace.way + 999) / 1000),
			.rate = (unsigned int)MIN(direct->pace.rate, UINT_MAX),
			.behind = direct->client && direct->picture.coder && direct->unseen.any,
			.updates = direct->updates,
			.sent = direct->sent,
	};
}

static void direct_close(struct display *display)
{
	struct direct *direct = (struct direct *)display;

	direct_client_free(direct->linking);
	if (direct->client) {
		direct_client_free(direct->client);
		direct_updates_viewers(direct->settings.updates, -1);
	}
	unseen_release(&direct->unseen);
	g_byte_array_unref(direct->before);
	g_byte_array_unref(direct->after);
	g_free(direct);
}

struct display *display_direct_new(
		const struct direct_settings *settings, const struct direct_events *events)
{
	static const struct display_ops ops = {
			.show = direct_show,
			.damage = direct_damage,
			.close = direct_close,
	};
	struct direct *direct = g_new0(struct direct, 1);

	direct->display.ops = &ops;
	direct->settings = *settings;
	direct->events = *events;
	direct->before = g_byte_array_new();
	direct->after = g_byte_array_new();
	return &direct->display;
}
