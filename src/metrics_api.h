/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* How a daemon's metrics are asked for, in words: of every daemon's table of routes. */
#include "http/route.h"

/* For a table; about: a sentence. */
#define METRICS_API_ROUTE(about)                                                                 \
	{                                                                                        \
		.method = HTTP_GET, .path = "/metrics", .role = HTTP_READ, .type = "text/plain", \
		.help = (about),                                                                 \
	}
