/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The pages that a browser shows: web/, compiled in, at "/" and by their names. Anybody may have
 * them; what they show they ask the API for, in the name of whoever looks. A strict policy keeps
 * them from running or fetching anything else (W3C Content Security Policy 3).
 */
#include "http/server.h"

enum pages_route {
	PAGES_ROOT, /* the same as PAGES_RACK */
	PAGES_RACK,
	PAGES_STYLE,
	PAGES_SCRIPT,
	PAGES_EVENTS,
	PAGES_WORDS,
	PAGES_COUNT
};

extern const struct http_route pages_routes[PAGES_COUNT];

/* Adds the routes. */
void pages_add(struct http_server *server);
