/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Events as Server-Sent Events (WHATWG HTML, 9.2), of any daemon. An event's id there is
 * "RUN-NUMBER": a client that comes back after a restart of the daemon is not given other events
 * for those it missed. Main thread only.
 */
#include "http/server.h"

struct events;

/*
 * What a handler of a route with event_api_parameters (event_api.h) does. The events must outlive
 * the server.
 */
bool event_routes_get(const struct http_request *request, struct events *events);
