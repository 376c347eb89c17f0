/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Commands about a console that take more, or show it in another way, than their routes say. */
#include "tools/ctl_ask.h"

struct ctl_console_command {
	const char *usage;
	size_t most; /* arguments; none is needed */
	enum ctl_exit (*run)(const struct ctl_client *client, char **arguments, bool follow);
};

/* NULL: there is nothing special about it. */
const struct ctl_console_command *ctl_console_find(const struct http_route *route);
