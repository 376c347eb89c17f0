/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The API's handlers for screenshots and recordings. Main thread only. */
#include "http/server.h"
#include "src/evidence.h"

/* The evidence must outlive the server. */
void evidence_routes_add(struct http_server *server, struct evidence *evidence);
