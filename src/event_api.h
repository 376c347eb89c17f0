/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* How a daemon's events are asked for, in words: of every daemon's table of routes. */
#include "http/route.h"

extern const struct http_parameter event_api_parameters[];

/* For a table. */
#define EVENT_API_ROUTE                                                                           \
	{                                                                                         \
		.method = HTTP_GET, .path = "/api/v1/events", .parameters = event_api_parameters, \
		.type = "text/event-stream", .role = HTTP_READ, .command = "events",              \
		.help = "Tells what happens, as Server-Sent Events without end.",                 \
	}
