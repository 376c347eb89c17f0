/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/client.h"
#include "src/shared_disc.h"

struct shared_disc {
	struct shared_disc_events events;
	struct shared_seat *sharing; /* whose disc was taken; NULL: nobody's */
};

struct shared_seat {
	struct shared_disc *shared;
	char *viewer;
	struct media_client *client;
	shared_disc_send_fn send;
	void *data;
	char *refused; /* what was said last, not to be said again and again */
};

static void seat_refused(const char *why, void *data)
{
	struct shared_seat *seat = data;
	const struct shared_disc_events *events = &seat->shared->events;
	char *text = g_strdup_printf("disc of viewer %s refused: %s", seat->viewer, why);

	if (g_strcmp0(text, seat->refused) != 0)
		events->refused(text, events->data);
	g_free(seat->refused);
	seat->refused = text;
}

static void seat_reject(struct shared_seat *seat, struct source *source, const char *why)
{
	media_client_reject(seat->client);
	source_close(source);
	seat_refused(why, seat);
}

static void seat_offered(struct source *source, void *data)
{
	struct shared_seat *seat = data;
	struct shared_disc *shared = seat->shared;

	if (shared->sharing && shared->sharing != seat) {
		char *why = g_strdup_printf("viewer %s shares one already; only one at a time",
				shared->sharing->viewer);

		seat_reject(seat, source, why);
		g_free(why);
		return;
	}
	shared->sharing = seat; /* until it is closed, maybe at once */
	if (shared->events.offered(source, seat->viewer, shared->events.data))
		return;
	shared->sharing = NULL;
	seat_reject(seat, source, "no CD drive is empty; eject what is in it");
}

static void seat_withdrawn(struct source *source, void *data)
{
	struct shared_seat *seat = data;
	struct shared_disc *shared = seat->shared;

	if (shared->sharing == seat)
		shared->sharing = NULL;
	shared->events.withdrawn(source, shared->events.data);
}

static void seat_closed(void *data)
{
	struct shared_seat *seat = data;

	if (seat->shared->sharing == seat)
		seat->shared->sharing = NULL;
}

static void seat_send(const void *bytes, size_t size, void *data)
{
	struct shared_seat *seat = data;

	seat->send(bytes, size, seat->data);
}

struct shared_disc *shared_disc_new(const struct shared_disc_events *events)
{
	struct shared_disc *shared = g_new0(struct shared_disc, 1);

	shared->events = *events;
	return shared;
}

struct shared_seat *shared_disc_join(struct shared_disc *shared, const char *viewer,
		shared_disc_send_fn send, void *data)
{
	struct shared_seat *seat = g_new0(struct shared_seat, 1);
	const struct media_client_events events = {
			.send = seat_send,
			.offered = seat_offered,
			.withdrawn = seat_withdrawn,
			.closed = seat_closed,
			.refused = seat_refused,
			.data = seat,
	};

	seat->shared = shared;
	seat->viewer = g_strdup(viewer);
	seat->send = send;
	seat->data = data;
	seat->client = media_client_new(&events);
	return seat;
}

void shared_disc_receive(struct shared_seat *seat, const void *bytes, size_t size)
{
	media_client_receive(seat->client, bytes, size);
}

void shared_disc_leave(struct shared_seat *seat)
{
	if (!seat)
		return;
	media_client_close(seat->client);
	g_free(seat->viewer);
	g_free(seat->refused);
	g_free(seat);
}

void shared_disc_free(struct shared_disc *shared)
{
	g_free(shared);
}
