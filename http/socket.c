/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "http/socket.h"

#define SOCKET_FOLDER_MODE 0755
#define SOCKET_BACKLOG     256 /* who comes while the server has its hands full waits here */

static void socket_fail(GError **error, const char *path, int cause)
{
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(cause), "no API socket %s: %s",
			path, g_strerror(cause));
}

static bool socket_taken(const char *path, const char *by, GError **error)
{
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "no API socket %s: %s", path, by);
	return false;
}

/*
 * Two that start at once must not both find a dead one's socket and remove each other's: the folder
 * is locked while one looks and binds. Nothing waits for the lock.
 */
static int socket_lock_folder(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int fd;

	if (g_mkdir_with_parents(folder, SOCKET_FOLDER_MODE) < 0) {
		socket_fail(error, path, errno);
		return -1;
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd >= 0 && errno == EWOULDBLOCK)
		socket_taken(path, "another program is making one there", error);
	else
		socket_fail(error, path, errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Whether somebody listens there: 0, or why not. */
static int socket_call(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int cause;

	if (fd < 0)
		return errno;
	cause = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? errno : 0;
	close(fd);
	return cause;
}

static bool socket_clear(const struct sockaddr_un *address, GError **error)
{
	const char *path = address->sun_path;
	struct stat status;
	int cause;

	if (lstat(path, &status) < 0)
		return true; /* or bind() says why not */
	if (!S_ISSOCK(status.st_mode))
		return socket_taken(path, "the path exists and is not a socket", error);
	cause = socket_call(address);
	if (cause == 0 || cause == EAGAIN) /* EAGAIN: its backlog is full */
		return socket_taken(path, "another console that is running has it", error);
	if (cause == ECONNREFUSED && unlink(path) < 0) {
		socket_fail(error, path, errno);
		return false;
	}
	return true;
}

static int socket_bind(const struct sockaddr_un *address, mode_t mode)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int cause;

	/* The path gets the socket's mode, so it is never open to more than that; less the umask.
	 */
	if (fd >= 0 && fchmod(fd, mode) == 0 &&
			bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0) {
		if (chmod(address->sun_path, mode) == 0 && listen(fd, SOCKET_BACKLOG) == 0)
			return fd;
		cause = errno;
		unlink(address->sun_path);
		errno = cause;
	}
	cause = errno;
	if (fd >= 0)
		close(fd);
	errno = cause;
	return -1;
}

bool http_socket_open(struct http_socket *socket, const char *path, mode_t mode, GError **error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	int lock;

	*socket = (struct http_socket){.fd = -1};
	if (!*path || strlen(path) >= sizeof(address.sun_path)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG,
				"no API socket %s: a socket's path has 1 to %zu characters", path,
				sizeof(address.sun_path) - 1);
		return false;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	lock = socket_lock_folder(path, error);
	if (lock < 0)
		return false;
	if (socket_clear(&address, error)) {
		socket->fd = socket_bind(&address, mode);
		if (socket->fd < 0)
			socket_fail(error, path, errno);
	}
	if (socket->fd >= 0) {
		socket->path = g_strdup(path);
		if (lstat(path, &status) == 0) {
			socket->device = status.st_dev;
			socket->inode = status.st_ino;
		}
	}
	close(lock);
	return socket->fd >= 0;
}

void http_socket_remove(struct http_socket *socket)
{
	struct stat status;

	if (socket->path && lstat(socket->path, &status) == 0 && status.st_dev == socket->device &&
			status.st_ino == socket->inode)
		unlink(socket->path);
	g_clear_pointer(&socket->path, g_free);
}
