/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <spice/enums.h>
#include <spice/protocol.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "spice/direct_client.h"
#include "spice/wire.h"

#define LINK_MS 5000 /* for link and ticket */

/* What display channels of ours can, beside JPEGs, for which there is no capability. */
#define DISPLAY_CAPS (1u << SPICE_DISPLAY_CAP_MONITORS_CONFIG)

/* A longer buffer for messages is not kept. */
#define KEPT_BYTES 4096

enum direct_client_state {
	CLIENT_LINK,      /* its link message is to come */
	CLIENT_MECHANISM, /* its choice of how to show who it is */
	CLIENT_TICKET,
	CLIENT_OPEN,
	CLIENT_REFUSED, /* was told so; until it hangs up */
};

/* In the order in which they are sent. */
enum direct_client_part {
	PART_BEFORE,
	PART_UPDATE,
	PART_AFTER,
	PARTS,
};

struct direct_client {
	int fd;          /* -1: freed, while one of its events is on */
	int references;  /* the owner's, and that of an event that is on */
	GSource *source; /* of fd */
	gpointer tag;
	guint timer; /* ends the time to link; 0: none */
	const struct link_key *key;
	struct direct_client_events events;
	enum direct_client_state state;
	struct link_message link;
	uint64_t serial; /* of the last message, for a client without mini headers */
	size_t filled;   /* of in */
	size_t sent;     /* of all parts */
	GByteArray *before, *after;
	struct direct_update *update; /* NULL: none */
	uint8_t in[LINK_HEADER + LINK_MESSAGE_MAX];
};

struct direct_client_source {
	GSource source;
	struct direct_client *client;
};

static void direct_client_unref(struct direct_client *client)
{
	if (--client->references > 0)
		return;
	g_byte_array_unref(client->before);
	g_byte_array_unref(client->after);
	g_free(client);
}

static void direct_client_stop_timer(struct direct_client *client)
{
	if (client->timer)
		g_source_remove(client->timer);
	client->timer = 0;
}

void direct_client_free(struct direct_client *client)
{
	if (!client)
		return;
	direct_client_stop_timer(client);
	direct_update_unref(client->update);
	client->update = NULL;
	g_source_destroy(client->source);
	g_source_unref(client->source);
	close(client->fd);
	client->fd = -1;
	direct_client_unref(client);
}

/* --- Towards it --- */

static struct iovec direct_client_vector(const GByteArray *bytes)
{
	return (struct iovec){bytes->data, bytes->len};
}

/* What is left of the parts; returns its bytes. */
static size_t direct_client_left(const struct direct_client *client, struct iovec parts[PARTS])
{
	size_t sent = client->sent, left = 0;

	parts[PART_BEFORE] = direct_client_vector(client->before);
	parts[PART_UPDATE] = client->update ? direct_client_vector(client->update->messages)
					    : (struct iovec){0};
	parts[PART_AFTER] = direct_client_vector(client->after);
	for (int i = 0; i < PARTS; i++) {
		size_t skipped = MIN(sent, parts[i].iov_len);

		if (skipped > 0)
			parts[i].iov_base = (uint8_t *)parts[i].iov_base + skipped;
		parts[i].iov_len -= skipped;
		sent -= skipped;
		left += parts[i].iov_len;
	}
	return left;
}

bool direct_client_busy(const struct direct_client *client)
{
	return client->before->len > 0 || client->update || client->after->len > 0;
}

static void direct_client_empty(GByteArray **bytes)
{
	if ((*bytes)->len > KEPT_BYTES) {
		g_byte_array_unref(*bytes);
		*bytes = g_byte_array_new();
	}
	g_byte_array_set_size(*bytes, 0);
}

/* Gives the socket what it takes. Whether that is all; an error is seen when it is read from. */
static bool direct_client_flush(struct direct_client *client)
{
	struct iovec parts[PARTS];
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = PARTS};
	size_t left;

	while ((left = direct_client_left(client, parts)) > 0) {
		ssize_t count = sendmsg(client->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			break;
		client->sent += count;
	}
	g_source_modify_unix_fd(client->source, client->tag, G_IO_IN | (left ? G_IO_OUT : 0));
	if (left > 0)
		return false;
	client->sent = 0;
	direct_client_empty(&client->before);
	direct_client_empty(&client->after);
	direct_update_unref(client->update);
	client->update = NULL;
	return true;
}

bool direct_client_send(struct direct_client *client, const GByteArray *before,
		struct direct_update *update, const GByteArray *after)
{
	if (link_mini_header(&client->link)) {
		g_byte_array_append(client->before, before->data, before->len);
		g_byte_array_append(client->after, after->data, after->len);
		client->update = update;
	} else {
		wire_widen(client->before, before->data, before->len, &client->serial);
		wire_widen(client->before, update->messages->data, update->messages->len,
				&client->serial);
		wire_widen(client->before, after->data, after->len, &client->serial);
		direct_update_unref(update);
	}
	return direct_client_flush(client);
}

bool direct_client_has(const struct direct_client *client, unsigned int cap)
{
	return client->link.channel_caps & 1u << cap;
}

/* --- From it --- */

/* Says no, and waits for the client to hang up: with bytes of its unread, the answer would be lost
 * in a reset. */
static void direct_client_refuse(struct direct_client *client)
{
	direct_client_flush(client);
	shutdown(client->fd, SHUT_WR);
	client->state = CLIENT_REFUSED;
}

static size_t direct_client_take_link(struct direct_client *client)
{
	enum link_verdict verdict = link_read(client->in, client->filled, &client->link);

	if (verdict == LINK_MORE)
		return 0;
	if (verdict == LINK_WHOLE && (client->link.channel_type != SPICE_CHANNEL_DISPLAY ||
						     client->link.channel_id != 0))
		client->link.error = SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE;
	if (client->link.error) {
		link_refuse(client->before, client->link.error);
		direct_client_refuse(client);
		return client->filled;
	}
	link_reply(client->before, client->key, DISPLAY_CAPS);
	direct_client_flush(client);
	client->state = link_selects(&client->link) ? CLIENT_MECHANISM : CLIENT_TICKET;
	return client->link.whole;
}

static size_t direct_client_take_mechanism(struct direct_client *client)
{
	if (client->filled < LINK_MECHANISM)
		return 0;
	if (!link_mechanism_fits(client->in)) {
		link_result(client->before, SPICE_LINK_ERR_INVALID_DATA);
		direct_client_refuse(client);
		return client->filled;
	}
	client->state = CLIENT_TICKET;
	return LINK_MECHANISM;
}

static size_t direct_client_take_ticket(struct direct_client *client)
{
	bool fits;

	if (client->filled < LINK_TICKET)
		return 0;
	fits = client->events.ticket(client, client->in, client->events.data);
	if (client->fd < 0)
		return 0;
	link_result(client->before, fits ? SPICE_LINK_ERR_OK : SPICE_LINK_ERR_PERMISSION_DENIED);
	if (!fits) {
		direct_client_refuse(client);
		return client->filled;
	}
	direct_client_flush(client);
	direct_client_stop_timer(client);
	client->state = CLIENT_OPEN;
	client->events.opened(client, client->events.data);
	return LINK_TICKET;
}

static void direct_client_end(struct direct_client *client)
{
	client->events.ended(client, client->events.data);
}

static size_t direct_client_take_message(struct direct_client *client)
{
	struct wire_message message;
	bool mini = link_mini_header(&client->link), good = true;

	switch (wire_read(client->in, client->filled, mini, &message)) {
	case WIRE_MORE:
		return 0;
	case WIRE_BAD:
		good = false;
		break;
	case WIRE_WHOLE:
		if (message.type == SPICE_MSGC_PONG) {
			uint64_t time;
			uint32_t id;

			wire_pong(&message, &id, &time);
			good = client->events.pong(client, id, client->events.data);
		}
		break; /* the others are about what we do not do */
	}
	if (!good && client->fd >= 0)
		direct_client_end(client);
	return good && client->fd >= 0 ? message.whole : 0;
}

/* Returns how many bytes that took; 0: there are too few, or the client is gone. */
static size_t direct_client_take(struct direct_client *client)
{
	switch (client->state) {
	case CLIENT_LINK:
		return direct_client_take_link(client);
	case CLIENT_MECHANISM:
		return direct_client_take_mechanism(client);
	case CLIENT_TICKET:
		return direct_client_take_ticket(client);
	case CLIENT_OPEN:
		return direct_client_take_message(client);
	case CLIENT_REFUSED:
		break;
	}
	return client->filled;
}

static void direct_client_take_all(struct direct_client *client)
{
	size_t taken;

	while (client->fd >= 0 && client->filled > 0 && (taken = direct_client_take(client)) > 0 &&
			client->fd >= 0) {
		client->filled -= taken;
		memmove(client->in, client->in + taken, client->filled);
	}
}

static void direct_client_read(struct direct_client *client)
{
	/* There always is room: what fills it is a whole link message or bad. */
	ssize_t count = recv(client->fd, client->in + client->filled,
			sizeof(client->in) - client->filled, MSG_DONTWAIT);

	if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
		direct_client_end(client);
		return;
	}
	if (count < 0)
		return;
	client->filled += count;
	direct_client_take_all(client);
}

static gboolean direct_client_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
	struct direct_client *client = ((struct direct_client_source *)source)->client;
	GIOCondition condition = g_source_query_unix_fd(source, client->tag);

	client->references++;
	if (condition & G_IO_OUT && direct_client_busy(client) && direct_client_flush(client))
		client->events.drained(client, client->events.data);
	if (client->fd >= 0 && condition & ~(unsigned int)G_IO_OUT)
		direct_client_read(client);
	direct_client_unref(client);
	return G_SOURCE_CONTINUE;
}

static gboolean direct_client_late(gpointer data)
{
	struct direct_client *client = data;

	client->timer = 0;
	client->references++;
	direct_client_end(client);
	direct_client_unref(client);
	return G_SOURCE_REMOVE;
}

struct direct_client *direct_client_new(
		int fd, const struct link_key *key, const struct direct_client_events *events)
{
	static GSourceFuncs source_funcs = {.dispatch = direct_client_dispatch};
	struct direct_client *client = g_new0(struct direct_client, 1);

	client->fd = fd;
	client->references = 1;
	client->key = key;
	client->events = *events;
	client->before = g_byte_array_new();
	client->after = g_byte_array_new();
	client->source = g_source_new(&source_funcs, sizeof(struct direct_client_source));
	((struct direct_client_source *)client->source)->client = client;
	client->tag = g_source_add_unix_fd(client->source, fd, G_IO_IN);
	g_source_attach(client->source, NULL);
	client->timer = g_timeout_add(LINK_MS, direct_client_late, client);
	return client;
}
