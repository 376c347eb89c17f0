/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_options.h"
#include <stdio.h>
#include <string.h>

static bool ctl_seconds_misplaced(const struct ctl_options *options, const char *command)
{
	if (!options->seconds || strcmp(command, "password") == 0 || strcmp(command, "ticket") == 0)
		return false;
	fprintf(stderr, "spicerackctl: --seconds does not go with %s\n", command);
	return true;
}

static bool ctl_follow_misplaced(const struct ctl_options *options, const char *command)
{
	if (!options->follow || strcmp(command, "events") == 0)
		return false;
	fprintf(stderr, "spicerackctl: --follow does not go with %s\n", command);
	return true;
}

bool ctl_options_misplaced(const struct ctl_options *options, const char *command)
{
	return ctl_seconds_misplaced(options, command) ||
	       ctl_drives_misplaced(&options->drives, command) ||
	       ctl_keys_misplaced(&options->keys, command) ||
	       ctl_ticket_misplaced(&options->ticket, command) ||
	       ctl_rack_misplaced(&options->rack_options, command) ||
	       ctl_follow_misplaced(options, command);
}

void ctl_options_clear(struct ctl_options *options)
{
	g_strfreev(options->words);
	g_free(options->socket);
	ctl_ticket_options_clear(&options->ticket);
	ctl_drives_options_clear(&options->drives);
	ctl_keys_options_clear(&options->keys);
	ctl_rack_options_clear(&options->rack_options);
}
