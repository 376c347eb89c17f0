/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_control.h"

const char *ctl_control_mark(const json_t *input, json_int_t viewer)
{
	const json_t *asking = json_object_get(input, "asking");
	const json_t *holder = json_object_get(input, "holder");

	if (json_is_integer(holder) && json_integer_value(holder) == viewer)
		return ", holds the input";
	for (size_t i = 0; i < json_array_size(asking); i++)
		if (json_integer_value(json_array_get(asking, i)) == viewer)
			return ", asks for the input";
	return "";
}

void ctl_print_control(const json_t *answer, FILE *out)
{
	const json_t *asking = json_object_get(answer, "asking");
	const json_t *holder = json_object_get(answer, "holder");

	if (json_is_integer(holder))
		fprintf(out, "viewer %d holds the input\n", (int)json_integer_value(holder));
	else
		fputs("nobody holds the input\n", out);
	for (size_t i = 0; i < json_array_size(asking); i++)
		fprintf(out, "viewer %d asks for it\n",
				(int)json_integer_value(json_array_get(asking, i)));
}
