/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A daemon's API on its unix socket and on TCP addresses. It is no reason to stop the daemon: when
 * one of them cannot be had, that is said once and tried again. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "http/auth.h"
#include "http/server.h"
#include "src/api_config.h"

struct api_settings {
	const struct api_config *config; /* copied */
	const char *name;    /* of the socket at its usual place; NULL: API_PATH_CONSOLE */
	const char *program; /* "spicerack-console"; not copied */
	/* auth: of the TCP addresses; NULL: there are none. Lives until api_close. */
	void (*add_routes)(struct http_server *server, struct http_auth *auth, void *data);
	/* NULL: not told. Somebody there had a wrong password or token. */
	void (*refused)(const char *peer, bool encrypted, void *data);
	void *data;
};

struct api;

/* Whether a file that it was opened with (who may come in, certificate, key) is another now. */
bool api_is_stale(const struct api *api);

struct api *api_open(const struct api_settings *settings);
void api_close(struct api *api); /* NULL is fine */
