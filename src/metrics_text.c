/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/metrics_text.h"
#include <string.h>

/* Prometheus' exposition formats: backslash, quote and line feed are escaped. */
static void metrics_escape(GString *out, const char *value)
{
	g_autofree char *valid = NULL;

	if (!value[strcspn(value, "\\\"\n")] && g_utf8_validate(value, -1, NULL)) {
		g_string_append(out, value); /* as nearly all are */
		return;
	}
	valid = g_utf8_make_valid(value, -1);
	for (const char *each = valid; *each; each++) {
		if (*each == '\n')
			g_string_append(out, "\\n");
		else if (*each == '\\' || *each == '"')
			g_string_append_printf(out, "\\%c", *each);
		else
			g_string_append_c(out, *each);
	}
}

void metrics_add(struct metrics_family *family, const struct metrics_label *labels, double value)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	GString *out;

	if (!family->samples)
		family->samples = g_string_new(NULL);
	out = family->samples;
	g_string_append(out, family->name);
	for (const struct metrics_label *each = labels; each && each->name; each++) {
		g_string_append_c(out, each == labels ? '{' : ',');
		g_string_append(out, each->name);
		g_string_append(out, "=\"");
		metrics_escape(out, each->value);
		g_string_append_c(out, '"');
	}
	if (labels && labels->name)
		g_string_append_c(out, '}');
	g_string_append_c(out, ' ');
	g_string_append(out, g_ascii_formatd(number, sizeof(number), "%.10g", value));
	g_string_append_c(out, '\n');
}

void metrics_write(struct metrics_family *families, size_t count, GString *out)
{
	for (size_t i = 0; i < count; i++) {
		struct metrics_family *family = &families[i];

		if (!family->samples)
			continue;
		g_string_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name,
				family->help, family->name, family->type);
		g_string_append_len(out, family->samples->str, (gssize)family->samples->len);
		g_string_free(g_steal_pointer(&family->samples), TRUE);
	}
}
