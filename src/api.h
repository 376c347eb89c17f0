/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A daemon's API on its unix socket. It is no reason to stop the daemon: when the socket cannot be
 * made, that is said once and tried again. Main thread only.
 */
#include <glib.h>
#include <sys/types.h>
#include "http/server.h"

struct api_settings {
	const char *socket;  /* NULL: api_path_to_serve; copied */
	mode_t mode;         /* permission bits of the socket */
	const char *program; /* "spicerack-console"; not copied */
	void (*add_routes)(struct http_server *server, void *data);
	void *data;
};

struct api;

struct api *api_open(const struct api_settings *settings);
void api_close(struct api *api); /* NULL is fine */
