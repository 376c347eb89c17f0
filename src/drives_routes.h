/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The drives' side of the API: a handler for each line of drives_api.h. Main thread only. */
#include "http/server.h"

struct audit;
struct drives;

struct drives_routes {
	struct drives *drives;
	struct audit *audit; /* where acts are written down; NULL: nowhere */
};

/* It, and what is in it, must outlive the server. */
void drives_routes_add(struct http_server *server, struct drives_routes *routes);

/* A drive as the API shows it; a new object. */
json_t *drives_routes_show(struct drives *drives, size_t drive);

/* Writes down that somebody has asked for that, and it was begun. */
void drives_routes_inserted(const struct drives_routes *routes, size_t drive,
		const struct http_request *request);
void drives_routes_ejected(const struct drives_routes *routes, size_t drive, bool force,
		const struct http_request *request);
