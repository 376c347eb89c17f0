/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/describe_answer.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define NULLABLE "?"

static json_t *answer_schema(const json_t *example);

/* 'integer', 'integer?' */
static json_t *answer_word(const char *word)
{
	size_t length = strlen(word);
	bool nullable = g_str_has_suffix(word, NULLABLE);
	json_t *schema = json_object();

	json_object_set_new(schema, "type", json_stringn(word, length - nullable));
	if (nullable)
		json_object_set_new(schema, "nullable", json_true());
	return schema;
}

static json_t *answer_object(const json_t *example)
{
	json_t *schema = json_pack("{s:s}", "type", "object");
	json_t *properties = json_object(), *required = json_array();
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)example, name, member)
	{
		size_t length = strlen(name);
		bool optional = g_str_has_suffix(name, NULLABLE);
		g_autofree char *plain = g_strndup(name, length - optional);

		if (!*plain) {
			json_object_set_new(schema, "nullable", json_true());
			continue;
		}
		json_object_set_new(properties, plain, answer_schema(member));
		if (!optional)
			json_array_append_new(required, json_string(plain));
	}
	json_object_set_new(schema, "properties", properties);
	if (json_array_size(required)) /* an empty one is not allowed */
		json_object_set(schema, "required", required);
	json_decref(required);
	return schema;
}

static json_t *answer_schema(const json_t *example)
{
	if (json_is_object(example))
		return answer_object(example);
	if (json_is_array(example))
		return json_pack("{s:s, s:o}", "type", "array", "items",
				answer_schema(json_array_get(example, 0)));
	return answer_word(json_is_string(example) ? json_string_value(example) : "object");
}

json_t *http_describe_answer(const char *answer)
{
	g_autofree char *text = g_strdelimit(g_strdup(answer ? answer : ""), "'", '"');
	json_t *example = json_loads(text, 0, NULL);
	json_t *schema = example ? answer_schema(example) : json_object();

	json_decref(example);
	return schema;
}
