/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks a running console over its API, by the routes that have a word for it; or a rack. */
#include <curl/curl.h>
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include "src/api_path.h"
#include "src/suggest.h"
#include "tools/ctl_console.h"
#include "tools/ctl_options.h"

/* --- Words --- */

static const struct ctl_command *ctl_find(const char *word)
{
	return ctl_command_find(&ctl_console_commands, word);
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

static char *ctl_commands(void)
{
	GString *text = g_string_new("Commands:\n");

	ctl_command_describe(&ctl_console_commands, true, text);
	if (ctl_rack_commands.count)
		g_string_append(text, "\nCommands for a rack:\n");
	ctl_command_describe(&ctl_rack_commands, false, text);
	g_string_append_c(text, '\n');
	g_string_append(text, "Exit status: 0 done, 1 refused, 2 wrong usage, 3 nobody answers.");
	return g_string_free(text, FALSE);
}

static enum ctl_exit ctl_unknown(const char *word)
{
	const char *near = suggest_nearer(word, NULL, "help");

	near = ctl_command_nearer(&ctl_console_commands, word, near);
	near = ctl_command_nearer(&ctl_rack_commands, word, near);
	if (near)
		fprintf(stderr, "spicerackctl: unknown command \"%s\"; did you mean \"%s\"?\n",
				word, near);
	else
		fprintf(stderr, "spicerackctl: unknown command \"%s\"; spicerackctl help lists them\n",
				word);
	return CTL_USAGE;
}

/* --- The command line --- */

/* Where the console or the rack is. */
static char **ctl_sockets(const struct ctl_options *options, const char *name)
{
	return options->socket ? g_strdupv((char *[]){options->socket, NULL})
			       : api_paths_to_ask(name);
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
static const struct ctl_command *ctl_find_rack(const struct ctl_options *options)
{
	const char *word = options->words[0];

	if (strcmp(word, "status") == 0 && ctl_means_rack(options))
		return ctl_command_find(&ctl_rack_commands, "rack");
	/* A socket that is given is either's, and both say the same. */
	if (strcmp(word, "events") == 0 && ctl_find(word) && !ctl_means_rack(options))
		return NULL;
	return ctl_command_find(&ctl_rack_commands, word);
}

static enum ctl_exit ctl_do(const struct ctl_options *options)
{
	const char *word = options->words[0];
	const struct ctl_command *command = ctl_find_rack(options);
	bool rack = command != NULL;
	g_auto(GStrv) sockets = NULL;
	struct ctl_client client;

	if (!command)
		command = ctl_find(word);
	if (!command)
		return ctl_unknown(word);
	if (options->rack && !rack) {
		fprintf(stderr, "spicerackctl: %s is for a console, not a rack\n", word);
		return CTL_USAGE;
	}
	if (ctl_command_misused(command, options))
		return CTL_USAGE;
	sockets = ctl_sockets(options, rack ? API_PATH_RACK : API_PATH_CONSOLE);
	client = (struct ctl_client){.command = ctl_command_word(command),
			.sockets = sockets,
			.json = options->json,
			.rack = rack};
	return command->run(&client, options->words + 1, options);
}

int main(int argc, char **argv)
{
	struct ctl_options options = {0};
	const GOptionEntry entries[] = {
			{"socket", 0, 0, G_OPTION_ARG_FILENAME, &options.socket,
					"Ask the console or rack that listens here", "PATH"},
			{"rack", 0, 0, G_OPTION_ARG_NONE, &options.rack,
					"status, events: of the rack, not the console", NULL},
			{"follow", 'f', 0, G_OPTION_ARG_NONE, &options.follow,
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
	} else if (!options.words || strcmp(options.words[0], "help") == 0) {
		g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);

		fputs(help, options.words ? stdout : stderr);
		code = options.words ? CTL_FINE : CTL_USAGE;
	} else {
		ctl_join_words(options.words);
		code = ctl_do(&options);
	}
	g_option_context_free(context);
	ctl_options_clear(&options);
	curl_global_cleanup();
	return code;
}
