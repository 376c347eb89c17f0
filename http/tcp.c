/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "http/tcp.h"

#define TCP_BACKLOG 128

/* An address of either family. */
union tcp_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

static void tcp_fail(const char *address, int code, const char *wrong, GError **error)
{
	g_set_error(error, G_FILE_ERROR, code, "no API on %s: %s", address, wrong);
}

bool http_tcp_parse(const char *address, char **host, char **port, GError **error)
{
	const char *colon = strrchr(address, ':');
	const char *first = address;
	const char *last = colon;
	guint64 number;

	if (colon && *first == '[' && colon > first && colon[-1] == ']') {
		first++;
		last--;
	} else if (colon && strchr(address, ':') != colon) {
		colon = NULL;
	}
	if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &number, NULL)) {
		tcp_fail(address, G_FILE_ERROR_INVAL,
				"an address is HOST:PORT, [IPv6]:PORT or :PORT", error);
		return false;
	}
	*host = g_strndup(first, last - first);
	*port = g_strdup(colon + 1);
	return true;
}

static bool tcp_is_loopback(const union tcp_address *address)
{
	const struct in6_addr *v6 = &address->v6.sin6_addr;

	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
}

/* Numbers only; a mapped IPv4 address as what it is. */
static char *tcp_name(const union tcp_address *address)
{
	char text[INET6_ADDRSTRLEN];
	const struct in6_addr *v6 = &address->v6.sin6_addr;

	if (address->any.sa_family == AF_INET)
		return g_strdup(inet_ntop(AF_INET, &address->v4.sin_addr, text, sizeof(text)));
	if (IN6_IS_ADDR_V4MAPPED(v6))
		return g_strdup(inet_ntop(AF_INET, v6->s6_addr + 12, text, sizeof(text)));
	return g_strdup(inet_ntop(AF_INET6, v6, text, sizeof(text)));
}

static int tcp_bind(const struct addrinfo *info)
{
	const int on = 1, off = 0;
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int cause;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (info->ai_family == AF_INET6) /* every address is those of IPv4 too */
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, TCP_BACKLOG) == 0)
		return fd;
	cause = errno;
	close(fd);
	errno = cause;
	return -1;
}

static int tcp_listen(const char *host, const char *port, const char **wrong)
{
	const struct addrinfo hints = {
			.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *list;
	int cause = getaddrinfo(host, port, &hints, &list);
	int fd = -1;

	if (cause) {
		*wrong = gai_strerror(cause);
		return -1;
	}
	for (const struct addrinfo *each = list; each && fd < 0; each = each->ai_next)
		fd = tcp_bind(each);
	if (fd < 0)
		*wrong = g_strerror(errno);
	freeaddrinfo(list);
	return fd;
}

int http_tcp_open(const char *address, bool *loopback, char **taken, GError **error)
{
	g_autofree char *host = NULL;
	g_autofree char *port = NULL;
	g_autofree char *name = NULL;
	union tcp_address bound = {0};
	socklen_t size = sizeof(bound);
	const char *wrong = NULL;
	int fd;

	if (!http_tcp_parse(address, &host, &port, error))
		return -1;
	fd = tcp_listen(*host ? host : "::", port, &wrong);
	if (fd < 0 && !*host) /* a kernel without IPv6 */
		fd = tcp_listen("0.0.0.0", port, &wrong);
	if (fd < 0) {
		tcp_fail(address, G_FILE_ERROR_FAILED, wrong, error);
		return -1;
	}
	if (getsockname(fd, &bound.any, &size) < 0) {
		tcp_fail(address, G_FILE_ERROR_FAILED, g_strerror(errno), error);
		close(fd);
		return -1;
	}
	*loopback = tcp_is_loopback(&bound);
	name = tcp_name(&bound);
	*taken = g_strdup_printf(strchr(name, ':') ? "[%s]:%d" : "%s:%d", name,
			ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port
							     : bound.v6.sin6_port));
	return fd;
}

char *http_tcp_peer(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
			connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;

	if (!address || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
		return NULL;
	return tcp_name((const union tcp_address *)address);
}
