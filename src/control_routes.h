/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The API's side of who holds the input: handlers for control_api.h. Main thread only. */
#include "http/server.h"

struct console;
struct control;

/* The console must outlive the server. */
void control_routes_add(struct http_server *server, struct console *console);

/* What a status has of it: control, holder and asking. */
json_t *control_routes_show(const struct control *control);
