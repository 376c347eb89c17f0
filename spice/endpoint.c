/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "spice/endpoint.h"
#include "spice/listener.h"

#define UNIX_PREFIX "unix:"
#define UNIX_MODE   0660

static void endpoint_fail(GError **error, const char *address, int cause)
{
	if (cause == EADDRINUSE)
		g_set_error(error, LISTENER_ERROR, LISTENER_ERROR_IN_USE,
				"cannot listen on %s: address already in use; is another console running? "
				"choose another with --listen",
				address);
	else if (cause == EACCES || cause == EPERM)
		g_set_error(error, LISTENER_ERROR, LISTENER_ERROR_PERMISSION,
				"cannot listen on %s: no permission", address);
	else if (cause == EADDRNOTAVAIL)
		g_set_error(error, LISTENER_ERROR, LISTENER_ERROR_FAILED,
				"cannot listen on %s: this machine has no such address", address);
	else
		g_set_error(error, LISTENER_ERROR, LISTENER_ERROR_FAILED, "cannot listen on %s: %s",
				address, g_strerror(cause));
}

static void endpoint_syntax(GError **error, const char *address)
{
	g_set_error(error, LISTENER_ERROR, LISTENER_ERROR_SYNTAX,
			"\"%s\" is not an address to listen on; write HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH",
			address);
}

/* Splits "HOST:PORT". host is empty for every address. */
static bool endpoint_split(const char *address, char **host, char **port)
{
	const char *colon = strrchr(address, ':');
	guint64 number;

	if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &number, NULL))
		return false;
	if (address[0] == '[') {
		if (colon[-1] != ']' || colon - address < 3)
			return false;
		*host = g_strndup(address + 1, colon - address - 2);
	} else {
		*host = g_strndup(address, colon - address);
		if (strchr(*host, ':')) { /* IPv6 without brackets: its end is anybody's guess */
			g_clear_pointer(host, g_free);
			return false;
		}
	}
	*port = g_strdup(colon + 1);
	return true;
}

/* Returns 0 or an errno; on success the socket is the endpoint's. */
static int endpoint_add(struct endpoint *endpoint, const struct sockaddr *address, socklen_t length,
		int backlog)
{
	const int on = 1;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int cause;

	if (fd < 0)
		return errno;
	if (address->sa_family == AF_UNIX) {
		/* The mode of a socket's path is that of the socket when it is bound. */
		if (fchmod(fd, UNIX_MODE) < 0)
			goto fail;
	} else {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	}
	/* Every family gets a socket of its own, whatever the system's default for IPv6 is. */
	if (address->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, address, length) < 0 || listen(fd, backlog) < 0)
		goto fail;
	endpoint->fds[endpoint->sockets++] = fd;
	return 0;
fail:
	cause = errno;
	close(fd);
	return cause;
}

static in_port_t *endpoint_port(struct sockaddr *address)
{
	if (address->sa_family == AF_INET6)
		return &((struct sockaddr_in6 *)address)->sin6_port;
	return &((struct sockaddr_in *)address)->sin_port;
}

static in_port_t endpoint_taken_port(const struct endpoint *endpoint)
{
	struct sockaddr_in6 own = {0}; /* the larger of the two kinds */
	socklen_t length = sizeof(own);

	if (getsockname(endpoint->fds[0], (struct sockaddr *)&own, &length) < 0)
		return 0;
	return *endpoint_port((struct sockaddr *)&own);
}

static bool endpoint_listen_all(struct endpoint *endpoint, const char *address,
		struct addrinfo *list, int backlog, GError **error)
{
	int missing = 0; /* why an address family or interface is not there */

	for (struct addrinfo *each = list; each && endpoint->sockets < ENDPOINT_SOCKETS;
			each = each->ai_next) {
		int cause;

		if (each->ai_family != AF_INET && each->ai_family != AF_INET6)
			continue;
		if (endpoint->sockets > 0)
			*endpoint_port(each->ai_addr) = endpoint_taken_port(endpoint);
		cause = endpoint_add(endpoint, each->ai_addr, each->ai_addrlen, backlog);
		if (cause == EAFNOSUPPORT || cause == EADDRNOTAVAIL) {
			missing = cause;
		} else if (cause != 0) {
			endpoint_fail(error, address, cause);
			return false;
		}
	}
	if (endpoint->sockets == 0) {
		endpoint_fail(error, address, missing ? missing : EADDRNOTAVAIL);
		return false;
	}
	return true;
}

static bool endpoint_open_tcp(
		struct endpoint *endpoint, const char *address, int backlog, GError **error)
{
	struct addrinfo hints = {
			.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
			.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list = NULL;
	g_autofree char *host = NULL;
	g_autofree char *port = NULL;
	const char *node;
	bool good;
	int result;

	if (!endpoint_split(address, &host, &port)) {
		endpoint_syntax(error, address);
		return false;
	}
	node = *host ? host : NULL;
	result = getaddrinfo(node, port, &hints, &list);
	if (result == EAI_NONAME) {
		hints.ai_flags &= ~AI_NUMERICHOST;
		result = getaddrinfo(node, port, &hints, &list);
	}
	if (result != 0) {
		g_set_error(error, LISTENER_ERROR, LISTENER_ERROR_HOST,
				"cannot listen on %s: cannot find the host \"%s\": %s", address,
				host,
				result == EAI_SYSTEM ? g_strerror(errno) : gai_strerror(result));
		return false;
	}
	good = endpoint_listen_all(endpoint, address, list, backlog, error);
	freeaddrinfo(list);
	if (good)
		endpoint->name = g_strdup_printf(strchr(host, ':') ? "[%s]:%d" : "%s:%d", host,
				ntohs(endpoint_taken_port(endpoint)));
	return good;
}

/* A path that a dead process left behind refuses connections. Anything else is not ours to remove.
 */
static bool endpoint_clear_path(const struct sockaddr_un *address, const char *name, GError **error)
{
	struct stat status;
	int fd, cause;

	if (lstat(address->sun_path, &status) < 0)
		return true; /* or bind() says why not */
	if (!S_ISSOCK(status.st_mode)) {
		g_set_error(error, LISTENER_ERROR, LISTENER_ERROR_IN_USE,
				"cannot listen on %s: the path exists and is not a socket", name);
		return false;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return true;
	cause = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? errno : 0;
	close(fd);
	if (cause == ECONNREFUSED)
		unlink(address->sun_path);
	return true;
}

static bool endpoint_open_unix(
		struct endpoint *endpoint, const char *name, int backlog, GError **error)
{
	const char *path = name + strlen(UNIX_PREFIX);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	int cause;

	if (*path == '\0' || strlen(path) >= sizeof(address.sun_path)) {
		g_set_error(error, LISTENER_ERROR, LISTENER_ERROR_SYNTAX,
				"cannot listen on %s: a socket's path has 1 to %zu characters",
				name, sizeof(address.sun_path) - 1);
		return false;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (!endpoint_clear_path(&address, name, error))
		return false;
	cause = endpoint_add(endpoint, (struct sockaddr *)&address, sizeof(address), backlog);
	if (cause != 0) {
		endpoint_fail(error, name, cause);
		return false;
	}
	endpoint->path = g_strdup(path);
	endpoint->name = g_strdup(name);
	/* The umask may have taken the group's access away. */
	if (chmod(path, UNIX_MODE) == 0 && lstat(path, &status) == 0) {
		endpoint->device = status.st_dev;
		endpoint->inode = status.st_ino;
	}
	return true;
}

bool endpoint_open(struct endpoint *endpoint, const char *address, int backlog, GError **error)
{
	bool good;

	*endpoint = (struct endpoint){0};
	if (g_str_has_prefix(address, UNIX_PREFIX))
		good = endpoint_open_unix(endpoint, address, backlog, error);
	else
		good = endpoint_open_tcp(endpoint, address, backlog, error);
	if (!good)
		endpoint_close(endpoint);
	return good;
}

/* As an operator would have written it. */
static char *endpoint_name(const struct sockaddr_storage *address, socklen_t length)
{
	const struct sockaddr_un *local = (const struct sockaddr_un *)address;
	const size_t path = offsetof(struct sockaddr_un, sun_path);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (address->ss_family == AF_UNIX) {
		/* A name that begins with no character has no path (unix(7), abstract). */
		if (length > path && local->sun_path[0] == '\0')
			return g_strdup_printf(UNIX_PREFIX "@%.*s", (int)(length - path - 1),
					local->sun_path + 1);
		return g_strdup_printf(UNIX_PREFIX "%.*s", (int)(length > path ? length - path : 0),
				local->sun_path);
	}
	if (getnameinfo((const struct sockaddr *)address, length, host, sizeof(host), port,
			    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return NULL;
	return g_strdup_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

bool endpoint_adopt(struct endpoint *endpoint, int fd, GError **error)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof(address), size = sizeof(int);
	int type = 0, listens = 0, flags = fcntl(fd, F_GETFL);

	*endpoint = (struct endpoint){.sockets = 1, .fds = {fd}};
	if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
			fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
			getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
			type == SOCK_STREAM &&
			getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 &&
			listens && getsockname(fd, (struct sockaddr *)&address, &length) == 0)
		endpoint->name = endpoint_name(&address, length);
	if (endpoint->name)
		return true;
	g_set_error(error, LISTENER_ERROR, LISTENER_ERROR_FAILED,
			"cannot listen on the descriptor %d that was handed over: it is no TCP or unix "
			"stream socket that listens; see ListenStream= and Accept=no in its unit",
			fd);
	if (flags < 0)
		endpoint->sockets = 0; /* it is not open */
	endpoint_close(endpoint);
	return false;
}

void endpoint_close(struct endpoint *endpoint)
{
	struct stat status;

	if (endpoint->path && lstat(endpoint->path, &status) == 0 &&
			status.st_dev == endpoint->device && status.st_ino == endpoint->inode)
		unlink(endpoint->path);
	for (int i = 0; i < endpoint->sockets; i++)
		close(endpoint->fds[i]);
	g_free(endpoint->path);
	g_free(endpoint->name);
	*endpoint = (struct endpoint){0};
}
