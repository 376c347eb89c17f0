/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/loopback.h"

#define BUFFER    (16 * 1024)  /* each end's of the small direction; the kernel doubles it */
#define WHOLE     (256 * 1024) /* of a picture's changes, mostly */
#define STRANGERS 16           /* other local processes that get in the way, at most */

static void loopback_tune(int fd, int option)
{
	const int on = 1, buffer = BUFFER;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, option, &buffer, sizeof(buffer));
}

/* Only the other end has the port that this end is connected to. */
static bool loopback_peers(int fd, int other)
{
	struct sockaddr_in own = {0}, peer = {0};
	socklen_t size = sizeof(own), peer_size = sizeof(peer);

	return getsockname(fd, (struct sockaddr *)&own, &size) == 0 &&
	       getpeername(other, (struct sockaddr *)&peer, &peer_size) == 0 &&
	       own.sin_port == peer.sin_port && own.sin_addr.s_addr == peer.sin_addr.s_addr;
}

/* Anybody on this machine may have connected meanwhile. */
static int loopback_accept(int listening, int other)
{
	for (int i = 0; i < STRANGERS; i++) {
		int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0 || loopback_peers(fd, other))
			return fd;
		close(fd);
	}
	errno = ECONNREFUSED;
	return -1;
}

bool loopback_pair(int fds[2], GError **error)
{
	struct sockaddr_in address = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int problem;

	fds[0] = -1;
	fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listening < 0 || fds[1] < 0)
		goto failed;
	/* Before the window is negotiated. */
	loopback_tune(listening, SO_RCVBUF);
	loopback_tune(fds[1], SO_SNDBUF);
	/* The kernel finishes a connection to a backlog with room at once: this does not wait. */
	if (bind(listening, (struct sockaddr *)&address, sizeof(address)) != 0 ||
			listen(listening, STRANGERS) != 0 ||
			getsockname(listening, (struct sockaddr *)&address, &size) != 0 ||
			connect(fds[1], (struct sockaddr *)&address, sizeof(address)) != 0)
		goto failed;
	fds[0] = loopback_accept(listening, fds[1]);
	if (fds[0] < 0 || !g_unix_set_fd_nonblocking(fds[1], TRUE, NULL))
		goto failed;
	loopback_tune(fds[0], SO_RCVBUF);
	close(listening);
	return true;
failed:
	problem = errno;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(problem),
			"cannot make a connection to itself on 127.0.0.1: %s", g_strerror(problem));
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (listening >= 0)
		close(listening);
	return false;
}

bool loopback_pair_unix(int fds[2], GError **error)
{
	const int whole = WHOLE;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
				"cannot make a pair of sockets: %s", g_strerror(errno));
		return false;
	}
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &whole, sizeof(whole));
	return true;
}
