/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The commands keys and type: chords and texts for the node's keyboard. */
#include <glib.h>
#include "tools/ctl_ask.h"

/* From the command line; strings may be NULL. */
struct ctl_keys_options {
	char *layout, *file;
	gint rate; /* 0: not given */
};

#define CTL_KEYS_ENTRIES(options)                                                       \
	{"layout", 0, 0, G_OPTION_ARG_STRING, &(options)->layout,                       \
			"keys, type: what the node's keyboard is set to (us)", "NAME"}, \
			{"file", 0, 0, G_OPTION_ARG_FILENAME, &(options)->file,         \
					"type: what is in this file", "FILE"},          \
	{                                                                               \
		"rate", 0, 0, G_OPTION_ARG_INT, &(options)->rate,                       \
				"keys, type: characters a second at most (40)", "N"     \
	}

struct ctl_options;

/* An interrupt stops the typing. */
enum ctl_exit ctl_keys(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);
enum ctl_exit ctl_type(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);

/* Say what is wrong with options or the number of arguments; false: nothing. */
bool ctl_keys_misused(char *const *arguments, const struct ctl_options *options);
bool ctl_type_misused(char *const *arguments, const struct ctl_options *options);

/* Says which option does not go with another command; false: none. */
bool ctl_keys_misplaced(const struct ctl_keys_options *options, const char *command);

void ctl_keys_options_clear(struct ctl_keys_options *options);
