/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The drives' side of the API: a handler for each line of drives_api.h. Main thread only. */
#include "http/server.h"

struct drives;

/* The drives must outlive the server. */
void drives_routes_add(struct http_server *server, struct drives *drives);

/* A drive as the API shows it; a new object. */
json_t *drives_routes_show(struct drives *drives, size_t drive);
