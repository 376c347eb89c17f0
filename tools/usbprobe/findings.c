/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/usbprobe/findings.h"

static void findings_free(gpointer data)
{
	struct finding *finding = data;

	g_free(finding->subject);
	g_free(finding->text);
}

void findings_init(struct findings *findings)
{
	findings->list = g_array_new(FALSE, FALSE, sizeof(struct finding));
	g_array_set_clear_func(findings->list, findings_free);
	findings->wrong = 0;
}

void findings_add(struct findings *findings, enum finding_level level, const char *subject,
		const char *format, ...)
{
	struct finding finding = {.level = level, .subject = g_strdup(subject)};
	va_list arguments;

	va_start(arguments, format);
	finding.text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_array_append_val(findings->list, finding);
	findings->wrong += level == FINDING_WRONG;
}

const struct finding *findings_get(const struct findings *findings, guint index)
{
	return index < findings->list->len ? &g_array_index(findings->list, struct finding, index)
					   : NULL;
}

void findings_clear(struct findings *findings)
{
	g_array_unref(findings->list);
}

const char *findings_level(enum finding_level level)
{
	static const char *const names[] = {"ok", "note", "WRONG"};

	return names[level];
}
