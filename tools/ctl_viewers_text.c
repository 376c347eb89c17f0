/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_viewers_text.h"
#include <glib.h>
#include <string.h>
#include "tools/ctl_text.h"

/* A whole number in a few letters, or "-". */
static char *viewers_amount(const json_t *viewer, const char *name, double unit, const char *format)
{
	const json_t *value = json_object_get(viewer, name);

	if (!json_is_number(value) || json_number_value(value) <= 0)
		return g_strdup("-");
	return g_strdup_printf(format, json_number_value(value) / unit);
}

static const char *viewers_flag(const json_t *viewer, const char *name, const char *word)
{
	return json_is_true(json_object_get(viewer, name)) ? word : "";
}

static void viewers_line(const json_t *viewer, FILE *out)
{
	const char *peer = json_string_value(json_object_get(viewer, "peer"));
	g_autofree char *plain = ctl_plain(peer ? peer : "-");
	g_autofree char *age = ctl_duration(json_integer_value(json_object_get(viewer, "age_ms")));
	g_autofree char *sent = viewers_amount(viewer, "sent", 1024 * 1024, "%.1f MiB");
	g_autofree char *updates = viewers_amount(viewer, "updates", 1, "%.0f");
	g_autofree char *trip = viewers_amount(viewer, "round_trip_ms", 1, "%.0f ms");
	g_autofree char *rate = viewers_amount(viewer, "rate", 1024, "%.0f KiB/s");
	g_autofree char *how = g_strconcat(viewers_flag(viewer, "encrypted", ", encrypted"),
			viewers_flag(viewer, "websocket", ", websocket"),
			viewers_flag(viewer, "looking", ", looking"),
			viewers_flag(viewer, "behind", ", behind"), NULL);

	fprintf(out, "%6" JSON_INTEGER_FORMAT "  %-26s %-12s %12s %9s %9s %12s  %s\n",
			json_integer_value(json_object_get(viewer, "viewer")), plain, age, sent,
			updates, trip, rate, *how ? how + 2 : "-");
}

void ctl_print_viewers(const json_t *answer, FILE *out)
{
	const json_t *viewers = json_object_get(answer, "viewers");

	if (json_array_size(viewers) == 0) {
		fputs("nobody looks\n", out);
		return;
	}
	fprintf(out, "%6s  %-26s %-12s %12s %9s %9s %12s  %s\n", "viewer", "from", "for", "sent",
			"updates", "away", "takes", "is");
	for (size_t i = 0; i < json_array_size(viewers); i++)
		viewers_line(json_array_get(viewers, i), out);
}

char *ctl_quality(const json_t *quality)
{
	const json_t *selector = json_object_get(quality, "selector");

	if (!json_is_integer(selector))
		return g_strdup("");
	return g_strdup_printf("%d%s", (int)json_integer_value(selector),
			viewers_flag(quality, "automatic", ", by the slowest viewer"));
}

void ctl_print_quality(const json_t *answer, FILE *out)
{
	g_autofree char *text = ctl_quality(answer);

	if (*text)
		fprintf(out, "quality %s\n", text);
	else
		fputs("this picture comes from no video engine that could be told a quality\n",
				out);
}
