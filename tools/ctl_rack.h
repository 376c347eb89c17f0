/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The commands about a rack. */
#include "tools/ctl_command.h"

/* From the command line; strings may be NULL. */
struct ctl_rack_options {
	char *mode; /* budget */
};

/* For GOption. */
#define CTL_RACK_ENTRIES(options)                                             \
	{                                                                     \
		"mode", 0, 0, G_OPTION_ARG_STRING, &(options)->mode,          \
				"budget: guaranteed, reactive or off", "MODE" \
	}

extern const struct ctl_commands ctl_rack_commands;

/* Says which option does not go with the command; false: none. */
bool ctl_rack_misplaced(const struct ctl_rack_options *options, const char *command);

void ctl_rack_options_clear(struct ctl_rack_options *options);
