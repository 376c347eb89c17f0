/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes from a client on its way to the library. The first one says whether a good link message
 * goes before them, and what the judge and the library make of it.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/fuzz/targets.h"
#include "tests/unit/door_library.h"

#define LINK_BYTES (LINK_HEADER + LINK_MESSAGE + 4)

enum door_flag {
	DOOR_LINKED = 1 << 0,  /* with a link message before */
	DOOR_SELECTS = 1 << 1, /* that has a choice of mechanisms */
	DOOR_REFUSES = 1 << 2,
	DOOR_ERROR = 1 << 3,  /* the library's, to the link */
	DOOR_RESULT = 1 << 4, /* to the ticket */
	DOOR_SLOWLY = 1 << 5, /* byte by byte */
};

static void door_turn(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static void door_say(int fd, const uint8_t *bytes, size_t size, size_t step)
{
	while (size > 0) {
		size_t part = MIN(size, step);

		if (send(fd, bytes, part, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)part)
			return; /* hung up */
		bytes += part;
		size -= part;
		door_turn();
	}
}

/* What the library reads is what came behind the ticket, all of it. */
static void door_check(struct door_library *library, const uint8_t *data, size_t size, bool selects)
{
	size_t ticket = (selects ? LINK_MECHANISM : 0) + LINK_TICKET;
	uint8_t bytes[4096];
	ssize_t count = recv(library->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (size < ticket || !library->empty || library->judged != 1)
		abort();
	data += ticket;
	size = MIN(size - ticket, sizeof(bytes));
	if (MAX(count, 0) != (ssize_t)size || memcmp(bytes, data, size) != 0)
		abort();
}

int target_door(const uint8_t *data, size_t size)
{
	uint8_t link[LINK_BYTES] = {'R', 'E', 'D', 'Q', 2, 0, 0, 0, 2, 0, 0, 0, LINK_MESSAGE + 4, 0,
			0, 0, 0, 0, 0, 0, 3 /* inputs */, 0, 1, 0, 0, 0, 0, 0, 0, 0, LINK_MESSAGE};
	static struct link_key *key, *other;
	struct door_library library = {0};
	unsigned int flags;
	int pair[2];

	if (size == 0)
		return 0;
	flags = *data++;
	size--;
	if (!key) {
		key = link_key_new(NULL);
		other = link_key_new(NULL);
	}
	library.key = other;
	library.refuses = flags & DOOR_REFUSES;
	library.error = flags & DOOR_ERROR ? 8 : 0;
	library.result = flags & DOOR_RESULT ? 9 : 0;
	link[LINK_HEADER + LINK_MESSAGE] = flags & DOOR_SELECTS ? 1 : 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	door_library_open(&library, pair[0], key);
	if (flags & DOOR_LINKED)
		door_say(pair[1], link, sizeof(link), sizeof(link));
	door_say(pair[1], data, size, flags & DOOR_SLOWLY ? 1 : 4096);
	if (library.passed && flags & DOOR_LINKED)
		door_check(&library, data, size, flags & DOOR_SELECTS);
	close(pair[1]);
	door_turn();
	if (library.passed + library.ended != 1)
		abort();
	door_library_close(&library);
	return 0;
}
