/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_rack_text.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include "tools/ctl_text.h"

/* As in ctl_text.c: a word in front of each line. */
#define LINE "%-10s "

#define BAR   40 /* columns */
#define WIDTH 79 /* columns, of what can be broken */

static char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return ctl_plain(text ? text : "-");
}

static bool text_is(const json_t *object, const char *name, const char *wanted)
{
	return g_strcmp0(json_string_value(json_object_get(object, name)), wanted) == 0;
}

/* With so many digits behind the point; "-": there is none. */
static char *number_of(const json_t *object, const char *name, int digits)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? g_strdup_printf("%.*f", digits, json_number_value(value))
				     : g_strdup("-");
}

static double value_of(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

static bool flag_of(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static int width_of(const json_t *list, const char *name, int least)
{
	size_t width = (size_t)least;

	for (size_t i = 0; i < json_array_size(list); i++) {
		g_autofree char *text = text_of(json_array_get(list, i), name);

		width = MAX(width, (size_t)g_utf8_strlen(text, -1));
	}
	return (int)width;
}

/* --- What is wrong --- */

/* A zone's reasons (spicerack-api(7)), with what they are about. New string. */
static char *reason_of(const json_t *zone)
{
	static const struct {
		const char *reason, *words;
	} all[] = {
			{"start", "not all inputs were heard yet: %s"},
			{"demand", "as %s asks for"},
			{"least", "its least"},
			{"stale", "input %s says nothing any more"},
			{"broken", "input %s cannot be read"},
			{"range", "input %s says what cannot be"},
			{"recovers", "input %s is good again, watched for a while"},
			{"critical", "%s is too hot"},
			{"fan", "fan %s stands still"},
			{"manual", "set by hand"},
	};
	g_autofree char *about = text_of(zone, "about");
	g_auto(GStrv) parts = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		if (!text_is(zone, "reason", all[i].reason))
			continue;
		parts = g_strsplit(all[i].words, "%s", 2);
		return g_strjoinv(about, parts);
	}
	return text_of(zone, "reason");
}

/* One that draws what it should not. */
static int problem_drawn(const json_t *node, const char *name, FILE *out)
{
	g_autofree char *watts = number_of(node, "watts", 0);
	g_autofree char *cap = number_of(node, "cap", 0);

	if (!text_is(node, "account", "disobedient"))
		return 0;
	fprintf(out,
			LINE "node %s draws %s W, above its limit of %s W: it counts at its most "
			     "until it keeps to it\n",
			"PROBLEM", name, watts, cap);
	return 1;
}

static int problem_node(const json_t *node, FILE *out)
{
	g_autofree char *name = text_of(node, "name");
	g_autofree char *state = text_of(node, "state");
	g_autofree char *why = text_of(node, "why");
	g_autofree char *age = ctl_duration((int64_t)value_of(node, "age_ms"));

	g_autofree char *counted = number_of(node, "accounted", 0);

	if (!text_is(node, "state", "lost") && !text_is(node, "state", "refused"))
		return problem_drawn(node, name, out);
	fprintf(out, LINE "node %s: %s for %s: %s", "PROBLEM", name, state, age, why);
	if (value_of(node, "accounted") > 0)
		fprintf(out, "; it counts as %s W", counted);
	fputc('\n', out);
	return 1;
}

static int problem_fan(const json_t *fan, FILE *out)
{
	g_autofree char *name = text_of(fan, "name");
	g_autofree char *fault = text_of(fan, "fault");

	if (json_is_string(json_object_get(fan, "fault")))
		fprintf(out, LINE "fan %s: %s\n", "PROBLEM", name, fault);
	else if (flag_of(fan, "failed"))
		fprintf(out, LINE "fan %s stands still\n", "PROBLEM", name);
	else
		return 0;
	return 1;
}

static int problem_zone(const json_t *zone, FILE *out)
{
	const json_t *fans = json_object_get(zone, "fans");
	g_autofree char *name = text_of(zone, "name");
	g_autofree char *duty = number_of(zone, "duty", 0);
	g_autofree char *reason = reason_of(zone);
	int problems = flag_of(zone, "failsafe");

	if (problems)
		fprintf(out, LINE "zone %s runs at %s %% to be safe: %s\n", "PROBLEM", name, duty,
				reason);
	for (size_t i = 0; i < json_array_size(fans); i++)
		problems += problem_fan(json_array_get(fans, i), out);
	return problems;
}

static int problem_drawn_in_all(double watts, const json_t *budget, FILE *out)
{
	double drawn = value_of(budget, "measured") + value_of(budget, "unmanaged");

	if (drawn <= watts)
		return 0;
	fprintf(out, LINE "the rack draws %.0f W more than its budget\n", "PROBLEM", drawn - watts);
	return 1;
}

static int problem_budget(const json_t *budget, FILE *out)
{
	double watts = value_of(budget, "watts");
	double least = value_of(budget, "floors") + value_of(budget, "unmanaged");
	double over = value_of(budget, "accounted") - watts;
	int problems;

	if (watts <= 0)
		return 0;
	problems = problem_drawn_in_all(watts, budget, out);
	if (least > watts)
		fprintf(out,
				LINE "even with every node at its floor the rack needs %.0f W more "
				     "than its budget: raise it, or switch nodes off\n",
				"PROBLEM", least - watts);
	else if (flag_of(budget, "short"))
		fprintf(out,
				LINE "nodes may draw %.0f W more than the budget, until they keep "
				     "to lower limits\n",
				"PROBLEM", over);
	else
		return problems;
	return problems + 1;
}

/* --- What there is --- */

/* Drawn, may be drawn, free: "[####====....]". */
static void show_bar(const json_t *budget, FILE *out)
{
	double watts = value_of(budget, "watts");
	double drawn = value_of(budget, "measured") + value_of(budget, "unmanaged");
	double accounted = value_of(budget, "accounted");

	fputc('[', out);
	for (int i = 0; i < BAR; i++) {
		double here = watts * (i + 0.5) / BAR;

		fputc(drawn > here ? '#' : accounted > here ? '=' : '.', out);
	}
	fputc(']', out);
}

void ctl_print_budget(const json_t *budget, FILE *out)
{
	g_autofree char *watts = number_of(budget, "watts", 0);
	g_autofree char *mode = text_of(budget, "mode");
	g_autofree char *measured = number_of(budget, "measured", 0);
	g_autofree char *unmanaged = number_of(budget, "unmanaged", 0);
	g_autofree char *accounted = number_of(budget, "accounted", 0);
	double over = value_of(budget, "over_seconds");
	double waiting = value_of(budget, "waiting");

	fprintf(out, LINE, "budget");
	if (value_of(budget, "watts") > 0) {
		show_bar(budget, out);
		fprintf(out, " %s W, %s\n", watts, mode);
	} else {
		fputs("none\n", out);
	}
	fprintf(out, LINE "nodes draw %s W, %s W are not managed; counted as %s W in all\n", "",
			measured, unmanaged, accounted);
	if (over > 0)
		fprintf(out,
				LINE
				"above the budget for %.0f s since the start, by %.0f W at worst\n",
				"", over, value_of(budget, "worst_over"));
	if (waiting > 0)
		fprintf(out, LINE "%.0f nodes wait for watts to be switched on\n", "", waiting);
}

/* In as many lines as they need. */
static void show_fans(const json_t *fans, glong column, FILE *out)
{
	for (size_t i = 0; i < json_array_size(fans); i++) {
		const json_t *fan = json_array_get(fans, i);
		g_autofree char *name = text_of(fan, "name");
		g_autofree char *rpm = number_of(fan, "rpm", 0);
		g_autofree char *text = g_strdup_printf(" %s %s rpm%s", name, rpm,
				i + 1 < json_array_size(fans) ? "," : "");
		glong width = g_utf8_strlen(text, -1);

		if (column + width > WIDTH)
			column = fprintf(out, "\n%-10s", "") - 1;
		fputs(text, out);
		column += width;
	}
	fputc('\n', out);
}

static void show_zone(const json_t *zone, FILE *out)
{
	g_autofree char *name = text_of(zone, "name");
	g_autofree char *duty = number_of(zone, "duty", 0);
	g_autofree char *reason = reason_of(zone);
	g_autofree char *line = g_strdup_printf(
			LINE "%s at %s %% (%s):", "fans", name, duty, reason);

	fputs(line, out);
	show_fans(json_object_get(zone, "fans"), g_utf8_strlen(line, -1), out);
}

void ctl_print_zones(const json_t *zones, FILE *out)
{
	for (size_t i = 0; i < json_array_size(zones); i++)
		show_zone(json_array_get(zones, i), out);
}

static void show_node(const json_t *node, int width, FILE *out)
{
	const json_t *temperature = json_object_get(node, "temperature");
	g_autofree char *name = text_of(node, "name");
	g_autofree char *state = text_of(node, "state");
	g_autofree char *power = text_of(node, "power");
	g_autofree char *watts = number_of(node, "watts", 0);
	g_autofree char *cap = number_of(node, "cap", 0);
	g_autofree char *counted = number_of(node, "accounted", 0);
	g_autofree char *hottest = number_of(temperature, "value", 1);
	g_autofree char *sensor = text_of(temperature, "sensor");

	fprintf(out, "%-*s  %-10s  %-7s  %5s  %5s  %7s  %7s%s%s", width, name, state,
			flag_of(node, "waiting") ? "waiting" : power, watts, cap, counted, hottest,
			json_is_object(temperature) ? " " : "",
			json_is_object(temperature) ? sensor : "");
	if (value_of(node, "operator") > 0)
		fprintf(out, " (by hand: %.0f W at most)", value_of(node, "operator"));
	fputc('\n', out);
}

static void show_nodes(const json_t *nodes, FILE *out)
{
	int width = width_of(nodes, "name", 10);

	fprintf(out, "%-*s  %-10s  %-7s  %5s  %5s  %7s  %7s\n", width, "NODE", "STATE", "POWER",
			"WATTS", "CAP", "COUNTED", "HOTTEST");
	for (size_t i = 0; i < json_array_size(nodes); i++)
		show_node(json_array_get(nodes, i), width, out);
}

void ctl_print_rack(const json_t *answer, FILE *out)
{
	const json_t *nodes = json_object_get(answer, "nodes");
	const json_t *zones = json_object_get(answer, "zones");
	const json_t *budget = json_object_get(answer, "budget");
	int problems = problem_budget(budget, out);

	for (size_t i = 0; i < json_array_size(nodes); i++)
		problems += problem_node(json_array_get(nodes, i), out);
	for (size_t i = 0; i < json_array_size(zones); i++)
		problems += problem_zone(json_array_get(zones, i), out);
	if (!problems)
		fprintf(out, LINE "nothing is wrong\n", "ok");
	ctl_print_budget(budget, out);
	ctl_print_zones(zones, out);
	show_nodes(nodes, out);
}

/* --- One thing --- */

void ctl_print_sensors(const json_t *sensors, const char *prefix, FILE *out)
{
	const char *key;
	json_t *reading;
	int width = 10;

	json_object_foreach((json_t *)sensors, key, reading)
			width = MAX(width, (int)(strlen(prefix) + strlen(key)));
	json_object_foreach((json_t *)sensors, key, reading)
	{
		g_autofree char *name = g_strconcat(prefix, key, NULL);
		g_autofree char *plain = ctl_plain(name);
		g_autofree char *value = number_of(reading, "value", 2);
		g_autofree char *unit = text_of(reading, "unit");
		g_autofree char *state = text_of(reading, "state");
		g_autofree char *age = ctl_duration((int64_t)value_of(reading, "age_ms"));

		fprintf(out, "%-*s  %10s %-10s  %s", width, plain, value, unit, state);
		if (json_is_number(json_object_get(reading, "age_ms")))
			fprintf(out, ", %s old", age);
		fputc('\n', out);
	}
}

void ctl_print_caps(const json_t *caps, FILE *out)
{
	int width = width_of(caps, "node", 10);

	fprintf(out, "%-*s  %5s  %7s  %5s  %5s  %7s  %7s  %5s  %s\n", width, "NODE", "CAP",
			"COUNTED", "WATTS", "FLOOR", "CEILING", "BY HAND", "CLASS", "WHY");
	for (size_t i = 0; i < json_array_size(caps); i++) {
		const json_t *each = json_array_get(caps, i);
		g_autofree char *name = text_of(each, "node");
		g_autofree char *cap = number_of(each, "cap", 0);
		g_autofree char *counted = number_of(each, "accounted", 0);
		g_autofree char *watts = number_of(each, "watts", 0);
		g_autofree char *least = number_of(each, "floor", 0);
		g_autofree char *most = number_of(each, "ceiling", 0);
		g_autofree char *hand = number_of(each, "operator", 0);
		g_autofree char *class = number_of(each, "class", 0);
		g_autofree char *why = text_of(each, "why");

		fprintf(out, "%-*s  %5s  %7s  %5s  %5s  %7s  %7s  %5s  %s\n", width, name, cap,
				counted, watts, least, most, hand, class, why);
	}
}

/* An entry of a node's log, as its BMC's words. New string. */
static char *record_of(const json_t *record)
{
	g_autofree char *sensor = text_of(record, "sensor");
	g_autofree char *text = text_of(record, "text");

	return g_strdup_printf("%s: %s", sensor, text);
}

static char *event_word(const char *name, const json_t *value)
{
	g_autofree char *words = NULL;
	char *dumped = NULL;

	if (json_is_object(value) && strcmp(name, "record") == 0)
		return record_of(value);
	if (json_is_boolean(value) && strcmp(name, "on") == 0)
		return g_strdup(json_is_true(value) ? "on" : "off");
	if (!json_is_string(value))
		dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	words = g_strdup_printf("%s %s", name,
			dumped                  ? dumped
			: json_is_string(value) ? json_string_value(value)
						: "-");
	free(dumped);
	return ctl_plain(words);
}

/* Whom it is about comes first. */
void ctl_print_event(const char *type, const json_t *data, FILE *out)
{
	static const char *const subjects[] = {"node", "zone", "fan", "sensor", NULL};
	g_autofree char *time = text_of(data, "time");
	g_autofree char *plain = ctl_plain(type);
	const char *name, *comma = "";
	json_t *value;

	fprintf(out, "%s %s", time, plain);
	for (int turn = 0; turn < 2; turn++) {
		json_object_foreach((json_t *)data, name, value)
		{
			g_autofree char *word = event_word(name, value);

			if (g_strv_contains(subjects, name) != (turn == 0) ||
					strcmp(name, "time") == 0)
				continue;
			fprintf(out, "%s %s", comma, word);
			comma = ",";
		}
	}
	fputc('\n', out);
}
