/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* How a daemon's events are asked for, in words: of every daemon's table of routes. */
#include "http/route.h"

#define EVENT_API_PATH "/api/v1/events"

extern const struct http_parameter event_api_parameters[];
