/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Who is at the other end of a connection, in words and as what limits count by. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define PEER_TEXT 80 /* of "[IPv6%interface]:port" */

/* "192.0.2.7:51342", "[2001:db8::7]:51342", or "local" for a unix socket. */
void peer_describe(const struct sockaddr *address, socklen_t length, char text[PEER_TEXT]);

/*
 * What such a text counts as: an IPv4 address, the first 64 bits of an IPv6 one (whoever has one of
 * those has all), a mapped IPv4 address as what it is; "local" and what is unknown as itself.
 */
void peer_key(const char *text, char key[PEER_TEXT]);

/* A unix socket: who may open its path is trusted to guess no passwords. */
bool peer_local(const char *text);
