/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "http/route.h"

#define BAD_REQUEST 400

GQuark http_error_quark(void)
{
	return g_quark_from_static_string("http-error");
}

/* --- A request's target --- */

static char *target_decode(const char *text, bool form, GError **error)
{
	g_autofree char *spaced = g_strdup(text);
	char *decoded;

	if (form) /* in a query + is a blank, as HTML forms write it */
		g_strdelimit(spaced, "+", ' ');
	decoded = g_uri_unescape_string(spaced, NULL);
	if (decoded && g_utf8_validate(decoded, -1, NULL))
		return decoded;
	g_free(decoded);
	g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST,
			"the address has a wrong %-escape, or is not UTF-8");
	return NULL;
}

/* Decodes each in place. */
static bool target_decode_all(char **texts, bool form, GError **error)
{
	for (; *texts; texts++) {
		char *decoded = target_decode(*texts, form, error);

		if (!decoded)
			return false;
		g_free(*texts);
		*texts = decoded;
	}
	return true;
}

/* The root has one part, which is empty; g_strsplit would make none. */
static char **target_split_path(const char *path)
{
	char empty[] = "";

	return *path ? g_strsplit(path, "/", -1) : g_strdupv((char *[]){empty, NULL});
}

static void target_split_query(struct http_target *target, const char *query)
{
	g_auto(GStrv) pairs = g_strsplit(query, "&", -1);
	GPtrArray *names = g_ptr_array_new();
	GPtrArray *values = g_ptr_array_new();

	for (char **pair = pairs; *pair; pair++) {
		const char *equals = strchr(*pair, '=');

		if (!**pair)
			continue;
		g_ptr_array_add(names, equals ? g_strndup(*pair, equals - *pair) : g_strdup(*pair));
		g_ptr_array_add(values, g_strdup(equals ? equals + 1 : ""));
	}
	g_ptr_array_add(names, NULL);
	g_ptr_array_add(values, NULL);
	target->names = (char **)g_ptr_array_free(names, FALSE);
	target->values = (char **)g_ptr_array_free(values, FALSE);
}

bool http_target_parse(struct http_target *target, const char *uri, GError **error)
{
	const char *path = uri;
	const char *query;
	g_autofree char *copy = NULL;

	if (g_ascii_strncasecmp(path, "http://", 7) == 0 ||
			g_ascii_strncasecmp(path, "https://", 8) == 0) {
		path = strstr(path, "://") + 3;
		path += strcspn(path, "/?");
	}
	query = strchr(path, '?');
	copy = query ? g_strndup(path, query - path) : g_strdup(path);
	target->parts = target_split_path(*copy == '/' ? copy + 1 : copy);
	target_split_query(target, query ? query + 1 : "");
	if (target_decode_all(target->parts, false, error) &&
			target_decode_all(target->names, true, error) &&
			target_decode_all(target->values, true, error))
		return true;
	http_target_clear(target);
	return false;
}

void http_target_clear(struct http_target *target)
{
	g_clear_pointer(&target->parts, g_strfreev);
	g_clear_pointer(&target->names, g_strfreev);
	g_clear_pointer(&target->values, g_strfreev);
}

/* --- A route's path --- */

/* The next part of a pattern; moves past it. Returns its length, its first byte in part. */
static size_t route_part(const char **pattern, const char **part)
{
	size_t length;

	*part = *pattern + 1; /* after the slash */
	length = strcspn(*part, "/");
	*pattern = *part + length;
	return length;
}

static bool route_is_name(const char *part)
{
	return *part == '{';
}

/* "{name...}" */
static bool route_is_rest(const char *part, size_t length)
{
	return route_is_name(part) && length > 5 && memcmp(part + length - 4, "...}", 4) == 0;
}

bool http_route_matches(const struct http_route *route, const struct http_target *target)
{
	const char *pattern = route->path;
	char **given = target->parts;

	for (; *pattern; given++) {
		const char *part;
		size_t length = route_part(&pattern, &part);

		if (!*given)
			return false;
		if (route_is_rest(part, length))
			return **given || given[1];
		if (route_is_name(part) ? !**given
					: strlen(*given) != length ||
								memcmp(*given, part, length) != 0)
			return false;
	}
	return !*given;
}

/* The target's part that stands where {name} does; a new string, NULL: there is none. */
static char *route_path_value(
		const struct http_route *route, const struct http_target *target, const char *name)
{
	const char *pattern = route->path;

	for (char **given = target->parts; *pattern; given++) {
		const char *part;
		size_t length = route_part(&pattern, &part);

		bool rest = route_is_rest(part, length);

		if (route_is_name(part) && length == strlen(name) + (rest ? 5 : 2) &&
				memcmp(part + 1, name, strlen(name)) == 0)
			return rest ? g_strjoinv("/", given) : g_strdup(*given);
	}
	return NULL;
}

/* --- Parameters --- */

static const struct http_parameter *route_parameter(
		const struct http_route *route, enum http_place place, const char *name)
{
	const struct http_parameter *each = route->parameters;

	for (; each && each->name; each++)
		if (each->place == place && strcmp(each->name, name) == 0)
			return each;
	return NULL;
}

static void route_unknown(const struct http_route *route, enum http_place place, const char *name,
		GError **error)
{
	const struct http_parameter *each = route->parameters;
	g_autoptr(GString) known = g_string_new(NULL);

	for (; each && each->name; each++)
		if (each->place == place)
			g_string_append_printf(known, "%s%s", known->len ? ", " : "", each->name);
	g_set_error(error, HTTP_ERROR, BAD_REQUEST, "unknown %s \"%s\"; %s %s takes %s",
			place == HTTP_IN_QUERY ? "query parameter" : "member", name,
			http_method_word(route->method), route->path,
			known->len ? known->str : "none");
}

static void route_wrong(const struct http_parameter *parameter, GError **error)
{
	switch (parameter->type) {
	case HTTP_TEXT:
		g_set_error(error, HTTP_ERROR, BAD_REQUEST, "%s must be a text", parameter->name);
		break;
	case HTTP_INTEGER:
		g_set_error(error, HTTP_ERROR, BAD_REQUEST,
				"%s must be a whole number from %" JSON_INTEGER_FORMAT
				" to %" JSON_INTEGER_FORMAT,
				parameter->name, parameter->min, parameter->max);
		break;
	case HTTP_BOOLEAN:
		g_set_error(error, HTTP_ERROR, BAD_REQUEST, "%s must be true or false",
				parameter->name);
		break;
	}
}

/* A value that came as text; NULL: not what the parameter takes. */
static json_t *route_read(const struct http_parameter *parameter, const char *text)
{
	gint64 number;

	switch (parameter->type) {
	case HTTP_TEXT:
		return json_string(text);
	case HTTP_INTEGER:
		if (!g_ascii_string_to_signed(
				    text, 10, parameter->min, parameter->max, &number, NULL))
			return NULL;
		return json_integer(number);
	case HTTP_BOOLEAN:
		if (strcmp(text, "true") == 0)
			return json_true();
		return strcmp(text, "false") == 0 ? json_false() : NULL;
	}
	return NULL;
}

static bool route_takes(const struct http_parameter *parameter, const json_t *value)
{
	switch (parameter->type) {
	case HTTP_TEXT: /* jansson takes no zero bytes unless it is told to */
		return json_is_string(value);
	case HTTP_INTEGER:
		return json_is_integer(value) && json_integer_value(value) >= parameter->min &&
		       json_integer_value(value) <= parameter->max;
	case HTTP_BOOLEAN:
		return json_is_boolean(value);
	}
	return false;
}

static bool route_add_text(const struct http_parameter *parameter, const char *text, json_t *values,
		GError **error)
{
	json_t *value = route_read(parameter, text);

	if (!value) {
		route_wrong(parameter, error);
		return false;
	}
	json_object_set_new(values, parameter->name, value);
	return true;
}

static bool route_add_path(const struct http_route *route, const struct http_target *target,
		json_t *values, GError **error)
{
	const struct http_parameter *each = route->parameters;

	for (; each && each->name; each++) {
		g_autofree char *text = each->place == HTTP_IN_PATH
							? route_path_value(
									  route, target, each->name)
							: NULL;

		if (text && !route_add_text(each, text, values, error))
			return false;
	}
	return true;
}

static bool route_add_query(const struct http_route *route, const struct http_target *target,
		json_t *values, GError **error)
{
	for (size_t i = 0; target->names[i]; i++) {
		const struct http_parameter *parameter = route_parameter(
				route, HTTP_IN_QUERY, target->names[i]);

		if (!parameter) {
			route_unknown(route, HTTP_IN_QUERY, target->names[i], error);
			return false;
		}
		if (json_object_get(values, parameter->name)) {
			g_set_error(error, HTTP_ERROR, BAD_REQUEST, "%s is given twice",
					parameter->name);
			return false;
		}
		if (!route_add_text(parameter, target->values[i], values, error))
			return false;
	}
	return true;
}

static bool route_add_body(
		const struct http_route *route, json_t *body, json_t *values, GError **error)
{
	const char *name;
	json_t *value;

	if (body && !json_is_object(body)) {
		g_set_error_literal(
				error, HTTP_ERROR, BAD_REQUEST, "the body must be a JSON object");
		return false;
	}
	if (!body || route->free_form)
		return true;
	json_object_foreach(body, name, value)
	{
		const struct http_parameter *parameter = route_parameter(route, HTTP_IN_BODY, name);

		if (!parameter) {
			route_unknown(route, HTTP_IN_BODY, name, error);
			return false;
		}
		if (!route_takes(parameter, value)) {
			route_wrong(parameter, error);
			return false;
		}
		json_object_set(values, name, value);
	}
	return true;
}

static bool route_is_complete(const struct http_route *route, const json_t *values, GError **error)
{
	const struct http_parameter *each = route->parameters;

	for (; each && each->name; each++) {
		if (each->required && !json_object_get(values, each->name)) {
			g_set_error(error, HTTP_ERROR, BAD_REQUEST, "%s is missing in the %s",
					each->name, http_place_word(each->place));
			return false;
		}
	}
	return true;
}

json_t *http_route_values(const struct http_route *route, const struct http_target *target,
		json_t *body, GError **error)
{
	json_t *values = json_object();

	if (route_add_path(route, target, values, error) &&
			(route->free_form || route_add_query(route, target, values, error)) &&
			route_add_body(route, body, values, error) &&
			route_is_complete(route, values, error))
		return values;
	json_decref(values);
	return NULL;
}

/* --- Words --- */

static const char *const route_methods[] = {
		[HTTP_GET] = "GET",
		[HTTP_POST] = "POST",
		[HTTP_PUT] = "PUT",
		[HTTP_PATCH] = "PATCH",
		[HTTP_DELETE] = "DELETE",
};

const char *http_method_word(enum http_method method)
{
	return route_methods[method];
}

bool http_method_parse(const char *word, enum http_method *method)
{
	for (size_t i = 0; i < G_N_ELEMENTS(route_methods); i++) {
		if (strcmp(word, route_methods[i]) == 0) {
			*method = i;
			return true;
		}
	}
	*method = HTTP_GET;
	return strcmp(word, "HEAD") == 0;
}

const char *http_role_word(enum http_role role)
{
	static const char *const words[] = {
			[HTTP_READ] = "read",
			[HTTP_OPERATE] = "operate",
			[HTTP_PUBLIC] = "public",
	};

	return words[role];
}

const char *http_place_word(enum http_place place)
{
	static const char *const words[] = {
			[HTTP_IN_PATH] = "path",
			[HTTP_IN_QUERY] = "query",
			[HTTP_IN_BODY] = "body",
	};

	return words[place];
}

const char *http_type_word(enum http_type type)
{
	static const char *const words[] = {
			[HTTP_TEXT] = "string",
			[HTTP_INTEGER] = "integer",
			[HTTP_BOOLEAN] = "boolean",
	};

	return words[type];
}
