/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The tickets' side of the API: a handler for each line of tickets_api.h. Main thread only. */
#include "http/server.h"

struct console;

/* The console must outlive the server. */
void tickets_routes_add(struct http_server *server, struct console *console);
