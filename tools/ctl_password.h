/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The command about the viewers' password. */
#include "tools/ctl_ask.h"

/* file: as for ctl_secret_read; NULL: standard input. seconds: 0: until there is another. */
enum ctl_exit ctl_password(const struct ctl_client *client, const struct http_route *route,
		const char *file, int seconds);
