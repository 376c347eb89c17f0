/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/host.h"

/* No report that a device makes has one byte. */
static const uint8_t host_stuffing[1] = {0xee};

static void host_pair(int pair[2])
{
	int least = 1; /* the kernel makes it a few reports */

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			==, 0);
	g_assert_cmpint(setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)), ==, 0);
}

void host_open(struct host *host)
{
	int pair[2];

	host_pair(pair);
	host->fd = pair[0];
	host->device = pair[1];
}

void host_close(struct host *host)
{
	if (host->fd >= 0)
		close(host->fd);
	close(host->device);
}

void host_stuff(struct host *host)
{
	while (send(host->device, host_stuffing, sizeof(host_stuffing), MSG_NOSIGNAL) > 0)
		;
	g_assert_cmpint(errno, ==, EAGAIN);
}

void host_settle(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
}

size_t host_fetch(struct host *host, uint8_t *bytes, size_t room)
{
	while (true) {
		ssize_t size = recv(host->fd, bytes, room, 0);

		if (size > (ssize_t)sizeof(host_stuffing))
			return size;
		if (size < 0 && !g_main_context_iteration(NULL, FALSE))
			return 0;
	}
}

void host_say(struct host *host, const uint8_t *bytes, size_t size)
{
	g_assert_cmpint(send(host->fd, bytes, size, 0), ==, size);
	host_settle();
}

void host_leave(struct host *host)
{
	close(host->fd);
	host->fd = -1;
}

void host_return(struct host *host)
{
	int pair[2];

	host_pair(pair);
	g_assert_cmpint(dup2(pair[1], host->device), ==, host->device);
	close(pair[1]);
	host->fd = pair[0];
}
