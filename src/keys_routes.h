/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The console's side of keys_api.h. Main thread only. */
#include "http/server.h"

struct console;

/* The console must outlive the server. */
void keys_routes_add(struct http_server *server, struct console *console);
