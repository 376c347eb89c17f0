/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <spice/enums.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/door.h"
#include "spice/loopback.h"
#include "spice/refusal.h"

#define DOOR_MS 10000 /* from the first to a right ticket; a user has typed it before */

enum door_state {
	DOOR_LINK,      /* the client's message is to come */
	DOOR_REPLY,     /* the library's to that */
	DOOR_MECHANISM, /* the client's choice */
	DOOR_TICKET,
	DOOR_RESULT, /* it was right; the library is to say whether there is such a channel */
};

struct door {
	const struct link_key *key;
	struct door_events events;
	enum door_state state;
	int client;
	int given; /* the number that the library knows; -1: it has none yet */
	int inner; /* our end of the pair, -1: there is none yet */
	guint client_watch, inner_watch, timer;
	struct link_message message;
	uint8_t empty[LINK_TICKET]; /* what the library is shown */
	size_t filled;
	uint8_t in[LINK_HEADER + LINK_MESSAGE_MAX]; /* from whoever's turn it is */
};

/* With something of the library's unread, it would be told of an error rather than of an end. */
static void door_close_inner(int inner)
{
	uint8_t rest[512];

	while (recv(inner, rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
	close(inner);
}

static void door_free(struct door *door)
{
	g_clear_handle_id(&door->client_watch, g_source_remove);
	g_clear_handle_id(&door->inner_watch, g_source_remove);
	g_clear_handle_id(&door->timer, g_source_remove);
	if (door->client >= 0)
		close(door->client);
	if (door->inner >= 0)
		door_close_inner(door->inner);
	g_free(door);
}

void door_close(struct door *door)
{
	door_free(door);
}

static void door_end(struct door *door)
{
	door->events.ended(door, door->events.data);
	door_free(door);
}

static void door_refuse(struct door *door, const void *answer, size_t size)
{
	g_clear_handle_id(&door->client_watch, g_source_remove);
	refusal_say(door->client, answer, size);
	door->client = -1;
	door_end(door);
}

static void door_refuse_link(struct door *door, uint32_t error)
{
	g_autoptr(GByteArray) answer = g_byte_array_new();

	link_refuse(answer, error);
	door_refuse(door, answer->data, answer->len);
}

static void door_refuse_ticket(struct door *door, uint32_t error)
{
	g_autoptr(GByteArray) answer = g_byte_array_new();

	link_result(answer, error);
	door_refuse(door, answer->data, answer->len);
}

/* So little that an empty socket takes it whole. */
static bool door_send(int fd, const void *bytes, size_t size)
{
	return send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

/* --- The pair --- */

static gboolean door_inner_readable(gint fd, GIOCondition condition, gpointer data);
static gboolean door_client_readable(gint fd, GIOCondition condition, gpointer data);

/* The library looks at the kind of socket: to the peer of a unix socket it compresses nothing. */
static bool door_pair(const struct door *door, int pair[2])
{
	struct sockaddr_storage own = {0};
	socklen_t size = sizeof(own);

	if (getsockname(door->client, (struct sockaddr *)&own, &size) == 0 &&
			own.ss_family == AF_UNIX)
		return loopback_pair_unix(pair, NULL);
	return loopback_pair(pair, NULL);
}

/* The library's end gets the client's number: who knows the client by that need not hear of it. */
static bool door_part(struct door *door)
{
	int given = door->client, pair[2], moved;

	if (!door_pair(door, pair))
		return false;
	door->inner = pair[0];
	moved = fcntl(given, F_DUPFD_CLOEXEC, 0);
	if (moved < 0 || dup3(pair[1], given, O_CLOEXEC) < 0) {
		if (moved >= 0)
			close(moved);
		close(pair[1]);
		return false;
	}
	close(pair[1]);
	g_clear_handle_id(&door->client_watch, g_source_remove);
	door->client = moved;
	door->given = given;
	return true;
}

/* Watched for nothing an end shows all the same. */
static void door_listen(struct door *door, GIOCondition condition)
{
	g_clear_handle_id(&door->client_watch, g_source_remove);
	door->client_watch = g_unix_fd_add(door->client, condition, door_client_readable, door);
}

static void door_join(struct door *door)
{
	if (!door_part(door) || !door_send(door->inner, door->in, door->message.whole)) {
		if (door->given >= 0)
			close(door->given);
		door_end(door);
		return;
	}
	door->state = DOOR_REPLY;
	door->filled = 0;
	door_listen(door, 0);
	door->inner_watch = g_unix_fd_add(door->inner, G_IO_IN, door_inner_readable, door);
	if (!door->events.hand_over(door, door->given, door->events.data)) {
		close(door->given);
		door_end(door);
	}
}

/* --- What the client says --- */

static void door_take_link(struct door *door)
{
	enum link_verdict verdict = link_read(door->in, door->filled, &door->message);

	if (verdict == LINK_BAD)
		door_refuse_link(door, door->message.error);
	else if (verdict == LINK_WHOLE)
		door_join(door);
}

static void door_take_mechanism(struct door *door)
{
	if (door->filled < LINK_MECHANISM)
		return;
	door->filled = 0;
	if (link_mechanism_fits(door->in))
		door->state = DOOR_TICKET;
	else
		door_refuse_ticket(door, SPICE_LINK_ERR_INVALID_DATA);
}

static void door_take_ticket(struct door *door)
{
	uint8_t answer[LINK_MECHANISM + LINK_TICKET];
	size_t skip = link_selects(&door->message) ? 0 : LINK_MECHANISM;
	struct link_secret said;
	bool right;

	if (door->filled < LINK_TICKET)
		return;
	door->filled = 0;
	link_ticket_open(door->key, door->in, &said);
	right = door->events.judge(door, &door->message, &said, door->events.data);
	link_secret_forget(&said);
	if (!right) {
		door_refuse_ticket(door, SPICE_LINK_ERR_PERMISSION_DENIED);
		return;
	}
	link_mechanism_put(answer);
	memcpy(answer + LINK_MECHANISM, door->empty, LINK_TICKET);
	door->state = DOOR_RESULT;
	door_listen(door, 0);
	if (!door_send(door->inner, answer + skip, sizeof(answer) - skip))
		door_end(door);
}

/* How many bytes there are at least until it is known what to do: nothing behind them is taken, it
 * is for the library to read. */
static size_t door_wanted(const struct door *door)
{
	size_t header = LINK_HEADER, body;

	switch (door->state) {
	case DOOR_LINK:
		if (door->filled < header)
			return header;
		body = (size_t)door->in[12] | (size_t)door->in[13] << 8;
		return header + MIN(body, LINK_MESSAGE_MAX);
	case DOOR_MECHANISM:
		return LINK_MECHANISM;
	case DOOR_TICKET:
		return LINK_TICKET;
	default:
		return 0;
	}
}

static void door_take(struct door *door)
{
	switch (door->state) {
	case DOOR_LINK:
		door_take_link(door);
		break;
	case DOOR_MECHANISM:
		door_take_mechanism(door);
		break;
	case DOOR_TICKET:
		door_take_ticket(door);
		break;
	default:
		break;
	}
}

/* More comes with the next turn of the loop. */
static gboolean door_client_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct door *door = data;
	size_t wanted = door_wanted(door);
	ssize_t count;

	if (wanted == 0) { /* only its end is waited for */
		door_end(door);
		return G_SOURCE_CONTINUE;
	}
	count = recv(door->client, door->in + door->filled, wanted - door->filled, MSG_DONTWAIT);
	if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
		door_end(door);
	} else if (count > 0) {
		door->filled += (size_t)count;
		door_take(door);
	}
	return G_SOURCE_CONTINUE;
}

/* --- What the library says --- */

static void door_take_reply(struct door *door)
{
	struct link_answer answer;

	switch (link_answer_read(door->in, door->filled, &answer)) {
	case LINK_MORE:
		return;
	case LINK_BAD:
		door_end(door);
		return;
	case LINK_WHOLE:
		break;
	}
	if (answer.error) {
		door_refuse(door, door->in, answer.whole);
		return;
	}
	if (!link_answer_rekey(door->in, door->key, door->empty) ||
			!door_send(door->client, door->in, answer.whole)) {
		door_end(door);
		return;
	}
	door->filled = 0;
	door->state = link_selects(&door->message) ? DOOR_MECHANISM : DOOR_TICKET;
	door_listen(door, G_IO_IN);
}

static gboolean door_inner_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct door *door = data;
	ssize_t count = recv(door->inner, door->in + door->filled, sizeof(door->in) - door->filled,
			MSG_DONTWAIT);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (count <= 0) {
		door_end(door);
		return G_SOURCE_CONTINUE;
	}
	door->filled += (size_t)count;
	if (door->state == DOOR_REPLY)
		door_take_reply(door);
	else if (door->state == DOOR_RESULT && door->filled >= LINK_RESULT)
		door_refuse(door, door->in, LINK_RESULT); /* or door_pass had come */
	return G_SOURCE_CONTINUE;
}

/* --- Its life --- */

void door_pass(struct door *door)
{
	static const uint8_t fine[LINK_RESULT];
	const struct linger none = {.l_onoff = 1};

	(void)!door_send(door->client, fine, sizeof(fine));
	/* Whoever waits on the pair is woken, and reads from the client then. */
	setsockopt(door->inner, SOL_SOCKET, SO_LINGER, &none, sizeof(none)); /* no TIME_WAIT */
	dup3(door->client, door->given, O_CLOEXEC);
	door_free(door);
}

static gboolean door_late(gpointer data)
{
	struct door *door = data;

	door->timer = 0;
	door_end(door);
	return G_SOURCE_REMOVE;
}

struct door *door_open(int fd, const struct link_key *key, const struct door_events *events)
{
	struct door *door = g_new0(struct door, 1);

	g_unix_set_fd_nonblocking(
			fd, TRUE, NULL); /* the library does that to the pair's end only */
	door->key = key;
	door->events = *events;
	door->client = fd;
	door->given = -1;
	door->inner = -1;
	door->timer = g_timeout_add(DOOR_MS, door_late, door);
	door_listen(door, G_IO_IN);
	return door;
}
