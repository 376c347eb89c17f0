/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The commands about a rack. */
#include "tools/ctl_ask.h"

/* From the command line; strings may be NULL. */
struct ctl_rack_options {
	char *mode;      /* budget */
	gboolean follow; /* events, of a console too */
};

/* For GOption. */
#define CTL_RACK_ENTRIES(options)                                             \
	{                                                                     \
		"mode", 0, 0, G_OPTION_ARG_STRING, &(options)->mode,          \
				"budget: guaranteed, reactive or off", "MODE" \
	}

struct ctl_rack_command {
	const char *word, *usage, *help;
	size_t least, most; /* arguments */
	enum ctl_exit (*run)(const struct ctl_client *client, char **arguments,
			const struct ctl_rack_options *options);
};

/* The n-th; NULL: there are no more. */
const struct ctl_rack_command *ctl_rack_command(size_t n);

/* NULL: it is no command of a rack's. */
const struct ctl_rack_command *ctl_rack_find(const char *word);

/* words: the command and what is behind it. Says what is wrong with them. */
bool ctl_rack_misused(const struct ctl_rack_command *command, char *const *words,
		const struct ctl_rack_options *options);

/* Says which option does not go with the command; false: none. */
bool ctl_rack_misplaced(const struct ctl_rack_options *options, const char *command);

void ctl_rack_options_clear(struct ctl_rack_options *options);
