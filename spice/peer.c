/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "spice/peer.h"

#define LOCAL       "local"
#define PREFIX_SIZE 8 /* bytes of an IPv6 address that are one network's */

/* A socket of both families names IPv4 addresses as mapped ones: operators know them plain. */
static bool peer_unmap(const struct sockaddr *address, struct sockaddr_in *plain)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	if (address->sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		return false;
	*plain = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = v6->sin6_port};
	memcpy(&plain->sin_addr, v6->sin6_addr.s6_addr + 12, sizeof(plain->sin_addr));
	return true;
}

void peer_describe(const struct sockaddr *address, socklen_t length, char text[PEER_TEXT])
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_in plain;
	int size;

	if (length < sizeof(address->sa_family) || address->sa_family == AF_UNIX) {
		memcpy(text, LOCAL, sizeof(LOCAL));
		return;
	}
	if (peer_unmap(address, &plain)) {
		address = (const struct sockaddr *)&plain;
		length = sizeof(plain);
	}
	if (getnameinfo(address, length, host, sizeof(host), port, sizeof(port),
			    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		size = PEER_TEXT;
	else
		size = snprintf(text, PEER_TEXT, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host,
				port);
	if (size >= PEER_TEXT)
		memcpy(text, "unknown", sizeof("unknown"));
}

/* The address in brackets, without an interface. */
static bool peer_key_v6(const char *text, char key[PEER_TEXT])
{
	size_t size = strcspn(text + 1, "]%");
	char host[INET6_ADDRSTRLEN], network[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (size >= sizeof(host))
		return false;
	memcpy(host, text + 1, size);
	host[size] = '\0';
	if (inet_pton(AF_INET6, host, &address) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&address)) {
		inet_ntop(AF_INET, address.s6_addr + 12, key, PEER_TEXT);
		return true;
	}
	memset(address.s6_addr + PREFIX_SIZE, 0, sizeof(address.s6_addr) - PREFIX_SIZE);
	inet_ntop(AF_INET6, &address, network, sizeof(network));
	snprintf(key, PEER_TEXT, "%s/%d", network, PREFIX_SIZE * 8);
	return true;
}

void peer_key(const char *text, char key[PEER_TEXT])
{
	int size = (int)strcspn(text, ":");

	if (*text == '[' && peer_key_v6(text, key))
		return;
	snprintf(key, PEER_TEXT, "%.*s", size, text);
}

bool peer_local(const char *text)
{
	return strcmp(text, LOCAL) == 0;
}
