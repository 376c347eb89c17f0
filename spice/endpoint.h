/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * An address to listen on, as an operator writes it, and the sockets that listen there.
 * Errors are LISTENER_ERROR, see listener.h.
 */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#define ENDPOINT_SOCKETS 8 /* a host name may have several addresses; more are left out */

struct endpoint {
	char *name; /* the address with the port that was taken */
	bool view;  /* the listener's, see listener.h; endpoint_open leaves it */
	int sockets;
	int fds[ENDPOINT_SOCKETS]; /* non-blocking, listening */
	char *path;                /* of a unix socket, else NULL */
	dev_t device;              /* with inode: tells whether the path is still our socket */
	ino_t inode;
};

/* address as for listener_open. A host name is looked up, which blocks; numbers are not. */
bool endpoint_open(struct endpoint *endpoint, const char *address, int backlog, GError **error);

/*
 * Takes over a stream socket that listens already, TCP or unix; its path is not ours to remove. It
 * is closed if it is none of these.
 */
bool endpoint_adopt(struct endpoint *endpoint, int fd, GError **error);

/* Closes the sockets and removes a unix socket's path, if nobody has put another one there. */
void endpoint_close(struct endpoint *endpoint);
