/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/describe.h"
#include "http/describe_answer.h"
#include <string.h>

static json_t *describe_schema(const struct http_parameter *parameter)
{
	json_t *schema = json_pack("{s:s}", "type", http_type_word(parameter->type));

	if (parameter->type == HTTP_INTEGER) {
		json_object_set_new(schema, "minimum", json_integer(parameter->min));
		json_object_set_new(schema, "maximum", json_integer(parameter->max));
	}
	if (parameter->secret)
		json_object_set_new(schema, "format", json_string("password"));
	return schema;
}

static bool describe_is_required(const struct http_parameter *parameter)
{
	return parameter->required || parameter->place == HTTP_IN_PATH;
}

static json_t *describe_parameter(const struct http_parameter *parameter)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", parameter->name, "in",
			http_place_word(parameter->place), "required",
			describe_is_required(parameter), "description", parameter->help, "schema",
			describe_schema(parameter));
}

/* --- The list --- */

static json_t *describe_route(const struct http_route *route)
{
	const struct http_parameter *each = route->parameters;
	json_t *parameters = json_array();

	for (; each && each->name; each++)
		json_array_append_new(parameters, describe_parameter(each));
	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:s?, s:o}", "method",
			http_method_word(route->method), "path", route->path, "help", route->help,
			"changes", route->changes, "role", http_role_word(route->role), "command",
			route->command, "parameters", parameters);
}

json_t *http_describe_list(
		const struct http_about *about, const struct http_table *tables, size_t count)
{
	json_t *routes = json_array();

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < tables[i].count; j++)
			json_array_append_new(routes, describe_route(&tables[i].routes[j]));
	return json_pack("{s:s, s:s, s:o}", "program", about->title, "version", about->version,
			"routes", routes);
}

/* --- OpenAPI (spec.openapis.org/oas/v3.0.3) --- */

static json_t *describe_error(void)
{
	return json_pack("{s:s, s:{s:{s:{s:s, s:{s:{s:s, s:{s:{s:s}, s:{s:s}}}}}}}}", "description",
			"what went wrong, in a sentence", "content", "application/json", "schema",
			"type", "object", "properties", "error", "type", "object", "properties",
			"code", "type", "integer", "message", "type", "string");
}

static json_t *describe_body(const struct http_route *route)
{
	const struct http_parameter *each = route->parameters;
	json_t *properties = json_object();
	json_t *required = json_array();
	json_t *schema;

	for (; each && each->name; each++) {
		json_t *property;

		if (each->place != HTTP_IN_BODY)
			continue;
		property = describe_schema(each);
		json_object_set_new(property, "description", json_string(each->help));
		json_object_set_new(properties, each->name, property);
		if (each->required)
			json_array_append_new(required, json_string(each->name));
	}
	if (json_object_size(properties) == 0) {
		json_decref(properties);
		json_decref(required);
		return NULL;
	}
	schema = json_pack("{s:s, s:b, s:o}", "type", "object", "additionalProperties", 0,
			"properties", properties);
	if (json_array_size(required)) /* an empty one is not allowed */
		json_object_set(schema, "required", required);
	json_decref(required);
	return json_pack("{s:{s:{s:o}}}", "content", "application/json", "schema", schema);
}

static json_t *describe_operation(const struct http_route *route)
{
	const struct http_parameter *each = route->parameters;
	json_t *parameters = json_array();
	json_t *body = describe_body(route);
	const char *type = route->type ? route->type : "application/json";
	json_t *operation, *schema;

	for (; each && each->name; each++)
		if (each->place != HTTP_IN_BODY)
			json_array_append_new(parameters, describe_parameter(each));
	schema = route->type ? json_pack("{s:s}", "type", "string")
			     : http_describe_answer(route->answer);
	operation = json_pack("{s:s, s:o, s:{s:{s:s, s:{s:{s:o}}}, s:o}}", "summary", route->help,
			"parameters", parameters, "responses", "2XX", "description", "done",
			"content", type, "schema", schema, "default", describe_error());
	if (body)
		json_object_set_new(operation, "requestBody", body);
	return operation;
}

/* OpenAPI knows of no parameter that takes several parts; slashes in it are escaped. */
static char *describe_template(const char *path)
{
	size_t length = strlen(path);

	return g_str_has_suffix(path, "...}") ? g_strdup_printf("%.*s}", (int)(length - 4), path)
					      : g_strdup(path);
}

static void describe_path(json_t *paths, const struct http_route *route)
{
	g_autofree char *template = describe_template(route->path);
	g_autofree char *method = g_ascii_strdown(http_method_word(route->method), -1);
	json_t *path = json_object_get(paths, template);

	if (!path) {
		path = json_object();
		json_object_set_new(paths, template, path);
	}
	json_object_set_new(path, method, describe_operation(route));
}

json_t *http_describe_openapi(
		const struct http_about *about, const struct http_table *tables, size_t count)
{
	json_t *paths = json_object();

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < tables[i].count; j++)
			describe_path(paths, &tables[i].routes[j]);
	return json_pack("{s:s, s:{s:s, s:s}, s:o}", "openapi", "3.0.3", "info", "title",
			about->title, "version", about->version, "paths", paths);
}
