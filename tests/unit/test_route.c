/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "http/describe.h"
#include "http/describe_answer.h"
#include "http/route.h"

static const struct http_parameter node_parameters[] = {
		{.name = "name", .place = HTTP_IN_PATH, .help = "which"},
		{.name = "slot",
				.place = HTTP_IN_PATH,
				.type = HTTP_INTEGER,
				.min = 1,
				.max = 48,
				.help = "where"},
		{.name = "deep", .place = HTTP_IN_QUERY, .type = HTTP_BOOLEAN, .help = "all of it"},
		{.name = "words", .place = HTTP_IN_QUERY, .help = "any"},
		{.name = "count",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.min = -5,
				.max = 5,
				.required = true,
				.help = "how many"},
		{.name = "label", .place = HTTP_IN_BODY, .help = "to show"},
		{0},
};

static const struct http_route routes[] = {
		{
				.method = HTTP_PUT,
				.path = "/nodes/{name}/slots/{slot}",
				.parameters = node_parameters,
				.role = HTTP_OPERATE,
				.changes = true,
				.command = "move",
				.help = "Moves a node.",
		},
		{.method = HTTP_GET, .path = "/nodes", .help = "All nodes."},
		{.method = HTTP_POST, .path = "/nodes", .help = "One more."},
		{.method = HTTP_GET, .path = "/", .help = "The root."},
};

static bool matches(const struct http_route *route, const char *uri)
{
	struct http_target target;
	bool match;

	g_assert_true(http_target_parse(&target, uri, NULL));
	match = http_route_matches(route, &target);
	http_target_clear(&target);
	return match;
}

static void test_a_path_matches_part_by_part(void)
{
	static const char *const good[] = {"/nodes/a/slots/1", "/nodes/a%2Fb/slots/x?y=z",
			"http://host:80/nodes/%20/slots/%C3%A4", "/n%6Fdes/a/slots/1"};
	static const char *const bad[] = {"/nodes/a/slots", "/nodes/a/slots/", "/nodes//slots/1",
			"/nodes/a/slots/1/", "/nodes/a/slots/1/2", "/node/a/slots/1",
			"/nodes/a/slot/1", "//nodes/a/slots/1", "", "/", "?", "*",
			"/nodes%2Fa/slots/1", "http://nodes/a/slots/1", "/NODES/a/slots/1"};

	for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
		g_assert_true(matches(&routes[0], good[i]));
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_false(matches(&routes[0], bad[i]));
	g_assert_true(matches(&routes[1], "/nodes?"));
	g_assert_false(matches(&routes[1], "/nodes/"));
	g_assert_true(matches(&routes[3], "/"));
	g_assert_true(matches(&routes[3], "http://host"));
	g_assert_true(matches(&routes[3], "http://host?a=b"));
}

static void test_a_query_is_taken_apart(void)
{
	g_autofree char *names = NULL;
	g_autofree char *all = NULL;
	struct http_target target;

	g_assert_true(http_target_parse(&target, "/?a=1&&b&c=x+y%2Bz&%64=e=f&=", NULL));
	names = g_strjoinv("|", target.names);
	all = g_strjoinv("|", target.values);
	g_assert_cmpstr(names, ==, "a|b|c|d|");
	g_assert_cmpstr(all, ==, "1||x y+z|e=f|");
	http_target_clear(&target);
}

static void test_a_wrong_escape_is_told(void)
{
	static const char *const wrong[] = {
			"/%", "/%4", "/%zz", "/%00", "/a?%", "/a?b=%ff", "/%c3", "/\xff"};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct http_target target;
		g_autoptr(GError) error = NULL;

		g_assert_false(http_target_parse(&target, wrong[i], &error));
		g_assert_error(error, HTTP_ERROR, 400);
	}
}

/* What the first route makes of a request; NULL with the message. */
static json_t *values(const char *uri, const char *body, char **message)
{
	json_t *json = body ? json_loads(body, 0, NULL) : NULL;
	struct http_target target;
	g_autoptr(GError) error = NULL;
	json_t *result;

	g_assert_true(http_target_parse(&target, uri, NULL));
	g_assert_true(http_route_matches(&routes[0], &target));
	result = http_route_values(&routes[0], &target, json, &error);
	if (!result)
		g_assert_error(error, HTTP_ERROR, 400);
	*message = error ? g_strdup(error->message) : NULL;
	http_target_clear(&target);
	json_decref(json);
	return result;
}

static void test_values_have_the_types_of_the_route(void)
{
	g_autofree char *message = NULL;
	json_t *got = values("/nodes/a%2Fb/slots/48?deep=true&words=", "{\"count\": -5}", &message);
	const char *name, *words;
	json_int_t slot, count;
	int deep;

	g_assert_null(message);
	g_assert_cmpint(json_unpack(got, "{s:s, s:I, s:b, s:s, s:I!}", "name", &name, "slot", &slot,
					"deep", &deep, "words", &words, "count", &count),
			==, 0);
	g_assert_cmpstr(name, ==, "a/b");
	g_assert_cmpint(slot, ==, 48);
	g_assert_true(deep);
	g_assert_cmpstr(words, ==, "");
	g_assert_cmpint(count, ==, -5);
	json_decref(got);
}

static void test_what_does_not_fit_is_told(void)
{
	static const struct {
		const char *uri, *body, *message;
	} mistakes[] = {
			{"/nodes/a/slots/49", "{\"count\":0}",
					"slot must be a whole number from 1 to 48"},
			{"/nodes/a/slots/x", "{\"count\":0}",
					"slot must be a whole number from 1 to 48"},
			{"/nodes/a/slots/1?deep=yes", "{\"count\":0}",
					"deep must be true or false"},
			{"/nodes/a/slots/1?deep", "{\"count\":0}", "deep must be true or false"},
			{"/nodes/a/slots/1?words=a&words=b", "{\"count\":0}",
					"words is given twice"},
			{"/nodes/a/slots/1?dep=true", "{\"count\":0}",
					"unknown query parameter \"dep\"; PUT /nodes/{name}/slots/{slot} "
					"takes deep, words"},
			{"/nodes/a/slots/1?name=b", "{\"count\":0}",
					"unknown query parameter \"name\"; PUT "
					"/nodes/{name}/slots/{slot} takes deep, words"},
			{"/nodes/a/slots/1", "{\"count\":0, \"x\":1}",
					"unknown member \"x\"; PUT /nodes/{name}/slots/{slot} takes "
					"count, label"},
			{"/nodes/a/slots/1", "{\"count\":6}",
					"count must be a whole number from -5 to 5"},
			{"/nodes/a/slots/1", "{\"count\":1.0}",
					"count must be a whole number from -5 to 5"},
			{"/nodes/a/slots/1", "{\"count\":null}",
					"count must be a whole number from -5 to 5"},
			{"/nodes/a/slots/1", "{\"count\":1,\"label\":2}", "label must be a text"},
			{"/nodes/a/slots/1", "{}", "count is missing in the body"},
			{"/nodes/a/slots/1", NULL, "count is missing in the body"},
			{"/nodes/a/slots/1", "[]", "the body must be a JSON object"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
		g_autofree char *message = NULL;

		g_assert_null(values(mistakes[i].uri, mistakes[i].body, &message));
		g_assert_cmpstr(message, ==, mistakes[i].message);
	}
}

static void test_a_last_name_may_take_the_rest(void)
{
	static const struct http_parameter keys[] = {
			{.name = "keys", .place = HTTP_IN_PATH, .help = "a"}, {0}};
	static const struct http_route rest = {
			.path = "/keys/{keys...}", .parameters = keys, .help = "b"};
	static const struct {
		const char *uri, *value;
	} cases[] = {
			{"/keys/a", "a"},
			{"/keys/a/b,c/d", "a/b,c/d"},
			{"/keys/a%2Fb/c", "a/b/c"},
			{"/keys/a//b/", "a//b/"},
	};
	const struct http_table table = {&rest, 1};
	const struct http_about about = {"test", "1"};
	json_t *document = http_describe_openapi(&about, &table, 1);

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct http_target target;
		json_t *given;

		g_assert_true(http_target_parse(&target, cases[i].uri, NULL));
		g_assert_true(http_route_matches(&rest, &target));
		given = http_route_values(&rest, &target, NULL, NULL);
		g_assert_cmpstr(json_string_value(json_object_get(given, "keys")), ==,
				cases[i].value);
		json_decref(given);
		http_target_clear(&target);
	}
	g_assert_false(matches(&rest, "/keys"));
	g_assert_false(matches(&rest, "/keys/"));
	g_assert_false(matches(&rest, "/key/a"));
	g_assert_nonnull(json_object_get(json_object_get(document, "paths"), "/keys/{keys}"));
	json_decref(document);
}

static void test_methods_are_known_by_their_words(void)
{
	static const char *const none[] = {"", "get", "GETS", "OPTIONS", "BREW"};
	enum http_method method;

	for (enum http_method each = HTTP_GET; each <= HTTP_DELETE; each++) {
		g_assert_true(http_method_parse(http_method_word(each), &method));
		g_assert_cmpint(method, ==, each);
	}
	g_assert_true(http_method_parse("HEAD", &method));
	g_assert_cmpint(method, ==, HTTP_GET);
	for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
		g_assert_false(http_method_parse(none[i], &method));
}

static void test_the_list_has_all_that_a_route_says(void)
{
	const struct http_table table = {routes, G_N_ELEMENTS(routes)};
	const struct http_about about = {"test", "1"};
	json_t *list = http_describe_list(&about, &table, 1);
	const char *method, *path, *help, *role, *command, *name, *in, *type;
	int changes, required;
	json_t *all, *parameters;

	g_assert_nonnull(list);
	g_assert_cmpint(json_unpack(list, "{s:s, s:s, s:o!}", "program", &name, "version", &in,
					"routes", &all),
			==, 0);
	g_assert_cmpuint(json_array_size(all), ==, G_N_ELEMENTS(routes));
	g_assert_cmpint(json_unpack(json_array_get(all, 0), "{s:s, s:s, s:s, s:s, s:s, s:b, s:o!}",
					"method", &method, "path", &path, "help", &help, "role",
					&role, "command", &command, "changes", &changes,
					"parameters", &parameters),
			==, 0);
	g_assert_cmpstr(method, ==, "PUT");
	g_assert_cmpstr(path, ==, "/nodes/{name}/slots/{slot}");
	g_assert_cmpstr(role, ==, "operate");
	g_assert_cmpstr(command, ==, "move");
	g_assert_true(changes);
	g_assert_cmpuint(json_array_size(parameters), ==, 6);
	g_assert_cmpint(json_unpack(json_array_get(parameters, 1), "{s:s, s:s, s:b, s:{s:s}}",
					"name", &name, "in", &in, "required", &required, "schema",
					"type", &type),
			==, 0);
	g_assert_cmpstr(name, ==, "slot");
	g_assert_cmpstr(in, ==, "path");
	g_assert_true(required);
	g_assert_cmpstr(type, ==, "integer");
	g_assert_true(json_is_null(json_object_get(json_array_get(all, 1), "command")));
	json_decref(list);
}

static void test_answers_are_described(void)
{
	json_t *schema = http_describe_answer(
			"{'n': 'integer?', 'list': [{'on?': 'boolean'}], 'all': {'?': 0, 'x': 'string'}}");
	json_t *wanted = json_loads(
			"{\"type\": \"object\", \"required\": [\"n\", \"list\", \"all\"], "
			"\"properties\": {\"n\": {\"type\": \"integer\", \"nullable\": true}, "
			"\"list\": {\"type\": \"array\", \"items\": {\"type\": \"object\", "
			"\"properties\": {\"on\": {\"type\": \"boolean\"}}}}, "
			"\"all\": {\"type\": \"object\", \"nullable\": true, \"required\": "
			"[\"x\"], \"properties\": {\"x\": {\"type\": \"string\"}}}}}",
			0, NULL);
	json_t *anything = http_describe_answer(NULL);

	g_assert_nonnull(wanted);
	g_assert_true(json_equal(schema, wanted));
	g_assert_cmpuint(json_object_size(anything), ==, 0);
	json_decref(schema);
	json_decref(wanted);
	json_decref(anything);
}

static void test_openapi_has_every_route(void)
{
	const struct http_table table = {routes, G_N_ELEMENTS(routes)};
	const struct http_about about = {"test", "1"};
	json_t *document = http_describe_openapi(&about, &table, 1);
	json_t *put, *get, *post, *root, *parameters, *needed, *properties;
	const char *type;

	g_assert_nonnull(document);
	g_assert_cmpint(json_unpack(document, "{s:s, s:{s:s}, s:{s:{s:o}, s:{s:o, s:o}, s:{s:o}!}}",
					"openapi", &type, "info", "title", &type, "paths",
					"/nodes/{name}/slots/{slot}", "put", &put, "/nodes", "get",
					&get, "post", &post, "/", "get", &root),
			==, 0);
	g_assert_cmpint(json_unpack(put, "{s:o, s:{s:{s:{s:{s:o, s:o}}}}}", "parameters",
					&parameters, "requestBody", "content", "application/json",
					"schema", "required", &needed, "properties", &properties),
			==, 0);
	g_assert_cmpuint(json_array_size(parameters), ==, 4);
	g_assert_cmpuint(json_array_size(needed), ==, 1);
	g_assert_cmpuint(json_object_size(properties), ==, 2);
	g_assert_null(json_object_get(get, "requestBody"));
	g_assert_cmpint(json_unpack(get, "{s:{s:{s:{s:{s:{s:{s:{s:{s:{s:s}}}}}}}}}}", "responses",
					"default", "content", "application/json", "schema",
					"properties", "error", "properties", "message", "type",
					&type),
			==, 0);
	g_assert_cmpstr(type, ==, "string");
	json_decref(document);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/route/" #name, test_##name)
	TEST(a_path_matches_part_by_part);
	TEST(a_query_is_taken_apart);
	TEST(a_wrong_escape_is_told);
	TEST(values_have_the_types_of_the_route);
	TEST(what_does_not_fit_is_told);
	TEST(a_last_name_may_take_the_rest);
	TEST(methods_are_known_by_their_words);
	TEST(the_list_has_all_that_a_route_says);
	TEST(answers_are_described);
	TEST(openapi_has_every_route);
	return g_test_run();
}
