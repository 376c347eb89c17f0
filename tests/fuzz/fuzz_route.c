/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A request's target (the first line) and body (the rest) against routes with every kind of
 * parameter. What is taken must be what the route allows; what is not must have a 400.
 */
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include "http/route.h"
#include "tests/fuzz/targets.h"

static const struct http_parameter parameters[] = {
		{.name = "name", .place = HTTP_IN_PATH},
		{.name = "slot", .place = HTTP_IN_PATH, .type = HTTP_INTEGER, .min = -3, .max = 9},
		{.name = "deep", .place = HTTP_IN_QUERY, .type = HTTP_BOOLEAN},
		{.name = "text", .place = HTTP_IN_QUERY},
		{.name = "count",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.max = 100,
				.required = true},
		{.name = "label", .place = HTTP_IN_BODY},
		{0},
};

static const struct http_route routes[] = {
		{.method = HTTP_GET, .path = "/"},
		{.method = HTTP_GET, .path = "/nodes"},
		{.method = HTTP_PUT, .path = "/nodes/{name}", .parameters = parameters},
		{.method = HTTP_POST,
				.path = "/nodes/{name}/slots/{slot}",
				.parameters = parameters},
		{.method = HTTP_GET, .path = "/keys/{name...}", .parameters = parameters},
};

static void check_values(const json_t *values)
{
	const json_t *slot = json_object_get(values, "slot");
	const json_t *count = json_object_get(values, "count");
	const json_t *deep = json_object_get(values, "deep");
	const json_t *name = json_object_get(values, "name");

	g_assert_true(json_is_integer(count) && json_integer_value(count) >= 0 &&
			json_integer_value(count) <= 100);
	g_assert_true(!slot || (json_integer_value(slot) >= -3 && json_integer_value(slot) <= 9));
	g_assert_true(!deep || json_is_boolean(deep));
	g_assert_true(json_string_length(name) > 0);
}

static void check_route(
		const struct http_route *route, const struct http_target *target, json_t *body)
{
	g_autoptr(GError) error = NULL;
	json_t *values = http_route_values(route, target, body, &error);

	if (!values)
		g_assert_error(error, HTTP_ERROR, 400);
	else if (route->parameters)
		check_values(values);
	json_decref(values);
}

int target_route(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t length = end ? (size_t)(end - data) : size;
	g_autofree char *uri = g_strndup((const char *)data, length);
	g_autoptr(GError) error = NULL;
	struct http_target target;
	json_t *body;

	if (!http_target_parse(&target, uri, &error)) {
		g_assert_error(error, HTTP_ERROR, 400);
		return 0;
	}
	body = end ? json_loadb((const char *)end + 1, size - length - 1, JSON_REJECT_DUPLICATES,
				     NULL)
		   : NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(routes); i++)
		if (http_route_matches(&routes[i], &target))
			check_route(&routes[i], &target, body);
	json_decref(body);
	http_target_clear(&target);
	return 0;
}
