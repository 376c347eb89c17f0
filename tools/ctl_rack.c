/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_rack.h"
#include <stdio.h>
#include <string.h>
#include "src/rack_api.h"
#include "tools/ctl_events.h"
#include "tools/ctl_options.h"
#include "tools/ctl_rack_text.h"

#define POWER_TIMEOUT 120L /* s; a power-on may wait for watts */

/* --- Asking --- */

/* Asks, and shows the answer, or says that it is done; takes values. */
static enum ctl_exit rack_ask(const struct ctl_client *client, enum rack_api what, json_t *values,
		void (*show)(const json_t *answer, FILE *out), const char *done)
{
	enum ctl_exit code = ctl_ask_and_show(client, &rack_api[what], values, show);

	if (code == CTL_FINE && !client->json && !show && done)
		puts(done);
	return code;
}

/* A whole number of a command line, from 0. */
static bool rack_number(const char *word, const char *what, gint64 *number)
{
	if (g_ascii_string_to_signed(word, 10, 0, G_MAXINT32, number, NULL))
		return true;
	fprintf(stderr, "spicerackctl: %s must be a whole number, not \"%s\"\n", what, word);
	return false;
}

/* --- The commands --- */

static enum ctl_exit rack_show(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return rack_ask(client, RACK_API_RACK, NULL, ctl_print_rack, NULL);
}

static void rack_print_node_sensors(const json_t *answer, FILE *out)
{
	const char *node = json_string_value(json_object_get(answer, "node"));
	g_autofree char *prefix = g_strconcat(node ? node : "?", "/", NULL);

	ctl_print_sensors(json_object_get(answer, "sensors"), prefix, out);
}

static void rack_print_all_sensors(const json_t *answer, FILE *out)
{
	ctl_print_sensors(json_object_get(answer, "data"), "", out);
}

static enum ctl_exit rack_sensors(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	if (!arguments[0])
		return rack_ask(client, RACK_API_STORAGE, json_pack("{s:s}", "keys", "*"),
				rack_print_all_sensors, NULL);
	return rack_ask(client, RACK_API_SENSORS, json_pack("{s:s}", "node", arguments[0]),
			rack_print_node_sensors, NULL);
}

static void rack_print_power(const json_t *answer, FILE *out)
{
	const char *power = json_string_value(json_object_get(answer, "power"));

	fprintf(out, "%s%s\n", power ? power : "?",
			json_is_true(json_object_get(answer, "waiting")) ? ", waits for watts"
									 : "");
}

static enum ctl_exit rack_power(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	struct ctl_client patient = *client;
	g_autofree char *done = NULL;

	if (!arguments[1])
		return rack_ask(client, RACK_API_POWER, json_pack("{s:s}", "node", arguments[0]),
				rack_print_power, NULL);
	patient.timeout = POWER_TIMEOUT;
	done = g_strdup_printf("%s: %s is done", arguments[0], arguments[1]);
	return rack_ask(&patient, RACK_API_SET_POWER,
			json_pack("{s:s, s:s}", "node", arguments[0], "power", arguments[1]), NULL,
			done);
}

static void rack_print_cap(const json_t *answer, FILE *out)
{
	json_t *list = json_array();

	json_array_append(list, (json_t *)answer);
	ctl_print_caps(list, out);
	json_decref(list);
}

static void rack_print_caps(const json_t *answer, FILE *out)
{
	ctl_print_caps(json_object_get(answer, "nodes"), out);
}

static enum ctl_exit rack_cap(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	gint64 watts;

	if (!arguments[0])
		return rack_ask(client, RACK_API_CAPS, NULL, rack_print_caps, NULL);
	if (!arguments[1])
		return rack_ask(client, RACK_API_CAP, json_pack("{s:s}", "node", arguments[0]),
				rack_print_cap, NULL);
	if (!rack_number(arguments[1], "WATTS", &watts))
		return CTL_USAGE;
	return rack_ask(client, RACK_API_SET_CAP,
			json_pack("{s:s, s:I}", "node", arguments[0], "watts", (json_int_t)watts),
			rack_print_cap, NULL);
}

static enum ctl_exit rack_budget(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	json_t *values;
	gint64 watts;

	if (!arguments[0] && !options->rack_options.mode)
		return rack_ask(client, RACK_API_BUDGET, NULL, ctl_print_budget, NULL);
	if (arguments[0] && !rack_number(arguments[0], "WATTS", &watts))
		return CTL_USAGE;
	values = json_object();
	if (arguments[0])
		json_object_set_new(values, "watts", json_integer(watts));
	if (options->rack_options.mode)
		json_object_set_new(values, "mode", json_string(options->rack_options.mode));
	return rack_ask(client, RACK_API_SET_BUDGET, values, ctl_print_budget, NULL);
}

static void rack_print_fans(const json_t *answer, FILE *out)
{
	ctl_print_zones(json_object_get(answer, "zones"), out);
}

static void rack_print_zone(const json_t *answer, FILE *out)
{
	json_t *list = json_array();

	json_array_append(list, (json_t *)answer);
	ctl_print_zones(list, out);
	json_decref(list);
}

/* One zone of all. */
static enum ctl_exit rack_one_zone(const struct ctl_client *client, const char *zone)
{
	struct ctl_answer answer;
	enum ctl_exit code = ctl_ask(client, &rack_api[RACK_API_FANS], NULL, &answer);
	const json_t *zones = json_object_get(answer.json, "zones");
	const json_t *found = NULL;

	for (size_t i = 0; i < json_array_size(zones); i++) {
		const json_t *each = json_array_get(zones, i);

		if (g_strcmp0(json_string_value(json_object_get(each, "name")), zone) == 0)
			found = each;
	}
	if (code == CTL_FINE && !found) {
		fprintf(stderr, "spicerackctl: fan: there is no zone \"%s\"\n", zone);
		code = CTL_FAILED;
	} else if (code == CTL_FINE && client->json) {
		json_dumpf(found, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (code == CTL_FINE) {
		rack_print_zone(found, stdout);
	}
	ctl_answer_clear(&answer);
	return code;
}

static enum ctl_exit rack_fan(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	json_t *values;
	gint64 duty;

	if (!arguments[0])
		return rack_ask(client, RACK_API_FANS, NULL, rack_print_fans, NULL);
	if (!arguments[1])
		return rack_one_zone(client, arguments[0]);
	values = json_pack("{s:s}", "zone", arguments[0]);
	if (strcmp(arguments[1], "auto") == 0) {
		json_object_set_new(values, "auto", json_true());
	} else if (rack_number(arguments[1], "PERCENT", &duty)) {
		json_object_set_new(values, "duty", json_integer(duty));
	} else {
		json_decref(values);
		return CTL_USAGE;
	}
	return rack_ask(client, RACK_API_SET_FAN, values, rack_print_zone, NULL);
}

static enum ctl_exit rack_identify(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	json_t *values;
	gint64 seconds;

	if (arguments[1] && !rack_number(arguments[1], "SECONDS", &seconds))
		return CTL_USAGE;
	values = json_pack("{s:s}", "node", arguments[0]);
	if (arguments[1])
		json_object_set_new(values, "seconds", json_integer(seconds));
	return rack_ask(client, RACK_API_IDENTIFY, values, NULL, "its light was told");
}

static enum ctl_exit rack_replace(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return rack_ask(client, RACK_API_REPLACE, json_pack("{s:s}", "node", arguments[0]), NULL,
			"what was known of the former node is forgotten");
}

/* --- The table --- */

static const struct ctl_command rack_commands[] = {
		{
				.word = "rack",
				.help = "Says how the rack is: nodes, fans, power budget.",
				.run = rack_show,
		},
		{
				.word = "sensors",
				.help = "Shows what sensors said last.",
				.takes = "[NODE]",
				.most = 1,
				.run = rack_sensors,
		},
		{
				.word = "power",
				.help = "Switches a node.",
				.takes = "NODE [on|off|cycle|reset|soft]",
				.least = 1,
				.most = 2,
				.run = rack_power,
		},
		{
				.word = "cap",
				.help = "Sets the most that a node may have; 0: no cap of yours.",
				.takes = "[NODE [WATTS]]",
				.most = 2,
				.run = rack_cap,
		},
		{
				.word = "budget",
				.help = "Sets the rack's power budget, or shows it.",
				.takes = "[WATTS]",
				.most = 1,
				.run = rack_budget,
		},
		{
				.word = "fan",
				.help = "Sets a zone's fans, or shows them.",
				.takes = "[ZONE [PERCENT|auto]]",
				.most = 2,
				.run = rack_fan,
		},
		{
				.word = "identify",
				.help = "Lets a node's light blink.",
				.takes = "NODE [SECONDS]",
				.least = 1,
				.most = 2,
				.run = rack_identify,
		},
		{
				.word = "replace",
				.help = "Says that another machine is in a node's place.",
				.takes = "NODE",
				.least = 1,
				.most = 1,
				.run = rack_replace,
		},
		{
				.word = "events",
				.help = "Shows what happened in the rack.",
				.takes = "[-f]",
				.run = ctl_events,
		},
};

/* Of a rack that was left out nobody can be asked anything. */
const struct ctl_commands ctl_rack_commands = {
		rack_commands,
#ifdef WITH_RACK
		G_N_ELEMENTS(rack_commands),
#else
		0,
#endif
};

/* --- Its option --- */

bool ctl_rack_misplaced(const struct ctl_rack_options *options, const char *command)
{
	if (!options->mode || strcmp(command, "budget") == 0)
		return false;
	fprintf(stderr, "spicerackctl: --mode does not go with %s\n", command);
	return true;
}

void ctl_rack_options_clear(struct ctl_rack_options *options)
{
	g_free(options->mode);
}
