/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Commands: a line of a table says what one takes, and has the function that does it. */
#include <glib.h>
#include "tools/ctl_ask.h"

struct ctl_options;

struct ctl_command {
	const struct http_route *route; /* whose word and help it has; NULL: its own */
	const char *word, *help;
	const char *takes;  /* behind the word, for people; NULL: nothing */
	size_t least, most; /* arguments */
	/* Says what is wrong beyond their number, and is asked first; NULL: nothing can be. */
	bool (*misused)(char *const *arguments, const struct ctl_options *options);
	/* arguments: what stands behind the command, as many as it takes, then NULL */
	enum ctl_exit (*run)(const struct ctl_client *client, char **arguments,
			const struct ctl_options *options);
};

/* Those about one daemon. */
struct ctl_commands {
	const struct ctl_command *all;
	size_t count;
};

/* "insert" */
const char *ctl_command_word(const struct ctl_command *command);

/* NULL: there is none. */
const struct ctl_command *ctl_command_find(const struct ctl_commands *commands, const char *word);

/* Says what is wrong with the arguments, or which option does not go with it; false: nothing. */
bool ctl_command_misused(const struct ctl_command *command, const struct ctl_options *options);

/* What a misspelt word may have meant: this one or near, whichever is nearer; near: may be NULL. */
const char *ctl_command_nearer(
		const struct ctl_commands *commands, const char *word, const char *near);

/* Appends a line for each, in columns; help: and one for the command that shows them. */
void ctl_command_describe(const struct ctl_commands *commands, bool help, GString *text);
