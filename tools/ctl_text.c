/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdbool.h>
#include "tools/ctl_control.h"
#include "tools/ctl_text.h"
#include "tools/ctl_viewers_text.h"

/* Every line has a word in front, the lines of problems too. */
#define LINE "%-10s "

char *ctl_duration(int64_t ms)
{
	int64_t s = MAX(ms, 0) / 1000;

	if (s < 60)
		return g_strdup_printf("%" G_GINT64_FORMAT " s", s);
	if (s < 60 * 60)
		return g_strdup_printf("%" G_GINT64_FORMAT " min %d s", s / 60, (int)(s % 60));
	if (s < 24 * 60 * 60)
		return g_strdup_printf(
				"%" G_GINT64_FORMAT " h %d min", s / 3600, (int)(s / 60 % 60));
	return g_strdup_printf("%" G_GINT64_FORMAT " d %d h", s / 86400, (int)(s / 3600 % 24));
}

char *ctl_plain(const char *text)
{
	char *plain = g_utf8_make_valid(text, -1);

	for (char *each = plain; *each; each++)
		if (g_ascii_iscntrl(*each))
			*each = '?';
	return plain;
}

/* A member that is a text; "?" when it is not. Free it. */
static char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return ctl_plain(text ? text : "?");
}

static bool text_is(const json_t *object, const char *name, const char *wanted)
{
	return g_strcmp0(json_string_value(json_object_get(object, name)), wanted) == 0;
}

static json_int_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static bool flag_of(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static char *age_of(const json_t *object, const char *name)
{
	return ctl_duration(number_of(object, name));
}

/* --- What is wrong --- */

struct text_member {
	const char *member, *label;
};

static const struct text_member text_leds[] = {
		{"num_lock", "num"},
		{"caps_lock", "caps"},
		{"scroll_lock", "scroll"},
};

static const struct text_member text_devices[] = {
		{"keyboard", "keyboard"},
		{"absolute", "pointer"},
		{"relative", "mouse"},
};

static int problem_picture(const json_t *status, FILE *out)
{
	g_autofree char *reason = text_of(status, "reason");
	g_autofree char *age = age_of(status, "age_ms");

	if (text_is(status, "state", "no-device"))
		fprintf(out, LINE "no picture for %s: %s\n", "PROBLEM", age, reason);
	else if (text_is(status, "state", "no-signal"))
		fprintf(out, LINE "no signal for %s: %s\n", "PROBLEM", age, reason);
	else
		return 0;
	return 1;
}

/* One that several ports have is said once. */
static int problem_usb(const json_t *status, FILE *out)
{
	const json_t *usb = json_object_get(status, "usb");
	g_autofree char *said = NULL;
	int problems = 0;

	for (size_t i = 0; i < json_array_size(usb); i++) {
		const json_t *port = json_array_get(usb, i);
		g_autofree char *reason = text_of(port, "reason");

		if (!json_is_string(json_object_get(port, "reason")) ||
				g_strcmp0(reason, said) == 0)
			continue;
		fprintf(out, LINE "%s\n", "PROBLEM", reason);
		g_free(said);
		said = g_steal_pointer(&reason);
		problems++;
	}
	return problems;
}

static int problem_devices(const json_t *status, FILE *out)
{
	const json_t *input = json_object_get(status, "input");
	g_autoptr(GString) deaf = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(text_devices); i++)
		if (text_is(input, text_devices[i].member, "deaf"))
			g_string_append_printf(
					deaf, "%s%s", deaf->len ? ", " : "", text_devices[i].label);
	if (!deaf->len)
		return 0;
	fprintf(out,
			LINE "the node does not listen to: %s (it is off, asleep, or its USB is "
			     "not up)\n",
			"PROBLEM", deaf->str);
	return 1;
}

/* --- What there is --- */

static void show_console(const json_t *status, FILE *out)
{
	g_autofree char *name = text_of(status, "name");
	g_autofree char *program = text_of(status, "program");
	g_autofree char *version = text_of(status, "version");
	g_autofree char *age = age_of(status, "uptime_ms");

	fprintf(out, LINE "%s (%s %s, up %s)\n", "console", name, program, version, age);
}

static void show_mode(const json_t *mode, FILE *out)
{
	g_autofree char *codec = text_of(mode, "codec");

	fprintf(out, ", %dx%d %s", (int)number_of(mode, "width"), (int)number_of(mode, "height"),
			codec);
	if (json_is_integer(json_object_get(mode, "chroma")))
		fprintf(out, " %d selector %d", (int)number_of(mode, "chroma"),
				(int)number_of(mode, "selector"));
}

static void show_picture(const json_t *status, FILE *out)
{
	const json_t *mode = json_object_get(status, "mode");
	g_autofree char *source = text_of(status, "source");
	g_autofree char *state = text_of(status, "state");
	g_autofree char *age = age_of(status, "age_ms");

	if (text_is(status, "state", "stopped"))
		fprintf(out, LINE "not captured while nobody looks (%s)", "picture", source);
	else
		fprintf(out, LINE "%s for %s (%s)", "picture", state, age, source);
	if (json_is_object(mode))
		show_mode(mode, out);
	if (text_is(status, "state", "streaming"))
		fprintf(out, ", %.1f frames/s", json_number_value(json_object_get(status, "fps")));
	fputc('\n', out);
}

static void show_quality(const json_t *status, FILE *out)
{
	const json_t *rate = json_object_get(status, "damage_rate");
	g_autofree char *quality = ctl_quality(json_object_get(status, "quality"));

	fprintf(out, LINE "%s", "quality", *quality ? quality : "as the source has it");
	if (text_is(status, "state", "streaming") && json_is_number(rate))
		fprintf(out, "; %.1f Mpixel/s change", json_number_value(rate) / 1e6);
	fputc('\n', out);
}

/* ", 35 ms away, its link is behind at 900 KiB/s": of those whose display is direct. */
static char *link_of(const json_t *viewer)
{
	GString *text = g_string_new("");
	double trip = number_of(viewer, "round_trip_ms"), rate = number_of(viewer, "rate");

	if (trip > 0)
		g_string_append_printf(text, ", %.0f ms away", trip);
	if (flag_of(viewer, "behind"))
		g_string_append(text, ", its link is behind");
	if (flag_of(viewer, "behind") && rate > 0)
		g_string_append_printf(text, " at %.0f KiB/s", rate / 1024);
	return g_string_free(text, FALSE);
}

static void show_viewers(const json_t *status, FILE *out)
{
	const json_t *viewers = json_object_get(status, "viewers");
	const json_t *input = json_object_get(status, "input");

	if (json_array_size(viewers) == 0)
		fprintf(out, LINE "nobody looks\n", "viewers");
	for (size_t i = 0; i < json_array_size(viewers); i++) {
		const json_t *viewer = json_array_get(viewers, i);
		g_autofree char *peer = text_of(viewer, "peer");
		g_autofree char *age = age_of(viewer, "age_ms");
		g_autofree char *way = link_of(viewer);
		g_autofree char *right = text_of(viewer, "right");

		fprintf(out, LINE "%s for %s (viewer %d%s%s%s%s%s%s)\n", i ? "" : "viewers", peer,
				age, (int)number_of(viewer, "viewer"),
				strcmp(right, "view") == 0 ? ", looks only" : "",
				flag_of(viewer, "encrypted") ? ", encrypted" : "",
				flag_of(viewer, "websocket") ? ", websocket" : "",
				flag_of(viewer, "looking") ? "" : ", not looking", way,
				ctl_control_mark(input, number_of(viewer, "viewer")));
	}
}

static void show_password(const json_t *status, FILE *out)
{
	const json_t *password = json_object_get(status, "password");
	g_autofree char *left = age_of(password, "left_ms");

	if (text_is(password, "state", "none"))
		fprintf(out, LINE "none is asked for\n", "password");
	else if (text_is(password, "state", "expired"))
		fprintf(out, LINE "expired; nobody is let in until there is another\n", "password");
	else if (json_is_integer(json_object_get(password, "left_ms")))
		fprintf(out, LINE "set, expires in %s\n", "password", left);
	else
		fprintf(out, LINE "set\n", "password");
}

static void show_input(const json_t *status, FILE *out)
{
	const json_t *input = json_object_get(status, "input");
	const json_t *leds = json_object_get(input, "leds");
	int lit = 0;

	fprintf(out, LINE, "input");
	for (size_t i = 0; i < G_N_ELEMENTS(text_devices); i++) {
		g_autofree char *state = text_of(input, text_devices[i].member);

		fprintf(out, "%s%s %s", i ? ", " : "", text_devices[i].label, state);
	}
	fputs("; locks:", out);
	for (size_t i = 0; i < G_N_ELEMENTS(text_leds); i++)
		if (json_is_true(json_object_get(leds, text_leds[i].member)))
			lit += fprintf(out, " %s", text_leds[i].label);
	fputs(lit ? "\n" : " none\n", out);
}

static void show_usb(const json_t *status, FILE *out)
{
	const json_t *usb = json_object_get(status, "usb");

	for (size_t i = 0; i < json_array_size(usb); i++) {
		const json_t *port = json_array_get(usb, i);
		const json_t *functions = json_object_get(port, "functions");
		g_autofree char *place = text_of(port, "port");
		g_autofree char *node = text_of(port, "node");
		g_autofree char *drive = text_of(port, "drive");

		fprintf(out, LINE, i ? "" : "usb");
		if (json_is_string(json_object_get(port, "drive")))
			fprintf(out, "drive %s", drive);
		for (size_t f = 0; f < json_array_size(functions); f++) {
			const char *name = json_string_value(json_array_get(functions, f));
			g_autofree char *plain = ctl_plain(name ? name : "?");

			fprintf(out, "%s%s", f ? "+" : "", plain);
		}
		if (json_is_string(json_object_get(port, "port")))
			fprintf(out, " on %s: %s\n", place, node);
		else
			fputs(": has no port\n", out);
	}
}

static void show_fault(const json_t *status, FILE *out)
{
	const json_t *fault = json_object_get(status, "fault");
	g_autofree char *message = text_of(fault, "message");
	g_autofree char *age = age_of(fault, "age_ms");

	if (json_is_object(fault))
		fprintf(out, LINE "%s ago: %s\n", "last fault", age, message);
	else
		fprintf(out, LINE "none since the start\n", "last fault");
}

void ctl_print_status(const json_t *answer, FILE *out)
{
	int problems = problem_picture(answer, out) + problem_usb(answer, out) +
		       problem_devices(answer, out);

	if (!problems)
		fprintf(out, LINE "nothing is wrong\n", "ok");
	show_console(answer, out);
	show_picture(answer, out);
	show_quality(answer, out);
	show_viewers(answer, out);
	show_password(answer, out);
	show_input(answer, out);
	show_usb(answer, out);
	show_fault(answer, out);
}

void ctl_print_disconnect(const json_t *answer, FILE *out)
{
	fputs("the viewer was sent away\n", out);
}

void ctl_print_password(const json_t *answer, FILE *out)
{
	g_autofree char *until = text_of(answer, "expires");

	if (json_is_string(json_object_get(answer, "expires")))
		fprintf(out, "viewers are let in with it until %s\n", until);
	else
		fputs("viewers are let in with it from now on\n", out);
}

void ctl_print_wake(const json_t *answer, FILE *out)
{
	fputs("the node was told to wake up\n", out);
}
