/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_drives_text.h"
#include <glib.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include "tools/ctl_text.h"

/* As in ctl_text.c: a word in front of each line. */
#define LINE "%-10s "

/* ECMA-48: to the line's start and clear it; home and clear all. */
#define ANEW  "\r\033[K"
#define CLEAR "\033[H\033[J"

static char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? ctl_plain(text) : NULL;
}

static bool text_is(const json_t *object, const char *name, const char *wanted)
{
	return g_strcmp0(json_string_value(json_object_get(object, name)), wanted) == 0;
}

static char *size_of(const json_t *object, const char *name)
{
	double size = json_number_value(json_object_get(object, name));
	g_autofree char *text = g_format_size_full(
			size > 0 ? (guint64)size : 0, G_FORMAT_SIZE_IEC_UNITS);
	g_auto(GStrv) parts = g_strsplit(text, "\u00a0", -1); /* plain blanks, for scripts */

	return g_strjoinv(" ", parts);
}

/* --- What is wrong --- */

static int drive_problems(const json_t *drive, FILE *out)
{
	g_autofree char *name = text_of(drive, "name");
	g_autofree char *reason = text_of(drive, "reason");
	g_autofree char *fault = text_of(drive, "fault");
	bool bad = text_is(drive, "state", "failed") || text_is(drive, "state", "waiting") ||
		   (text_is(drive, "state", "opening") && reason) ||
		   (text_is(drive, "state", "ready") && reason);

	if (bad)
		fprintf(out, LINE "drive %s: %s\n", "PROBLEM", name, reason ? reason : "?");
	if (fault)
		fprintf(out, LINE "drive %s: %s\n", "PROBLEM", name, fault);
	return bad + (fault != NULL);
}

/* --- What there is --- */

static void show_medium(const json_t *drive, FILE *out)
{
	g_autofree char *write = text_of(drive, "write");
	g_autofree char *label = text_of(drive, "label");
	g_autofree char *viewer = text_of(drive, "viewer");
	g_autofree char *size = size_of(drive, "size");

	fprintf(out, LINE "%s, %s, %s", "", text_is(drive, "kind", "cd") ? "CD" : "disk", size,
			write ? write : "?");
	if (label)
		fprintf(out, ", \"%s\"", label);
	if (json_is_true(json_object_get(drive, "hybrid")))
		fputs(", good as CD and as disk", out);
	if (viewer)
		fprintf(out, ", shared by %s", viewer);
	if (json_is_true(json_object_get(drive, "locked")))
		fputs(", held by the node", out);
	if (text_is(drive, "backend", "kernel"))
		fputs(", read by the kernel alone", out);
	fputc('\n', out);
}

static void show_progress(const json_t *drive, FILE *out)
{
	g_autofree char *read = size_of(drive, "host_read");
	g_autofree char *written = size_of(drive, "host_written");
	g_autofree char *fetched = size_of(drive, "fetched");
	g_autofree char *cached = size_of(drive, "cached");
	g_autofree char *rate = size_of(drive, "rate");
	json_int_t errors = json_integer_value(json_object_get(drive, "errors"));

	fprintf(out, LINE "node read %s", "", read);
	if (!text_is(drive, "write", "read-only"))
		fprintf(out, " and wrote %s", written);
	fprintf(out, "; fetched %s, %s/s of late, %s in memory; ", fetched, rate, cached);
	if (errors)
		fprintf(out, "%" JSON_INTEGER_FORMAT " errors\n", errors);
	else
		fputs("no errors\n", out);
}

static void show_drive(const json_t *drive, FILE *out)
{
	g_autofree char *name = text_of(drive, "name");
	g_autofree char *state = text_of(drive, "state");
	g_autofree char *source = text_of(drive, "source");
	g_autofree char *port = text_of(drive, "port");
	g_autofree char *age = ctl_duration(json_integer_value(json_object_get(drive, "age_ms")));

	fprintf(out, LINE "%s for %s", name ? name : "?", state ? state : "?", age);
	if (source)
		fprintf(out, ": %s", source);
	if (!json_is_true(json_object_get(drive, "connected")))
		fputs(port ? " (the node has not set it up)" : " (not plugged in)", out);
	fputc('\n', out);
	if (json_is_integer(json_object_get(drive, "size"))) {
		show_medium(drive, out);
		if (!text_is(drive, "backend", "kernel"))
			show_progress(drive, out);
	}
}

void ctl_print_drives(const json_t *answer, FILE *out)
{
	const json_t *drives = json_object_get(answer, "drives");
	int problems = 0;

	for (size_t i = 0; i < json_array_size(drives); i++)
		problems += drive_problems(json_array_get(drives, i), out);
	if (json_array_size(drives) == 0)
		fprintf(out, LINE "this node has no drives\n", "none");
	else if (!problems)
		fprintf(out, LINE "nothing is wrong\n", "ok");
	for (size_t i = 0; i < json_array_size(drives); i++)
		show_drive(json_array_get(drives, i), out);
}

void ctl_print_drive(const json_t *drive, FILE *out)
{
	g_autofree char *name = text_of(drive, "name");
	g_autofree char *state = text_of(drive, "state");
	g_autofree char *source = text_of(drive, "source");
	g_autofree char *reason = text_of(drive, "reason");

	fprintf(out, "drive %s: %s%s%s%s%s\n", name ? name : "?", state ? state : "?",
			source ? " " : "", source ? source : "", reason ? ": " : "",
			reason ? reason : "");
}

/* --- On a terminal --- */

/* One that goes over the end of the line would not be drawn over. */
static size_t terminal_width(FILE *out)
{
	struct winsize size = {0};

	return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u
									     : 79;
}

void ctl_draw_drive(const json_t *drive, FILE *out)
{
	g_autofree char *state = text_of(drive, "state");
	g_autofree char *source = text_of(drive, "source");
	g_autofree char *reason = text_of(drive, "reason");
	g_autofree char *fetched = size_of(drive, "fetched");
	g_autofree char *age = ctl_duration(json_integer_value(json_object_get(drive, "age_ms")));
	g_autofree char *line = g_strdup_printf("%s for %s, fetched %s: %s", state ? state : "?",
			age, fetched,
			reason   ? reason
			: source ? source
				 : "");
	g_autofree char *cut = g_utf8_substring(
			line, 0, (glong)MIN(terminal_width(out), (size_t)g_utf8_strlen(line, -1)));

	fprintf(out, ANEW "%s", cut);
	fflush(out);
}

void ctl_draw_end(FILE *out)
{
	fputs(ANEW, out);
	fflush(out);
}

void ctl_clear_screen(FILE *out)
{
	fputs(CLEAR, out);
}
