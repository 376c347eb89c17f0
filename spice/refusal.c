/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/refusal.h"

#define LINGER_MS 1000

/* spice/protocol.h: SpiceLinkHeader and SpiceLinkReply, little endian, packed. */
#define LINK_HEADER_BYTES 16
#define LINK_REPLY_BYTES  178 /* error, key of 162 bytes, three more numbers */
#define LINK_ERROR        1   /* SPICE_LINK_ERR_ERROR */

struct refusal {
	int fd;
	guint watch, timer;
};

static void refusal_end(struct refusal *refusal)
{
	g_source_remove(refusal->watch);
	g_source_remove(refusal->timer);
	close(refusal->fd);
	g_free(refusal);
}

static gboolean refusal_late(gpointer data)
{
	refusal_end(data);
	return G_SOURCE_CONTINUE; /* it is gone already */
}

/* A socket that is closed with something unread takes the answer back (RFC 1122, 4.2.2.13). */
static gboolean refusal_drain(gint fd, GIOCondition condition, gpointer data)
{
	char rest[512];
	ssize_t count = recv(fd, rest, sizeof(rest), MSG_DONTWAIT);

	if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
		refusal_end(data);
	return G_SOURCE_CONTINUE;
}

void refusal_say(int fd, const void *bytes, size_t size)
{
	struct refusal *refusal = g_new0(struct refusal, 1);

	(void)!send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
	refusal->fd = fd;
	refusal->watch = g_unix_fd_add(fd, G_IO_IN, refusal_drain, refusal);
	refusal->timer = g_timeout_add(LINGER_MS, refusal_late, refusal);
}

void refusal_send(int fd)
{
	uint8_t answer[LINK_HEADER_BYTES + LINK_REPLY_BYTES] = {
			'R', 'E', 'D', 'Q', 2, 0, 0, 0, 2, 0, 0, 0, LINK_REPLY_BYTES};

	answer[LINK_HEADER_BYTES] = LINK_ERROR;
	answer[LINK_HEADER_BYTES + LINK_REPLY_BYTES - 4] = LINK_REPLY_BYTES; /* of capabilities */
	refusal_say(fd, answer, sizeof(answer));
}
