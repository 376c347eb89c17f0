/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The command about the viewers' password. */
#include "tools/ctl_ask.h"

struct ctl_options;

/* From --password-file, or else standard input. */
enum ctl_exit ctl_password(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);

/* Says that it is not taken from the command line, if it is there. */
bool ctl_password_misused(char *const *arguments, const struct ctl_options *options);
