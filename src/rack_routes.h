/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The handlers of a rack's API: they read what the daemon knows, and order; none asks a node. */
#include "http/server.h"

struct rack;

/* The server must be closed before the rack is. */
void rack_routes_add(struct http_server *server, struct rack *rack);
