/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* TCP addresses that the server listens on. Main thread. */
#include <glib.h>
#include <microhttpd.h>
#include <stdbool.h>

/* Whether it has the form "HOST:PORT", "[IPv6]:PORT" or ":PORT". Error: G_FILE_ERROR_INVAL. */
bool http_tcp_parse(const char *address, char **host, char **port, GError **error);

/*
 * A listening socket: non-blocking, close-on-exec; ":PORT" is every address of the machine, port 0
 * takes a free one. A host name is looked up, which may block. loopback: whether nobody from
 * outside can reach it. taken: a new string, the address with the port. Errors: G_FILE_ERROR,
 * naming the address; -1.
 */
int http_tcp_open(const char *address, bool *loopback, char **taken, GError **error);

/* The other end's address without its port, new; NULL: it came by a unix socket. */
char *http_tcp_peer(struct MHD_Connection *connection);
