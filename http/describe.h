/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Tables of routes in words: the list that GET /api/v1 answers, and an OpenAPI 3.0 document. Any
 * thread.
 */
#include <jansson.h>
#include <stddef.h>
#include "http/route.h"

struct http_table {
	const struct http_route *routes;
	size_t count;
};

struct http_about {
	const char *title;   /* the program: "spicerack-console" */
	const char *version; /* "0.1.0" */
};

/* New objects. */
json_t *http_describe_list(
		const struct http_about *about, const struct http_table *tables, size_t count);
json_t *http_describe_openapi(
		const struct http_about *about, const struct http_table *tables, size_t count);
