/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A daemon's API on its unix socket and on TCP addresses. It is no reason to stop the daemon: when
 * one of them cannot be had, that is said once and tried again. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>
#include "http/auth.h"
#include "http/server.h"

struct api_settings {
	const char *socket;  /* NULL: api_path_to_serve; copied */
	const char *name;    /* of that, when it is so; NULL: API_PATH_CONSOLE */
	mode_t mode;         /* permission bits of the socket */
	const char *program; /* "spicerack-console"; not copied */
	/* What follows is not copied and must outlive the API. */
	char *const *listen;           /* TCP addresses; NULL: none */
	const char *certificate, *key; /* PEM files; NULL: no TLS */
	const char *access_file;       /* who may come in by TCP, see http/auth.h */
	bool allow_plain;
	/* auth: of the TCP addresses; NULL: there are none. Lives until api_close. */
	void (*add_routes)(struct http_server *server, struct http_auth *auth, void *data);
	void *data;
};

struct api;

struct api *api_open(const struct api_settings *settings);
void api_close(struct api *api); /* NULL is fine */
