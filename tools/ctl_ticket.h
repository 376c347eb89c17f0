/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The command ticket: a ticket for one viewer, as a file that virt-viewer opens. */
#include "tools/ctl_ask.h"

/* From the command line; strings may be NULL. */
struct ctl_ticket_options {
	char *host;    /* what the viewer's machine knows the console by */
	gboolean view; /* to look only */
};

/* For GOption, up to one without a name. */
#define CTL_TICKET_ENTRIES(options)                                                           \
	{"view", 0, 0, G_OPTION_ARG_NONE, &(options)->view, "ticket: for one who only looks", \
			NULL},                                                                \
	{                                                                                     \
		"host", 0, 0, G_OPTION_ARG_STRING, &(options)->host,                          \
				"ticket: what the viewer's machine knows this one by", "HOST" \
	}

struct ctl_options;

enum ctl_exit ctl_ticket(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);

/* Says which option does not go with the command; false: none. */
bool ctl_ticket_misplaced(const struct ctl_ticket_options *options, const char *command);

void ctl_ticket_options_clear(struct ctl_ticket_options *options);
