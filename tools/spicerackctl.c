/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks a running console over its API, by the routes that have a word for it; or a rack. */
#include <curl/curl.h>
#include <glib.h>
#include <jansson.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include "http/describe.h"
#include "src/api_path.h"
#include "src/console_api.h"
#include "src/control_api.h"
#include "src/drives_api.h"
#include "src/evidence_api.h"
#include "src/suggest.h"
#include "src/tickets_api.h"
#include "tools/ctl_ask.h"
#include "tools/ctl_console.h"
#include "tools/ctl_control.h"
#include "tools/ctl_drives.h"
#include "tools/ctl_evidence.h"
#include "tools/ctl_keys.h"
#include "tools/ctl_password.h"
#include "tools/ctl_rack.h"
#include "tools/ctl_text.h"
#include "tools/ctl_ticket.h"

struct ctl_options {
	char *socket;
	char **words; /* the command, and what belongs to it */
	gboolean json, version;
	gboolean rack; /* status, events: the rack's */
	int seconds;   /* password, ticket; 0: not given */
	struct ctl_ticket_options ticket;
	struct ctl_drives_options drives;
	struct ctl_keys_options keys;
	struct ctl_rack_options rack_options;
};

/* All that can be asked, of the daemons that were built. */
static const struct http_table ctl_tables[] = {
#ifdef WITH_CONSOLE
		{console_api, CONSOLE_API_COUNT},
		{control_api, CONTROL_API_COUNT},
		{drives_api, DRIVES_API_COUNT},
		{evidence_api, EVIDENCE_API_COUNT},
		{ctl_keys_commands, CTL_KEYS_COMMANDS},
		{tickets_api, TICKETS_API_COUNT},
#endif
		{NULL, 0},
};

/* How an answer is shown to people; those without a line here are shown as JSON. */
static const struct {
	const char *command;
	void (*print)(const json_t *answer, FILE *out);
} ctl_printers[] = {
		{"status", ctl_print_status},
		{"wake", ctl_print_wake},
		{"disconnect", ctl_print_disconnect},
		{"control", ctl_print_control},
		{"recording", ctl_print_recording},
		{"recording freeze", ctl_print_recording},
		{"recording resume", ctl_print_recording},
};

/* --- Commands --- */

/* The n-th route that has a command, of all tables; NULL: there are no more. */
static const struct http_route *ctl_command(size_t n)
{
	for (size_t t = 0; t < G_N_ELEMENTS(ctl_tables); t++)
		for (size_t i = 0; i < ctl_tables[t].count; i++)
			if (ctl_tables[t].routes[i].command && n-- == 0)
				return &ctl_tables[t].routes[i];
	return NULL;
}

static const struct http_route *ctl_find(const char *word)
{
	const struct http_route *route;

	for (size_t i = 0; (route = ctl_command(i)); i++)
		if (strcmp(route->command, word) == 0)
			return route;
	return NULL;
}

/* Commands of two words are one from here on; "status" of the first is the first alone. */
static void ctl_join_words(char **words)
{
	g_autofree char *both = words && words[0] && words[1]
						? g_strdup_printf("%s %s", words[0], words[1])
						: NULL;

	if (!both || !(ctl_find(both) || strcmp(both, "recording status") == 0))
		return;
	if (ctl_find(both)) {
		g_free(words[0]);
		words[0] = g_steal_pointer(&both);
	}
	g_free(words[1]);
	for (words++; *words; words++)
		*words = words[1];
}

/* What stands behind the command: "insert DRIVE SOURCE". */
static char *ctl_usage(const struct http_route *route, size_t *arguments)
{
	const struct ctl_console_command *own = ctl_console_find(route);
	const struct http_parameter *each = route->parameters;
	GString *usage = g_string_new(own ? own->usage : route->command);

	*arguments = own ? own->most : 0;
	if (own)
		return g_string_free(usage, FALSE);
	for (; each && each->name; each++) {
		g_autofree char *name = g_ascii_strup(each->name, -1);

		if (each->secret || (each->place != HTTP_IN_PATH && !each->required))
			continue;
		g_string_append_printf(usage, " %s", name);
		++*arguments;
	}
	if (route->type) {
		g_string_append(usage, " FILE");
		++*arguments;
	}
	return g_string_free(usage, FALSE);
}

static void ctl_add_rack_commands(GString *text)
{
	const struct ctl_rack_command *command;

	if (ctl_rack_command(0))
		g_string_append(text, "\nCommands for a rack:\n");
	for (size_t i = 0; (command = ctl_rack_command(i)); i++)
		g_string_append_printf(text, "  %-20s %s\n", command->usage, command->help);
}

static char *ctl_commands(void)
{
	GString *text = g_string_new("Commands:\n");
	const struct http_route *route;

	for (size_t i = 0; (route = ctl_command(i)); i++) {
		size_t arguments;
		g_autofree char *usage = ctl_usage(route, &arguments);

		g_string_append_printf(text, "  %-20s %s\n", usage, route->help);
	}
	g_string_append_printf(text, "  %-20s %s\n", "help", "Shows this.");
	ctl_add_rack_commands(text);
	g_string_append_c(text, '\n');
	g_string_append(text, "Exit status: 0 done, 1 refused, 2 wrong usage, 3 nobody answers.");
	return g_string_free(text, FALSE);
}

static enum ctl_exit ctl_unknown(const char *word)
{
	const char *near = suggest_nearer(word, NULL, "help");
	const struct ctl_rack_command *command;
	const struct http_route *route;

	for (size_t i = 0; (route = ctl_command(i)); i++)
		near = suggest_nearer(word, near, route->command);
	for (size_t i = 0; (command = ctl_rack_command(i)); i++)
		near = suggest_nearer(word, near, command->word);
	if (near)
		fprintf(stderr, "spicerackctl: unknown command \"%s\"; did you mean \"%s\"?\n",
				word, near);
	else
		fprintf(stderr, "spicerackctl: unknown command \"%s\"; spicerackctl help lists them\n",
				word);
	return CTL_USAGE;
}

static void ctl_show(const struct http_route *route, const json_t *answer)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ctl_printers); i++) {
		if (strcmp(ctl_printers[i].command, route->command) == 0) {
			ctl_printers[i].print(answer, stdout);
			return;
		}
	}
	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
}

/* A command whose arguments, if any, all stand in its path. */
static enum ctl_exit ctl_plain_command(const struct ctl_client *client,
		const struct http_route *route, char *const *arguments)
{
	const struct http_parameter *each = route->parameters;
	json_t *values = json_object();
	struct ctl_answer answer;
	enum ctl_exit code;

	for (; each && each->name && *arguments; each++)
		if (each->place == HTTP_IN_PATH)
			json_object_set_new(values, each->name, json_string(*arguments++));
	code = ctl_ask(client, route, values, &answer);
	json_decref(values);

	if (code == CTL_FINE && client->json)
		fputs(answer.text, stdout);
	else if (code == CTL_FINE)
		ctl_show(route, answer.json);
	ctl_answer_clear(&answer);
	return code;
}

/* Whether it is one of those that take what is typed. */
static bool ctl_is_keys(const struct http_route *route)
{
	for (size_t i = 0; i < CTL_KEYS_COMMANDS; i++)
		if (route == &ctl_keys_commands[i])
			return true;
	return false;
}

/* Too many arguments, too few, or an option that belongs to another command. */
static bool ctl_is_misused(const struct ctl_options *options, const struct http_route *route)
{
	size_t arguments, given = g_strv_length(options->words) - 1;
	g_autofree char *usage = ctl_usage(route, &arguments);

	if (ctl_is_keys(route) && ctl_keys_misused(route, options->words + 1, &options->keys))
		return true;
	if (given && route == &console_api[CONSOLE_API_PASSWORD])
		/* What was given is not said again. */
		fputs("spicerackctl: everybody here can see a command line; the password comes "
		      "from standard input or --password-file\n",
				stderr);
	else if (given > arguments && arguments == 0)
		fprintf(stderr, "spicerackctl: %s takes nothing; what is \"%s\"?\n", route->command,
				options->words[1]);
	else if (given > arguments && !ctl_is_keys(route))
		fprintf(stderr, "spicerackctl: it is %s; what is \"%s\"?\n", usage,
				options->words[arguments + 1]);
	else if (given < arguments && !ctl_is_keys(route) && !ctl_console_find(route))
		fprintf(stderr, "spicerackctl: something is missing; it is %s\n", usage);
	else if (options->seconds && route != &console_api[CONSOLE_API_PASSWORD] &&
			route != &tickets_api[TICKETS_API_MAKE])
		fprintf(stderr, "spicerackctl: --seconds does not go with %s\n", route->command);
	else
		return ctl_drives_misplaced(&options->drives, route->command) ||
		       (!ctl_is_keys(route) &&
				       ctl_keys_misplaced(&options->keys, route->command)) ||
		       ctl_ticket_misplaced(&options->ticket, route->command) ||
		       ctl_rack_misplaced(&options->rack_options, route->command);
	return true;
}

/* --- The command line --- */

/* Where the console or the rack is. */
static char **ctl_sockets(const struct ctl_options *options, const char *name)
{
	return options->socket ? g_strdupv((char *[]){options->socket, NULL})
			       : api_paths_to_ask(name);
}

static enum ctl_exit ctl_do_rack(
		const struct ctl_options *options, const struct ctl_rack_command *command)
{
	g_auto(GStrv) sockets = ctl_sockets(options, API_PATH_RACK);
	const struct ctl_client client = {.command = command->word,
			.sockets = sockets,
			.json = options->json,
			.rack = true};

	if (ctl_rack_misused(command, options->words, &options->rack_options) ||
			ctl_drives_misplaced(&options->drives, command->word) ||
			ctl_keys_misplaced(&options->keys, command->word) ||
			ctl_ticket_misplaced(&options->ticket, command->word))
		return CTL_USAGE;
	if (options->seconds) {
		fprintf(stderr, "spicerackctl: --seconds does not go with %s\n", command->word);
		return CTL_USAGE;
	}
	return command->run(&client, options->words + 1, &options->rack_options);
}

/* Whether a word that both have is a rack's: where there is no console, but a rack. */
static bool ctl_means_rack(const struct ctl_options *options)
{
	g_auto(GStrv) consoles = NULL;
	g_auto(GStrv) racks = NULL;

	if (options->rack || !ctl_find("status"))
		return true;
	if (options->socket)
		return false;
	consoles = api_paths_to_ask(API_PATH_CONSOLE);
	racks = api_paths_to_ask(API_PATH_RACK);
	return !ctl_listens(consoles) && ctl_listens(racks);
}

/* What a rack can be asked; NULL: it is for a console. */
static const struct ctl_rack_command *ctl_find_rack(const struct ctl_options *options)
{
	const char *word = options->words[0];

	if (strcmp(word, "status") == 0 && ctl_means_rack(options))
		return ctl_rack_find("rack");
	/* A socket that is given is either's, and both say the same. */
	if (strcmp(word, "events") == 0 && ctl_find(word) && !ctl_means_rack(options))
		return NULL;
	return ctl_rack_find(word);
}

static enum ctl_exit ctl_do(const struct ctl_options *options, GOptionContext *context)
{
	const char *word = options->words ? options->words[0] : NULL;
	const struct http_route *route = ctl_find(word ? word : "");
	const struct ctl_console_command *own;
	const struct ctl_rack_command *command;
	g_auto(GStrv) sockets = NULL;
	struct ctl_client client;

	if (!word || strcmp(word, "help") == 0) {
		g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);

		fputs(help, word ? stdout : stderr);
		return word ? CTL_FINE : CTL_USAGE;
	}
	command = ctl_find_rack(options);
	if (command)
		return ctl_do_rack(options, command);
	if (!route)
		return ctl_unknown(word);
	if (options->rack) {
		fprintf(stderr, "spicerackctl: %s is for a console, not a rack\n", word);
		return CTL_USAGE;
	}
	if (ctl_is_misused(options, route))
		return CTL_USAGE;
	sockets = ctl_sockets(options, API_PATH_CONSOLE);
	client = (struct ctl_client){
			.command = route->command, .sockets = sockets, .json = options->json};
	if (ctl_is_keys(route))
		return ctl_keys(&client, route, options->words + 1, &options->keys);
	own = ctl_console_find(route);
	if (own)
		return own->run(&client, options->words + 1, options->rack_options.follow);
	if (g_str_has_prefix(route->path, drives_api[DRIVES_API_LIST].path))
		return ctl_drives(&client, route, options->words + 1, &options->drives);
	if (route == &console_api[CONSOLE_API_PASSWORD])
		return ctl_password(
				&client, route, options->drives.password_file, options->seconds);
	if (route == &tickets_api[TICKETS_API_MAKE])
		return ctl_ticket(&client, route, &options->ticket, options->seconds);
	if (route->type)
		return ctl_fetch(&client, route, options->words[1]);
	return ctl_plain_command(&client, route, options->words + 1);
}

int main(int argc, char **argv)
{
	struct ctl_options options = {0};
	const GOptionEntry entries[] = {
			{"socket", 0, 0, G_OPTION_ARG_FILENAME, &options.socket,
					"Ask the console or rack that listens here", "PATH"},
			{"rack", 0, 0, G_OPTION_ARG_NONE, &options.rack,
					"status, events: of the rack, not the console", NULL},
			{"follow", 'f', 0, G_OPTION_ARG_NONE, &options.rack_options.follow,
					"events: go on with those that come", NULL},
			{"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
					"Print the answer as it came", NULL},
#ifdef WITH_CONSOLE
			{"seconds", 0, 0, G_OPTION_ARG_INT, &options.seconds,
					"password: for so long, not until there is another; ticket: to "
					"come in",
					"N"},
			CTL_TICKET_ENTRIES(&options.ticket),
			CTL_DRIVES_ENTRIES(&options.drives),
			CTL_KEYS_ENTRIES(&options.keys),
#endif
#ifdef WITH_RACK
			CTL_RACK_ENTRIES(&options.rack_options),
#endif
			{"version", 0, 0, G_OPTION_ARG_NONE, &options.version, "Show the version",
					NULL},
			{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.words, "",
					"COMMAND [ARGUMENT...]"},
			G_OPTION_ENTRY_NULL,
	};
	GOptionContext *context = g_option_context_new(
			"- ask a spicerack-console or spicerack-rack");
	g_autofree char *commands = ctl_commands();
	g_autoptr(GError) error = NULL;
	enum ctl_exit code;

	setlocale(LC_CTYPE, "");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_set_description(context, commands);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		fprintf(stderr, "spicerackctl: %s; spicerackctl help lists what there is\n",
				error->message);
		code = CTL_USAGE;
	} else if (options.version) {
		puts(PACKAGE_STRING);
		code = CTL_FINE;
	} else {
		ctl_join_words(options.words);
		code = ctl_do(&options, context);
	}
	g_option_context_free(context);
	g_strfreev(options.words);
	g_free(options.socket);
	ctl_ticket_options_clear(&options.ticket);
	ctl_drives_options_clear(&options.drives);
	ctl_keys_options_clear(&options.keys);
	ctl_rack_options_clear(&options.rack_options);
	curl_global_cleanup();
	return code;
}
