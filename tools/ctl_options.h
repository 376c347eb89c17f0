/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a command line has. */
#include <glib.h>
#include "tools/ctl_drives.h"
#include "tools/ctl_keys.h"
#include "tools/ctl_rack.h"
#include "tools/ctl_ticket.h"

struct ctl_options {
	char *socket;
	char **words; /* the command, and what belongs to it */
	gboolean json, version;
	gboolean rack;   /* status, events: the rack's */
	gboolean follow; /* events */
	int seconds;     /* password, ticket; 0: not given */
	struct ctl_ticket_options ticket;
	struct ctl_drives_options drives;
	struct ctl_keys_options keys;
	struct ctl_rack_options rack_options;
};

/* Says which option does not go with the command; false: none. */
bool ctl_options_misplaced(const struct ctl_options *options, const char *command);

void ctl_options_clear(struct ctl_options *options);
