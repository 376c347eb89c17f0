/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A daemon's events, a line for each. */
#include "tools/ctl_ask.h"

struct ctl_options;

/*
 * The command, of any daemon: those that are kept; with --follow also those that come, also when
 * the daemon ends and begins anew.
 */
enum ctl_exit ctl_events(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);
