/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib-unix.h>
#include <spice/enums.h>
#include <spice/protocol.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/door_library.h"

static void library_end(struct door_library *library)
{
	g_clear_handle_id(&library->watch, g_source_remove);
	close(library->fd);
	library->fd = -1;
}

/* What is there of it is whole: so little comes at once. Nothing behind it is taken. */
static ssize_t library_take(struct door_library *library, uint8_t *bytes, size_t size)
{
	ssize_t count = recv(library->fd, bytes, size, MSG_DONTWAIT);

	if (count == 0)
		library_end(library);
	return count;
}

static void library_reply(struct door_library *library)
{
	g_autoptr(GByteArray) reply = g_byte_array_new();
	uint8_t bytes[LINK_HEADER + LINK_MESSAGE_MAX];
	struct link_message message;
	ssize_t count = library_take(library, bytes, sizeof(bytes));

	if (count <= 0)
		return;
	g_assert_cmpint(link_read(bytes, (size_t)count, &message), ==, LINK_WHOLE);
	g_assert_cmpuint(message.whole, ==, count);
	if (library->error)
		link_refuse(reply, library->error);
	else
		link_reply(reply, library->key, 1u << SPICE_DISPLAY_CAP_MONITORS_CONFIG);
	library->replied = true;
	library->empty = link_selects(&message);
	(void)!send(library->fd, reply->data, reply->len, MSG_NOSIGNAL);
	if (library->error)
		library_end(library);
}

static void library_pass(struct door_library *library)
{
	uint32_t result = library->result;

	(void)!send(library->fd, &result, sizeof(result), MSG_NOSIGNAL);
	g_clear_handle_id(&library->watch, g_source_remove);
	if (result) {
		library_end(library);
		return;
	}
	library->passed++;
	door_pass(g_steal_pointer(&library->door));
}

static void library_ticket(struct door_library *library)
{
	size_t skip = library->empty ? LINK_MECHANISM : 0;
	uint8_t bytes[LINK_MECHANISM + LINK_TICKET];
	struct link_secret said;
	ssize_t count = library_take(library, bytes, skip + LINK_TICKET);

	if (count <= 0)
		return;
	g_assert_cmpint(count, ==, skip + LINK_TICKET);
	if (skip)
		g_assert_true(link_mechanism_fits(bytes));
	link_ticket_open(library->key, bytes + skip, &said);
	library->empty = link_secret_is(&said, "");
	library_pass(library);
}

static gboolean library_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct door_library *library = data;

	if (library->replied)
		library_ticket(library);
	else
		library_reply(library);
	return G_SOURCE_CONTINUE;
}

static bool library_take_over(struct door *door, int fd, void *data)
{
	struct door_library *library = data;

	library->fd = fd;
	library->watch = g_unix_fd_add(fd, G_IO_IN, library_readable, library);
	return true;
}

static bool library_judge(struct door *door, const struct link_message *message,
		const struct link_secret *said, void *data)
{
	struct door_library *library = data;

	library->judged++;
	memcpy(library->said, said->bytes, LINK_PASSWORD_MAX);
	return !library->refuses;
}

static void library_ended(struct door *door, void *data)
{
	struct door_library *library = data;

	library->ended++;
	library->door = NULL;
}

void door_library_open(struct door_library *library, int fd, const struct link_key *key)
{
	const struct door_events events = {
			.hand_over = library_take_over,
			.judge = library_judge,
			.ended = library_ended,
			.data = library,
	};

	library->fd = -1;
	library->door = door_open(fd, key, &events);
}

void door_library_close(struct door_library *library)
{
	if (library->door)
		door_close(library->door);
	if (library->fd >= 0)
		library_end(library);
}
