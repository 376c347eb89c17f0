/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_command.h"
#include <stdio.h>
#include <string.h>
#include "src/suggest.h"
#include "tools/ctl_options.h"

#define NARROWEST 20 /* columns of a help's commands */

const char *ctl_command_word(const struct ctl_command *command)
{
	return command->route ? command->route->command : command->word;
}

/* What stands behind it, too: "insert DRIVE SOURCE". New string. */
static char *ctl_command_usage(const struct ctl_command *command)
{
	return command->takes ? g_strdup_printf("%s %s", ctl_command_word(command), command->takes)
			      : g_strdup(ctl_command_word(command));
}

const struct ctl_command *ctl_command_find(const struct ctl_commands *commands, const char *word)
{
	for (size_t i = 0; i < commands->count; i++)
		if (strcmp(ctl_command_word(&commands->all[i]), word) == 0)
			return &commands->all[i];
	return NULL;
}

bool ctl_command_misused(const struct ctl_command *command, const struct ctl_options *options)
{
	char *const *arguments = options->words + 1;
	size_t given = g_strv_length(options->words) - 1;
	g_autofree char *usage = ctl_command_usage(command);

	if (command->misused && command->misused(arguments, options))
		return true;
	if (given > command->most && command->most == 0)
		fprintf(stderr, "spicerackctl: %s takes nothing; what is \"%s\"?\n",
				ctl_command_word(command), arguments[0]);
	else if (given > command->most)
		fprintf(stderr, "spicerackctl: it is %s; what is \"%s\"?\n", usage,
				arguments[command->most]);
	else if (given < command->least)
		fprintf(stderr, "spicerackctl: something is missing; it is %s\n", usage);
	else
		return ctl_options_misplaced(options, ctl_command_word(command));
	return true;
}

const char *ctl_command_nearer(
		const struct ctl_commands *commands, const char *word, const char *near)
{
	for (size_t i = 0; i < commands->count; i++)
		near = suggest_nearer(word, near, ctl_command_word(&commands->all[i]));
	return near;
}

static int ctl_command_width(const struct ctl_commands *commands)
{
	size_t width = NARROWEST;

	for (size_t i = 0; i < commands->count; i++) {
		g_autofree char *usage = ctl_command_usage(&commands->all[i]);

		width = MAX(width, strlen(usage));
	}
	return (int)width;
}

void ctl_command_describe(const struct ctl_commands *commands, bool help, GString *text)
{
	int width = ctl_command_width(commands);

	for (size_t i = 0; i < commands->count; i++) {
		const struct ctl_command *command = &commands->all[i];
		g_autofree char *usage = ctl_command_usage(command);

		g_string_append_printf(text, "  %-*s %s\n", width, usage,
				command->route ? command->route->help : command->help);
	}
	if (help)
		g_string_append_printf(text, "  %-*s %s\n", width, "help", "Shows this.");
}
