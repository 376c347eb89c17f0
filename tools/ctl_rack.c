/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_rack.h"
#include <stdio.h>
#include <string.h>
#include "src/rack_api.h"
#include "tools/ctl_events.h"
#include "tools/ctl_rack_text.h"

#define POWER_TIMEOUT 120L /* s; a power-on may wait for watts */

/* --- Asking --- */

/* Asks, and shows the answer, or says that it is done; takes values. */
static enum ctl_exit rack_ask(const struct ctl_client *client, enum rack_api what, json_t *values,
		void (*show)(const json_t *answer, FILE *out), const char *done)
{
	struct ctl_answer answer;
	enum ctl_exit code = ctl_ask(client, &rack_api[what], values, &answer);

	json_decref(values);
	if (code == CTL_FINE && client->json)
		fputs(answer.text, stdout);
	else if (code == CTL_FINE && show)
		show(answer.json, stdout);
	else if (code == CTL_FINE && done)
		puts(done);
	ctl_answer_clear(&answer);
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
		const struct ctl_rack_options *options)
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
		const struct ctl_rack_options *options)
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
		const struct ctl_rack_options *options)
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
		const struct ctl_rack_options *options)
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
		const struct ctl_rack_options *options)
{
	json_t *values;
	gint64 watts;

	if (!arguments[0] && !options->mode)
		return rack_ask(client, RACK_API_BUDGET, NULL, ctl_print_budget, NULL);
	if (arguments[0] && !rack_number(arguments[0], "WATTS", &watts))
		return CTL_USAGE;
	values = json_object();
	if (arguments[0])
		json_object_set_new(values, "watts", json_integer(watts));
	if (options->mode)
		json_object_set_new(values, "mode", json_string(options->mode));
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
		const struct ctl_rack_options *options)
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
		const struct ctl_rack_options *options)
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
		const struct ctl_rack_options *options)
{
	return rack_ask(client, RACK_API_REPLACE, json_pack("{s:s}", "node", arguments[0]), NULL,
			"what was known of the former node is forgotten");
}

static enum ctl_exit rack_events(const struct ctl_client *client, char **arguments,
		const struct ctl_rack_options *options)
{
	return ctl_events(client, options->follow);
}

/* --- The table --- */

static const struct ctl_rack_command rack_commands[] = {
		{"rack", "rack", "Says how the rack is: nodes, fans, power budget.", 0, 0,
				rack_show},
		{"sensors", "sensors [NODE]", "Shows what sensors said last.", 0, 1, rack_sensors},
		{"power", "power NODE [on|off|cycle|reset|soft]", "Switches a node.", 1, 2,
				rack_power},
		{"cap", "cap [NODE [WATTS]]",
				"Sets the most that a node may have; 0: no cap of yours.", 0, 2,
				rack_cap},
		{"budget", "budget [WATTS]", "Sets the rack's power budget, or shows it.", 0, 1,
				rack_budget},
		{"fan", "fan [ZONE [PERCENT|auto]]", "Sets a zone's fans, or shows them.", 0, 2,
				rack_fan},
		{"identify", "identify NODE [SECONDS]", "Lets a node's light blink.", 1, 2,
				rack_identify},
		{"replace", "replace NODE", "Says that another machine is in a node's place.", 1, 1,
				rack_replace},
		{"events", "events [-f]", "Shows what happened in the rack.", 0, 0, rack_events},
};

/* Of a rack that was left out nobody can be asked anything. */
#ifdef WITH_RACK
static const size_t rack_command_count = G_N_ELEMENTS(rack_commands);
#else
static const size_t rack_command_count = 0;
#endif

const struct ctl_rack_command *ctl_rack_command(size_t n)
{
	return n < rack_command_count ? &rack_commands[n] : NULL;
}

const struct ctl_rack_command *ctl_rack_find(const char *word)
{
	const struct ctl_rack_command *command;

	for (size_t i = 0; (command = ctl_rack_command(i)); i++)
		if (strcmp(command->word, word) == 0)
			return command;
	return NULL;
}

bool ctl_rack_misplaced(const struct ctl_rack_options *options, const char *command)
{
	const char *wrong = NULL;

	if (options->mode && strcmp(command, "budget") != 0)
		wrong = "--mode";
	else if (options->follow && strcmp(command, "events") != 0)
		wrong = "--follow";
	if (wrong)
		fprintf(stderr, "spicerackctl: %s does not go with %s\n", wrong, command);
	return wrong != NULL;
}

bool ctl_rack_misused(const struct ctl_rack_command *command, char *const *words,
		const struct ctl_rack_options *options)
{
	size_t given = g_strv_length((char **)words) - 1;

	if (given > command->most)
		fprintf(stderr, "spicerackctl: it is %s; what is \"%s\"?\n", command->usage,
				words[command->most + 1]);
	else if (given < command->least)
		fprintf(stderr, "spicerackctl: something is missing; it is %s\n", command->usage);
	else
		return ctl_rack_misplaced(options, command->word);
	return true;
}

void ctl_rack_options_clear(struct ctl_rack_options *options)
{
	g_free(options->mode);
}
