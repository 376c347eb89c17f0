/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The unix socket that the server listens on. Main thread only. */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct http_socket {
	int fd;     /* listening, non-blocking, close-on-exec */
	char *path; /* NULL: not open */
	dev_t device;
	ino_t inode; /* tells whether the path is still ours */
};

/*
 * Makes the folder (0755) and the socket with these permission bits. A socket that a dead process
 * left is replaced, one that somebody listens on is not. Errors are G_FILE_ERROR and name the path:
 * EXIST when a living one is there.
 */
bool http_socket_open(struct http_socket *socket, const char *path, mode_t mode, GError **error);

/* Removes the path, unless somebody else's socket is there by now. fd is closed by who listens. */
void http_socket_remove(struct http_socket *socket);
